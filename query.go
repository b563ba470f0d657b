package sttp

import (
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxLimit is the largest Limit of a Query: the most names on one page.
const MaxLimit = 1000

// Query says which names a LIST returns (docs/protocol.md, section 11.2). A nil
// *Query, like the zero Query, is a LIST without one: everything that stands in
// the directory itself.
//
// Make it with ParseQuery, or let NewRequest make it from what follows the ? of
// a path. It borrows nothing.
type Query struct {
	Contains  string // q: files whose contents hold this, upper and lower case alike
	Name      string // name: files whose names match this pattern of path.Match
	Recursive bool   // recursive: files in the whole subtree, as they are named from the directory on
	Limit     int    // limit: at most so many names, 1 to MaxLimit; 0 for all
	After     string // after: only names that are sorted behind this one
}

// FilesOnly tells whether the query leaves directories out: it does so where it
// asks for what only a file has, and where it looks into directories itself.
func (q *Query) FilesOnly() bool {
	return q != nil && (q.Contains != "" || q.Name != "" || q.Recursive)
}

// ParseQuery parses what stands behind the ? of a LIST. The error says in words
// for a human what is wrong, and quotes nothing of s.
func ParseQuery(s string) (*Query, error) {
	q := new(Query)
	var seen []string
	for part := range strings.SplitSeq(s, "&") {
		key, raw, found := strings.Cut(part, "=")
		if !found {
			return nil, errors.New("a query is made of parameters such as q=milk, with & between them")
		}
		value, err := unescape(raw)
		if err != nil {
			return nil, err
		}
		for _, other := range seen {
			if key == other {
				return nil, errors.New("each parameter of a query stands in it once")
			}
		}
		seen = append(seen, key)
		if err := q.set(key, value); err != nil {
			return nil, err
		}
	}
	return q, nil
}

// set sets what a parameter stands for.
func (q *Query) set(key, value string) error {
	switch key {
	case "q":
		if value == "" {
			return errors.New("q= needs the text to look for; leave it out to list everything")
		}
		if _, err := ParseContents(value); err != nil {
			return errors.New("q= takes what a snippet can hold: " + err.Error())
		}
		q.Contains = value
	case "name":
		if _, err := path.Match(value, ""); err != nil || value == "" || len(value) > MaxPath || !printable(value) {
			return errors.New("name= takes a pattern for names, such as *.txt, a?c or [ab]* (%3F is the ?, %5B and %5D are the brackets)")
		}
		q.Name = value
	case "recursive":
		if value != "true" && value != "false" {
			return errors.New("recursive= takes true or false")
		}
		q.Recursive = value == "true"
	case "limit":
		n, err := strconv.ParseUint(value, 10, 16)
		if err != nil || n < 1 || n > MaxLimit {
			return errors.New("limit= takes a number from 1 to 1000")
		}
		q.Limit = int(n)
	case "after":
		if len(value) > MaxPath || !printable(value) {
			return errors.New("after= takes the last name of the page before")
		}
		q.After = value
	default:
		return errors.New("the parameters of a query are q, name, recursive, limit and after")
	}
	return nil
}

// printable tells whether s is UTF-8 without control characters.
func printable(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0
}

// String returns q as it stands behind the ? of a LIST, "" for no query.
// ParseQuery returns the same query for it.
func (q *Query) String() string {
	if q == nil {
		return ""
	}
	var b strings.Builder
	add := func(key, value string) {
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		b.WriteString(key + "=")
		escape(&b, value)
	}
	if q.Contains != "" {
		add("q", q.Contains)
	}
	if q.Name != "" {
		add("name", q.Name)
	}
	if q.Recursive {
		add("recursive", "true")
	}
	if q.Limit != 0 {
		add("limit", strconv.Itoa(q.Limit))
	}
	if q.After != "" {
		add("after", q.After)
	}
	return b.String()
}

// queryBytes are the characters that stand for themselves in the query of a URI
// (RFC 3986, section 3.4), without the & that separates parameters.
const queryBytes = "-._~!$'()*+,;=:@/?"

func isQueryByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte(queryBytes, c) >= 0
}

func escape(b *strings.Builder, s string) {
	for i := range len(s) {
		if c := s[i]; isQueryByte(c) && c != '+' { // a form's decoder takes + for a space
			b.WriteByte(c)
		} else {
			fmt.Fprintf(b, "%%%02X", c)
		}
	}
}

// unescape decodes percent signs. A plus is a plus.
func unescape(s string) (string, error) {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '%':
			if i+2 >= len(s) {
				return "", errEscape
			}
			n, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
			if err != nil {
				return "", errEscape
			}
			b = append(b, byte(n))
			i += 2
		case isQueryByte(c):
			b = append(b, c)
		default:
			return "", errors.New("a query is percent-encoded: letters, digits and -._~!$'()*+,;:@/? stand for themselves, anything else is written as % and two hexadecimal digits for each byte")
		}
	}
	return string(b), nil
}

var errEscape = errors.New("a % in a query is followed by two hexadecimal digits; the character itself is %25")
