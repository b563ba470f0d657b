package compare

import (
	"fmt"
	"math"

	"sttp/internal/bench"
)

// resolution is how far a search for the breaking point narrows it down.
const resolution = 0.02

// breaks compares the rates that two searches found. The interval is not one of
// chance: it says between which rates the searches left the breaking points.
func (c *Comparison) breaks(a, b *bench.Break) {
	lowA, highA := between(a)
	lowB, highB := between(b)
	ch := Change{What: "breaking point", Unit: PerSecond, More: true, A: a.Rate, B: b.Rate, Change: relative(a.Rate, b.Rate)}
	if ch.Change != nil && highA > 0 {
		ch.Interval = &Interval{Bound(lowB/highA - 1), Bound(math.Inf(1))}
		if lowA > 0 {
			ch.Interval.High = Bound(highB/lowA - 1)
		}
	}
	for i, x := range []*bench.Break{a, b} {
		switch side := "AB"[i : i+1]; {
		case x.Limit == bench.LimitGenerator || x.Limit == bench.LimitConnections:
			ch.Why = "search with another machine, or other connections"
			c.Warnings = append(c.Warnings, fmt.Sprintf("in %s it was not the server that kept the rate from being higher, but the %s", side, x.Limit))
		case x.Limit == bench.LimitNone:
			ch.Why = "search up to a higher rate"
			c.Warnings = append(c.Warnings, fmt.Sprintf("in %s the highest rate that was asked for did no harm", side))
		case x.Limit != bench.LimitServer || !x.Confirmed && x.Rate > 0:
			c.Warnings = append(c.Warnings, fmt.Sprintf("in %s the rate was not confirmed", side))
		}
	}
	c.add(ch)
	var wrongA, wrongB failures
	for _, s := range a.Steps {
		wrongA = wrongA.plus(s.Result)
	}
	for _, s := range b.Steps {
		wrongB = wrongB.plus(s.Result)
	}
	if wrongB.wrong > wrongA.wrong {
		c.Regressions = append(c.Regressions, fmt.Sprintf("wrong replies: %d, and %d in A", wrongB.wrong, wrongA.wrong))
	}
	c.gone(a.Gone, b.Gone)
}

func (f failures) plus(r *bench.Result) failures {
	g := failuresOf(r)
	return failures{f.done + g.done, f.wrong + g.wrong, f.errors + g.errors}
}

// between returns the rates between which the breaking point lies: from what was
// borne to the lowest rate above it at which the server gave up, and no nearer
// than the search looks. If it was not the server that gave up, there is no upper
// bound.
func between(b *bench.Break) (low, high float64) {
	low, high = b.Rate/(1+resolution), math.Inf(1)
	for _, s := range b.Steps {
		if !s.OK && s.Limit == bench.LimitServer && s.Rate > b.Rate {
			high = min(high, s.Rate)
		}
	}
	if b.Limit != bench.LimitServer {
		return low, math.Inf(1)
	}
	return low, max(high, b.Rate*(1+resolution))
}
