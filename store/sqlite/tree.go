package sqlite

import (
	"strings"
	"unsafe"

	"zombiezen.com/go/sqlite"

	"sttp/store"
)

// tree answers what directories there are, which have no rows of their own, on
// one connection. In here a directory is named without its last slash; the root
// is "".
type tree struct {
	below *sqlite.Stmt // belowSQL
	key   []byte
}

// belowSQL tells whether there is a path from one to before another.
const belowSQL = "SELECT 1 FROM snippets WHERE path >= ?1 AND path < ?2 LIMIT 1"

// isDir tells whether something is below path.
func (t *tree) isDir(path string) (bool, error) {
	if path == "" {
		return true, nil
	}
	t.key = append(append(t.key[:0], path...), '/')
	key := unsafe.String(unsafe.SliceData(t.key), len(t.key)) // copied when it is bound
	t.below.BindText(1, key)
	t.key[len(path)]++
	t.below.BindText(2, key)
	return run(t.below)
}

// missing returns why there is no file at path, or what kept it from finding
// that out.
func (t *tree) missing(path string) error {
	switch dir, err := t.isDir(path); {
	case err != nil:
		return storageError(err)
	case dir:
		return store.ErrIsDirectory
	}
	switch dir, err := t.isDir(parent(path)); {
	case err != nil:
		return storageError(err)
	case !dir:
		return store.ErrPathNotFound
	}
	return store.ErrNotFound
}

// parent returns the directory that holds path.
func parent(path string) string { return path[:strings.LastIndexByte(path, '/')] }

// knownDirs remembers directories that have something below them, so that no
// file has the name of one of them or of one above.
type knownDirs map[string]struct{}

// maxKnownDirs bounds how many are remembered, about 100 bytes each.
const maxKnownDirs = 4096

func (d knownDirs) has(dir string) bool {
	_, known := d[dir]
	return known
}

func (d knownDirs) add(dir string) {
	if dir == "" || d.has(dir) {
		return
	}
	if len(d) >= maxKnownDirs {
		clear(d)
	}
	d[strings.Clone(dir)] = struct{}{}
}

// drop forgets all directories above path, which may go with it.
func (d knownDirs) drop(path string) {
	for dir := parent(path); dir != ""; dir = parent(dir) {
		delete(d, dir)
	}
}
