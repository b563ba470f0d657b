package files

import (
	"errors"
	"io/fs"
	"strings"
	"syscall"

	"sttp"
	"sttp/store"
)

// The engine's own names in the docroot. No request can name them.
const (
	stateDir   = ".sttp"
	lockName   = stateDir + "/lock"
	markerName = stateDir + "/running" // is there while a server runs, and after one that did not end in order
	tempPrefix = "tmp-"
	probeTemp  = stateDir + "/" + tempPrefix + "probe"
	probeName  = ".sttp-probe"
)

// start takes the docroot into use: it makes the state directory, takes the
// lock, clears away what an earlier server left, and finds out whether the file
// system can do what the engine needs.
func (s *Store) start(dir string, pid int) error {
	if err := s.makeStateDir(); err != nil {
		if errors.Is(err, errInTheWay) {
			return docrootError(dir, ErrStateDirectory, nil)
		}
		return docrootError(dir, ErrDocrootNotWritable, err)
	}
	held, err := s.disk.Lock(lockName, pid)
	if other := (heldError{}); errors.As(err, &other) {
		return &store.OwnedError{Kind: "docroot", Name: dir, Else: "docroot", PID: other.pid}
	}
	if err != nil && denied(err) {
		return docrootError(dir, ErrDocrootNotWritable, err)
	}
	if err != nil {
		return docrootError(dir, ErrNoLock, err)
	}
	s.held = held

	temps, err := s.sweep()
	if err != nil {
		return docrootError(dir, ErrDocrootNotWritable, err)
	}
	clean, err := s.mark()
	if err != nil {
		return docrootError(dir, ErrDocrootNotWritable, err)
	}
	if reason, err := s.probe(); err != nil {
		return docrootError(dir, reason, err)
	}
	if s.id, err = s.readID(); err != nil {
		return docrootError(dir, ErrNoID, err)
	}
	if s.sync {
		if err := errors.Join(s.group.sync(stateDir), s.group.sync(".")); err != nil {
			return docrootError(dir, ErrNoDirectorySync, err)
		}
	}
	if clean {
		return nil
	}
	removed, err := s.tidy()
	if err != nil {
		return docrootError(dir, ErrDocrootNotWritable, err)
	}
	if s.sync {
		// What the last server did not get to sync is there, but would be lost
		// in part to a power cut, and this one may not leave a marker for that.
		if err := s.disk.SyncAll(); err != nil {
			return docrootError(dir, ErrNoDirectorySync, err)
		}
	}
	s.log.Info("the last server on this docroot did not end in order; its leftovers are cleared away",
		"docroot", dir, "temporary_files", temps, "empty_directories", removed)
	return nil
}

func (s *Store) makeStateDir() error {
	err := s.disk.Mkdir(stateDir)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	mode, err := s.disk.Lstat(stateDir)
	if err == nil && !mode.IsDir() {
		return errInTheWay
	}
	return err
}

// sweep removes the temporary files that an earlier server left.
func (s *Store) sweep() (removed int, err error) {
	var names []string
	err = readDir(s.disk, stateDir, func(e fs.DirEntry) error {
		if strings.HasPrefix(e.Name(), tempPrefix) && e.Type().IsRegular() {
			names = append(names, stateDir+"/"+e.Name())
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		if err := s.disk.Unlink(name); err != nil {
			return 0, err
		}
	}
	if err := s.disk.Unlink(probeName); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	return len(names), nil
}

// mark leaves the marker and tells whether it was not there before.
func (s *Store) mark() (clean bool, err error) {
	f, err := s.disk.Create(markerName)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, f.Close()
}

// probe does once what a CREATE does: it makes a file and gives it a second
// name in the docroot. The reason says what a failure means.
func (s *Store) probe() (reason, err error) {
	f, err := s.disk.Create(probeTemp)
	if err != nil {
		return ErrDocrootNotWritable, err
	}
	reason = ErrDocrootNotWritable
	err = f.Close()
	if err == nil {
		err = s.disk.Link(probeTemp, probeName)
		if err != nil && !errors.Is(err, syscall.EACCES) && !errors.Is(err, syscall.EROFS) && !errors.Is(err, syscall.ENOSPC) && !errors.Is(err, syscall.EIO) {
			reason = ErrNoHardLinks // there are many errnos for that
		}
	}
	if err == nil {
		err = s.disk.Unlink(probeName)
	}
	return reason, errors.Join(err, s.disk.Unlink(probeTemp))
}

// tidy removes the empty directories that a server leaves when it ends between
// the removal of a file and that of its directory, or between the making of a
// directory and that of its first file. It is done once, before anything is
// served.
func (s *Store) tidy() (removed int, err error) {
	_, removed, err = s.tidyDir(".")
	return removed, err
}

// tidyDir removes the empty directories below dir, and tells whether dir itself
// is empty then. That a directory below cannot be read or removed (another file
// system, lost+found) is no reason not to start.
func (s *Store) tidyDir(dir string) (empty bool, removed int, err error) {
	var below []string
	empty = true
	err = readDir(s.disk, dir, func(e fs.DirEntry) error {
		name := e.Name()
		if dir != "." {
			name = dir + "/" + name
		}
		if _, err := sttp.ParsePath("/" + name); e.IsDir() && err == nil {
			below = append(below, name)
		} else {
			empty = false
		}
		return nil
	})
	if err != nil {
		return false, 0, err
	}
	for _, name := range below {
		gone, n, err := s.tidyBelow(name)
		removed += n
		empty = empty && gone
		if err != nil {
			s.untidy.Store(true)
			s.log.Warn("a directory could not be looked through for empty ones", "directory", name, "error", err)
		}
	}
	return empty, removed, nil
}

// tidyBelow removes the empty directories below dir, and dir if it is empty
// then, and tells whether it is gone. One that holds files alone, perhaps a
// million, is not read: that it cannot be removed says enough.
func (s *Store) tidyBelow(dir string) (isGone bool, removed int, err error) {
	if leaf, err := s.disk.IsLeaf(dir); err == nil && leaf {
		switch err := s.disk.Rmdir(dir); {
		case err == nil:
			return true, 1, nil
		case notEmpty(err) || gone(err):
			return false, 0, nil
		}
		// Perhaps it may not be removed, and need not be: see what it holds.
	}
	empty, removed, err := s.tidyDir(dir)
	if err != nil || !empty {
		return false, removed, ignore(err)
	}
	if err := s.disk.Rmdir(dir); err != nil {
		return false, removed, ignore(err)
	}
	return true, removed + 1, nil
}

// ignore returns err unless it says that somebody else came first.
func ignore(err error) error {
	if notEmpty(err) || gone(err) {
		return nil
	}
	return err
}
