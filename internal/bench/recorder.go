package bench

import (
	"sync"
	"time"

	"sttp"
)

// tally is what was recorded in some time.
type tally struct {
	done    int64
	unasked int64         // wrong replies to no request
	warm    int64         // right replies of the warm-up
	last    time.Duration // when the last right reply came, on the clock
	wrong   Counts
	errors  Counts
	dials   Counts
	waits   *Latency // response times so far of what got no reply
	lag     *Latency
	actions [sttp.Delete + 1]*times
}

// times are those of the right replies to one action.
type times struct {
	done              int64
	response, service *Latency
}

func newTally() *tally {
	return &tally{wrong: Counts{}, errors: Counts{}, dials: Counts{}, waits: NewLatency(), lag: NewLatency()}
}

func (t *tally) times(a sttp.Action) *times {
	if t.actions[a] == nil {
		t.actions[a] = &times{response: NewLatency(), service: NewLatency()}
	}
	return t.actions[a]
}

func (t *tally) add(e *ended) {
	if !e.counted {
		if e.wrong == "" && e.err == "" {
			t.warm++
		}
		return
	}
	if e.lag >= 0 {
		t.lag.Record(e.lag)
	}
	switch {
	case e.wrong != "":
		t.wrong[e.wrong]++
	case e.err != "":
		t.errors[e.err]++
		if e.waited {
			t.waits.Record(e.response)
		}
	default:
		t.done++
		t.last = max(t.last, e.at)
		a := t.times(e.action)
		a.done++
		a.response.Record(e.response)
		a.service.Record(e.service)
	}
}

// merge adds what other holds.
func (t *tally) merge(other *tally) {
	t.done += other.done
	t.unasked += other.unasked
	t.warm += other.warm
	t.last = max(t.last, other.last)
	t.wrong.add(other.wrong)
	t.errors.add(other.errors)
	t.dials.add(other.dials)
	t.waits.Merge(other.waits)
	t.lag.Merge(other.lag)
	for a, from := range other.actions {
		if from != nil && from.done > 0 {
			to := t.times(sttp.Action(a))
			to.done += from.done
			to.response.Merge(from.response)
			to.service.Merge(from.service)
		}
	}
}

func (t *tally) reset() {
	t.done, t.unasked, t.warm, t.last = 0, 0, 0, 0
	clear(t.wrong)
	clear(t.errors)
	clear(t.dials)
	t.waits.Reset()
	t.lag.Reset()
	for _, a := range t.actions {
		if a != nil && a.done > 0 {
			a.done = 0
			a.response.Reset()
			a.service.Reset()
		}
	}
}

// latencies returns the response and the service times of all actions together.
func (t *tally) latencies() (response, service *Latency) {
	response, service = NewLatency(), NewLatency()
	for _, a := range t.actions {
		if a != nil && a.done > 0 {
			response.Merge(a.response)
			service.Merge(a.service)
		}
	}
	response.Merge(t.waits)
	return response, service
}

func (c Counts) add(other Counts) {
	for kind, n := range other {
		c[kind] += n
	}
}

// recorder takes what became of requests, from many goroutines, and gives it away
// from time to time.
type recorder struct {
	mu  sync.Mutex
	now *tally
}

func (r *recorder) add(all []ended) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range all {
		r.now.add(&all[i])
	}
}

// dialFailed records a connection that could not be opened.
func (r *recorder) dialFailed(kind string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now.dials[kind]++
}

// unasked records a reply that nobody has asked for, on a connection on which no
// request was on its way.
func (r *recorder) unasked() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now.wrong[Garbled]++
	r.now.unasked++
}

// swap returns what was recorded and goes on with empty, which must be so.
func (r *recorder) swap(empty *tally) *tally {
	r.mu.Lock()
	defer r.mu.Unlock()
	old := r.now
	r.now = empty
	return old
}

// clock tells the time since its start.
type clock struct{ start time.Time }

func (c clock) now() time.Duration { return time.Since(c.start) }
