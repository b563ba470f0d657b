package store

import (
	"bytes"
	"path"
	"unicode"
	"unicode/utf8"

	"sttp"
)

// Filter tells which files a query asks for, in one way for all engines. The
// zero Filter, like that of a nil query, lets all through. It may be used by
// many goroutines at once.
type Filter struct {
	name     string // pattern; "" for any name
	contains []byte // folded; empty for any contents
}

// NewFilter returns the Filter of a query, whose pattern is known to be right.
func NewFilter(q *sttp.Query) Filter {
	if q == nil {
		return Filter{}
	}
	return Filter{name: q.Name, contains: AppendFold(nil, q.Contains)}
}

// Name tells whether a file of that name, without its directories, may be among
// the results.
func (f Filter) Name(name string) bool {
	if f.name == "" {
		return true
	}
	ok, _ := path.Match(f.name, name)
	return ok
}

// Searches tells whether the filter asks what is in a file.
func (f Filter) Searches() bool { return len(f.contains) > 0 }

// Contains returns the folded text that is searched for.
func (f Filter) Contains() string { return string(f.contains) }

// Contents tells whether a snippet with that text is among the results. It does
// not allocate.
func (f Filter) Contents(text string) bool {
	if len(f.contains) == 0 {
		return true
	}
	var buffer [sttp.MaxContents * utf8.UTFMax]byte
	return bytes.Contains(AppendFold(buffer[:0], text), f.contains)
}

// Fold returns s with each character replaced by one that stands for all that
// are the same without regard to case (Unicode's simple case folding): two texts
// fold to the same if they differ in case alone.
func Fold(s string) string { return string(AppendFold(make([]byte, 0, len(s)), s)) }

// AppendFold appends what Fold returns. It may have fewer or more bytes than s,
// but never more than four for each character.
func AppendFold(dst []byte, s string) []byte {
	start := len(dst)
	dst = append(dst, s...)
	folded := dst[start:] // in place, as long as s is ASCII
	for i, c := range folded {
		if c >= utf8.RuneSelf {
			return appendFold(dst[:start+i], s[i:])
		}
		folded[i] = foldASCII[c]
	}
	return dst
}

// foldASCII is what each ASCII character becomes: with a table, folding takes a
// third of the time.
var foldASCII = func() (to [utf8.RuneSelf]byte) {
	for c := range to {
		to[c] = byte(c)
		if 'a' <= c && c <= 'z' {
			to[c] -= 'a' - 'A'
		}
	}
	return to
}()

// appendFold is AppendFold for any characters.
func appendFold(dst []byte, s string) []byte {
	for _, r := range s {
		switch {
		case 'a' <= r && r <= 'z':
			dst = append(dst, byte(r)-('a'-'A'))
		case r < utf8.RuneSelf:
			dst = append(dst, byte(r))
		default:
			dst = utf8.AppendRune(dst, foldRune(r))
		}
	}
	return dst
}

// foldRune returns the least of the characters that differ from r in case alone.
func foldRune(r rune) rune {
	least := r
	for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
		least = min(least, other)
	}
	return least
}
