package sqlite

import (
	"errors"
	"fmt"

	"zombiezen.com/go/sqlite"

	"sttp/store"
)

// What can be wrong with the file of a database, in a FileError. Use errors.Is.
var (
	ErrNotDatabase = errors.New("is no SQLite database; choose another file")
	ErrForeign     = errors.New("is a database of another program; choose another file")
	ErrNewer       = errors.New("was written by a newer version of this program; use that version or choose another file")
	ErrDamaged     = errors.New("is damaged; restore it from a backup")
	ErrLink        = errors.New("is a symbolic link; name the file that it leads to")
	ErrNotFile     = errors.New("is no regular file; choose another one")
	ErrNotWritable = errors.New("is not writable; change the permissions of the file and of its directory, or choose another file")
	ErrNotMade     = errors.New("cannot be made; check its directory, or choose another file")
	ErrLogLeft     = errors.New("is missing or empty, but its log, the file with -wal at the end, is there and may hold what is nowhere else; put the database back, or remove the log")
	ErrLogOfOther  = errors.New("has never been used with a log, but one is beside it, the file with -wal at the end, of a database that stood here before; remove that log, and the file with -shm at the end")
	ErrLinked      = errors.New("has a second name (a hard link), under which another server may use it; remove that name, or copy the file")
	ErrNoLock      = errors.New("cannot be locked; choose a file on a local file system")
	ErrUnreadable  = errors.New("cannot be opened")
)

// FileError says why a file cannot be used as the database.
type FileError struct {
	File   string // as it was given to Open
	Reason error  // one of the Err… values above
	Cause  error  // what the system said, or nil
}

func fileError(file string, reason, cause error) error {
	if errors.Is(cause, reason) {
		cause = nil // it says the same again
	}
	return &FileError{File: file, Reason: reason, Cause: cause}
}

func (e *FileError) Error() string {
	if e.Cause == nil {
		return fmt.Sprintf("database %q %v", e.File, e.Reason)
	}
	return fmt.Sprintf("database %q %v (%v)", e.File, e.Reason, e.Cause)
}

// Unwrap returns the reason and the cause.
func (e *FileError) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Reason}
	}
	return []error{e.Reason, e.Cause}
}

var (
	errNoPath = errors.New("sqlite: no path was given")
	errNoID   = errors.New("its id is missing")
)

// reasonOf returns which reason of a FileError an error of SQLite is.
func reasonOf(err error) error {
	for _, reason := range []error{ErrForeign, ErrNewer} {
		if errors.Is(err, reason) {
			return reason
		}
	}
	if errors.Is(err, errNoID) {
		return ErrDamaged
	}
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultNotADB:
		return ErrNotDatabase
	case sqlite.ResultCorrupt:
		return ErrDamaged
	case sqlite.ResultReadOnly, sqlite.ResultPerm, sqlite.ResultCantOpen:
		return ErrNotWritable
	}
	return ErrUnreadable
}

// storageError says that something failed and that nothing has changed.
func storageError(err error) error {
	if sqlite.ErrCode(err).ToPrimary() == sqlite.ResultFull {
		return fmt.Errorf("%w: %w", store.ErrNoSpace, err)
	}
	return err
}

// commitError says that a commit failed. After an I/O error nobody can say
// whether what it wrote is there after a restart; a full disk has kept the end
// of it, without which the rest does not count, from being written.
func commitError(err error) error {
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultFull, sqlite.ResultBusy, sqlite.ResultReadOnly:
		return storageError(err)
	}
	return fmt.Errorf("%w: %w", store.ErrOutcomeUnknown, err)
}
