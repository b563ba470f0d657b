package report

import (
	"fmt"
	"math"
	"strings"
	"time"

	"sttp"
	"sttp/internal/bench"
)

// requests returns how many there were to be.
func requests(r *bench.Result) int64 { return max(r.Due, r.Sent) }

func (p *page) showRun(r *bench.Result) {
	p.Command += " run"
	p.Asked = askedOf(r.Load, true)
	p.judge(r)
	p.runHeadlines(r)
	p.add(overview(r))
	p.add(overTime(r))
	p.add(curveSection(curvesOf(r), "Latency by percentile", curveTitle(r), curveIntro(r)))
	p.add(actionSection(r))
	p.add(countSection(requests(r), r.Wrong, r.Errors, r.Dials, r.Examples))
	p.Settings = append(loadFacts(r.Load, true), workloadFacts(r.Workload)...)
}

// judge says in a sentence what a run showed.
func (p *page) judge(r *bench.Result) {
	wrong, errs := r.Wrong.Total(), r.Errors.Total()
	generator, trusted := generatorWords(r)
	switch {
	case r.Gone != nil:
		p.Class, p.Verdict = "bad", goneWords(r.Gone)
	case wrong > 0:
		p.Class, p.Verdict = "bad", number(wrong, "reply was wrong", "replies were wrong")+": "+listed(r.Wrong)+"."
	case r.Done == 0:
		p.Class, p.Verdict = "bad", "There was no right reply."
	case errs > 0:
		p.Class, p.Verdict = "open", "Every reply was right, but "+number(errs, "request", "requests")+" of "+grouped(requests(r))+" had no success."
	case !trusted:
		p.Class, p.Verdict = "open", "Every reply was right, but the generator was the limit."
	case r.Interrupted:
		p.Class, p.Verdict = "open", "Every reply was right until the run was interrupted."
	default:
		p.Class, p.Verdict = "good", "Every request was answered, and every reply was right."
	}
	if r.Gone != nil && wrong > 0 {
		p.Says = append(p.Says, number(wrong, "reply was wrong", "replies were wrong")+": "+listed(r.Wrong)+".")
	}
	if errs > 0 {
		p.Says = append(p.Says, "Errors: "+listed(r.Errors)+".")
	}
	if r.Interrupted {
		p.Says = append(p.Says, "The run was ended from outside after "+timeText(r.Elapsed)+"; the figures hold what was measured until then.")
	}
	p.Says = append(p.Says, generator)
}

func goneWords(g *bench.Gone) string {
	when := "after " + timeText(g.After)
	if g.After < 0 {
		when = "during the warm-up"
	}
	return fmt.Sprintf("The server went away %s (%s); %s.", when, shown(g.Why), number(g.Lost, "request that was on its way is lost", "requests that were on their way are lost"))
}

// Bounds of a generator that does not disturb what it measures.
const (
	lateness  = 2 * time.Millisecond // of 99 % of the requests
	busyShare = 0.9                  // of all processors
)

// generatorWords says what the measuring itself did to the figures, and whether
// they can be trusted.
func generatorWords(r *bench.Result) (words string, trusted bool) {
	g := r.Generator
	cpu := "it took " + percents.full(finiteOr(g.Share, 0)) + " of this machine's processors"
	switch {
	case has(g.Lag) && g.Lag.Quantile(0.99) > lateness:
		return "The generator was late: 99 % of the requests were sent within " + timeText(g.Lag.Quantile(0.99)) +
			" of when they could be, not within 2 ms, and the response times hold that; " + cpu + ".", false
	case supports(g.Wake, 0.99) && g.Wake.Quantile(0.99) > lateness:
		return "The generator was late: 1 time in 100 it ran " + timeText(g.Wake.Quantile(0.99)) +
			" or more after it could have, not within 2 ms, and so it read replies as late; " + cpu + ".", false
	case g.Share > busyShare:
		return "The generator was busy: " + cpu + ", so the server may bear more than this.", false
	case has(g.Lag):
		return "The generator was on time: it sent 99 % of the requests within " + timeText(g.Lag.Quantile(0.99)) + " of when they could be; " + cpu + ".", true
	}
	return "The generator was not the limit: " + cpu + ".", true
}

func finiteOr(v, otherwise float64) float64 {
	if finite(v) {
		return v
	}
	return otherwise
}

func (p *page) runHeadlines(r *bench.Result) {
	rates := rateUnit(max(r.Rate, r.Load.Rate))
	rate := headline{Name: "Right replies", Figure: rates.figure(r.Rate), Unit: rates.name, Aside: "closed loop, " + number(int64(r.Load.Connections), "connection", "connections")}
	if !r.Load.Closed {
		rate.Aside = "of " + rates.full(r.Load.Rate) + " due"
		if r.Rate < 0.98*r.Load.Rate {
			rate.Class = "open"
		}
	}
	main, name := latencyOf(r.Response, r.Service)
	q := tellable(main)
	latency := headline{Name: quantileName(q) + " " + name, Figure: "–", Aside: "no right reply"}
	if has(main) {
		u := tableUnit(main, r.Service)
		latency.Figure, latency.Unit = quantileFigure(main, q, u), u.name
		latency.Aside = "median " + u.full(quantileAt(main, 0.5))
		if r.Response != nil && has(r.Service) {
			latency.Aside = "service time " + u.full(quantileAt(r.Service, q))
		}
	}
	wrong := headline{Name: "Wrong replies", Figure: grouped(r.Wrong.Total()), Aside: "of " + grouped(r.Done+r.Wrong.Total()) + " verified"}
	if r.Wrong.Total() > 0 {
		wrong.Class = "bad"
	}
	errs := headline{Name: "Errors", Figure: grouped(r.Errors.Total()), Aside: percentOf(r.Errors.Total(), requests(r)) + " of " + number(requests(r), "request", "requests")}
	if r.Errors.Total() > 0 {
		errs.Class = "open"
	}
	p.Headlines = []headline{rate, latency, wrong, errs}
}

// tellable returns the highest of the usual quantiles for which there are enough
// values, else 1, the maximum.
func tellable(l *bench.Latency) float64 {
	for _, q := range []float64{0.99, 0.9, 0.5} {
		if supports(l, q) || !has(l) {
			return q
		}
	}
	return 1
}

// overviewQuantiles are those that stand side by side.
var overviewQuantiles = []float64{0.5, 0.9, 0.99, 0.999, 1}

func quantileName(q float64) string {
	if q >= 1 {
		return "max"
	}
	return "p" + bench.PercentileName(q)
}

// overview shows response and service time side by side.
func overview(r *bench.Result) *pageSection {
	u := tableUnit(r.Response, r.Service)
	names := []string{" Latency, " + u.name}
	for _, q := range overviewQuantiles {
		names = append(names, quantileName(q))
	}
	t := newTable("Response and service time side by side", append(names, "Values", " Counts from")...)
	for _, l := range []struct {
		name    string
		latency *bench.Latency
		class   string
		from    string
	}{
		{"Response time", r.Response, "", "when a request was due"},
		{"Service time", r.Service, "", "when it was sent"},
		{"Generator's lag", r.Generator.Lag, "quiet", "when it was due and a connection free, until it was sent"},
		{"Generator's wake", r.Generator.Wake, "quiet", "when the program could run, until it did; samples"},
	} {
		if l.latency == nil {
			continue
		}
		cells := []string{l.name}
		for _, q := range overviewQuantiles {
			cells = append(cells, supported(l.latency, q, u))
		}
		t.row(l.class, append(cells, grouped(l.latency.Count()), l.from)...)
	}
	s := &pageSection{ID: "latency", Title: "Latency"}
	if r.Load.Closed {
		s.Intro = "In a closed loop a request is sent when the reply to the one before has come. No request is due at a time of its own, so there is no response time, and a stall of the server hardly shows."
	}
	if few := tooFew(overviewQuantiles, mostValues(r.Response, r.Service)); few != "" {
		s.Intro = strings.TrimSpace(s.Intro + " " + few)
	}
	if len(t.Rows) > 0 {
		s.Table = t
	}
	return s
}

// actionSection tells what became of each action.
func actionSection(r *bench.Result) *pageSection {
	var all []*bench.Latency
	for _, a := range r.Actions {
		if a != nil {
			all = append(all, a.Response, a.Service)
		}
	}
	u := tableUnit(all...)
	names := []string{" Action", "Right replies", "Share"}
	open := !r.Load.Closed
	if open {
		names = append(names, "Response p50", "p99", "p99.9", "max")
	}
	t := newTable("Right replies by action, latency in "+u.name, append(names, "Service p50", "p99", "p99.9", "max")...)
	for _, action := range sttp.Actions() {
		a := r.Actions[action.String()]
		if a == nil {
			continue
		}
		cells := []string{action.String(), grouped(a.Done), percentOf(a.Done, r.Done)}
		shownLatencies := []*bench.Latency{a.Service}
		if open {
			shownLatencies = []*bench.Latency{a.Response, a.Service}
		}
		for _, l := range shownLatencies {
			for _, q := range []float64{0.5, 0.99, 0.999, 1} {
				cells = append(cells, supported(l, q, u))
			}
		}
		t.row("", cells...)
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return &pageSection{ID: "actions", Title: "Actions", Intro: "Times are in " + u.name + ".", Table: t}
}

// askedOf tells a load in a line; that of a search has no rate of its own.
func askedOf(l bench.Load, rate bool) string {
	var parts []string
	switch {
	case l.Closed:
		parts = append(parts, "Closed loop")
	case !rate:
		parts = append(parts, "Open loop")
	case l.Poisson:
		parts = append(parts, "Open loop, "+rateUnit(l.Rate).full(l.Rate)+" at random times")
	default:
		parts = append(parts, "Open loop, "+rateUnit(l.Rate).full(l.Rate)+" evenly")
	}
	parts = append(parts, number(int64(l.Connections), "connection", "connections"), grouped(int64(l.InFlight))+" in flight on each")
	if l.ConnectionPerRequest {
		parts[len(parts)-1] = "a new one for each request"
	}
	return strings.Join(parts, ", ")
}

func loadFacts(l bench.Load, rate bool) []fact {
	facts := []fact{{"Load", askedOf(l, rate)}}
	if l.Duration > 0 {
		facts = append(facts, fact{"Measured for", timeText(l.Duration)})
	}
	if l.Count > 0 {
		facts = append(facts, fact{"Measured for", number(l.Count, "request", "requests")})
	}
	return append(facts,
		fact{"Warm-up, not counted", timeText(l.Warmup)},
		fact{"Time limit of a reply", timeText(l.Timeout)},
	)
}

func workloadFacts(w bench.Workload) []fact {
	var sum float64
	for _, a := range sttp.Actions() {
		sum += w.Mix.Weight(a)
	}
	var mix []string
	for _, a := range sttp.Actions() {
		if weight := w.Mix.Weight(a); weight > 0 && finite(sum) {
			mix = append(mix, a.String()+" "+percents.tick(weight/sum)+"\u00a0%")
		}
	}
	length := number(int64(w.MinLength), "character", "characters")
	if w.MaxLength != w.MinLength {
		length = fmt.Sprintf("%d to %d characters", w.MinLength, w.MaxLength)
	}
	choice := "evenly"
	if w.Zipf > 0 {
		choice = "by Zipf's law with exponent " + significant(math.Round(w.Zipf*1000)/1000)
	}
	return []fact{
		{"Mix", strings.Join(mix, ", ")},
		{"Snippets", grouped(int64(w.Snippets)) + " of " + length + ", chosen " + choice},
		{"Hit ratio", percents.tick(w.HitRatio) + "\u00a0%"},
	}
}
