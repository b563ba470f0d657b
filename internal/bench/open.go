package bench

import (
	"context"
	"sync"
	"time"
)

// room is place for one request on a lane's connection.
type room struct {
	lane *lane
	gen  int           // of the connection
	free time.Duration // when the place became free
}

// sender is the one goroutine that sends the requests of an open loop when they
// are due, on connections of its own.
type sender struct {
	*shared
	rec      *recorder
	src      source
	arrivals *arrivals
	deadline time.Duration // when nothing is sent any more, whatever was due

	mu    sync.Mutex
	freed []room        // given by the receivers
	need  bool          // whether the sender waits for one
	wake  chan struct{} // of 1

	rooms []room // taken from freed, used from the front
	used  int
	dirty []*lane // with requests that were not flushed yet

	due int64 // requests that are counted and were due
}

// give says that there is room for n more requests.
func (s *sender) give(l *lane, gen, n int, now time.Duration) {
	s.mu.Lock()
	for range n {
		s.freed = append(s.freed, room{l, gen, now})
	}
	wake := s.need
	s.need = false
	s.mu.Unlock()
	if wake {
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
}

// take returns a room. If there is none it flushes what it has and waits; ok is
// false if ctx or the time ends first.
func (s *sender) take(ctx context.Context) (r room, ok bool) {
	for {
		if s.used < len(s.rooms) {
			r = s.rooms[s.used]
			s.used++
			return r, true
		}
		s.mu.Lock()
		s.rooms, s.freed, s.used = s.freed, s.rooms[:0], 0
		s.need = len(s.rooms) == 0
		s.mu.Unlock()
		if len(s.rooms) > 0 {
			continue
		}
		s.flush()
		if !s.await(ctx) {
			return room{}, false
		}
	}
}

// await waits for a receiver to give room.
func (s *sender) await(ctx context.Context) bool {
	left := s.deadline - s.clock.now()
	if left <= 0 {
		return false
	}
	t := time.NewTimer(left)
	defer t.Stop()
	select {
	case <-s.wake:
		return true
	case <-t.C:
	case <-ctx.Done():
	}
	return false
}

func (s *sender) flush() {
	for _, l := range s.dirty {
		l.flush()
	}
	s.dirty = s.dirty[:0]
}

// mostDirty bounds how many requests wait for others before they are sent.
const mostDirty = 32

// run sends all requests. When it returns, ctx or the time ended, or all were
// sent.
func (s *sender) run(ctx context.Context, alarm *alarm) {
	defer alarm.watch(ctx)()
	var f flight
	var now time.Duration
	for {
		due, counted, ok := s.arrivals.next()
		if !ok {
			break
		}
		due += s.begun
		for now < due {
			if now = s.clock.now(); now < due {
				s.flush()
				alarm.sleep(due - s.clock.now())
				if ctx.Err() != nil {
					return // it was not due yet
				}
			}
		}
		if ctx.Err() != nil || now > s.deadline || !s.send(ctx, &f, due, counted) {
			s.flush()
			s.giveUp(due, counted)
			return
		}
		if counted {
			s.due++
		}
		if len(s.dirty) >= mostDirty {
			s.flush()
			now = 0 // time has passed
		}
	}
	s.flush()
}

// send puts a request on a connection. It returns false if there was none until
// the end.
func (s *sender) send(ctx context.Context, f *flight, due time.Duration, counted bool) bool {
	chosen := false
	for {
		r, ok := s.take(ctx)
		if !ok {
			if chosen {
				s.book.fail(f)
			}
			return false
		}
		if !chosen {
			s.src.next(f)
			f.due, f.counted = due, counted
			chosen = true
		}
		f.free = r.free
		if r.lane.dispatch(f, r.gen) {
			s.dirty = append(s.dirty, r.lane)
			return true
		}
	}
}

// giveUp counts what was due until now and was not sent: the request that was due
// then, and those after it.
func (s *sender) giveUp(due time.Duration, counted bool) {
	now := s.clock.now()
	for ok := true; ok && due <= now; {
		if counted {
			s.due++
			s.rec.add([]ended{{counted: true, err: Unsent, waited: true, response: now - due, lag: -1}})
		}
		due, counted, ok = s.arrivals.next()
		due += s.begun
	}
}

// dispatch hands a request to the lane, whose connection has that number. It
// returns false if that one is not there any more.
func (l *lane) dispatch(f *flight, gen int) bool {
	if !l.once {
		return l.begin(f, gen, false)
	}
	job := *f
	f.floors = nil // the lane's now
	l.flying.Add(1)
	l.jobs <- job
	return true
}

// openLoop receives replies and tells the sender where there is room.
func (l *lane) openLoop(ctx context.Context, s *sender) {
	retry := newBackoff()
	for l.ready(ctx, retry) {
		gen, total := l.gen, 0
		s.give(l, gen, l.depth, l.clock.now())
		broken := ""
		for broken == "" {
			var n int
			var now time.Duration
			if n, now, broken = l.receive(); n > 0 && broken == "" {
				s.give(l, gen, n, now)
			}
			total += n
		}
		l.disconnect(broken)
		if served(total, broken) {
			retry.reset()
		} else if !l.over.Load() {
			retry.wait(ctx)
		}
	}
}

// openOnce carries out requests, each on a connection of its own.
func (l *lane) openOnce(ctx context.Context, s *sender) {
	retry := newBackoff()
	for {
		s.give(l, 0, 1, l.clock.now())
		select {
		case f := <-l.jobs:
			if l.single(ctx, &f) {
				retry.reset()
			} else {
				retry.wait(ctx)
			}
		case <-ctx.Done():
			// What was handed over just now was not sent.
			select {
			case f := <-l.jobs:
				l.book.fail(&f)
				l.land(1)
				s.rec.add([]ended{{counted: f.counted, err: Unsent, waited: true, response: l.clock.now() - f.due, lag: -1}})
			default:
			}
			return
		}
	}
}

// ready sees to it that there is a connection, and returns false if it is over.
func (l *lane) ready(ctx context.Context, retry *backoff) bool {
	for ctx.Err() == nil && !l.over.Load() {
		if l.up() || l.connect(ctx) == "" {
			return true
		}
		retry.wait(ctx)
	}
	return false
}

// up tells whether there is a connection.
func (l *lane) up() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.nc != nil
}
