package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sttp/internal/bench"
)

// said writes the verdict in the words that the page has for it, too.
func (p *printer) said(judged *page) {
	p.blank()
	p.sentence(judged.Verdict, map[string]string{"good": green, "open": yellow, "bad": red}[judged.Class])
	for _, s := range judged.Says {
		p.sentence(s, "")
	}
}

// breaking writes the summary of a search for the breaking point.
func (p *printer) breaking(b *bench.Break) {
	p.sentence(workloadWords(b.Workload)+". "+askedOf(b.Load, false)+", each rate for "+timeWords(b.Load)+", until "+shown(b.Until)+" does not hold.", "")
	if len(b.Steps) > 0 {
		p.steps(b)
	}
	if best := bestStep(b); best != nil {
		p.heading("At "+perSecond(best.Rate), "")
		p.times(best.Result)
		p.counted("Errors", yellow, best.Result.Errors)
	}
	wrong, examples := wrongOf(b.Steps)
	p.counted("Wrong replies of all steps", red, wrong)
	p.examples(examples)
	judged := &page{}
	judged.judgeBreak(b)
	p.said(judged)
	if b.Limit == "generator" {
		p.sentence("To see what the server bears, run this on a machine that has processors to spare and is not the server's.", "")
	}
}

// wrongOf counts the wrong replies of all steps together.
func wrongOf(steps []bench.Step) (bench.Counts, []string) {
	all, examples := bench.Counts{}, []string(nil)
	for _, s := range steps {
		if s.Result == nil {
			continue
		}
		for kind, n := range s.Result.Wrong {
			all[kind] += n
		}
		examples = append(examples, s.Result.Examples...)
	}
	return all, examples
}

// steps is the table of the rates that were tried, in the order of time.
func (p *printer) steps(b *bench.Break) {
	var all []*bench.Latency
	for _, s := range b.Steps {
		if s.Result != nil {
			l, _ := latencyOf(s.Result.Response, s.Result.Service)
			all = append(all, l)
		}
	}
	u := tableUnit(all...)
	p.heading("Steps", "rates per second, "+u.name)
	g := &grid{head: [][]string{{"stage", "rate", "achieved", "p50", "p99", "errors"}}}
	marked := false
	for i := range b.Steps {
		row, doubtful := stepRow(&b.Steps[i], u)
		g.rows = append(g.rows, row)
		marked = marked || doubtful
	}
	g.alignPoints(1, len(g.head[0])-1)
	head, rows := g.lines()
	p.line(p.paint(dim, head[0]+"  verdict"))
	for i, row := range rows {
		s := &b.Steps[i]
		class, _, name := verdictOf(s)
		p.line(row + "  " + p.paint(map[string]string{"good": green, "bad": red, "open": yellow}[class], name))
		if s.Why != "" && !s.OK {
			p.wrapped("    ", "", shown(s.Why), dim)
		}
	}
	if marked {
		p.line(p.paint(dim, fmt.Sprintf("~ fewer than %d replies took longer", enough)))
	}
}

// stepRow returns the figures of a step, and whether one of them is doubtful.
func stepRow(s *bench.Step, u unit) (row []string, doubtful bool) {
	row = []string{shown(s.Stage), perSec.figure(s.Rate), "–", "–", "–", "–"}
	if s.Result == nil {
		return row, false
	}
	row[2] = perSec.figure(s.Result.Rate)
	l, _ := latencyOf(s.Result.Response, s.Result.Service)
	for i, q := range []float64{0.5, 0.99} {
		row[3+i] = quantileFigure(l, q, u)
		if has(l) && !supports(l, q) {
			row[3+i] = "~" + row[3+i]
			doubtful = true
		}
	}
	row[5] = strings.ReplaceAll(percentOf(s.Result.Errors.Total()+s.Result.Wrong.Total(), requests(s.Result)), "\u00a0", "")
	return row, doubtful
}

// guide writes the summary of the guide's own test.
func (p *printer) guide(g *bench.Guide) {
	text := "The guide's performance test: " + number(int64(g.Snippets), "snippet", "snippets") + ", " + number(int64(g.Concurrent), "retrieval", "retrievals") + " at once"
	if g.Interval > 0 {
		text += ", a pause of " + timeText(g.Interval) + " between requests"
	}
	if g.ConnectionPerRequest {
		text += ", a connection for each request"
	}
	p.sentence(text+".", "")
	if len(g.Phases) > 0 {
		p.phases(g)
	}
	p.counted("Wrong replies", red, g.Wrong)
	p.examples(g.Examples)
	p.counted("Errors", yellow, g.Errors)
	judged := &page{}
	judged.judgeGuide(g)
	p.said(judged)
}

func (p *printer) phases(g *bench.Guide) {
	var all []*bench.Latency
	var paused time.Duration
	for _, phase := range g.Phases {
		all = append(all, phase.Service)
		paused += phase.Paused
	}
	u := tableUnit(all...)
	quantiles := []float64{0.5, 0.9, 0.99, 1}
	t := &grid{head: [][]string{{"phase", "requests", "right", "time s", "rate /s"}}}
	for _, q := range quantiles {
		t.head[0] = append(t.head[0], quantileName(q)+" "+u.name)
	}
	for _, phase := range g.Phases {
		row := []string{shown(phase.Name), grouped(phase.Requests), grouped(phase.Done), secs.figure(float64(phase.Elapsed)), perSec.figure(phase.Rate)}
		for _, q := range quantiles {
			row = append(row, supported(phase.Service, q, u))
		}
		t.rows = append(t.rows, row)
	}
	t.alignPoints(1, len(t.head[0]))
	p.heading("Phases", "service time of right replies: since a request was sent")
	p.grid(t)
	total := p.paint(bold, "total time "+timeText(g.Total))
	if paused > 0 {
		total += ", without the pauses " + timeText(g.Total-paused)
	}
	p.line(strings.ReplaceAll(total, "\u00a0", " "))
	if paused > 0 {
		p.sentence("The times hold the pauses between requests, the rates do not.", dim)
	}
}

// peers writes how servers compare: each quantity with the median of all rounds,
// and the ratio of the first server's figure to each other's with its range.
func (p *printer) peers(all *bench.Peers) {
	p.sentence(fmt.Sprintf("Servers side by side on this machine, %s of %s each.", number(int64(all.Rounds), "round", "rounds"), timeText(all.Length)), "")
	first := ""
	if len(all.Systems) > 0 {
		first = all.Systems[0].Name
	}
	for _, t := range all.Tables {
		p.heading(shown(t.Name), "")
		for _, figures := range byQuantity(t.Figures) {
			p.quantity(figures, first)
		}
	}
	p.heading("Servers", "")
	width := 0
	for _, s := range all.Systems {
		width = max(width, columns(shown(s.Name)))
	}
	for _, s := range all.Systems {
		about, sgr := shown(s.Version), ""
		if s.Missing != "" {
			about, sgr = "not measured: "+shown(s.Missing), yellow
		}
		p.wrapped(fmt.Sprintf("  %-*s  ", width, shown(s.Name)), "", about, sgr)
	}
	p.counted("Wrong replies", red, all.Wrong)
	p.examples(all.Examples)
	p.counted("Errors", yellow, all.Errors)
	judged := &page{}
	judged.judgePeers(all)
	p.said(judged)
}

// quantity writes one figure of all servers.
func (p *printer) quantity(figures []bench.Figure, first string) {
	f := figures[0]
	title := shown(f.What) + ", " + shown(f.Unit)
	if f.Better != "" {
		title += " (" + shown(f.Better) + " is better)"
	}
	p.line("  " + p.paint(cyan, title))
	over := shown(first) + " over it"
	if columns(over) > 30 { // a line has 80
		over = "the first over it"
	}
	g := &grid{head: [][]string{{"", "median", "lowest", "highest", over}}}
	for _, f := range figures {
		lo, hi := f.Median, f.Median
		if len(f.Rounds) > 0 {
			lo, hi = slices.Min(f.Rounds), slices.Max(f.Rounds)
		}
		ratio := ""
		if f.Ratio != nil {
			ratio = ratioText(f.Ratio)
		}
		g.rows = append(g.rows, []string{"    " + shown(f.System), significant(f.Median), significant(lo), significant(hi), ratio})
	}
	g.alignPoints(1, 4)
	p.grid(g)
}
