package check

import (
	"fmt"
	"slices"
	"strings"
)

// pageCases are those of limit and after.
func pageCases() []Case {
	return []Case{
		{
			ID: "STTP-11.2-PAGE-001", Title: "LIST with a limit is answered the first so many names, or all if there are fewer",
			Statements: []string{"11.2-15", "11.2-12"},
			Ask: making("b", "x", "a.txt", "x", "c/d", "x", "e", "x") + listing(
				"/?limit=1", "a.txt", "/?limit=2", "a.txt, b", "/?limit=3", "a.txt, b, c/", "/?limit=4", "a.txt, b, c/, e", "/?limit=5", "a.txt, b, c/, e", "/?limit=1000", "a.txt, b, c/, e", "/?limit=0999", "a.txt, b, c/, e", "/c?limit=1", "d"),
			Hints: []Hint{{WrongContents, "the first names in the order of the list, directories among them as in any LIST"}, {CutShort, "so many names as limit says, not fewer"}},
		},
		{
			ID: "STTP-11.2-PAGE-002", Title: "LIST with after is answered the names behind it, whether or not it is one of them",
			Statements: []string{"11.2-14"},
			Ask: making("B", "x", "a", "x", "b.txt", "x", "d", "x", "é", "x") + listing(
				"/?after=a", "b.txt, d, é", "/?after=", "B, a, b.txt, d, é", "/?after=!", "B, a, b.txt, d, é", "/?after=A", "B, a, b.txt, d, é", "/?after=B", "a, b.txt, d, é", "/?after=Z", "a, b.txt, d, é", "/?after=b", "b.txt, d, é",
				"/?after=b.txt", "d, é", "/?after=b.txt!", "d, é", "/?after=c", "d, é", "/?after=d", "é", "/?after=%C3%A9", "", "/?after=%F0%9F%98%80", "", "/?after=~", "é", "/?after=a/b/c", "b.txt, d, é", "/?after=%20", "B, a, b.txt, d, é"),
			Hints: []Hint{{WrongContents, "all names that are greater than the value byte by byte: without the value itself, and whether or not there is such a name; it may have been deleted meanwhile"}, {CutShort, "all names that are greater than the value byte by byte"}},
		},
		{
			ID: "STTP-11.2-PAGE-003", Title: "Directories are in pages, and behind or before a name, with their slash",
			Statements: []string{"11.2-14", "11.2-15", "11.2-12"}, After: []string{"STTP-11.2-PAGE-001", "STTP-11.2-PAGE-002"},
			Ask: making("a-b", "x", "a/1", "x", "a/2", "x", "a0", "x", "b/3", "x", "c", "x") + listing(
				"/?limit=2", "a-b, a/", "/?limit=2&after=a/", "a0, b/", "/?limit=2&after=b/", "c", "/?after=a", "a-b, a/, a0, b/, c", "/?after=a-b&limit=1", "a/", "/?after=a/1", "a0, b/, c", "/?after=a.", "a/, a0, b/, c"),
			Hints: []Hint{{WrongContents, "a directory is compared as it is shown: a/ is greater than a and a-b, and less than a/1 and a0. One directory is one name, whatever lies in it"}, {CutShort, "one directory is one name, whatever lies in it"}},
		},
		{
			ID: "STTP-11.2-PAGE-004", Title: "A limit counts what the other parameters let through",
			Statements: []string{"11.2-15", "11.2-13"}, After: []string{"STTP-11.2-PAGE-001", "STTP-11.2-PAGE-002"},
			Ask: making("a.md", "bread", "b.md", "milk", "c.txt", "bread", "d.txt", "milk", "e.md", "bread", "f.txt", "bread", "g.txt", "milk", "h/i.txt", "milk") + listing(
				"/?q=milk&limit=1", "b.md", "/?q=milk&limit=2", "b.md, d.txt", "/?q=milk&limit=2&after=b.md", "d.txt, g.txt", "/?q=milk&name=*.txt&limit=1", "d.txt", "/?name=*.txt&limit=2&after=c", "c.txt, d.txt", "/?name=*.txt&limit=2&after=d.txt", "f.txt, g.txt",
				"/?q=milk&after=d.txt&limit=2", "g.txt", "/?q=milk&after=g.txt&limit=2", "", "/?recursive=true&q=milk&name=*.txt&limit=2&after=d.txt", "g.txt, h/i.txt"),
			Hints: []Hint{{WrongContents, "look for names until there are so many that are to be shown: a page with fewer than limit means the end"}, {CutShort, "look for names until there are so many that are to be shown: a page with fewer than limit means the end"}},
		},
		{
			ID: "STTP-11.2-PAGE-005", Title: "In a subtree pages continue behind names with their directories",
			Statements: []string{"11.2-14", "11.2-11"}, After: []string{"STTP-11.2-PAGE-002", "STTP-11.2-DEEP-002"},
			Ask: making("a-b", "x", "a/b/1", "x", "a/b/2", "x", "a/c", "x", "a0", "x", "z/y/x", "x") + listing(
				"/?recursive=true&limit=2", "a-b, a/b/1", "/?recursive=true&limit=2&after=a/b/1", "a/b/2, a/c", "/?recursive=true&limit=2&after=a/c", "a0, z/y/x", "/?recursive=true&limit=2&after=z/y/x", "", "/?recursive=true&after=a/b", "a/b/1, a/b/2, a/c, a0, z/y/x",
				"/?recursive=true&after=a/b/2", "a/c, a0, z/y/x", "/?recursive=true&after=a/b0", "a/c, a0, z/y/x", "/a?recursive=true&after=b/1&limit=1", "b/2", "/?recursive=true&after=zz", ""),
			Hints: []Hint{{WrongContents, "after is compared with whole names such as a/b/1"}},
		},
		{
			ID: "STTP-11.2-PAGE-006", Title: "Pages put together are the whole list, each name once, with limits from 1 to more than there are",
			Statements: []string{"11.2-15", "11.2-14", "11.2-13"}, After: []string{"STTP-11.2-PAGE-003", "STTP-11.2-PAGE-005"}, Limit: raceLimit,
			Accepts: "for several limits and queries the same names as without a limit, and a page with fewer names at the end alone", Netcat: `for i in $(seq 30); do printf "CREATE /try/$i.txt milk\n\n" | nc HOST PORT >/dev/null; done; printf 'LIST /try/?limit=7\n\n' | nc HOST PORT; printf 'LIST /try/?limit=7&after=15.txt\n\n' | nc HOST PORT`,
			Run:   pagesTogether,
			Hints: []Hint{{Unexpected, "a page holds the first names behind after: is one left out or repeated where a page begins, or where a directory does?"}},
		},
		{
			ID: "STTP-11.2-PAGE-007", Title: "A name that stays is in one page, whatever is made and deleted between pages",
			Statements: []string{"11.2-19", "11.2-14"}, After: []string{"STTP-11.2-PAGE-006", "STTP-5.6-DELETE-001"},
			Accepts: "the names that stay, each once, although the last name of each page is deleted, and others are made before it", Netcat: `for i in $(seq 10 39); do printf "CREATE /try/$i.txt x\n\n" | nc HOST PORT >/dev/null; done; printf 'LIST /try/?limit=5\n\nDELETE /try/14.txt\n\n' | nc HOST PORT; printf 'LIST /try/?limit=5&after=14.txt\n\n' | nc HOST PORT`,
			Run:   pagesChange,
			Hints: []Hint{{Unexpected, "continue behind the name, not at a number: numbers shift when something is made or deleted"}},
		},
		{
			ID: "STTP-11.2-LONG-001", Title: "A subtree whose list would pass 1 MiB is answered 300, and page by page",
			Statements: []string{"11.2-17", "5.4-9", "11.2-15"}, After: []string{"STTP-11.2-PAGE-005"}, Needs: KeptOpen, Limit: hugeLimit,
			Accepts: "1,000 names, some 770,000 bytes, with limit=1000, the others behind them, and 300 without a limit",
			Netcat:  `d=$(printf 'd%.0s' $(seq 240)); (for i in $(seq 1001 2500); do echo "CREATE /try/$d/$d/$d/a-name-of-31-characters-in-$i x"; done; echo) | nc HOST PORT | wc -l; printf 'LIST /try?recursive=true\n\n' | nc HOST PORT | head -c 99`,
			Run:     longSubtree,
			Hints: []Hint{
				{GotStatus(200), "what a client has to hold is bounded by 1 MiB, with a query too: count the bytes of the line, its commas and spaces included, before anything of it is sent"},
				{GotStatus(300), "a page of 1,000 names is shorter than 1 MiB and is answered"},
				{ClosedEarly, "a long list has to be answered whole: one call of write or send may take only a part of it"},
			},
		},
	}
}

// pages asks for a list page by page, and returns all names. It ends the case if
// a page is too long, or is short and there is more behind it.
func (t *T) pages(query string, limit int, between func(names []string)) (all []string) {
	after := ""
	for {
		line := fmt.Sprintf("LIST %s/?%slimit=%d", t.dir, query, limit)
		if after != "" {
			line += "&after=" + encoded(after)
		}
		got, end := t.Ask(line)
		text, ok := contentsOf(t.dir+"/", got)
		if !ok {
			t.Judge(line, got, end, "200 "+t.dir+"/ OK", "…")
		}
		names := splitNames(text)
		all = append(all, names...)
		switch {
		case len(names) > limit:
			t.FailWith(&Problem{Symptom: Unexpected, Says: fmt.Sprintf("with limit=%d a page has %d names", limit, len(names)), Got: got})
		case len(names) < limit:
			return all
		case names[limit-1] <= after:
			t.FailWith(&Problem{Symptom: Unexpected, Says: fmt.Sprintf("a page behind %s ends with %s", after, names[limit-1]), Got: got})
		}
		after = names[limit-1]
		if between != nil {
			between(names)
		}
	}
}

func pagesTogether(t *T) {
	var paths []string
	for i := range 24 {
		paths = append(paths, fmt.Sprintf("%s/%02d.txt", t.dir, i*7%24))
		if i%6 == 0 {
			paths = append(paths, fmt.Sprintf("%s/%02d/%d", t.dir, i, i), fmt.Sprintf("%s/%02d/x/%d", t.dir, i, i), fmt.Sprintf("%s/%02d-", t.dir, i))
		}
	}
	t.makeFiles(paths, "Buy milk")
	for _, query := range []string{"", "q=MILK&", "recursive=true&", "recursive=true&q=milk&name=*.*&", "q=bread&"} {
		got, end := t.Ask("LIST {d}/?" + query + "after=")
		text, ok := contentsOf(t.dir+"/", got)
		if !ok {
			t.Judge(t.Expand("LIST {d}/?"+query+"after="), got, end, t.Expand("200 {d}/ OK"), "…")
		}
		whole := splitNames(text)
		for _, limit := range []int{1, 2, 3, 8, 24, len(whole) - 1, len(whole), len(whole) + 1, 1000} {
			if limit < 1 {
				continue
			}
			if together := t.pages(query, limit, nil); !slices.Equal(together, whole) {
				t.FailWith(&Problem{Symptom: Unexpected, Says: fmt.Sprintf("pages of %d names of LIST with %q are not, put together, the list without a limit", limit, strings.TrimSuffix(query, "&")),
					Expected: text, Got: strings.Join(together, ", ")})
			}
		}
	}
}

func pagesChange(t *T) {
	var paths, stay []string
	for i := range 30 {
		name := fmt.Sprintf("%d.txt", 10+i)
		paths = append(paths, t.dir+"/"+name)
		if i%5 != 4 {
			stay = append(stay, name)
		}
	}
	t.makeFiles(paths, "Buy milk")
	made := 0
	together := t.pages("q=milk&", 5, func(names []string) {
		last := names[len(names)-1]
		if !slices.Contains(stay, last) {
			t.Want("DELETE {d}/"+last, "600 {d}/"+last+" DELETED")
		}
		for range 3 {
			made++
			name := fmt.Sprintf("00-%d.txt", made)
			t.Want("CREATE {d}/"+name+" milk", "100 {d}/"+name+" CREATED")
		}
	})
	for _, name := range stay {
		if n := timesIn(together, name); n != 1 {
			t.FailWith(&Problem{Symptom: Unexpected, Says: fmt.Sprintf("%s, which is there all the time, is in %d pages, while files before it come and go", name, n), Got: strings.Join(together, ", ")})
		}
	}
}

// timesIn returns how often name is among names.
func timesIn(names []string, name string) (n int) {
	for _, other := range names {
		n += count(other == name)
	}
	return n
}

// longSubtree makes a subtree whose list has more than 1 MiB, in 1,500 names.
func longSubtree(t *T) {
	const many, limit = 1500, 1000
	deep := strings.Repeat(strings.Repeat("d", 240)+"/", 3)
	var paths, names []string
	for i := range many {
		names = append(names, fmt.Sprintf("%sa-name-of-31-characters-in-%d", deep, 1001+i))
		paths = append(paths, t.dir+"/"+names[i])
	}
	defer removeTogether(t, paths)
	t.makeFiles(paths, "x")
	c := t.Dial()
	defer c.Close() // before removeTogether, which a server may serve only then
	page := func(query string, names []string) {
		line := t.Expand("LIST {d}?" + query)
		c.Send(line + "\n")
		got, end := c.ReplyWithin(line, 5*t.timeout)
		want, ok := strings.Join(names, ", "), false
		if text, is200 := contentsOf(t.dir, got); is200 {
			if ok = text == want; !ok {
				t.Fail(WrongContents, "with %d names and %d bytes the list should have %d names and %d bytes", len(splitNames(text)), len(text), len(names), len(want))
			}
		}
		if !ok {
			t.Judge(line, got, end, t.Expand("200 {d} OK"), "…")
		}
	}
	page("recursive=true&limit=1000", names[:limit])
	page("recursive=true&limit=1000&after="+names[limit-1], names[limit:])
	page("recursive=true&q=x&limit=1000", names[:limit])
	for _, query := range []string{"recursive=true", "recursive=true&q=x", "recursive=true&name=a*"} {
		line := t.Expand("LIST {d}?" + query)
		c.Send(line + "\n")
		got, end := c.ReplyWithin(line, 5*t.timeout)
		if splitStatusLine(got).status == 200 {
			t.Fail(GotStatus(200), "LIST is answered 200 with %d bytes, though its contents line is longer than 1 MiB", len(got))
		}
		t.Judge(line, got, end, t.Expand(`300 {d} CLIENT ERROR "…"`))
	}
	page("recursive=true&q=y", nil)
}
