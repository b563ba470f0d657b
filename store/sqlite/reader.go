package sqlite

import (
	"context"
	"errors"
	"fmt"
	"unsafe"

	"zombiezen.com/go/sqlite"

	"sttp"
	"sttp/store"
)

// maxContents is the most bytes that a snippet has.
const maxContents = sttp.MaxContents * 4

// reader is a connection that only reads, with what it needs for that. It is
// used by one goroutine at a time.
type reader struct {
	conn *sqlite.Conn

	begin, end *sqlite.Stmt
	show       *sqlite.Stmt // contents of a path
	paths      *sqlite.Stmt // the paths from ?1 to before ?2
	texts      *sqlite.Stmt // the same with their contents

	tree tree
	next []byte                 // of a scan
	path [sttp.MaxPath + 1]byte // of the row that is looked at
	text [maxContents]byte
}

func newReader(conn *sqlite.Conn) (*reader, error) {
	r := &reader{conn: conn}
	err := prepare(conn, []prepared{
		{&r.begin, "BEGIN"},
		{&r.end, "COMMIT"},
		{&r.show, "SELECT contents FROM snippets WHERE path = ?1"},
		{&r.tree.below, belowSQL},
		{&r.paths, "SELECT path FROM snippets WHERE path >= ?1 AND path < ?2 ORDER BY path"},
		{&r.texts, "SELECT path, contents FROM snippets WHERE path >= ?1 AND path < ?2 ORDER BY path"},
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// prepared is a statement and where it is kept.
type prepared struct {
	stmt **sqlite.Stmt
	sql  string
}

func prepare(conn *sqlite.Conn, all []prepared) (err error) {
	for _, p := range all {
		if *p.stmt, err = conn.Prepare(p.sql); err != nil {
			return err
		}
	}
	return nil
}

// run carries out a statement that returns at most one row, and tells whether it
// did.
func run(stmt *sqlite.Stmt) (row bool, err error) {
	row, err = stmt.Step()
	if err != nil {
		return false, err
	}
	return row, stmt.Reset()
}

// contentsOf returns what the file at path holds.
func (r *reader) contentsOf(path string) (c sttp.Contents, found bool, err error) {
	r.show.BindText(1, path)
	found, err = r.show.Step()
	if err != nil {
		return sttp.Contents{}, false, storageError(err)
	}
	if found {
		c, err = columnContents(r.show, 0)
	}
	return c, found, errors.Join(err, r.show.Reset())
}

// columnContents returns a copy of a column that holds a snippet.
func columnContents(stmt *sqlite.Stmt, col int) (c sttp.Contents, err error) {
	err = sttp.ErrContentsTooLong
	if stmt.ColumnLen(col) <= maxContents {
		c, err = sttp.ParseContents(stmt.ColumnText(col))
	}
	if err != nil {
		return c, fmt.Errorf("%w: %w", store.ErrNotSnippet, err)
	}
	return c, nil
}

// column copies a column into buf and returns it, or false if it is longer. The
// string is good until buf is used again.
func column(stmt *sqlite.Stmt, col int, buf []byte) (string, bool) {
	n := stmt.ColumnLen(col)
	if n > len(buf) {
		return "", false
	}
	n = stmt.ColumnBytes(col, buf[:n])
	return unsafe.String(unsafe.SliceData(buf), n), true
}

// snapshot makes all that is read until the function it returns is called see
// the database at one moment.
func (r *reader) snapshot() (end func() error, err error) {
	if _, err := run(r.begin); err != nil {
		return nil, err
	}
	return func() error { _, err := run(r.end); return err }, nil
}

// list returns the names in a directory that a query asks for which does not ask
// for contents. It looks at up to rows rows; done is false if there are more.
func (r *reader) list(ctx context.Context, dir string, q *sttp.Query, rows int) (names []string, done bool, err error) {
	end, err := r.snapshot()
	if err != nil {
		return nil, false, storageError(err)
	}
	scan := newScan(r, dir, q)
	done, err = scan.run(ctx, rows)
	return scan.found.names, done, errors.Join(err, scan.close(), end())
}

// noDir returns why nothing is found in a directory: that it is not there, or
// nil if it is.
func (r *reader) noDir(dir string) error {
	is, err := r.tree.isDir(dir)
	if is || err != nil {
		return err
	}
	switch _, file, err := r.contentsOf(dir); {
	case file:
		return store.ErrNotDirectory
	case err != nil:
		return storageError(err)
	}
	return store.ErrNotFound
}
