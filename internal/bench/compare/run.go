package compare

import (
	"fmt"
	"math"

	"sttp/internal/bench"
)

// quantiles are those that are compared, in rising order.
func quantiles() []float64 { return []float64{0.5, 0.9, 0.99, 0.999} }

// runs compares two runs.
func (c *Comparison) runs(a, b *bench.Result) {
	name, pick := "response time", func(s *bench.Slice) *bench.Latency { return s.Response }
	timesA, timesB := a.Response, b.Response
	if a.Load.Closed || b.Load.Closed { // of one of them nothing else is known
		name, pick = "service time", func(s *bench.Slice) *bench.Latency { return s.Service }
		timesA, timesB = a.Service, b.Service
	}
	var deviations [][]float64
	why := fewSlices(a, b)
	if why == "" && !c.Identical {
		deviations = changes(newSample(a.Slices, pick), newSample(b.Slices, pick), quantiles())
	}
	rate := Change{What: "rate", Unit: PerSecond, More: true, A: a.Rate, B: b.Rate, Change: relative(a.Rate, b.Rate), Why: why}
	rate.bound(deviations, 0)
	c.add(rate)
	for i, q := range quantiles() {
		ch := timeChange(name, q, timesA, timesB)
		if ch.Why = tooFew(q, timesA, timesB); ch.Why == "" {
			ch.Why = why
			ch.bound(deviations, i+1)
		}
		c.add(ch)
	}
	longest := timeChange(name, 1, timesA, timesB)
	longest.What, longest.Verdict = "max", Unjudged
	c.add(longest)
	c.failures(failuresOf(a), failuresOf(b))
	c.gone(a.Gone, b.Gone)
}

// bound gives a change the interval that follows from deviations, if there are
// any.
func (ch *Change) bound(deviations [][]float64, i int) {
	if deviations == nil || ch.Change == nil {
		return
	}
	if ch.Interval = interval(*ch.Change, deviations[i]); ch.Interval == nil {
		ch.Why = "too many slices have no replies"
	}
}

// timeChange returns the change of a quantile. Whether there are enough values for
// it is not asked.
func timeChange(of string, q float64, a, b *bench.Latency) Change {
	x, y := bench.Micros(a.Quantile(q)), bench.Micros(b.Quantile(q))
	return Change{Of: of, What: "p" + bench.PercentileName(q), Unit: Micros, A: x, B: y, Change: relative(x, y)}
}

// fewSlices says what is wrong if the slices of one run do not tell how much it
// varies.
func fewSlices(a, b *bench.Result) string {
	if n := min(len(a.Slices), len(b.Slices)); n < leastSlices {
		return fmt.Sprintf("too few slices of time to tell: %d of at least %d", n, leastSlices)
	}
	return ""
}

// tooFew says what is wrong if there are too few values for a quantile.
func tooFew(q float64, a, b *bench.Latency) string {
	n := min(a.Count(), b.Count())
	if float64(n)*(1-q) < leastBeyond-1e-6 {
		return fmt.Sprintf("it needs %s requests, and there are %s", grouped(math.Round(leastBeyond/(1-q))), grouped(float64(n)))
	}
	return ""
}

// failures are the requests of a measurement that went wrong.
type failures struct{ done, wrong, errors int64 }

func failuresOf(r *bench.Result) failures {
	return failures{r.Done, r.Wrong.Total(), r.Errors.Total()}
}

// share returns what part of all requests n is.
func (f failures) share(n int64) float64 {
	return float64(n) / max(1, float64(f.done)+float64(f.wrong)+float64(f.errors))
}

// failures compares errors and wrong replies. An open loop's rate was given, so
// that a server that gives up shows here first.
func (c *Comparison) failures(a, b failures) {
	errs := Change{What: "errors", Unit: Share, A: a.share(a.errors), B: b.share(b.errors)}
	errs.Change = new(errs.B - errs.A)
	switch {
	case *errs.Change > c.Tolerance:
		errs.Verdict = Worse
	case -*errs.Change > c.Tolerance:
		errs.Verdict = Better
	default:
		errs.Verdict = Same
	}
	c.add(errs)
	// Of wrong replies no number is tolerable.
	wrong := Change{What: "wrong replies", Unit: Share, A: a.share(a.wrong), B: b.share(b.wrong)}
	wrong.Change = new(wrong.B - wrong.A)
	switch {
	case wrong.B > wrong.A:
		wrong.Verdict = Worse
	case wrong.B < wrong.A:
		wrong.Verdict = Better
	default:
		wrong.Verdict = Same
	}
	c.add(wrong)
}

// gone compares whether the server stayed.
func (c *Comparison) gone(a, b *bench.Gone) {
	switch {
	case b != nil && a == nil:
		c.Regressions = append(c.Regressions, fmt.Sprintf("the server went away after %s, and in A it did not", seconds(b.After)))
	case a != nil && b == nil:
		c.Warnings = append(c.Warnings, fmt.Sprintf("in A the server went away after %s", seconds(a.After)))
	case a != nil:
		c.Warnings = append(c.Warnings, fmt.Sprintf("the server went away in both, after %s and %s", seconds(a.After), seconds(b.After)))
	}
}
