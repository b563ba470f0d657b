package bench

import (
	"bytes"
	"context"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sttp"
)

// shared is what all lanes of a run have in common.
type shared struct {
	clock   clock
	book    *book
	dialect Dialect
	address string
	depth   int // requests in flight on a connection
	timeout time.Duration
	measure func(*flight, Reply, []byte) (wrong, failed string, scratch []byte) // judges a reply
	example func(f *flight, r Reply, kind string)                               // notes a wrong one

	dialing chan struct{} // bounds how many connections are opened at once
	open    bool          // whether requests are due at some time
	begun   time.Duration // when the load began, on the clock
	once    bool          // whether a connection serves one request
	hangsUp bool          // whether the server closes after a last request
	// farewell is what the server says before that.
	farewell string

	connected atomic.Int64 // connections that are open
	flying    atomic.Int64 // requests that are on their way
	dropped   atomic.Int64 // requests lost with their connections since the server last answered one that was sent later
	droppedAt atomic.Int64 // when the last of them was lost, on the clock
	lastUp    atomic.Int64 // when a connection was there last, on the clock
	downs     atomic.Int64 // connections that could not be opened since then
	lastWhy   atomic.Pointer[string]
	over      atomic.Bool // nothing is sent any more
	landed    chan struct{}
}

// lane is one connection after the other, and the requests that are on their way
// on it. In an open loop one goroutine sends and another one receives.
type lane struct {
	*shared
	rec *recorder

	mu      sync.Mutex // guards what follows; held over no I/O
	nc      net.Conn   // nil if there is none
	gen     int        // counts the connections
	ring    []flight   // of depth; those from head to tail are on their way
	head    uint64
	flushed uint64 // those before it were sent
	tail    uint64
	out     []byte // requests that are to be sent
	cause   string // why the connection was closed, if it was closed here

	buf     []byte // what was received; the receiver's own, as all below
	end     int
	jobs    chan flight // of 1: what is to be sent next, with a connection for each
	results []ended
	newest  time.Duration // when the request was sent that got a right reply last
	spare   []byte        // for contents that are compared
	text    []byte        // for contents that are sent; the sender's own
}

func newLane(s *shared, rec *recorder) *lane {
	return &lane{shared: s, rec: rec, ring: make([]flight, s.depth), buf: make([]byte, 4<<10), jobs: make(chan flight, 1)}
}

// connect opens a connection. If it cannot it returns the kind of the error.
func (l *lane) connect(ctx context.Context) (kind string) {
	if !l.once { // there the time for it counts
		select {
		case l.dialing <- struct{}{}:
			defer func() { <-l.dialing }()
		case <-ctx.Done():
			return Unanswered
		}
	}
	dialer := net.Dialer{Timeout: l.timeout}
	nc, err := dialer.DialContext(ctx, "tcp", l.address)
	switch {
	case ctx.Err() != nil: // the run is over
		if err == nil {
			nc.Close()
		}
		return Unanswered
	case err != nil:
		return l.down(dialKind(err))
	}
	if tcp, ok := nc.(*net.TCPConn); ok && l.once && !l.hangsUp {
		tcp.SetLinger(0) // ports that wait for the end of their connection would soon be all
	}
	l.mu.Lock()
	l.nc, l.cause, l.end = nc, "", 0
	l.gen++
	l.mu.Unlock()
	l.connected.Add(1)
	l.downs.Store(0)
	l.lastUp.Store(int64(l.clock.now()))
	return ""
}

// down notes that a connection could not be opened, or was no good.
func (l *lane) down(kind string) string {
	l.lastWhy.Store(&kind)
	l.downs.Add(1)
	l.rec.dialFailed(kind)
	return kind
}

// begin puts a request into the ring. It returns false if the connection with
// that number is not there any more; then nothing was done. Only the sender calls
// it.
func (l *lane) begin(f *flight, gen int, last bool) bool {
	var op Op
	op, l.text = f.op(l.book, l.text)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.nc == nil || l.gen != gen || l.tail-l.head == uint64(len(l.ring)) {
		return false
	}
	slot := &l.ring[l.tail%uint64(len(l.ring))]
	f.floors, slot.floors = slot.floors, f.floors // each keeps its memory
	floors := slot.floors
	*slot = *f
	slot.floors = floors
	l.out = l.dialect.Append(l.out, op, last)
	l.tail++
	l.flying.Add(1)
	return true
}

// flush sends what was put into the ring, with one write.
func (l *lane) flush() {
	l.mu.Lock()
	nc := l.nc
	if nc == nil || l.flushed == l.tail {
		l.out = l.out[:0]
		l.mu.Unlock()
		return
	}
	now := l.clock.now()
	for ; l.flushed < l.tail; l.flushed++ {
		l.ring[l.flushed%uint64(len(l.ring))].sent = now
	}
	out := l.out
	l.mu.Unlock()
	nc.Write(out) // what goes wrong shows when the reply is read
	l.mu.Lock()
	l.out = l.out[:0]
	l.mu.Unlock()
}

// receive reads once and deals with the replies that are complete then. It
// returns how many there were and when they had been read. If the connection
// ended it returns why: a kind of errors.
func (l *lane) receive() (n int, now time.Duration, broken string) {
	l.mu.Lock()
	nc := l.nc
	l.mu.Unlock()
	got, err := nc.Read(l.buf[l.end:])
	now = l.clock.now()
	l.end += got
	if got > 0 {
		n, broken = l.replies(now)
	}
	if broken == "" && err != nil {
		broken = readKind(err)
	}
	if broken == "" && l.end == len(l.buf) {
		l.buf = append(l.buf, make([]byte, len(l.buf))...) // bounded by what Parse lets pass
	}
	return n, now, broken
}

// replies takes complete replies from the buffer, in the order of the requests.
// The requests between head and flushed are the receiver's until it moves head.
func (l *lane) replies(now time.Duration) (n int, broken string) {
	rest := l.buf[:l.end]
	l.mu.Lock()
	next, sent := l.head, l.flushed
	l.mu.Unlock()
	for len(rest) > 0 && broken == "" {
		if next == sent {
			if l.once && n > 0 && strings.HasPrefix(l.farewell, string(rest)) {
				break
			}
			broken = l.unasked(rest)
			if n > 0 && broken == Garbled {
				l.overlong(&l.ring[(next-1)%uint64(len(l.ring))], rest)
			} else if broken == Garbled {
				l.example(nil, Reply{Contents: firstLine(rest)}, Garbled)
				l.rec.unasked()
			}
			break
		}
		f := &l.ring[next%uint64(len(l.ring))]
		reply, size, err := l.dialect.Parse(rest, Op{Action: f.action, Path: f.path})
		switch {
		case err != nil:
			l.garbled(f, rest, now)
			broken = Garbled
		case size == 0:
			l.end = copy(l.buf, rest)
			l.report(next)
			return n, ""
		default:
			if l.finish(f, reply, now) == Garbled {
				broken = Garbled // the next one cannot be trusted either [6.3-5]
			}
			rest = rest[size:]
		}
		next++
		n++
	}
	l.end = 0
	l.report(next)
	return n, broken
}

// finish deals with the reply to f, and returns what is wrong with it.
func (l *lane) finish(f *flight, reply Reply, now time.Duration) (wrong string) {
	e := l.outcome(f, now)
	e.wrong, e.err, l.spare = l.measure(f, reply, l.spare)
	if e.wrong != "" {
		l.example(f, reply, e.wrong)
	}
	if e.err == "" {
		l.newest = f.sent
	}
	l.results = append(l.results, e)
	return e.wrong
}

// garbled deals with what is no reply to f: the connection is out of step.
func (l *lane) garbled(f *flight, raw []byte, now time.Duration) {
	e := l.outcome(f, now)
	e.wrong = Garbled
	l.example(f, Reply{Contents: firstLine(raw)}, Garbled)
	l.book.lose(f)
	l.results = append(l.results, e)
}

// overlong takes it back that the reply to f, the last one that was dealt with,
// was right: behind it came what nobody has asked for.
func (l *lane) overlong(f *flight, raw []byte) {
	if e := &l.results[len(l.results)-1]; e.wrong == "" {
		e.wrong, e.err = Garbled, ""
		l.example(f, Reply{Contents: firstLine(raw)}, Garbled)
	}
}

func firstLine(raw []byte) []byte {
	line, _, _ := bytes.Cut(raw, []byte{'\n'})
	return line
}

// unasked tells what bytes are that nobody has asked for: a server that has no
// room says so; all else is garbled.
func (l *lane) unasked(raw []byte) string {
	op := Op{Action: sttp.Show}
	if reply, n, err := l.dialect.Parse(raw, op); err == nil && n > 0 && reply.Outcome == Failure {
		return l.down(statusKind(reply.Status))
	}
	return Garbled
}

// outcome returns what is known of a request that came to its end.
func (s *shared) outcome(f *flight, now time.Duration) ended {
	e := ended{action: f.action, counted: f.counted, at: now, service: now - f.sent, lag: -1}
	if s.open {
		e.response, e.lag = now-f.due, f.sent-max(f.due, f.free)
	}
	return e
}

// report hands the results to the recorder; the requests before head are done
// with.
func (l *lane) report(head uint64) {
	if len(l.results) == 0 {
		return
	}
	l.mu.Lock()
	l.head = head
	l.mu.Unlock()
	l.rec.add(l.results)
	if l.dropped.Load() != 0 && int64(l.newest) > l.droppedAt.Load() {
		l.dropped.Store(0)
	}
	l.land(int64(len(l.results)))
	l.results = l.results[:0]
}

// land says that requests are not on their way any more.
func (l *lane) land(n int64) {
	if l.flying.Add(-n) == 0 && l.over.Load() {
		select {
		case l.landed <- struct{}{}:
		default:
		}
	}
}

// interrupt closes the connection for a reason that its requests end with.
func (l *lane) interrupt(kind string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.nc != nil {
		if l.cause == "" {
			l.cause = kind
		}
		l.nc.Close()
	}
}

// disconnect closes the connection and ends the requests that are on their way on
// it with that kind of error, unless there is another cause.
func (l *lane) disconnect(kind string) {
	l.mu.Lock()
	if l.nc == nil {
		l.mu.Unlock()
		return
	}
	l.nc.Close()
	l.nc = nil
	if l.cause != "" {
		kind = l.cause
	}
	lost := l.ring
	from, to, sent := l.head, l.tail, l.flushed
	l.head, l.flushed, l.out = l.tail, l.tail, l.out[:0]
	l.mu.Unlock()

	now := l.clock.now()
	l.lastUp.Store(int64(now))
	l.lastWhy.Store(&kind)
	l.connected.Add(-1) // last, for who asks since when there has been none
	for ; from < to; from++ {
		f := &lost[from%uint64(len(lost))]
		if from >= sent {
			f.sent = now // it was about to be
		}
		l.book.lose(f)
		e := l.outcome(f, now)
		// Only what really waited that long timed out; the others were cut off with it.
		e.err, e.waited = kind, kind == Timeout && e.service >= l.timeout || kind == Unanswered
		l.results = append(l.results, e)
	}
	if kind != Timeout && kind != Unanswered {
		l.droppedAt.Store(int64(now))
		l.dropped.Add(int64(len(l.results)))
	}
	if n := int64(len(l.results)); n > 0 {
		l.rec.add(l.results)
		l.land(n)
		l.results = l.results[:0]
	}
}

// overdue tells whether the oldest request has waited too long for its reply.
func (l *lane) overdue(now time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.nc != nil && l.head < l.flushed && now-l.ring[l.head%uint64(len(l.ring))].sent > l.timeout
}
