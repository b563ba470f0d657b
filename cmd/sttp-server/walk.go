package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"slices"
	"strings"

	"sttp"
	"sttp/store/sqlite"
)

// unfit is something in a store that no request can name or that holds no
// snippet.
type unfit struct {
	name   string // as it stands there; not safe to print
	reason string
}

func (u *unfit) Error() string { return u.name + ": " + u.reason }

// rows yields the paths of all snippets in a database, sorted bytewise, and an
// *unfit for those that no request can name: another program has written them.
func rows(ctx context.Context, s *sqlite.Store) iter.Seq2[sttp.Path, error] {
	return func(yield func(sttp.Path, error) bool) {
		for path, err := range s.Paths(ctx) {
			if err != nil {
				yield(sttp.Path{}, err)
				return
			}
			if !yield(file(path)) {
				return
			}
		}
	}
}

// file returns name as the path of a file, or an *unfit.
func file(name string) (sttp.Path, error) {
	req, err := sttp.NewRequest(sttp.Show, name, "", false)
	if err == nil {
		return req.Path, nil
	}
	reason := err.Error()
	var refused *sttp.Error
	if errors.As(err, &refused) && refused.Status == sttp.StatusFilenameTooLong {
		reason = "the name of a file has at most 32 characters"
	} else if refused != nil {
		reason = refused.Message
	}
	return sttp.Path{}, &unfit{name, reason}
}

// walk yields the paths of all files below a docroot as rows does, by reading
// each directory once: a list of one with a million names would read all of them
// for every page. It yields an *unfit for what the engine does not serve.
func walk(ctx context.Context, docroot string) iter.Seq2[sttp.Path, error] {
	return func(yield func(sttp.Path, error) bool) {
		root, err := os.OpenRoot(docroot)
		if err != nil {
			yield(sttp.Path{}, err)
			return
		}
		defer root.Close()
		w := walker{ctx, root, yield}
		w.directory(".")
	}
}

type walker struct {
	ctx   context.Context
	root  *os.Root
	yield func(sttp.Path, error) bool
}

// directory yields what is below a directory, and tells whether to go on.
func (w *walker) directory(name string) bool {
	entries, err := w.read(name)
	if errors.Is(err, fs.ErrNotExist) && name != "." {
		return true // removed meanwhile
	}
	if err != nil {
		w.yield(sttp.Path{}, err)
		return false
	}
	for _, shown := range entries {
		if w.ctx.Err() != nil {
			w.yield(sttp.Path{}, w.ctx.Err())
			return false
		}
		if !w.entry(path.Join(name, shown.name), shown.mode) {
			return false
		}
	}
	return true
}

// entry yields what stands at a name, and tells whether to go on.
func (w *walker) entry(name string, mode fs.FileMode) bool {
	switch {
	case mode.IsDir():
		if _, err := sttp.ParsePath("/" + name + "/"); err != nil {
			return w.yield(sttp.Path{}, &unfit{"/" + name + "/", err.Error()})
		}
		return w.directory(name)
	case mode&fs.ModeSymlink != 0:
		return w.yield(sttp.Path{}, &unfit{"/" + name, "a symbolic link is not followed"})
	case !mode.IsRegular():
		return w.yield(sttp.Path{}, &unfit{"/" + name, "it is no regular file"})
	}
	return w.yield(file("/" + name))
}

type entry struct {
	name string
	key  string // by which it is sorted
	mode fs.FileMode
}

// read returns what stands in a directory, without what belongs to the engine,
// in the order in which the paths below it are sorted.
func (w *walker) read(name string) ([]entry, error) {
	dir, err := w.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	var entries []entry
	for {
		some, err := dir.ReadDir(1000)
		for _, e := range some {
			if name == "." && (e.Name() == ".sttp" || strings.HasPrefix(e.Name(), ".sttp-")) {
				continue
			}
			key := e.Name()
			if e.IsDir() {
				key += "/"
			}
			entries = append(entries, entry{e.Name(), key, e.Type()})
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if w.ctx.Err() != nil {
			return nil, w.ctx.Err()
		}
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.key, b.key) })
	return entries, nil
}
