package report

import (
	"strings"
	"unicode/utf8"
)

// Style says how text looks.
type Style struct {
	Color bool // with the escape sequences of terminals
	Plain bool // nothing is redrawn in place, even on a terminal
	Width int  // columns to use; 0 is what fits: those of the terminal, else 80
}

const (
	defaultWidth = 80
	minWidth     = 40
	maxWidth     = 100 // longer lines are hard to read
)

// SGR parameters of terminals, as far as all of them have them.
const (
	bold   = "1"
	dim    = "2"
	red    = "1;31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
)

// paint returns s in a colour or weight, if there are any.
func (s Style) paint(sgr, text string) string {
	if !s.Color || sgr == "" || text == "" {
		return text
	}
	return "\x1b[" + sgr + "m" + text + "\x1b[0m"
}

// printer collects text.
type printer struct {
	b     strings.Builder
	style Style
}

func newPrinter(s Style) *printer {
	if s.Width == 0 {
		s.Width = defaultWidth
	}
	s.Width = min(max(s.Width, minWidth), maxWidth)
	return &printer{style: s}
}

func (p *printer) blank() { p.b.WriteByte('\n') }

func (p *printer) line(s string) {
	s = strings.ReplaceAll(s, "\u00a0", " ") // what kept a figure and its unit together
	p.b.WriteString(strings.TrimRight(s, " "))
	p.b.WriteByte('\n')
}

func (p *printer) paint(sgr, s string) string { return p.style.paint(sgr, s) }

// wrapped writes text behind a label of so many columns; what does not fit goes on
// below the text. Both are free of escape sequences; sgr and labelSGR style them.
func (p *printer) wrapped(label, labelSGR, text, sgr string) {
	indent := columns(label)
	for i, line := range wrap(text, max(p.style.Width-indent, minWidth/2)) {
		if i == 0 {
			p.line(p.paint(labelSGR, label) + p.paint(sgr, line))
		} else {
			p.line(strings.Repeat(" ", indent) + p.paint(sgr, line))
		}
	}
}

// sentence writes text from the first column on.
func (p *printer) sentence(text, sgr string) { p.wrapped("", "", text, sgr) }

// wrap breaks text at its spaces, and within a word only if that is longer than a
// line.
func wrap(text string, limit int) []string {
	var lines []string
	line, used := "", 0
	for word := range strings.SplitSeq(text, " ") {
		for columns(word) > limit {
			head, rest := cut(word, limit)
			if used > 0 {
				lines, line, used = append(lines, line), "", 0
			}
			lines, word = append(lines, head), rest
		}
		n := columns(word)
		switch {
		case used == 0:
			line, used = word, n
		case used+1+n > limit:
			lines, line, used = append(lines, line), word, n
		default:
			line, used = line+" "+word, used+1+n
		}
	}
	return append(lines, line)
}

// columns returns how many columns s takes, if none of its characters is a wide
// one.
func columns(s string) int { return utf8.RuneCountInString(s) }

// cut divides s after so many columns.
func cut(s string, limit int) (head, rest string) {
	for i := range s {
		if limit == 0 {
			return s[:i], s[i:]
		}
		limit--
	}
	return s, ""
}

// grid is a table of plain text: the first column is aligned to the left, the
// others to the right.
type grid struct {
	head [][]string // lines of the header
	rows [][]string
	last string // alignment of a last column of words: "left" or ""
}

// lines returns the header and the rows with their columns aligned, two spaces
// between them.
func (g *grid) lines() (head, rows []string) {
	var widths []int
	for _, row := range append(g.head[:len(g.head):len(g.head)], g.rows...) {
		for i, text := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], columns(text))
		}
	}
	for _, row := range g.head {
		head = append(head, g.aligned(row, widths))
	}
	for _, row := range g.rows {
		rows = append(rows, g.aligned(row, widths))
	}
	return head, rows
}

func (g *grid) aligned(row []string, widths []int) string {
	var b strings.Builder
	for i, text := range row {
		pad := strings.Repeat(" ", widths[i]-columns(text))
		if i > 0 {
			b.WriteString("  ")
		}
		if i == 0 || g.last == "left" && i == len(widths)-1 {
			b.WriteString(text + pad)
		} else {
			b.WriteString(pad + text)
		}
	}
	return strings.TrimRight(b.String(), " ")
}

// grid writes a table, its header dimmed.
func (p *printer) grid(g *grid) {
	head, rows := g.lines()
	for _, line := range head {
		p.line(p.paint(dim, line))
	}
	for _, line := range rows {
		p.line(line)
	}
}

// alignPoints pads the figures of the columns from first to before end so that
// their decimal points stand below each other.
func (g *grid) alignPoints(first, end int) {
	for i := first; i < end; i++ {
		figures := make([]string, len(g.rows))
		for j, row := range g.rows {
			figures[j] = row[i]
		}
		alignPoints(figures)
		for j, row := range g.rows {
			row[i] = figures[j]
		}
	}
}

// alignPoints makes figures that are aligned to the right have their decimal
// points below each other.
func alignPoints(figures []string) {
	most := 0
	after := func(s string) int {
		if i := strings.IndexByte(s, '.'); i >= 0 {
			return len(s) - i
		}
		return 0
	}
	for _, s := range figures {
		most = max(most, after(s))
	}
	for i, s := range figures {
		figures[i] = s + strings.Repeat(" ", most-after(s))
	}
}
