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

// rootDisk is the disk of the operating system. Everything goes through an
// os.Root, which confines it to the docroot whatever links lie in there.
type rootDisk struct{ root *os.Root }

// openDisk opens the docroot, and makes it when it is missing. With durable
// set, the docroot's own name and those above it are durable afterwards as far
// as this process may make them so.
func openDisk(dir string, durable bool) (disk, error) {
	made, err := makeDocroot(dir)
	if err != nil {
		return nil, err
	}
	if durable {
		if err := syncAbove(dir, made); err != nil {
			return nil, docrootError(dir, ErrDocrootNotMade, err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, docrootError(dir, ErrDocrootNotWritable, err)
	}
	return rootDisk{root}, nil
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
func syncAbove(dir string, made []string) error {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	for i := 0; abs != filepath.Dir(abs); i++ {
		abs = filepath.Dir(abs)
		if err := syncPath(abs); err != nil && i < len(made) {
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

func (d rootDisk) Lstat(name string) (fs.FileInfo, error) { return d.root.Lstat(name) }

// ReadFile opens the file by its parent's descriptor, because os.Root would
// follow a link in the last element. O_NONBLOCK keeps the open of a FIFO that
// was put there this moment from waiting for a writer.
func (d rootDisk) ReadFile(name string, limit int) (data []byte, err error) {
	err = d.in(name, func(dirfd int, base string) error {
		fd, err := retry(func() (int, error) {
			return unix.Openat(dirfd, base, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
		})
		if errors.Is(err, unix.ELOOP) || errors.Is(err, unix.ENXIO) {
			err = fs.ErrNotExist // a link, or a socket
		}
		if err != nil {
			return &fs.PathError{Op: "open", Path: name, Err: err}
		}
		defer unix.Close(fd)
		var st unix.Stat_t
		if err := unix.Fstat(fd, &st); err != nil {
			return &fs.PathError{Op: "stat", Path: name, Err: err}
		}
		if st.Mode&unix.S_IFMT != unix.S_IFREG {
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

func (d rootDisk) ReadDir(name string, visit func(fs.DirEntry) error) error {
	dir, err := d.openDir(name)
	if err != nil {
		return err
	}
	defer dir.Close()
	for {
		entries, err := dir.ReadDir(readBatch)
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
// element of name.
func (d rootDisk) in(name string, f func(dirfd int, base string) error) error {
	dir, err := d.openDir(parent(name))
	if err != nil {
		return err
	}
	defer dir.Close()
	conn, err := dir.SyscallConn()
	if err != nil {
		return err
	}
	var ferr error
	if err := conn.Control(func(fd uintptr) { ferr = f(int(fd), name[strings.LastIndexByte(name, '/')+1:]) }); err != nil {
		return err
	}
	return ferr
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

// Lock holds the lock on a descriptor that cannot write, so that the file
// system can be made read-only while the server runs.
func (d rootDisk) Lock(name string, pid int) (io.Closer, error) {
	f, err := d.root.OpenFile(name, os.O_RDONLY|os.O_CREATE|unix.O_NOFOLLOW|unix.O_NONBLOCK, fileMode)
	if err != nil {
		return nil, err
	}
	if err := d.lock(f, name, pid); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func (d rootDisk) lock(f *os.File, name string, pid int) error {
	if info, err := f.Stat(); err != nil {
		return err
	} else if !info.Mode().IsRegular() {
		return fmt.Errorf("%q is no regular file", name)
	}
	_, err := retry(func() (int, error) { return 0, unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) })
	if errors.Is(err, unix.EWOULDBLOCK) {
		return heldError{readPID(f)}
	}
	if err != nil {
		return fmt.Errorf("locking %q: %w", name, err)
	}
	w, err := d.root.OpenFile(name, os.O_WRONLY|os.O_TRUNC|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%d\n", pid)
	return errors.Join(err, w.Close())
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

func (d rootDisk) Close() error { return d.root.Close() }
