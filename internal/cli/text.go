package cli

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Escape returns s with everything replaced that could disturb a terminal or
// forge a line: control and format characters, line and paragraph separators,
// and bytes that are not UTF-8. They become \t, \n, \r, \xNN, \uNNNN or
// \UNNNNNNNN. Backslashes that were there stay as they are.
func Escape(s string) string {
	if !strings.ContainsFunc(s, Disturbing) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case Disturbing(r):
			escapeRune(&b, r)
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

func escapeRune(b *strings.Builder, r rune) {
	switch {
	case r == '\t':
		b.WriteString(`\t`)
	case r == '\n':
		b.WriteString(`\n`)
	case r == '\r':
		b.WriteString(`\r`)
	case r < 0x100:
		fmt.Fprintf(b, `\x%02x`, r)
	case r < 0x10000:
		fmt.Fprintf(b, `\u%04x`, r)
	default:
		fmt.Fprintf(b, `\U%08x`, r)
	}
}

// Disturbing tells whether r can change how the text around it is shown. The
// replacement character is among them because it may stand for a byte that is
// not UTF-8.
func Disturbing(r rune) bool {
	if r < utf8.RuneSelf {
		return r < ' ' || r == 0x7f
	}
	return r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// ShellQuote returns word as a shell takes it for one word: in single quotes
// unless it holds nothing that a shell would touch.
func ShellQuote(word string) string {
	plain := func(r rune) bool {
		return strings.ContainsRune("/.,:@%+=_-", r) || unicode.IsLetter(r) || unicode.IsDigit(r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// maxGuess is the length in bytes up to which DidYouMean compares a word, so
// that a long one costs nothing.
const maxGuess = 64

// DidYouMean returns the candidate that word was probably meant to be: the one
// with the fewest letters to insert, drop, change or swap, if that are at most
// two and less than half of the candidate. Case counts for nothing.
func DidYouMean(word string, candidates []string) (string, bool) {
	if word == "" || len(word) > maxGuess {
		return "", false
	}
	best, least := "", 3
	for _, c := range candidates {
		d := distance(strings.ToLower(word), strings.ToLower(c))
		if d < least && 2*d < len(c) {
			best, least = c, d
		}
	}
	return best, best != ""
}

// distance returns how many single letters must be inserted, dropped, changed
// or swapped with their neighbour to make b of a, touching none twice.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := last[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			row[j] = min(change, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
