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
// are the same without regard to case (Unicode's simple case folding, as package
// unicode knows it): two texts fold to the same if they differ in case alone.
func Fold(s string) string { return string(AppendFold(make([]byte, 0, len(s)), s)) }

// AppendFold appends what Fold returns. It may have fewer or more bytes than s,
// but never more than four for each character.
func AppendFold(dst []byte, s string) []byte {
	start := len(dst)
	dst = append(dst, s...)
	text := dst[start:] // in place, as long as s is ASCII
	for i, c := range text {
		if c >= utf8.RuneSelf {
			return appendFoldRunes(dst[:start+i], s[i:])
		}
		text[i] = byte(folded[c])
	}
	return dst
}

// appendFoldRunes is AppendFold for a text that is not all ASCII.
func appendFoldRunes(dst []byte, s string) []byte {
	for _, r := range s {
		switch {
		case r < rune(len(folded)):
			r = folded[r]
		case !caseless(r):
			r = foldRune(r)
		}
		dst = utf8.AppendRune(dst, r)
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

// folded is foldRune of the Latin, Greek, Cyrillic and Armenian letters. Package
// unicode takes 50 ns for each.
var folded = func() (least [0x590]rune) {
	for r := range least {
		least[r] = foldRune(rune(r))
	}
	return least
}()

// caseless tells of the larger scripts of East Asia that they know no case.
func caseless(r rune) bool { return 0x2e80 <= r && r < 0xa640 || 0xac00 <= r && r < 0xd7b0 }
