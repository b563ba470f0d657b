package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"

	"sttp"
	"sttp/store"
)

// searched is a store on a simulated disk with n snippets that hold "needle" in
// /d/, half of them in /d/sub/. What its log says is in log.
type searched struct {
	*Store
	disk *simDisk
	log  bytes.Buffer
	all  []string // as they are found, in order
}

func newSearched(t *testing.T, n int, opts Options) *searched {
	t.Helper()
	s := &searched{disk: newSimDisk()}
	opts.disk, opts.Logger = s.disk, slog.New(slog.NewTextHandler(&s.log, nil))
	var err error
	if s.Store, err = Open("simulated", opts); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		name := fmt.Sprintf("%s%04d", []string{"", "sub/"}[i%2], i)
		if err := s.Create(t.Context(), mustPath("/d/"+name), mustContents("a needle")); err != nil {
			t.Fatal(err)
		}
		s.all = append(s.all, name)
	}
	slices.Sort(s.all)
	return s
}

func (s *searched) search(ctx context.Context) ([]string, error) {
	return s.List(ctx, mustPath("/d/"), &sttp.Query{Contains: "needle", Recursive: true})
}

// stopAt makes the disk wait before the first operation that begins so, until
// the returned function is called.
func (s *searched) stopAt(op string) (goOn func()) {
	var once sync.Once
	on := make(chan struct{})
	s.disk.gate = func(this string) error {
		if strings.HasPrefix(this, op) {
			<-on
		}
		return nil
	}
	return func() { once.Do(func() { close(on) }) }
}

func TestASearchHoldsNoSlotOfTheMethodsThatServeOneFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSearched(t, 4, Options{Parallel: 1})
		goOn := s.stopAt("readdir d")
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if got, err := s.search(t.Context()); err != nil || !slices.Equal(got, s.all) {
					t.Errorf("the search found %q, %v", got, err)
				}
			})
		}
		synctest.Wait()
		if _, err := s.Show(t.Context(), mustPath("/d/0000")); err != nil { // hangs otherwise
			t.Error(err)
		}
		if err := s.Update(t.Context(), mustPath("/d/0000"), mustContents("a new needle")); err != nil {
			t.Error(err)
		}
		goOn()
		wg.Wait()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestSearchesBeyondTheBoundWaitUntilTheirContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSearched(t, 4, Options{})
		goOn := s.stopAt("readdir d")
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		for range maxSearches + 5 {
			go func() {
				_, err := s.search(ctx)
				done <- err
			}()
		}
		synctest.Wait()
		if n := len(s.searches); n != maxSearches {
			t.Errorf("%d searches run at once", n)
		}
		if n := len(s.turns); n != cap(s.turns) {
			t.Errorf("%d searches are at work at once", n)
		}
		cancel()
		for range maxSearches + 5 - cap(s.turns) { // the others are stuck on the disk
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("a search that waits: %v", err)
			}
		}
		goOn()
		for range cap(s.turns) {
			<-done
		}
		if got, err := s.search(t.Context()); err != nil || !slices.Equal(got, s.all) {
			t.Errorf("then a search found %q, %v", got, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// In the middle of its files a search notices that it is not wanted any more.
func TestASearchEndsSoonAfterItsContextAndAtOnceWhenTheStoreIsClosed(t *testing.T) {
	const n = 400
	for _, closes := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := newSearched(t, n, Options{Durability: Async})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			reads, closed := 0, make(chan error, 1)
			s.disk.gate = func(op string) error {
				if !strings.HasPrefix(op, "read ") {
					return nil
				}
				if reads++; reads == n/4 {
					if closes {
						go func() { closed <- s.Close() }()
						<-s.closing
					} else {
						cancel()
					}
				}
				return nil
			}
			names, err := s.search(ctx)
			want := context.Canceled
			if closes {
				want = store.ErrClosed
			}
			if !errors.Is(err, want) || names != nil {
				t.Errorf("the search found %d, %v; want %v", len(names), err, want)
			}
			if reads > n/4+turn/readWork {
				t.Errorf("%d files were read", reads)
			}
			if !closes {
				closed <- s.Close()
			}
			if err := <-closed; err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWhatGoesWhileASearchRunsIsSkipped(t *testing.T) {
	for _, at := range []string{"openfolder d", "read d/0000", "readdir d/sub", "openfolder d/sub", "read d/sub/0003"} {
		s := newSearched(t, 10, Options{Durability: Async})
		gone := s.all[5:] // those in sub
		if strings.HasPrefix(at, "read d/0") {
			gone = s.all[:1]
		}
		s.disk.gate = func(op string) error {
			if op != at {
				return nil
			}
			s.disk.gate = nil
			for _, name := range gone {
				if err := s.Delete(t.Context(), mustPath("/d/"+name)); err != nil {
					t.Error(err)
				}
			}
			return nil
		}
		got, err := s.search(t.Context())
		want := slices.DeleteFunc(slices.Clone(s.all), func(name string) bool { return slices.Contains(gone, name) })
		if err != nil {
			t.Errorf("what goes at %q: %v", at, err)
		}
		for _, name := range want {
			if !slices.Contains(got, name) {
				t.Errorf("what goes at %q: %q was not found, only %q", at, name, got)
			}
		}
		if got, err := s.search(t.Context()); err != nil || !slices.Equal(got, want) {
			t.Errorf("after what went at %q: found %q, %v; want %q", at, got, err, want)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestAFailureOfTheDiskIsToldToASearchAndWhatMayNotBeReadIsLeftOut(t *testing.T) {
	for _, test := range []struct {
		op    string
		errno error
		want  error // of the search
		left  string
	}{
		{"readdir d", syscall.EIO, syscall.EIO, ""},
		{"openfolder d", syscall.EMFILE, syscall.EMFILE, ""},
		{"read d/0002", syscall.EIO, syscall.EIO, ""},
		{"readdir d/sub", syscall.EIO, syscall.EIO, ""},
		{"readdir d", syscall.EACCES, syscall.EACCES, ""}, // that is what was asked for
		{"read d/0002", syscall.EACCES, nil, "0002"},
		{"readdir d/sub", syscall.EACCES, nil, "sub/"},
		{"openfolder d/sub", syscall.EPERM, nil, "sub/"},
		{"read d/0002", syscall.EISDIR, nil, "0002"},
	} {
		s := newSearched(t, 6, Options{Durability: Async})
		s.disk.gate = func(op string) error {
			if op == test.op {
				return test.errno
			}
			return nil
		}
		got, err := s.search(t.Context())
		var want []string
		for _, name := range s.all {
			if test.want == nil && !strings.HasPrefix(name, test.left) {
				want = append(want, name)
			}
		}
		if !errors.Is(err, test.want) || !slices.Equal(got, want) {
			t.Errorf("%v at %q: found %q, %v; want %q, %v", test.errno, test.op, got, err, want, test.want)
		}
		told := test.want == nil && test.errno != syscall.EISDIR
		if lines := strings.Count(s.log.String(), "level=WARN"); lines != map[bool]int{true: 1}[told] {
			t.Errorf("%v at %q: the log has %q", test.errno, test.op, &s.log)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// What is dropped of a large directory is never needed.
func TestAPageKeepsAllThatMayComeIntoTheList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit, recursive := rapid.IntRange(1, 700).Draw(t, "limit"), rapid.Bool().Draw(t, "recursive")
		step, n := rapid.SampledFrom([]int{1, 7, 4999, 9973}).Draw(t, "step"), rapid.IntRange(0, 6000).Draw(t, "names")
		dirs := rapid.IntRange(1, 6).Draw(t, "one of so many is a directory")
		p := page{limit: limit, recursive: recursive}
		var want []string
		for i := range n {
			name := fmt.Sprintf("%04d", i*step%10_007)
			if i%dirs == 0 {
				name += "/"
			}
			if p.mayNeed(name) {
				p.add(name)
			}
			want = append(want, name)
		}
		slices.Sort(want)
		sure := 0
		for i, name := range want {
			if !recursive || !strings.HasSuffix(name, "/") {
				sure++
			}
			if sure == limit {
				want = want[:i+1]
				break
			}
		}
		got := p.all()
		if len(got) < len(want) || !slices.Equal(got[:len(want)], want) {
			t.Fatalf("%d names are kept, and %d are needed", len(got), len(want))
		}
		if kept := max(1024, 2*len(want)); len(got) > 2*kept {
			t.Fatalf("%d names are kept, though %d are enough", len(got), len(want))
		}
	})
}
