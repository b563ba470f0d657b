package files

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"sttp/store"
)

// What can be wrong with a docroot, in a DocrootError. Use errors.Is.
var (
	ErrDocrootIsFile      = errors.New("is a file; choose a directory")
	ErrDocrootNotMade     = errors.New("cannot be made; make it, or choose another docroot")
	ErrDocrootNotWritable = errors.New("is not writable; change its permissions or choose another docroot")
	ErrNoHardLinks        = errors.New("is on a file system without hard links; choose a docroot on another one")
	ErrNoDirectorySync    = errors.New("is on a file system that cannot sync directories; choose another docroot or async durability")
	ErrNoLock             = errors.New("cannot be locked; choose a docroot on a local file system")
	ErrStateDirectory     = errors.New("holds a .sttp that is no directory; remove it or choose another docroot")
	ErrNoID               = errors.New("has an id in .sttp/id that cannot be read or written; remove that, or choose another docroot")
)

// DocrootError says why a docroot cannot be served from.
type DocrootError struct {
	Dir    string // as it was given to Open
	Reason error  // one of the Err… values above
	Cause  error  // what the system said, or nil
}

func docrootError(dir string, reason, cause error) error {
	return &DocrootError{Dir: dir, Reason: reason, Cause: cause}
}

func (e *DocrootError) Error() string {
	if e.Cause == nil {
		return fmt.Sprintf("docroot %q %v", e.Dir, e.Reason)
	}
	return fmt.Sprintf("docroot %q %v (%v)", e.Dir, e.Reason, e.Cause)
}

// Unwrap returns the reason and the cause.
func (e *DocrootError) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Reason}
	}
	return []error{e.Reason, e.Cause}
}

var (
	errNoPath     = errors.New("files: no path was given")
	errInTheWay   = errors.New("what has the name of the directory is no directory")
	errSuspect    = errors.New("files: the system failed to make the directory durable; check the file system, then restart the server")
	errSyncFailed = errors.New("a sync by another request failed meanwhile")
)

// gone tells whether err says that a name, or a directory above it, is not there.
func gone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// denied tells whether err says that nothing may be made where it was tried.
func denied(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)
}

// storageError says that something failed and that nothing has changed.
func storageError(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w: %w", store.ErrNoSpace, err)
	}
	return fmt.Errorf("files: %w", err)
}

// mkdirError says that a directory could not be made.
func mkdirError(err error) error {
	if denied(err) || errors.Is(err, syscall.ENAMETOOLONG) || errors.Is(err, syscall.EMLINK) || errors.Is(err, syscall.ELOOP) {
		return cannotCreate(err)
	}
	return storageError(err)
}

func cannotCreate(err error) error { return fmt.Errorf("%w: %w", store.ErrCannotCreatePath, err) }

func outcomeUnknown(err error) error { return fmt.Errorf("%w: %w", store.ErrOutcomeUnknown, err) }

// changeError says that the operation that makes a change visible failed. After
// an I/O error or a signal nobody can say whether it did.
func changeError(err error) error {
	if errors.Is(err, syscall.EIO) || errors.Is(err, syscall.EINTR) {
		return outcomeUnknown(err)
	}
	return storageError(err)
}
