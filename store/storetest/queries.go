package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sttp"
	"sttp/store"
)

var queryCases = []testCase{
	{"a query asks by each of its parameters and by all together", func(s fixture) {
		s.fill(map[string]string{
			"/n/a.txt": "Buy milk", "/n/b.txt": "buy MILK and tea", "/n/c.md": "milk", "/n/d.txt": "tea",
			"/n/sub/a.txt": "more milk", "/n/sub/deep/z.txt": "milk", "/n/t/x.md": "tea", "/other/a.txt": "milk", "/nn": "milk",
		})
		for query, want := range map[string]string{
			"limit=2":                      "a.txt b.txt",
			"limit=1000":                   "a.txt b.txt c.md d.txt sub/ t/",
			"after=c.md":                   "d.txt sub/ t/",
			"after=b.txt&limit=3":          "c.md d.txt sub/",
			"recursive=false&limit=5":      "a.txt b.txt c.md d.txt sub/",
			"name=*.txt":                   "a.txt b.txt d.txt",
			"name=*":                       "a.txt b.txt c.md d.txt",
			"name=?.txt&after=a.txt":       "b.txt d.txt",
			"q=milk":                       "a.txt b.txt c.md",
			"q=Milk&limit=2":               "a.txt b.txt",
			"q=milk&name=*.md":             "c.md",
			"q=milk%20and":                 "b.txt",
			"q=coffee":                     "",
			"recursive=true":               "a.txt b.txt c.md d.txt sub/a.txt sub/deep/z.txt t/x.md",
			"recursive=true&name=a.txt":    "a.txt sub/a.txt",
			"recursive=true&name=sub":      "",
			"recursive=true&q=milk":        "a.txt b.txt c.md sub/a.txt sub/deep/z.txt",
			"recursive=true&q=TEA&limit=2": "b.txt d.txt",
			"recursive=true&after=sub/":    "sub/a.txt sub/deep/z.txt t/x.md",
			"recursive=true&after=sub0":    "t/x.md",
			"recursive=true&after=t/x.md":  "",
			"q=milk&name=*.txt&recursive=true&limit=2&after=b.txt": "sub/a.txt sub/deep/z.txt",
		} {
			s.finds("/n/", s.query(query), strings.Fields(want)...)
		}
		s.finds("/n/sub/deep/", s.query("recursive=true&q=milk"), "z.txt")
		s.finds("/", s.query("name=*"), "nn")
		s.finds("/", s.query("recursive=true&q=milk&after=n/sub/a.txt"), "n/sub/deep/z.txt", "nn", "other/a.txt")
	}},
	{"upper and lower case are alike, by Unicode's simple case folding", func(s fixture) {
		for i, c := range foldCases {
			dir := fmt.Sprintf("/%d/", i)
			s.succeeds("Create", s.create(dir+"a", c.text))
			want := []string{"a"}
			if !c.found {
				want = nil
			}
			s.finds(dir, &sttp.Query{Contains: c.q}, want...)
			s.finds("/", &sttp.Query{Contains: c.q, Recursive: true, Name: "a", After: dir[1:], Limit: 1}, prefixed(dir[1:], want)...)
			s.succeeds("Delete", s.delete(dir+"a"))
		}
	}},
	{"a search takes every character as it is", func(s fixture) {
		texts := []string{
			`"quoted"`, `it's`, `100 %`, `under_score`, `a*b`, `a-b`, `back\slash`, `NEAR(n y)`, `path:x`, `x AND y`, `^x`, `x OR`, `(x`, `{x} : y`,
			"tab\there", "two  spaces", " around ", "𝄞 clef", "日本語のテキスト", "e\u0301 combining", "\u00e9 precomposed", "zero\u200dwidth", "--x;", "?", "[x]",
		}
		for i, text := range texts {
			s.succeeds("Create", s.create(fmt.Sprintf("/t/%02d", i), text))
		}
		for i, text := range texts {
			s.finds("/t/", &sttp.Query{Contains: text}, fmt.Sprintf("%02d", i))
		}
		for q, want := range map[string]string{
			`"`: "00", `%`: "02", `_`: "03", `*`: "04", `\`: "06", "\t": "14", "  ": "15", "𝄞": "17", "本語": "18", "テキスト": "18",
			"\u0301": "19", "\u200d": "21", "'": "01", "NEAR": "07", "near(": "07", "?": "23", "]": "24", "%%": "", "x*": "", "e\u0301": "19",
		} {
			s.finds("/t/", &sttp.Query{Contains: q}, strings.Fields(want)...)
		}
	}},
	{"a search finds one and two letters, what all have and what none has", func(s fixture) {
		const n = 60
		var all, odd []string
		for i := range n {
			text := []string{"common even", "common odd z", ""}[i%3]
			name := fmt.Sprintf("%02d", i)
			s.succeeds("Create", s.create("/d/"+name, text))
			if i%3 < 2 {
				all = append(all, name)
			}
			if i%3 == 1 {
				odd = append(odd, name)
			}
		}
		for q, want := range map[string][]string{
			"z": odd, "Z": odd, " z": odd, "od": odd, "odd": odd, "m": all, "mm": all, "mmo": all, "common": all, " ": all,
			"y": nil, "yy": nil, "zz": nil, "comet": nil, "uncommon": nil, strings.Repeat("m", sttp.MaxContents): nil,
		} {
			s.finds("/d/", &sttp.Query{Contains: q}, want...)
			s.finds("/", &sttp.Query{Contains: q, Recursive: true}, prefixed("d/", want)...)
			s.finds("/d/", &sttp.Query{Contains: q, Limit: 7}, want[:min(7, len(want))]...)
		}
	}},
	{"a search finds a text as long as a snippet can be", func(s fixture) {
		long := strings.Repeat("Ω", sttp.MaxContents)
		s.fill(map[string]string{"/a": long, "/b": long[:len(long)-len("Ω")]})
		s.finds("/", &sttp.Query{Contains: strings.ToLower(long)}, "a")
	}},
	{"names are sorted bytewise as they are shown, also in subdirectories", func(s fixture) {
		s.with("/t/a-b", "/t/a.txt", "/t/a/b", "/t/a/b.c/d", "/t/a/b-c", "/t/a0", "/t/B", "/t/é/x", "/t/é.", "/t/z/1/2", "/t/z/10", "/t/z/1-")
		s.finds("/t/", s.query("limit=20"), "B", "a-b", "a.txt", "a/", "a0", "z/", "é.", "é/")
		all := []string{"B", "a-b", "a.txt", "a/b", "a/b-c", "a/b.c/d", "a0", "z/1-", "z/1/2", "z/10", "é.", "é/x"}
		s.finds("/t/", s.query("recursive=true"), all...)
		s.finds("/t/", s.query("q=/T/&recursive=true"), all...)
		s.finds("/t/a/", s.query("recursive=true"), "b", "b-c", "b.c/d")
		for i, name := range all {
			s.finds("/t/", &sttp.Query{Recursive: true, After: name}, all[i+1:]...)
			s.finds("/t/", &sttp.Query{Recursive: true, Contains: "t", After: name, Limit: 2}, all[i+1:min(i+3, len(all))]...)
		}
	}},
	{"a page begins behind a name, be it there or not", func(s fixture) {
		s.with("/b", "/d/x", "/d/y", "/d-", "/d0", "/f")
		for after, want := range map[string]string{
			"a": "b d- d/ d0 f", "b": "d- d/ d0 f", "b\u0080": "d- d/ d0 f", "c": "d- d/ d0 f", "d": "d- d/ d0 f", "d-": "d/ d0 f",
			"d.": "d/ d0 f", "d/": "d0 f", "d/x": "d0 f", "d/zzz": "d0 f", "d0": "f", "e\U0010ffff": "f", "f": "", "g": "", "/": "b d- d/ d0 f", " ": "b d- d/ d0 f",
		} {
			s.finds("/", &sttp.Query{After: after}, strings.Fields(want)...)
		}
		for after, want := range map[string]string{
			"a": "b d- d/x d/y d0 f", "d": "d- d/x d/y d0 f", "d-": "d/x d/y d0 f", "d-/x": "d/x d/y d0 f", "d/": "d/x d/y d0 f", "d/w": "d/x d/y d0 f",
			"d/x": "d/y d0 f", "d/x/y": "d/y d0 f", "d/y": "d0 f", "d/z": "d0 f", "d0": "f", "d0/x": "f", "zz": "",
		} {
			s.finds("/", &sttp.Query{After: after, Recursive: true}, strings.Fields(want)...)
			s.finds("/", &sttp.Query{After: after, Recursive: true, Contains: "/"}, strings.Fields(want)...)
		}
	}},
	{"pages put together are the whole list", func(s fixture) {
		m := model{}
		for i := range 90 {
			file := fmt.Sprintf("/p/%s%d.txt", []string{"", "s/", "s.d/", "s/t/"}[i%4], i*7919%100)
			m[file] = []string{"one two", "TWO three", "three"}[i%3]
		}
		s.fill(m)
		for _, query := range []string{"", "recursive=true", "name=*1*", "name=*1*&recursive=true", "q=two", "q=two&recursive=true", "q=e&recursive=true&name=%5B0-5%5D*"} {
			q := s.query(query)
			want, _ := m.list("/p/", q)
			for _, size := range []int{1, 2, 7, 90, sttp.MaxLimit} {
				if got := s.pages("/p/", q, size); !slices.Equal(got, want) {
					s.t.Errorf("List with %q in pages of %d: got %q, want %q", query, size, got, want)
				}
			}
		}
	}},
	{"a query tells what is missing as a plain List does", func(s fixture) {
		s.with("/a.txt", "/d/b.txt")
		for _, query := range []string{"limit=1", "after=a", "name=*", "recursive=true", "q=x", "q=xyz&recursive=true&limit=3"} {
			for dir, want := range map[string]error{
				"/x/": store.ErrNotFound, "/d/x/": store.ErrNotFound, "/x/y/": store.ErrNotFound, "/D/": store.ErrNotFound,
				"/a.txt/": store.ErrNotDirectory, "/d/b.txt/": store.ErrNotDirectory, "/a.txt/x/": store.ErrNotFound,
			} {
				got, err := s.List(s.t.Context(), path(s.t, dir), s.query(query))
				s.fails("List of "+dir+"?"+query, err, want)
				if got != nil {
					s.t.Errorf("List of %s?%s: got %q with an error", dir, query, got)
				}
			}
		}
		s.succeeds("Delete", s.delete("/a.txt"))
		s.succeeds("Delete", s.delete("/d/b.txt"))
		s.finds("/", s.query("recursive=true"))
		s.finds("/", s.query("q=b.txt&recursive=true"))
		_, err := s.List(s.t.Context(), path(s.t, "/d/"), s.query("q=b"))
		s.fails("List of a directory that has gone", err, store.ErrNotFound)
	}},
	{"a directory is no other whose name begins or ends alike", func(s fixture) {
		s.with("/ab/c", "/a/c", "/a-/c", "/a.b/c", "/a0/c", "/x/a/c", "/ab/a/c", "/a%/c", "/a_/c", "/A/c")
		for _, dir := range []string{"/a/", "/a%/", "/a_/", "/a-/", "/x/a/"} {
			for _, query := range []string{"recursive=true", "q=c", "q=a&recursive=true&limit=9", "name=c&recursive=true"} {
				s.finds(dir, s.query(query), "c")
			}
		}
	}},
	{"names may look like patterns", func(s fixture) {
		s.with("/[a].txt", "/a.txt", "/*", "/a*b", "/axb", "/[", "/]", "/^", "/a-z", "/{a,b}", "/[d]/x", "/**/y")
		for pattern, want := range map[string]string{
			"[a].txt": "a.txt", `\[a\].txt`: "[a].txt", `\*`: "*", `a\*b`: "a*b", "a*b": "a*b axb", "a?b": "a*b axb", `[[]`: "[", `\[`: "[", `[\]]`: "]",
			"[^a-z]": "* [ ] ^", "{a,b}": "{a,b}", "a-z": "a-z", "[a-z]": "", "*/*": "", "**/y": "",
		} {
			s.finds("/", &sttp.Query{Name: pattern}, strings.Fields(want)...)
		}
		s.finds("/", &sttp.Query{Name: "?", Recursive: true}, "*", "**/y", "[", "[d]/x", "]", "^")
		s.finds("/[d]/", s.query("name=*"), "x")
		s.finds("/**/", s.query("recursive=true&q=Y"), "y")
	}},
	{"a pattern is compared by characters, and with regard to case", func(s fixture) {
		s.with("/é.txt", "/E.txt", "/日本.txt", "/a.TXT")
		s.finds("/", &sttp.Query{Name: "?.txt"}, "E.txt", "é.txt")
		s.finds("/", &sttp.Query{Name: "??.txt"}, "日本.txt")
		s.finds("/", &sttp.Query{Name: "*.TXT"}, "a.TXT")
		s.finds("/", &sttp.Query{Name: "[à-ÿ].*"}, "é.txt")
	}},
	{"a tree may be as deep as a path can be long", func(s fixture) {
		deep := strings.Repeat("/d", sttp.MaxPath/2-1)
		s.fill(map[string]string{deep + "/a": "needle", "/d/x": "x"})
		s.finds("/", s.query("recursive=true&q=needle"), deep[1:]+"/a")
		s.finds("/", s.query("recursive=true&after=d/d"), deep[1:]+"/a", "d/x")
		s.finds(deep+"/", s.query("recursive=true&q=d"), "a")
	}},
	{"what a search returns is the caller's to keep", func(s fixture) {
		s.with("/a.txt", "/b.txt", "/d/c.txt")
		for _, query := range []string{"q=txt&recursive=true", "limit=5", "recursive=true"} {
			names, err := s.List(s.t.Context(), path(s.t, "/"), s.query(query))
			s.succeeds("List", err)
			kept := slices.Clone(names)
			clear(names)
			s.finds("/", s.query(query), kept...)
		}
	}},
	{"a search that is given up stops, and harms nobody", func(s fixture) {
		const n = 200
		s.inParallel(n, func(i int) { s.succeeds("Create", s.create(fmt.Sprintf("/d/%d", i), "needle")) })
		s.together(8, func(i int) {
			for j := range 10 {
				ctx, cancel := context.WithCancel(s.t.Context())
				asked := make(chan struct{})
				go func() {
					<-asked
					cancel()
				}()
				if j%2 == 0 {
					close(asked) // meanwhile
				}
				names, err := s.List(ctx, path(s.t, "/d/"), &sttp.Query{Contains: "needle"})
				if err == nil && len(names) != n || err != nil && (!errors.Is(err, context.Canceled) || names != nil || j%2 == 1) {
					s.t.Errorf("List: got %d names, %v", len(names), err)
				}
				if j%2 == 1 {
					close(asked)
				}
				<-ctx.Done()
			}
		})
		s.finds("/d/", s.query("q=needle&limit=1"), "0")
	}},
}

// foldCases are texts, and what is found in them.
var foldCases = []struct {
	text, q string
	found   bool
}{
	{"Milk", "mILK", true},
	{"straße", "STRASSE", false}, // one character stands for one
	{"straße", "STRAẞE", true},
	{"STRAẞE", "straße", true},
	{"300 \u212a", "300 k", true}, // the Kelvin sign
	{"thick", "C\u212a", true},
	{"\u017fesame", "Ses", true}, // the long s
	{"moss", "O\u017f\u017f", true},
	{"ὈΔΥΣΣΕΎΣ", "ὀδυσσεύς", true}, // three sigmas are one
	{"ὀδυσσεύς", "σσεύσ", true},
	{"\u03f4 \u03d1", "\u03b8 \u0398", true}, // and four thetas
	{"μ", "\u00b5", true},                    // the micro sign
	{"Å", "\u212b", true},                    // the Ångström sign
	{"İstanbul", "istanbul", false},          // the dotted capital I stays what it is
	{"İstanbul", "İSTANBUL", true},
	{"ılık", "ILIK", false}, // and the dotless small one
	{"ılık", "ıLıK", true},
	{"\u13a0\u13f8", "\uab70\u13f0", true}, // Cherokee, whose small letters came later
	{"ǅ", "ǆ", true},                       // title case
	{"ǅ", "Ǆ", true},
	{"ﬁne", "FINE", false},
	{"ПРИВЕТ", "привет", true},
	{"Ёлка", "елка", false},
	{"\U00010400", "\U00010428", true}, // Deseret
	{"e\u0301", "É", false},            // nothing is normalised
	{"日本", "日本", true},
}

// prefixed returns names below a directory.
func prefixed(dir string, names []string) []string {
	var all []string
	for _, name := range names {
		all = append(all, dir+name)
	}
	return all
}

// query returns what stands behind the ? of a LIST as a query; "" asks for
// everything.
func (s fixture) query(text string) *sttp.Query {
	s.t.Helper()
	if text == "" {
		return &sttp.Query{}
	}
	q, err := sttp.ParseQuery(text)
	if err != nil {
		s.t.Fatalf("ParseQuery(%q): %v", text, err)
	}
	return q
}

// finds checks what a query returns.
func (s fixture) finds(dir string, q *sttp.Query, want ...string) {
	s.t.Helper()
	got, err := s.List(s.t.Context(), path(s.t, dir), q)
	if err != nil || !slices.Equal(got, want) {
		s.t.Errorf("List(%q) with %s: got %.300q, %v; want %.300q", dir, q, got, err, want)
	}
}

// pages returns all that a query finds, asked for page by page.
func (s fixture) pages(dir string, q *sttp.Query, size int) (all []string) {
	s.t.Helper()
	page := *q
	page.Limit = size
	for {
		names, err := s.List(s.t.Context(), path(s.t, dir), &page)
		if err != nil {
			s.t.Fatalf("List(%q) with %s: %v", dir, &page, err)
		}
		all = append(all, names...)
		if len(names) < size {
			return all
		}
		page.After = names[len(names)-1]
	}
}

// fill makes files that hold what the map says.
func (s fixture) fill(files map[string]string) {
	s.t.Helper()
	for file, text := range files {
		if err := s.create(file, text); err != nil {
			s.t.Fatalf("Create(%q): %v", file, err)
		}
	}
}
