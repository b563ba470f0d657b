package report

import (
	"math"
	"strings"
	"time"

	"sttp/internal/bench"
)

// mostSlices is how many slices a chart shows one by one. Of more, neighbours
// are taken together.
const mostSlices = 300

// overTime shows how rate and latency went on, nil if there are no slices.
func overTime(r *bench.Result) *pageSection {
	all := fewerSlices(r.Slices)
	if len(all) == 0 {
		return nil
	}
	span := spanOf(r, all)
	_, name := latencyOf(r.Response, r.Service)
	s := &pageSection{ID: "time", Title: "Over time", Intro: "Each point is a slice of " + timeText(all[0].Length) + ", by the time of the replies."}
	s.Charts = append(s.Charts, rateChart(r, all, span))
	if c := latencyChart(r, all, span); c != nil {
		s.Charts = append(s.Charts, c)
	} else {
		s.Intro += " There is no " + name + ", as there was no right reply."
	}
	s.Table = sliceTable(all, span)
	return s
}

// fewerSlices returns the slices that have a length, at most mostSlices.
func fewerSlices(all []bench.Slice) []bench.Slice {
	var good []bench.Slice
	for _, s := range all {
		if s.Length > 0 && s.Start >= 0 {
			good = append(good, s)
		}
	}
	if len(good) <= mostSlices {
		return good
	}
	every := (len(good) + mostSlices - 1) / mostSlices
	var fewer []bench.Slice
	for i := 0; i < len(good); i += every {
		fewer = append(fewer, joined(good[i:min(i+every, len(good))]))
	}
	return fewer
}

// joined returns several slices as one.
func joined(all []bench.Slice) bench.Slice {
	j := bench.Slice{Start: all[0].Start}
	var response, service []*bench.Latency
	for _, s := range all {
		j.Length += s.Length
		j.Done += s.Done
		j.Wrong += s.Wrong
		j.Errors += s.Errors
		service = append(service, s.Service)
		if s.Response != nil {
			response = append(response, s.Response)
		}
	}
	j.Service = merged(service)
	if len(response) > 0 {
		j.Response = merged(response)
	}
	return j
}

func merged(all []*bench.Latency) *bench.Latency {
	sum := bench.NewLatency()
	for _, l := range all {
		sum.Merge(l)
	}
	return sum.Compact()
}

// spanOf returns the axis of time and its unit.
func spanOf(r *bench.Result, all []bench.Slice) timeAxis {
	last := all[len(all)-1]
	hi := float64(last.Start + last.Length)
	if r.Gone != nil {
		hi = max(hi, float64(r.Gone.After))
	}
	u := clockUnit(hi)
	return timeAxis{spanScale(hi, u.size, 8), u}
}

type timeAxis struct {
	scale scale
	unit  unit
}

func (a timeAxis) text(d time.Duration) string { return a.unit.tick(float64(d)) }

// name says what the axis is.
func (a timeAxis) name() string {
	name := map[unit]string{millis: "milliseconds", secs: "seconds", minutes: "minutes"}[a.unit]
	return name + " since the warm-up"
}

// rateWords returns the unit of rates as it is read.
func rateWords(u unit) string {
	if u == thousand {
		return "thousand per second"
	}
	return "per second"
}

func middle(s bench.Slice) float64 { return float64(s.Start) + float64(s.Length)/2 }

// rateChart shows the rate beside the one that was due, and when there were
// errors and wrong replies.
func rateChart(r *bench.Result, all []bench.Slice, span timeAxis) *chart {
	hi := 0.0
	var points []point
	var wrong, errs []float64
	for _, s := range all {
		points = append(points, point{middle(s), s.Rate()})
		hi = max(hi, s.Rate())
		if s.Wrong > 0 {
			wrong = append(wrong, middle(s))
		}
		if s.Errors > 0 {
			errs = append(errs, middle(s))
		}
	}
	due := !r.Load.Closed && r.Load.Rate > 0
	if due {
		hi = max(hi, r.Load.Rate)
	}
	u := rateUnit(hi)
	c := newChart("rate", "Right replies", span.scale, zeroScale(hi, 5), span.unit, u, plotHeight)
	c.Unit, c.XName = rateWords(u), span.name()
	c.Desc = "Right replies per second over " + timeText(time.Duration(span.scale.hi)) + ", on average " + perSec.full(finiteOr(r.Rate, 0)) + "."
	if due {
		c.addLevel("due", "due", r.Load.Rate)
		c.Desc += " Due were " + perSec.full(r.Load.Rate) + "."
	}
	c.addLine("main", "rate", points)
	c.addLane("bad", "diamond", "wrong", wrong)
	c.addLane("bad", "cross", "errors", errs)
	markGone(c, r)
	for i, s := range all {
		stop := c.stop(middle(s), span.words(s)+": "+u.full(s.Rate())+countWords(s))
		c.dot(stop, "main", loneShape(points, i), s.Rate())
	}
	return c.finish()
}

// words tells of which time a slice is.
func (a timeAxis) words(s bench.Slice) string {
	return a.text(s.Start) + " to " + a.text(s.Start+s.Length) + "\u00a0" + a.unit.name
}

func countWords(s bench.Slice) string {
	var b strings.Builder
	if s.Errors > 0 {
		b.WriteString(", " + number(s.Errors, "error", "errors"))
	}
	if s.Wrong > 0 {
		b.WriteString(", " + number(s.Wrong, "wrong reply", "wrong replies"))
	}
	return b.String()
}

// loneShape returns the mark of a point without neighbours, which no line shows.
func loneShape(points []point, i int) string {
	if (i == 0 || !finite(points[i-1].y)) && (i+1 == len(points) || !finite(points[i+1].y)) {
		return "dot"
	}
	return ""
}

func markGone(c *chart, r *bench.Result) {
	if r.Gone != nil && r.Gone.After >= 0 {
		c.addMoment("bad", "server gone", float64(r.Gone.After))
	}
}

// timeLines are the lines of the chart of latency.
var timeLines = []struct {
	name, class string
	q           float64
}{{"max", "most", 1}, {"p99", "main", 0.99}, {"p50", "half", 0.5}}

// latencyChart shows percentiles of each slice, nil if there are no values.
func latencyChart(r *bench.Result, all []bench.Slice, span timeAxis) *chart {
	_, name := latencyOf(r.Response, r.Service)
	lines := make([][]point, len(timeLines))
	lo, hi := math.Inf(1), 0.0
	for _, s := range all {
		l, _ := latencyOf(s.Response, s.Service)
		for i, line := range timeLines {
			v := math.NaN()
			if has(l) {
				v = max(quantileAt(l, line.q), 1e3)
				lo, hi = min(lo, v), max(hi, v)
			}
			lines[i] = append(lines[i], point{middle(s), v})
		}
	}
	if hi == 0 {
		return nil
	}
	y := logScale(lo, hi)
	u := latencyUnit(y.lo, y.hi)
	c := newChart("latency-time", capital(name), span.scale, y, span.unit, u, plotHeight)
	c.Unit, c.XName = u.name+", logarithmic", span.name()
	c.Desc = "Median, 99th percentile and maximum of the " + name + " in each slice, between " + timeText(time.Duration(lo)) + " and " + timeText(time.Duration(hi)) + "."
	for i, line := range timeLines {
		c.addLine(line.class, line.name, lines[i])
	}
	markGone(c, r)
	for i, s := range all {
		if !finite(lines[0][i].y) {
			c.stop(middle(s), span.words(s)+": no values"+countWords(s))
			continue
		}
		words := span.words(s) + ": "
		for k := len(timeLines) - 1; k >= 0; k-- {
			words += timeLines[k].name + " " + u.full(lines[k][i].y)
			if k > 0 {
				words += ", "
			}
		}
		stop := c.stop(middle(s), words)
		for k, line := range timeLines {
			c.dot(stop, line.class, loneShape(lines[k], i), lines[k][i].y)
		}
	}
	return c.finish()
}

// sliceTable holds the figures of both charts.
func sliceTable(all []bench.Slice, span timeAxis) *pageTable {
	var latencies []*bench.Latency
	for _, s := range all {
		l, _ := latencyOf(s.Response, s.Service)
		latencies = append(latencies, l)
	}
	u := tableUnit(latencies...)
	t := newTable("Figures over time", "From, "+span.unit.name, "Right replies/s", "Wrong", "Errors", "p50, "+u.name, "p99, "+u.name, "max, "+u.name)
	t.Folded = true
	for i, s := range all {
		l := latencies[i]
		t.row("", span.text(s.Start), perSec.figure(s.Rate()), grouped(s.Wrong), grouped(s.Errors),
			quantileFigure(l, 0.5, u), quantileFigure(l, 0.99, u), quantileFigure(l, 1, u))
	}
	return t
}
