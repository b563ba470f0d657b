package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"sttp"
	"sttp/store"
)

var readCases = []testCase{
	{"Show tells what is missing", func(s fixture) {
		s.with("/a.txt", "/d/b.txt")
		for p, want := range map[string]error{
			"/x.txt": store.ErrNotFound, "/d/x.txt": store.ErrNotFound,
			"/e/x.txt": store.ErrPathNotFound, "/d/e/x.txt": store.ErrPathNotFound,
			"/a.txt/x.txt": store.ErrPathNotFound, "/d/b.txt/e/x.txt": store.ErrPathNotFound,
			"/d": store.ErrIsDirectory, "/d/": store.ErrIsDirectory, "/": store.ErrIsDirectory,
		} {
			got, err := s.show(p)
			s.fails("Show of "+p, err, want)
			if got != "" {
				s.t.Errorf("Show of %s: got %q with an error", p, got)
			}
		}
	}},
	{"the root is there from the beginning and is empty", func(s fixture) {
		s.lists("/")
	}},
	{"List sorts by what it shows, byte by byte", func(s fixture) {
		s.with("/b/1.txt", "/b.txt", "/b-1", "/b0", "/B", "/a/1.txt", "/é.txt", "/z", "/10", "/9", "/~", "/!", "/Ω/1.txt")
		s.lists("/", "!", "10", "9", "B", "a/", "b-1", "b.txt", "b/", "b0", "z", "~", "é.txt", "Ω/")
	}},
	{"List tells what is missing", func(s fixture) {
		s.with("/a.txt", "/d/b.txt")
		for p, want := range map[string]error{
			"/x/": store.ErrNotFound, "/d/x/": store.ErrNotFound, "/x/y/": store.ErrNotFound,
			"/a.txt/": store.ErrNotDirectory, "/d/b.txt/": store.ErrNotDirectory,
			"/a.txt/x/": store.ErrNotFound, "/d/b.txt/x/y/": store.ErrNotFound,
		} {
			got, err := s.list(p)
			s.fails("List of "+p, err, want)
			if got != nil {
				s.t.Errorf("List of %s: got %q with an error", p, got)
			}
		}
	}},
	{"what List returns is the caller's to keep", func(s fixture) {
		s.with("/a.txt", "/b.txt")
		names, err := s.list("/")
		s.succeeds("List", err)
		kept := slices.Clone(names)
		clear(names)
		s.lists("/", kept...)
		s.with("/c.txt")
		s.lists("/", "a.txt", "b.txt", "c.txt")
	}},
	{"names that differ in any byte are different names", func(s fixture) {
		if err := s.create("/K.txt", "upper"); err != nil {
			s.t.Fatal(err)
		}
		if _, err := s.show("/k.txt"); err == nil {
			s.t.Skip("this storage folds the case of names")
		}
		files := []string{"/k.txt", "/\u212a.txt", "/\u00e9.txt", "/e\u0301.txt"}
		s.with(files...)
		for _, f := range files {
			s.holds(f, f)
		}
		s.holds("/K.txt", "upper")
	}},
}

// listLimit fills a directory until its list has just MaxList bytes. The names
// are subdirectories', which may be the longest, so that few are needed.
func listLimit(s fixture) {
	const entry = sttp.MaxSegment + len("/") + len(", ")
	full := (sttp.MaxList + len(", ")) / entry // so many of full length fit
	rest := sttp.MaxList + len(", ") - full*entry
	dirs := make([]string, 0, full+1)
	for i := range full {
		dirs = append(dirs, fmt.Sprintf("%0*d", sttp.MaxSegment, i))
	}
	for rest > 0 && rest < len("x/, ") { // too little for a name: shorten the last
		dirs[full-1] = dirs[full-1][1:]
		rest++
	}
	if rest > 0 {
		dirs = append(dirs, strings.Repeat("x", rest-len("/, ")))
	}
	s.inParallel(len(dirs), func(i int) {
		s.succeeds("Create", s.create("/l/"+dirs[i]+"/f", "x"))
	})
	names, err := s.list("/l/")
	s.succeeds("List", err)
	if n := len(strings.Join(names, ", ")); n != sttp.MaxList {
		s.t.Errorf("the list has %d bytes, want %d", n, sttp.MaxList)
	}
	s.finds("/l/", s.query(""), names...)
	s.succeeds("Create", s.create("/l/f", ""))
	_, err = s.list("/l/")
	s.fails("List of a byte more", err, store.ErrListTooLong)
	yz := []string{strings.Repeat("y", sttp.MaxSegment), strings.Repeat("z", sttp.MaxSegment)}
	for _, dir := range yz {
		s.succeeds("Create", s.create("/l/"+dir+"/f", "x"))
	}
	s.queryLimit("/l/", "", append(suffixed(dirs, "/"), "f", yz[0]+"/", yz[1]+"/"))
	s.queryLimit("/l/", "recursive=true&q=X", append(suffixed(dirs, "/f"), yz[0]+"/f", yz[1]+"/f"))
}

func suffixed(names []string, suffix string) []string {
	var all []string
	for _, name := range names {
		all = append(all, name+suffix)
	}
	return all
}

// queryLimit checks that of the results of a query, which are more than a list
// can have, the most that it can have are listed, and not one more.
func (s fixture) queryLimit(dir, query string, all []string) {
	s.t.Helper()
	slices.Sort(all)
	first, size := len(all), 0
	for size+len(all[first-1]) <= sttp.MaxList {
		first--
		size += len(all[first]) + len(", ")
	}
	q := s.query(query)
	q.After = all[first-1]
	s.finds(dir, q, all[first:]...)
	q.After = all[first-2]
	_, err := s.List(s.t.Context(), path(s.t, dir), q)
	s.fails("List of a name more", err, store.ErrListTooLong)
}

// inParallel calls f with 0 to n-1, from many goroutines at once.
func (s fixture) inParallel(n int, f func(i int)) {
	const workers = 32
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n; i += workers {
				f(i)
			}
		})
	}
	wg.Wait()
}

var lifeCases = []testCase{
	{"a context that has ended stops everything before it begins", func(s fixture) {
		s.with("/d/a.txt")
		ctx, cancel := context.WithCancelCause(s.t.Context())
		cancel(errors.New("the caller has left"))
		for _, action := range actions {
			for _, file := range []string{"/d/a.txt", "/d/b.txt", "/e/c.txt"} {
				err := action.call(ctx, s.Store, path(s.t, file), contents(s.t, "changed"))
				s.fails(action.name+" of "+file, err, context.Canceled)
			}
		}
		s.lists("/", "d/")
		s.lists("/d/", "a.txt")
		s.holds("/d/a.txt", "/d/a.txt")
	}},
	{"a closed store refuses everything", func(s fixture) {
		s.with("/a.txt")
		s.succeeds("Close", s.Close())
		for _, action := range actions {
			for _, file := range []string{"/a.txt", "/b.txt"} {
				err := action.call(s.t.Context(), s.Store, path(s.t, file), contents(s.t, "changed"))
				s.fails(action.name+" of "+file, err, store.ErrClosed)
			}
		}
		s.fails("Close", s.Close(), store.ErrClosed)
	}},
	{"it behaves like a map of files", behavesLikeAMap},
}

var reopenCases = []struct {
	name string
	run  func(t *testing.T, open func() store.Store)
}{
	{"what was stored is found after the store was closed and opened again", func(t *testing.T, open func() store.Store) {
		s := fixture{t, open()}
		for i := range 20 {
			s.succeeds("Create", s.create(fmt.Sprintf("/d/%02d.txt", i), "a walrus"))
		}
		s.succeeds("Update", s.update("/d/07.txt", "a WALNUT"))
		s.succeeds("Close", s.Close())

		s = fixture{t, open()}
		s.finds("/d/", s.query("q=walnut"), "07.txt")
		s.finds("/", s.query("q=WALRUS&recursive=true&limit=2&after=d/06.txt"), "d/08.txt", "d/09.txt")
		s.succeeds("Update", s.update("/d/07.txt", "a walrus"))
		s.succeeds("Delete", s.delete("/d/08.txt"))
		s.succeeds("Close", s.Close())

		s = fixture{t, open()}
		s.finds("/d/", s.query("q=walnut"))
		s.finds("/d/", s.query("q=walrus&limit=2&after=06.txt"), "07.txt", "09.txt")
		s.succeeds("Close", s.Close())
	}},
	{"what was changed is there after the store was closed and opened again", func(t *testing.T, open func() store.Store) {
		s := fixture{t, open()}
		s.with("/a.txt", "/b.txt", "/d/e/c.txt", "/f/g/d.txt")
		s.succeeds("Update", s.update("/b.txt", "new"))
		s.succeeds("Delete", s.delete("/a.txt"))
		s.succeeds("Delete", s.delete("/f/g/d.txt"))
		s.succeeds("Close", s.Close())

		s = fixture{t, open()}
		s.lists("/", "b.txt", "d/")
		s.lists("/d/", "e/")
		s.lists("/d/e/", "c.txt")
		s.holds("/b.txt", "new")
		s.holds("/d/e/c.txt", "/d/e/c.txt")
		s.fails("Create of a file that exists", s.create("/b.txt", "x"), store.ErrExists)
		s.succeeds("Delete", s.delete("/d/e/c.txt"))
		s.succeeds("Close", s.Close())

		s = fixture{t, open()}
		s.lists("/", "b.txt")
		s.succeeds("Close", s.Close())
	}},
	{"Close waits for what is running, so that what succeeded is there", closeRacesChanges},
}

// closeRacesChanges closes a store while files are created in it. Each must
// have succeeded and be there later, or have been refused and not be there.
func closeRacesChanges(t *testing.T, open func() store.Store) {
	s := fixture{t, open()}
	const n = 64
	var created [n]bool
	var wg sync.WaitGroup
	begun := make(chan struct{}, n)
	for i := range n {
		wg.Go(func() {
			begun <- struct{}{}
			err := s.create(fmt.Sprintf("/d%d/%d.txt", i%8, i), "x")
			if created[i] = err == nil; !created[i] {
				s.fails("Create while the store is closed", err, store.ErrClosed)
			}
		})
	}
	for range n / 2 {
		<-begun
	}
	s.succeeds("Close", s.Close())
	wg.Wait()

	s = fixture{t, open()}
	for i, want := range created {
		_, err := s.show(fmt.Sprintf("/d%d/%d.txt", i%8, i))
		if got := err == nil; got != want {
			t.Errorf("file %d: there is %t, created was %t (%v)", i, got, want, err)
		}
	}
	s.succeeds("Close", s.Close())
}
