package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"unsafe"

	"sttp"
	"sttp/store"
)

// Bounds on searches, which every List with a query is here. None of them holds
// a slot of the methods that serve one file. A few run at once, and others wait;
// of those that run, not more are at work at any moment than leave half of the
// processors to other methods, and they take turns.
const (
	maxSearches = 8                                   // that run at once; each has the names of the directories that it is in
	turn        = 1024                                // work that is done before others get their turn
	nameWork    = 1                                   // of it, looking at a name
	readWork    = 16                                  // of it, reading a file
	maxShown    = sttp.MaxList/len("a"+separator) + 2 // names; so many are no list
)

// search is one List with a query. Nothing is indexed: it looks at every name,
// and reads every file that has a right one until the limit is reached. What is
// there all the time is found, where the file system keeps what POSIX says of
// directories that are read while they change; of what comes and goes meanwhile,
// some may be.
//
// A directory is read whole, wherever in it a page begins: that takes 50 ms for
// 100,000 names and 0.4 s for a million.
type search struct {
	*Store
	ctx    context.Context
	query  sttp.Query
	filter store.Filter
	top    string // the directory in the docroot
	room   int    // bytes that a path has left for a name below top

	found []string
	size  int // bytes of the list so far

	work   int  // done in this turn
	atWork bool // holds one of turns

	folder folder // the directory that is being read, or nil
	name   string // the folder's, below top
	denied bool   // something could not be read
	buffer [maxFile + 1]byte
}

// search returns the names that a query asks for.
func (s *Store) search(ctx context.Context, dir sttp.Path, q sttp.Query) ([]string, error) {
	top, err := s.enter(ctx, dir, s.searches)
	if err != nil {
		return nil, err
	}
	defer s.leave(s.searches)
	w := &search{Store: s, ctx: ctx, query: q, filter: store.NewFilter(&q), top: top, room: roomBelow(top), found: []string{}}
	defer w.end()
	if err := w.begin(); err != nil {
		return nil, err
	}
	if err := s.lookDir(top); err != nil {
		return nil, err
	}
	switch err := w.walk(""); {
	case gone(err):
		return nil, store.ErrNotFound
	case err != nil:
		return nil, err
	}
	return w.found, nil
}

// begin waits for a turn, unless the search is not wanted any more.
func (w *search) begin() error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	select {
	case <-w.closing:
		return store.ErrClosed
	default:
	}
	select {
	case w.turns <- struct{}{}:
		w.atWork = true
		return nil
	case <-w.ctx.Done():
		return w.ctx.Err()
	case <-w.closing:
		return store.ErrClosed
	}
}

// end gives up what the search holds.
func (w *search) end() {
	w.close()
	if w.atWork {
		w.atWork = false
		<-w.turns
	}
}

// rest counts work, and lets others have their turn when enough was done.
func (w *search) rest(work int) error {
	if w.work += work; w.work < turn {
		return nil
	}
	w.work, w.atWork = 0, false
	<-w.turns
	runtime.Gosched()
	return w.begin()
}

// walk finds what is in the directory rel, which is "" or ends with a slash, and
// below it. A directory is shown with a slash at its end, so the order of what
// it holds is the order of all names below: "a-b", "a.txt", "a/b", "a0".
func (w *search) walk(rel string) error {
	entries, err := w.entries(rel)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if w.query.Limit > 0 && len(w.found) == w.query.Limit {
			return nil
		}
		if w.query.Recursive && strings.HasSuffix(e, "/") {
			if err := w.below(rel + e); err != nil {
				return err
			}
			continue
		}
		if w.filter.Searches() {
			ok, err := w.matches(rel, e)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
		}
		if w.size += len(rel) + len(e) + len(separator); w.size > sttp.MaxList+len(separator) {
			return store.ErrListTooLong
		}
		w.found = append(w.found, rel+e)
	}
	return nil
}

// below walks a directory that may have gone since it was seen. One that may not
// be read, such as lost+found, holds nothing that could be shown either.
func (w *search) below(rel string) error {
	err := w.walk(rel)
	switch {
	case errors.Is(err, fs.ErrPermission):
		w.leaveOut(rel, err)
		return nil
	case gone(err):
		return nil
	}
	return err
}

// leaveOut notes that something may not be read. The log hears of the first.
func (w *search) leaveOut(rel string, err error) {
	if !w.denied {
		w.denied = true
		w.log.Warn("a search left out what the server may not read", "name", w.in(rel), "error", err)
	}
}

// in returns the name in the docroot of a directory or file below top.
func (w *search) in(rel string) string {
	rel = strings.TrimSuffix(rel, "/")
	switch {
	case rel == "":
		return w.top
	case w.top == ".":
		return rel
	}
	return w.top + "/" + rel
}

// entries returns what is to be looked at in the directory rel, in its order.
func (w *search) entries(rel string) ([]string, error) {
	if err := w.open(rel); err != nil {
		return nil, err
	}
	p := page{limit: w.query.Limit, recursive: w.query.Recursive}
	if p.limit == 0 {
		p.limit = maxShown
	}
	if w.filter.Searches() {
		p.limit = 0 // any of them may hold what is searched for
	}
	after, _ := strings.CutPrefix(w.query.After, rel)
	if !strings.HasPrefix(w.query.After, rel) {
		after = "" // rel is behind it
	}
	err := w.folder.ReadDir(func(e fs.DirEntry) error {
		// What costs least comes first.
		shown, wanted := e.Name(), false
		if e.IsDir() {
			shown += "/"
			wanted = w.wantsDir(shown, after) && p.mayNeed(shown)
		} else {
			wanted = shown > after && p.mayNeed(shown) && w.filter.Name(shown)
		}
		if wanted && isShown(e, w.room-len(rel)) {
			p.add(shown)
		}
		return w.rest(nameWork + len(w.query.Name)/8) // a pattern may be made to take long
	})
	if err != nil {
		return nil, w.failure(err)
	}
	return p.all(), nil
}

// wantsDir tells whether a directory is to be looked at on a page behind after.
func (w *search) wantsDir(shown, after string) bool {
	if w.query.Recursive {
		return shown > after || strings.HasPrefix(after, shown)
	}
	return shown > after && !w.query.FilesOnly()
}

// matches reads a file of the directory rel and tells whether it is a snippet
// that holds what is searched for.
func (w *search) matches(rel, name string) (bool, error) {
	if err := w.rest(readWork); err != nil {
		return false, err
	}
	if err := w.open(rel); err != nil {
		return false, err
	}
	n, err := w.folder.ReadFile(name, w.buffer[:])
	switch {
	case gone(err) || errors.Is(err, syscall.EISDIR):
		return false, nil
	case errors.Is(err, fs.ErrPermission):
		w.leaveOut(rel+name, err)
		return false, nil
	case err != nil:
		return false, w.failure(err)
	}
	text := unsafe.String(&w.buffer[0], n) // until the next file is read
	if !w.filter.Contents(withoutNewline(text)) {
		return false, nil
	}
	_, err = snippet(text)
	return err == nil, nil
}

// open makes rel the directory that is read. One at a time is open.
func (w *search) open(rel string) error {
	if w.folder != nil && w.name == rel {
		return nil
	}
	w.close()
	f, err := w.disk.OpenFolder(w.in(rel))
	if err != nil {
		return w.failure(err)
	}
	w.folder, w.name = f, rel
	return nil
}

func (w *search) close() {
	if w.folder != nil {
		w.folder.Close()
		w.folder = nil
	}
}

// failure returns what err means: gone and fs.ErrPermission are still in it.
func (w *search) failure(err error) error {
	if errors.Is(err, store.ErrClosed) || w.ctx.Err() != nil && errors.Is(err, w.ctx.Err()) {
		return err
	}
	return fmt.Errorf("files: %w", err)
}

// page collects what a directory holds, in order. Where contents do not matter,
// no more is kept than may come into the list.
type page struct {
	limit     int // names; 0 for all
	recursive bool
	names     []string
	prune     int    // at that length all behind last is dropped
	last      string // nothing behind it is needed; "" if that is not known
}

// mayNeed tells whether a name may come into the list.
func (p *page) mayNeed(shown string) bool { return p.last == "" || shown < p.last }

func (p *page) add(shown string) {
	p.names = append(p.names, shown)
	if p.limit == 0 || len(p.names) < max(p.prune, 2*p.limit, 1024) {
		return
	}
	p.names = p.all()
	sure := 0 // names that will be in the list; directories may turn out to be empty
	for i, name := range p.names {
		if p.recursive && strings.HasSuffix(name, "/") {
			continue
		}
		if sure++; sure == p.limit {
			clear(p.names[i+1:])
			p.names, p.last = p.names[:i+1], name
			break
		}
	}
	p.prune = 2 * len(p.names)
}

// all returns what was added. A file system may tell twice of a name that is
// given to another file meanwhile.
func (p *page) all() []string {
	slices.Sort(p.names)
	return slices.Compact(p.names)
}
