package mirror

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"unicode/utf8"

	"sttp"
)

// What is wrong with what stands in a directory.
var (
	errHidden     = errors.New("its name begins with a dot")
	errLink       = errors.New("symbolic links are not followed")
	errNotRegular = errors.New("it is no regular file")
	errLines      = errors.New("it has more than one line, and a snippet is one")
	errDirectory  = errors.New("a directory has the name")
)

// tree is what stands in a directory, by names below it with slashes. Nothing is
// followed out of the directory, nor any symbolic link within.
type tree struct {
	root   *os.Root
	files  []string         // regular files that can be named on the server, sorted
	dirs   map[string]bool  // directories that can be named there, without a slash
	others map[string]error // all else, and why it is none of these
	broken error            // why something may be missing
}

// newTree returns the tree of a directory that nobody has looked at.
func newTree(root *os.Root) *tree {
	return &tree{root: root, dirs: map[string]bool{".": true}, others: make(map[string]error)}
}

// look finds out what stands in a directory. The error is a *DirError, or the
// context's.
func (r *run) look(ctx context.Context, t *tree) error {
	r.stage("looking", 0)
	return fs.WalkDir(t.root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && name == ".":
			return &DirError{err}
		case name == ".":
			return nil
		case err != nil:
			return t.unreadable(name, err)
		}
		r.step(1)
		return t.enter(r.root, name, e)
	})
}

// unreadable notes that a directory cannot be read.
func (t *tree) unreadable(name string, err error) error {
	delete(t.dirs, name)
	t.others[name] = bare(err)
	t.broken = fmt.Errorf("%s: %w", name, bare(err))
	return fs.SkipDir
}

// enter notes one entry of a directory.
func (t *tree) enter(below sttp.Path, name string, e fs.DirEntry) error {
	as := below.String() + name
	if e.IsDir() {
		as += "/"
	}
	_, unnamed := sttp.ParsePath(as)
	switch {
	case strings.HasPrefix(e.Name(), "."):
		t.others[name] = errHidden
	case e.Type()&fs.ModeSymlink != 0:
		t.others[name] = errLink
	case !e.IsDir() && !e.Type().IsRegular():
		t.others[name] = errNotRegular
	case unnamed != nil:
		t.others[name] = unnamed
	case e.IsDir():
		t.dirs[name] = true
		return nil
	case utf8.RuneCountInString(e.Name()) > sttp.MaxFilename:
		t.others[name] = errNameTooLong
	default:
		t.files = append(t.files, name)
	}
	if e.IsDir() {
		return fs.SkipDir
	}
	return nil
}

var errNameTooLong = fmt.Errorf("the name of a file has at most %d characters", sttp.MaxFilename)

// covers returns the reason if name is not among the files because it, or a
// directory above it, is something else.
func (t *tree) covers(name string) error {
	for ; name != "." && name != "/"; name = path.Dir(name) {
		if err := t.others[name]; err != nil {
			return err
		}
	}
	return nil
}

// maxFile is the most bytes that a file with a snippet can have: each code point
// takes four, and an editor has added CR and LF.
const maxFile = sttp.MaxContents*utf8.UTFMax + len("\r\n")

// read returns the snippet in a file, as a server would read it: without the
// newline that an editor may have left at its end.
func (t *tree) read(name string) (sttp.Contents, error) {
	f, err := t.root.OpenFile(name, os.O_RDONLY|nonblocking, 0)
	if err != nil {
		return sttp.Contents{}, bare(err)
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return sttp.Contents{}, errNotRegular
	}
	b, err := io.ReadAll(io.LimitReader(f, int64(maxFile)+1))
	if err != nil {
		return sttp.Contents{}, bare(err)
	}
	text := string(b)
	if line, ended := strings.CutSuffix(text, "\n"); ended {
		text = strings.TrimSuffix(line, "\r")
	}
	switch {
	case strings.Contains(text, "\n"):
		return sttp.Contents{}, notSnippet{errLines}
	case len(b) > maxFile:
		return sttp.Contents{}, notSnippet{sttp.ErrContentsTooLong}
	}
	contents, err := sttp.ParseContents(text)
	if err != nil {
		return sttp.Contents{}, notSnippet{err}
	}
	return contents, nil
}

// notSnippet is the error of a file that was read and holds something else.
type notSnippet struct{ error }

// bare returns err without the operation and the path that it tells.
func bare(err error) error {
	var onPath *fs.PathError
	if errors.As(err, &onPath) {
		return onPath.Err
	}
	var onLink *os.LinkError
	if errors.As(err, &onLink) {
		return onLink.Err
	}
	return err
}
