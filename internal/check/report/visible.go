package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// cell is what is shown for one character, or for one byte that is part of
// none.
type cell struct {
	text  string
	width int // in columns
	at    int // index of its first byte
}

// cells returns s as it is shown where every byte has to be seen. What would be
// invisible, ambiguous or dangerous is escaped: \t \n \r, \xNN for a byte
// (controls, what is not UTF-8, spaces at the end of a line), \uNNNN and
// \UNNNNNNNN for a character; a backslash is written twice.
func cells(s string) []cell {
	all := make([]cell, 0, len(s))
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		text := s[i : i+n]
		switch {
		case r == utf8.RuneError && n == 1:
			text = escapeByte(s[i])
		case r == ' ' && endsLine(s[i:]):
			text = escapeByte(' ')
		case !shownAsIs(r):
			text = escapeRune(r)
		}
		all = append(all, cell{text, columns(text), i})
		i += n
	}
	return all
}

// visible returns s as cells has it, in one piece.
func visible(s string) string {
	var b strings.Builder
	for _, c := range cells(s) {
		b.WriteString(c.text)
	}
	return b.String()
}

// endsLine tells whether nothing but spaces stands before the end of the line.
func endsLine(s string) bool {
	rest := strings.TrimLeft(s, " ")
	return rest == "" || rest[0] == '\n' || strings.HasPrefix(rest, "\r\n")
}

// shownAsIs tells whether r takes a place of its own on a screen and cannot be
// taken for something else.
func shownAsIs(r rune) bool {
	switch {
	case r == '\\', r == utf8.RuneError:
		return false
	case r < utf8.RuneSelf:
		return ' ' <= r && r < 0x7f
	case joins(r):
		return false
	}
	return unicode.IsGraphic(r) && !unicode.IsSpace(r)
}

// joins tells whether r is drawn together with the character before it: marks,
// the later parts of Korean syllables, skin tones.
func joins(r rune) bool {
	return unicode.IsMark(r) || 0x1160 <= r && r <= 0x11ff || 0xd7b0 <= r && r <= 0xd7ff || 0x1f3fb <= r && r <= 0x1f3ff
}

func escapeByte(b byte) string { return fmt.Sprintf(`\x%02x`, b) }

// escapeRune returns the escape of a character. \x is left to bytes that are
// not UTF-8 from 0x80 on, so that the two cannot be confused.
func escapeRune(r rune) string {
	switch {
	case r == '\\':
		return `\\`
	case r == '\t':
		return `\t`
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r < utf8.RuneSelf:
		return escapeByte(byte(r))
	case r < 0x10000:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}

// columns returns how many columns of a terminal s takes.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}

func runeColumns(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case r < utf8.RuneSelf:
		return 1
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// cutColumns returns s, or as much of it as fits into so many columns with an
// ellipsis at its end.
func cutColumns(s string, limit int) string {
	if columns(s) <= limit {
		return s
	}
	used := 0
	for i, r := range s {
		if used += runeColumns(r); used > limit-1 {
			return s[:i] + "…"
		}
	}
	return s
}

// escapeText returns s as the JSON report has texts that may hold any bytes: a
// byte that is not UTF-8 as \xNN, a backslash as two.
func escapeText(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			b.WriteString(escapeByte(s[i]))
		case r == '\\':
			b.WriteString(`\\`)
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}
