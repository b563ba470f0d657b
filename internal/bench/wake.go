package bench

import (
	"context"
	"math/rand/v2"
	"time"
)

// wakeEvery is how often it is sampled how late this program runs, on the
// average: seldom enough to cost nothing, often enough for a 99th percentile
// within seconds.
const wakeEvery = 4 * time.Millisecond

// wakes samples how late this program runs after the system could have woken it:
// how much later than a reply came it is read. It sleeps at random for
// that, and looks when it wakes. What stop returns is complete.
func (r *run) wakes() (stop func() *Latency, err error) {
	a, err := newAlarm()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	late, ended := NewLatency(), make(chan struct{})
	go func() {
		defer close(ended)
		defer a.close()
		defer a.watch(ctx)()
		for {
			due := r.clock.now() + rand.N(2*wakeEvery)
			a.sleep(due - r.clock.now())
			now := r.clock.now()
			if ctx.Err() != nil {
				return
			}
			if due >= r.counting {
				late.Record(now - due)
			}
		}
	}()
	return func() *Latency {
		cancel()
		<-ended
		return late
	}, nil
}
