package check

import "fmt"

// parallelCases are of clients that must not wait for each other. The guide asks
// for them; [2.1-3] gives every line its reply whatever others do.
func parallelCases() []Case {
	hints := []Hint{{NotServed, "the server waits for one client and leaves the others alone: after accepting, hand the connection to a goroutine, thread or task of its own and accept the next one at once"}}
	parallel := func(c Case) Case {
		c.Story, c.Strict, c.Guide, c.Hints = "parallel", Must, Must, append(c.Hints, hints...)
		c.After = append(c.After, "STTP-2.1-TCP-001")
		return c
	}
	return []Case{
		parallel(Case{
			ID: "STTP-2.1-PARALLEL-001", Title: "A client that says nothing keeps no other waiting",
			Statements: []string{"2.1-8", "2.1-3"},
			Run:        func(t *T) { t.besides("") }, Accepts: "a reply of any status to another client",
			Netcat: `sleep 10 | nc HOST PORT & sleep 0.5; printf 'SHOW /try/nobody.txt\n\n' | nc HOST PORT`,
		}),
		parallel(Case{
			ID: "STTP-2.1-PARALLEL-002", Title: "A client that has sent half a line keeps no other waiting",
			Statements: []string{"2.1-8", "2.1-3"},
			Run:        func(t *T) { t.besides("SHOW {d}/nob") }, Accepts: "a reply of any status to another client",
			Netcat: `(printf 'SHOW /try/nob'; sleep 10) | nc HOST PORT & sleep 0.5; printf 'SHOW /try/nobody.txt\n\n' | nc HOST PORT`,
			Hints:  []Hint{{NotServed, "a client that has begun a line keeps others waiting: reading the first line has to happen in the connection's own goroutine, thread or task, not in the loop that accepts, and under no lock that others need"}},
		}),
		parallel(Case{
			ID: "STTP-2.1-PARALLEL-003", Title: "A client that stays after its request keeps no other waiting",
			Statements: []string{"2.1-8", "2.1-3"},
			Run:        func(t *T) { t.besides("SHOW {d}/nobody.txt\n") }, Accepts: "a reply of any status to another client",
			Netcat: `(printf 'SHOW /try/nobody.txt\n'; sleep 10) | nc HOST PORT & sleep 0.5; printf 'SHOW /try/nobody.txt\n\n' | nc HOST PORT`,
		}),
		parallel(Case{
			ID: "STTP-2.1-PARALLEL-004", Title: "Twenty clients that are silent or have sent half a line keep no other waiting, and are answered when they go on",
			Statements: []string{"2.1-8", "2.1-3"}, After: []string{"STTP-2.1-PARALLEL-001", "STTP-2.1-PARALLEL-002"},
			Run: besidesTwenty, Accepts: "a reply of any status to another client, and then one to each of the twenty",
			Netcat: `for i in $(seq 20); do sleep 10 | nc HOST PORT & done; sleep 0.5; printf 'SHOW /try/nobody.txt\n\n' | nc HOST PORT`,
			Hints:  []Hint{{NotServed, "a fixed number of workers is used up by clients that say nothing: give each connection its own goroutine, thread or task, or give a worker only what has arrived"}},
		}),
		parallel(Case{
			ID: "STTP-2.1-PARALLEL-005", Title: "Twenty clients at once each get their own replies",
			Statements: []string{"2.1-3", "2.1-8"}, After: []string{"STTP-5.3-SHOW-001", "STTP-2.1-PARALLEL-001"},
			Run: twentyAtOnce, Accepts: "100 to each CREATE, 200 and its own contents to each SHOW", Limit: 3 * caseLimit,
			Netcat: `for i in $(seq 20); do printf "CREATE /try/$i.txt Snippet $i\n\n" | nc HOST PORT & done; wait; for i in $(seq 20); do printf "SHOW /try/$i.txt\n\n" | nc HOST PORT & done; wait`,
			Hints: []Hint{
				{WrongPath, "a client got the reply of another: is there a variable or buffer that all connections share?"},
				{WrongContents, "a client got the contents of another: is there a variable or buffer that all connections share?"},
				{GotStatus(510), "making a directory that another client has just made is no failure: it is there, which is all that is needed"},
				{GotStatus(500), "making a directory that another client has just made is no failure: it is there, which is all that is needed"},
			},
		}),
	}
}

// besides asks while another connection is held on which text was sent: more
// than once, as the server may not have read the text at first.
func (t *T) besides(text string) {
	held := t.Dial()
	held.Send(t.Expand(text))
	for range 5 {
		t.StillServed()
		t.sleep(settle)
	}
	t.StillServed()
}

// besidesTwenty holds silent and half-sent connections in turn. A server that
// takes fewer says so, by [2.6-8], and then nothing is shown.
func besidesTwenty(t *T) {
	line := t.Expand("SHOW {d}/nobody.txt")
	half := len(line) / 2
	conns := make([]*Conn, 20)
	for i := range conns {
		c, err := t.TryDialOneOf()
		if err != nil {
			t.Fail(NotServed, "client %d of 20 gets no connection: %s", i+1, plainError(err))
		}
		if conns[i] = c; i%2 == 1 {
			c.Send(line[:half])
		}
	}
	t.StillServed()
	for i, c := range conns {
		rest := line
		if i%2 == 1 {
			rest = line[half:]
		}
		c.Send(rest + "\n\n")
		if t.facts.Waits == WaitsForEnd {
			c.Shut()
		}
		got, _ := c.Reply(line)
		switch s := splitStatusLine(got); {
		case s.status == 500 && s.path == "-":
			t.Undecided("the server takes only %d connections at once", i)
		case s.status == 0:
			t.Fail(NotServed, "client %d of 20, which waited before it went on, gets no answer", i+1)
		}
	}
}

func twentyAtOnce(t *T) {
	var creates []string
	for i := range 20 {
		creates = append(creates, t.Expand(fmt.Sprintf("CREATE {d}/%d.txt Snippet number %d", i, i)))
	}
	for _, a := range t.atOnce(creates) {
		t.Judge(a.line, a.got, Closed, "100 "+pathOf(a.line)+" CREATED")
	}
	for i, a := range t.atOnce(showsOf(creates)) {
		t.Judge(a.line, a.got, Closed, "200 "+pathOf(a.line)+" OK", fmt.Sprintf("Snippet number %d", i))
	}
}
