package sqlite

import (
	"context"
	"sync"
	"sync/atomic"

	"sttp"
	"sttp/store"
)

// change is a call of Create, Update or Delete on its way to the writer.
type change struct {
	action   sttp.Action
	path     string // the caller's, like the contents: good while taken and not done
	contents string
	state    atomic.Int32
	err      error         // valid when done
	done     chan struct{} // takes one, when the writer is through
}

// What state a change is in. Who moves it on from waiting decides whether it is
// made.
const (
	waiting = iota
	taken
	withdrawn
)

// queue holds the changes that wait for the writer. Every one has a caller who
// waits for it, which bounds it.
type queue struct {
	changes sync.Pool
	wake    chan struct{} // takes one, when there is something to do

	mu     sync.Mutex
	first  []*change
	closed bool
}

func newQueue() *queue {
	q := &queue{wake: make(chan struct{}, 1)}
	q.changes.New = func() any { return &change{done: make(chan struct{}, 1)} }
	return q
}

// do has the writer make a change and waits for it. A context that ends stops it
// only if the writer has not yet begun.
func (q *queue) do(ctx context.Context, action sttp.Action, path, contents string) error {
	c := q.changes.Get().(*change)
	c.action, c.path, c.contents, c.err = action, path, contents, nil
	c.state.Store(waiting)
	if !q.put(c) {
		return store.ErrClosed
	}
	select {
	case <-c.done:
	case <-ctx.Done():
		if c.state.CompareAndSwap(waiting, withdrawn) {
			return ctx.Err() // it stays in the queue, and is not used again
		}
		<-c.done
	}
	err := c.err
	c.path, c.contents = "", ""
	q.changes.Put(c)
	return err
}

func (q *queue) put(c *change) bool {
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return false
	}
	q.first = append(q.first, c)
	alone := len(q.first) == 1
	q.mu.Unlock()
	if alone {
		q.signal()
	}
	return true
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// take appends waiting changes to batch, until that has most of them. Those that
// were withdrawn do not count: nobody would wake the writer for what is left
// behind them. open is false when no more will come.
func (q *queue) take(batch []*change, most int) (_ []*change, open bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for ; n < len(q.first) && len(batch) < most; n++ {
		if c := q.first[n]; c.state.CompareAndSwap(waiting, taken) {
			batch = append(batch, c)
		}
	}
	rest := copy(q.first, q.first[n:])
	clear(q.first[rest:])
	q.first = q.first[:rest]
	return batch, !q.closed || rest > 0
}

// wanted tells whether the writer is wanted.
func (q *queue) wanted() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.first) > 0 || q.closed
}

// close lets no more changes in. Those that are there are still made.
func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.signal()
}
