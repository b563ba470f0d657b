package files

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// simDisk is a disk in memory that knows what a power cut would leave of it:
//
//   - What was written to a file survives once the file was synced; before
//     that, anything between nothing and all of it may.
//   - A change of a name in a directory survives once a sync of that directory
//     has ended that began after it; before that it may or may not, whatever becomes of the changes
//     before and after it.
//   - A directory is an inode. One that is made under the name of one that was
//     removed is another one, and syncing it does nothing for the old one.
//   - A sync that fails reports that once and forgets what it was to write: a
//     later sync succeeds and does nothing for it.
type simDisk struct {
	// gate is called before every operation, which does not happen if gate
	// returns an error. It may block.
	gate func(op string) error

	// lies tells for which directories and files ("sync notes", "fsync
	// .sttp/tmp-1") a sync says that it succeeded and does nothing.
	lies func(op string) bool

	mu   sync.Mutex
	root *inode
}

type inode struct {
	dir bool

	data    []byte // of a file, as read
	durable []byte // of a file, as it surely survives
	dirty   bool   // data may survive in place of durable

	names  map[string]*inode // of a directory, as read
	synced map[string]*inode // of a directory, as they surely survive
	since  []nameChange      // what may survive on top of that
}

// nameChange is an entry of a directory that was set, or removed where to is nil.
type nameChange struct {
	name    string
	to      *inode
	dropped bool // by a sync that failed: no later one writes it
}

func newSimDisk() *simDisk { return &simDisk{root: newDirInode()} }

func newDirInode() *inode {
	return &inode{dir: true, names: map[string]*inode{}, synced: map[string]*inode{}}
}

func (n *inode) set(name string, to *inode) {
	if to == nil {
		delete(n.names, name)
	} else {
		n.names[name] = to
	}
	n.since = append(n.since, nameChange{name: name, to: to})
}

// enter begins an operation; the returned function ends it.
func (d *simDisk) enter(op, name string) (leave func(), err error) {
	if d.gate != nil {
		if err := d.gate(op + " " + name); err != nil {
			return nil, &fs.PathError{Op: op, Path: name, Err: err}
		}
	}
	d.mu.Lock()
	return d.mu.Unlock, nil
}

// find returns what stands at name.
func (d *simDisk) find(name string) (*inode, error) {
	n := d.root
	if name == "." {
		return n, nil
	}
	for _, segment := range strings.Split(name, "/") {
		if !n.dir {
			return nil, syscall.ENOTDIR
		}
		if n = n.names[segment]; n == nil {
			return nil, syscall.ENOENT
		}
	}
	return n, nil
}

// findFree returns the directory that name is to be made in.
func (d *simDisk) findFree(name string) (*inode, error) {
	dir, err := d.find(parent(name))
	switch {
	case err != nil:
		return nil, err
	case !dir.dir:
		return nil, syscall.ENOTDIR
	case dir.names[path.Base(name)] != nil:
		return nil, syscall.EEXIST
	}
	return dir, nil
}

func (d *simDisk) Lstat(name string) (fs.FileMode, error) {
	leave, err := d.enter("lstat", name)
	if err != nil {
		return 0, err
	}
	defer leave()
	n, err := d.find(name)
	if err != nil {
		return 0, err
	}
	return simInfo{path.Base(name), n}.Mode().Type(), nil
}

func (d *simDisk) IsLeaf(name string) (bool, error) {
	leave, err := d.enter("isleaf", name)
	if err != nil {
		return false, err
	}
	defer leave()
	n, err := d.find(name)
	if err != nil {
		return false, err
	}
	for _, below := range n.names {
		if below.dir {
			return false, nil
		}
	}
	return n.dir, nil
}

func (d *simDisk) ReadFile(name string, limit int) ([]byte, error) {
	leave, err := d.enter("read", name)
	if err != nil {
		return nil, err
	}
	defer leave()
	n, err := d.find(name)
	if err != nil {
		return nil, err
	}
	if n.dir {
		return nil, fs.ErrNotExist
	}
	return bytes.Clone(n.data[:min(limit, len(n.data))]), nil
}

func (d *simDisk) OpenFolder(name string) (folder, error) {
	leave, err := d.enter("openfolder", name)
	if err != nil {
		return nil, err
	}
	defer leave()
	n, err := d.find(name)
	if err == nil && !n.dir {
		err = syscall.ENOTDIR
	}
	if err != nil {
		return nil, err
	}
	return simFolder{d, name}, nil
}

// simFolder is an open directory, as it is found by its name.
type simFolder struct {
	disk *simDisk
	name string
}

func (f simFolder) ReadFile(base string, buf []byte) (int, error) {
	data, err := f.disk.ReadFile(path.Join(f.name, base), len(buf))
	return copy(buf, data), err
}

func (f simFolder) ReadDir(visit func(fs.DirEntry) error) error {
	d, name := f.disk, f.name
	leave, err := d.enter("readdir", name)
	if err != nil {
		return err
	}
	n, err := d.find(name)
	if err == nil && !n.dir {
		err = syscall.ENOTDIR
	}
	var entries []fs.DirEntry
	if err == nil {
		for _, name := range slices.Sorted(maps.Keys(n.names)) {
			entries = append(entries, fs.FileInfoToDirEntry(simInfo{name, n.names[name]}))
		}
	}
	leave()
	for _, e := range entries {
		if err := visit(e); err != nil {
			return err
		}
	}
	return err
}

func (f simFolder) Close() error { return nil }

func (d *simDisk) Create(name string) (file, error) {
	leave, err := d.enter("create", name)
	if err != nil {
		return nil, err
	}
	defer leave()
	dir, err := d.findFree(name)
	if err != nil {
		return nil, err
	}
	n := &inode{}
	dir.set(path.Base(name), n)
	return &simFile{d, name, n}, nil
}

func (d *simDisk) Link(oldname, newname string) error {
	leave, err := d.enter("link", newname)
	if err != nil {
		return err
	}
	defer leave()
	n, err := d.find(oldname)
	if err != nil {
		return err
	}
	dir, err := d.findFree(newname)
	if err != nil {
		return err
	}
	dir.set(path.Base(newname), n)
	return nil
}

func (d *simDisk) Rename(oldname, newname string) error {
	leave, err := d.enter("rename", newname)
	if err != nil {
		return err
	}
	defer leave()
	n, err := d.find(oldname)
	if err != nil {
		return err
	}
	dir, err := d.find(parent(newname))
	if err != nil {
		return err
	}
	if there := dir.names[path.Base(newname)]; there != nil && there.dir {
		return syscall.EISDIR
	}
	from, _ := d.find(parent(oldname))
	from.set(path.Base(oldname), nil)
	dir.set(path.Base(newname), n)
	return nil
}

func (d *simDisk) Unlink(name string) error { return d.remove("unlink", name, false) }
func (d *simDisk) Rmdir(name string) error  { return d.remove("rmdir", name, true) }

func (d *simDisk) remove(op, name string, dir bool) error {
	leave, err := d.enter(op, name)
	if err != nil {
		return err
	}
	defer leave()
	n, err := d.find(name)
	switch {
	case err != nil:
		return err
	case dir && !n.dir:
		return syscall.ENOTDIR
	case !dir && n.dir:
		return syscall.EISDIR
	case len(n.names) > 0:
		return syscall.ENOTEMPTY
	}
	above, _ := d.find(parent(name))
	above.set(path.Base(name), nil)
	return nil
}

func (d *simDisk) Mkdir(name string) error {
	leave, err := d.enter("mkdir", name)
	if err != nil {
		return err
	}
	defer leave()
	dir, err := d.findFree(name)
	if err != nil {
		return err
	}
	dir.set(path.Base(name), newDirInode())
	return nil
}

func (d *simDisk) OpenDir(name string) (syncCloser, error) {
	leave, err := d.enter("opendir", name)
	if err != nil {
		return nil, err
	}
	defer leave()
	n, err := d.find(name)
	if err == nil && !n.dir {
		err = syscall.ENOTDIR
	}
	if err != nil {
		return nil, err
	}
	return &simFile{d, name, n}, nil
}

func (d *simDisk) SyncAll() error {
	leave, err := d.enter("syncall", ".")
	if err != nil {
		return err
	}
	defer leave()
	var walk func(n *inode)
	walk = func(n *inode) {
		n.write(len(n.since))
		for _, below := range n.names {
			walk(below)
		}
	}
	walk(d.root)
	return nil
}

func (d *simDisk) Lock(name string, pid int) (io.Closer, error) { return io.NopCloser(nil), nil }
func (d *simDisk) Close() error                                 { return nil }

// simFile is an open file or directory.
type simFile struct {
	disk *simDisk
	name string
	*inode
}

// Write writes half of b before it fails, if it is made to fail.
func (f *simFile) Write(b []byte) (int, error) {
	leave, err := f.disk.enter("write", f.name)
	if err != nil {
		f.disk.mu.Lock()
		defer f.disk.mu.Unlock()
		f.data, f.dirty = append(f.data, b[:len(b)/2]...), true
		return len(b) / 2, err
	}
	defer leave()
	f.data, f.dirty = append(f.data, b...), true
	return len(b), nil
}

func (f *simFile) Sync() error {
	op := "fsync"
	if f.dir {
		op = "sync"
	}
	f.disk.mu.Lock()
	begun := len(f.since) // what is changed from now on is not in this sync
	f.disk.mu.Unlock()
	leave, err := f.disk.enter(op, f.name)
	if errors.Is(err, errPowerCut) {
		return err
	}
	if err != nil {
		f.disk.mu.Lock()
		defer f.disk.mu.Unlock()
		f.dirty = false
		for i := range f.since {
			f.since[i].dropped = true
		}
		return err
	}
	defer leave()
	if f.disk.lies == nil || !f.disk.lies(op+" "+f.name) {
		f.write(begun)
	}
	return nil
}

// write is what a sync does that succeeds: it makes durable the first n changes
// of names. What a sync dropped is not written, but may survive all the same
// unless its name was written since.
func (n *inode) write(changes int) {
	if n.dirty {
		n.durable, n.dirty = bytes.Clone(n.data), false
	}
	written := map[string]bool{}
	var left []nameChange
	for _, c := range slices.Backward(n.since[:changes]) {
		if written[c.name] {
			continue
		}
		if c.dropped {
			left = append(left, c)
			continue
		}
		written[c.name] = true
		if n.synced[c.name] = c.to; c.to == nil {
			delete(n.synced, c.name)
		}
	}
	slices.Reverse(left)
	n.since = append(left, n.since[changes:]...)
}

func (f *simFile) Close() error { return nil }

// simInfo describes an inode.
type simInfo struct {
	name string
	*inode
}

func (i simInfo) Name() string       { return i.name }
func (i simInfo) Size() int64        { return int64(len(i.data)) }
func (i simInfo) ModTime() time.Time { return time.Time{} }
func (i simInfo) IsDir() bool        { return i.dir }
func (i simInfo) Sys() any           { return i.inode }
func (i simInfo) Mode() fs.FileMode {
	if i.dir {
		return fs.ModeDir | dirMode
	}
	return fileMode
}
