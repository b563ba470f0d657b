package search

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"sttp/internal/bench"
)

// Measure puts load on a server at a rate, for longer than usual if long is true.
// What it returns is what bench.Session.Measure does.
type Measure func(ctx context.Context, rate float64, long bool) (*bench.Result, error)

// Options say what is searched for, and how far.
type Options struct {
	Until   Condition
	From    float64       // the first rate, in requests per second
	Lowest  float64       // rate that is tried
	Highest float64       // rate that is tried
	Steps   int           // that are made at most
	Time    time.Duration // after which no step begins
	Local   bool          // whether the server is on the machine of this program
	// Observe, which may be nil, is called after every step.
	Observe func(bench.Step)
}

// DefaultOptions are what is searched for if nothing else is said.
func DefaultOptions() Options {
	c, err := Parse(Example)
	if err != nil {
		panic("search: the example is no condition: " + err.Error())
	}
	return Options{Until: c, From: 1000, Lowest: 1, Highest: bench.MaxRate, Steps: 100, Time: 10 * time.Minute}
}

// Validate tells what is wrong with the options.
func (o Options) Validate() error {
	switch {
	case !(o.Lowest > 0 && o.Lowest <= o.From):
		return fmt.Errorf("the first rate is at least %s", Rate(o.Lowest))
	case !(o.Highest >= o.From && o.Highest <= bench.MaxRate):
		return fmt.Errorf("the highest rate is at least the first one and at most %s", Rate(bench.MaxRate))
	case o.Steps < 1 || o.Time <= 0:
		return errors.New("there is at least one step, and time for it")
	}
	return nil
}

// The stages of a search.
const (
	doubling   = "double"
	bisecting  = "bisect"
	confirming = "confirm"
)

// triedAgain begins the reason of a step that was made because the one before
// failed.
const triedAgain = "tried again: "

const (
	precision     = 0.02 // of the rate that is found
	confirmations = 8    // rates that are tried for longer
	clearly       = 1.25 // times the rate found, up to which a server that fails beyond doubt is to blame
)

// attempt is a rate that was tried, once or more often.
type attempt struct {
	rate        float64
	first, last int // of the steps
	ok          bool
}

type search struct {
	Options
	measure Measure
	begun   time.Time
	found   bench.Break
	tried   []attempt
	good    float64 // highest rate that held
	bad     float64 // lowest rate that did not, 0 if there is none
	ended   string  // why the search was over before its end
}

// errOver ends a search early; search.ended says why.
var errOver = errors.New("over")

// Find searches for the highest rate at which the condition holds. If ctx ends,
// the server goes away, or steps or time run out, the Break holds what was found
// until then. An error says that a step could not be measured; if it was the first
// one the Break is nil.
func Find(ctx context.Context, o Options, measure Measure) (*bench.Break, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	s := &search{Options: o, measure: measure, begun: time.Now()}
	s.found.Until = o.Until.String()
	err := s.run(ctx)
	if len(s.found.Steps) == 0 && !s.found.Interrupted {
		return nil, err
	}
	if errors.Is(err, errOver) {
		err = nil
	}
	s.conclude()
	return &s.found, err
}

func (s *search) run(ctx context.Context) error {
	for rate := s.From; ; {
		if err := s.bracket(ctx, rate); err != nil {
			return err
		}
		if err := s.bisect(ctx); err != nil {
			return err
		}
		if !s.doubtful() {
			break
		}
		ok, err := s.try(ctx, bisecting, s.bad)
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		rate = min(2*s.good, s.Highest)
	}
	return s.confirm(ctx)
}

// doubtful tells whether the lowest rate that failed did so long ago, and all
// that was tried since then held: what had disturbed it may be over.
func (s *search) doubtful() bool {
	held := 0
	for i := len(s.tried) - 1; i >= 0; i-- {
		if a := s.tried[i]; !a.ok {
			return a.rate == s.bad && held >= 3
		}
		held++
	}
	return false
}

// bracket finds a rate that holds, and, unless it is the highest, one that does
// not, at most twice as high.
func (s *search) bracket(ctx context.Context, rate float64) error {
	for s.good == 0 || s.bad == 0 {
		ok, err := s.try(ctx, doubling, rate)
		switch {
		case err != nil:
			return err
		case ok && rate >= s.Highest, !ok && rate <= s.Lowest:
			return nil
		case ok:
			rate = min(2*rate, s.Highest)
		default:
			rate = max(rate/2, s.Lowest)
		}
	}
	return nil
}

// bisect narrows the bracket down.
func (s *search) bisect(ctx context.Context) error {
	for s.good > 0 && s.bad > 0 && s.bad-s.good > precision*s.good {
		rate := round((s.good + s.bad) / 2)
		if rate <= s.good || rate >= s.bad {
			return nil
		}
		if _, err := s.try(ctx, bisecting, rate); err != nil {
			return err
		}
	}
	return nil
}

// round returns a rate that is good to read.
func round(rate float64) float64 {
	if rate < 100 {
		return math.Round(rate*10) / 10
	}
	return math.Round(rate)
}

// confirm tries the rate that held for longer, and lower ones until one holds, in
// strides that grow.
func (s *search) confirm(ctx context.Context) error {
	rate, stride := s.good, precision
	for n := 0; n < confirmations && rate > 0; n++ {
		ok, err := s.try(ctx, confirming, rate)
		if err != nil {
			return err
		}
		if ok {
			s.good, s.found.Confirmed = rate, true
			return nil
		}
		s.good = 0 // until another one holds
		if rate <= s.Lowest {
			return nil
		}
		rate = max(round(rate*(1-stride)), s.Lowest)
		if n > 0 {
			stride = min(2*stride, 0.5)
		}
	}
	return nil
}

// try finds out whether the condition holds at a rate. A step that fails is made
// once more, and a third time if the two do not have the same limit, or if it is
// the generator, as then nothing is known of the server.
func (s *search) try(ctx context.Context, stage string, rate float64) (bool, error) {
	a := attempt{rate: rate, first: len(s.found.Steps)}
	var seen []string // limits
	for len(seen) < 2 || len(seen) == 2 && (seen[0] != seen[1] || seen[0] == bench.LimitGenerator) {
		again := ""
		if len(seen) > 0 {
			again = triedAgain
		}
		step, err := s.step(ctx, stage, rate, again)
		if err != nil {
			return false, err
		}
		if step.OK {
			a.ok = true
			break
		}
		seen = append(seen, step.Limit)
	}
	a.last = len(s.found.Steps) - 1
	s.tried = append(s.tried, a)
	if a.ok {
		s.good = max(s.good, rate)
	}
	s.bad = 0
	if lowest := s.lowestFailing(); lowest != nil {
		s.bad = lowest.rate
	}
	return a.ok, nil
}

// lowestFailing returns the attempt that failed with the lowest rate above those
// that held, nil if there is none.
func (s *search) lowestFailing() *attempt {
	var lowest *attempt
	for i := range s.tried {
		if a := &s.tried[i]; !a.ok && a.rate > s.good && (lowest == nil || a.rate < lowest.rate) {
			lowest = a
		}
	}
	return lowest
}

// step measures once.
func (s *search) step(ctx context.Context, stage string, rate float64, again string) (*bench.Step, error) {
	switch {
	case ctx.Err() != nil:
		s.found.Interrupted, s.ended = true, "it was interrupted"
		return nil, errOver
	case len(s.found.Steps) >= s.Steps:
		s.ended = fmt.Sprintf("it had made %d steps", s.Steps)
		return nil, errOver
	case time.Since(s.begun) >= s.Time:
		s.ended = fmt.Sprintf("its %v were over", s.Time)
		return nil, errOver
	}
	r, err := s.measure(ctx, rate, stage == confirming)
	if err != nil || r.Interrupted {
		return nil, s.unmeasured(ctx, err)
	}
	v := s.Until.judge(r, s.setting())
	step := bench.Step{Stage: stage, Rate: rate, OK: v.ok, Limit: v.limit, Why: again + v.why, Result: r}
	if v.ok && again != "" {
		step.Why = "tried again, and the one before does not count"
	}
	s.found.Steps = append(s.found.Steps, step)
	compact(r)
	if s.Observe != nil {
		s.Observe(step)
	}
	if r.Gone != nil {
		s.found.Gone, s.ended = r.Gone, "the server went away"
		return nil, errOver
	}
	return &step, nil
}

// compact makes r take little memory; there are many of them.
func compact(r *bench.Result) {
	for _, l := range []**bench.Latency{&r.Response, &r.Service, &r.Generator.Lag} {
		shrink(l)
	}
	for _, a := range r.Actions {
		shrink(&a.Response)
		shrink(&a.Service)
	}
	for i := range r.Slices {
		shrink(&r.Slices[i].Response)
		shrink(&r.Slices[i].Service)
	}
}

func shrink(l **bench.Latency) {
	if *l != nil {
		*l = (*l).Compact()
	}
}

// unmeasured says what becomes of a search whose step was not measured.
func (s *search) unmeasured(ctx context.Context, err error) error {
	switch {
	case err == nil || ctx.Err() != nil:
		s.found.Interrupted, s.ended = true, "it was interrupted"
		return errOver
	case errors.Is(err, bench.ErrNoServer) && len(s.found.Steps) > 0:
		s.found.Gone, s.ended = &bench.Gone{Why: err.Error()}, "the server went away between two steps"
		return errOver
	}
	return err
}

// setting returns what is known from the steps until now.
func (s *search) setting() setting {
	var least time.Duration
	for _, step := range s.found.Steps {
		if mean := step.Result.Service.Mean(); step.OK && (least == 0 || mean < least) {
			least = mean
		}
	}
	return setting{light: least, local: s.Local}
}
