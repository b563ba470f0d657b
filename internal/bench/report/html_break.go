package report

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"sttp/internal/bench"
)

func (p *page) showBreak(b *bench.Break) {
	p.Command += " break"
	p.Asked = askedOf(b.Load, false) + ", until " + shown(b.Until) + " does not hold"
	p.judgeBreak(b)
	until := parseUntil(b.Until)
	p.breakHeadlines(b, until)
	p.add(kneeSection(b, until))
	if best := bestStep(b); best != nil {
		p.add(curveSection(curvesOf(best.Result), "Latency at "+perSec.full(best.Rate), curveTitle(best.Result), curveIntro(best.Result)))
		p.add(countSection(requests(best.Result), best.Result.Wrong, best.Result.Errors, best.Result.Dials, best.Result.Examples))
	}
	facts := []fact{{"Condition", shown(b.Until)}}
	p.Settings = append(append(facts, loadFacts(b.Load, false)...), workloadFacts(b.Workload)...)
}

func (p *page) judgeBreak(b *bench.Break) {
	rate := perSec.full(b.Rate)
	bears, it := "The server bears "+rate, "it"
	if !b.Confirmed {
		it = "the server"
		bears = "The condition held at " + rate + " (not confirmed over a longer time)"
	}
	p.Class = "open"
	switch {
	case b.Gone != nil:
		p.Class, p.Verdict = "bad", goneWords(b.Gone)
	case b.Rate <= 0 && b.Interrupted:
		p.Verdict = "The search was interrupted before it had found anything."
	case b.Rate <= 0 && b.Limit == bench.LimitGenerator:
		p.Verdict = "The generator could not keep up at any rate that was tried, so nothing is known of the server."
	case b.Rate <= 0 && b.Limit == bench.LimitConnections:
		p.Verdict = "There were too few connections for any rate that was tried, so little is known of the server."
	case b.Rate <= 0:
		p.Class, p.Verdict = "bad", "The condition did not hold at any rate that was tried."
	case b.Interrupted:
		p.Verdict = "The search was interrupted; the condition held at " + rate + "."
	case b.Limit == bench.LimitGenerator:
		p.Verdict = bears + "; beyond that the generator is the limit, and " + it + " may bear more."
	case b.Limit == bench.LimitConnections:
		p.Verdict = bears + "; beyond that the connections are too few, and " + it + " may bear more."
	case b.Limit == bench.LimitServer:
		p.Verdict = bears + "; beyond that " + it + " is the limit."
	case b.Limit == bench.LimitNone:
		p.Verdict = bears + ", the highest rate that was asked for."
	default:
		p.Verdict = bears + "."
	}
	if b.Rate > 0 && b.Confirmed && (b.Limit == bench.LimitServer || b.Limit == bench.LimitNone) && p.Class == "open" && !b.Interrupted {
		p.Class = "good"
	}
	if b.Gone != nil && b.Rate > 0 {
		p.Says = append(p.Says, "Until then the condition held at "+rate+".")
	}
	if b.Why != "" && !b.Interrupted && b.Limit != bench.LimitNone { // whose verdict says it
		p.Says = append(p.Says, capital(strings.TrimSuffix(shown(b.Why), "."))+".")
	}
}

func (p *page) breakHeadlines(b *bench.Break, until untilTerms) {
	found := headline{Name: "Highest rate borne", Figure: "–", Aside: "no rate held"}
	if b.Rate > 0 {
		u := rateUnit(b.Rate)
		found.Figure, found.Unit, found.Aside = u.figure(b.Rate), u.name, "while "+shown(b.Until)
	} else if b.Interrupted || b.Gone != nil {
		found.Aside = "the search was not through"
	}
	limit := headline{Name: "Limited by", Figure: cmp.Or(shown(b.Limit), "–"), Aside: "after " + number(int64(len(b.Steps)), "step", "steps")}
	p.Headlines = []headline{found, limit}
	if best := bestStep(b); best != nil {
		l, name := latencyOf(best.Result.Response, best.Result.Service)
		u := tableUnit(l)
		p.Headlines = append(p.Headlines,
			headline{Name: quantileName(until.quantile) + " " + name, Figure: quantileFigure(l, until.quantile, u), Unit: u.name, Aside: "at that rate"},
			headline{Name: "Errors", Figure: percents.tick(errorShare(best.Result)), Unit: "%", Aside: "of " + number(requests(best.Result), "request", "requests")})
	}
}

// bestStep returns the step that stands for the rate found: the last one there
// that held, nil if there is none.
func bestStep(b *bench.Break) *bench.Step {
	var best *bench.Step
	for i := range b.Steps {
		if s := &b.Steps[i]; s.OK && s.Result != nil && b.Rate > 0 && (best == nil || math.Abs(s.Rate-b.Rate) <= math.Abs(best.Rate-b.Rate)) {
			best = s
		}
	}
	return best
}

// errorShare returns the share of requests without success.
func errorShare(r *bench.Result) float64 {
	return float64(r.Errors.Total()) / float64(max(requests(r), r.Errors.Total(), 1))
}

// untilTerms is what the charts can show of a condition. Limits are not a number
// where the condition has none.
type untilTerms struct {
	quantile float64 // whose latency is limited, 0.99 if none is
	latency  float64 // in nanoseconds
	errors   float64 // a share
}

var untilTerm = regexp.MustCompile(`^(p([0-9.]+)|max|errors)<=?([0-9.]+)([a-zµμ%]*)$`)

// parseUntil takes out of a condition what can be drawn.
func parseUntil(until string) untilTerms {
	t := untilTerms{0.99, math.NaN(), math.NaN()}
	for term := range strings.SplitSeq(strings.ToLower(strings.ReplaceAll(until, " ", "")), ",") {
		m := untilTerm.FindStringSubmatch(term)
		if m == nil {
			continue
		}
		if m[1] == "errors" {
			if v, err := strconv.ParseFloat(m[3], 64); err == nil && m[4] == "%" {
				t.errors = v / 100
			}
			continue
		}
		d, err := time.ParseDuration(m[3] + m[4])
		if err != nil || d <= 0 || finite(t.latency) {
			continue
		}
		if m[1] == "max" {
			t.quantile, t.latency = 1, float64(d)
		} else if v, err := strconv.ParseFloat(m[2], 64); err == nil && v > 0 && v < 100 {
			t.quantile, t.latency = v/100, float64(d)
		}
	}
	return t
}

// verdictOf returns what a step's mark looks like, and its name.
func verdictOf(s *bench.Step) (class, shape, name string) {
	switch {
	case s.OK:
		return "good", "disc", "ok"
	case s.Limit == bench.LimitGenerator:
		return "open", "triangle", "generator"
	case s.Limit == bench.LimitConnections:
		return "open", "square", "connections"
	default:
		return "bad", "cross", "server"
	}
}

// kneeSection shows all steps by their rate, nil if there are none.
func kneeSection(b *bench.Break, until untilTerms) *pageSection {
	var steps []*bench.Step
	for i := range b.Steps {
		if s := &b.Steps[i]; s.Result != nil && s.Rate > 0 && finite(s.Rate) {
			steps = append(steps, s)
		}
	}
	if len(steps) == 0 {
		return nil
	}
	lo, hi := steps[0].Rate, steps[0].Rate
	for _, s := range steps {
		lo, hi = min(lo, s.Rate), max(hi, s.Rate)
	}
	x := logScale(lo, max(hi, b.Rate))
	s := &pageSection{ID: "knee", Title: "Rate and what it does", Intro: "Each mark is a step: a rate that was tried for a while. ~ marks a percentile that fewer than 10 replies exceeded."}
	if c := kneeLatency(b, steps, x, until); c != nil {
		s.Charts = append(s.Charts, c)
	}
	s.Charts = append(s.Charts, kneeErrors(b, steps, x, until))
	s.Charts[0].Legend = kneeLegend(steps)
	s.Table = stepTable(b, until)
	return s
}

// kneeLegend explains the marks that there are.
func kneeLegend(steps []*bench.Step) []chartKey {
	var keys []chartKey
	for _, s := range steps {
		class, shape, name := verdictOf(s)
		if !s.OK {
			name = "limited by the " + name
		}
		if key := (chartKey{class, shape, name}); !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// kneeLatency is the chart of a percentile at each rate, nil without values.
func kneeLatency(b *bench.Break, steps []*bench.Step, x scale, until untilTerms) *chart {
	lo, hi := math.Inf(1), 0.0
	for _, s := range steps {
		if l, _ := latencyOf(s.Result.Response, s.Result.Service); has(l) {
			v := max(quantileAt(l, until.quantile), 1e3)
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	if hi == 0 {
		return nil
	}
	limited := finite(until.latency)
	if limited {
		lo, hi = min(lo, until.latency), max(hi, until.latency)
	}
	y := logScale(lo, hi)
	_, name := latencyOf(steps[0].Result.Response, steps[0].Result.Service)
	values := func(s *bench.Step) float64 {
		if l, _ := latencyOf(s.Result.Response, s.Result.Service); has(l) {
			return max(quantileAt(l, until.quantile), 1e3)
		}
		return math.NaN()
	}
	u := latencyUnit(y.lo, y.hi)
	c := newKnee("knee-latency", quantileName(until.quantile)+" "+name, b, steps, x, y, u, plotHeight, values)
	c.Unit += ", logarithmic"
	if limited {
		c.addLevel("limit", "limit "+u.tick(until.latency)+"\u00a0"+u.name, until.latency)
		c.Desc += " The limit is " + u.full(until.latency) + "."
	}
	return c.finish()
}

// kneeErrors is the chart of the share of errors at each rate.
func kneeErrors(b *bench.Break, steps []*bench.Step, x scale, until untilTerms) *chart {
	hi := 0.0
	for _, s := range steps {
		hi = max(hi, errorShare(s.Result))
	}
	if finite(until.errors) {
		hi = max(hi, 1.2*until.errors)
	}
	y := zeroScale(max(hi, 0.001)/percents.size, 2)
	for i := range y.ticks {
		y.ticks[i] *= percents.size
	}
	y.hi *= percents.size
	c := newKnee("knee-errors", "Errors", b, steps, x, y, percents, lowHeight, func(s *bench.Step) float64 { return errorShare(s.Result) })
	c.Unit = "% of requests"
	if finite(until.errors) {
		c.addLevel("limit", "limit "+percents.tick(until.errors)+"\u00a0%", until.errors)
		c.Desc += " The limit is " + percents.full(until.errors) + "."
	}
	return c.finish()
}

// newKnee returns a chart of a value of each step over its rate.
func newKnee(id, title string, b *bench.Break, steps []*bench.Step, x, y scale, u unit, height float64, value func(*bench.Step) float64) *chart {
	rates := rateUnit(x.hi)
	c := newChart(id, title, x, y, rates, u, height)
	c.XName = "requests due, " + rateWords(rates)
	for i := range c.XTicks {
		v := x.ticks[i]
		power := math.Pow(10, math.Round(math.Log10(v)))
		c.XTicks[i].Spare = len(x.ticks) > 4 && math.Abs(v/power-1) > 1e-6
	}
	c.Desc = title + " at " + number(int64(len(steps)), "rate", "rates") + " from " + perSec.full(steps[0].Rate) + " on."
	if b.Rate > 0 {
		c.addMoment("knee", perSec.full(b.Rate), b.Rate)
		c.Desc += " The highest rate at which the condition held is " + perSec.full(b.Rate) + "."
	}
	for _, s := range steps {
		class, shape, name := verdictOf(s)
		v := value(s)
		words := perSec.full(s.Rate) + " (" + shown(s.Stage) + "): " + name
		if finite(v) {
			words += ", " + title + " " + u.full(v)
		}
		c.dot(c.stop(s.Rate, words), class, shape, v)
	}
	return c
}

// stepTable holds the figures of the charts, in the order of time.
func stepTable(b *bench.Break, until untilTerms) *pageTable {
	var all []*bench.Latency
	for _, s := range b.Steps {
		if s.Result != nil {
			l, _ := latencyOf(s.Result.Response, s.Result.Service)
			all = append(all, l)
		}
	}
	u := tableUnit(all...)
	best := bestStep(b)
	t := newTable("Steps in the order of time", " Stage", "Rate", "Achieved", "p50, "+u.name, quantileName(until.quantile)+", "+u.name, "Errors", "Wrong", "Send lag p99", " Outcome", " Why")
	for i := range b.Steps[:min(len(b.Steps), mostRows)] {
		s := &b.Steps[i]
		if s.Result == nil {
			continue
		}
		r, class := s.Result, ""
		if s == best {
			class = "found"
		}
		l, _ := latencyOf(r.Response, r.Service)
		high, lag := quantileFigure(l, until.quantile, u), "–"
		if has(l) && !supports(l, until.quantile) {
			high = "~" + high
		}
		if has(r.Generator.Lag) {
			lag = timeText(r.Generator.Lag.Quantile(0.99))
		}
		verdict, _, name := verdictOf(s)
		row := t.row(class, shown(s.Stage), perSec.figure(s.Rate), perSec.figure(r.Rate), quantileFigure(l, 0.5, u), high,
			percentOf(r.Errors.Total(), requests(r)), grouped(r.Wrong.Total()), lag, name, shown(s.Why))
		row.Cells[8].Class = "tag " + verdict
	}
	return t
}
