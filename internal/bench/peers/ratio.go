package peers

import (
	"slices"

	"sttp/internal/bench"
)

// What is measured of each system.
const (
	cpuFigure      = "CPU"
	upstreamFigure = "CPU with upstream"
	rateFigure     = "rate"
	p99Figure      = "p99"
)

// quantity is one of the things that are measured.
type quantity struct{ what, unit, better string }

// quantities are all of them, in the order that they are shown in.
func quantities() []quantity {
	return []quantity{
		{cpuFigure, "µs/request", "less"},
		{upstreamFigure, "µs/request", "less"},
		{rateFigure, "requests/s", "more"},
		{p99Figure, "µs", "less"},
	}
}

// sample is what one measurement of one system found, by quantity.
type sample map[string]float64

// figures returns the figures of a workload from complete rounds, in each of
// which there is a sample of every system in names. A quantity that a system
// does not have is left out.
func figures(names []string, rounds []map[string]sample) []bench.Figure {
	var all []bench.Figure
	for _, q := range quantities() {
		for i, system := range names {
			values := series(rounds, system, q.what)
			if values == nil {
				continue
			}
			f := bench.Figure{System: system, What: q.what, Unit: q.unit, Better: q.better, Rounds: values, Median: median(values)}
			if i > 0 {
				f.Ratio = ratio(first(rounds, names[0], q.what), values)
			}
			all = append(all, f)
		}
	}
	return all
}

// first returns the series that others are compared with: where the first
// system has no upstream, its whole processor time is its own.
func first(rounds []map[string]sample, system, what string) []float64 {
	values := series(rounds, system, what)
	if values == nil && what == upstreamFigure {
		return series(rounds, system, cpuFigure)
	}
	return values
}

// series returns a quantity of a system round by round, nil if it was not
// measured in all of them.
func series(rounds []map[string]sample, system, what string) []float64 {
	var values []float64
	for _, round := range rounds {
		v, ok := round[system][what]
		if !ok {
			return nil
		}
		values = append(values, v)
	}
	return values
}

// ratio returns the range of a over b, round by round. It is nil if there is
// nothing to divide, or by.
func ratio(a, b []float64) *bench.Range {
	if len(a) == 0 || len(a) != len(b) || slices.Contains(b, 0) {
		return nil
	}
	ratios := make([]float64, len(a))
	for i := range a {
		ratios[i] = a[i] / b[i]
	}
	return &bench.Range{Median: median(ratios), Lowest: slices.Min(ratios), Highest: slices.Max(ratios)}
}

// median returns the value in the middle, or the mean of the two that are.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n == 0 {
		return 0
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
