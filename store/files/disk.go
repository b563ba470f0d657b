package files

import (
	"io"
	"io/fs"
	"iter"
	"strings"
)

// disk is all that the engine asks of the file system below the docroot. Names
// are relative to the docroot, separated by slashes; "." is the docroot itself.
// Errors are those of package os: errors.Is finds fs.ErrNotExist, fs.ErrExist
// and the errno in them. The methods may be called by many goroutines at once.
//
// No method leaves the docroot. Lstat, IsLeaf, ReadFile, OpenFolder, Unlink and Rmdir
// follow no symbolic link: one that stands where a directory should is ENOTDIR, as any
// other file is. The others may follow one inside of the docroot.
type disk interface {
	// Lstat returns what stands at name: the type bits of its mode.
	Lstat(name string) (fs.FileMode, error)

	// ReadFile returns the first bytes of a regular file, at most limit of
	// them. For anything else it returns fs.ErrNotExist, and it never blocks on it.
	ReadFile(name string, limit int) ([]byte, error)

	// IsLeaf tells whether a directory surely holds no other. It may be false
	// also if it holds none.
	IsLeaf(name string) (bool, error)

	// OpenFolder opens a directory, so that it and its files can be read.
	OpenFolder(name string) (folder, error)

	// Create makes a regular file that does not exist and opens it for writing.
	Create(name string) (file, error)

	// Link gives a file another name, which must not exist.
	Link(oldname, newname string) error

	// Rename gives a file another name in place of what has it now, at once.
	Rename(oldname, newname string) error

	// Unlink removes a name that is no directory, and Rmdir an empty
	// directory; neither does the other's work.
	Unlink(name string) error
	Mkdir(name string) error
	Rmdir(name string) error

	// OpenDir opens a directory, so that it can be synced.
	OpenDir(name string) (syncCloser, error)

	// SyncAll makes everything durable that has been done on the disk, by
	// whomever. It takes long; it is for the start.
	SyncAll() error

	// Lock takes the lock on the docroot and writes pid into a file, which it
	// makes when it is missing. A lock that another process holds is a
	// heldError. Closing gives the lock up; the end of the process does too.
	Lock(name string, pid int) (io.Closer, error)

	// Close ends the use of the disk.
	Close() error
}

// folder is an open directory. It is used by one goroutine.
type folder interface {
	// ReadDir calls visit for everything in the directory, in no order, until
	// visit returns an error, which it then returns. It is called once.
	ReadDir(visit func(fs.DirEntry) error) error

	// ReadFile reads the first bytes of a regular file in the directory into
	// buf and returns how many. It follows no link and never blocks; what is
	// found to be no regular file is fs.ErrNotExist or EISDIR.
	ReadFile(base string, buf []byte) (int, error)
	Close() error
}

// syncCloser is an open directory. Sync makes durable which names it holds.
type syncCloser interface {
	Sync() error
	Close() error
}

// file is a new file. Sync makes durable what was written to it, but not its name.
type file interface {
	io.Writer
	syncCloser
}

// heldError says that a lock is held by the process with that id, or by an
// unknown one if it is 0.
type heldError struct{ pid int }

func (heldError) Error() string { return "the lock is held by another process" }

// readDir reads the directory name as folder.ReadDir does.
func readDir(d disk, name string, visit func(fs.DirEntry) error) error {
	f, err := d.OpenFolder(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.ReadDir(visit)
}

// parent returns the directory that holds name.
func parent(name string) string {
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		return name[:i]
	}
	return "."
}

// upwards yields dir and the directories above it, the docroot left out.
func upwards(dir string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for ; dir != "."; dir = parent(dir) {
			if !yield(dir) {
				return
			}
		}
	}
}
