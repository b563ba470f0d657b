package check

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

func fullCases() []Case {
	return []Case{{
		ID: "STTP-2.6-FULL-001", Title: "A connection too many is told so with a 500, and served when others have gone",
		Statements: []string{"2.6-8", "2.4-1"}, Story: "robustness", Strict: Should,
		Accepts: `500 - SERVER ERROR "…" without a request and an orderly end, if the server refuses any of 1,100 connections`,
		Netcat:  `for i in $(seq 1100); do (sleep 5 | nc HOST PORT) & done; sleep 1; nc HOST PORT </dev/null`,
		Hints: []Hint{
			{ClosedEarly, "accept the connection, write the 500, end the sending side, and only then close"},
			{WasReset, "a client that sends its request at once causes a reset if it is closed at once: end the sending side, read what has come, then close"},
			{NotServed, "count a connection as gone when it has been closed, whichever way it ended"},
		},
		Run: tooMany, Limit: 12 * time.Second,
	}}
}

// manyConnections is as many as a case opens; dialledTogether is how many at a time.
const (
	manyConnections = 1100
	dialledTogether = 50
)

// openMany opens up to n silent connections. It stops at the first ones that
// the server refuses, or that cannot be had, and returns those that are open,
// and in a sentence why there are no more.
func openMany(t *T, n int) (open []*Conn, why string) {
	for len(open) < n && why == "" {
		var batch []*Conn
		for range min(dialledTogether, n-len(open)) {
			c, err := t.TryDialOneOf()
			if err != nil {
				why = "no further connection could be had: " + plainError(err)
				break
			}
			batch = append(batch, c)
		}
		stay := stillOpen(t, batch, settle/2)
		if len(stay) < len(batch) && why == "" {
			why = "the server refuses more"
		}
		open = append(open, stay...)
	}
	return open, why
}

// stillOpen watches the connections for a while, and returns those on which
// nothing has come. It closes the others.
func stillOpen(t *T, conns []*Conn, wait time.Duration) (open []*Conn) {
	quiet := make([]bool, len(conns))
	var watching sync.WaitGroup
	for i, c := range conns {
		t.Go(&watching, func() {
			got, end := c.Rest(wait)
			quiet[i] = got == "" && end == Open
		})
	}
	watching.Wait()
	for i, c := range conns {
		if quiet[i] {
			open = append(open, c)
		} else {
			c.Close()
		}
	}
	return open
}

func tooMany(t *T) {
	open, why := openMany(t, manyConnections)
	t.Note("%d silent connections are open at once", len(open))
	if why == "" {
		t.Chose("none of %d connections is refused", len(open))
	}
	if why != "the server refuses more" {
		t.Chose("%d connections are open; %s", len(open), why)
	}
	refused, unheard := 0, Open
	for tries := 0; refused < 3 && tries < 12; tries++ {
		// The ones refused so far were a flood, and may have been closed without a
		// word. This one is not, as soon as the server has noticed their going.
		t.sleep(2 * settle)
		c := t.Dial()
		got, end := callAtFull(t, c, refused > 0)
		switch {
		case got != "":
			t.Judge("", got, end, `500 - SERVER ERROR "…"`)
			wantOrder(t, end)
			refused++
			c.Close()
		case end == Open:
			open = append(open, c) // in the place of one that has gone
		default:
			unheard = end
		}
	}
	if refused == 0 && unheard != Open {
		t.Judge("", "", unheard, `500 - SERVER ERROR "…"`)
	}
	for _, c := range open {
		c.Close()
	}
	servedSoon(t)
	if refused == 0 {
		t.Chose("connections ended while many were opened, but with %d open one more is not refused", len(open))
	}
}

// callAtFull returns what a connection to a full server gets. If it speaks it
// sends a request at once, which must not cost it the reply.
func callAtFull(t *T, c *Conn, speaks bool) (string, End) {
	if speaks {
		c.Send(t.Expand("SHOW {d}/nobody.txt\n"))
	}
	got, end := c.Rest(t.timeout / 4)
	if end == Open && got != "" && !strings.HasPrefix(got, "500 - ") {
		return "", Open // it is served after all
	}
	return got, end
}

// servedSoon ends the case unless another client is served, at once or, since
// the server may have a limit and notice only later who has gone, soon.
func servedSoon(t *T) {
	patience := max(3*time.Second, 2*t.timeout) // for a second try
	got, reason := "", "no answer"
	for until := t.deadline(patience); time.Now().Before(until); t.sleep(settle) {
		var err error
		if got, _, err = t.TryAsk("SHOW " + t.dir + "/nobody.txt"); err != nil {
			reason = "no connection: " + plainError(err)
		} else if status := splitStatusLine(got).status; status == 500 {
			reason = "a 500"
		} else if status != 0 {
			return
		}
	}
	t.FailWith(&Problem{Symptom: NotServed, Says: fmt.Sprintf("another client is not served for %v; it gets %s", patience, reason), Got: got})
}
