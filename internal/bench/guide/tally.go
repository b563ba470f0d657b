package guide

import (
	"sync"
	"time"

	"sttp/internal/bench"
)

// maxExamples is how many wrong replies and errors are shown, the first two of
// each kind.
const maxExamples = 5

// tally counts and times what happens. Its methods are called by many goroutines
// at once.
type tally struct {
	patience time.Duration

	mu       sync.Mutex
	started  time.Time    // the first phase
	stop     func()       // ends the phases
	wrong    bench.Counts // of the phases
	errors   bench.Counts
	examples []string

	phase      bench.Phase
	phaseStart time.Time
	idle       idleness

	failing failing
	gone    *bench.Gone

	stage stage
}

// idleness is the time in which no request was under way.
type idleness struct {
	underWay int
	since    time.Time // when underWay became 0
	total    time.Duration
	atPause  time.Duration // of total, when the pause began
}

func (i *idleness) now() time.Duration {
	if i.underWay > 0 {
		return i.total
	}
	return i.total + time.Since(i.since)
}

// end says that a request is no longer under way.
func (i *idleness) end() {
	if i.underWay--; i.underWay == 0 {
		i.since = time.Now()
	}
}

// failing is since when nothing comes back.
type failing struct {
	sent    time.Time // the first request without a reply
	noticed time.Time // when that was known; zero if all is well
	lost    int64     // requests that were sent since then
}

// stage is what an observer sees.
type stage struct {
	name                string
	start, last         time.Time
	most                int
	done, wrong, errors int64
	lastDone            int64
	service             *bench.Latency // of the time since last
}

func newTally(patience time.Duration) *tally {
	return &tally{patience: patience, stop: func() {}, wrong: bench.Counts{}, errors: bench.Counts{}}
}

// start begins the time of the phases. stop is called when the server has gone.
func (t *tally) start(stop func()) { t.started, t.stop = time.Now(), stop }

func (t *tally) beginPhase(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.phase = bench.Phase{Name: name, Service: bench.NewLatency()}
	t.phaseStart = time.Now()
	t.idle = idleness{since: t.phaseStart}
}

func (t *tally) endPhase() bench.Phase {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.phase
	p.Elapsed = time.Since(t.phaseStart)
	if active := p.Elapsed - p.Paused; active > 0 {
		p.Rate = float64(p.Done) / active.Seconds()
	}
	return p
}

func (t *tally) beginPause() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.idle.atPause = t.idle.now()
}

func (t *tally) endPause() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.phase.Paused += t.idle.now() - t.idle.atPause
}

// beginRequest is called when a request of a phase is about to be sent.
func (t *tally) beginRequest() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.idle.total = t.idle.now()
	t.idle.underWay++
}

// dropRequest ends a request that does not count, as the run was interrupted.
func (t *tally) dropRequest() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.idle.end()
}

// endRequest counts a request of a phase.
func (t *tally) endRequest(a answer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.idle.end()
	t.phase.Requests++
	switch {
	case a.right:
		t.phase.Done++
		t.stage.done++
		t.phase.Service.Record(a.took)
		t.stage.service.Record(a.took)
	case a.wrong != "":
		t.wrong[a.wrong]++
		t.stage.wrong++
	default:
		t.errors[a.error]++
		t.stage.errors++
	}
	if ofKind := t.wrong[a.wrong] + t.errors[a.error]; !a.right && ofKind <= 2 && len(t.examples) < maxExamples {
		t.examples = append(t.examples, a.String())
	}
	t.watchOver(a)
}

// watchOver finds out whether the server has gone: whether nothing at all has
// come back for some time.
func (t *tally) watchOver(a answer) {
	f := &t.failing
	if a.answered() {
		*f = failing{}
		return
	}
	if f.noticed.IsZero() {
		f.noticed = time.Now()
		f.sent = f.noticed.Add(-a.took)
	}
	if a.sent() {
		f.lost++
	}
	if t.gone == nil && time.Since(f.noticed) >= t.patience {
		t.gone = &bench.Gone{After: f.sent.Sub(t.started), Why: a.error}
		t.stop()
	}
	if t.gone != nil {
		t.gone.Lost = f.lost
	}
}

// hasGone tells whether the server has gone.
func (t *tally) hasGone() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.gone != nil
}

// errorsOf returns how many errors of a kind there were.
func (t *tally) errorsOf(kind string) int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.errors[kind]
}

// result puts into g what was counted.
func (t *tally) result(g *bench.Guide) {
	t.mu.Lock()
	defer t.mu.Unlock()
	g.Wrong, g.Errors, g.Examples, g.Gone = t.wrong, t.errors, t.examples, t.gone
}

// beginStage begins what an observer sees. It takes about most requests.
func (t *tally) beginStage(name string, most int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	t.stage = stage{name: name, start: now, last: now, most: most, service: bench.NewLatency()}
}

// step counts a request that is part of no phase.
func (t *tally) step() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stage.done++
}

// progress returns how it stands, with the figures since it was called last.
func (t *tally) progress() bench.Progress {
	t.mu.Lock()
	defer t.mu.Unlock()
	s, now := &t.stage, time.Now()
	p := bench.Progress{
		Stage: s.name, Elapsed: now.Sub(s.start), Done: s.done, Wrong: s.wrong, Errors: s.errors,
		P50: s.service.Quantile(0.5), P99: s.service.Quantile(0.99), Max: s.service.Max(),
	}
	if s.service.Count() > 0 {
		p.Recent = s.service
		s.service = bench.NewLatency()
	}
	if s.most > 0 {
		p.Fraction = min(1, float64(s.done+s.wrong+s.errors)/float64(s.most))
	}
	if since := now.Sub(s.last); since > 0 {
		p.Rate = float64(s.done-s.lastDone) / since.Seconds()
	}
	s.last, s.lastDone = now, s.done
	return p
}
