package check

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

// heldReplyCases are of replies that a client does not read at once.
func heldReplyCases() []Case {
	return []Case{
		{
			ID: "STTP-2.2-HOLD-001", Title: "Replies of far more than 64 KiB to requests in one go all come, in order",
			Statements: []string{"2.2-8", "2.1-3"}, Story: "framing", Strict: Should, Guide: Unchecked, Needs: KeptOpen,
			After: []string{"STTP-5.3-SHOW-001", "STTP-2.1-PIPE-001"},
			Run:   muchAtOnce, Accepts: "the reply to each request, in order", Limit: 2 * caseLimit,
			Netcat: `printf 'CREATE /try/a.txt %0160d\n\n' 0 | nc HOST PORT; (yes 'SHOW /try/a.txt' | head -n 2000; echo) | nc HOST PORT | wc -l`,
			Hints: []Hint{
				{NoReply, "a write may take only a part of what it is given: write the rest, too, and send what is held before you answer more"},
				{NotAReply, "a write may take only a part of what it is given: go on where it stopped"},
				{WrongContents, "a write may take only a part of what it is given: go on where it stopped"},
				{CutShort, "a write may take only a part of what it is given: go on where it stopped"},
			},
		},
		{
			ID: "STTP-2.2-HOLD-002", Title: "A client that does not read its replies is not read from, keeps nobody waiting, and gets all of them when it reads",
			Statements: []string{"2.2-9", "2.2-8", "2.1-8", "2.1-3"}, Story: "framing", Strict: Must, Guide: Unchecked, Needs: KeptOpen,
			After: []string{"STTP-2.1-PARALLEL-001", "STTP-2.1-PARALLEL-002", "STTP-2.1-PIPE-002"},
			Run:   readsLate, Accepts: "a stop of reading before 12 MiB, a reply to another client, and then all replies in order", Limit: 3 * caseLimit,
			Netcat: `printf 'CREATE /try/a.txt %0160d\n\n' 0 | nc HOST PORT; yes 'SHOW /try/a.txt' | head -c 100000000 | nc HOST PORT | sleep 60`,
			Hints: []Hint{
				{neverStops, "replies are collected in memory for as long as requests come: write them out before you read on, and let the write wait for the client (in Node.js wait for \"drain\", in asyncio await writer.drain())"},
				{NotServed, "while one client does not read, writing to it must keep only its own goroutine, thread or task waiting"},
				{NotAReply, "a write may take only a part of what it is given: go on where it stopped"},
				{WrongContents, "a write may take only a part of what it is given: go on where it stopped"},
			},
		},
	}
}

// neverStops is the symptom of a server that reads on though nobody reads its
// replies.
const neverStops Symptom = "reads on"

// longest is the longest snippet in bytes: 160 characters of four each.
var longest = strings.Repeat("\U0001F95B", 160)

// shown returns the n-th of requests whose replies are long. Every fiftieth asks
// for something else, so that a reply that is lost or comes twice is seen.
func (t *T) shown(n int) exchange {
	if n%50 == 49 {
		return t.exchange("LIST {d}/"+itoa(n), "400 {d}/"+itoa(n)+" NOT FOUND")
	}
	return t.exchange("SHOW {d}/a.txt", "200 {d}/a.txt OK", longest)
}

// muchAtOnce asks for 1.4 MB.
func muchAtOnce(t *T) {
	t.Want("CREATE {d}/a.txt "+longest, "100 {d}/a.txt CREATED")
	xs := make([]exchange, 2000)
	for i := range xs {
		xs[i] = t.shown(i)
	}
	t.pipeline(t.Dial(), xs)
}

// readsLate sends requests of the size of their replies and reads none, until
// the server reads no more; then it reads all. More than 12 MiB do not fit into
// what systems hold for a connection, unless they are tuned for it.
func readsLate(t *T) {
	const size, most = 700, 12 << 20
	t.Want("CREATE {d}/a.txt "+longest, "100 {d}/a.txt CREATED")
	c := t.Dial()
	c.tcp.SetWriteBuffer(64 << 10)
	line := func(n int) string { return padded(t.shown(n).request, size-1) }
	sent, stopped := t.flood(c, size, most, line)
	if !stopped {
		t.Fail(neverStops, "%d bytes of requests were taken while none of the replies to them was read", sent)
	}
	t.StillServed()
	begun := (sent + size - 1) / size
	rest := ""
	if within := sent % size; within > 0 {
		rest = (line(begun-1) + "\n")[within:]
	}
	t.Note("the client reads now")
	var last sync.WaitGroup
	t.Go(&last, func() { c.Send(rest) })
	defer last.Wait()
	for n := range begun {
		x := t.shown(n)
		got, end := c.Reply(x.request)
		if p := t.problem(x, got, end); p != nil {
			p.Says = fmt.Sprintf("request %d of %d: %s", n+1, begun, p.Says)
			t.FailWith(p)
		}
	}
}

// stall is how long the server must have taken nothing to have stopped reading.
const stall = 300 * time.Millisecond

// flood sends lines of size bytes, LFs included, until the server takes no more
// or the most has been sent. It returns how many bytes were sent.
func (t *T) flood(c *Conn, size, most int, line func(n int) string) (sent int, stopped bool) {
	t.Note("up to %d bytes of requests are sent and no replies are read", most)
	until := t.deadline(2 * caseLimit)
	var piece strings.Builder
	for n := 0; sent < most; {
		piece.Reset()
		for range 64 {
			piece.WriteString(line(n) + "\n")
			n++
		}
		for rest := []byte(piece.String()); len(rest) > 0; {
			if time.Now().After(until) {
				t.Undecided("the server took requests so slowly that it cannot be told whether it would have stopped")
			}
			c.tcp.SetWriteDeadline(t.deadline(stall))
			w, err := c.tcp.Write(rest)
			sent, rest = sent+w, rest[w:]
			switch {
			case err != nil && !errors.Is(err, os.ErrDeadlineExceeded):
				t.Fail(ClosedEarly, "the server ended the connection of a client that did not read yet: %s", plainError(err))
			case err != nil && w == 0:
				t.Note("the server takes no more after %d bytes", sent)
				return sent, true
			}
		}
	}
	return sent, false
}
