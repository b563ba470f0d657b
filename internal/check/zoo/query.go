package zoo

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// query is what stands behind the ? of a LIST, by section 11.2.
type query struct {
	text      string // as it was sent
	q, after  string
	name      *pattern
	recursive bool
	limit     int // 0 for none
}

// files tells whether only files are asked for.
func (q *query) files() bool { return q.q != "" || q.name != nil || q.recursive }

// cutQuery takes the query off the path of a request, if it may have one.
func (s *store) cutQuery(q *request) {
	if s.NoQueries || s.is(LaxPaths) {
		return
	}
	at := strings.IndexByte(q.path, '?')
	if s.is(QueryLastMark) {
		at = strings.LastIndexByte(q.path, '?')
	}
	switch {
	case at < 0:
	case q.action == "LIST":
		q.query = &query{text: q.path[at+1:]}
		q.path = q.path[:at]
	case s.is(QueryAnywhere):
		q.path = q.path[:at]
	}
}

// checkQuery is the part of stage 2 that is about the query.
func (s *store) checkQuery(q *request) reply {
	if q.query == nil {
		return reply{}
	}
	if s.is(QueryLate) {
		if r := s.checkStored(q); r.status != 0 {
			return r
		}
	}
	if problem := s.parseQuery(q.query); problem != "" {
		if s.is(QueryDash) {
			return clientError("-", problem)
		}
		return clientError(q.path, problem)
	}
	return reply{}
}

// parseQuery reads the parameters, and tells what is wrong with them, if
// anything.
func (s *store) parseQuery(q *query) (problem string) {
	seen := map[string]bool{}
	for _, part := range strings.Split(q.text, "&") {
		key, raw, found := strings.Cut(part, "=")
		if !found && s.is(QueryPartsSkipped) {
			continue
		}
		if !found {
			return "a query is made of parameters such as q=milk"
		}
		if seen[key] && !s.is(QueryTwice) {
			return "a parameter is there twice"
		}
		seen[key] = true
		value, ok := s.decode(raw)
		if !ok {
			return "values are percent-encoded"
		}
		if problem := s.setParameter(q, key, value); problem != "" {
			return problem
		}
	}
	return ""
}

func (s *store) setParameter(q *query, key, value string) (problem string) {
	long := s.is(QueryLong)
	text := utf8.ValidString(value) && !strings.ContainsFunc(value, func(c rune) bool { return unicode.IsControl(c) && (c != '\t' || key != "q") }) || s.is(QueryNoText)
	switch {
	case !text:
		return "a value is text"
	case value == "" && key != "after" && (key != "q" || !s.is(QueryEmpty)):
		return "a value is missing"
	case key == "q":
		if utf8.RuneCountInString(value) > 160 && !long {
			return "q has at most 160 characters"
		}
		q.q = value
	case key == "name":
		name, ok := s.parsePattern(value)
		if !ok || len(value) > 1024 && !long {
			return "this is no pattern"
		}
		q.name = name
	case key == "recursive" && (value == "true" || value == "false"):
		q.recursive = value == "true"
	case key == "limit":
		n, ok := s.parseLimit(value)
		if !ok {
			return "limit takes a number from 1 to 1000"
		}
		q.limit = n
	case key == "after" && (len(value) <= 1024 || long):
		q.after = value
	case s.is(QueryUnknown) && key != "recursive" && key != "after":
	default:
		return "the parameters are q, name, recursive, limit and after"
	}
	return ""
}

func (s *store) parseLimit(value string) (int, bool) {
	n, err := strconv.Atoi(value)
	if s.is(LimitLax) {
		return max(n, 0), true
	}
	digits := strings.Trim(value, "0123456789") == ""
	return n, err == nil && digits && n >= 1 && n <= 1000
}

const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

// decode reads a percent-encoded value, and tells whether it is one.
func (s *store) decode(raw string) (string, bool) {
	var b strings.Builder
	for rest := raw; rest != ""; {
		if rest[0] == '%' {
			n, ok := hexByte(rest)
			if ok {
				b.WriteByte(n)
				rest = rest[3:]
				continue
			}
			if !s.is(QueryPercent) {
				return "", false
			}
		} else if !strings.ContainsRune(unreserved+"!$'()*+,;=:@/?", rune(rest[0])) && !s.is(QueryRaw) {
			return "", false
		}
		c := rest[0]
		if c == '+' && s.is(QueryPlus) {
			c = ' '
		}
		b.WriteByte(c)
		rest = rest[1:]
	}
	if s.is(QueryDecodedTwice) && strings.Contains(b.String(), "%") {
		if again, ok := (&store{}).decode(b.String()); ok {
			return again, true
		}
	}
	return b.String(), true
}

// hexByte returns the byte that s begins with as % and two digits.
func hexByte(s string) (byte, bool) {
	const digits = "0123456789abcdef"
	if len(s) < 3 {
		return 0, false
	}
	lower := strings.ToLower(s[1:3])
	high, low := strings.IndexByte(digits, lower[0]), strings.IndexByte(digits, lower[1])
	return byte(high<<4 | low), high >= 0 && low >= 0
}

// pattern is one of the values of name, as a list of what has to follow each
// other.
type pattern struct{ parts []part }

// part matches one character, or as a star any number.
type part struct {
	star, any, not bool
	ranges         [][2]rune
}

func (p part) matches(c rune) bool {
	if p.any {
		return true
	}
	for _, r := range p.ranges {
		if r[0] <= c && c <= r[1] {
			return !p.not
		}
	}
	return p.not
}

// parsePattern reads a pattern, and tells whether it keeps the rules.
func (s *store) parsePattern(text string) (*pattern, bool) {
	p := &pattern{}
	rest := []rune(text)
	if s.is(NamePart) {
		p.parts = append(p.parts, part{star: true})
	}
	for len(rest) > 0 {
		c := rest[0]
		rest = rest[1:]
		switch {
		case c == '*':
			p.parts = append(p.parts, part{star: true})
		case c == '?':
			p.parts = append(p.parts, part{any: true})
		case c == '[' && !s.is(NameNoBrackets):
			var class part
			var ok bool
			if class, rest, ok = s.parseClass(rest); !ok {
				return p, s.is(NameUnchecked)
			}
			p.parts = append(p.parts, class)
		case c == '\\' && !s.is(NameNoEscapes):
			if len(rest) == 0 {
				return p, s.is(NameUnchecked)
			}
			c, rest = rest[0], rest[1:]
			fallthrough
		default:
			p.parts = append(p.parts, part{ranges: [][2]rune{{c, c}}})
		}
	}
	if s.is(NamePart) {
		p.parts = append(p.parts, part{star: true})
	}
	return p, true
}

// parseClass reads what stands behind a bracket, up to the one that closes it.
func (s *store) parseClass(rest []rune) (class part, after []rune, ok bool) {
	if len(rest) > 0 && rest[0] == '^' {
		class.not, rest = true, rest[1:]
	}
	member := func() (c rune, ok bool) {
		if len(rest) > 0 && rest[0] == '\\' && !s.is(NameNoEscapes) {
			rest = rest[1:]
			ok = true
		}
		if len(rest) == 0 || !ok && (rest[0] == '-' || rest[0] == ']') {
			return 0, false
		}
		c, rest = rest[0], rest[1:]
		return c, true
	}
	for len(class.ranges) == 0 || len(rest) > 0 && rest[0] != ']' {
		first, ok := member()
		if !ok {
			return class, nil, false
		}
		last := first
		if len(rest) > 0 && rest[0] == '-' {
			rest = rest[1:]
			if last, ok = member(); !ok {
				return class, nil, false
			}
		}
		class.ranges = append(class.ranges, [2]rune{first, last})
	}
	if len(rest) == 0 {
		return class, nil, false
	}
	return class, rest[1:], true
}

// matches tells whether the parts match the whole of a name.
func matches(parts []part, name []rune) bool {
	if len(parts) == 0 {
		return len(name) == 0
	}
	if parts[0].star {
		for i := range len(name) + 1 {
			if matches(parts[1:], name[i:]) {
				return true
			}
		}
		return false
	}
	return len(name) > 0 && parts[0].matches(name[0]) && matches(parts[1:], name[1:])
}
