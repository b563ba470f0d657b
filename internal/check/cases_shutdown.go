package check

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

// stopTime is how long a server may take that is told to stop: the 10 seconds
// that [2.6-7] recommends, and a little for the way.
var stopTime = 10500 * time.Millisecond

// shutdownCases are about a server that is told to stop.
func shutdownCases() []Case {
	return []Case{
		{
			ID: "STTP-2.6-STOP-001", Title: "A server that is told to stop by SIGTERM leaves within 10 seconds",
			Statements: []string{"2.6-7"}, Story: "shutdown", Strict: Should, Guide: Should, Needs: Exec, Limit: execLimit, Run: stops,
			Accepts: "any exit state", Netcat: "kill PID",
			Hints: []Hint{{Unexpected, "on SIGTERM close the listener, wake what waits on connections (with a deadline that has passed), wait for them with a limit, and return from main"}},
		},
		{
			ID: "STTP-2.6-STOP-002", Title: "A server that is told to stop leaves within 10 seconds though clients stay",
			Statements: []string{"2.6-7"}, Story: "shutdown", Strict: Should, Guide: Should, Needs: Exec, Limit: execLimit, After: []string{"STTP-2.6-STOP-001"}, Run: stopsWithClients,
			Accepts: "any exit state, while one client is silent, one has sent half a line and one has not read its reply", Netcat: "nc HOST PORT & kill PID",
			Hints: []Hint{{Unexpected, "whoever waits for its clients to go may wait for ever: close their connections when you stop, at the latest after some seconds"}},
		},
		{
			ID: "STTP-2.6-STOP-003", Title: "A server that is told to stop answers the lines that have arrived, and then closes",
			Statements: []string{"2.6-6", "2.1-3"}, Story: "shutdown", Strict: Must, Needs: Exec, Limit: execLimit, Run: stopAnswers,
			Accepts: "all replies, in order, and then the end; also if the client reads only after some time", Netcat: `(for i in $(seq 100); do printf "CREATE /try/$i.txt Buy milk\n"; done; sleep 1) | nc HOST PORT & kill PID`,
			Hints: []Hint{
				{ClosedEarly, "let each connection answer what it has read, and what is there to be read without waiting, before it is closed; and let main wait for all of them"},
				{WasReset, "let each connection answer what it has read, and what is there to be read without waiting, before it is closed; and let main wait for all of them"},
				{NoReply, "let each connection answer what it has read, and what is there to be read without waiting, before it is closed"},
			},
		},
		{
			ID: "STTP-2.6-STOP-004", Title: "A server that is told to stop closes silent connections without a word and accepts no more",
			Statements: []string{"2.6-6"}, Story: "shutdown", Strict: Must, Needs: Exec, Limit: execLimit, Run: stopClosesSilent,
			Accepts: "the end of the connection; a new one is refused, or closed", Netcat: "nc HOST PORT & kill PID",
			Hints: []Hint{{WasReset, "close the connections in order before the program ends"}, {ExtraBytes, "a client that has asked nothing is told nothing"}},
		},
		{
			ID: "STTP-2.6-STOP-005", Title: "A server that is told to stop does not carry out half a line",
			Statements: []string{"2.6-9"}, Story: "shutdown", Strict: Must, Needs: Exec, Limit: execLimit, Run: stopAndHalfALine,
			Accepts: "300 or 500 with - for the path, or no reply; the file is as before, also if the rest of the line comes later", Netcat: `(printf 'UPDATE /try/a.txt Buy oat'; sleep 1) | nc HOST PORT & kill PID`,
			Hints: []Hint{{Unexpected, "what has been read when the server stops is a request only if its LF was there"}},
		},
		{
			ID: "STTP-5.9-STOP-001", Title: "Everything acknowledged before a server was told to stop is there when it starts again",
			Statements: []string{"5.9-1"}, Story: "shutdown", Strict: Must, Guide: Must, Needs: Exec, Limit: execLimit, Run: stopLosesNothing,
			Accepts: "for each file the contents of its last acknowledged change, or of the one that was under way", Netcat: `printf 'CREATE /try/a.txt Buy milk\n\n' | nc HOST PORT; kill PID # start the server again; then: printf 'SHOW /try/a.txt\n\n' | nc HOST PORT`,
			Hints: []Hint{{Unexpected, "a change has to be in its file before it is answered, not only in memory"}, {DoesNotStart, "a server has to start on the docroot that it has left"}},
		},
	}
}

// wantStop tells the server to stop, and ends the case unless it does.
func (t *T) wantStop(p *Process) {
	t.Note("the server is told to stop (SIGTERM)")
	took, state, ended := p.Terminate(stopTime)
	if !ended {
		t.Fail(Unexpected, "the server still runs %v after SIGTERM", took.Round(time.Second))
	}
	t.Note("it has ended after %v: %s", took.Round(time.Millisecond), state)
}

func stops(t *T) {
	p := t.Process()
	t.TryAsk("SHOW " + t.dir + "/nobody.txt")
	t.wantStop(p)
}

func stopsWithClients(t *T) {
	p := t.Process()
	t.Dial()
	half := t.Dial()
	half.Send("SHOW " + t.dir + "/no")
	unread := t.Dial()
	unread.Send("SHOW " + t.dir + "/nobody.txt\n")
	t.TryAsk("SHOW " + t.dir + "/nobody.txt") // the server has got to know them by then
	t.wantStop(p)
}

// stopping tells the server to stop, and returns what waits for its end.
func (t *T) stopping(p *Process) (wait func() bool) {
	t.Note("the server is told to stop (SIGTERM)")
	var waiting sync.WaitGroup
	ended := false
	t.Go(&waiting, func() { _, _, ended = p.Terminate(stopTime) })
	wait = func() bool {
		waiting.Wait()
		return ended
	}
	t.Cleanup(func() { wait() })
	return wait
}

// known returns a connection that the server has accepted: it has answered a
// request on it.
func (t *T) known() *Conn {
	c := t.Dial()
	line := "SHOW " + t.dir + "/nobody.txt"
	c.Send(line + "\n")
	if got, _ := c.Reply(line); got == "" {
		t.Untested("no reply came")
	}
	return c
}

// stopLines is how many lines are sent at once to a server that is told to
// stop then.
const stopLines = 100

func stopAnswers(t *T) {
	p := t.Process()
	for _, pause := range []time.Duration{0, 200 * time.Millisecond} {
		dir := fmt.Sprintf("%s/%v", t.dir, pause)
		c := t.known()
		var lines strings.Builder
		for i := range stopLines {
			fmt.Fprintf(&lines, "CREATE %s/%d.txt Buy milk\n", dir, i)
		}
		c.Send(lines.String())
		wait := t.stopping(p)
		t.sleep(pause)
		for i := range stopLines {
			line := fmt.Sprintf("CREATE %s/%d.txt Buy milk", dir, i)
			got, end := c.Reply(line)
			t.Judge(line, got, end, fmt.Sprintf("100 %s/%d.txt CREATED", dir, i))
		}
		t.WantEnd(c)
		c.Close()
		if !wait() {
			t.Undecided("the server did not end")
		}
		t.StartAgain(p)
	}
}

func stopClosesSilent(t *T) {
	p := t.Process()
	line := "SHOW " + t.dir + "/nobody.txt"
	never := t.Dial()
	once := t.known() // by then the server knows the other one, too
	wait := t.stopping(p)
	for _, c := range []*Conn{never, once} {
		got, end := c.Rest(stopTime)
		switch {
		case got != "":
			t.FailWith(&Problem{Symptom: ExtraBytes, Says: "something comes that nobody asked for", Got: got})
		case end == Open:
			t.Fail(StaysOpen, "the connection is still open %v after SIGTERM", stopTime)
		case end == Reset:
			t.Fail(WasReset, "the connection was reset")
		}
		c.Close()
	}
	if got, _, err := t.TryAsk(line); err == nil && got != "" {
		t.FailWith(&Problem{Symptom: Unexpected, Says: "a new connection is served after SIGTERM, when others have been closed", Got: got})
	}
	if !wait() {
		t.Undecided("the server did not end")
	}
}

func stopAndHalfALine(t *T) {
	p := t.Process()
	t.Want("CREATE {d}/a.txt old contents", "100 {d}/a.txt CREATED")
	t.Want("CREATE {d}/b.txt old contents", "100 {d}/b.txt CREATED")
	late, never := t.Dial(), t.Dial()
	late.Send("UPDATE " + t.dir + "/a.txt new")
	never.Send("UPDATE " + t.dir + "/b.txt new")
	t.Want("SHOW {d}/a.txt", "200 {d}/a.txt OK", "old contents") // the halves have come by then
	address := p.Address()
	wait := t.stopping(p)
	t.refused(address)
	late.Send(" contents\n")
	for _, c := range []*Conn{late, never} {
		got, _ := c.Rest(stopTime)
		if got != "" && !matches("300 - CLIENT ERROR "+anyMessage+"\n", got) && !matches("500 - SERVER ERROR "+anyMessage+"\n", got) {
			t.FailWith(difference("300 - CLIENT ERROR "+anyMessage+"\n", got))
		}
		c.Close()
	}
	if !wait() {
		t.Undecided("the server did not end")
	}
	t.StartAgain(p)
	for _, name := range []string{"a.txt", "b.txt"} {
		if got, _ := t.Ask("SHOW {d}/" + name); strings.Contains(got, "\nnew") {
			t.FailWith(&Problem{Symptom: Unexpected, Says: "half a line was carried out", Expected: t.Expand("200 {d}/" + name + " OK\nold contents\n"), Got: got})
		}
		t.Want("SHOW {d}/"+name, "200 {d}/"+name+" OK", "old contents")
	}
}

// refused waits until nobody listens at an address, at most for half a second:
// then the server knows that it is to stop.
func (t *T) refused(address string) {
	for range 100 {
		c, err := net.DialTimeout("tcp", address, t.timeout)
		if err != nil {
			return
		}
		c.Close()
		t.sleep(5 * time.Millisecond)
	}
}

func stopLosesNothing(t *T) {
	p := t.Process()
	ledgers := fourLedgers()
	ended := false
	t.storm(ledgers, func() { _, _, ended = p.Terminate(stopTime) })
	if !ended {
		t.Untested("the server did not end within %v of SIGTERM", stopTime)
	}
	t.StartAgain(p)
	for _, l := range ledgers {
		t.check(l)
	}
}
