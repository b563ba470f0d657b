package bench

import (
	"context"
	"fmt"
	"net"
	"time"

	"sttp"
)

// facts is what a server can do that a plain one may not.
type facts struct {
	keeps     bool // a connection serves more than one request
	pipelines bool // requests may be sent without waiting for replies
	parallel  bool // a connection is served while another one is open
}

var allGood = facts{true, true, true}

// ShapeError says that the server cannot bear a load of this shape at all, and
// what would be right.
type ShapeError struct{ What, Hint string }

// Error returns what is wrong.
func (e *ShapeError) Error() string { return e.What }

// bears tells what is wrong with a load for such a server.
func (f facts) bears(l Load) error {
	switch {
	case l.ConnectionPerRequest:
		return nil
	case !f.keeps:
		return &ShapeError{"the server closes the connection after a reply", "use --connection-per-request"}
	case !f.parallel && l.Connections > 1:
		return &ShapeError{"the server serves one connection at a time", "use --connections 1 or --connection-per-request"}
	case !f.pipelines && l.InFlight > 1:
		return &ShapeError{"the server does not answer requests that are sent together", "use --in-flight 1"}
	}
	return nil
}

// patience is how long a server may take to show that it can do something.
const patience = time.Second

// probe makes the first snippet and finds out what the server can do with it.
func (s *Session) probe(ctx context.Context) error {
	first := &s.book.stays[0]
	talk, err := s.dial(ctx)
	if err != nil {
		return fmt.Errorf("%w at %s: %s", ErrNoServer, s.target.Address, dialKind(err))
	}
	defer talk.nc.Close()
	defer context.AfterFunc(ctx, func() { talk.nc.Close() })()

	f := flight{action: sttp.Create, path: first.path}
	f.version = first.create()
	if !s.made(talk, &f) {
		if talk.refused() {
			s.book.fail(&f)
		} else {
			s.book.lose(&f)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return fmt.Errorf("a first snippet could not be made: %s", talk.said())
	}
	first.answered(f.version)

	show := Op{Action: sttp.Show, Path: first.path}
	s.facts = facts{}
	if talk.answered(show) {
		s.facts.keeps = true
		s.facts.pipelines = talk.answered(show, show)
		if other, err := s.dial(ctx); err == nil {
			s.facts.parallel = other.answered(show)
			other.nc.Close()
		}
	}
	talk.nc.Close()
	if s.workload.Mix.Weight(sttp.Update) > 0 {
		return s.probeUpdate(ctx, first)
	}
	return nil
}

// made creates the first snippet.
func (s *Session) made(talk *talk, f *flight) bool {
	op, _ := f.op(s.book, nil)
	return talk.answered(op)
}

// probeUpdate finds out whether the reply to an UPDATE has its contents line.
func (s *Session) probeUpdate(ctx context.Context, first *snippet) error {
	talk, err := s.dial(ctx)
	if err != nil {
		return fmt.Errorf("%w at %s: %s", ErrNoServer, s.target.Address, dialKind(err))
	}
	defer talk.nc.Close()
	defer context.AfterFunc(ctx, func() { talk.nc.Close() })()
	f := flight{action: sttp.Update, path: first.path}
	f.version = first.begin()
	op, _ := f.op(s.book, nil)
	if talk.answered(op) {
		first.answered(f.version)
		return nil
	}
	if _, n, err := (STTP{BareUpdate: true}).Parse(talk.got, op); err == nil && n > 0 && n == len(talk.got) {
		s.dialect = STTP{BareUpdate: true}
		first.answered(f.version)
		return nil
	}
	first.unanswered(f.version)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return fmt.Errorf("a first UPDATE failed: %s", talk.said())
}

// talk is a connection for a few requests.
type talk struct {
	nc      net.Conn
	dialect Dialect
	got     []byte // what came after the last requests
}

func (s *Session) dial(ctx context.Context) (*talk, error) {
	dialer := net.Dialer{Timeout: makingLoad.Timeout}
	nc, err := dialer.DialContext(ctx, "tcp", s.target.Address)
	if err != nil {
		return nil, err
	}
	return &talk{nc: nc, dialect: s.dialect}, nil
}

// answered sends requests at once and tells whether all are successes, and
// nothing else comes. Only to the first of a connection a server may take long.
func (t *talk) answered(ops ...Op) bool {
	var out []byte
	for _, op := range ops {
		out = t.dialect.Append(out, op, false)
	}
	wait := patience
	if ops[0].Action.Changes() {
		wait = makingLoad.Timeout
	}
	t.got = t.got[:0]
	t.nc.SetDeadline(time.Now().Add(wait))
	if _, err := t.nc.Write(out); err != nil {
		return false
	}
	buf := make([]byte, 4<<10)
	for {
		n, err := t.nc.Read(buf)
		t.got = append(t.got, buf[:n]...)
		if rest, failed := t.parse(ops); rest == 0 || failed || err != nil || len(t.got) > 64<<10 {
			return rest == 0 && !failed
		}
		if ops[0].Action == sttp.Update {
			t.nc.SetDeadline(time.Now().Add(patience)) // for the contents line
		}
	}
}

// parse returns how many of the requests are not answered, and whether one failed.
func (t *talk) parse(ops []Op) (rest int, failed bool) {
	b := t.got
	for i, op := range ops {
		reply, n, err := t.dialect.Parse(b, op)
		if err != nil || n > 0 && reply.Outcome != Success {
			return len(ops) - i, true
		}
		if n == 0 {
			return len(ops) - i, false
		}
		b = b[n:]
	}
	return 0, len(b) > 0
}

// refused tells whether the server said that a CREATE changed nothing.
func (t *talk) refused() bool {
	reply, n, err := t.dialect.Parse(t.got, Op{Action: sttp.Create})
	return err == nil && n > 0 && reply.Outcome != Success && !reply.Unknown
}

// said returns what the server answered, for people.
func (t *talk) said() string {
	if len(t.got) == 0 {
		return "the server did not answer"
	}
	line, _, _ := sttpLine(t.got, maxExample)
	if line == nil {
		line = t.got[:min(len(t.got), maxExample)]
	}
	return fmt.Sprintf("the server answered %q", line)
}
