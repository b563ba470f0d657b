//go:build linux || darwin

package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	fileMode  = 0o644
	dirMode   = 0o755
	readBatch = 256 // directory entries read at once
)

// rootDisk is the disk of the operating system. What is made and moved goes
// through an os.Root, which confines it to the docroot whatever links lie in
// there; what is looked at and removed goes down from top, one directory after
// the other, and follows no link at all.
type rootDisk struct {
	root *os.Root
	top  *os.File // the docroot
}

// openDisk opens the docroot, and makes it when it is missing. With durable
// set, the docroot's own name and those above it are durable afterwards as far
// as this process may make them so.
func openDisk(dir string, durable bool) (disk, error) {
	return openDiskWith(dir, durable, syncPath)
}

// openDiskWith is openDisk with another way to sync a directory, for tests.
func openDiskWith(dir string, durable bool, sync func(dir string) error) (disk, error) {
	made, err := makeDocroot(dir)
	if err != nil {
		return nil, err
	}
	if durable {
		if err := syncAbove(dir, made, sync); err != nil {
			return nil, docrootError(dir, ErrDocrootNotMade, err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, docrootError(dir, ErrDocrootNotWritable, err)
	}
	top, err := root.Open(".")
	if err != nil {
		root.Close()
		return nil, docrootError(dir, ErrDocrootNotWritable, err)
	}
	return rootDisk{root, top}, nil
}

// makeDocroot makes sure that dir is a directory and returns those it made.
func makeDocroot(dir string) (made []string, err error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, docrootError(dir, ErrDocrootNotMade, err)
	}
	var missing []string
	for p := abs; ; p = filepath.Dir(p) {
		info, err := os.Stat(p)
		if errors.Is(err, fs.ErrNotExist) && p != filepath.Dir(p) {
			missing = append(missing, p)
			continue
		}
		if p == abs && err == nil && !info.IsDir() {
			return nil, docrootError(dir, ErrDocrootIsFile, nil)
		}
		if err != nil {
			return nil, docrootError(dir, ErrDocrootNotMade, err)
		}
		break
	}
	for i := len(missing) - 1; i >= 0; i-- {
		if err := os.Mkdir(missing[i], dirMode); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, docrootError(dir, ErrDocrootNotMade, err)
		}
	}
	return missing, nil
}

// syncAbove makes durable the names of dir and of the directories above it. A
// server that was killed may have made any of them, so all are synced; but only
// for those just made is it an error when that is not possible.
func syncAbove(dir string, made []string, sync func(dir string) error) error {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	for i := 0; abs != filepath.Dir(abs); i++ {
		abs = filepath.Dir(abs)
		if err := sync(abs); err != nil && i < len(made) {
			return err
		}
	}
	return nil
}

func syncPath(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

func (d rootDisk) Lstat(name string) (mode fs.FileMode, err error) {
	st, err := d.lstat(name)
	return typeOf(&st), err
}

func (d rootDisk) lstat(name string) (st unix.Stat_t, err error) {
	err = d.in(name, func(dirfd int, base string) error {
		if err := unix.Fstatat(dirfd, base, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
			return &fs.PathError{Op: "lstat", Path: name, Err: err}
		}
		return nil
	})
	return st, err
}

// IsLeaf goes by the number of a directory's names, as find does: its own, its
// dot, and the dots of the directories in it. File systems that count otherwise
// count more, or do not count and say 1.
func (d rootDisk) IsLeaf(name string) (bool, error) {
	st, err := d.lstat(name)
	return err == nil && typeOf(&st).IsDir() && st.Nlink == 2, err
}

// typeOf returns the type of a file, as far as it matters here.
func typeOf(st *unix.Stat_t) fs.FileMode {
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		return 0
	case unix.S_IFDIR:
		return fs.ModeDir
	case unix.S_IFLNK:
		return fs.ModeSymlink
	}
	return fs.ModeIrregular
}

// openFileAt opens a file and follows no link. O_NONBLOCK keeps it from waiting
// for a writer to a FIFO that was put there this moment.
func openFileAt(dirfd int, base string) (int, error) {
	fd, err := retry(func() (int, error) {
		return unix.Openat(dirfd, base, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	})
	if errors.Is(err, unix.ELOOP) || errors.Is(err, unix.ENXIO) {
		err = fs.ErrNotExist // a link, or a socket
	}
	return fd, err
}

func (d rootDisk) ReadFile(name string, limit int) (data []byte, err error) {
	err = d.in(name, func(dirfd int, base string) error {
		fd, err := openFileAt(dirfd, base)
		if err != nil {
			return &fs.PathError{Op: "open", Path: name, Err: err}
		}
		defer unix.Close(fd)
		var st unix.Stat_t
		if err := unix.Fstat(fd, &st); err != nil {
			return &fs.PathError{Op: "stat", Path: name, Err: err}
		}
		if !typeOf(&st).IsRegular() {
			return &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		}
		data = make([]byte, limit)
		n, err := readFull(fd, data)
		data = data[:n]
		if err != nil {
			return &fs.PathError{Op: "read", Path: name, Err: err}
		}
		return nil
	})
	return data, err
}

// readFull reads until buf is full or the file ends.
func readFull(fd int, buf []byte) (n int, err error) {
	for n < len(buf) {
		m, err := retry(func() (int, error) { return unix.Read(fd, buf[n:]) })
		if err != nil {
			return n, err
		}
		if m == 0 {
			break
		}
		n += m
	}
	return n, nil
}

// openDirAt opens a directory and follows no link.
func openDirAt(dirfd int, base string) (int, error) {
	fd, err := retry(func() (int, error) {
		return unix.Openat(dirfd, base, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	})
	if errors.Is(err, unix.ELOOP) {
		err = unix.ENOTDIR // a link, where the system tells it apart
	}
	return fd, err
}

func (d rootDisk) OpenFolder(name string) (f folder, err error) {
	err = d.in(name, func(dirfd int, base string) error {
		fd, err := openDirAt(dirfd, base)
		if err != nil {
			return &fs.PathError{Op: "open", Path: name, Err: err}
		}
		f = rootFolder{fd, os.NewFile(uintptr(fd), name)}
		return nil
	})
	return f, err
}

// rootFolder is an open directory and its descriptor, which it owns. It is not
// opened by os.Root: of each entry in one of those, package os asks the system
// for more than its type, which takes several times as long as all the rest.
type rootFolder struct {
	fd  int
	dir *os.File
}

func (f rootFolder) ReadDir(visit func(fs.DirEntry) error) error {
	for {
		entries, err := f.dir.ReadDir(readBatch)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := visit(e); err != nil {
				return err
			}
		}
	}
}

// ReadFile makes three calls of the system: one that opens, one that reads and
// one that closes. pread refuses what has no position, such as a FIFO, so that
// nobody need ask what was opened; and of a regular file it returns less than
// was asked for only at the file's end.
func (f rootFolder) ReadFile(base string, buf []byte) (int, error) {
	fd, err := openFileAt(f.fd, base)
	if err != nil {
		return 0, &fs.PathError{Op: "open", Path: base, Err: err}
	}
	n, err := retry(func() (int, error) { return unix.Pread(fd, buf, 0) })
	unix.Close(fd)
	if errors.Is(err, unix.ESPIPE) {
		err = fs.ErrNotExist
	}
	if err != nil {
		return 0, &fs.PathError{Op: "read", Path: base, Err: err}
	}
	return n, nil
}

func (f rootFolder) Close() error { return f.dir.Close() }

func (d rootDisk) Create(name string) (file, error) {
	f, err := d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (d rootDisk) Link(oldname, newname string) error   { return d.root.Link(oldname, newname) }
func (d rootDisk) Rename(oldname, newname string) error { return d.root.Rename(oldname, newname) }
func (d rootDisk) Mkdir(name string) error              { return d.root.Mkdir(name, dirMode) }

// Unlink and Rmdir are not os.Root.Remove, which tries the one and then the
// other: a file made this moment, in place of a directory that has just gone,
// would be lost to it.
func (d rootDisk) Unlink(name string) error { return d.unlinkat("unlink", name, 0) }
func (d rootDisk) Rmdir(name string) error  { return d.unlinkat("rmdir", name, unix.AT_REMOVEDIR) }

func (d rootDisk) unlinkat(op, name string, flags int) error {
	return d.in(name, func(dirfd int, base string) error {
		_, err := retry(func() (int, error) { return 0, unix.Unlinkat(dirfd, base, flags) })
		if err != nil {
			return &fs.PathError{Op: op, Path: name, Err: err}
		}
		return nil
	})
}

func (d rootDisk) OpenDir(name string) (syncCloser, error) {
	f, err := d.openDir(name)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (d rootDisk) openDir(name string) (*os.File, error) {
	return d.root.OpenFile(name, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
}

func (d rootDisk) SyncAll() error {
	f, err := d.openDir(".")
	if err != nil {
		return err
	}
	defer f.Close()
	return syncFileSystem(f)
}

// in calls f with the descriptor of the directory that holds name, and the last
// element of name. It opens one directory after the other, so that a path of
// many levels costs no more than its levels.
func (d rootDisk) in(name string, f func(dirfd int, base string) error) error {
	conn, err := d.top.SyscallConn()
	if err != nil {
		return err
	}
	var ferr error
	if err := conn.Control(func(top uintptr) { ferr = descend(int(top), name, f) }); err != nil {
		return err
	}
	return ferr
}

func descend(top int, name string, f func(dirfd int, base string) error) error {
	fd, rest := top, name
	defer func() {
		if fd != top {
			unix.Close(fd)
		}
	}()
	for {
		segment, below, more := strings.Cut(rest, "/")
		if !more {
			return f(fd, segment)
		}
		next, err := openDirAt(fd, segment)
		if err != nil {
			return &fs.PathError{Op: "open", Path: name[:len(name)-len(below)-1], Err: err}
		}
		if fd != top {
			unix.Close(fd)
		}
		fd, rest = next, below
	}
}

// retry calls f until no signal interrupts it.
func retry(f func() (int, error)) (int, error) {
	for {
		n, err := f()
		if !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}

// Lock locks the docroot itself, which stays what it is whatever becomes of the
// files in it. The file is there to say who holds the lock.
func (d rootDisk) Lock(name string, pid int) (io.Closer, error) {
	_, err := retry(func() (int, error) { return 0, unix.Flock(int(d.top.Fd()), unix.LOCK_EX|unix.LOCK_NB) })
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, heldError{d.holder(name)}
	}
	if err != nil {
		return nil, fmt.Errorf("locking the docroot: %w", err)
	}
	held := heldLock{d.top}
	if err := d.writePID(name, pid); err != nil {
		return nil, errors.Join(err, held.Close())
	}
	return held, nil
}

// heldLock is the lock on a directory.
type heldLock struct{ dir *os.File }

func (l heldLock) Close() error { return unix.Flock(int(l.dir.Fd()), unix.LOCK_UN) }

// openPID opens the file that says who holds the lock, if it is one.
func (d rootDisk) openPID(name string, flags int) (*os.File, error) {
	f, err := d.root.OpenFile(name, flags|unix.O_NOFOLLOW|unix.O_NONBLOCK, fileMode)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(fmt.Errorf("%q is no regular file", name), err, f.Close())
	}
	return f, nil
}

func (d rootDisk) writePID(name string, pid int) error {
	f, err := d.openPID(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "%d\n", pid)
	return errors.Join(err, f.Close())
}

// holder returns the process that says that it holds the lock, or 0.
func (d rootDisk) holder(name string) int {
	f, err := d.openPID(name, os.O_RDONLY)
	if err != nil {
		return 0
	}
	defer f.Close()
	return readPID(f)
}

// readPID returns the process id in a lock file, or 0 if it holds none.
func readPID(r io.Reader) int {
	b, err := io.ReadAll(io.LimitReader(r, 32))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSuffix(string(b), "\n"))
	if err != nil || pid < 0 {
		return 0
	}
	return pid
}

func (d rootDisk) Close() error { return errors.Join(d.top.Close(), d.root.Close()) }
