package check

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
)

// crowdCases are those of many clients, each with files of its own.
func crowdCases() []Case {
	const shared = "what belongs to one request (its path, its contents, a buffer) must not be kept where another connection can change it: no global variables, and no buffer that two use"
	return []Case{
		{
			ID: "STTP-5.8-RACE-006", Title: "50 CREATEs of different files at the same time are all carried out",
			Statements: []string{"5.8-2", "5.2-1", "5.2-2"}, Story: "races", Strict: Must, Guide: Must, Limit: raceLimit, After: afterList,
			Accepts: "100 for each, and the list of the directory that they made together has all of them",
			Netcat:  `for i in $(seq 50); do printf "CREATE /try/$i.txt client $i\n\n" | nc HOST PORT & done; wait; printf 'LIST /try\n\n' | nc HOST PORT`,
			Run:     raceDifferent,
			Hints: []Hint{
				{GotStatus(510), "that another client makes the same directory at the same time is no error: look whether it exists then"},
				{GotStatus(500), "that another client makes the same directory at the same time is no error: look whether it exists then"},
				{WrongContents, shared},
				{WrongPath, shared},
			},
		},
		{
			ID: "STTP-5.8-RACE-007", Title: "Clients that change files of their own at the same time get replies about these alone",
			Statements: []string{"5.8-2"}, Story: "races", Strict: Must, Guide: Must, Limit: raceLimit, After: afterUpdate,
			Accepts: "every reply of 16 clients is about the file and the contents that it sent",
			Netcat:  `for i in $(seq 16); do (printf "CREATE /try/$i.txt client $i\n\n" | nc HOST PORT; printf "SHOW /try/$i.txt\n\n" | nc HOST PORT) & done; wait`,
			Run:     raceOwnFiles,
			Hints: []Hint{
				{WrongPath, shared},
				{WrongContents, shared},
				{CutShort, shared},
				{GotStatus(300), shared},
				{GotStatus(400), "a file that was acknowledged is missing; is a map or a list changed by several at once without a lock?"},
				{ClosedEarly, "does the server crash, or drop a connection, when several are served at once? A map that is changed by several at once without a lock ends a Go program"},
			},
		},
		{
			ID: "STTP-5.8-RACE-008", Title: "CREATEs and DELETEs in one directory at the same time, which comes and goes, disturb each other in nothing",
			Statements: []string{"5.8-2", "5.2-2", "5.7-4"}, Story: "races", Strict: Must, Guide: Must, Limit: raceLimit,
			After:   []string{"STTP-5.3-SHOW-001", "STTP-5.6-DELETE-001"},
			Accepts: "every CREATE is answered 100, what it made is shown, and every DELETE is answered 600",
			Netcat:  `for i in 1 2 3 4; do (for n in $(seq 20); do printf "CREATE /try/$i.txt x\n\n" | nc HOST PORT; printf "DELETE /try/$i.txt\n\n" | nc HOST PORT; done) & done; wait`,
			Run:     raceDirectory,
			Hints: []Hint{
				{GotStatus(510), "the directory was removed between making it and making the file in it: hold a lock over both that DELETE takes as well, or make the directory again and repeat"},
				{GotStatus(500), "the directory was removed between making it and making the file in it: hold a lock over both that DELETE takes as well, or make the directory again and repeat"},
				{GotStatus(400), "a file that was acknowledged is gone: a directory may be removed only if it is empty in that moment, which a plain rmdir sees to"},
				{GotStatus(410), "a file that was acknowledged is gone with its directory: a directory may be removed only if it is empty in that moment, which a plain rmdir sees to"},
				{GotStatus(300), "a file is still there after its DELETE was answered 600"},
			},
		},
		{
			ID: "STTP-5.4-RACE-001", Title: "LIST of a directory that changes meanwhile shows every name that stays, and none that never was",
			Statements: []string{"5.4-10", "5.4-1"}, Story: "races", Strict: Must, Guide: Must, Limit: raceLimit,
			After:   []string{"STTP-5.4-LIST-002", "STTP-5.6-DELETE-001"},
			Accepts: "the names that stay are in every list, once, and the others are names that were made at some time",
			Netcat:  `for n in $(seq 20); do printf "CREATE /try/$n.txt x\n\n" | nc HOST PORT & printf 'LIST /try\n\n' | nc HOST PORT & done; wait`,
			Run:     raceList,
			Hints: []Hint{
				{Stale, "a name that is there all the time is missing: is the list put together from something that is emptied and filled again?"},
				{Unexpected, "a list holds a name that no CREATE has made: files that the server writes before it gives them their name have to be left out, and a list must not be changed while it is read"},
				{GotStatus(500), "a file that vanishes while the directory is read is no failure: leave it out"},
			},
		},
	}
}

func raceDifferent(t *T) {
	var lines, names []string
	for i := range raceCrowd {
		names = append(names, fmt.Sprintf("%02d.txt", i))
		lines = append(lines, t.Expand("CREATE {d}/one/two/"+names[i])+fmt.Sprintf(" contents %d", i))
	}
	for _, a := range t.atOnce(lines) {
		t.Judge(a.line, a.got, Open, "100 "+pathOf(a.line)+" CREATED")
	}
	t.Want("LIST {d}/one/two", "200 {d}/one/two OK", strings.Join(names, ", "))
	for i, a := range t.atOnce(showsOf(lines)) {
		t.Judge(a.line, a.got, Open, "200 "+pathOf(a.line)+" OK", fmt.Sprintf("contents %d", i))
	}
}

// showsOf returns a SHOW for the path of each line.
func showsOf(lines []string) []string {
	var shows []string
	for _, line := range lines {
		shows = append(shows, "SHOW "+pathOf(line))
	}
	return shows
}

func raceOwnFiles(t *T) {
	clients := t.crowd()
	for i := range 16 {
		path := fmt.Sprintf("%s/%d/of-%d.txt", t.dir, i%4, i)
		clients.join(func(c *client) {
			c.want(fmt.Sprintf("CREATE %s client %d begins", path, i), "100 "+path+" CREATED")
			for n := 0; n < 12 && !c.done(); n++ {
				// Contents of different lengths show a buffer that two share.
				contents := fmt.Sprintf("client %d, %d%s", i, n, strings.Repeat(string(rune('a'+i)), c.rand.IntN(120)))
				c.want("UPDATE "+path+" "+contents, "200 "+path+" OK", contents)
				c.want("SHOW "+path, "200 "+path+" OK", contents)
				c.want("SHOW "+path, "200 "+path+" OK", contents)
			}
		})
	}
	clients.wait()
}

func raceDirectory(t *T) {
	clients := t.crowd()
	for i := range 6 {
		path := fmt.Sprintf("%s/sub/%d.txt", t.dir, i)
		clients.join(func(c *client) {
			for n := 0; n < 20 && !c.done(); n++ {
				line := fmt.Sprintf("CREATE %s round %d", path, n)
				if got, p := c.ask(line); p == nil && !t.Strict() && splitStatusLine(got).status >= 500 {
					continue // it says that it has not made the file, which is no loss
				} else if p != nil {
					c.fail(p)
				} else if p := (exchange{request: line, want: []string{"100 " + path + " CREATED"}}).judge(t.run.opts.Profile, t.facts, got); p != nil {
					c.fail(p)
				}
				c.want("SHOW "+path, "200 "+path+" OK", fmt.Sprintf("round %d", n))
				c.want("DELETE "+path, "600 "+path+" DELETED")
			}
		})
	}
	clients.wait()
}

func raceList(t *T) {
	var stay []string
	for i := range 12 {
		stay = append(stay, fmt.Sprintf("stay-%02d.txt", i))
		t.Want("CREATE {d}/"+stay[i]+" text", "100 {d}/"+stay[i]+" CREATED")
	}
	clients := t.crowd()
	var changing atomic.Int32
	for i := range 3 {
		changing.Add(1)
		clients.join(func(c *client) {
			defer changing.Add(-1)
			for n := 0; n < 15 && !c.done(); n++ {
				path := fmt.Sprintf("%s/comes-%d-%d.txt", t.dir, i, n)
				c.want("CREATE "+path+" text", "100 "+path+" CREATED")
				c.want("DELETE "+path, "600 "+path+" DELETED")
			}
		})
	}
	for range 3 {
		clients.join(func(c *client) {
			for n := 0; n < 300 && changing.Load() > 0 && !c.done(); n++ {
				if names, ok := c.list(t.dir); ok {
					if p := listProblem(stay, names); p != nil {
						c.fail(p)
					}
				}
			}
		})
	}
	clients.wait()
}

// listProblem judges a list that was made while files came and went.
func listProblem(stay, names []string) *Problem {
	got := strings.Join(names, ", ")
	for _, name := range stay {
		switch n := len(slices.DeleteFunc(slices.Clone(names), func(s string) bool { return s != name })); {
		case n == 0:
			return &Problem{Symptom: Stale, Says: "a list that was made while other files came and went does not show " + name + ", which was there all the time", Got: got}
		case n > 1:
			return &Problem{Symptom: Unexpected, Says: "a list that was made while other files came and went shows " + name + " more than once", Got: got}
		}
	}
	for _, name := range names {
		var client, number int
		if _, err := fmt.Sscanf(name, "comes-%d-%d.txt", &client, &number); err != nil && !slices.Contains(stay, name) {
			return &Problem{Symptom: Unexpected, Says: "a list that was made while other files came and went shows " + shortened(name) + ", which nobody has made", Got: got}
		}
	}
	return nil
}
