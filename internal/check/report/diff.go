package report

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"sttp/internal/check"
)

// diff is what a server should have sent beside what it did send. Lines that
// are right are there once; the first ones that differ stand first in Expected
// and Got.
type diff struct {
	Same          []string
	Expected, Got []piece
	Notes         []string // how to read it
}

// piece is a line as it is shown, in three parts: what is right, the first
// character that is not (perhaps nothing), and what follows it.
type piece struct {
	Before, First, After string
	Placeholder          bool // the line stands for nothing at all
}

// String returns the whole line.
func (p piece) String() string { return p.Before + p.First + p.After }

// caret returns the column in which the difference begins, from 0.
func (p piece) caret() int { return columns(p.Before) }

const (
	maxSame = 2       // lines shown that are right
	maxRest = 3       // lines shown from the difference on
	around  = 4 << 10 // bytes of a line looked at on each side of the difference
)

// newDiff returns what is to be shown of a problem in so many columns, or nil
// if it has no bytes to compare.
func newDiff(p *check.Problem, limit int) *diff {
	if p == nil || p.Expected == "" && p.Got == "" {
		return nil
	}
	at := differsAt(p)
	got0 := strings.LastIndexByte(p.Got[:at], '\n') + 1
	expected0 := lineStart(p.Expected, strings.Count(p.Got[:at], "\n"))
	expected, got := firstLine(p.Expected[expected0:]), firstLine(p.Got[got0:])
	column := at - got0
	for column > 0 && (insideRune(expected, column) || insideRune(got, column)) {
		column--
	}
	// Both lines are cut in the same way, so that they stay below one another.
	cut := tooLong(expected, limit) || tooLong(got, limit)
	d := &diff{Same: sameLines(p.Got[:got0], limit)}
	d.Expected = pieces(p.Expected, expected0, column, limit, cut)
	d.Got = pieces(p.Got, got0, column, limit, cut)
	d.explain(p)
	return d
}

// tooLong tells whether line has to be cut to be shown in so many columns.
func tooLong(line string, limit int) bool {
	return len(line) > around || cellsColumns(cells(line)) > limit
}

func cellsColumns(all []cell) int {
	total := 0
	for _, c := range all {
		total += c.width
	}
	return total
}

// differsAt returns the index in Got of the first difference. A case that has
// not looked for it has left it at 0.
func differsAt(p *check.Problem) int {
	at := min(max(p.At, 0), len(p.Got))
	if at > 0 {
		return at
	}
	for at < len(p.Got) && at < len(p.Expected) && p.Got[at] == p.Expected[at] {
		at++
	}
	return at
}

// lineStart returns the index at which line n of s begins, counted from 0, or
// the length of s if there is none.
func lineStart(s string, n int) int {
	at := 0
	for range n {
		_, rest, found := strings.Cut(s[at:], "\n")
		if !found {
			return len(s)
		}
		at = len(s) - len(rest)
	}
	return at
}

// firstLine returns s up to its first LF, which is part of it.
func firstLine(s string) string {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		return s[:i+1]
	}
	return s
}

// insideRune tells whether s[at] is in the middle of a character.
func insideRune(s string, at int) bool {
	if at >= len(s) || utf8.RuneStart(s[at]) {
		return false
	}
	for start := at - 1; start >= 0 && start > at-utf8.UTFMax; start-- {
		if utf8.RuneStart(s[start]) {
			_, n := utf8.DecodeRuneInString(s[start:])
			return start+n > at
		}
	}
	return false
}

func sameLines(s string, limit int) []string {
	lines := strings.SplitAfter(s, "\n")
	lines = lines[:len(lines)-1]
	var shown []string
	if n := len(lines) - maxSame; n > 0 {
		shown, lines = []string{fmt.Sprintf("(%s)", plural(n, "line", "lines"))}, lines[n:]
	}
	for _, line := range lines {
		shown = append(shown, pieceOf(line, 0, limit, tooLong(line, limit)).String())
	}
	return shown
}

// pieces returns the lines of s from the one on that begins at start and
// differs in the column. That one is cut if it has to be, or if cut says so.
func pieces(s string, start, column, limit int, cut bool) []piece {
	if start == len(s) {
		return []piece{nothing(start)}
	}
	var shown []piece
	for rest := s[start:]; rest != ""; {
		if len(shown) == maxRest {
			n := strings.Count(strings.TrimSuffix(rest, "\n"), "\n") + 1
			return append(shown, piece{After: "(" + plural(n, "more line", "more lines") + ")", Placeholder: true})
		}
		line := firstLine(rest)
		rest = rest[len(line):]
		if len(shown) > 0 {
			column, cut = 0, tooLong(line, limit)
		}
		shown = append(shown, pieceOf(line, column, limit, cut))
	}
	return shown
}

func nothing(before int) piece {
	if before == 0 {
		return piece{First: "(nothing)", Placeholder: true}
	}
	return piece{First: "(nothing more)", Placeholder: true}
}

// pieceOf returns line as it is shown; if it is to be cut, as much of it around
// the index at as fits.
func pieceOf(line string, at, limit int, cut bool) piece {
	at = min(at, len(line))
	from, to := 0, len(line)
	if cut {
		from, to = max(0, at-around), min(len(line), at+around)
	}
	for from > 0 && insideRune(line, from) {
		from--
	}
	for to < len(line) && insideRune(line, to) {
		to++
	}
	all := cells(line[from:to])
	middle := 0
	for middle < len(all) && from+all[middle].at < at {
		middle++
	}
	first, last := 0, len(all)
	if cut {
		first, last = window(all, middle, limit)
	}
	var p piece
	for i, c := range all[first:last] {
		switch {
		case first+i < middle:
			p.Before += c.text
		case first+i == middle:
			p.First = c.text
		default:
			p.After += c.text
		}
	}
	if first > 0 || from > 0 {
		p.Before = "…" + p.Before
	}
	if last < len(all) || to < len(line) {
		p.After += "…"
	}
	return p
}

// window returns which cells are shown when there is not room for all: in the
// left half those before the middle one, then as many as fit, with an ellipsis
// at each end.
func window(all []cell, middle, limit int) (first, last int) {
	room := max(limit-2, 8)
	first, last = middle, middle
	used := 0
	for first > 0 && used+all[first-1].width <= room/2 {
		first--
		used += all[first].width
	}
	for last < len(all) && used+all[last].width <= room {
		used += all[last].width
		last++
	}
	return first, last
}

// explain adds the notes that a reader may need.
func (d *diff) explain(p *check.Problem) {
	var cut bool
	for _, shown := range append(append([]piece(nil), d.Expected...), d.Got...) {
		cut = cut || strings.HasPrefix(shown.Before, "…") || strings.HasSuffix(shown.After, "…")
	}
	if strings.Contains(p.Expected, `"…"`) {
		d.Notes = append(d.Notes, `"…" stands for any message`)
	}
	if strings.Contains(p.Expected+p.Got, `\`) {
		d.Notes = append(d.Notes, `\\ stands for one backslash`)
	}
	if cut {
		d.Notes = append(d.Notes, fmt.Sprintf("long lines are cut: %s expected, %s came", plural(len(p.Expected), "byte", "bytes"), number(len(p.Got))))
	}
}
