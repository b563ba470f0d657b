package check

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
)

// queryChangeCases are those of what has changed when a LIST with a query comes.
func queryChangeCases() []Case {
	const old = "what is answered is from before a change that had been acknowledged: an index has to have it when the change is answered, or the search has to look at what it does not have yet; and what a cache holds of a query has to go with every change below the directory, an UPDATE too"
	stale := []Hint{{WrongContents, old}, {CutShort, old}}
	return []Case{
		{
			ID: "STTP-11.2-CHANGE-001", Title: "A search finds a file from the reply to its CREATE on, and no more from that to its DELETE",
			Statements: []string{"11.2-18", "5.8-3"}, After: []string{firstQuery, "STTP-5.6-DELETE-001"},
			Ask: making("a.txt", "milk") + listing("/?q=milk", "a.txt", "/?q=milk", "a.txt") + making("b.txt", "more milk") + listing("/?q=milk", "a.txt, b.txt", "/?q=more", "b.txt", "/?limit=9", "a.txt, b.txt") + `
				> DELETE {d}/a.txt
				< 600 {d}/a.txt DELETED
				` + listing("/?q=milk", "b.txt", "/?q=more", "b.txt", "/?name=*", "b.txt", "/?limit=9", "b.txt") + making("a.txt", "bread") +
				listing("/?q=milk", "b.txt", "/?q=bread", "a.txt", "/?name=*", "a.txt, b.txt"),
			Hints: stale,
		},
		{
			ID: "STTP-11.2-CHANGE-002", Title: "A search finds what an UPDATE has put in, and no more what it has replaced",
			Statements: []string{"11.2-18", "5.8-3"}, After: []string{firstQuery, "STTP-5.5-UPDATE-001"},
			Ask: making("a.txt", "old text", "b.txt", "old text") + listing("/?q=old", "a.txt, b.txt", "/?q=new", "", "/?q=old", "a.txt, b.txt", "/?q=new", "") + `
				> UPDATE {d}/a.txt new text
				< 200 {d}/a.txt OK
				< new text
				` + listing("/?q=old", "b.txt", "/?q=new", "a.txt", "/?q=text", "a.txt, b.txt", "/?q=ol", "b.txt", "/?q=w", "a.txt") + `
				> UPDATE {d}/a.txt old again
				< 200 {d}/a.txt OK
				< old again
				` + listing("/?q=old", "a.txt, b.txt", "/?q=new", "", "/?q=text", "b.txt", "/?q=again&limit=1", "a.txt"),
			Hints: stale,
		},
		{
			ID: "STTP-11.2-CHANGE-003", Title: "A search in a directory sees every change in the subtree",
			Statements: []string{"11.2-18"}, After: []string{"STTP-11.2-DEEP-004", "STTP-5.5-UPDATE-001", "STTP-5.6-DELETE-001"},
			Ask: making("sub/deep/a.txt", "old") + listing("/?recursive=true&q=old", "sub/deep/a.txt", "/?recursive=true&q=new", "", "/sub?recursive=true&q=new", "") + `
				> UPDATE {d}/sub/deep/a.txt new
				< 200 {d}/sub/deep/a.txt OK
				< new
				` + listing("/?recursive=true&q=old", "", "/?recursive=true&q=new", "sub/deep/a.txt", "/sub?recursive=true&q=new", "deep/a.txt") + making("sub/deeper/b.txt", "new") +
				listing("/?recursive=true&q=new", "sub/deep/a.txt, sub/deeper/b.txt", "/sub?recursive=true&limit=1", "deep/a.txt") + `
				> DELETE {d}/sub/deep/a.txt
				< 600 {d}/sub/deep/a.txt DELETED
				` + listing("/?recursive=true&q=new", "sub/deeper/b.txt", "/?recursive=true", "sub/deeper/b.txt", "/sub?limit=5", "deeper/"),
			Hints: stale,
		},
		{
			ID: "STTP-11.2-CHANGE-004", Title: "A query is not answered what another one was, nor a LIST without one",
			Statements: []string{"11.2-18", "11.2-13"},
			Ask: making("a.txt", "milk", "b.txt", "bread", "c/d.txt", "milk") + listing(
				"/", "a.txt, b.txt, c/", "/?q=milk", "a.txt", "/?q=bread", "b.txt", "/", "a.txt, b.txt, c/", "/?limit=1", "a.txt", "", "a.txt, b.txt, c/", "/?recursive=true", "a.txt, b.txt, c/d.txt", "/?recursive=false", "a.txt, b.txt, c/",
				"/?limit=2", "a.txt, b.txt", "/?limit=1", "a.txt", "/?q=milk&recursive=true", "a.txt, c/d.txt", "/?q=milk", "a.txt", "?q=bread", "b.txt", "", "a.txt, b.txt, c/"),
			Hints: []Hint{{WrongContents, "is a list cached under its path alone? A query is part of the question"}, {CutShort, "is a list cached under its path alone? A query is part of the question"}},
		},
		{
			ID: "STTP-11.2-CHANGE-005", Title: "A search among pipelined changes sees those before it on its connection, and none behind it",
			Statements: []string{"11.2-18", "2.1-6"}, After: []string{"STTP-11.2-CHANGE-001", "STTP-11.2-CHANGE-002", "STTP-2.1-PIPE-001"}, Needs: KeptOpen,
			Talk: `
				> CREATE {d}/a.txt milk
				> LIST {d}/?q=milk
				> CREATE {d}/b.txt milk
				> UPDATE {d}/a.txt bread
				> LIST {d}/?q=milk
				> LIST {d}/?q=bread
				> UPDATE {d}/a.txt milk
				> DELETE {d}/b.txt
				> LIST {d}/?limit=0
				> LIST {d}/?q=milk&limit=5
				> LIST {d}/?q=bread
				> SHOW {d}/a.txt
				< 100 {d}/a.txt CREATED
				< 200 {d}/ OK
				< a.txt
				< 100 {d}/b.txt CREATED
				< 200 {d}/a.txt OK
				< bread
				< 200 {d}/ OK
				< b.txt
				< 200 {d}/ OK
				< a.txt
				< 200 {d}/a.txt OK
				< milk
				< 600 {d}/b.txt DELETED
				< 300 {d}/ CLIENT ERROR "…"
				< 200 {d}/ OK
				< a.txt
				< 200 {d}/ OK
				<
				< 200 {d}/a.txt OK
				< milk`,
			Hints: append([]Hint{{GotStatus(400), "a search waits for the changes that came before it on its connection"}}, stale...),
		},
	}
}

// queryRaceCases are those of searches beside changes.
func queryRaceCases() []Case {
	return []Case{
		{
			ID: "STTP-11.2-RACE-001", Title: "A search finds every file whose change was answered before it was sent, though others write meanwhile",
			Statements: []string{"11.2-18", "11.2-19"}, After: []string{"STTP-11.2-CHANGE-001", "STTP-11.2-CHANGE-002"}, Limit: raceLimit,
			Accepts: "in every search all that was made or updated to hold the text before the search was sent, and nothing that was deleted or updated not to before",
			Netcat:  `for n in $(seq 40); do printf "CREATE /try/$n.txt milk $n\n\n" | nc HOST PORT; printf "LIST /try/?q=milk%%20$n\n\n" | nc HOST PORT & done; wait`,
			Run:     searchBesideChanges,
			Hints: []Hint{
				{Stale, "a search misses what was acknowledged: changes that the index does not have yet have to be looked at, and looked up before the index is, or what moves from the one to the other in between is missed"},
				{Unexpected, "a search is answered a file that did not hold the text any more: look at the contents of what an index gives, as they are now"},
			},
		},
		{
			ID: "STTP-11.2-RACE-002", Title: "A file that holds a text all the time is found in every search, once, though it is updated meanwhile",
			Statements: []string{"11.2-19"}, After: []string{"STTP-11.2-CHANGE-002"}, Limit: raceLimit,
			Accepts: "in every search the 8 files that hold the text before and after each UPDATE, each once",
			Netcat:  `printf 'CREATE /try/a.txt milk 0\n\n' | nc HOST PORT; for n in $(seq 40); do printf "UPDATE /try/a.txt $n milk\n\n" | nc HOST PORT & printf 'LIST /try/?q=milk\n\n' | nc HOST PORT & done; wait`,
			Run:     searchBesideUpdates,
			Hints:   []Hint{{Stale, "a file is missing while it is updated: is its old entry taken from the index before the new one is there, or is the file looked at between two of its states?"}, {Unexpected, "a file is there twice: are its old and its new entry both in the index?"}},
		},
	}
}

// searchBesideChanges has writers that each go through the states of one file
// after the other, and searchers that note how far each writer has come before
// they send.
func searchBesideChanges(t *T) {
	const writers, rounds = 4, 12
	// The states of a file: not there, bread, milk, bread, not there.
	steps := []string{"CREATE %s bread", "UPDATE %s Buy MILK", "UPDATE %s bread", "DELETE %s"}
	var begun, ended [writers]atomic.Int64 // steps of each writer, over all its files
	var writing atomic.Int32
	name := func(w int, step int64) string { return fmt.Sprintf("%d-%02d.txt", w, step/int64(len(steps))) }
	t.Want("CREATE {d}/stays.txt bread", "100 {d}/stays.txt CREATED")
	clients := t.crowd()
	search := func(c *client) {
		var least, most [writers]int64
		for w := range writers {
			least[w] = ended[w].Load()
		}
		got, p := c.ask("LIST " + t.dir + "?q=milk")
		text, ok := contentsOf(t.dir, got)
		if p == nil && !ok {
			p = difference("200 "+t.dir+" OK\n…\n", got)
		}
		if p != nil {
			c.fail(p)
			return
		}
		for w := range writers {
			most[w] = begun[w].Load()
		}
		names := splitNames(text)
		for w := range writers {
			if p := searchProblem(names, least[w], most[w], int64(len(steps)), func(step int64) string { return name(w, step) }); p != nil {
				p.Got = got
				c.fail(p)
			}
		}
	}
	for w := range writers {
		writing.Add(1)
		clients.join(func(c *client) {
			defer writing.Add(-1)
			for step := int64(0); step < rounds*int64(len(steps)) && !c.done(); step++ {
				path := t.dir + "/" + name(w, step)
				begun[w].Store(step + 1)
				line := fmt.Sprintf(steps[step%int64(len(steps))], path)
				got, p := c.ask(line)
				if status := splitStatusLine(got).status; p == nil && status != 100 && status != 200 && status != 600 {
					p = &Problem{Symptom: GotStatus(status), Says: "beside searches, " + shortened(line) + " is not carried out", Got: got}
				}
				if p != nil {
					c.fail(p)
					return
				}
				ended[w].Store(step + 1)
				if step%4 == 1 { // its own search right behind its own reply
					search(c)
				}
			}
		})
	}
	for range 3 {
		clients.join(func(c *client) {
			for n := 0; n < 1000 && writing.Load() > 0 && !c.done(); n++ {
				search(c)
			}
		})
	}
	clients.wait()
}

// searchProblem judges which files of one writer are among the names, when at
// least so many steps had ended before the search was sent, and at most so many
// begun when its reply was there. Of n steps for each file the second makes it
// hold the text, and the third takes it away.
func searchProblem(names []string, least, most, n int64, name func(step int64) string) *Problem {
	for first := int64(0); first < most; first += n {
		file := name(first)
		times := timesIn(names, file)
		surely := least >= first+2 && most < first+3 // the second step has ended, the third not begun
		never := most < first+2 || least >= first+3
		switch {
		case surely && times == 0:
			return &Problem{Symptom: Stale, Says: "a search does not find " + file + ", though the UPDATE that made it hold the text had been answered before the search was sent"}
		case never && times > 0:
			return &Problem{Symptom: Unexpected, Says: "a search finds " + file + ", which did not hold the text at any time while the search ran"}
		case times > 1:
			return &Problem{Symptom: Unexpected, Says: "a search finds " + file + " more than once"}
		}
	}
	return nil
}

func searchBesideUpdates(t *T) {
	const files = 8
	var names []string
	for i := range files {
		names = append(names, fmt.Sprintf("%d.txt", i))
		t.Want("CREATE {d}/"+names[i]+" milk", "100 {d}/"+names[i]+" CREATED")
	}
	clients := t.crowd()
	var writing atomic.Int32
	for w := range 2 {
		writing.Add(1)
		clients.join(func(c *client) {
			defer writing.Add(-1)
			for n := 0; n < raceRounds && !c.done(); n++ {
				path := t.dir + "/" + names[(n*2+w)%files]
				contents := fmt.Sprintf("%d milk %s", n, strings.Repeat("x", n%5))
				contents = strings.TrimRight(contents, " ")
				c.want("UPDATE "+path+" "+contents, "200 "+path+" OK", contents)
			}
		})
	}
	for range 3 {
		clients.join(func(c *client) {
			for n := 0; n < 1000 && writing.Load() > 0 && !c.done(); n++ {
				if got, ok := c.listQuery(t.dir, "q=milk"); ok && !slices.Equal(got, names) {
					c.fail(heldProblem(names, got))
				}
			}
		})
	}
	clients.wait()
}

// heldProblem says what is wrong with a search that should have found exactly
// the names.
func heldProblem(names, got []string) *Problem {
	p := &Problem{Symptom: Unexpected, Says: "a search is answered other names than those of the files that hold the text all the time", Expected: strings.Join(names, ", "), Got: strings.Join(got, ", ")}
	for _, name := range names {
		if !slices.Contains(got, name) {
			p.Symptom, p.Says = Stale, "a search does not find "+name+", which holds the text all the time, while it is updated"
		}
	}
	return p
}

// listQuery is list with a query.
func (c *client) listQuery(dir, query string) ([]string, bool) {
	got, p := c.ask("LIST " + dir + "?" + query)
	line, ok := contentsOf(dir, got)
	if p == nil && !ok {
		p = &Problem{Symptom: GotStatus(splitStatusLine(got).status), Says: "a directory that is there all the time is not searched", Expected: "200 " + dir + " OK\n…\n", Got: got}
	}
	if p != nil {
		c.fail(p)
	}
	return splitNames(line), p == nil
}
