package report

import (
	"math"
	"strings"
	"time"

	"sttp/internal/bench"
)

// curve is a latency that is shown over its percentiles.
type curve struct {
	name, class string
	latency     *bench.Latency
}

// perNine is how many points a curve has between, say, 90 % and 99 %.
const perNine = 24

func curvesOf(r *bench.Result) []curve {
	return []curve{{"response", "main", r.Response}, {"service", "other", r.Service}}
}

func curveTitle(r *bench.Result) string {
	if r.Load.Closed {
		return "Service time"
	}
	return "Response and service time"
}

func curveIntro(r *bench.Result) string {
	if r.Load.Closed {
		return ""
	}
	server := "that was busy with others"
	if r.Gone != nil {
		server += ", or gone"
	}
	return "Response time counts from when a request was due, service time from when it was sent. Where the two part, requests waited for a server " + server + "."
}

// curveSection shows curves on an axis on which each 9 more takes as much room
// as the one before, nil if there are no values.
func curveSection(curves []curve, title, measure, intro string) *pageSection {
	var full []curve
	lo, hi, count := math.Inf(1), 0.0, int64(0)
	for _, c := range curves {
		if has(c.latency) {
			full = append(full, c)
			lo, hi = min(lo, max(quantileAt(c.latency, 0), 1e3)), max(hi, max(quantileAt(c.latency, 1), 1e3))
			count = max(count, c.latency.Count())
		}
	}
	if len(full) == 0 {
		return nil
	}
	y := logScale(lo, hi)
	u := latencyUnit(y.lo, y.hi)
	x := ninesScale(count)
	c := newChart("percentiles", measure, x, y, unit{"", 1}, u, plotHeight)
	c.Unit, c.XName = u.name+", logarithmic", "percentile"
	for i, n := range x.ticks {
		c.XTicks[i] = chartTick{At: share(x.at(n)), Text: bench.PercentileName(unNines(n)), Spare: i == 0 || i == len(x.ticks)-2 && n > x.hi-0.8}
	}
	c.XTicks[len(c.XTicks)-1].Text = "max"
	var names []string
	for _, one := range full {
		names = append(names, one.name+" with p50 "+timeText(one.latency.Quantile(0.5))+", p99 "+timeText(one.latency.Quantile(0.99))+" and maximum "+timeText(one.latency.Max()))
		c.addLine(one.class, one.name, curvePoints(one.latency))
	}
	c.Desc = "Latency over the percentile: " + strings.Join(names, "; ") + "."
	c.curveStops(full, u)
	return &pageSection{ID: "percentiles-section", Title: title, Intro: intro, Charts: []*chart{c.finish()}, Table: curveTable(full, count)}
}

// curvePoints returns a curve up to where one value remains, the maximum.
func curvePoints(l *bench.Latency) []point {
	end := math.Log10(float64(l.Count()))
	var points []point
	for i := 0; float64(i)/perNine < end; i++ {
		n := float64(i) / perNine
		points = append(points, point{n, max(quantileAt(l, unNines(n)), 1e3)})
	}
	return append(points, point{end, max(quantileAt(l, 1), 1e3)})
}

// curveQuantiles are those for which so many values are enough, and the maximum.
func curveQuantiles(count int64) []float64 {
	var all []float64
	for _, q := range []float64{0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999, 0.99999, 0.999999} {
		if (1-q)*float64(count) >= enough-1e-6 {
			all = append(all, q)
		}
	}
	return append(all, 1)
}

func (c *chart) curveStops(curves []curve, u unit) {
	for _, q := range curveQuantiles(int64(math.Round(math.Pow(10, c.x.hi)))) {
		at, name := c.x.hi, quantileName(q)
		if q < 1 {
			at = nines(q)
		}
		var words []string
		for _, one := range curves {
			words = append(words, one.name+" "+u.full(quantileAt(one.latency, q)))
		}
		stop := c.stop(at, name+": "+strings.Join(words, ", "))
		for _, one := range curves {
			shape := ""
			if one.latency.Count() == 1 {
				shape = "dot"
			}
			c.dot(stop, one.class, shape, max(quantileAt(one.latency, q), 1e3))
		}
	}
}

// curveTable holds the figures of the chart.
func curveTable(curves []curve, count int64) *pageTable {
	var all []*bench.Latency
	names := []string{" Percentile"}
	for _, c := range curves {
		all = append(all, c.latency)
	}
	u := tableUnit(all...)
	for _, c := range curves {
		names = append(names, c.name+", "+u.name)
	}
	t := newTable("Figures by percentile", names...)
	t.Folded = true
	for _, q := range curveQuantiles(count) {
		cells := []string{quantileName(q)}
		for _, c := range curves {
			cells = append(cells, supported(c.latency, q, u))
		}
		t.row("", cells...)
	}
	cells := []string{"mean"}
	for _, c := range curves {
		cells = append(cells, u.figure(float64(c.latency.Mean()/time.Nanosecond)))
	}
	t.row("", cells...)
	return t
}
