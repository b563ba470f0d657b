package check

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// How many clients the cases of this file have, and how much each does.
const (
	raceCrowd  = 50 // clients that do one thing at once
	raceRounds = 60 // requests of a client that does many
	raceLimit  = 15 * time.Second
)

// raceCases are those of many clients at once.
func raceCases() []Case {
	cases := slices.Concat(conflictCases(), crowdCases(), staleCases(), linearizableCases())
	for i := range cases {
		// Where one client waits for the other there are no races.
		cases[i].After = append(slices.Clone(cases[i].After), "STTP-2.1-PARALLEL-001")
	}
	return cases
}

// conflictCases are those of many clients that want the same file.
func conflictCases() []Case {
	const manyCreates = `for i in $(seq 50); do printf "CREATE /try/a.txt client $i\n\n" | nc HOST PORT & done | sort | uniq -c; printf 'SHOW /try/a.txt\n\n' | nc HOST PORT`
	const torn = "the contents are written in place, so that others see an empty, a shorter or a mixed text meanwhile: write a new file and rename it over the old one, or hold a lock that SHOW takes as well"
	return []Case{
		{
			ID: "STTP-5.2-RACE-001", Title: "Of 50 CREATEs of one file at the same time exactly one is answered 100, and its contents are stored",
			Statements: []string{"5.2-4", "5.2-3"}, Story: "races", Strict: Must, Guide: Unchecked, Limit: raceLimit,
			After:   []string{"STTP-5.3-SHOW-001", "STTP-5.2-CREATE-006"},
			Accepts: "one 100, 49 times 300, and SHOW answers the contents of the one",
			Netcat:  manyCreates, Run: raceCreate,
			Hints: []Hint{
				{GotStatus(100), "between looking whether the file exists and making it another client can make it: leave both to one call that fails if it exists (os.O_EXCL in Go, mode \"x\" in Python, CREATE_NEW in Java), or hold a lock over both"},
				{GotStatus(500), "that another client was faster is no failure of the server: the file exists, so it is 300"},
				{GotStatus(510), "that another client makes the same directory at the same time is no error: look whether it exists then"},
				{WrongContents, "a CREATE that was answered 300 has written its contents all the same"},
			},
		},
		{
			ID: "STTP-5.8-RACE-001", Title: "After 50 CREATEs of one file at the same time it holds the contents of one of them, whole",
			Statements: []string{"5.8-1"}, Story: "races", Strict: Must, Guide: Must, Limit: raceLimit, After: afterShow,
			Accepts: "SHOW answers the contents that one of the clients sent",
			Netcat:  manyCreates, Run: raceCreateWhole,
			Hints: []Hint{{Torn, torn}},
		},
		{
			ID: "STTP-5.8-RACE-002", Title: "SHOW during UPDATEs answers the contents from before or after one, never a mix or a part",
			Statements: []string{"5.8-1"}, Story: "races", Strict: Must, Guide: Must, Limit: raceLimit, After: afterUpdate,
			Accepts: "160 times a or 80 times b in every reply to SHOW, while two clients UPDATE to one and the other",
			Netcat:  `for i in $(seq 60); do printf "UPDATE /try/a.txt $(printf 'a%.0s' $(seq 160))\n\n" | nc HOST PORT & printf "UPDATE /try/a.txt bbbb\n\n" | nc HOST PORT & printf 'SHOW /try/a.txt\n\n' | nc HOST PORT & done | sort | uniq -c`,
			Run:     raceTorn,
			Hints: []Hint{
				{Torn, torn},
				{GotStatus(400), "the file is missing for a moment during an UPDATE: rename the new file over the old one, which replaces it in one step, and do not remove the old one before"},
			},
		},
		{
			ID: "STTP-5.8-RACE-003", Title: "After many UPDATEs of one file at the same time every SHOW answers the same one of them",
			Statements: []string{"5.8-2", "5.8-1"}, Story: "races", Strict: Must, Guide: Must, Limit: raceLimit, After: afterUpdate,
			Accepts: "the contents of one of the UPDATEs, and the same from then on",
			Netcat:  `for i in $(seq 50); do printf "UPDATE /try/a.txt client $i\n\n" | nc HOST PORT & done; wait; printf 'SHOW /try/a.txt\n\n' | nc HOST PORT`,
			Run:     raceUpdate,
			Hints: []Hint{
				{Torn, torn},
				{Stale, "the file and the cache disagree: UPDATEs that write the file in one order and the cache in another need one lock around both"},
			},
		},
		{
			ID: "STTP-5.8-RACE-004", Title: "Of 20 DELETEs of one file at the same time exactly one is answered 600",
			Statements: []string{"5.8-2", "5.6-1"}, Story: "races", Strict: Must, Guide: Unchecked, Limit: raceLimit,
			After:   []string{"STTP-5.6-DELETE-003"},
			Accepts: "one 600, and 400 for the others",
			Netcat:  `printf 'CREATE /try/a.txt x\n\n' | nc HOST PORT; for i in $(seq 20); do printf 'DELETE /try/a.txt\n\n' | nc HOST PORT & done | sort | uniq -c`,
			Run:     raceDelete,
			Hints: []Hint{
				{GotStatus(600), "between looking whether the file exists and removing it another client can remove it: let the removing itself tell whether there was something"},
				{GotStatus(500), "that another client was faster is no failure of the server: the file does not exist, so it is 400"},
			},
		},
		{
			ID: "STTP-5.8-RACE-005", Title: "A file that is deleted while others UPDATE it does not come back",
			Statements: []string{"5.8-2", "5.5-2"}, Story: "races", Strict: Must, Guide: Unchecked, Limit: raceLimit,
			After:   []string{"STTP-5.5-UPDATE-005", "STTP-5.6-DELETE-002"},
			Accepts: "after a DELETE that was answered 600 the file is missing, whatever UPDATEs ran beside it",
			Netcat:  `for i in $(seq 20); do printf 'CREATE /try/a.txt x\n\n' | nc HOST PORT; printf 'UPDATE /try/a.txt y\n\n' | nc HOST PORT & printf 'DELETE /try/a.txt\n\n' | nc HOST PORT; wait; printf 'SHOW /try/a.txt\n\n' | nc HOST PORT; done`,
			Run:     raceUpdateDelete,
			Hints:   []Hint{{GotStatus(200), "UPDATE saw that the file exists, DELETE removed it, and then UPDATE made it anew: hold one lock from looking to writing, and let DELETE take it too; a cache entry that UPDATE puts back does the same"}},
		},
	}
}

// clientLines returns n requests, each with contents of its own.
func clientLines(t *T, n int, request string) []string {
	var lines []string
	for i := range n {
		lines = append(lines, t.Expand(request)+fmt.Sprintf(" client %d says so", i+1))
	}
	return lines
}

// contentsSent returns the contents that a line of clientLines has.
func contentsSent(line string) string { return line[strings.Index(line, "client "):] }

func raceCreate(t *T) {
	answers := t.atOnce(clientLines(t, raceCrowd, "CREATE {d}/new/a.txt"))
	won := ""
	for _, a := range answers {
		switch a.status() {
		case 100:
			if won != "" {
				t.FailWith(&Problem{Symptom: GotStatus(100), Says: "two of 50 CREATEs of one file at the same time are answered 100, and a client believes that its contents are stored", Got: a.got})
			}
			won = contentsSent(a.line)
		default:
			t.Judge(a.line, a.got, Open, t.Expand(`300 {d}/new/a.txt CLIENT ERROR "…"`))
		}
	}
	if won == "" {
		t.Fail(GotStatus(300), "none of 50 CREATEs of one file at the same time is answered 100")
	}
	t.Want("SHOW {d}/new/a.txt", "200 {d}/new/a.txt OK", won)
}

func raceCreateWhole(t *T) {
	lines := clientLines(t, raceCrowd, "CREATE {d}/a.txt")
	t.atOnce(lines)
	t.oneOf(lines, "CREATEs", "{d}/a.txt")
}

// oneOf ends the case unless the file holds the contents of one of the lines;
// it returns them.
func (t *T) oneOf(lines []string, what, path string) string {
	got, end := t.Ask("SHOW " + path)
	contents, ok := contentsOf(t.Expand(path), got)
	if !ok {
		t.Judge(t.Expand("SHOW "+path), got, end, t.Expand("200 "+path+" OK"), contentsSent(lines[0]))
	}
	if !slices.ContainsFunc(lines, func(line string) bool { return contentsSent(line) == contents }) {
		t.FailWith(&Problem{Symptom: Torn, Says: fmt.Sprintf("after %d %s of one file at the same time it holds contents that nobody has sent", len(lines), what), Got: got})
	}
	return contents
}

func raceTorn(t *T) {
	path := t.dir + "/a.txt"
	whole := []string{strings.Repeat("a", 160), strings.Repeat("b", 80)}
	t.Want("CREATE "+path+" "+whole[0], "100 "+path+" CREATED")
	clients := t.crowd()
	for i := range 2 {
		clients.join(func(c *client) {
			for n := 0; n < raceRounds && !c.done(); n++ {
				c.want("UPDATE "+path+" "+whole[i], "200 "+path+" OK", whole[i])
			}
		})
	}
	for range 4 {
		clients.join(func(c *client) {
			for n := 0; n < raceRounds && !c.done(); n++ {
				if got, ok := c.show(path); ok && !slices.Contains(whole, got) {
					c.fail(tornProblem(got))
				}
			}
		})
	}
	clients.wait()
}

// tornProblem says what was seen instead of 160 times a or 80 times b.
func tornProblem(got string) *Problem {
	a, b := strings.Count(got, "a"), strings.Count(got, "b")
	says := fmt.Sprintf("the file is updated to 160 times a and to 80 times b in turn, and a SHOW meanwhile is answered with %d a and %d b", a, b)
	if got == "" {
		says = "a SHOW during an UPDATE is answered with empty contents, which nobody has sent"
	}
	return &Problem{Symptom: Torn, Says: says, Got: got}
}

func raceUpdate(t *T) {
	t.Want("CREATE {d}/a.txt client 0 says so", "100 {d}/a.txt CREATED")
	lines := clientLines(t, raceCrowd, "UPDATE {d}/a.txt")
	for _, a := range t.atOnce(lines) {
		t.Judge(a.line, a.got, Open, t.Expand("200 {d}/a.txt OK"), contentsSent(a.line))
	}
	first := t.oneOf(lines, "UPDATEs", "{d}/a.txt")
	for range 5 {
		if again := t.oneOf(lines, "UPDATEs", "{d}/a.txt"); again != first {
			t.Fail(Stale, "one SHOW is answered %q and the next one %q, though nobody has changed the file in between", first, again)
		}
	}
}

func raceDelete(t *T) {
	t.Want("CREATE {d}/other.txt I stay", "100 {d}/other.txt CREATED")
	t.Want("CREATE {d}/a.txt Buy milk", "100 {d}/a.txt CREATED")
	removed := 0
	for _, a := range t.atOnce(slices.Repeat([]string{t.Expand("DELETE {d}/a.txt")}, 20)) {
		if a.status() == 600 {
			removed++
			continue
		}
		t.Judge(a.line, a.got, Open, t.Expand("400 {d}/a.txt NOT FOUND"))
	}
	if removed != 1 {
		t.Fail(GotStatus(600), "%d of 20 DELETEs of one file at the same time are answered 600", removed)
	}
}

func raceUpdateDelete(t *T) {
	t.Want("CREATE {d}/other.txt I stay", "100 {d}/other.txt CREATED")
	for round := 0; round < 15 && t.ctx.Err() == nil; round++ {
		t.Want("CREATE {d}/a.txt Buy milk", "100 {d}/a.txt CREATED")
		var removed atomic.Bool
		clients := t.crowd()
		for range 3 {
			clients.join(func(c *client) {
				c.ask(t.Expand("SHOW {d}/a.txt")) // a connection, and an entry in a cache
				for n := 0; n < 10 && !removed.Load(); n++ {
					c.ask(t.Expand("UPDATE {d}/a.txt Buy oat milk"))
				}
			})
		}
		clients.join(func(c *client) {
			c.ask(t.Expand("SHOW {d}/a.txt"))
			c.ask(t.Expand("SHOW {d}/a.txt"))
			c.want(t.Expand("DELETE {d}/a.txt"), t.Expand("600 {d}/a.txt DELETED"))
			removed.Store(true)
		})
		clients.wait()
		if got, _ := t.Ask("SHOW {d}/a.txt"); splitStatusLine(got).status == 200 {
			t.FailWith(&Problem{Symptom: GotStatus(200), Says: "an UPDATE beside a DELETE has brought the file back: the DELETE was answered 600, and the file is there", Expected: t.Expand("400 {d}/a.txt NOT FOUND\n"), Got: got})
		}
		t.Want("SHOW {d}/a.txt", "400 {d}/a.txt NOT FOUND")
	}
}
