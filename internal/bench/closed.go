package bench

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// quota says which requests of a closed loop are counted, and when it is over.
type quota struct {
	warmup time.Duration
	until  time.Duration // 0 if most says it
	most   int64
	begun  atomic.Int64 // of those that are counted
}

// admit tells whether a request that begins now is still wanted, and whether it
// is counted.
func (q *quota) admit(now time.Duration) (counted, ok bool) {
	counted = now >= q.warmup // since the clock's start, as is until
	switch {
	case !counted:
		return false, true
	case q.until > 0:
		return true, now < q.until
	}
	return true, q.begun.Add(1) <= q.most
}

// closedLoop sends a request for every reply until the quota or the source is
// empty. src is the lane's own.
func (l *lane) closedLoop(ctx context.Context, src source, q *quota) {
	retry := newBackoff()
	for l.ready(ctx, retry) {
		replies, broken, more := l.converse(src, q)
		l.disconnect(broken)
		if !more {
			return
		}
		if served(replies, broken) {
			retry.reset()
		} else {
			retry.wait(ctx)
		}
	}
}

// converse keeps as many requests in flight as may be. It returns how many
// replies there were, why the connection ended, and whether there is more to ask
// for.
func (l *lane) converse(src source, q *quota) (replies int, broken string, more bool) {
	var f flight
	more = l.fill(src, q, &f, l.depth)
	for !l.idle() {
		n, _, broken := l.receive()
		replies += n
		if broken != "" {
			return replies, broken, more
		}
		if more && !l.over.Load() {
			more = l.fill(src, q, &f, n)
		}
	}
	return replies, "", more && !l.over.Load()
}

// fill sends up to n requests, and returns false if there are no more.
func (l *lane) fill(src source, q *quota, f *flight, n int) bool {
	now := l.clock.now()
	for range n {
		counted, ok := q.admit(now)
		if !ok || !src.next(f) {
			l.flush()
			return false
		}
		f.counted = counted
		l.begin(f, l.gen, false)
	}
	l.flush()
	return true
}

// idle tells whether nothing is on its way.
func (l *lane) idle() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.head == l.tail
}

// closedOnce is closedLoop with a connection for each request.
func (l *lane) closedOnce(ctx context.Context, src source, q *quota) {
	retry := newBackoff()
	var f flight
	for ctx.Err() == nil && !l.over.Load() {
		counted, ok := q.admit(l.clock.now())
		if !ok || !src.next(&f) {
			return
		}
		f.counted = counted
		l.flying.Add(1)
		if l.single(ctx, &f) {
			retry.reset()
		} else {
			retry.wait(ctx)
		}
	}
}

// single opens a connection for one request, which counts as on its way already.
// What it took to open it is part of the service time. It returns false if there
// was no connection.
func (l *lane) single(ctx context.Context, f *flight) bool {
	started := l.clock.now()
	kind := l.connect(ctx)
	if kind != "" {
		f.sent = started
		l.book.fail(f) // nothing was sent
		e := l.outcome(f, l.clock.now())
		e.err, e.waited = kind, kind == DialTimeout || kind == Unanswered
		l.rec.add([]ended{e})
		l.land(1)
		return false
	}
	l.begin(f, l.gen, true)
	l.flying.Add(-1)
	l.flush()
	l.startedAt(started)
	broken := ""
	for broken == "" && !l.idle() {
		_, _, broken = l.receive()
	}
	if broken == "" && l.hangsUp {
		l.awaitEnd()
	}
	l.disconnect(broken)
	return true
}

// startedAt says that the only request in flight began earlier.
func (l *lane) startedAt(t time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.head < l.tail {
		l.ring[l.head%uint64(len(l.ring))].sent = t
	}
}

// farewellTime is how long is waited for the server to close. One that does not
// would else look as if it were slow.
const farewellTime = 250 * time.Millisecond

// awaitEnd reads until the server closes, as a netcat does. What else comes is
// not the reply to anything.
func (l *lane) awaitEnd() {
	l.mu.Lock()
	nc := l.nc
	l.mu.Unlock()
	nc.SetReadDeadline(time.Now().Add(min(l.timeout, farewellTime)))
	for left := 64 << 10; left > 0; {
		n, err := nc.Read(l.buf)
		left -= n
		if err != nil {
			return
		}
	}
}

// backoff is how long is waited before the next connection, longer from time to
// time.
type backoff struct{ next time.Duration }

const (
	leastWait = 10 * time.Millisecond
	mostWait  = 500 * time.Millisecond
)

// served tells whether a connection that ended served its purpose, so that the
// next one is opened at once: a pause of this program's own, while requests are
// due, would look like one of the server's. A last reply that was none does not
// count.
func served(replies int, broken string) bool {
	if broken == Garbled {
		replies--
	}
	return replies > 0
}

func newBackoff() *backoff { return &backoff{leastWait} }

func (b *backoff) reset() { b.next = leastWait }

func (b *backoff) wait(ctx context.Context) {
	t := time.NewTimer(b.next)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
	b.next = min(2*b.next, mostWait)
}

// together is a source that several goroutines share.
type together struct {
	mu   sync.Mutex
	from source
}

func (t *together) next(f *flight) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.from.next(f)
}
