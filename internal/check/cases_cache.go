package check

import (
	"fmt"
	"time"
)

// cacheCases are those of a cache, as far as it can be seen from outside.
func cacheCases() []Case {
	const notRemoved = "the old contents are still in the cache: a change has to remove or replace the entry of its path before it is answered"
	const byName = "the contents of another file are answered: the cache is keyed by the whole path, never by the name of the file alone"
	const oldList = "the list from before the change is answered: a cached list has to go when something in its directory is made or removed"
	return []Case{
		{
			ID: "STTP-5.8-CACHE-001", Title: "SHOW after an UPDATE answers the new contents, though the old ones were shown before",
			Statements: []string{"5.8-3"}, Story: "cache", Strict: Must, Guide: Must, After: afterUpdate,
			Ask: `
				> CREATE {d}/a.txt old
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< old
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< old
				> UPDATE {d}/a.txt new
				< 200 {d}/a.txt OK
				< new
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< new
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< new`,
			Hints: []Hint{{WrongContents, notRemoved}},
		},
		{
			ID: "STTP-5.8-CACHE-002", Title: "SHOW after a DELETE does not answer what was shown before",
			Statements: []string{"5.8-3"}, Story: "cache", Strict: Must, Guide: Must, After: []string{"STTP-5.6-DELETE-002"},
			Ask: `
				> CREATE {d}/other.txt I stay
				< 100 {d}/other.txt CREATED
				> CREATE {d}/a.txt old
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< old
				> DELETE {d}/a.txt
				< 600 {d}/a.txt DELETED
				> SHOW {d}/a.txt
				< 400 {d}/a.txt NOT FOUND`,
			Hints: []Hint{{GotStatus(200), "the deleted file is still in the cache: DELETE has to remove the entry of its path before it is answered"}},
		},
		{
			ID: "STTP-5.8-CACHE-003", Title: "A file that is deleted and created again shows its new contents",
			Statements: []string{"5.8-3"}, Story: "cache", Strict: Must, Guide: Must, After: []string{"STTP-5.6-DELETE-004"},
			Ask: `
				> CREATE {d}/a.txt old
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< old
				> DELETE {d}/a.txt
				< 600 {d}/a.txt DELETED
				> CREATE {d}/a.txt new
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< new`,
			Hints: []Hint{{WrongContents, notRemoved}, {GotStatus(300), "CREATE has asked the cache whether the file exists, and DELETE has not removed the entry"}},
		},
		{
			ID: "STTP-5.8-CACHE-004", Title: "Files of the same name in two directories are two files in the cache as well",
			Statements: []string{"5.8-3", "5.3-1"}, Story: "cache", Strict: Must, Guide: Must, After: afterUpdate,
			Ask: `
				> CREATE {d}/one/a.txt first
				< 100 {d}/one/a.txt CREATED
				> CREATE {d}/two/a.txt second
				< 100 {d}/two/a.txt CREATED
				> SHOW {d}/one/a.txt
				< 200 {d}/one/a.txt OK
				< first
				> SHOW {d}/two/a.txt
				< 200 {d}/two/a.txt OK
				< second
				> SHOW {d}/one/a.txt
				< 200 {d}/one/a.txt OK
				< first
				> UPDATE {d}/one/a.txt third
				< 200 {d}/one/a.txt OK
				< third
				> SHOW {d}/two/a.txt
				< 200 {d}/two/a.txt OK
				< second
				> SHOW {d}/one/a.txt
				< 200 {d}/one/a.txt OK
				< third`,
			Hints: []Hint{{WrongContents, byName}},
		},
		{
			ID: "STTP-5.8-CACHE-005", Title: "A file that is missing in one directory is not answered with its namesake from another",
			Statements: []string{"5.8-3", "5.7-1"}, Story: "cache", Strict: Must, Guide: Must, After: []string{"STTP-5.6-DELETE-002"},
			Ask: `
				> CREATE {d}/one/a.txt first
				< 100 {d}/one/a.txt CREATED
				> CREATE {d}/two/b.txt second
				< 100 {d}/two/b.txt CREATED
				> SHOW {d}/one/a.txt
				< 200 {d}/one/a.txt OK
				< first
				> SHOW {d}/two/a.txt
				< 400 {d}/two/a.txt NOT FOUND
				> CREATE {d}/two/a.txt third
				< 100 {d}/two/a.txt CREATED
				> DELETE {d}/one/a.txt
				< 600 {d}/one/a.txt DELETED
				> SHOW {d}/two/a.txt
				< 200 {d}/two/a.txt OK
				< third`,
			Hints: []Hint{
				{GotStatus(200), byName}, {WrongContents, byName},
				{GotStatus(400), "it is still remembered that the file was missing: CREATE has to remove that from the cache as well"},
			},
		},
		{
			ID: "STTP-5.8-CACHE-006", Title: "A file that was missing is shown after its CREATE",
			Statements: []string{"5.8-3"}, Story: "cache", Strict: Must, Guide: Must, After: []string{"STTP-5.7-MISSING-004"},
			Ask: `
				> SHOW {d}/a.txt
				< 410 {d}/ PATH NOT FOUND
				~ 400
				> CREATE {d}/b.txt first
				< 100 {d}/b.txt CREATED
				> SHOW {d}/a.txt
				< 400 {d}/a.txt NOT FOUND
				> CREATE {d}/a.txt second
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< second`,
			Hints: []Hint{
				{GotStatus(400), "it is remembered that the file was missing: CREATE has to remove that from the cache, or better only what exists is cached"},
				{GotStatus(410), "it is remembered that the directory was missing: CREATE has to remove that from the cache, or better only what exists is cached"},
				{MissingContents, "an entry for the missing file is in the cache, with nothing in it"},
				{WrongContents, "an entry for the missing file is in the cache, with nothing in it"},
			},
		},
		{
			ID: "STTP-5.8-CACHE-007", Title: "An UPDATE that is refused does not change what SHOW answers",
			Statements: []string{"5.8-4", "5.8-3"}, Story: "cache", Strict: Must, Guide: Must, After: []string{"STTP-5.8-REFUSAL-001"},
			Ask: `
				> CREATE {d}/a.txt old
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< old
				> UPDATE {d}/a.txt {x*161}
				< 300 {d}/a.txt CLIENT ERROR "…"
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< old
				> UPDATE {d}/b.txt new
				< 400 {d}/b.txt NOT FOUND
				> SHOW {d}/b.txt
				< 400 {d}/b.txt NOT FOUND`,
			Hints: []Hint{
				{WrongContents, "the refused contents are in the cache: fill it only when the change has succeeded"},
				{GotStatus(200), "an UPDATE that failed has made an entry in the cache: fill it only when the change has succeeded"},
			},
		},
		{
			ID: "STTP-5.8-CACHE-008", Title: "A CREATE that is refused does not change what SHOW answers",
			Statements: []string{"5.8-4", "5.2-3"}, Story: "cache", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.2-CREATE-007"},
			Ask: `
				> CREATE {d}/a.txt old
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< old
				> CREATE {d}/a.txt new
				< 300 {d}/a.txt CLIENT ERROR "…"
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< old`,
			Hints: []Hint{{WrongContents, "the refused contents are in the cache: fill it only when the change has succeeded"}},
		},
		{
			ID: "STTP-5.8-CACHE-009", Title: "LIST after a CREATE and after a DELETE shows what is there then",
			Statements: []string{"5.8-3"}, Story: "cache", Strict: Must, Guide: Must, After: []string{"STTP-5.4-LIST-011", "STTP-5.4-LIST-013"},
			Ask: `
				> CREATE {d}/a.txt first
				< 100 {d}/a.txt CREATED
				> LIST {d}
				< 200 {d} OK
				< a.txt
				> CREATE {d}/b.txt second
				< 100 {d}/b.txt CREATED
				> LIST {d}
				< 200 {d} OK
				< a.txt, b.txt
				> LIST {d}
				< 200 {d} OK
				< a.txt, b.txt
				> DELETE {d}/a.txt
				< 600 {d}/a.txt DELETED
				> LIST {d}
				< 200 {d} OK
				< b.txt
				> UPDATE {d}/b.txt third
				< 200 {d}/b.txt OK
				< third
				> LIST {d}
				< 200 {d} OK
				< b.txt`,
			Hints: []Hint{{WrongContents, oldList}, {CutShort, oldList}},
		},
		{
			ID: "STTP-5.8-CACHE-010", Title: "LIST shows a subdirectory that came after the LIST before, and its missing is not remembered",
			Statements: []string{"5.8-3", "5.4-4"}, Story: "cache", Strict: Must, Guide: Must, After: []string{"STTP-5.4-LIST-004"},
			Ask: `
				> CREATE {d}/a.txt first
				< 100 {d}/a.txt CREATED
				> LIST {d}
				< 200 {d} OK
				< a.txt
				> LIST {d}/sub
				< 400 {d}/sub NOT FOUND
				~ 410
				> CREATE {d}/sub/deep/b.txt second
				< 100 {d}/sub/deep/b.txt CREATED
				> CREATE {d}/sub/c.txt third
				< 100 {d}/sub/c.txt CREATED
				> LIST {d}
				< 200 {d} OK
				< a.txt, sub/
				> LIST {d}/sub
				< 200 {d}/sub OK
				< c.txt, deep/`,
			Hints: []Hint{
				{CutShort, "a CREATE that makes directories changes the list of the directory above them, too: all on its path have to go from the cache"},
				{WrongContents, "a CREATE that makes directories changes the list of the directory above them, too: all on its path have to go from the cache"},
				{GotStatus(400), "it is remembered that the directory was missing: CREATE has to remove that from the cache"},
			},
		},
		{
			ID: "STTP-5.8-CACHE-011", Title: "LIST does not show a subdirectory that went with its last file",
			Statements: []string{"5.8-3", "5.7-4"}, Story: "cache", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.7-DIR-006"},
			Ask: `
				> CREATE {d}/a.txt first
				< 100 {d}/a.txt CREATED
				> CREATE {d}/sub/deep/b.txt second
				< 100 {d}/sub/deep/b.txt CREATED
				> LIST {d}
				< 200 {d} OK
				< a.txt, sub/
				> LIST {d}/sub
				< 200 {d}/sub OK
				< deep/
				> LIST {d}/sub/deep
				< 200 {d}/sub/deep OK
				< b.txt
				> DELETE {d}/sub/deep/b.txt
				< 600 {d}/sub/deep/b.txt DELETED
				> LIST {d}
				< 200 {d} OK
				< a.txt
				> LIST {d}/sub
				< 400 {d}/sub NOT FOUND
				> LIST {d}/sub/deep
				< 400 {d}/sub/deep NOT FOUND`,
			Hints: []Hint{
				{WrongContents, "a DELETE that removes directories changes the list of the directory above them, too: all on its path have to go from the cache"},
				{GotStatus(200), "the list of a directory that has gone is still in the cache: all on the path of the DELETE have to go from it"},
			},
		},
		{
			ID: "STTP-5.8-CACHE-012", Title: "LIST with a slash at its end and without show the same after a change, whichever was asked before",
			Statements: []string{"5.8-3", "5.4-2"}, Story: "cache", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.4-LIST-007"},
			Ask: `
				> CREATE {d}/a.txt first
				< 100 {d}/a.txt CREATED
				> LIST {d}
				< 200 {d} OK
				< a.txt
				> LIST {d}/
				< 200 {d}/ OK
				< a.txt
				> CREATE {d}/b.txt second
				< 100 {d}/b.txt CREATED
				> LIST {d}/
				< 200 {d}/ OK
				< a.txt, b.txt
				> LIST {d}
				< 200 {d} OK
				< a.txt, b.txt`,
			Hints: []Hint{
				{CutShort, "the list is cached twice, with the slash and without, and only one of them goes: take the slash off before the cache is asked"},
				{WrongPath, "the whole reply was cached, with the path of another request in it: cache the names and write the path anew"},
			},
		},
		{
			ID: "STTP-5.8-CACHE-013", Title: "What one connection changes, another that has read before sees at once",
			Statements: []string{"5.8-3"}, Story: "cache", Strict: Must, Guide: Must, Needs: KeptOpen, After: []string{"STTP-5.8-CACHE-001"},
			Accepts: "the new contents and the new list, on a connection that was open and had read the old ones",
			Netcat:  `(printf 'SHOW /try/a.txt\n'; sleep 2; printf 'SHOW /try/a.txt\n\n') | nc HOST PORT & sleep 1; printf 'UPDATE /try/a.txt new\n\n' | nc HOST PORT; wait`,
			Run:     cacheOfAnother,
			Hints: []Hint{
				{WrongContents, "the other connection keeps what it has read: a cache belongs to the server, not to a connection"},
				{CutShort, "the other connection keeps the list that it has read: a cache belongs to the server, not to a connection"},
			},
		},
		{
			ID: "STTP-5.8-CACHE-014", Title: "More files than a cache holds are all shown with their contents, before and after UPDATEs",
			Statements: []string{"5.8-3", "5.3-1"}, Story: "cache", Strict: Must, Guide: Must, Limit: 20 * time.Second, After: []string{"STTP-5.8-CACHE-001"},
			Accepts: "120 files, each shown three times with what was written last; the settings of the guide's example keep 100",
			Netcat:  `for i in $(seq 120); do printf "CREATE /try/$i.txt number $i\n\n" | nc HOST PORT >/dev/null; done; for i in $(seq 120); do printf "SHOW /try/$i.txt\n\n" | nc HOST PORT; done`,
			Run:     cacheOverflows,
			Hints: []Hint{
				{GotStatus(400), "what is no longer in the cache is still in its file: a cache that is full forgets an entry, and the file is read again"},
				{WrongContents, "when the cache is full and an entry goes, the others have to keep their own contents"},
				{GotStatus(500), "what is no longer in the cache is still in its file: a cache that is full forgets an entry, and the file is read again"},
			},
		},
	}
}

// cacheOfAnother changes on one connection what another one has read.
func cacheOfAnother(t *T) {
	writer, reader := t.Dial(), t.Dial()
	ask := func(c *Conn, line string, want ...string) {
		line = t.Expand(line)
		for i := range want {
			want[i] = t.Expand(want[i])
		}
		if t.facts.Waits == WaitsForEmpty {
			c.Send(line + "\n\n")
		} else {
			c.Send(line + "\n")
		}
		got, end := c.Reply(line)
		t.Judge(line, got, end, want...)
	}
	ask(writer, "CREATE {d}/a.txt old", "100 {d}/a.txt CREATED")
	reader.Send(t.Expand("SHOW {d}/none.txt\n"))
	if t.facts.Waits == WaitsForEmpty {
		reader.Send("\n")
	}
	if got, end := reader.Reply("SHOW"); got == "" && end == Open {
		t.Chose("one connection is served after the other, so that none sees what another changes")
	}
	ask(reader, "SHOW {d}/a.txt", "200 {d}/a.txt OK", "old")
	ask(reader, "LIST {d}", "200 {d} OK", "a.txt")
	ask(writer, "UPDATE {d}/a.txt new", "200 {d}/a.txt OK", "new")
	ask(reader, "SHOW {d}/a.txt", "200 {d}/a.txt OK", "new")
	ask(writer, "CREATE {d}/b.txt second", "100 {d}/b.txt CREATED")
	ask(reader, "LIST {d}", "200 {d} OK", "a.txt, b.txt")
	ask(writer, "DELETE {d}/a.txt", "600 {d}/a.txt DELETED")
	ask(reader, "SHOW {d}/a.txt", "400 {d}/a.txt NOT FOUND")
	ask(reader, "LIST {d}", "200 {d} OK", "b.txt")
}

// cacheOverflows reads more files than a cache with the settings of the
// guide's example holds.
func cacheOverflows(t *T) {
	const clients, each = 4, 30
	cr := t.crowd()
	for i := range clients {
		cr.join(func(c *client) {
			path := func(n int) string { return fmt.Sprintf("%s/of-%d/%d.txt", t.dir, i, n) }
			for n := range each {
				c.want("CREATE "+path(n)+fmt.Sprintf(" %d of client %d", n, i), "100 "+path(n)+" CREATED")
			}
			for range 2 {
				for n := range each {
					c.want("SHOW "+path(n), "200 "+path(n)+" OK", fmt.Sprintf("%d of client %d", n, i))
				}
			}
			for n := 0; n < each; n += 5 {
				c.want("UPDATE "+path(n)+" changed", "200 "+path(n)+" OK", "changed")
			}
			for n := range each {
				want := fmt.Sprintf("%d of client %d", n, i)
				if n%5 == 0 {
					want = "changed"
				}
				c.want("SHOW "+path(n), "200 "+path(n)+" OK", want)
			}
		})
	}
	cr.wait()
}
