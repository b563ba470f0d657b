package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"syscall"
	"unicode/utf8"

	"sttp"
	"sttp/store"
)

// maxFile is the most bytes that a file with a snippet can have: each code
// point takes four, and an editor has added CR and LF.
const maxFile = sttp.MaxContents*utf8.UTFMax + 2

// Show returns what a file holds.
func (s *Store) Show(ctx context.Context, file sttp.Path) (sttp.Contents, error) {
	name, err := s.begin(ctx, file)
	if err != nil {
		return sttp.Contents{}, err
	}
	defer s.end()
	if file.IsDir() {
		return sttp.Contents{}, store.ErrIsDirectory
	}
	if err := s.look(name); err != nil {
		return sttp.Contents{}, err
	}
	data, err := s.disk.ReadFile(name, maxFile+1)
	if gone(err) {
		return sttp.Contents{}, store.ErrNotFound
	}
	if err != nil {
		return sttp.Contents{}, storageError(err)
	}
	contents, err := snippet(string(data))
	if err != nil {
		return sttp.Contents{}, fmt.Errorf("%w: %w", store.ErrNotSnippet, err)
	}
	return contents, nil
}

// snippet returns the contents of a file with that text, which it shares.
func snippet(text string) (sttp.Contents, error) {
	if len(text) > maxFile {
		return sttp.Contents{}, sttp.ErrContentsTooLong
	}
	return sttp.ParseContents(withoutNewline(text))
}

// withoutNewline returns what a file holds, without the one newline (LF, or CR
// and LF) that an editor may have left at its end.
func withoutNewline(text string) string {
	if line, ok := strings.CutSuffix(text, "\n"); ok {
		return strings.TrimSuffix(line, "\r")
	}
	return text
}

// look tells whether a regular file stands at name: nil, store.ErrNotFound,
// store.ErrPathNotFound, store.ErrIsDirectory or a failure. If what is no
// directory stands where one should, the error is errInTheWay too.
func (s *Store) look(name string) error {
	if dir := parent(name); dir != "." {
		mode, err := s.disk.Lstat(dir)
		switch {
		case errors.Is(err, syscall.ENOTDIR) || err == nil && !mode.IsDir():
			return fmt.Errorf("%w: %w", store.ErrPathNotFound, errInTheWay)
		case absent(err):
			return store.ErrPathNotFound
		case err != nil:
			return storageError(err)
		}
	}
	mode, err := s.disk.Lstat(name)
	switch {
	case absent(err):
		return store.ErrNotFound
	case err != nil:
		return storageError(err)
	case mode.IsDir():
		return store.ErrIsDirectory
	case !mode.IsRegular():
		return store.ErrNotFound
	}
	return nil
}

// absent tells whether err says that nothing can stand at a name.
func absent(err error) bool { return gone(err) || errors.Is(err, syscall.ENAMETOOLONG) }

// notEmpty tells whether err says that a directory holds something, or that it
// is one that nobody can remove because a file system is mounted on it.
func notEmpty(err error) bool {
	return errors.Is(err, syscall.ENOTEMPTY) || errors.Is(err, fs.ErrExist) || errors.Is(err, syscall.EBUSY)
}

// lookDir returns an error if no directory stands at name.
func (s *Store) lookDir(name string) error {
	if name == "." {
		return nil
	}
	switch err := s.look(name); {
	case errors.Is(err, store.ErrIsDirectory):
		return nil
	case err == nil:
		return store.ErrNotDirectory
	case errors.Is(err, store.ErrPathNotFound):
		return store.ErrNotFound
	default:
		return err
	}
}

// roomBelow returns how many bytes a path has left for a name in a directory.
func roomBelow(name string) int {
	if name == "." {
		return sttp.MaxPath - len("/")
	}
	return sttp.MaxPath - len("/"+name+"/")
}

// List returns the names in a directory.
func (s *Store) List(ctx context.Context, dir sttp.Path, q *sttp.Query) ([]string, error) {
	if q != nil {
		return s.search(ctx, dir, *q)
	}
	name, err := s.begin(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer s.end()
	if err := s.lookDir(name); err != nil {
		return nil, err
	}
	names := []string{}
	room, size := roomBelow(name), 0
	err = readDir(s.disk, name, func(e fs.DirEntry) error {
		if !isShown(e, room) {
			return nil
		}
		shown := e.Name()
		if e.IsDir() {
			shown += "/"
		}
		if size += len(shown) + len(separator); size > sttp.MaxList+len(separator) {
			return store.ErrListTooLong
		}
		names = append(names, shown)
		return nil
	})
	switch {
	case errors.Is(err, store.ErrListTooLong):
		return nil, store.ErrListTooLong
	case gone(err):
		return nil, store.ErrNotFound
	case err != nil:
		return nil, storageError(err)
	}
	slices.Sort(names)
	return names, nil
}

// separator stands between the names in the answer to a LIST.
const separator = ", "

// isShown tells whether a LIST shows what stands in a directory: not what no
// request could name. room is how many bytes a path has left for it.
func isShown(e fs.DirEntry, room int) bool {
	name := e.Name()
	if _, err := sttp.ParsePath("/" + name); err != nil || len(name) > room {
		return false
	}
	if e.IsDir() {
		return len(name) <= sttp.MaxSegment
	}
	return e.Type().IsRegular() && utf8.RuneCountInString(name) <= sttp.MaxFilename
}
