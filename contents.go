package sttp

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Contents is what a file holds: one line of at most MaxContents code points,
// UTF-8 without control characters other than tab (docs/protocol.md, section
// 4). The zero Contents is the empty snippet.
type Contents struct{ s string }

// The errors of ParseContents.
var (
	ErrContentsTooLong = errors.New("contents have at most 160 characters")
	ErrContentsUTF8    = errors.New("contents are valid UTF-8")
	ErrContentsControl = errors.New("contents hold no control characters but tabs")
)

// ParseContents checks s and returns it as Contents that share its bytes. It
// returns ErrContentsUTF8, ErrContentsControl or ErrContentsTooLong, the first
// that applies.
func ParseContents(s string) (Contents, error) {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if (c < ' ' && c != '\t') || c == 0x7f {
				return Contents{}, contentsError(s)
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if (r == utf8.RuneError && n == 1) || unicode.IsControl(r) {
			return Contents{}, contentsError(s)
		}
		i += n
	}
	if len(s) > MaxContents && utf8.RuneCountInString(s) > MaxContents {
		return Contents{}, ErrContentsTooLong
	}
	return Contents{s}, nil
}

func contentsError(s string) error {
	if !utf8.ValidString(s) {
		return ErrContentsUTF8
	}
	return ErrContentsControl
}

// String returns the contents as they are, without quotes.
func (c Contents) String() string { return c.s }

// Clone returns a copy of c that borrows nothing.
func (c Contents) Clone() Contents { return Contents{strings.Clone(c.s)} }
