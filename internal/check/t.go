package check

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"strings"
	"sync"
	"time"
)

// T is what a case has to work with while it runs. The methods that end the
// case must be called on the goroutine that the case was started on; those that
// begin with Try may be called on any.
type T struct {
	c       *Case
	ctx     context.Context
	dir     string
	timeout time.Duration
	facts   Facts
	run     *run
	rand    *rand.Rand

	began time.Time
	pause time.Duration // between connections that are opened one after the other

	mu     sync.Mutex
	conns  []*Conn
	events []Event
	made   map[string]bool // paths that may have been made
	// panicked says what a goroutine of the case panicked with, if one did.
	panicked string

	cleanups []func()
}

// verdict is what a case that has come to its end panics with.
type verdict struct {
	outcome Outcome
	problem *Problem
	says    string
}

// Address returns where the server under test is, as host:port.
func (t *T) Address() string { return t.run.address() }

// Facts are what is known of the server.
func (t *T) Facts() Facts { return t.facts }

// Strict tells whether the profile is strict.
func (t *T) Strict() bool { return t.run.opts.Profile == Strict }

// Rand returns random numbers that the run's seed decides.
func (t *T) Rand() *rand.Rand { return t.rand }

// Expand puts in what stands in braces, as talks have it.
func (t *T) Expand(text string) string { return mustExpand(text, t.dir) }

// Note adds a remark to the record of what was exchanged.
func (t *T) Note(format string, args ...any) { t.record(note, 0, fmt.Sprintf(format, args...)) }

// Cleanup adds what is to be done when the case has ended, however it did, and
// its connections are closed. What was added last is done first.
func (t *T) Cleanup(f func()) { t.cleanups = append(t.cleanups, f) }

// Fail ends the case: it does not hold.
func (t *T) Fail(s Symptom, format string, args ...any) {
	t.FailWith(&Problem{Symptom: s, Says: fmt.Sprintf(format, args...)})
}

// FailWith ends the case: it does not hold.
func (t *T) FailWith(p *Problem) { panic(verdict{outcome: Fail, problem: p}) }

// Untested ends the case: it could not be carried through.
func (t *T) Untested(format string, args ...any) {
	panic(verdict{outcome: Untested, says: fmt.Sprintf(format, args...)})
}

// Undecided ends the case: the result proves nothing.
func (t *T) Undecided(format string, args ...any) {
	panic(verdict{outcome: Undecided, says: fmt.Sprintf(format, args...)})
}

// Chose ends a case of the level CHOICE, and says what was chosen.
func (t *T) Chose(format string, args ...any) {
	panic(verdict{outcome: Chose, says: fmt.Sprintf(format, args...)})
}

// Want asks line and ends the case unless the reply is the one that the lines
// of want are; both are expanded.
func (t *T) Want(line string, want ...string) { t.WantOr(nil, line, want...) }

// WantOr is Want that in profile guide takes replies of other statuses as well.
func (t *T) WantOr(also []int, line string, want ...string) {
	got, end := t.Ask(line)
	x := exchange{request: t.Expand(line), also: also}
	for _, w := range want {
		x.want = append(x.want, t.Expand(w))
	}
	t.judge(x, got, end)
}

// Judge ends the case unless got is the reply to the request that the lines of
// want are. Nothing is expanded.
func (t *T) Judge(request, got string, end End, want ...string) {
	t.judge(exchange{request: request, want: want}, got, end)
}

func (t *T) judge(x exchange, got string, end End) {
	if p := t.problem(x, got, end); p != nil {
		t.FailWith(p)
	}
}

// problem returns what is wrong with got as the reply in x, or nil.
func (t *T) problem(x exchange, got string, end End) *Problem {
	p := x.judge(t.run.opts.Profile, t.facts, got)
	if p == nil {
		return nil
	}
	// A reply that is cut off by a reset differs from the right one as it happens.
	cutOff := end == Reset && replyLength(x.request, got, t.facts) == 0
	if cutOff || p.Symptom == NoReply || p.Symptom == MissingContents || p.Symptom == NoNewline {
		p.blame(end, t.timeout)
	}
	return p
}

// blame says how it came about that nothing, or not all, was received.
func (p *Problem) blame(end End, waited time.Duration) {
	switch {
	case end == Reset:
		p.Symptom, p.Says = WasReset, "the connection was reset before all of the reply was there"
	case p.Symptom == NoReply && end == Closed:
		p.Symptom, p.Says = ClosedEarly, "the server closed the connection without a reply"
	case p.Symptom == NoReply:
		p.Says = fmt.Sprintf("no reply came within %v", waited)
	}
}

// StillServed ends the case unless another client gets an answer.
func (t *T) StillServed() {
	line := t.dir + "/nobody.txt"
	got, _, err := t.TryAsk("SHOW " + line)
	if err != nil {
		t.Fail(NotServed, "another client gets no connection: %s", plainError(err))
	}
	if splitStatusLine(got).status == 0 {
		t.Fail(NotServed, "another client gets no answer within %v", t.timeout)
	}
}

// Go runs f on a goroutine of the group. A panic there is one of the case: it
// ends no other case, and not the checker.
func (t *T) Go(group *sync.WaitGroup, f func()) {
	group.Go(func() {
		defer func() {
			if v := recover(); v != nil {
				t.mu.Lock()
				defer t.mu.Unlock()
				t.panicked = fmt.Sprintf("%v at %s", v, panicSite(debug.Stack()))
			}
		}()
		f()
	})
}

// deadline returns when a wait that begins now is over: not after the case.
func (t *T) deadline(wait time.Duration) time.Time {
	until := time.Now().Add(wait)
	if end, ok := t.ctx.Deadline(); ok && end.Before(until) {
		return end
	}
	return until
}

// sleep waits, but not longer than the case may take.
func (t *T) sleep(d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-t.ctx.Done():
		return t.ctx.Err()
	}
}

// talk carries out the steps of a case that has some.
func (t *T) talk(steps []step) {
	w := talker{T: t}
	for _, s := range steps {
		if s.verb == "ask" {
			t.WantOr(s.also, s.text, s.want...)
			continue
		}
		if w.conn == nil {
			w.conn = t.Dial()
		}
		w.step(s)
	}
}

// talker is one side of a talk on one connection.
type talker struct {
	*T
	conn *Conn
	text string // what was sent and has not been answered yet
}

// step carries out one step. What cannot be sent is no problem in itself: the
// replies tell.
func (t *talker) step(s step) {
	c := t.conn
	switch s.verb {
	case "send":
		t.text += t.Expand(s.text)
		c.Send(t.Expand(s.text))
	case "slowly":
		t.text += t.Expand(s.text)
		c.SendSlowly(t.Expand(s.text), time.Millisecond)
	case "shut":
		c.Shut()
	case "want":
		x := exchange{also: s.also}
		x.request, t.text, _ = strings.Cut(t.text, "\n")
		for _, w := range s.want {
			x.want = append(x.want, t.Expand(w))
		}
		got, end := c.Reply(x.request)
		t.judge(x, got, end)
	case "end":
		t.WantEnd(c)
	case "quiet":
		if got, end := c.Rest(settle); got != "" || end != Open {
			t.unexpected(got, end)
		}
	}
}

// WantEnd ends the case unless the server closes the connection in order and
// has sent nothing more.
func (t *T) WantEnd(c *Conn) {
	got, end := c.Rest(t.timeout)
	if got == "" && end == Open {
		t.Fail(StaysOpen, "the server has not closed the connection within %v", t.timeout)
	}
	if got != "" || end != Closed {
		t.unexpected(got, end)
	}
}

func (t *T) unexpected(got string, end End) {
	switch {
	case got != "":
		t.FailWith(&Problem{Symptom: ExtraBytes, Says: "something comes that nobody asked for", Got: got})
	case end == Reset:
		t.Fail(WasReset, "the connection was reset")
	default:
		t.Fail(ClosedEarly, "the server closed the connection, and should not have")
	}
}

// mayMake remembers which files a text that is sent may make. A text that could
// change something elsewhere is a mistake of the case, and is not sent.
func (t *T) mayMake(text string) {
	for _, line := range strings.Split(text, "\n") {
		action, rest, _ := strings.Cut(strings.TrimLeft(line, " "), " ")
		rest = strings.TrimLeft(rest, " ")
		switch strings.ToUpper(action) {
		case "CREATE", "UPDATE", "DELETE":
		default:
			continue
		}
		path, _, _ := strings.Cut(strings.TrimRight(rest, "\r"), " ")
		if path == "" {
			continue
		}
		if !strings.Contains(path, t.run.name) {
			panic(fmt.Sprintf("%s would change %q, which is not the checker's", t.c.ID, path))
		}
		if !strings.EqualFold(action, "DELETE") {
			t.mu.Lock()
			t.made[path] = true
			t.mu.Unlock()
		}
	}
}
