package compare

import (
	"slices"

	"sttp/internal/bench"
)

// noSlices is why figures of the guide's test have no interval.
const noSlices = "the guide's test is not divided into slices of time: use sttp-bench run to be sure"

// guides compares two of the guide's tests, phase by phase.
func (c *Comparison) guides(a, b *bench.Guide) {
	for i := range a.Phases {
		x := &a.Phases[i]
		at := slices.IndexFunc(b.Phases, func(p bench.Phase) bool { return p.Name == x.Name })
		if at < 0 {
			continue
		}
		y := &b.Phases[at]
		c.add(Change{Of: x.Name, What: "rate", Unit: PerSecond, More: true, A: x.Rate, B: y.Rate, Change: relative(x.Rate, y.Rate), Why: noSlices})
		for _, q := range []float64{0.5, 0.99} {
			ch := timeChange(x.Name, q, x.Service, y.Service)
			ch.Why = noSlices
			c.add(ch)
		}
	}
	c.failures(failuresOfGuide(a), failuresOfGuide(b))
	c.gone(a.Gone, b.Gone)
}

func failuresOfGuide(g *bench.Guide) failures {
	f := failures{wrong: g.Wrong.Total(), errors: g.Errors.Total()}
	for _, p := range g.Phases {
		f.done += p.Done
	}
	return f
}
