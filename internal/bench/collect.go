package bench

import (
	"runtime"
	"time"

	"sttp"
)

// collected is what a run has found until now, over all and in slices of time.
// It is used by one goroutine.
type collected struct {
	total *tally
	spare []*tally // empty, one for each recorder
	fresh *tally   // what was collected last
	next  time.Duration

	slices   []Slice
	slice    *tally // what the slice under way holds
	sliceAt  time.Duration
	sliceLen time.Duration
	counting time.Duration // when the warm-up ends, on the clock
	stopped  time.Duration // when nothing more was sent or waited for

	cpu      time.Duration // of this program, when the warm-up ended
	cpuAt    time.Duration
	shown    time.Duration
	warmDone int64
}

// newCollected returns a collected for so many recorders.
func newCollected(l Load, recorders int) collected {
	c := collected{total: newTally(), slice: newTally(), fresh: newTally(), sliceLen: sliceLength(l)}
	for range recorders {
		c.spare = append(c.spare, newTally())
	}
	c.counting = l.Warmup
	return c
}

// sliceLength returns the length of a slice: about 40 of them in a run of known
// length, none shorter than what is collected at once.
func sliceLength(l Load) time.Duration {
	length := l.Duration
	if l.Count > 0 && !l.Closed {
		length = seconds(float64(l.Count) / l.Rate)
	}
	if length == 0 {
		return time.Second
	}
	return min(max((length/40).Round(tick), tick), 10*time.Second)
}

func (c *collected) begin(at time.Duration) {
	c.counting += at
	c.sliceAt, c.next, c.shown = c.counting, at+tick, at
}

// collectAt collects what was recorded if it is time.
func (c *collected) collectAt(now time.Duration, r *run) {
	if c.cpuAt == 0 && now >= c.counting {
		c.cpu, c.cpuAt = cpuTime(), now
	}
	if now < c.next {
		return
	}
	c.next = now + tick
	recent := c.take(r)
	if now >= c.counting && now-c.sliceAt >= c.sliceLen-look {
		c.cut(now)
	}
	if r.observe != nil {
		r.observe(c.progress(now, r, recent))
	}
	c.shown = now
}

// take collects what the recorders hold. What it returns holds until the next
// call.
func (c *collected) take(r *run) *tally {
	recent := c.fresh
	recent.reset()
	for i, rec := range r.recs {
		old := rec.swap(c.spare[i])
		recent.merge(old)
		old.reset()
		c.spare[i] = old
	}
	c.total.merge(recent)
	c.slice.merge(recent)
	c.warmDone += recent.warm
	return recent
}

// cut ends the slice under way.
func (c *collected) cut(now time.Duration) {
	response, service := c.slice.latencies()
	s := Slice{
		Start: c.sliceAt - c.counting, Length: now - c.sliceAt,
		Done: c.slice.done, Wrong: c.slice.wrong.Total(), Errors: c.slice.errors.Total(),
		Response: response.Compact(), Service: service.Compact(),
	}
	c.slices = append(c.slices, s)
	c.slice.reset()
	c.sliceAt = now
}

// collectRest collects what is left when all is over. What came while the last
// replies were waited for belongs to the last slice if it is short.
func (c *collected) collectRest(now time.Duration, r *run) {
	c.take(r)
	if now <= c.counting || now == c.sliceAt {
		return
	}
	last := len(c.slices) - 1
	if last < 0 || now-c.sliceAt >= c.sliceLen/2 {
		c.cut(now)
		return
	}
	s := &c.slices[last]
	response, service := c.slice.latencies()
	s.Response.Merge(response)
	s.Service.Merge(service)
	s.Done += c.slice.done
	s.Wrong += c.slice.wrong.Total()
	s.Errors += c.slice.errors.Total()
	s.Length += now - c.sliceAt
}

// progress says how the run stands.
func (c *collected) progress(now time.Duration, r *run, recent *tally) Progress {
	p := Progress{
		Stage: r.stage, Elapsed: now - r.begun, Connected: int(r.connected.Load()),
		Done: c.total.done, Wrong: c.total.wrong.Total(), Errors: c.total.errors.Total(),
	}
	if passed := now - c.shown; passed > 0 {
		p.Rate = float64(recent.done+recent.warm) / passed.Seconds()
	}
	response, service := recent.latencies()
	if !r.open {
		response = service
	}
	p.Recent = response
	p.P50, p.P99, p.Max = response.Quantile(0.5), response.Quantile(0.99), response.Max()
	if r.stage == "" {
		r.measuring(&p, now)
	} else if r.goal > 0 {
		p.Fraction = min(1, float64(c.total.done)/float64(r.goal))
	}
	return p
}

// measuring fills in the stage of a measurement and how far it is.
func (r *run) measuring(p *Progress, now time.Duration) {
	length := r.load.Duration
	switch {
	case now < r.counting:
		p.Stage, p.Fraction, p.Done = "warm up", float64(now-r.begun)/float64(r.load.Warmup), r.warmDone
		return
	case r.over.Load():
		p.Stage, p.Fraction = "drain", 1
		return
	case r.load.Count > 0:
		p.Fraction = float64(r.total.done+r.total.wrong.Total()+r.total.errors.Total()) / float64(r.load.Count)
	default:
		p.Fraction = float64(now-r.counting) / float64(length)
	}
	p.Stage, p.Fraction, p.Elapsed = "measure", min(1, p.Fraction), now-r.counting
}

// result returns what a measurement found.
func (r *run) result(w Workload, gone *Gone, interrupted bool) *Result {
	t := r.total
	response, service := t.latencies()
	res := &Result{
		Load: r.load, Workload: w, Done: t.done, Wrong: t.wrong, Errors: t.errors, Dials: t.dials,
		Examples: r.examples, Service: service, Actions: map[string]*Action{}, Slices: r.slices,
		Gone: gone, Interrupted: interrupted,
	}
	res.Generator.Wake = r.woken
	res.Sent = t.done + t.wrong.Total() - t.unasked + t.errors.Total() - t.errors[Unsent]
	res.Elapsed = r.elapsed(gone != nil || interrupted)
	if span := max(res.Elapsed, t.last-r.counting); span > 0 {
		res.Rate = float64(t.done) / span.Seconds()
	}
	for a, times := range t.actions {
		if times != nil && times.done > 0 {
			action := &Action{Done: times.done, Service: times.service}
			if r.open {
				action.Response = times.response
			}
			res.Actions[sttp.Action(a).String()] = action
		}
	}
	if r.open {
		res.Response, res.Generator.Lag = response, t.lag
		for _, s := range r.senders {
			res.Due += s.due
		}
	} else {
		for i := range res.Slices {
			res.Slices[i].Response = nil
		}
	}
	if passed := r.stopped - r.cpuAt; r.cpuAt > 0 && passed > 0 {
		res.Generator.CPU = cpuTime() - r.cpu
		res.Generator.Share = res.Generator.CPU.Seconds() / passed.Seconds() / float64(runtime.GOMAXPROCS(0))
	}
	return res
}

// elapsed returns how long it was measured: until the last request was due, or,
// in a closed loop with a count, until the last reply.
func (r *run) elapsed(early bool) time.Duration {
	passed := r.stopped - r.counting
	switch {
	case early:
	case r.load.Duration > 0:
		return r.load.Duration
	case r.open:
		return seconds(float64(r.load.Count) / r.load.Rate)
	default:
		passed = r.total.last - r.counting
	}
	return max(0, passed)
}
