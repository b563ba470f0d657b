// Package storetest is the contract of store.Store as a test suite. Every
// engine runs it against itself; it knows none of them.
package storetest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"sttp"
	"sttp/store"
)

// Run runs the suite for a store whose contents need not outlive it. open
// returns an empty store that nobody else uses; the suite closes it.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	for _, cases := range [][]testCase{changeCases, readCases, queryCases, lifeCases, raceCases, searchRaceCases} {
		runCases(t, open, cases)
	}
}

// RunListLimit checks which lists are too long, with a query and without. It
// belongs to the suite, and stands apart because it creates four thousand files:
// an engine with several settings may run it with the fastest alone.
func RunListLimit(t *testing.T, open func(t *testing.T) store.Store) {
	runCases(t, open, []testCase{{"a list as long as a reply may be is returned, a longer one is not", listLimit}})
}

func runCases(t *testing.T, open func(t *testing.T) store.Store, cases []testCase) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := fixture{t, open(t)}
			t.Cleanup(func() {
				if err := s.Close(); err != nil && !errors.Is(err, store.ErrClosed) {
					t.Errorf("Close: %v", err)
				}
			})
			c.run(s)
		})
	}
}

// RunReopen runs the part of the suite for a store that keeps what is in it.
// storage is called once for each test and returns a function that opens the
// same storage, empty at first, each time it is called; the suite closes one
// store before it opens the next.
func RunReopen(t *testing.T, storage func(t *testing.T) (open func() store.Store)) {
	for _, c := range reopenCases {
		t.Run(c.name, func(t *testing.T) { c.run(t, storage(t)) })
	}
}

type testCase struct {
	name string
	run  func(s fixture)
}

// fixture is a store under test, with the checks that most tests need.
type fixture struct {
	t *testing.T
	store.Store
}

func path(t testing.TB, s string) sttp.Path {
	t.Helper()
	p, err := sttp.ParsePath(s)
	if err != nil {
		t.Fatalf("ParsePath(%q): %v", s, err)
	}
	return p
}

func contents(t testing.TB, s string) sttp.Contents {
	t.Helper()
	c, err := sttp.ParseContents(s)
	if err != nil {
		t.Fatalf("ParseContents(%q): %v", s, err)
	}
	return c
}

func (s fixture) create(file, text string) error {
	s.t.Helper()
	return s.Create(s.t.Context(), path(s.t, file), contents(s.t, text))
}

func (s fixture) update(file, text string) error {
	s.t.Helper()
	return s.Update(s.t.Context(), path(s.t, file), contents(s.t, text))
}

func (s fixture) delete(file string) error {
	s.t.Helper()
	return s.Delete(s.t.Context(), path(s.t, file))
}

func (s fixture) show(file string) (string, error) {
	s.t.Helper()
	c, err := s.Show(s.t.Context(), path(s.t, file))
	return c.String(), err
}

func (s fixture) list(dir string) ([]string, error) {
	s.t.Helper()
	return s.List(s.t.Context(), path(s.t, dir), nil)
}

// with makes files that hold their own name, and fails the test if it cannot.
func (s fixture) with(files ...string) {
	s.t.Helper()
	for _, f := range files {
		if err := s.create(f, f); err != nil {
			s.t.Fatalf("Create(%q): %v", f, err)
		}
	}
}

// fails checks that err is want and none of the other errors of package store.
func (s fixture) fails(what string, err, want error) {
	s.t.Helper()
	if !errors.Is(err, want) {
		s.t.Errorf("%s: got %v, want %v", what, err, want)
		return
	}
	for _, other := range storeErrors {
		if other != want && errors.Is(err, other) {
			s.t.Errorf("%s: %v is %v too", what, err, other)
		}
	}
}

func (s fixture) succeeds(what string, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Errorf("%s: %v", what, err)
	}
}

func (s fixture) holds(file, want string) {
	s.t.Helper()
	if got, err := s.show(file); err != nil || got != want {
		s.t.Errorf("Show(%q): got %q, %v; want %q", file, got, err, want)
	}
}

func (s fixture) lists(dir string, want ...string) {
	s.t.Helper()
	got, err := s.list(dir)
	if err != nil || !slices.Equal(got, want) {
		s.t.Errorf("List(%q): got %q, %v; want %q", dir, got, err, want)
	}
}

var storeErrors = []error{
	store.ErrExists, store.ErrNotFound, store.ErrPathNotFound, store.ErrIsDirectory, store.ErrNotDirectory,
	store.ErrOccupied, store.ErrInTheWay, store.ErrCannotCreatePath, store.ErrNotSnippet, store.ErrListTooLong, store.ErrNoSpace,
	store.ErrOutcomeUnknown, store.ErrClosed,
}

// actions are the methods that a context can stop, as one function each.
var actions = []struct {
	name string
	call func(ctx context.Context, s store.Store, file sttp.Path, c sttp.Contents) error
}{
	{"Create", func(ctx context.Context, s store.Store, file sttp.Path, c sttp.Contents) error {
		return s.Create(ctx, file, c)
	}},
	{"Show", func(ctx context.Context, s store.Store, file sttp.Path, _ sttp.Contents) error {
		_, err := s.Show(ctx, file)
		return err
	}},
	{"List", func(ctx context.Context, s store.Store, file sttp.Path, _ sttp.Contents) error {
		_, err := s.List(ctx, file.Dir(), nil)
		return err
	}},
	{"List of a page", func(ctx context.Context, s store.Store, file sttp.Path, _ sttp.Contents) error {
		_, err := s.List(ctx, file.Dir(), &sttp.Query{Limit: 10})
		return err
	}},
	{"List with a search", func(ctx context.Context, s store.Store, file sttp.Path, _ sttp.Contents) error {
		_, err := s.List(ctx, file.Dir(), &sttp.Query{Contains: "a", Recursive: true})
		return err
	}},
	{"Update", func(ctx context.Context, s store.Store, file sttp.Path, c sttp.Contents) error {
		return s.Update(ctx, file, c)
	}},
	{"Delete", func(ctx context.Context, s store.Store, file sttp.Path, _ sttp.Contents) error {
		return s.Delete(ctx, file)
	}},
}
