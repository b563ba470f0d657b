package zoo

import (
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// found is a name that a query may show, and what the file holds.
type found struct {
	name, contents string
	isDir          bool
}

// search answers a LIST with a query, of a directory that is there.
func (s *store) search(path string, d *directory, q *query) string {
	path = strings.TrimSuffix(path, "/")
	all := s.candidates(path, d, q)
	if s.is(DeepPrefix) && q.recursive {
		all = append(all, s.resembling(path)...)
	}
	slices.SortFunc(all, func(a, b found) int { return strings.Compare(a.name, b.name) })
	if s.is(DeepWalk) {
		slices.SortStableFunc(all, func(a, b found) int {
			return slices.Compare(strings.Split(a.name, "/"), strings.Split(b.name, "/"))
		})
	}
	if s.is(AfterKnown) && q.after != "" && !slices.ContainsFunc(all, func(f found) bool { return f.name == q.after }) {
		return ""
	}
	var names []string
	counted := 0
	for _, f := range all {
		if f.name < q.after || f.name == q.after && !s.is(AfterIncluded) {
			continue
		}
		lets := s.lets(q, f)
		if lets || s.is(LimitFirst) {
			counted++
		}
		limit := q.limit
		if s.is(LimitMore) && limit > 0 {
			limit++
		}
		if limit > 0 && counted > limit {
			break
		}
		if lets {
			names = append(names, f.name)
		}
	}
	if s.is(DeepBare) {
		for i, name := range names {
			names[i] = name[strings.LastIndex(name, "/")+1:]
		}
	}
	return strings.Join(names, ", ")
}

// candidates returns all that lies in a directory, or below it.
func (s *store) candidates(path string, d *directory, q *query) (all []found) {
	for name, contents := range d.files {
		if !s.hidden[path+"/"+name] {
			all = append(all, found{name: name, contents: contents})
		}
	}
	for name, below := range d.dirs {
		if q.recursive {
			for _, f := range s.candidates(path+"/"+name, below, q) {
				f.name = name + "/" + f.name
				all = append(all, f)
			}
		}
		if !q.recursive || s.is(DeepDirs) {
			all = append(all, found{name: name + "/", isDir: true})
		}
	}
	return all
}

// resembling returns what lies in directories whose paths begin with the name of
// another one, for the fault DeepPrefix.
func (s *store) resembling(path string) (all []found) {
	_, way, name := s.find(path)
	if len(way) < 2 {
		return nil
	}
	for other, d := range way[len(way)-2].dirs {
		if other != name && strings.HasPrefix(other, name) {
			for file, contents := range d.files {
				all = append(all, found{name: file, contents: contents})
			}
		}
	}
	return all
}

// lets tells whether the query lets a name through.
func (s *store) lets(q *query, f found) bool {
	if f.isDir {
		return !q.files() && !s.is(PageFiles) || q.files() && s.is(QueryDirectories) || q.recursive && s.is(DeepDirs)
	}
	if s.is(PageFiles) && !q.files() {
		return true
	}
	return s.holds(f, q.q) && s.named(q.name, f.name)
}

func (s *store) named(p *pattern, name string) bool {
	if p == nil {
		return true
	}
	if !s.is(NameWithDirs) {
		name = name[strings.LastIndex(name, "/")+1:]
	}
	switch s.Fault {
	case NameFolds:
		folded := &pattern{}
		for _, part := range p.parts {
			part.ranges = slices.Clone(part.ranges)
			for i, r := range part.ranges {
				part.ranges[i] = [2]rune{unicode.ToLower(r[0]), unicode.ToLower(r[1])}
			}
			folded.parts = append(folded.parts, part)
		}
		p, name = folded, strings.ToLower(name)
	case NameBytes:
		var bytes []rune
		for i := range len(name) {
			bytes = append(bytes, rune(name[i]))
		}
		return matches(p.parts, bytes)
	}
	return matches(p.parts, []rune(name))
}

// holds tells whether a file holds the text of q.
func (s *store) holds(f found, q string) bool {
	text := f.contents
	if s.is(QTrimmed) {
		q = strings.TrimSpace(q)
	}
	switch s.Fault {
	case QCases:
		return strings.Contains(text, q)
	case QASCII:
		return strings.Contains(asciiLower(text), asciiLower(q))
	case QLower:
		return strings.Contains(strings.ToLower(text), strings.ToLower(q))
	case QFull:
		full := strings.NewReplacer("ß", "ss", "ẞ", "ss", "ﬁ", "fi")
		text, q = full.Replace(text), full.Replace(q)
	case QWords:
		return q == "" || containsWords(strings.Fields(strings.ToLower(text)), strings.Fields(strings.ToLower(q)))
	case QLike:
		return like([]rune("%"+strings.ToLower(q)+"%"), []rune(strings.ToLower(text)))
	case QThree:
		if q != "" && utf8.RuneCountInString(q) < 3 {
			return false
		}
	}
	return containsFold([]rune(text), []rune(q))
}

// containsFold looks at each place for the text, without regard to case.
func containsFold(text, q []rune) bool {
	for i := 0; i+len(q) <= len(text); i++ {
		if strings.EqualFold(string(text[i:i+len(q)]), string(q)) {
			return true
		}
	}
	return false
}

func asciiLower(s string) string {
	return strings.Map(func(c rune) rune {
		if 'A' <= c && c <= 'Z' {
			return c + 'a' - 'A'
		}
		return c
	}, s)
}

// containsWords tells whether each word is one of the text's.
func containsWords(text, words []string) bool {
	for i, word := range text {
		text[i] = strings.Trim(word, ",.;:")
	}
	return !slices.ContainsFunc(words, func(word string) bool { return !slices.Contains(text, word) })
}

// like is what LIKE is in SQL.
func like(pattern, text []rune) bool {
	var p []part
	for _, c := range pattern {
		p = append(p, part{star: c == '%', any: c == '_', ranges: [][2]rune{{c, c}}})
	}
	return matches(p, text)
}

// searched returns the names that a query asks for, by faults what was found
// before, or what some of the files have.
func (s *store) searched(q *request, d *directory) string {
	key := strings.TrimSuffix(q.key, "/")
	switch s.Fault {
	case StaleSearch, CacheByQ:
		key += "?" + q.query.text
		if s.is(CacheByQ) {
			key = strings.TrimSuffix(q.key, "/") + "?" + q.query.q
		}
		names, kept := s.searches[key]
		if !kept {
			names = s.search(q.key, d, q.query)
			s.searches[key] = names
		}
		return names
	case QHundred:
		if q.query.q != "" && len(d.files) > 100 {
			some := newDirectory()
			for _, name := range slices.Sorted(maps.Keys(d.files))[:100] {
				some.files[name] = d.files[name]
			}
			d = some
		}
	}
	return s.search(q.key, d, q.query)
}

// changed tells the searches that a change has been carried out: by faults
// later, or not.
func (s *store) changed(q *request) {
	switch {
	case s.is(LateSearch):
		s.hidden[q.key] = true
		s.server.running.Go(func() {
			time.Sleep(50 * time.Millisecond)
			s.mu.Lock()
			defer s.mu.Unlock()
			delete(s.hidden, q.key)
		})
	case s.is(StaleSearch) && q.action == "UPDATE":
	default:
		clear(s.searches)
	}
}
