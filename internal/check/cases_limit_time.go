package check

import (
	"errors"
	"os"
	"strings"
	"time"
)

// What cases wait for of the server's time limits, and how much later than its
// time a server may act.
const (
	longestWait = 15 * time.Second
	lateness    = 3 * time.Second
	timeLimit   = longestWait + lateness + 4*time.Second // of a case
)

// besideOthers are cases without which one that holds a connection for long
// says nothing, and only keeps others waiting.
var besideOthers = []string{"STTP-2.1-PARALLEL-001", "STTP-2.1-PARALLEL-002", "STTP-2.1-PARALLEL-004"}

func timeCases() []Case {
	const accepts = `300 - CLIENT ERROR "…" and an orderly end, at the latest 3 seconds after the server's time for a line`
	return []Case{
		{
			ID: "STTP-2.6-TIME-001", Title: "A byte now and then does not extend the time for a line",
			Statements: []string{"2.6-3", "2.6-4"}, Story: "robustness", Strict: Must,
			Accepts: accepts, Netcat: `(for i in $(seq 14); do printf x; sleep 1; done) | nc HOST PORT`,
			Hints: []Hint{{StaysOpen, "a deadline that is renewed with every read never comes for a client that drips: set it once, when the first byte of a line arrives"}},
			Run:   drippedLine, Slow: true, Limit: timeLimit, After: besideOthers,
		},
		{
			ID: "STTP-2.6-TIME-002", Title: "A line that is not complete in time is answered 300 with - and ends the connection",
			Statements: []string{"2.6-4", "2.6-3", "2.4-3"}, Story: "robustness", Strict: Must,
			Accepts: accepts + "; the rest of the line is not taken any more", Netcat: `(printf 'SHOW /a'; sleep 14) | nc HOST PORT`,
			Hints: []Hint{
				{StaysOpen, "half a line holds a buffer: set a read deadline when its first byte arrives"},
				{ClosedEarly, "silence before a line is ended without a word, but half a line gets its 300"},
				{GotStatus(100), "what has come when the time is over is no line: it has no LF, and may be cut short"},
				{WrongPath, "the path of half a line may be cut short, so this 300 has - for it"},
			},
			Run: lateLine, Slow: true, Limit: timeLimit, After: besideOthers,
		},
		{
			ID: "STTP-2.6-TIME-003", Title: "The time for a line begins with its first byte, not with the connection or the last reply",
			Statements: []string{"2.6-3"}, Story: "robustness", Strict: Should,
			Accepts: "a line that takes half its time is answered, though it is complete only when more than its time has passed since the connection began",
			Netcat:  `(sleep 7; printf 'X /a'; sleep 5; printf '.txt\n\n') | nc HOST PORT`,
			Hints:   []Hint{{GotStatus(300), "the time for a line begins with its first byte; what was before that is silence, which may last minutes"}},
			Run:     timeFromFirstByte, Slow: true, Limit: timeLimit, After: besideOthers,
		},
		{
			ID: "STTP-2.6-IDLE-001", Title: "A silent connection is sent nothing, and if it is closed then without a word",
			Statements: []string{"2.6-2", "2.1-9"}, Story: "robustness", Strict: Must,
			Accepts: "nothing, on a new connection and after a reply, for as long as the run can watch", Netcat: `sleep 12 | nc HOST PORT`,
			Hints: []Hint{{ExtraBytes, "the time for a line begins with its first byte; where no byte of one has come, close without a word"}},
			Run:   silentOnes, Slow: true, Limit: timeLimit, After: besideOthers,
		},
		{
			ID: "STTP-2.6-IDLE-002", Title: "A connection that is silent for too long is closed",
			Statements: []string{"2.6-1"}, Story: "robustness", Strict: Should,
			Accepts: "the end of the connection, at the latest 3 seconds after the server's time for silence", Netcat: `sleep 600 | nc HOST PORT`,
			Hints: []Hint{{StaysOpen, "set a read deadline also for the wait for the next line (5 minutes), or forgotten connections add up"}},
			Run:   closedForSilence, Slow: true, Limit: timeLimit, After: besideOthers,
		},
		{
			ID: "STTP-2.6-READ-001", Title: "A client that does not take its replies is closed",
			Statements: []string{"2.6-5"}, Story: "robustness", Strict: Should,
			Accepts: "the server stops reading, and closes within 15 seconds (10 seconds for each 64 KiB are recommended)",
			Netcat:  `yes 'X /a.txt' | nc HOST PORT | sleep 20`,
			Hints: []Hint{
				{StaysOpen, "a write to a client that does not read waits for ever: set a write deadline before each write"},
				{Unexpected, "replies pile up in the server's memory: do not read the next request before the replies to the last ones are written"},
			},
			Run: takesNothing, Slow: true, Limit: timeLimit, After: besideOthers,
		},
	}
}

// lineTime returns the server's time for a line, if the run can wait for it.
func (t *T) lineTime() time.Duration {
	if limit := t.run.opts.LineTime; limit <= longestWait {
		return limit
	}
	t.Untested("the server's %v for a line are too long to wait for: start it with at most %v, and tell the checker so with --line-time", t.run.opts.LineTime, longestWait)
	return 0
}

// notFull ends a case that holds a connection for long if it has got none: a
// case beside it may have taken all that the server has.
func notFull(t *T, got string) {
	if t.c.Slow && strings.HasPrefix(got, "500 - SERVER ERROR ") {
		t.Undecided("the server had no connection left")
	}
}

// overdueLine judges what came of a line that was never completed.
func overdueLine(t *T, request, got string, end End, waited time.Duration) {
	notFull(t, got)
	if got == "" && end == Open {
		t.Fail(StaysOpen, "the server still waits for the rest of a line whose first byte came %v ago", waited.Round(time.Second))
	}
	t.Judge(request, got, end, refusedReply)
	wantOrder(t, end)
}

func drippedLine(t *T) {
	limit := t.lineTime()
	pause := min(time.Second, limit/8)
	c := t.Dial()
	began, got, end := time.Now(), "", Open
	for time.Since(began) < limit+lateness && end == Open {
		if got == "" {
			c.Send("x")
		}
		var more string
		more, end = c.Rest(pause)
		got += more
	}
	overdueLine(t, "x", got, end, time.Since(began))
}

func lateLine(t *T) {
	limit := t.lineTime()
	c := t.Dial()
	c.Send(t.Expand("X {d}/first.txt\n"))
	got, end := c.Reply("X")
	notFull(t, got)
	t.Judge("X", got, end, t.Expand(`300 {d}/first.txt CLIENT ERROR "…"`))
	began := time.Now()
	half := t.Expand("CREATE {d}/late.txt half a")
	c.Send(half)
	got, end = c.Rest(limit + lateness)
	overdueLine(t, half, got, end, time.Since(began))
	c.Send(" line\n")
	t.sleep(settle)
	c.Close()
	wantNotThere(t, "{d}/late.txt", "was not complete in time")
}

func timeFromFirstByte(t *T) {
	limit := t.lineTime()
	if t.run.opts.IdleTime < limit {
		t.Untested("the server closes a silent connection before the time for a line is over")
	}
	c := t.Dial()
	if got, end := c.Rest(limit * 7 / 10); got != "" || end != Open {
		notFull(t, got)
		t.Untested("the connection ended, or something came, before a line was begun")
	}
	line := t.Expand("X {d}/a.txt\n")
	c.Send(line[:4])
	got, end := c.Rest(limit / 2)
	if got == "" && end == Open {
		c.Send(line[4:])
		got, end = c.Reply(line)
	}
	t.Judge(line, got, end, t.Expand(`300 {d}/a.txt CLIENT ERROR "…"`))
}

func silentOnes(t *T) {
	watch := min(11*time.Second, t.run.opts.IdleTime+lateness)
	until := time.Now().Add(watch)
	fresh, used := t.Dial(), t.Dial()
	line := t.Expand("X {d}/a.txt\n")
	used.Send(line)
	got, end := used.Reply(line)
	notFull(t, got)
	t.Judge(line, got, end, t.Expand(`300 {d}/a.txt CLIENT ERROR "…"`))
	for _, c := range []*Conn{fresh, used} {
		// What came in the meantime is there, however short the wait is now.
		got, _ := c.Rest(max(time.Until(until), settle))
		notFull(t, got)
		if got != "" {
			t.FailWith(&Problem{Symptom: ExtraBytes, Says: "something was sent on a connection on which no request was under way", Got: got})
		}
	}
}

func closedForSilence(t *T) {
	idle := t.run.opts.IdleTime
	if idle > longestWait {
		t.Untested("the server lets a connection be silent for %v, which is too long to wait for: start it with at most %v, and tell the checker so with --idle-time", idle, longestWait)
	}
	c := t.Dial()
	got, end := c.Rest(idle + lateness)
	notFull(t, got)
	if end == Open {
		t.Fail(StaysOpen, "a connection that was silent for %v is still open", idle+lateness)
	}
}

// takesNothing sends requests with long replies and reads none of these, until
// the server closes.
func takesNothing(t *T) {
	const most = 64 << 20 // far more than all that two systems keep in their buffers
	c := t.Dial()
	c.tcp.SetReadBuffer(4 << 10)
	c.tcp.SetWriteBuffer(64 << 10)
	line := longRequest(t)
	chunk := []byte(strings.Repeat(line, 64))
	t.Note("the client sends %.20q… again and again, and reads nothing", line)
	c.tcp.SetWriteDeadline(t.deadline(longestWait))
	for total := 0; total < most; total += len(chunk) {
		_, err := c.tcp.Write(chunk)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fail(StaysOpen, "a client that has taken nothing for %v still has its connection", longestWait)
		}
		if err != nil {
			return
		}
	}
	t.Fail(Unexpected, "the server has read %d MiB of requests from a client that took none of the replies", most>>20)
}

// longRequest returns a line that costs a server little and has a long reply,
// since its 300 repeats the path.
func longRequest(t *T) string {
	return t.Expand("X {d}" + strings.Repeat("/"+strings.Repeat("x", 200), 4) + "/a.txt\n")
}
