package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"syscall"

	"sttp"
	bug "sttp/internal/fault"
	"sttp/store"
)

// maxAttempts bounds how often a CREATE makes its directory again because a
// DELETE removed it before the file was in there. Each time a DELETE must come
// within microseconds, so the bound is there only for a disk gone mad.
const maxAttempts = 1000

// Create makes a file: it writes a temporary one, makes it durable, links it to
// its name, which only one of many can, and makes that name durable.
func (s *Store) Create(ctx context.Context, file sttp.Path, contents sttp.Contents) error {
	name, err := s.begin(ctx, file)
	if err != nil {
		return err
	}
	defer s.end()
	if file.IsDir() {
		return store.ErrIsDirectory
	}
	missing := false // the directory
	switch err := s.look(name); {
	case err == nil:
		return store.ErrExists
	case errors.Is(err, errInTheWay):
		return store.ErrInTheWay
	case errors.Is(err, store.ErrPathNotFound):
		missing = true
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	temp, err := s.writeTemp(contents)
	if err != nil && missing && denied(err) {
		return cannotCreate(err)
	}
	if err != nil {
		return err
	}
	before, made, err := s.link(ctx, temp, name)
	s.removeTemp(temp)
	if err != nil {
		if made {
			s.removeEmpty(parent(name))
			s.untidy.Store(true) // that removal is not synced
		}
		return err
	}
	return s.settle(parent(name), before)
}

// link gives a temporary file its name and makes the directories that are
// missing. It returns the moment just before, and whether it made a directory.
func (s *Store) link(ctx context.Context, temp, name string) (before moment, made bool, err error) {
	dir := parent(name)
	for range maxAttempts {
		if err := ctx.Err(); err != nil {
			return moment{}, made, err
		}
		m, err := s.makeDirs(dir)
		made = made || m
		if gone(err) {
			continue
		}
		if err != nil {
			return moment{}, made, err
		}
		if before, err = s.now(dir); err != nil {
			return moment{}, made, err
		}
		link := s.disk.Link
		if bug.Is(bug.FilesOverwrites) {
			link = s.disk.Rename
		}
		switch err := link(temp, name); {
		case err == nil:
			return before, made, nil
		case errors.Is(err, fs.ErrExist):
			if err := s.occupied(name); !gone(err) {
				return moment{}, made, err
			}
		case !gone(err):
			return moment{}, made, changeError(err)
		}
	}
	return moment{}, made, fmt.Errorf("files: gave up after %d attempts: %q, or the file that was to get this name, was removed each time", maxAttempts, dir)
}

// now returns the moment of dir, in which a name is about to be made, or
// errSuspect if that could not become durable. What happens to dir after the
// moment does not escape settle.
func (s *Store) now(dir string) (moment, error) {
	m := s.dirs.now(dir)
	if s.sync && s.dirs.suspect(dir) {
		return moment{}, errSuspect
	}
	return m, nil
}

// occupied returns why name cannot be made when something stands there, or an
// error for which gone is true if nothing does any more.
func (s *Store) occupied(name string) error {
	mode, err := s.disk.Lstat(name)
	switch {
	case err != nil:
		return storageError(err)
	case mode.IsDir():
		return store.ErrIsDirectory
	case mode.IsRegular():
		return store.ErrExists
	}
	return store.ErrOccupied
}

// makeDirs makes dir and the directories above it, where they are missing, and
// tells whether it made any. An error for which gone is true says that one was
// removed meanwhile.
func (s *Store) makeDirs(dir string) (made bool, err error) {
	var missing []string
	for d := range upwards(dir) {
		there, err := s.isDir(d)
		if err != nil {
			return false, err
		}
		if there {
			break
		}
		missing = append(missing, d)
	}
	for _, d := range slices.Backward(missing) {
		err := s.dirs.mkdir(d)
		if errors.Is(err, fs.ErrExist) {
			if _, err := s.isDir(d); err != nil { // if it has gone again, what comes next will say so
				return made, err
			}
			continue
		}
		if gone(err) {
			return made, err
		}
		if err != nil {
			return made, mkdirError(err)
		}
		made = true
	}
	return made, nil
}

// isDir tells whether a directory stands at d. That anything else does is an error.
func (s *Store) isDir(d string) (bool, error) {
	mode, err := s.disk.Lstat(d)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case errors.Is(err, syscall.ENOTDIR) || err == nil && !mode.IsDir():
		return false, store.ErrInTheWay
	case err != nil:
		return false, mkdirError(err)
	}
	return true, nil
}

// Update replaces a file: it writes a temporary one, makes it durable, renames
// it over the old one, and makes that durable.
func (s *Store) Update(ctx context.Context, file sttp.Path, contents sttp.Contents) error {
	name, err := s.begin(ctx, file)
	if err != nil {
		return err
	}
	defer s.end()
	if file.IsDir() {
		return store.ErrIsDirectory
	}
	if err := s.look(name); err != nil {
		return err
	}
	temp, err := s.writeTemp(contents)
	if err != nil {
		return err
	}
	before, err := s.replace(ctx, temp, name)
	if err != nil {
		s.removeTemp(temp)
		return err
	}
	return s.settle(parent(name), before)
}

// replace renames a temporary file over the file name and returns the moment
// just before. The lock keeps a DELETE from coming between the look and the
// rename, which would bring back what it removed.
func (s *Store) replace(ctx context.Context, temp, name string) (before moment, err error) {
	l, err := s.lockPath(ctx, name)
	if err != nil {
		return moment{}, err
	}
	defer l.unlock()
	if err := s.look(name); err != nil {
		return moment{}, err
	}
	if before, err = s.now(parent(name)); err != nil {
		return moment{}, err
	}
	if bug.Is(bug.FilesUpdatesInSteps) {
		s.disk.Unlink(name)
	}
	if err := s.disk.Rename(temp, name); err != nil {
		return moment{}, changeError(err)
	}
	return before, nil
}

// Delete removes a file, then the directories above it as long as they are
// empty, and makes durable the one that holds what is left.
func (s *Store) Delete(ctx context.Context, file sttp.Path) error {
	name, err := s.begin(ctx, file)
	if err != nil {
		return err
	}
	defer s.end()
	if file.IsDir() {
		return store.ErrIsDirectory
	}
	before, err := s.unlink(ctx, name)
	if err != nil {
		return err
	}
	return s.settleRemoval(s.removeEmpty(parent(name)), before)
}

// unlink removes the file name and returns the moment just before.
func (s *Store) unlink(ctx context.Context, name string) (before moment, err error) {
	l, err := s.lockPath(ctx, name)
	if err != nil {
		return moment{}, err
	}
	defer l.unlock()
	if err := s.look(name); err != nil {
		return moment{}, err
	}
	before = s.dirs.now(parent(name))
	if err := s.disk.Unlink(name); err != nil {
		s.untidy.Store(true) // the file may be gone, and then its directory may be empty
		return moment{}, changeError(err)
	}
	return before, nil
}

// removeEmpty removes dir and the directories above it as long as they are
// empty, and returns the lowest one that remains.
func (s *Store) removeEmpty(dir string) string {
	for d := range upwards(dir) {
		err := s.dirs.rmdir(d)
		if err == nil || gone(err) {
			continue
		}
		if !notEmpty(err) {
			s.untidy.Store(true)
			s.log.Warn("an empty directory could not be removed", "directory", d, "error", err)
		}
		return d
	}
	return "."
}

// writeTemp makes a temporary file that durably holds contents, and returns its name.
func (s *Store) writeTemp(contents sttp.Contents) (name string, err error) {
	name = stateDir + "/" + tempPrefix + strconv.FormatUint(s.temps.Add(1), 10)
	f, err := s.disk.Create(name)
	if gone(err) { // somebody has removed the state directory
		if err = s.makeStateDir(); err == nil {
			f, err = s.disk.Create(name)
		}
	}
	if err != nil {
		return "", storageError(err)
	}
	_, err = io.WriteString(f, contents.String())
	if err == nil && s.sync {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		s.removeTemp(name)
		return "", storageError(err)
	}
	return name, nil
}

// removeTemp removes a temporary file. One that stays is no harm: the next
// start sweeps it.
func (s *Store) removeTemp(name string) {
	if err := s.disk.Unlink(name); err != nil {
		s.log.Warn("a temporary file could not be removed", "file", name, "error", err)
	}
}

// settle makes a new or replaced name in dir durable, with those of the
// directories above as far as they are not known to be. before is the moment
// just before the change.
func (s *Store) settle(dir string, before moment) error {
	if !s.sync {
		s.changes.Add(1)
		return nil
	}
	top := s.dirs.highest(dir)
	err := s.syncUp(dir, top)
	if err == nil && s.dirs.syncFailedSince(before) {
		err = errSyncFailed
	}
	if err != nil {
		s.untidy.Store(true)
		return outcomeUnknown(err)
	}
	s.dirs.remember(dir, top, before)
	s.changes.Add(1)
	return nil
}

// settleRemoval makes durable that a name in or below dir has been removed. If
// dir may have been removed itself and made again since, its sync says nothing
// about the old one; then the removal of that is made durable, wherever above
// it was.
func (s *Store) settleRemoval(dir string, before moment) error {
	if !s.sync {
		s.changes.Add(1)
		return nil
	}
	err := s.syncUp(dir, dir)
	if err == nil && !s.dirs.same(dir, before) {
		err = s.syncUp(dir, ".")
	}
	if err == nil && s.dirs.syncFailedSince(before) {
		err = errSyncFailed
	}
	if err != nil {
		s.untidy.Store(true)
		return outcomeUnknown(err)
	}
	s.changes.Add(1)
	return nil
}

// syncUp syncs dir and the directories above it up to top. Of one that is not
// there any more, the removal is made durable in its place.
func (s *Store) syncUp(dir, top string) error {
	if bug.Is(bug.FilesSkipsSync) {
		return nil
	}
	reached := false
	for d := dir; ; d = parent(d) {
		reached = reached || d == top
		err := s.group.sync(d)
		if err == nil && reached {
			return nil
		}
		if err != nil && (!gone(err) || d == ".") {
			return err
		}
	}
}
