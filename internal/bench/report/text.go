package report

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"sttp"
	"sttp/internal/bench"
)

// Text writes the summary for people.
func Text(w io.Writer, doc *bench.Document, style Style) error {
	p := newPrinter(style)
	p.top(doc)
	switch {
	case doc.Run != nil:
		p.run(doc.Run, doc.Target)
	case doc.Break != nil:
		p.breaking(doc.Break)
	case doc.Guide != nil:
		p.guide(doc.Guide)
	case doc.Peers != nil:
		p.peers(doc.Peers)
	default:
		return errors.New("there is nothing to report")
	}
	_, err := io.WriteString(w, p.b.String())
	return err
}

// top says what was measured, when, and on what machine.
func (p *printer) top(doc *bench.Document) {
	if doc.Target != "" {
		p.sentence(shown(doc.Target), bold)
	}
	m := doc.Machine
	parts := []string{doc.Started.Format("2006-01-02 15:04 MST"), shown(m.OS + "/" + m.Arch), number(int64(m.CPUs), "processor", "processors")}
	if m.CPU != "" {
		parts = append(parts, shown(m.CPU))
	}
	p.sentence(strings.Join(parts, ", "), dim)
	p.blank()
}

// heading begins a part of the summary.
func (p *printer) heading(title, aside string) {
	p.blank()
	if aside != "" {
		aside = "  " + p.paint(dim, aside)
	}
	p.line(p.paint(bold, title) + aside)
}

// labelWidth is how wide the labels are that stand before lines.
const labelWidth = 11

// field writes text behind a label.
func (p *printer) field(label, text string) {
	p.wrapped(fmt.Sprintf("%-*s", labelWidth, label), "", text, "")
}

// note writes what the reader has to know about the figures.
func (p *printer) note(label, sgr, text string) {
	p.wrapped(fmt.Sprintf("%-*s", labelWidth, label), sgr, text, "")
}

// asked says in a sentence what was asked for and how.
func asked(w bench.Workload, l bench.Load, rate bool) string {
	return workloadWords(w) + ". " + askedOf(l, rate) + ", " + timeWords(l) + "."
}

func workloadWords(w bench.Workload) string {
	var sum float64
	for _, a := range sttp.Actions() {
		sum += w.Mix.Weight(a)
	}
	var mix []string
	for _, a := range sttp.Actions() {
		if weight := w.Mix.Weight(a); weight > 0 {
			mix = append(mix, percents.tick(weight/sum)+"\u00a0% "+a.String())
		}
	}
	length := number(int64(w.MinLength), "character", "characters")
	if w.MaxLength != w.MinLength {
		length = fmt.Sprintf("%d to %d characters", w.MinLength, w.MaxLength)
	}
	words := strings.Join(mix, ", ") + " on " + number(int64(w.Snippets), "snippet", "snippets") + " of " + length
	if w.Zipf > 0 {
		words += ", chosen by Zipf's law with exponent " + percents.tick(w.Zipf*percents.size)
	}
	if w.HitRatio < 1 && w.Mix.Weight(sttp.Show) > 0 {
		words += "; " + percents.tick(w.HitRatio) + "\u00a0% of SHOWs ask for what is there"
	}
	return words
}

func timeWords(l bench.Load) string {
	words := timeText(l.Duration)
	if l.Count > 0 {
		words = number(l.Count, "request", "requests")
	}
	if l.Warmup > 0 {
		words += " after " + timeText(l.Warmup) + " of warm-up"
	}
	return words
}

// enough is how many values have to lie above a percentile for it to say
// something: of fewer, one more or less would make it another one.
const enough = 10

// supports tells whether there are enough values for a quantile.
func supports(l *bench.Latency, q float64) bool {
	return has(l) && (q >= 1 || (1-q)*float64(l.Count()) >= enough-1e-6)
}

// supported is quantileFigure that leaves out what is no figure.
func supported(l *bench.Latency, q float64, u unit) string {
	if !supports(l, q) {
		return "–"
	}
	return quantileFigure(l, q, u)
}

// tooFew says which percentiles are left out, if any are.
func tooFew(quantiles []float64, count int64) string {
	for _, q := range quantiles {
		if q < 1 && (1-q)*float64(count) < enough-1e-6 {
			return fmt.Sprintf("%s needs %s; there were %s.", quantileName(q), number(int64(enough/(1-q)+0.5), "reply", "replies"), grouped(count))
		}
	}
	return ""
}

// latencies writes named latencies side by side, a line for each percentile.
func (p *printer) latencies(names []string, all []*bench.Latency) {
	u := tableUnit(all...)
	quantiles := []float64{0.5, 0.9, 0.99, 0.999, 0.9999}
	g := &grid{head: [][]string{{fmt.Sprintf("%-*s", labelWidth-2, u.name)}}, rows: [][]string{{"mean"}}}
	var count int64
	for _, l := range all {
		if has(l) {
			count = max(count, l.Count())
		}
	}
	for _, q := range append(quantiles, 1) {
		if q == 1 || (1-q)*float64(count) >= enough-1e-6 {
			g.rows = append(g.rows, []string{quantileName(q)})
		}
	}
	for i, l := range all {
		figures := []string{"–"}
		if has(l) {
			figures[0] = u.figure(float64(l.Mean()))
		}
		for _, row := range g.rows[1:] {
			figures = append(figures, supported(l, quantileOf(row[0], quantiles), u))
		}
		alignPoints(figures)
		g.head[0] = append(g.head[0], names[i])
		for j := range g.rows {
			g.rows[j] = append(g.rows[j], figures[j])
		}
	}
	p.grid(g)
	if few := tooFew(quantiles, count); few != "" {
		p.line(p.paint(dim, few))
	}
}

// quantileOf returns the quantile with that name, 1 if there is none.
func quantileOf(name string, all []float64) float64 {
	for _, q := range all {
		if quantileName(q) == name {
			return q
		}
	}
	return 1
}

// counted writes how many there were of each kind, and what the kind means.
func (p *printer) counted(title, sgr string, c bench.Counts) {
	if c.Total() == 0 {
		return
	}
	p.heading(p.paint(sgr, title), "")
	g := &grid{}
	for _, kind := range byCount(c) {
		g.rows = append(g.rows, []string{"  " + shown(kind), grouped(c[kind])})
	}
	_, rows := g.lines()
	for i, kind := range byCount(c) {
		p.wrapped(rows[i]+"  ", "", meaning(kind), dim)
	}
}

// examples writes wrong replies for people.
func (p *printer) examples(all []string) {
	for i, e := range all {
		if i == mostExamples/2 {
			p.line(p.paint(dim, fmt.Sprintf("  and %d more in the JSON", len(all)-i)))
			break
		}
		p.wrapped("  e.g. ", dim, shown(e), "")
	}
}

// perSecond returns a rate.
func perSecond(rate float64) string {
	if rate < 99.95 {
		return significant(rate) + "/s"
	}
	return grouped(int64(rate+0.5)) + "/s"
}

// whole returns a long time without a fraction that nobody reads.
func whole(d time.Duration) string {
	if d >= time.Second {
		return timeText(d.Round(10 * time.Millisecond))
	}
	return timeText(d)
}
