package check

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Facts are what the checker finds out about a server before the cases run, so
// that they can take it as it is.
type Facts struct {
	// KeepsOpen: it answers a second request on a connection.
	KeepsOpen bool `json:"keeps_open"`
	// UpdateContents: a 200 to UPDATE is followed by the new contents.
	UpdateContents bool `json:"update_contents"`
	// Queries: LIST takes a query. It is found out only where a case wants to know.
	Queries bool   `json:"queries"`
	Waits   Waits  `json:"waits"`
	Closes  Closes `json:"closes"`
}

// Waits says what a server waits for before it answers.
type Waits string

// What a server may wait for.
const (
	WaitsForLine  Waits = "line"       // as it should
	WaitsForEmpty Waits = "empty line" // the line and an empty one
	WaitsForEnd   Waits = "end"        // the client has to end its sending side
	WaitsForever  Waits = "forever"    // it never answers
)

// Closes says when a server closes the connection.
type Closes string

// When a server may close.
const (
	ClosesAfterReply Closes = "after the reply"
	ClosesAfterEmpty Closes = "after an empty line"
	ClosesAtEnd      Closes = "when the client ends its sending side"
	ClosesNever      Closes = "never"
)

// probe finds out the facts that the cases want to know. It fails only if the
// server cannot be reached.
func (r *run) probe(ctx context.Context, cases []*Case) error {
	t, cancel := r.newT(ctx, &Case{ID: "probe"}, 8*r.opts.Timeout)
	defer cancel()
	defer t.end()
	r.facts = Facts{UpdateContents: true, Waits: WaitsForLine, Closes: ClosesNever}
	c, err := t.TryDial()
	if err != nil {
		return &UnreachableError{r.address(), plainError(err)}
	}
	line := "SHOW " + t.dir + "/nobody.txt\n"
	c.Send(line)
	if !t.probeReply(c) {
		return nil
	}
	r.facts.KeepsOpen, r.facts.Closes = t.probeSecond(c, line)
	// A server that serves one client at a time has to be free for the next.
	c.Close()
	if r.facts.Closes != ClosesAfterReply {
		r.facts.Closes = t.probeEnd(line)
	}
	t.facts = r.facts
	r.facts.UpdateContents = t.probeUpdate()
	if slices.ContainsFunc(cases, func(c *Case) bool { return c.Needs&Queries != 0 }) {
		r.facts.Queries = t.probeQueries()
	}
	return nil
}

// probeReply finds out what the server waits for, and tells whether it answers
// at all.
func (t *T) probeReply(c *Conn) bool {
	r := t.run
	r.facts.Waits = WaitsForLine
	if got, _ := c.Reply("SHOW"); got != "" {
		return true
	}
	r.facts.Waits = WaitsForEmpty
	c.Send("\n")
	if got, _ := c.Reply("SHOW"); got != "" {
		return true
	}
	r.facts.Waits = WaitsForEnd
	c.Shut()
	if got, _ := c.Reply("SHOW"); got != "" {
		return true
	}
	r.facts.Waits = WaitsForever
	return false
}

// probeSecond finds out whether the connection goes on after a reply.
func (t *T) probeSecond(c *Conn, line string) (keeps bool, closes Closes) {
	if _, end := c.Rest(2 * settle); end != Open {
		return false, ClosesAfterReply
	}
	if t.run.facts.Waits == WaitsForEmpty {
		line += "\n"
	}
	c.Send(line)
	got, end := c.Reply("SHOW")
	if end != Open {
		return false, ClosesAfterReply
	}
	return got != "", ClosesNever
}

// probeEnd finds out what makes the server close.
func (t *T) probeEnd(line string) Closes {
	c, err := t.TryDial()
	if err != nil {
		return ClosesNever
	}
	defer c.Close()
	c.Send(line + "\n")
	c.Reply("SHOW")
	if _, end := c.Rest(250 * time.Millisecond); end != Open {
		return ClosesAfterEmpty
	}
	c.Shut()
	if _, end := c.Rest(250 * time.Millisecond); end != Open {
		return ClosesAtEnd
	}
	return ClosesNever
}

// probeUpdate tells whether a 200 to UPDATE is followed by a contents line. Of
// a server without CREATE or UPDATE it is taken for granted.
func (t *T) probeUpdate() bool {
	path := t.dir + "/probe.txt"
	began := time.Now()
	if got, _, err := t.TryAsk("CREATE " + path + " first contents"); err == nil && got != "" {
		t.run.delay = time.Since(began)
	}
	t.facts.UpdateContents = false
	got, _, err := t.TryAsk("UPDATE " + path + " second contents")
	if err != nil || !strings.HasPrefix(got, "200 ") {
		return true
	}
	_, rest, _ := strings.Cut(got, "\n")
	return strings.Trim(rest, "\n") != ""
}

// probeQueries tells whether LIST takes a query: one that does leaves out what
// does not hold the text. (It may not find what was just made, which cases will
// tell.) A server that cuts the query off, or lists a directory of that name,
// has none.
func (t *T) probeQueries() bool {
	dir := t.dir + "/queries"
	t.TryAsk("CREATE " + dir + "/a.txt Buy milk")
	t.TryAsk("CREATE " + dir + "/b.txt Buy bread")
	got, _, err := t.TryAsk("LIST " + dir + "/?q=milk")
	_, names, _ := strings.Cut(got, "\n")
	names = strings.TrimSuffix(names, "\n")
	return err == nil && strings.HasPrefix(got, "200 ") && (names == "a.txt" || names == "")
}
