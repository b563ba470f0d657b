// Package files is a storage engine that keeps every snippet in a file of its
// own, below one directory, the docroot: /notes/a.txt is notes/a.txt in there
// and holds the snippet's contents, nothing else. Files and directories may be
// read, written, added and removed by other programs meanwhile; but only what a
// request could name is there (docs/protocol.md, section 3): regular files and
// directories with valid names. Symbolic links, FIFOs, devices and names that
// begin with a dot are neither served nor listed nor followed. A file with two
// names (a hard link) is served under both.
//
// The directory .sttp in the docroot is the engine's own: new files are written
// there before they get their name, a file says which process holds the lock on
// the docroot, another one holds the docroot's random id, and a marker tells a later start that this one did not end in
// order. Then that start removes the empty directories that may have been left,
// also those that were made by hand.
//
// What Sync promises does not hold in a directory that another program removes
// and makes again while the engine runs: it knows directories by their names.
//
// Names are compared by the file system, while the protocol compares bytes. On
// a file system that folds case or normalises names (macOS and Windows do by
// default, ext4 with casefold), names that differ only in that way are one
// file, and what is promised for a path does not hold when it is used under two
// of its names at once. Keep such a docroot to names in one form.
package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"sttp"
	"sttp/store"
)

// Durability says what a change survives that was answered with success.
type Durability int

const (
	// Sync makes changes survive a power cut: the file, its directory, and the
	// directories above it that were just made are synced before the answer.
	Sync Durability = iota

	// Async makes changes survive the end of the process, however it comes.
	// Nothing is ever synced.
	Async
)

// Options says how a docroot is used. The zero Options is valid.
type Options struct {
	Durability Durability
	Logger     *slog.Logger // told what no caller is told; nil for nobody

	// Parallel bounds the methods that work on the disk at once; others wait
	// their turn. Each may hold three file descriptors and one thread, which
	// is why there has to be a bound. Searches have a bound of their own, of one
	// for each eight of these. 0 is for DefaultParallel.
	Parallel int

	disk disk // in place of the operating system's, in tests
}

// DefaultParallel is enough for writers to share their syncs well.
const DefaultParallel = 64

// Store keeps snippets in files. It implements store.Store.
type Store struct {
	disk  disk
	sync  bool
	log   *slog.Logger
	held  io.Closer // the lock on the docroot
	dirs  *dirs
	group *group

	id string

	slots    chan struct{} // one is held by every method that runs, but by searches
	searches chan struct{} // one is held by every search that runs
	turns    chan struct{} // one is held by a search at work
	closing  chan struct{} // closed when the store is about to be

	paths   [256]lock // held while a file is replaced or removed, by its name
	temps   atomic.Uint64
	changes atomic.Uint64
	untidy  atomic.Bool // something may be left that the next start has to clear away

	life   sync.RWMutex // held by every method that runs
	stop   sync.Once
	closed bool
}

var _ store.Store = (*Store)(nil)

// Open makes the docroot ready and returns a Store that owns it until Close. A
// docroot that is missing is made. It fails with a *DocrootError if it cannot
// be used, and with an *store.OwnedError if another server uses it.
func Open(dir string, opts Options) (*Store, error) {
	d := opts.disk
	if d == nil {
		var err error
		if d, err = openDisk(dir, opts.Durability == Sync); err != nil {
			return nil, err
		}
	}
	s := &Store{disk: d, sync: opts.Durability == Sync, log: opts.Logger, dirs: newDirs(d)}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if opts.Parallel <= 0 {
		opts.Parallel = DefaultParallel
	}
	s.slots = make(chan struct{}, opts.Parallel)
	s.searches = make(chan struct{}, max(1, min(maxSearches, opts.Parallel/8)))
	s.turns = make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2))
	s.closing = make(chan struct{})
	s.group = newGroup(d, s.dirs.syncFailed)
	for i := range s.paths {
		s.paths[i] = newLock()
	}
	if err := s.start(dir, os.Getpid()); err != nil {
		if s.held != nil {
			s.held.Close()
		}
		d.Close()
		return nil, err
	}
	return s, nil
}

// Stats counts what a Store did since it was opened.
type Stats struct {
	Changes uint64 // changes that succeeded
	Syncs   uint64 // syncs of directories; changes that came together share them
}

// Stats returns the counts so far. It may be called at any time.
func (s *Store) Stats() Stats {
	return Stats{Changes: s.changes.Load(), Syncs: s.group.syncs()}
}

// ID tells this docroot from all others. It is random, and lies in the docroot
// from the first start on. A copy of a docroot has the same.
func (s *Store) ID() string { return s.id }

// Close waits for the methods that are running and gives up the docroot.
// Searches end with ErrClosed.
func (s *Store) Close() error {
	s.stop.Do(func() { close(s.closing) })
	s.life.Lock()
	defer s.life.Unlock()
	if s.closed {
		return store.ErrClosed
	}
	s.closed = true
	var errs []error
	if !s.untidy.Load() {
		if err := s.disk.Unlink(markerName); !gone(err) { // by hand
			errs = append(errs, err)
		}
	}
	errs = append(errs, s.held.Close(), s.disk.Close())
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("files: closing the docroot: %w", err)
	}
	return nil
}

// begin is called by every method, which calls end when it has returned nil. It
// returns the name of a path in the docroot, which borrows nothing from it: it
// may be kept by an error, and while it is in use by other methods' waiting.
func (s *Store) begin(ctx context.Context, p sttp.Path) (name string, err error) {
	return s.enter(ctx, p, s.slots)
}

func (s *Store) end() { s.leave(s.slots) }

// enter is what begin does, with one of the slots given; leave ends it.
func (s *Store) enter(ctx context.Context, p sttp.Path, slots chan struct{}) (name string, err error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if p.IsZero() {
		return "", errNoPath
	}
	select {
	case slots <- struct{}{}:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	s.life.RLock()
	if s.closed {
		s.leave(slots)
		return "", store.ErrClosed
	}
	name = strings.Trim(p.String(), "/")
	if name == "" {
		return ".", nil
	}
	return strings.Clone(name), nil
}

func (s *Store) leave(slots chan struct{}) {
	s.life.RUnlock()
	<-slots
}

// lockPath waits until nobody else replaces or removes a file of that name, or
// until the context ends.
func (s *Store) lockPath(ctx context.Context, name string) (lock, error) {
	l := s.paths[stripeOf(name, uint32(len(s.paths)))]
	select {
	case l <- struct{}{}:
		return l, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
