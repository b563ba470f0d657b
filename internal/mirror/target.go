package mirror

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"sync"
)

// target is a directory that files are put into. It knows what is there by
// exactly which name, so that a file system that takes several names for one is
// found out. put may be called by many goroutines at once for different files.
type target struct {
	tree  *tree
	files map[string]bool // those that were there; not changed by put

	mu   sync.Mutex      // held while directories are made
	dirs map[string]bool // those of the tree, and those that were made
}

func newTarget(t *tree) *target {
	to := &target{tree: t, files: make(map[string]bool, len(t.files)), dirs: t.dirs}
	for _, name := range t.files {
		to.files[name] = true
	}
	return to
}

// holds tells whether there was a file of that name.
func (to *target) holds(name string) bool { return to.files[name] }

// Why a file cannot be put where it belongs.
var (
	errFile = errors.New("a file has the name of a directory that is needed")
	errFold = errors.New("there is a file under another name that the file system takes for this one, perhaps in other case; or it was made just now")
)

// blocked returns why no file can be made of that name, as far as it is known.
func (to *target) blocked(name string) error {
	if err := to.tree.covers(name); err != nil {
		return fmt.Errorf("something is in the way: %w", err)
	}
	to.mu.Lock()
	defer to.mu.Unlock()
	if to.dirs[name] {
		return errDirectory
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if to.files[dir] {
			return errFile
		}
	}
	return nil
}

// put writes a file so that it is there with all of its contents or, as before,
// not or with what it held.
func (to *target) put(name, text string) error {
	if err := to.blocked(name); err != nil {
		return err
	}
	dir := path.Dir(name)
	if err := to.makeDir(dir); err != nil {
		return err
	}
	temp := path.Join(dir, ".sttp-client-"+rand.Text())
	if err := to.write(temp, name, text); err != nil {
		to.tree.root.Remove(temp)
		return bare(err)
	}
	var err error
	if to.files[name] {
		err = to.tree.root.Rename(temp, name)
	} else {
		err = to.name(temp, name)
	}
	if err != nil {
		to.tree.root.Remove(temp)
	}
	return bare(err)
}

// write makes the temporary file. It has the permissions of the one that it is
// to replace.
func (to *target) write(temp, name, text string) error {
	f, err := to.tree.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if old, gone := to.tree.root.Lstat(name); to.files[name] && gone == nil && err == nil {
		err = f.Chmod(old.Mode().Perm())
	}
	return errors.Join(err, f.Close())
}

// name gives a file its name, which none may have. Where the file system has no
// hard links somebody else's file could be replaced, if it is made just then.
func (to *target) name(temp, name string) error {
	err := to.tree.root.Link(temp, name)
	if err == nil {
		return to.tree.root.Remove(temp)
	}
	if info, there := to.tree.root.Lstat(name); there == nil && info.IsDir() {
		return errDirectory
	} else if there == nil {
		return errFold
	} else if !errors.Is(there, fs.ErrNotExist) {
		return err
	}
	return to.tree.root.Rename(temp, name)
}

// makeDir makes a directory and those above it.
func (to *target) makeDir(dir string) error {
	to.mu.Lock()
	defer to.mu.Unlock()
	return to.makeDirLocked(dir)
}

func (to *target) makeDirLocked(dir string) error {
	if to.dirs[dir] {
		return nil
	}
	if err := to.makeDirLocked(path.Dir(dir)); err != nil {
		return err
	}
	err := to.tree.root.Mkdir(dir, 0o777)
	if errors.Is(err, fs.ErrExist) {
		err = to.exactDir(dir)
	}
	if err != nil {
		return bare(err)
	}
	to.dirs[dir] = true
	return nil
}

// exactDir returns nil if there is a directory of exactly that name.
func (to *target) exactDir(dir string) error {
	entries, err := fs.ReadDir(to.tree.root.FS(), path.Dir(dir))
	if err != nil {
		return err
	}
	for _, e := range entries {
		switch {
		case e.Name() != path.Base(dir):
		case e.IsDir():
			return nil
		default:
			return errFile
		}
	}
	return errFold
}

// remove removes a file, and the directories that are empty then.
func (to *target) remove(name string) error {
	if err := to.tree.root.Remove(name); err != nil {
		return bare(err)
	}
	delete(to.files, name)
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if to.tree.root.Remove(dir) != nil {
			break // it is not empty
		}
		delete(to.dirs, dir)
	}
	return nil
}
