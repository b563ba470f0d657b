package check

import (
	"slices"
	"strings"
	"time"
)

// limitCases are those of sections 2.4 to 2.6: closing, browsers, time limits.
// The guide says nothing of these, so they are part of profile strict only.
func limitCases() []Case {
	return slices.Concat(lingerCases(), nothingAfterCases(), methodCases(), browserCases(), timeCases(), fullCases())
}

// refusedReply is the reply to what ends a connection; lineTooLong is a line that does.
const refusedReply = `300 - CLIENT ERROR "…"`

var lineTooLong = "SHOW /" + strings.Repeat("x", 8193)

// Cases that look at what was stored say nothing without these.
var createAndShow = []string{"STTP-5.2-CREATE-001", "STTP-5.3-SHOW-001"}

func lingerCases() []Case {
	const (
		accepts = "the 300 arrives whole, and then the server's end of the connection, without a reset"
		netcat  = `(head -c 40000 /dev/zero | tr '\0' x; sleep 0.2; echo more) | nc HOST PORT`
	)
	empty := "X /a.txt\n\n"
	return []Case{
		{
			ID: "STTP-2.4-LINGER-001", Title: "A client that is still sending behind too long a line gets the 300, and no reset",
			Statements: []string{"2.4-1", "2.2-5"}, Story: "robustness", Strict: Must,
			Accepts: accepts, Netcat: netcat, Hints: lingerHints,
			Run: lingers(lineTooLong, refusedReply, sendMore),
		},
		{
			ID: "STTP-2.4-LINGER-002", Title: "A client that is still sending behind an empty line gets all replies, and no reset",
			Statements: []string{"2.4-1", "2.3-1"}, Story: "robustness", Strict: Must,
			Accepts: accepts, Netcat: `(printf 'X /a.txt\n\n'; sleep 0.2; echo more; sleep 0.2; echo more) | nc HOST PORT`, Hints: lingerHints,
			Run: lingers(empty, `300 /a.txt CLIENT ERROR "…"`, sendMore),
		},
		{
			ID: "STTP-2.4-LINGER-003", Title: "A browser that is still sending its request gets the 300, and no reset",
			Statements: []string{"2.4-1", "2.5-1"}, Story: "robustness", Strict: Must,
			Accepts: accepts, Netcat: `(printf 'POST / HTTP/1.1\r\n'; sleep 0.2; echo more; sleep 0.2; echo more) | nc HOST PORT`, Hints: lingerHints,
			Run: lingers("POST / HTTP/1.1\r\n", refusedReply, sendMore),
		},
		{
			ID: "STTP-2.4-LINGER-004", Title: "The 300 to too long a line arrives though 32 KiB more came with the line",
			Statements: []string{"2.4-1", "2.4-2"}, Story: "robustness", Strict: Should,
			Accepts: accepts, Netcat: netcat, Hints: lingerHints,
			Run: lingers(lineTooLong, refusedReply, sendMuch),
		},
		{
			ID: "STTP-2.4-LINGER-005", Title: "The replies before an empty line arrive though 32 KiB more came with it",
			Statements: []string{"2.4-1", "2.4-2"}, Story: "robustness", Strict: Should,
			Accepts: accepts, Netcat: `(printf 'X /a.txt\n\n'; head -c 32768 /dev/zero) | nc HOST PORT`, Hints: lingerHints,
			Run: lingers(empty, `300 /a.txt CLIENT ERROR "…"`, sendMuch),
		},
		{
			ID: "STTP-2.4-LINGER-006", Title: "The 300 to a browser arrives though 32 KiB more came with its request",
			Statements: []string{"2.4-1", "2.4-2"}, Story: "robustness", Strict: Should,
			Accepts: accepts, Netcat: `(printf 'POST / HTTP/1.1\r\n'; head -c 32768 /dev/zero) | nc HOST PORT`, Hints: lingerHints,
			Run: lingers("POST / HTTP/1.1\r\n", refusedReply, sendMuch),
		},
		{
			ID: "STTP-2.4-LINGER-007", Title: "A refused client cannot make the server read 32 MiB more",
			Statements: []string{"2.4-2"}, Story: "robustness", Strict: Must,
			Accepts: "the server closes, or reads no more, before 32 MiB have come (64 KiB are recommended)",
			Netcat:  `(printf 'GET / HTTP/1.1\r\n'; head -c 33554432 /dev/zero) | nc HOST PORT`,
			Hints:   []Hint{{StaysOpen, "after a refusal count what is read and dropped, and close for good at 64 KiB"}},
			Run:     lingersForBytes,
		},
		{
			ID: "STTP-2.4-LINGER-008", Title: "A refused client cannot keep its connection by sending a byte now and then",
			Statements: []string{"2.4-2"}, Story: "robustness", Strict: Should,
			Accepts: "the server lets go within 12 seconds (1 second is recommended)",
			Netcat:  `(printf 'GET / HTTP/1.1\r\n'; for i in 1 2 3 4 5 6; do sleep 2; echo x; done) | nc HOST PORT`,
			Hints:   []Hint{{StaysOpen, "set one deadline when the lingering begins (1 second), and do not renew it with every read"}},
			Run:     lingersForTime, Slow: true, Limit: 16 * time.Second, After: besideOthers,
		},
	}
}

var lingerHints = []Hint{
	{WasReset, "a program that closes a socket with unread bytes, or to which more is sent, causes a reset: end the sending side (shutdown, CloseWrite), read and drop what comes for a second at most, then close"},
	{StaysOpen, "here the connection is over: end the sending side as soon as the reply is sent, not only when the client has gone"},
	{ExtraBytes, "here the connection is over: what comes behind is read and dropped, and not answered"},
	{WrongPath, "this 300 repeats nothing: its path is always -"},
	{NoReply, "refuse a line as soon as 8,193 bytes without an LF have come, and a browser after its first line: do not wait for more"},
}

// lingers returns a case that sends ending and then more, and wants one reply
// and an orderly end.
func lingers(ending, want string, more func(*Conn, string) error) func(*T) {
	return func(t *T) {
		c := t.Dial()
		err := more(c, ending)
		wantReplies(t, c, ending, want)
		if err != nil {
			t.Fail(WasReset, "the server reset the connection while the client was still sending: %s", plainError(err))
		}
	}
}

// wantReplies ends the case unless these replies come, each of one line, then
// nothing more, and the orderly end of the connection.
func wantReplies(t *T, c *Conn, request string, want ...string) {
	for _, w := range want {
		got, end := c.Reply(request)
		notFull(t, got)
		t.Judge(request, got, end, w)
	}
	got, end := c.Rest(t.timeout)
	if got != "" {
		t.FailWith(&Problem{Symptom: ExtraBytes, Says: "something comes behind the reply that ends the connection", Got: got})
	}
	wantOrder(t, end)
}

// wantOrder ends the case unless the connection has come to an orderly end.
func wantOrder(t *T, end End) {
	switch end {
	case Open:
		t.Fail(StaysOpen, "the server has not closed the connection within %v of its reply", t.timeout)
	case Reset:
		t.Fail(WasReset, "the reply is followed by a reset instead of an orderly end")
	}
}

// sendMore sends ending, and 1 KiB behind it eight times, while the server
// answers and closes.
func sendMore(c *Conn, ending string) error {
	if err := c.Send(ending); err != nil {
		return err
	}
	for range 8 {
		if err := c.t.sleep(5 * time.Millisecond); err != nil {
			return err
		}
		if err := c.Send(strings.Repeat("y", 1<<10)); err != nil {
			return err
		}
	}
	return nil
}

// sendMuch sends ending and 32 KiB behind it at once.
func sendMuch(c *Conn, ending string) error {
	return c.Send(ending + strings.Repeat("y", 32<<10))
}

func lingersForBytes(t *T) {
	c := refusedBrowser(t)
	t.Note("the client sends up to 32 MiB behind it")
	c.tcp.SetWriteDeadline(t.deadline(t.timeout))
	chunk := make([]byte, 64<<10)
	for range 32 << 20 / len(chunk) {
		if _, err := c.tcp.Write(chunk); err != nil {
			return // the server has let go, or takes no more
		}
	}
	t.Fail(StaysOpen, "the server has read 32 MiB from a client that it had refused, and still reads on")
}

func lingersForTime(t *T) {
	const patience = 12 * time.Second
	c := refusedBrowser(t)
	t.Note("the client goes on sending a byte four times a second")
	for range patience / (250 * time.Millisecond) {
		c.tcp.SetWriteDeadline(t.deadline(t.timeout))
		if _, err := c.tcp.Write([]byte("x")); err != nil {
			return
		}
		t.sleep(250 * time.Millisecond)
	}
	t.Fail(StaysOpen, "the server still holds the connection of a client that it has refused %v ago", patience)
}

// refusedBrowser returns a connection on which the server has refused HTTP and
// ended its side.
func refusedBrowser(t *T) *Conn {
	c := t.Dial()
	c.Send("GET / HTTP/1.1\r\n")
	wantReplies(t, c, "GET / HTTP/1.1", refusedReply)
	return c
}

// nothingAfterCases show [2.4-3] for each thing that ends a connection, but for
// the time limit, which timeCases have.
func nothingAfterCases() []Case {
	const accepts = "the replies up to the end of the session, and no file that a line behind it names"
	hints := []Hint{
		{ExtraBytes, "the session is over at that line: leave the loop, and drop what is behind it in the buffer"},
		{WrongPath, "a 300 that ends the connection repeats nothing: its path is always -"},
		{StaysOpen, "the session is over at that line: leave the loop, end the sending side and close"},
		{Unexpected, "the session is over at that line: leave the loop, and drop what is behind it in the buffer and what comes later"},
	}
	record := func(number, title, statement, ending, netcat string, want ...string) Case {
		return Case{
			ID: "STTP-2.4-AFTER-" + number, Title: title,
			Statements: []string{"2.4-3", statement}, Story: "robustness", Strict: Must, After: createAndShow,
			Accepts: accepts, Hints: hints, Netcat: "printf '" + netcat + `CREATE /try/a.txt x\n' | nc HOST PORT; printf 'SHOW /try/a.txt\n\n' | nc HOST PORT`,
			Run: nothingAfter(ending, want...),
		}
	}
	return []Case{
		record("001", "Nothing that comes after an empty line is carried out", "2.3-1",
			"X {d}/no.txt\n\n", `X /no.txt\n\n`, `300 {d}/no.txt CLIENT ERROR "…"`),
		record("002", "Nothing that comes after too long a line is carried out", "2.2-5",
			lineTooLong+"\n", `SHOW /%08200d\n`, refusedReply),
		record("003", "Nothing that comes after the first line of a browser is carried out", "2.5-1",
			"POST / HTTP/1.1\r\n", `POST / HTTP/1.1\r\n`, refusedReply),
		record("004", "Nothing that comes after a Host: line is carried out", "2.5-2",
			"X {d}/no.txt\nHost: localhost\r\n", `X /no.txt\nHost: localhost\r\n`, `300 {d}/no.txt CLIENT ERROR "…"`, refusedReply),
	}
}

// nothingAfter returns a case that sends ending and changes behind it, at once
// and when the connection is over.
func nothingAfter(ending string, want ...string) func(*T) {
	return func(t *T) {
		c := t.Dial()
		ending, replies := t.Expand(ending), make([]string, len(want))
		for i, w := range want {
			replies[i] = t.Expand(w)
		}
		c.Send(ending + t.Expand("CREATE {d}/behind.txt x\n"))
		wantReplies(t, c, ending, replies...)
		// It may be that this cannot be sent any more. Then nobody carries it out.
		c.Send(t.Expand("CREATE {d}/later.txt x\n"))
		t.sleep(settle)
		c.Close()
		wantNotThere(t, "{d}/behind.txt", "came behind what ends the connection")
		wantNotThere(t, "{d}/later.txt", "came after the server had closed its side")
	}
}

// wantNotThere ends the case if the file exists: its CREATE, which came as how
// says, has been carried out.
func wantNotThere(t *T, path, how string) {
	path = t.Expand(path)
	got, _, err := t.TryAsk("SHOW " + path)
	for until := t.deadline(t.timeout); err != nil && time.Now().Before(until); {
		t.sleep(settle)
		got, _, err = t.TryAsk("SHOW " + path)
	}
	switch splitStatusLine(got).status {
	case 200:
		t.Fail(Unexpected, "CREATE %s was carried out, though it %s", path, how)
	case 0:
		t.Untested("no reply to SHOW %s, so nobody knows whether it is there", path)
	}
}
