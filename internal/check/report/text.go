package report

import (
	"fmt"
	"io"
	"strings"

	"sttp/internal/check"
)

const (
	defaultWidth = 80
	minWidth     = 40
	// linesShown is how much is shown of an exchange without Options.Verbose.
	linesShown = 24
	// pathsShown is how many paths are named that were left behind.
	pathsShown = 10
	// idsShown is how many cases are named that were not tried for one reason.
	idsShown = 12
	// maxTry is how long a line for a shell may be that is shown.
	maxTry = 600
)

// Text writes the report for people, for a terminal or a log.
func Text(w io.Writer, r *check.Report, o Options) error {
	p := newPrinter(o)
	if o.Quiet {
		p.verdict(r)
	} else {
		p.report(r)
	}
	_, err := io.WriteString(w, p.b.String())
	return err
}

func newPrinter(o Options) *printer {
	if o.Width <= 0 {
		o.Width = defaultWidth
	}
	return &printer{width: max(o.Width, minWidth), color: o.Color, verbose: o.Verbose}
}

func (p *printer) report(r *check.Report) {
	p.header(r)
	all := entries(r, p.room(), false)
	for _, e := range all {
		switch {
		case e.NeedsAttention():
			p.blank()
			p.block(e)
		case p.verbose:
			p.oneLine(e)
		}
	}
	if !p.verbose {
		p.choices(all)
	}
	p.scores(r)
	p.rest(r)
	p.changes(r.Baseline)
	p.next(r)
	p.blank()
	p.verdict(r)
}

// room returns how much of a case there is room for.
func (p *printer) room() room {
	lines := linesShown
	if p.verbose {
		lines = 1 << 20
	}
	return room{exchange: p.width - blockIndent - len("12 > "), lines: lines, diff: p.width - exchangeIndent - labelWidth}
}

// header says what was checked and what was found out about it.
func (p *printer) header(r *check.Report) {
	p.wrapped("", bold, sentence(r.Target))
	p.wrapped("", "", asked(r))
	if facts := about(r); len(facts) > 0 {
		p.wrapped("", "", strings.Join(facts, " "))
	}
}

// Columns before the lines of a block.
const (
	blockIndent    = 2
	exchangeIndent = 4
	labelWidth     = len("expected  ")
)

// block shows a case that needs attention.
func (p *printer) block(e *entry) {
	label := p.style(colorOf(e.Outcome), e.Label()) + "  "
	if e.Shared() {
		p.shared(label, e)
		return
	}
	p.wrapped(label, "", p.style(bold, e.Case.ID)+"  "+sentence(e.Case.Title))
	p.wrapped(p.spaces(blockIndent), dim, p.about(e))
	p.exchange(e)
	if says := e.Finding(); says != "" {
		p.blank()
		p.wrapped(p.spaces(blockIndent), "", says)
	}
	p.diff(e)
	if e.Hint != "" || len(e.Try) > 0 {
		p.blank()
	}
	p.labelled("hint", e.Advice())
	p.try(e.Try)
}

// about returns the line below a title.
func (p *printer) about(e *entry) string {
	s := e.Level.String() + " " + e.Refs() + ", story " + sentence(e.Case.Story)
	for _, more := range []string{e.Flaky(), e.Change} {
		if more != "" {
			s += ", " + more
		}
	}
	return s
}

// shared shows cases that came to the same for the same reason.
func (p *printer) shared(label string, e *entry) {
	var ids []string
	for i, c := range e.Others {
		if i == idsShown && !p.verbose && len(e.Others) > idsShown+1 {
			ids = append(ids, "and "+plural(len(e.Others)-i, "other", "others"))
			break
		}
		ids = append(ids, c.ID)
	}
	p.wrapped(label, "", p.style(bold, plural(len(e.Others), "case", "cases"))+" "+e.Reason)
	p.wrapped(p.spaces(blockIndent), dim, strings.Join(ids, " "))
}

func (p *printer) exchange(e *entry) {
	if len(e.Lines) == 0 {
		return
	}
	p.blank()
	for _, l := range e.Lines {
		s := p.spaces(exchangeIndent - 2)
		if l.Conn != "" || hasConns(e.Lines) {
			s += fmt.Sprintf("%2s ", l.Conn)
		}
		switch {
		case l.Mark == "·":
			s += p.style(dim, l.Mark+" "+l.Text)
		case l.Text == "":
			s += l.Mark
		default:
			s += l.Mark + " " + l.Text
		}
		if l.Aside != "" {
			s += " " + p.style(dim, l.Aside)
		}
		p.line(s)
	}
}

func hasConns(lines []line) bool {
	for _, l := range lines {
		if l.Conn != "" {
			return true
		}
	}
	return false
}

// diff shows what was expected above what came, and a caret under the first
// difference.
func (p *printer) diff(e *entry) {
	d := e.Diff
	if d != nil {
		p.blank()
		label := "right"
		for _, same := range d.Same {
			p.line(p.label(label) + p.style(dim, same))
			label = ""
		}
		p.pieces("expected", d.Expected, green, false)
		p.pieces("got", d.Got, red, true)
		for _, note := range d.Notes {
			p.wrapped(p.label(""), dim, "("+note+")")
		}
	}
	if e.Also != "" {
		p.wrapped(p.label(""), dim, "("+e.Also+")")
	}
}

func (p *printer) pieces(label string, lines []piece, color string, caret bool) {
	for i, line := range lines {
		switch {
		case line.Placeholder:
			p.line(p.label(label) + p.style(dim, line.String()))
		case i == 0:
			p.line(p.label(label) + line.Before + p.style(color, line.First+line.After))
		default:
			p.line(p.label(label) + line.String())
		}
		if i == 0 && caret {
			p.line(p.label("") + strings.Repeat(" ", line.caret()) + p.style(color, "^"))
		}
		label = ""
	}
}

// label returns the left column of a comparison.
func (p *printer) label(s string) string {
	return p.spaces(exchangeIndent) + fmt.Sprintf("%-*s", labelWidth, s)
}

// try shows what can be pasted into a shell, so it is never broken.
func (p *printer) try(lines []string) {
	for i, l := range lines {
		if len(l) > maxTry {
			l = cutColumns(l, p.width-blockIndent-6) + " " + p.style(dim, "(the JSON and the HTML have all of it)")
		}
		p.line(p.spaces(blockIndent) + p.style(bold, fmt.Sprintf("%-4s", first(i, "try"))) + "  " + l)
	}
}

func (p *printer) labelled(label, text string) {
	if text != "" {
		p.wrapped(p.spaces(blockIndent)+p.style(bold, fmt.Sprintf("%-4s", label))+"  ", "", text)
	}
}

// oneLine shows a case that holds.
func (p *printer) oneLine(e *entry) {
	text := e.Case.ID + "  " + sentence(e.Case.Title)
	if e.Outcome == check.Chose {
		text += ": " + sentence(e.Says)
	}
	p.line(p.style(colorOf(e.Outcome), fmt.Sprintf("%-5s", e.Label())) + " " + cutColumns(text, p.width-6))
}

// choices says what the server chose where it is free.
func (p *printer) choices(all []*entry) {
	first := true
	for _, e := range all {
		if e.Outcome != check.Chose {
			continue
		}
		if first {
			p.blank()
		}
		first = false
		p.wrapped(p.style(colorOf(e.Outcome), e.Label())+"  ", "", p.style(bold, e.Case.ID)+"  "+full(e.Says))
	}
}

// next says what to mend first.
func (p *printer) next(r *check.Report) {
	next := nextOf(r)
	if next == nil {
		return
	}
	p.blank()
	p.wrapped(p.style(bold+cyan, "NEXT")+"  ", "", p.style(bold, next.Case.ID)+"  "+sentence(next.Case.Title))
	for _, s := range []string{full(next.Says), full(next.Hint)} {
		if s != "" {
			p.wrapped(p.spaces(6), "", s)
		}
	}
	p.wrapped(p.spaces(6), dim, "docs/protocol.md, section "+next.Case.Section())
}

func (p *printer) verdict(r *check.Report) {
	color := green
	switch r.Verdict() {
	case check.SomeFail:
		color = red
	case check.Unknown:
		color = yellow
	}
	p.wrapped("", bold+color, verdict(r))
}
