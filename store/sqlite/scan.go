package sqlite

import (
	"context"
	"strings"
	"unicode/utf8"
	"unsafe"

	"zombiezen.com/go/sqlite"

	"sttp"
	"sttp/store"
)

// separator stands between the names in the answer to a LIST.
const separator = ", "

// checkContext is after how many rows a scan looks whether its context has ended.
const checkContext = 256

// results collects the names that a LIST returns.
type results struct {
	names []string
	limit int // most names, 0 for as many as fit
	room  int // bytes that are left for them
}

func newResults(q *sttp.Query) results {
	r := results{names: []string{}, room: sttp.MaxList + len(separator)}
	if q != nil {
		r.limit = q.Limit
	}
	return r
}

// add adds a copy of name. full tells that no more is asked for.
func (r *results) add(name string) (full bool, err error) {
	if r.room -= len(name) + len(separator); r.room < 0 {
		return false, store.ErrListTooLong
	}
	r.names = append(r.names, strings.Clone(name))
	return len(r.names) == r.limit, nil
}

// scan goes through a directory in the order of its names and collects those
// that a query asks for. It can stop and go on: what was done tells what the
// rest would cost.
type scan struct {
	reader *reader
	dir    string // ends with a slash
	filter store.Filter

	recursive bool
	filesOnly bool
	stmt      *sqlite.Stmt
	next      []byte // the path to go on with
	end       string // the first path that is behind the directory
	found     results
	rows      int // looked at so far
	open      bool
}

// newScan returns a scan of dir, which has to be in a snapshot of r while it
// runs. close has to be called at its end.
func newScan(r *reader, dir string, q *sttp.Query) *scan {
	s := &scan{reader: r, dir: dir, filter: store.NewFilter(q), found: newResults(q), stmt: r.paths}
	if q != nil {
		s.recursive, s.filesOnly = q.Recursive, q.FilesOnly()
	}
	if s.filter.Searches() {
		s.stmt = r.texts
	}
	s.next = append(r.next[:0], dir...)
	s.end = dir[:len(dir)-1] + "0" // what follows the slash
	if q != nil && q.After != "" {
		s.after(q.After)
	}
	return s
}

// after makes the scan begin behind a name, which need not be there.
func (s *scan) after(name string) {
	if i := strings.IndexByte(name, '/'); i >= 0 && !s.recursive {
		s.next = append(append(s.next, name[:i]...), '0') // behind that subdirectory
		return
	}
	s.next = append(append(s.next, name...), 0) // the least that is greater
}

// run looks at up to rows rows, and tells whether the scan is done: there are no
// more, or no more are asked for.
func (s *scan) run(ctx context.Context, rows int) (done bool, err error) {
	for range rows {
		if s.rows%checkContext == 0 && ctx.Err() != nil {
			return false, ctx.Err()
		}
		if !s.open {
			s.seek()
		}
		row, err := s.stmt.Step()
		if err != nil {
			return false, storageError(err)
		}
		if !row {
			return true, nil
		}
		s.rows++
		full, err := s.look()
		if err != nil || full {
			return full, err
		}
	}
	return false, nil
}

func (s *scan) seek() {
	s.stmt.BindText(1, unsafe.String(unsafe.SliceData(s.next), len(s.next)))
	s.stmt.BindText(2, s.end)
	s.open = true
}

// look looks at the row where the scan stands.
func (s *scan) look() (full bool, err error) {
	path, ok := column(s.stmt, 0, s.reader.path[:])
	if !ok || len(path) <= len(s.dir) {
		return false, nil
	}
	name := path[len(s.dir):]
	if i := strings.IndexByte(name, '/'); i >= 0 && !s.recursive {
		return s.skip(path[:len(s.dir)+i+1])
	}
	if !s.acceptsName(path) {
		return false, nil
	}
	if s.filter.Searches() {
		if text, ok := column(s.stmt, 1, s.reader.text[:]); !ok || !s.acceptsText(text) {
			return false, nil
		}
	}
	return s.found.add(name)
}

// acceptsName tells whether the file at path, which is in the directory, may be
// among the results.
func (s *scan) acceptsName(path string) bool {
	base := path[strings.LastIndexByte(path, '/')+1:]
	if !s.recursive && len(base) < len(path)-len(s.dir) {
		return false
	}
	return s.filter.Name(base) && nameable(path, base)
}

// acceptsText tells whether a snippet with that text is among the results.
func (s *scan) acceptsText(text string) bool {
	if !s.filter.Contents(text) {
		return false
	}
	_, err := sttp.ParseContents(text)
	return err == nil
}

// skip goes past a subdirectory, whose path ends with its slash.
func (s *scan) skip(subdir string) (full bool, err error) {
	s.next = append(s.next[:0], subdir...)
	s.next[len(s.next)-1]++
	if err := s.close(); err != nil {
		return false, storageError(err)
	}
	if s.filesOnly || !nameable(subdir, "") {
		return false, nil
	}
	return s.found.add(subdir[len(s.dir):])
}

// nameable tells whether a request could name path, whose file's name is base:
// another program may have written others.
func nameable(path, base string) bool {
	if _, err := sttp.ParsePath(path); err != nil {
		return false
	}
	return len(base) <= sttp.MaxFilename || utf8.RuneCountInString(base) <= sttp.MaxFilename
}

// close ends the reading.
func (s *scan) close() error {
	s.open = false
	s.reader.next = s.next
	return s.stmt.Reset()
}
