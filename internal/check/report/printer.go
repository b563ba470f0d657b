package report

import (
	"regexp"
	"strings"

	"sttp/internal/check"
)

// SGR parameters of terminals, as far as all of them have them.
const (
	bold   = "1;"
	dim    = "2;"
	red    = "31;"
	green  = "32;"
	yellow = "33;"
	cyan   = "36;"
)

func colorOf(o check.Outcome) string {
	switch o {
	case check.Pass:
		return green
	case check.Fail, check.Untested, check.CheckerError:
		return bold + red
	case check.Warn, check.Undecided:
		return bold + yellow
	case check.Chose:
		return cyan
	}
	return dim
}

// printer collects text for a width.
type printer struct {
	b       strings.Builder
	width   int
	color   bool
	verbose bool
}

func (p *printer) blank() { p.b.WriteByte('\n') }

func (p *printer) line(s string) {
	p.b.WriteString(strings.TrimRight(s, " "))
	p.b.WriteByte('\n')
}

func (p *printer) spaces(n int) string { return strings.Repeat(" ", n) }

// style returns s in a colour or style, if there are any.
func (p *printer) style(sgr, s string) string {
	if !p.color || s == "" {
		return s
	}
	return "\x1b[" + strings.TrimSuffix(sgr, ";") + "m" + s + "\x1b[0m"
}

// wrapped writes text, in a style or none, behind a label; lines that are too
// long go on below the text. A word that is longer than a line stays whole, so
// that it can be copied.
func (p *printer) wrapped(label, sgr, text string) {
	indent := styledColumns(label)
	for i, line := range wrap(text, p.width-indent) {
		if i > 0 {
			label = p.spaces(indent)
		}
		p.line(label + p.style(sgr, line))
	}
}

// wrap breaks text into lines at its spaces.
func wrap(text string, limit int) []string {
	var lines []string
	line, used := "", 0
	for i, word := range strings.Split(text, " ") {
		n := styledColumns(word)
		switch {
		case i == 0:
			line, used = word, n
		case used+1+n > limit:
			lines = append(lines, line)
			line, used = word, n
		default:
			line, used = line+" "+word, used+1+n
		}
	}
	return append(lines, line)
}

var sgr = regexp.MustCompile("\x1b\\[[0-9;]*m")

// styledColumns is columns without what style has added.
func styledColumns(s string) int { return columns(sgr.ReplaceAllString(s, "")) }
