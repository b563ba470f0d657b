package check

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Symptoms of the cases with many clients.
const (
	Stale Symptom = "stale" // what was there before an acknowledged change
	Torn  Symptom = "torn"  // contents that nobody has sent: a mix or a part
	Slow  Symptom = "slow"  // no answer in time, with many clients at once
)

// crowd is many clients at once, each on a goroutine of its own. The first
// problem that one of them finds ends all.
type crowd struct {
	t       *T
	wg      sync.WaitGroup
	stopped atomic.Bool
	clients []*client

	mu      sync.Mutex
	problem *Problem
	late    bool // the time of the case was over before a reply came
}

// crowd begins a crowd. Of many connections at once some may have to be opened a
// second time, so replies get the time that this takes.
func (t *T) crowd() *crowd {
	t.timeout = max(t.timeout, dialTime)
	return &crowd{t: t}
}

// join adds a client that does f.
func (cr *crowd) join(f func(c *client)) {
	c := &client{crowd: cr, t: cr.t, number: len(cr.clients) + 1, rand: rand.New(rand.NewPCG(cr.t.rand.Uint64(), 0))}
	cr.clients = append(cr.clients, c)
	cr.t.Go(&cr.wg, func() {
		defer c.close()
		f(c)
	})
}

// wait waits for all, and ends the case if there is a problem.
func (cr *crowd) wait() {
	cr.wg.Wait()
	switch {
	case cr.problem != nil:
		cr.t.FailWith(cr.problem)
	case cr.late || cr.t.ctx.Err() != nil:
		cr.t.Undecided("%d clients at once did not come to their end within %v", len(cr.clients), time.Since(cr.t.began).Round(time.Second))
	}
}

// fail is for any client to say what is wrong.
func (cr *crowd) fail(p *Problem) {
	cr.mu.Lock()
	defer cr.mu.Unlock()
	if p.Symptom == Slow && cr.t.late() {
		cr.late = true
	} else if cr.problem == nil {
		cr.problem = p
	}
	cr.stopped.Store(true)
}

// late tells whether the time of the case is over, or all but over.
func (t *T) late() bool {
	end, limited := t.ctx.Deadline()
	return limited && time.Until(end) < 20*time.Millisecond
}

// done tells whether the clients should come to an end: there is a problem, or
// the case has used up its time.
func (cr *crowd) done() bool { return cr.stopped.Load() || cr.t.ctx.Err() != nil }

// client is one of many. It keeps its connection if the server does, and makes
// one for each request otherwise.
type client struct {
	*crowd
	t      *T
	number int
	rand   *rand.Rand
	conn   *Conn
}

func (c *client) close() {
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
}

// ask sends a request and returns the whole reply. If none comes it returns
// what came, and the Problem that this is.
func (c *client) ask(line string) (string, *Problem) {
	if !c.t.facts.KeepsOpen || c.t.facts.Waits != WaitsForLine {
		got, end, err := c.t.TryAsk(line)
		if err == nil && replyLength(line, got, c.t.facts) > 0 {
			return got, nil
		}
		return got, c.unanswered(line, got, end, err)
	}
	if c.conn == nil {
		conn, err := c.t.TryDial()
		if err != nil {
			return "", c.unanswered(line, "", Open, err)
		}
		c.conn = conn
	}
	c.conn.Send(line + "\n")
	got, end := c.conn.Reply(line)
	if replyLength(line, got, c.t.facts) > 0 {
		return got, nil
	}
	// A reply that comes too late would be taken for that of the next request.
	c.close()
	return got, c.unanswered(line, got, end, nil)
}

// unanswered returns the Problem of a request without a whole reply.
func (c *client) unanswered(line, got string, end End, err error) *Problem {
	if err != nil {
		return &Problem{Symptom: NotServed, Says: "one of many clients at once gets no connection: " + plainError(err)}
	}
	p := &Problem{Symptom: NoReply, Says: "no reply came", Got: got}
	p.blame(end, c.t.timeout)
	switch {
	case p.Symptom == NoReply:
		p.Symptom = Slow
	case p.Symptom == ClosedEarly && got != "":
		p.Says = "the server closed the connection before all of the reply was there"
	}
	p.Says = fmt.Sprintf("with many clients at once, %s: %s", shortened(line), p.Says)
	return p
}

// want asks, and reports a reply that is not the one that the lines of want
// are. It tells whether it was.
func (c *client) want(line string, want ...string) bool {
	got, p := c.ask(line)
	if p == nil {
		p = exchange{request: line, want: want}.judge(c.t.run.opts.Profile, c.t.facts, got)
	}
	if p != nil {
		c.fail(p)
	}
	return p == nil
}

// show returns the contents of a file, and whether it was answered 200. Any
// other answer is reported.
func (c *client) show(path string) (string, bool) {
	got, p := c.ask("SHOW " + path)
	contents, ok := contentsOf(path, got)
	if p == nil && !ok {
		p = &Problem{Symptom: GotStatus(splitStatusLine(got).status), Says: "a file that is there all the time is not shown", Expected: "200 " + path + " OK\n…\n", Got: got}
	}
	if p != nil {
		c.fail(p)
	}
	return contents, p == nil
}

// list returns the names in a directory, and whether it was answered 200. Any
// other answer is reported.
func (c *client) list(dir string) ([]string, bool) {
	got, p := c.ask("LIST " + dir)
	line, ok := contentsOf(dir, got)
	if p == nil && !ok {
		p = &Problem{Symptom: GotStatus(splitStatusLine(got).status), Says: "a directory that is there all the time is not listed", Expected: "200 " + dir + " OK\n…\n", Got: got}
	}
	if p != nil {
		c.fail(p)
	}
	return splitNames(line), p == nil
}

// contentsOf returns the contents line of a 200 that names the path.
func contentsOf(path, reply string) (string, bool) {
	return strings.CutPrefix(strings.TrimSuffix(reply, "\n"), "200 "+path+" OK\n")
}

// pathOf returns the path that a request line names.
func pathOf(line string) string { return exchange{request: line}.path() }

// shortened returns a request line for a sentence.
func shortened(line string) string {
	if len(line) > 80 {
		return line[:80] + "…"
	}
	return line
}

// answer is what came on one of many connections.
type answer struct {
	line, got string
}

func (a answer) status() int { return splitStatusLine(a.got).status }

// atOnce sends each line on a connection of its own, all in the same moment as
// far as that can be, and returns what came. It ends the case if one is not
// answered.
func (t *T) atOnce(lines []string) []answer {
	answers := make([]answer, len(lines))
	conns := t.dialAhead(len(lines))
	start := make(chan struct{})
	ready, clients := sync.WaitGroup{}, t.crowd()
	for i, line := range lines {
		answers[i].line = line
		ready.Add(1)
		clients.join(func(c *client) {
			ready.Done()
			<-start
			conn, err := conns[i], error(nil)
			if conn == nil {
				conn, err = t.TryDial()
			}
			if err != nil {
				c.fail(c.unanswered(line, "", Open, err))
				return
			}
			defer conn.Close()
			conn.Send(line + "\n\n")
			if t.facts.Waits == WaitsForEnd {
				conn.Shut()
			}
			got, end := conn.whole(line)
			if answers[i].got = got; replyLength(line, got, t.facts) == 0 {
				c.fail(c.unanswered(line, got, end, nil))
			}
		})
	}
	ready.Wait()
	close(start)
	clients.wait()
	return answers
}

// dialAhead opens n connections before there is anything to send on them. If
// the server accepts only some while these are silent, the others are nil.
func (t *T) dialAhead(n int) []*Conn {
	conns := make([]*Conn, n)
	for i := range conns {
		c, err := t.TryDialOneOf()
		if err != nil {
			break
		}
		conns[i] = c
	}
	return conns
}
