package sqlite

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"sttp/internal/fault"
	"sttp/store"
)

// maxPendingBytes is how many bytes of paths and contents may wait to be indexed.
// More would make each search look through it for many milliseconds. When it is
// too much, the index is built by a walk instead.
const maxPendingBytes = 8 << 20

// index finds snippets by what they hold: the full-text index words knows, for
// each three characters in a row (trigram) of store.Fold, which snippets have
// them. It is built behind the changes, by the writer's goroutine while nobody
// waits for that, about 20,000 snippets a second on one processor.
//
// What makes searches right although the index is late is this: a path is either
// indexed, or pending, or at or behind the cursor of the walk; in the last case
// searches do without the index. A path is pending before the commit of its
// change and until the commit that indexes it. A search looks at what is pending
// first and reads the database after that, so what the one has lost by then the
// other has. Who is found, either way, counts only if the row has what is
// searched for. Rows that have been replaced since they were indexed are still
// found by what they held then; so one that matched before and after is not
// missed when it is replaced between the two looks.
type index struct {
	enabled bool
	log     *slog.Logger
	tuning
	*turns // of searches and other long reads

	mu      sync.Mutex // never held during I/O
	pending map[string]pending
	bytes   int  // of all that is pending
	behind  bool // the walk has to go through the snippets from cursor on
	cursor  string
	ready   chan struct{} // closed when nothing is left to do
	idle    bool          // ready is closed

	build builder // the writer's goroutine alone uses it
}

// pending is a snippet that is not indexed as it is.
type pending struct {
	text   string // what it holds, or will if its change is committed
	unsure bool   // it was changed more than once and may hold something else
	bytes  int
}

// tuning is what tests may choose.
type tuning struct {
	plan       plan
	maxPending int           // snippets that may wait to be indexed
	rows       int           // most snippets that are indexed at once
	after      time.Duration // for how long no change has come before that
}

// The writer waits for a moment before it indexes: a client that makes one change
// after the other is not to wait each time for what the one before made to do.
var defaultTuning = tuning{plan: defaultPlan, maxPending: 1 << 15, rows: 1024, after: 20 * time.Millisecond}

func newIndex(opts Options) *index {
	x := &index{
		enabled: opts.SearchIndex,
		log:     opts.Logger,
		tuning:  defaultTuning,
		turns:   newTurns(opts.Readers),
		pending: make(map[string]pending),
		behind:  true, // nobody knows what the last process left undone
		ready:   make(chan struct{}),
	}
	if opts.tuning != nil {
		x.tuning = *opts.tuning
	}
	return x
}

// changed tells that the snippet at path gets new contents. It is called before
// the commit, so that nobody who sees them finds them missing here; the commit
// may fail yet. Path and contents are the caller's.
func (x *index) changed(path, contents string) {
	if !x.enabled || fault.Is(fault.SQLiteKeepsIndex) {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.behind && path >= x.cursor {
		return // the walk will come there
	}
	if p, found := x.pending[path]; found {
		// Assigning to a map replaces its key too, by one that borrows a buffer.
		x.pending[strings.Clone(path)] = pending{unsure: true, bytes: p.bytes}
		return
	}
	n := len(path) + len(contents)
	if len(x.pending) >= x.maxPending || x.bytes+n > maxPendingBytes {
		x.walkAgain()
		return
	}
	both := path + contents
	x.pending[both[:len(path)]] = pending{text: both[len(path):], bytes: n}
	x.bytes += n
}

// hasWork tells that changes are about to be made, and whether that makes work
// for slice.
func (x *index) hasWork() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.enabled && x.idle {
		x.idle, x.ready = false, make(chan struct{})
	}
	return x.enabled
}

// hasNoWork wakes those who wait for the index.
func (x *index) hasNoWork() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.idle {
		x.idle = true
		close(x.ready)
	}
}

// walkAgain gives up what is pending; the walk will find it. x.mu is held.
func (x *index) walkAgain() {
	x.behind, x.cursor = true, ""
	x.pending, x.bytes = make(map[string]pending), 0
}

// indexed tells that what is at these paths has been indexed, and if walked, that
// so is all before cursor; an empty cursor stands for the end.
func (x *index) indexed(paths []string, walked bool, cursor string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, path := range paths {
		if p, found := x.pending[path]; found {
			x.bytes -= p.bytes
			delete(x.pending, path)
		}
	}
	if walked {
		x.behind, x.cursor = cursor != "", cursor
	}
}

// unindexed is a snippet that a search has to look at without the index.
type unindexed struct {
	path   string
	text   string
	unsure bool
}

// view returns the pending snippets from start to before end. It is false if the
// index does not have the others.
func (x *index) view(start, end string) ([]unindexed, bool) {
	if !x.enabled {
		return nil, false
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.behind && end > x.cursor {
		return nil, false
	}
	var all []unindexed
	for path, p := range x.pending {
		if path >= start && path < end {
			all = append(all, unindexed{path, p.text, p.unsure})
		}
	}
	return all, true
}

// backlog tells whether so much is left to do that the index takes a share of
// the writer's time although there are changes to make.
func (x *index) backlog() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.behind || len(x.pending) >= x.rows
}

// Indexed waits until the index has caught up with the changes: searches are
// right at any time, and fast from then on. Without Options.SearchIndex there is
// nothing to wait for.
func (s *Store) Indexed(ctx context.Context) error {
	x := s.index
	x.mu.Lock()
	ready := x.ready
	x.mu.Unlock()
	if !x.enabled {
		return nil
	}
	select {
	case <-ready:
	case <-ctx.Done():
		return ctx.Err()
	}
	if s.closed.Load() {
		return store.ErrClosed
	}
	return nil
}
