package sqlite

import (
	"context"
	"runtime"
	"sync"
)

// turns bounds how many long reads, such as searches, run at once, and can stop
// new ones for a while: each keeps the log from being emptied of what was written
// after it began, and if there is always one, the log never begins anew.
type turns struct {
	slots chan struct{} // holds one for each that is running

	mu     sync.Mutex
	paused chan struct{} // nil, or closed when reads may begin again
}

// newTurns returns turns of reads that leave half the processors, and at least
// one of the readers, to others.
func newTurns(readers int) *turns {
	return &turns{slots: make(chan struct{}, max(1, min(runtime.GOMAXPROCS(0)/2, readers-1)))}
}

// enter waits for the turn of a long read, which ends with leave.
func (t *turns) enter(ctx context.Context) error {
	for {
		select {
		case t.slots <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		t.mu.Lock()
		paused := t.paused
		t.mu.Unlock()
		if paused == nil {
			return nil
		}
		t.leave()
		select {
		case <-paused:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (t *turns) leave() { <-t.slots }

// alone lets no long read begin, and calls f when those that are running have
// ended, unless quit is closed before.
func (t *turns) alone(quit <-chan struct{}, f func() error) error {
	paused := make(chan struct{})
	t.pause(paused)
	taken := 0
	defer func() {
		t.pause(nil)
		close(paused)
		for range taken {
			t.leave()
		}
	}()
	for taken < cap(t.slots) {
		select {
		case t.slots <- struct{}{}:
			taken++
		case <-quit:
			return nil
		}
	}
	return f()
}

func (t *turns) pause(paused chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.paused = paused
}
