package config

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Error says everything that is wrong with the settings. All errors of this
// package are one: use errors.As to tell that a program was not told well what
// to do, and exit with the code for wrong usage.
type Error struct {
	Problems []Problem // at least one
}

// Problem is one thing that is wrong, and what would be right.
type Problem struct {
	// File, Line and Column say where in the settings file it is. File is ""
	// for a flag or a variable. Line and Column count from 1, Column in code
	// points; both are 0 for what concerns the whole file.
	File         string
	Line, Column int

	// Name is the key, the flag with its dashes, or the variable. It is ""
	// where there is none.
	Name string

	Message string // what is wrong; safe to print
	Hint    string // what would be right, or ""; safe to print

	source string // the line of the file, raw
	hidden bool   // the line may hold a secret
}

const maxProblems = 20 // that are printed; a file that has more is no settings file

// Error returns one paragraph for each problem. It holds no control characters
// but the ends of its lines, whatever the sources of the settings hold.
func (e *Error) Error() string {
	var b strings.Builder
	for i, p := range e.Problems {
		if i == maxProblems {
			fmt.Fprintf(&b, "\nand %d more", len(e.Problems)-i)
			break
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(p.String())
	}
	return b.String()
}

// String returns the problem with the line it is in and a caret below it, unless
// the line may hold a secret:
//
//	sttp.yaml:7:14: cache.max_files: "many" is no whole number
//	  7 |   max_files: many
//	    |              ^
//	  right would be a number from 1 to 10000000, as in `max_files: 100`
func (p Problem) String() string {
	var b strings.Builder
	if p.File != "" {
		b.WriteString(visible(p.File))
		if p.Line > 0 {
			fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
		}
		b.WriteString(": ")
	}
	if p.Name != "" {
		b.WriteString(p.Name + ": ")
	}
	b.WriteString(p.Message)
	if p.Line > 0 && !p.hidden {
		line, indent := excerpt(p.source, p.Column)
		number := strconv.Itoa(p.Line)
		fmt.Fprintf(&b, "\n  %s | %s", number, line)
		fmt.Fprintf(&b, "\n  %*s | %*s^", len(number), "", indent, "")
	}
	if p.Hint != "" {
		b.WriteString("\n  " + p.Hint)
	}
	return b.String()
}

const (
	excerptBefore = 60 // code points that are shown before the column
	excerptAfter  = 40 // and from it on
)

// excerpt returns the part of a line around column as it can be printed, and
// how many cells of a terminal stand before that column.
func excerpt(line string, column int) (shown string, indent int) {
	var b strings.Builder
	for n := 1; line != ""; n++ {
		r, size := utf8.DecodeRuneInString(line)
		char := line[:size]
		line = line[size:]
		switch {
		case n < column-excerptBefore:
			continue
		case n == column-excerptBefore && n > 1, n == column+excerptAfter:
			r, char = '…', "…"
		case n > column+excerptAfter:
			return b.String(), indent
		}
		char = visible(char)
		b.WriteString(char)
		if n < column {
			indent += cells(r, char)
		}
	}
	return b.String(), indent
}

// cells returns how many cells of a terminal shown takes, which stands for r.
func cells(r rune, shown string) int {
	switch {
	case shown[0] == '\\':
		return len(shown)
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul), 0xff01 <= r && r <= 0xff60, 0x1f300 <= r && r <= 0x1faff:
		return 2
	}
	return 1
}

// visible returns s with everything escaped that does not print: control and
// format characters, tabs, what is not UTF-8.
func visible(s string) string {
	var b strings.Builder
	for s != "" {
		r, size := utf8.DecodeRuneInString(s)
		if char := s[:size]; strconv.IsPrint(r) && (r != utf8.RuneError || size > 1) {
			b.WriteString(char)
		} else {
			q := strconv.Quote(char)
			b.WriteString(q[1 : len(q)-1])
		}
		s = s[size:]
	}
	return b.String()
}

// quote returns the beginning of s between quotes, safe to print.
func quote(s string) string {
	const limit = 60 // code points
	for i := range s {
		if utf8.RuneCountInString(s[:i]) == limit {
			return strconv.Quote(s[:i]) + "…"
		}
	}
	return strconv.Quote(s)
}
