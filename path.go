package sttp

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Path is a valid path: "/notes/a.txt" names a file, "/notes/" a directory, and
// "/notes" is either, as the action has it (docs/protocol.md, section 3). The
// zero Path is no path; it stands for one that was not valid and is shown as
// "-".
type Path struct{ s string }

// Root is the directory that is always there.
var Root = Path{"/"}

// ParsePath checks s and returns it as a Path that shares its bytes. The error
// says in words for a human what is wrong, and quotes nothing of s.
func ParsePath(s string) (Path, error) {
	if len(s) == 0 || s[0] != '/' {
		return Path{}, errors.New("a path begins with /, as in /notes/a.txt")
	}
	if len(s) > MaxPath {
		return Path{}, errors.New("a path has at most 1024 bytes")
	}
	start := 1 // of the segment being read
	for i := 1; i < len(s); i++ {
		class := pathBytes[s[i]]
		if class == pathPlain {
			continue
		}
		switch {
		case class == pathSlash:
			if err := checkDirectory(s[start:i]); err != nil {
				return Path{}, err
			}
			start = i + 1
		case class == pathDot && i > start:
		case class == pathDot:
			return Path{}, errors.New("the names in a path do not begin with a dot")
		case class == pathMultibyte:
			n, err := checkRune(s[i:])
			if err != nil {
				return Path{}, err
			}
			i += n - 1
		default:
			return Path{}, errPathByte(s[i])
		}
	}
	return Path{s}, nil
}

// checkDirectory checks the length of a segment that a slash follows.
func checkDirectory(name string) error {
	if name == "" {
		return errors.New("the names in a path are separated by exactly one /")
	}
	if len(name) > MaxSegment {
		return errors.New("the name of a directory has at most 255 bytes")
	}
	return nil
}

// checkRune checks the multi-byte character that s begins with and returns its length.
func checkRune(s string) (int, error) {
	r, n := utf8.DecodeRuneInString(s)
	switch {
	case r == utf8.RuneError && n == 1:
		return 0, errors.New("a path is valid UTF-8")
	case unicode.IsSpace(r):
		return 0, errors.New("a path holds no white space")
	case unicode.In(r, unicode.Cc, unicode.Cf):
		return 0, errors.New("a path holds no control or format characters")
	}
	return n, nil
}

func errPathByte(c byte) error {
	switch c {
	case ' ', '\t', '\n', '\v', '\f', '\r':
		return errors.New("a path holds no white space")
	case '\\':
		return errors.New(`a path is written with /, not \`)
	case '?':
		return errors.New("a path holds no ?")
	}
	return errors.New("a path holds no control or format characters")
}

// What a byte in a path may be, so that plain names are checked with one
// look-up a byte.
const (
	pathBad = iota
	pathPlain
	pathSlash
	pathDot
	pathMultibyte
)

var pathBytes = func() (class [256]uint8) {
	for c := range class {
		switch {
		case c >= utf8.RuneSelf:
			class[c] = pathMultibyte
		case c > ' ' && c != 0x7f && c != '\\' && c != '?':
			class[c] = pathPlain
		}
	}
	class['/'], class['.'] = pathSlash, pathDot
	return class
}()

// String returns the path as it was sent, and "-" for the zero Path.
func (p Path) String() string {
	if p.s == "" {
		return "-"
	}
	return p.s
}

// IsZero tells whether p is no path.
func (p Path) IsZero() bool { return p.s == "" }

// IsDir tells whether p ends with a slash and so can only name a directory.
func (p Path) IsDir() bool { return strings.HasSuffix(p.s, "/") }

// Dir returns p up to its last slash: the directory that holds the file p, or p
// itself if it ends with a slash.
func (p Path) Dir() Path { return Path{p.s[:strings.LastIndexByte(p.s, '/')+1]} }

// Base returns what follows the last slash of p: the file's name, or "" if p
// ends with a slash.
func (p Path) Base() string { return p.s[strings.LastIndexByte(p.s, '/')+1:] }

// AsDir returns p with a slash at its end: the one name that a directory has
// inside a server, where LIST /notes and LIST /notes/ are the same.
func (p Path) AsDir() Path {
	if p.s == "" || p.IsDir() {
		return p
	}
	return Path{p.s + "/"}
}

// Parent returns the directory that holds the directory p, and false if p is
// the root or does not end with a slash.
func (p Path) Parent() (Path, bool) {
	if len(p.s) < 2 || !p.IsDir() {
		return Path{}, false
	}
	return Path{p.s[:len(p.s)-1]}.Dir(), true
}

// Clone returns a copy of p that borrows nothing.
func (p Path) Clone() Path { return Path{strings.Clone(p.s)} }
