package check

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// robustCases are those of clients that are broken or bad. What such a client
// gets itself is asked for in profile strict, where a statement says so; that
// the others are served and the server still does its work, in both.
func robustCases() []Case {
	return slices.Concat(waitingCases(), brokenCases(), junkCases(), floodCases())
}

// stillWorks ends the case unless other clients are answered, and a snippet can
// be made and read.
func stillWorks(t *T) {
	servedSoon(t)
	t.Want("CREATE {d}/after.txt still here", "100 {d}/after.txt CREATED")
	t.Want("SHOW {d}/after.txt", "200 {d}/after.txt OK", "still here")
}

// fewClients is how many silent or slow clients a server has to stand that serves
// connections in parallel at all; more than it has threads in a small pool.
const fewClients = 20

func waitingCases() []Case {
	const accepts = "other clients are answered meanwhile"
	hints := []Hint{{NotServed, "the server waits for one client and nobody else gets anywhere: after accept hand the connection to a goroutine, thread or task of its own, and go back to accept at once"}}
	after := slices.Concat(createAndShow, besideOthers)
	return []Case{
		{
			ID: "STTP-2.1-ROBUST-001", Title: "Twenty clients that send a byte at a time keep no other from being served",
			Statements: []string{"2.1-8", "2.1-3"}, Story: "parallel", Strict: Must, Guide: Must, After: after,
			Accepts: accepts + "; in profile strict each of the twenty is, too, at last", Hints: hints,
			Netcat: `for i in $(seq 20); do ((printf S; sleep 3; printf 'HOW /a.txt\n\n') | nc HOST PORT) & done; sleep 1; printf 'SHOW /a.txt\n\n' | nc HOST PORT`,
			Run:    slowClients,
		},
		{
			ID: "STTP-2.1-ROBUST-002", Title: "Clients that never read their replies keep no other from being served",
			Statements: []string{"2.1-8", "2.1-3", "2.2-9"}, Story: "robustness", Strict: Must, Guide: Robust, After: after,
			Accepts: accepts, Netcat: `(yes 'SHOW /a.txt' | nc HOST PORT | sleep 9) & sleep 1; printf 'SHOW /a.txt\n\n' | nc HOST PORT`,
			Hints: []Hint{{NotServed, "a write to a client that does not read blocks: no lock may be held while replies are written, and nothing that others need may wait for it"}},
			Run:   neverRead,
		},
		{
			ID: "STTP-2.1-ROBUST-003", Title: "A thousand silent connections keep no other from being served",
			Statements: []string{"2.1-8"}, Story: "robustness", Strict: Should, Guide: Robust, After: after,
			Accepts: accepts + ", if necessary after some of the thousand have gone; a server may refuse connections beyond a number of its own",
			Netcat:  `for i in $(seq 1000); do (sleep 9 | nc HOST PORT) & done; sleep 3; printf 'SHOW /a.txt\n\n' | nc HOST PORT`,
			Hints: []Hint{
				{NotServed, "a fixed pool of threads is used up by silent connections, and file descriptors may be, too (ulimit -n): an error of accept must not end the server, and connections need a limit of their own"},
			},
			Run: aThousand, Limit: 15 * time.Second,
		},
	}
}

// silentCrowd opens n silent connections and returns them. If the server or a system
// has a limit, some leave again, so that there is room for another client.
func silentCrowd(t *T, n int) []*Conn {
	open, why := openMany(t, n)
	t.Note("%d silent connections are open", len(open))
	if why == "" {
		return open
	}
	t.Note("%s", why)
	leave := min(len(open), fewClients/4)
	for _, c := range open[:leave] {
		c.Close()
	}
	servedSoon(t)
	return open[leave:]
}

func slowClients(t *T) {
	conns := silentCrowd(t, fewClients)
	line := t.Expand("SHOW {d}/nobody.txt\n")
	for i := range line {
		for _, c := range conns {
			c.Send(line[i : i+1])
		}
		if i%(len(line)/3) == 1 {
			t.StillServed()
		}
	}
	if t.Strict() {
		for _, c := range conns {
			if got, end := c.Reply(line); splitStatusLine(got).status == 0 {
				t.judgeAnyReply(got, end)
			}
		}
	}
	stillWorks(t)
}

// judgeAnyReply ends the case because no reply came where any would do.
func (t *T) judgeAnyReply(got string, end End) {
	p := &Problem{Symptom: NotAReply, Says: "what came is not a reply", Got: got}
	if got == "" {
		p.Symptom = NoReply
		p.blame(end, t.timeout)
	}
	t.FailWith(p)
}

func neverRead(t *T) {
	const clients, most = 5, 16 << 20
	chunk := []byte(strings.Repeat(longRequest(t), 64))
	t.Note("%d clients send requests again and again, and read nothing", clients)
	var sending sync.WaitGroup
	for _, c := range silentCrowd(t, clients) {
		c.tcp.SetReadBuffer(4 << 10)
		c.tcp.SetWriteBuffer(64 << 10)
		c.tcp.SetWriteDeadline(t.deadline(300 * time.Millisecond))
		t.Go(&sending, func() {
			for total := 0; total < most; total += len(chunk) {
				if _, err := c.tcp.Write(chunk); err != nil {
					return // it takes no more
				}
			}
		})
	}
	sending.Wait()
	stillWorks(t)
}

func aThousand(t *T) {
	silentCrowd(t, 1000)
	stillWorks(t)
}

func brokenCases() []Case {
	const half = "a last line without LF may be cut short: answer 300 if the client still reads, and do not carry it out"
	halfLine := []Hint{{Unexpected, half}, {GotStatus(100), half}, {ClosedEarly, half}}
	hints := []Hint{{NotServed, "an error on one connection (connection reset, broken pipe, end of file) must end that connection only: look for an exit, a panic or an unhandled exception"}}
	return []Case{
		{
			ID: "STTP-2.3-ROBUST-001", Title: "Clients that are reset in the middle of a line harm nobody",
			Statements: []string{"2.3-3"}, Story: "robustness", Strict: Must, Guide: Robust, After: createAndShow,
			Accepts: "others are served, and in profile strict nothing of half a line is carried out", Hints: slices.Concat(hints, halfLine),
			Netcat: `printf 'CREATE /try/a.txt hal' | nc -w 0 HOST PORT`,
			Run:    resetInALine,
		},
		{
			ID: "STTP-2.3-ROBUST-002", Title: "Clients that end their side in the middle of a line harm nobody",
			Statements: []string{"2.3-4", "2.3-3"}, Story: "robustness", Strict: Must, Guide: Robust, After: createAndShow,
			Accepts: "others are served, and in profile strict the half line is answered 300 and not carried out", Hints: slices.Concat(hints, halfLine),
			Netcat: `printf 'CREATE /try/a.txt hal' | nc -N HOST PORT`,
			Run:    endInALine,
		},
		{
			ID: "STTP-2.3-ROBUST-003", Title: "A client that is reset right after a change leaves it made as a whole or not at all",
			Statements: []string{"2.3-6", "5.8-1"}, Story: "robustness", Strict: Must, Guide: Robust, After: createAndShow,
			Accepts: "SHOW answers the whole contents, or that there is no such file",
			Netcat:  `printf 'CREATE /try/a.txt Buy milk\n' | nc -w 0 HOST PORT; printf 'SHOW /try/a.txt\n\n' | nc HOST PORT`,
			Hints:   slices.Concat(hints, halfMadeHints),
			Run:     resetAfterChange,
		},
		{
			ID: "STTP-2.3-ROBUST-004", Title: "Clients that are reset while replies are sent to them harm nobody",
			Statements: []string{"2.3-6"}, Story: "robustness", Strict: Robust, Guide: Robust, After: createAndShow,
			Accepts: "others are served", Hints: hints,
			Netcat: `yes 'SHOW /a.txt' | nc HOST PORT | head -c 10; printf 'SHOW /a.txt\n\n' | nc HOST PORT`,
			Run:    resetInAReply,
		},
		{
			ID: "STTP-2.1-ROBUST-004", Title: "Two hundred clients that connect and go at once harm nobody",
			Statements: []string{"2.1-8"}, Story: "robustness", Strict: Robust, Guide: Robust, After: createAndShow,
			Accepts: "others are served", Hints: hints,
			Netcat: `for i in $(seq 200); do nc -z HOST PORT; done; printf 'SHOW /a.txt\n\n' | nc HOST PORT`,
			Run:    connectAndGo,
		},
	}
}

const halfMade = "a client that has gone must not stop a change half-way: write all of it to a file of another name, and rename that"

var halfMadeHints = []Hint{{CutShort, halfMade}, {WrongContents, halfMade}, {MissingContents, halfMade}, {GotStatus(500), halfMade}}

func resetInALine(t *T) {
	for range 30 {
		c := t.Dial()
		c.Send(t.Expand("CREATE {d}/half.txt hal"))
		c.Abort()
	}
	t.sleep(settle) // for a server that takes what it has for a line
	if t.Strict() {
		wantNotThere(t, "{d}/half.txt", "was half a line")
	}
	stillWorks(t)
}

func endInALine(t *T) {
	var conns []*Conn
	for range fewClients {
		c := t.Dial()
		c.Send(t.Expand("CREATE {d}/half.txt hal"))
		c.Shut()
		conns = append(conns, c)
	}
	if t.Strict() {
		for _, c := range conns {
			wantReplies(t, c, "CREATE", refusedReply)
			c.Close()
		}
		wantNotThere(t, "{d}/half.txt", "was half a line")
	}
	stillWorks(t)
}

func resetAfterChange(t *T) {
	contents := strings.Repeat("all-or-nothing.", 10)
	for i := range 20 {
		path := t.Expand("{d}/gone" + string(rune('a'+i)) + ".txt")
		c := t.Dial()
		c.Send("CREATE " + path + " " + contents + "\n")
		if i%2 == 0 {
			t.sleep(time.Millisecond)
		}
		c.Abort()
		got, end := t.Ask("SHOW " + path)
		if status := splitStatusLine(got).status; status != 400 && status != 410 {
			t.Judge("SHOW "+path, got, end, "200 "+path+" OK", contents)
		}
	}
	stillWorks(t)
}

func resetInAReply(t *T) {
	line := t.Expand("SHOW {d}/nobody.txt\n")
	for range fewClients {
		c := t.Dial()
		c.Send(strings.Repeat(line, 500))
		c.tcp.SetReadDeadline(t.deadline(t.timeout))
		c.tcp.Read(make([]byte, 10))
		c.Abort()
	}
	stillWorks(t)
}

func connectAndGo(t *T) {
	for i := range 200 {
		c, err := t.TryDial()
		if err != nil {
			t.Fail(NotServed, "after %d clients that connected and went at once another gets no connection: %s", i, plainError(err))
		}
		if i%2 == 0 {
			c.Close()
		} else {
			c.Abort()
		}
		if i%4 == 3 {
			// The queue of connections that wait to be accepted may be short.
			t.StillServed()
		}
	}
	stillWorks(t)
}
