package bench

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"time"
)

const (
	// maxParts bounds on how many goroutines and recorders the work is spread.
	maxParts = 8
	// maxDialing bounds how many connections are opened at once, so that the
	// queue of a server that accepts does not overflow.
	maxDialing = 128
	// look is how often a run is looked after, tick how often what was recorded is
	// collected and shown.
	look = 20 * time.Millisecond
	tick = 200 * time.Millisecond
	// maxExamples and maxExample bound what is kept of wrong replies.
	maxExamples = 5
	maxExample  = 120
)

// run is one measurement, or the making or deleting of snippets.
type run struct {
	shared
	load    Load
	observe func(Progress)
	stage   string
	goal    int64 // requests there will be, 0 if the time says when it is over

	recs    []*recorder
	lanes   []*lane
	senders []*sender

	collected
	woken    *Latency // how late this program ran, when it is over
	mu       sync.Mutex
	examples []string
}

// newRun returns a run whose lanes have no connections yet.
func newRun(s *Session, l Load, observe func(Progress)) *run {
	r := &run{load: l, observe: observe}
	r.clock = clock{time.Now()}
	r.book, r.dialect, r.address = s.book, s.dialect, s.target.Address
	r.depth, r.timeout, r.open, r.once = l.InFlight, l.Timeout, !l.Closed, l.ConnectionPerRequest
	r.hangsUp = s.hangsUp()
	if d, ok := s.dialect.(farewell); ok {
		r.farewell = d.Farewell()
	}
	r.measure, r.example = s.book.judge, r.keepExample
	r.dialing = make(chan struct{}, maxDialing)
	r.landed = make(chan struct{}, 1)
	parts := max(1, min(runtime.GOMAXPROCS(0)/2, l.Connections, maxParts))
	for range parts {
		r.recs = append(r.recs, &recorder{now: newTally()})
	}
	for i := range l.Connections {
		r.lanes = append(r.lanes, newLane(&r.shared, r.recs[i%parts]))
	}
	r.collected = newCollected(l, parts)
	return r
}

func (r *run) keepExample(f *flight, reply Reply, kind string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.examples) >= maxExamples {
		return
	}
	said := "status " + strconv.Itoa(reply.Status)
	if reply.Contents != nil {
		said = strconv.QuoteToASCII(string(reply.Contents[:min(len(reply.Contents), maxExample)]))
	}
	asked := "not asked for"
	if f != nil {
		asked = f.action.String() + " " + f.path
	}
	r.examples = append(r.examples, fmt.Sprintf("%s: %s: %s", asked, kind, said))
}

// connect opens all connections, as far as that is possible. It returns an error
// if there is none.
func (r *run) connect(ctx context.Context) error {
	lanes := r.lanes
	if r.once {
		lanes = lanes[:1] // to see whether there is a server at all
	}
	var all sync.WaitGroup
	for _, l := range lanes {
		all.Go(func() { l.connect(ctx) })
	}
	all.Wait()
	if r.connected.Load() == 0 {
		why := OtherError
		if kind := r.lastWhy.Load(); kind != nil {
			why = *kind
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return fmt.Errorf("%w at %s: %s", ErrNoServer, r.address, why)
	}
	if r.once {
		lanes[0].disconnect(Closed)
	}
	return nil
}

// startLanes starts what receives, and in a closed loop also sends. What it
// returns is closed when all have ended.
func (r *run) startLanes(ctx context.Context, sources func(i int) source) (ended chan struct{}) {
	q := &quota{warmup: r.begun + r.load.Warmup, most: r.load.Count}
	if r.load.Duration > 0 {
		q.until = q.warmup + r.load.Duration
	}
	var all sync.WaitGroup
	for i, l := range r.lanes {
		all.Go(func() {
			switch {
			case r.open && r.once:
				l.openOnce(ctx, r.senders[i%len(r.senders)])
			case r.open:
				l.openLoop(ctx, r.senders[i%len(r.senders)])
			case r.once:
				l.closedOnce(ctx, sources(i), q)
			default:
				l.closedLoop(ctx, sources(i), q)
			}
		})
	}
	ended = make(chan struct{})
	go func() {
		all.Wait()
		close(ended)
	}()
	return ended
}

// newSenders makes what sends the requests of an open loop.
func (r *run) newSenders(seed uint64, sources func(i int) source) {
	until := r.begun + r.load.Warmup + r.load.Duration
	if r.load.Count > 0 {
		until = r.begun + r.load.Warmup + seconds(float64(r.load.Count)/r.load.Rate)
	}
	for i := range r.recs {
		r.senders = append(r.senders, &sender{
			shared: &r.shared, rec: r.recs[i], src: sources(i), deadline: until + r.load.Drain,
			arrivals: newArrivals(r.load, seed, i, len(r.recs)), wake: make(chan struct{}, 1),
		})
	}
}

// startSenders starts them. What it returns is closed when all have ended.
func (r *run) startSenders(ctx context.Context) (ended chan struct{}, err error) {
	var alarms []*alarm
	for range r.senders {
		a, err := newAlarm()
		if err != nil {
			for _, a := range alarms {
				a.close()
			}
			return nil, err
		}
		alarms = append(alarms, a)
	}
	var all sync.WaitGroup
	for i, s := range r.senders {
		all.Go(func() {
			defer alarms[i].close()
			s.run(ctx, alarms[i])
		})
	}
	ended = make(chan struct{})
	go func() {
		all.Wait()
		close(ended)
	}()
	return ended, nil
}

// watch looks after the run until it is over: done is closed when nothing more is
// sent. It returns whether the server went away, or ctx ended.
func (r *run) watch(ctx context.Context, done <-chan struct{}) (gone *Gone, interrupted bool) {
	looks := time.NewTicker(look)
	defer looks.Stop()
	var drained time.Duration // when waiting for the last replies ends, 0 before
	for {
		select {
		case <-done:
			done = nil
			r.over.Store(true)
			if !interrupted {
				drained = r.clock.now() + r.load.Drain
			}
			if r.flying.Load() == 0 {
				return nil, interrupted || ctx.Err() != nil // which may be why nothing more is sent
			}
		case <-r.landed:
			return nil, interrupted || ctx.Err() != nil
		case <-ctx.Done():
			ctx = context.WithoutCancel(ctx)
			interrupted = true
			r.over.Store(true)
			drained = r.clock.now() + min(r.load.Drain, time.Second)
			if r.flying.Load() == 0 {
				return nil, true
			}
		case <-looks.C:
			now := r.clock.now()
			r.breakOverdue(now)
			if gone := r.gone(now); gone != nil {
				return gone, interrupted
			}
			if r.load.Closed && drained == 0 && r.load.Duration > 0 && now >= r.begun+r.load.Warmup+r.load.Duration {
				drained = now + r.load.Drain // a lane ends with its last reply
			}
			if drained > 0 && now > drained {
				return nil, interrupted
			}
			r.collectAt(now, r)
		}
	}
}

// breakOverdue closes connections whose oldest request waits too long.
func (r *run) breakOverdue(now time.Duration) {
	for _, l := range r.lanes {
		if l.overdue(now) {
			l.interrupt(Timeout)
		}
	}
}

// gone tells whether there has been no connection for too long.
func (r *run) gone(now time.Duration) *Gone {
	if r.connected.Load() > 0 || r.downs.Load() == 0 {
		return nil
	}
	last := time.Duration(r.lastUp.Load())
	if now-last < r.load.Patience {
		return nil
	}
	return &Gone{After: last - r.begun - r.load.Warmup, Lost: r.dropped.Load(), Why: *r.lastWhy.Load()}
}

// finish ends all that is on its way.
func (r *run) finish(kind string) {
	r.over.Store(true)
	for _, l := range r.lanes {
		l.interrupt(kind)
	}
}

// carryOut runs until all is sent and answered, the server is gone, or ctx ends.
func (r *run) carryOut(ctx context.Context, seed uint64, sources func(i int) source) (gone *Gone, interrupted bool, err error) {
	r.begun = r.clock.now()
	r.collected.begin(r.begun)
	stopWakes, err := r.wakes()
	if err != nil {
		r.finish(Closed)
		return nil, false, err
	}
	defer func() { r.woken = stopWakes() }()
	receiving, stopReceiving := context.WithCancel(context.WithoutCancel(ctx))
	defer stopReceiving()
	sending, stopSending := context.WithCancel(ctx)
	defer stopSending()
	var done, sent chan struct{}
	if r.open {
		r.newSenders(seed, sources)
		if sent, err = r.startSenders(sending); err != nil {
			r.finish(Closed)
			return nil, false, err
		}
		done = sent
	}
	lanes := r.startLanes(receiving, sources)
	if !r.open {
		done = lanes
	}
	gone, interrupted = r.watch(ctx, done)
	r.stopped = r.clock.now()
	stopSending()
	if sent != nil {
		<-sent
	}
	r.over.Store(true)
	stopReceiving()
	for running := true; running; { // a lane may just be opening a connection
		r.finish(Unanswered)
		select {
		case <-lanes:
			running = false
		case <-time.After(look):
		}
	}
	r.collectRest(r.clock.now(), r)
	return gone, interrupted, nil
}
