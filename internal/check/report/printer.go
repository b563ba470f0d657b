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
	if !p.color || sgr == "" || s == "" {
		return s
	}
	return "\x1b[" + strings.TrimSuffix(sgr, ";") + "m" + s + "\x1b[0m"
}

// wrapped writes text, in a style or none, behind a label; lines that are too
// long go on below the text.
func (p *printer) wrapped(label, sgr, text string) {
	indent := styledColumns(label)
	for i, line := range wrap(text, p.width-indent) {
		if i > 0 {
			label = p.spaces(indent)
		}
		p.line(label + p.style(sgr, line))
	}
}

// wrap breaks text into lines at its spaces, and within a word only if that is
// longer than a line.
func wrap(text string, limit int) []string {
	var words []string
	for word := range strings.SplitSeq(text, " ") {
		words = append(words, parts(word, limit)...)
	}
	line, used := words[0], styledColumns(words[0])
	var lines []string
	for _, word := range words[1:] {
		n := styledColumns(word)
		if used+1+n > limit {
			lines = append(lines, line)
			line, used = word, n
		} else {
			line, used = line+" "+word, used+1+n
		}
	}
	return append(lines, line)
}

// parts breaks a word without styles into such that fill a line each, and a
// rest.
func parts(word string, limit int) []string {
	if columns(word) <= limit || strings.Contains(word, "\x1b") {
		return []string{word}
	}
	var all []string
	start, used := 0, 0
	for i, r := range word {
		n := runeColumns(r)
		if used+n > max(limit, 2) {
			all = append(all, word[start:i])
			start, used = i, 0
		}
		used += n
	}
	return append(all, word[start:])
}

var sgr = regexp.MustCompile("\x1b\\[[0-9;]*m")

// styledColumns is columns without what style has added.
func styledColumns(s string) int { return columns(sgr.ReplaceAllString(s, "")) }
