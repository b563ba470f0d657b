// Package sqlite is a storage engine that keeps all snippets in one SQLite
// database, a file with two more beside it while a server runs: the name with
// -wal is the log that holds what was changed last, and belongs to the database;
// the name with -shm is scratch space. A fourth, with -lock, says which process
// owns the database. Other processes may read it meanwhile, to back it up, but
// may not write.
//
// All changes are made by one goroutine, which commits those that wait at one
// time together; reads go on meanwhile, each in a snapshot.
package sqlite

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"zombiezen.com/go/sqlite"

	"sttp"
	"sttp/store"
)

// Durability says what a change survives that was answered with success.
type Durability int

const (
	// Sync makes changes survive a power cut: the log is synced by each commit.
	Sync Durability = iota

	// Async makes changes survive the end of the process, however it comes. A
	// power cut may take the last ones, and leaves a database that is whole.
	Async
)

func (d Durability) synchronous() string {
	if d == Sync {
		return "FULL"
	}
	return "NORMAL"
}

// Options says how a database is used. The zero Options is valid.
type Options struct {
	Durability  Durability
	SearchIndex bool         // keep an index for searches, behind the changes
	Readers     int          // most reads at once; others wait. 0 is for DefaultReaders()
	Logger      *slog.Logger // told what no caller is told; nil for nobody

	tuning *tuning // of the search index; nil for the defaults
}

// DefaultReaders is enough to keep all processors busy with reading.
func DefaultReaders() int { return max(4, 2*runtime.GOMAXPROCS(0)) }

// Store keeps snippets in a database. It implements store.Store.
type Store struct {
	id      string
	owned   *os.File // the lock
	readers *pool
	queue   *queue
	index   *index
	writer  *writer
	writing sync.WaitGroup // of the writer's goroutine

	checkpoints func() (*sqlite.Conn, error) // opens a connection for them
	closed      atomic.Bool
}

var _ store.Store = (*Store)(nil)

// Open opens a database and owns it until Close; one that is missing is made,
// and so is its directory. It fails with a *FileError if the file cannot be
// used, and with an *store.OwnedError if another server uses it.
func Open(file string, opts Options) (*Store, error) {
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.Readers <= 0 {
		opts.Readers = DefaultReaders()
	}
	if err := makeDir(file); err != nil {
		return nil, err
	}
	owned, err := lock(file)
	if err != nil {
		return nil, err
	}
	s, err := open(file, opts)
	if err != nil {
		return nil, errors.Join(err, owned.Close())
	}
	s.owned = owned
	return s, nil
}

// open opens a database that is locked.
func open(file string, opts Options) (*Store, error) {
	if err := makeFile(file); err != nil {
		return nil, err
	}
	conn, err := connectWriter(file, opts.Durability.synchronous())
	if err != nil {
		return nil, fileError(file, reasonOf(err), err)
	}
	id, err := storeID(conn)
	if err != nil {
		return nil, errors.Join(fileError(file, reasonOf(err), err), conn.Close())
	}
	s := &Store{id: id, queue: newQueue(), index: newIndex(opts)}
	s.readers = newPool(opts.Readers, func() (*sqlite.Conn, error) { return connectReader(file) })
	s.checkpoints = func() (*sqlite.Conn, error) { return connect(file) }
	s.writer = &writer{
		queue: s.queue, index: s.index, readers: s.readers, log: opts.Logger, dirs: knownDirs{},
		open:        func() (*sqlite.Conn, error) { return connectWriter(file, opts.Durability.synchronous()) },
		checkpoints: newCheckpoints(opts.Logger, s.checkpoints, s.index.turns),
	}
	if err := s.writer.connect(conn); err != nil {
		return nil, errors.Join(fileError(file, reasonOf(err), err), conn.Close())
	}
	s.writing.Go(s.writer.run)
	return s, nil
}

// ID returns the random name that the database was given when it was made. No
// other has it, except copies.
func (s *Store) ID() string { return s.id }

// Create makes a file.
func (s *Store) Create(ctx context.Context, file sttp.Path, contents sttp.Contents) error {
	return s.change(ctx, sttp.Create, file, contents)
}

// Update replaces what a file holds.
func (s *Store) Update(ctx context.Context, file sttp.Path, contents sttp.Contents) error {
	return s.change(ctx, sttp.Update, file, contents)
}

// Delete removes a file.
func (s *Store) Delete(ctx context.Context, file sttp.Path) error {
	return s.change(ctx, sttp.Delete, file, sttp.Contents{})
}

func (s *Store) change(ctx context.Context, action sttp.Action, file sttp.Path, contents sttp.Contents) error {
	if err := s.check(ctx, file); err != nil {
		return err
	}
	if file.IsDir() {
		return store.ErrIsDirectory
	}
	return s.queue.do(ctx, action, file.String(), contents.String())
}

// check returns why a method must not begin.
func (s *Store) check(ctx context.Context, p sttp.Path) error {
	switch {
	case s.closed.Load():
		return store.ErrClosed
	case ctx.Err() != nil:
		return ctx.Err()
	case p.IsZero():
		return errNoPath
	}
	return nil
}

// Show returns what a file holds.
func (s *Store) Show(ctx context.Context, file sttp.Path) (sttp.Contents, error) {
	if err := s.check(ctx, file); err != nil {
		return sttp.Contents{}, err
	}
	if file.IsDir() {
		return sttp.Contents{}, store.ErrIsDirectory
	}
	r, err := s.readers.get(ctx)
	if err != nil {
		return sttp.Contents{}, err
	}
	defer s.readers.put(r)
	contents, found, err := r.contentsOf(file.String())
	if err == nil && !found {
		err = r.tree.missing(file.String())
	}
	return contents, err
}

// shortList is how many rows a list that is no search may look at, in some
// milliseconds, before it has to wait for its turn as a search does: readers that
// go through a whole database would leave none to others.
const shortList = 8192

// List returns the names in a directory that a query asks for.
func (s *Store) List(ctx context.Context, dir sttp.Path, q *sttp.Query) ([]string, error) {
	if err := s.check(ctx, dir); err != nil {
		return nil, err
	}
	path := dir.AsDir().String()
	if q == nil || q.Contains == "" {
		if names, done, err := s.list(ctx, path, q, shortList); done || err != nil {
			return names, err
		}
	}
	if err := s.index.enter(ctx); err != nil {
		return nil, err
	}
	defer s.index.leave()
	names, _, err := s.list(ctx, path, q, math.MaxInt)
	return names, err
}

// list is List for a directory whose path ends with a slash. What is no search
// looks at up to rows rows; done is false if that was not enough.
func (s *Store) list(ctx context.Context, dir string, q *sttp.Query, rows int) (names []string, done bool, err error) {
	r, err := s.readers.get(ctx)
	if err != nil {
		return nil, false, err
	}
	defer s.readers.put(r)
	if q != nil && q.Contains != "" {
		names, err = s.search(ctx, r, dir, q)
		done = true
	} else {
		names, done, err = r.list(ctx, dir, q, rows)
	}
	if err == nil && done && len(names) == 0 {
		err = r.noDir(strings.TrimSuffix(dir, "/"))
	}
	if err != nil || !done {
		return nil, false, err
	}
	return names, true, nil
}

// Flush makes all changes durable that have been made, with Async too, and brings
// them into the one file of the database. It is for when nothing else goes on: it
// fails if another process reads the database for long.
func (s *Store) Flush() error {
	conn, err := s.checkpoints()
	if err != nil {
		return storageError(err)
	}
	return storageError(errors.Join(emptyLog(conn), conn.Close()))
}

// Close waits for the methods that are running and gives up the database.
func (s *Store) Close() error {
	if s.closed.Swap(true) {
		return store.ErrClosed
	}
	s.queue.close()
	s.writing.Wait()
	s.index.hasNoWork()
	s.readers.close()
	if err := errors.Join(s.writer.disconnect(), s.owned.Close()); err != nil {
		return fmt.Errorf("sqlite: closing the database: %w", err)
	}
	return nil
}
