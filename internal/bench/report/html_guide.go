package report

import (
	"time"

	"sttp/internal/bench"
)

func (p *page) showGuide(g *bench.Guide) {
	p.Asked = "The guide's run: " + number(int64(g.Snippets), "snippet", "snippets") + " created, retrieved and deleted, with up to " + grouped(int64(g.Concurrent)) + " requests at once"
	if g.ConnectionPerRequest {
		p.Asked += ", a connection for each request"
	}
	p.judgeGuide(g)
	p.guideHeadlines(g)
	p.add(phaseSection(g))
	var curves []curve
	classes := []string{"main", "other", "third"}
	for i, phase := range g.Phases {
		curves = append(curves, curve{shown(phase.Name), classes[i%len(classes)], phase.Service})
	}
	p.add(curveSection(curves[:min(len(curves), len(classes))], "Latency by percentile", "Service time", ""))
	p.add(countSection(guideRequests(g), g.Wrong, g.Errors, nil, g.Examples))
	p.add(leftSection(g.Left))
	p.Settings = []fact{
		{"Snippets", grouped(int64(g.Snippets))}, {"Pause between requests", timeText(g.Interval)},
		{"Retrieved at once", grouped(int64(g.Concurrent))}, {"Connection for each request", yesNo(g.ConnectionPerRequest)},
		{"Created and deleted", grouped(int64(g.Created)) + " and " + grouped(int64(g.Deleted))},
	}
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func guideRequests(g *bench.Guide) int64 {
	var n int64
	for _, phase := range g.Phases {
		n += phase.Requests
	}
	return n
}

func (p *page) judgeGuide(g *bench.Guide) {
	wrong, errs := g.Wrong.Total(), g.Errors.Total()
	switch {
	case g.Gone != nil:
		p.Class, p.Verdict = "bad", goneWords(g.Gone)
	case wrong > 0:
		p.Class, p.Verdict = "bad", number(wrong, "reply was wrong", "replies were wrong")+": "+listed(g.Wrong)+"."
	case errs > 0:
		p.Class, p.Verdict = "bad", number(errs, "request", "requests")+" had no success: "+listed(g.Errors)+"."
	case g.Interrupted:
		p.Class, p.Verdict = "open", "Every reply was right until the run was interrupted."
	case guideRequests(g) == 0:
		p.Class, p.Verdict = "open", "Nothing was asked."
	default:
		p.Class, p.Verdict = "good", "All "+grouped(guideRequests(g))+" requests were answered right in "+timeText(g.Total)+"."
	}
	if g.Interrupted && p.Class == "bad" {
		p.Says = append(p.Says, "The run was ended from outside before its time.")
	}
	for _, note := range g.Notes[:min(len(g.Notes), mostExamples)] {
		p.Says = append(p.Says, shown(note))
	}
}

func (p *page) guideHeadlines(g *bench.Guide) {
	total := clockUnit(float64(g.Total))
	p.Headlines = []headline{{Name: "Total time", Figure: total.figure(float64(g.Total)), Unit: total.name, Aside: number(guideRequests(g), "request", "requests")}}
	for _, phase := range g.Phases[:min(len(g.Phases), 3)] {
		u := rateUnit(phase.Rate)
		p.Headlines = append(p.Headlines, headline{Name: capital(shown(phase.Name)), Figure: u.figure(phase.Rate), Unit: u.name, Aside: "in " + timeText(phase.Elapsed)})
	}
}

// phaseSection is the table of the phases, nil if there are none.
func phaseSection(g *bench.Guide) *pageSection {
	if len(g.Phases) == 0 {
		return nil
	}
	var all []*bench.Latency
	var paused time.Duration
	for _, phase := range g.Phases {
		all = append(all, phase.Service)
		paused += phase.Paused
	}
	u := tableUnit(all...)
	t := newTable("Phases, service time in "+u.name, " Phase", "Requests", "Right replies", "Time, s", "Rate, /s", "p50", "p90", "p99", "p99.9", "max")
	for _, phase := range g.Phases {
		cells := []string{shown(phase.Name), grouped(phase.Requests), grouped(phase.Done), secs.figure(float64(phase.Elapsed)), perSec.figure(phase.Rate)}
		for _, q := range overviewQuantiles {
			cells = append(cells, supported(phase.Service, q, u))
		}
		t.row("", cells...)
	}
	s := &pageSection{ID: "phases", Title: "Phases", Intro: "Service times, in " + u.name + ", count from when a request was sent.", Table: t}
	if paused > 0 {
		s.Intro += " The time holds pauses of " + timeText(paused) + "; the rate does not."
	}
	return s
}

// leftSection lists snippets that may be left behind on the server.
func leftSection(paths []string) *pageSection {
	s := &pageSection{ID: "left", Title: "Snippets that may be left behind", ListTitle: number(int64(len(paths)), "path", "paths")}
	for _, path := range paths[:min(len(paths), mostExamples)] {
		s.List = append(s.List, shown(path))
	}
	if more := len(paths) - len(s.List); more > 0 {
		s.List = append(s.List, "and "+number(int64(more), "other", "others"))
	}
	return s
}
