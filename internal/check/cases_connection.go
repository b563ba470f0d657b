package check

import (
	"fmt"
	"slices"
	"strings"
)

// connectionCases are those of section 2.1: many requests on a connection, their order.
func connectionCases() []Case {
	return slices.Concat(tcpCases(), keptCases(), pipelineCases(), parallelCases())
}

// Mistakes that more than one case finds.
const (
	hintReadsToEnd = "the server seems to read until the client ends its sending side (ReadAll, read() without a size): read up to the first LF, answer, and only then read on"
	hintOneClient  = "accepting has to stand in a loop: after one client the server goes back and accepts the next one"
	hintOneRequest = "reading a line and answering it have to stand in a loop, which ends at an empty line or when the client has ended its sending side"
)

// tcpCases are the first steps of the guide: any reply will do.
func tcpCases() []Case {
	return []Case{
		{
			ID: "STTP-2.1-TCP-001", Title: "A request line, an empty line and the end of the client's sending are answered with a status line",
			Statements: []string{"2.1-3", "2.2-3", "6.1-1"}, Story: "tcp", Strict: Must, Guide: Must,
			Run: func(t *T) { firstReply(t, "\n\n", true) }, Accepts: "one reply of any status, which ends with LF",
			Netcat: `printf 'SHOW /try/nobody.txt\n\n' | nc -N HOST PORT`,
			Hints: []Hint{
				{ClosedEarly, "the connection ends without a word: write a status line to it, and flush what is buffered, before you close it; a server without any action yet can answer 300 - CLIENT ERROR \"unknown action\""},
				{NotAReply, "a reply begins with three digits, the path and the words, with one space between: a server without any action yet can answer 300 - CLIENT ERROR \"unknown action\""},
			},
		},
		{
			ID: "STTP-2.1-TCP-002", Title: "A request line and an empty line are answered though the client does not end its sending side",
			Statements: []string{"2.1-3", "2.1-10"}, Story: "tcp", Strict: Must, Guide: Must,
			After: []string{"STTP-2.1-TCP-001"},
			Run:   func(t *T) { firstReply(t, "\n\n", false) }, Accepts: "one reply of any status, which ends with LF",
			Netcat: `(printf 'SHOW /try/nobody.txt\n\n'; sleep 3) | nc HOST PORT`,
			Hints:  []Hint{{NoReply, hintReadsToEnd}},
		},
		{
			ID: "STTP-2.1-TCP-003", Title: "A request line is answered though nothing comes after it",
			Statements: []string{"2.1-10", "2.1-3"}, Story: "tcp", Strict: Must, Guide: Should,
			After: []string{"STTP-2.1-TCP-002"},
			Run:   func(t *T) { firstReply(t, "\n", false) }, Accepts: "one reply of any status, which ends with LF",
			Netcat: `(printf 'SHOW /try/nobody.txt\n'; sleep 3) | nc HOST PORT`,
			Hints:  []Hint{{NoReply, "the server seems to wait for the empty line: a request is complete with the LF of its own line, so answer then"}},
		},
		{
			ID: "STTP-2.1-TCP-004", Title: "One client after the other is answered",
			Statements: []string{"2.1-3"}, Story: "tcp", Strict: Must, Guide: Must,
			After: []string{"STTP-2.1-TCP-001"},
			Run:   answersOneAfterTheOther, Accepts: "a reply of any status to each of five clients",
			Netcat: `for i in 1 2 3 4 5; do printf 'SHOW /try/nobody.txt\n\n' | nc HOST PORT; done`,
			Hints:  []Hint{{NotServed, hintOneClient}},
		},
		{
			ID: "STTP-2.1-TCP-005", Title: "A client that connects and leaves without a word does not keep the next one from being answered",
			Statements: []string{"2.1-3", "2.3-2"}, Story: "tcp", Strict: Must, Guide: Should,
			After: []string{"STTP-2.1-TCP-004"},
			Run:   survivesSilentVisits, Accepts: "a reply of any status to the client that comes then",
			Netcat: `for i in 1 2 3; do nc -z HOST PORT; done; printf 'SHOW /try/nobody.txt\n\n' | nc HOST PORT`,
			Hints:  []Hint{{NotServed, "reading nothing means that the client has gone: end this connection and accept the next one, neither leave the program nor read again and again"}},
		},
		{
			ID: "STTP-2.1-TCP-006", Title: "Nothing is sent before something has been received",
			Statements: []string{"2.1-9"}, Story: "tcp", Strict: Must, Guide: Must,
			Run: noGreeting, Accepts: "silence on a new connection",
			Netcat: `sleep 1 | nc HOST PORT`,
			Hints: []Hint{
				{ExtraBytes, "a greeting would be taken for the reply to the first request: wait for a line first"},
				{ClosedEarly, "the server closes a connection on which nothing has come yet: reading has to wait for the client"},
			},
		},
		{
			ID: "STTP-2.1-TCP-007", Title: "After its reply the server goes on with the connection, or it closes it",
			Statements: []string{"2.1-2", "2.3-1"}, Story: "tcp", Strict: Choice, Guide: Choice,
			After: []string{"STTP-2.1-TCP-001"},
			Run:   tellEndOfConnection, Accepts: "anything; strict asks for it in other cases",
			Netcat: `(printf 'SHOW /try/nobody.txt\n'; sleep 1; printf 'SHOW /try/nobody.txt\n\n'; sleep 1) | nc HOST PORT`,
		},
	}
}

// firstReply sends a request line that ends with ending, perhaps ends the
// sending side, and looks for the form of what comes.
func firstReply(t *T, ending string, shut bool) {
	line := t.Expand("SHOW {d}/nobody.txt")
	c := t.Dial()
	c.Send(line + ending)
	if shut {
		c.Shut()
	}
	got, end := c.Reply(line)
	if p := formOf(got); p != nil {
		if p.Symptom == NoReply || p.Symptom == NoNewline {
			p.blame(end, t.timeout)
		}
		t.FailWith(p)
	}
}

// formOf tells what is wrong with the first line of a reply to a request that
// need not be understood yet.
func formOf(got string) *Problem {
	line, _, found := strings.Cut(got, "\n")
	p := &Problem{Got: got}
	switch _, known := words[splitStatusLine(line).status]; {
	case got == "":
		p.Symptom, p.Says = NoReply, "no reply came"
	case !known:
		p.Symptom, p.Says = NotAReply, "what came is not a reply"
	case !found:
		p.Symptom, p.Says, p.At = NoNewline, "the reply does not end with LF", len(got)
	case strings.HasSuffix(line, "\r"):
		p.Symptom, p.Says, p.At = CarriageReturn, "the reply ends with CR LF", len(line)-1
	default:
		return nil
	}
	return p
}

func answersOneAfterTheOther(t *T) {
	for i := range 5 {
		got, _, err := t.TryAsk(t.Expand("SHOW {d}/nobody.txt"))
		switch {
		case err != nil:
			t.Fail(NotServed, "client %d of 5 gets no connection: %s", i+1, plainError(err))
		case got == "":
			t.Fail(NotServed, "client %d of 5 gets no answer", i+1)
		}
	}
}

func survivesSilentVisits(t *T) {
	for range 3 {
		t.Dial().Close()
	}
	t.StillServed()
}

// noGreeting waits for what should not come. Another client cannot be asked
// meanwhile: a server that serves one at a time would keep it waiting.
func noGreeting(t *T) {
	if got, end := t.Dial().Rest(settle); got != "" || end != Open {
		t.unexpected(got, end)
	}
}

func tellEndOfConnection(t *T) {
	switch f := t.Facts(); {
	case f.Closes == ClosesAfterReply:
		t.Chose("it closes the connection after the reply")
	case f.KeepsOpen:
		t.Chose("it answers further requests on the connection, and closes it: %s", f.Closes)
	default:
		t.Chose("it answers no further request on the connection, and closes it: %s", f.Closes)
	}
}

// keptCases are of a connection that carries many requests, each sent when the
// one before has been answered.
func keptCases() []Case {
	hints := append(onEach(hintOneRequest, ClosedEarly, NoReply, WasReset),
		Hint{NotAReply, "what comes after the first reply, such as an empty line or a second reply, is taken for the beginning of the next one: send nothing but the reply"})
	return []Case{
		{
			ID: "STTP-2.1-CONN-001", Title: "A second request on a connection is answered",
			Statements: []string{"2.1-2"}, Story: "connections", Strict: Must, Guide: Should, Needs: KeptOpen,
			After: []string{"STTP-2.1-TCP-003"},
			Talk: `
				> LIST {d}/one
				< 400 {d}/one NOT FOUND
				~ 410
				> LIST {d}/two
				< 400 {d}/two NOT FOUND
				~ 410`,
			Hints: hints,
		},
		{
			ID: "STTP-2.1-CONN-002", Title: "Two hundred requests on a connection are answered, one after the other",
			Statements: []string{"2.1-2", "2.1-3"}, Story: "connections", Strict: Must, Guide: Should, Needs: KeptOpen,
			After: []string{"STTP-2.1-CONN-001"},
			Run:   manyInTurn, Accepts: "400 for each, with its own path", Limit: 4 * caseLimit,
			Netcat: `(for i in $(seq 200); do printf 'LIST /try/%d\n' $i; sleep 0.01; done; echo) | nc HOST PORT`,
			Hints:  hints,
		},
		{
			ID: "STTP-2.1-CONN-003", Title: "All actions are carried out on one connection",
			Statements: []string{"2.1-2", "2.1-5"}, Story: "connections", Strict: Must, Guide: Should, Needs: KeptOpen,
			After: []string{"STTP-2.1-CONN-001"},
			Talk: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< Buy milk
				> UPDATE {d}/a.txt Buy oat milk
				< 200 {d}/a.txt OK
				< Buy oat milk
				> LIST {d}
				< 200 {d} OK
				< a.txt
				> DELETE {d}/a.txt
				< 600 {d}/a.txt DELETED
				> SHOW {d}/a.txt
				< 410 {d}/ PATH NOT FOUND
				~ 400`,
			Hints: hints,
		},
		{
			ID: "STTP-2.1-CONN-004", Title: "What two connections send by turns is not mixed up",
			Statements: []string{"2.1-3", "2.1-8"}, Story: "connections", Strict: Must, Guide: Should, Needs: KeptOpen,
			After: []string{"STTP-2.1-CONN-001", "STTP-2.1-PARALLEL-001", "STTP-2.1-PARALLEL-002"},
			Run:   byTurns, Accepts: "on each connection the replies to its own requests",
			Netcat: `(printf 'LIST /try/one'; sleep 2; printf 'A\n\n') | nc HOST PORT & sleep 1; printf 'LIST /try/two\n\n' | nc HOST PORT; wait`,
			Hints: []Hint{
				{WrongPath, "what was received of a line belongs to its connection and is kept until its LF comes: is there one buffer for all connections, or is what one read returns taken for a whole line?"},
				{GotStatus(300), "what was received of a line belongs to its connection and is kept until its LF comes: is there one buffer for all connections, or is what one read returns taken for a whole line?"},
			},
		},
		{
			ID: "STTP-2.1-CONN-005", Title: "A reply is not held back while the next request has come in half",
			Statements: []string{"2.1-10", "2.1-3"}, Story: "connections", Strict: Must, Guide: Unchecked, Needs: KeptOpen,
			After: []string{"STTP-2.1-CONN-001"},
			Talk: `
				> LIST {d}/one
				>> LIST {d}/t
				< 400 {d}/one NOT FOUND
				> wo
				< 400 {d}/two NOT FOUND`,
			Hints: []Hint{
				{NoReply, "the reply waits for the rest of the next line, which the client may send only when it has this reply: flush what is written before you read on"},
				{GotStatus(300), "what came of the next line has to be kept until its LF is there"},
			},
		},
	}
}

// exchange returns a request and what strict answers; both are expanded.
func (t *T) exchange(request string, want ...string) exchange {
	x := exchange{request: t.Expand(request)}
	for _, w := range want {
		x.want = append(x.want, t.Expand(w))
	}
	return x
}

// missing returns n LISTs of directories that are not there. They cost a server
// little, and the reply to each names it.
func (t *T) missing(n int) []exchange {
	xs := make([]exchange, n)
	for i := range xs {
		name := "{d}/" + strings.Repeat("n", 1+i%3) + itoa(i)
		xs[i] = t.exchange("LIST "+name, "400 "+name+" NOT FOUND")
		xs[i].also = []int{410}
	}
	return xs
}

func manyInTurn(t *T) {
	c := t.Dial()
	for i, x := range t.missing(200) {
		c.Send(x.request + "\n")
		got, end := c.Reply(x.request)
		if p := t.problem(x, got, end); p != nil {
			p.Says = fmt.Sprintf("request %d: %s", i+1, p.Says)
			t.FailWith(p)
		}
	}
}

func byTurns(t *T) {
	a, b := t.Dial(), t.Dial()
	for _, x := range t.missing(5) {
		half := len(x.request) / 2
		a.Send(x.request[:half])
		whole := t.exchange("LIST {d}/whole", "400 {d}/whole NOT FOUND")
		whole.also = []int{410}
		b.Send(whole.request + "\n")
		got, end := b.Reply(whole.request)
		t.judge(whole, got, end)
		a.Send(x.request[half:] + "\n")
		got, end = a.Reply(x.request)
		t.judge(x, got, end)
	}
}
