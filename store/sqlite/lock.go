//go:build linux || darwin

package sqlite

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"sttp/store"
)

const (
	fileMode = 0o600
	dirMode  = 0o700
)

// lockSuffix is what the name of the file has at its end that says which process
// owns a database. That file is locked while the process runs, and left behind:
// two servers would lock two files if it went.
const lockSuffix = "-lock"

// lock takes the ownership of the database file, for as long as the file that it
// returns is open.
func lock(file string) (*os.File, error) {
	f, err := os.OpenFile(file+lockSuffix, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW|unix.O_NONBLOCK, fileMode)
	if err != nil {
		if denied(err) {
			return nil, fileError(file, ErrNotWritable, err)
		}
		return nil, fileError(file, ErrNoLock, err)
	}
	if err := own(file, f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func own(file string, f *os.File) error {
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return fileError(file, ErrNoLock, errors.Join(errLockNoFile, err))
	}
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return &store.OwnedError{Kind: "database", Name: file, Else: "file", PID: readPID(f)}
	}
	if err != nil {
		return fileError(file, ErrNoLock, err)
	}
	// A full disk is no reason not to start: who may read but not write asks
	// the owner, and the process id is a convenience.
	if err := f.Truncate(0); err == nil {
		_, _ = f.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0)
	}
	return nil
}

var errLockNoFile = errors.New("the lock is no regular file")

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

// denied tells whether err says that nothing may be made where it was tried.
func denied(err error) bool {
	return errors.Is(err, os.ErrPermission) || errors.Is(err, unix.EROFS)
}

// links returns how many names a file has.
func links(info os.FileInfo) uint64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(stat.Nlink)
	}
	return 1
}
