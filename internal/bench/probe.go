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

const (
	// patience is how long a server may take to show that it can do something, or
	// longer if its first reply took long.
	patience = time.Second
	// looksAt is how often one is looked at that seems not to: it may only have been
	// held up.
	looksAt = 2
)

// probe makes the first snippet and finds out what the server can do with it.
func (s *Session) probe(ctx context.Context) error {
	first := &s.book.stays[0]
	talk, err := s.dial(ctx)
	if err != nil {
		return fmt.Errorf("%w at %s: %s", ErrNoServer, s.target.Address, dialCause(err))
	}
	defer talk.nc.Close()
	defer context.AfterFunc(ctx, func() { talk.nc.Close() })()

	f := flight{action: sttp.Create, path: first.path}
	f.version = first.create()
	asked := time.Now()
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

	wait := max(patience, 4*time.Since(asked))
	talk.nc.Close()
	s.facts = facts{}
	for i := 0; i < looksAt && s.facts != allGood && ctx.Err() == nil; i++ {
		seen := s.look(ctx, Op{Action: sttp.Show, Path: first.path}, wait)
		s.facts.keeps = s.facts.keeps || seen.keeps
		s.facts.pipelines = s.facts.pipelines || seen.pipelines
		s.facts.parallel = s.facts.parallel || seen.parallel
	}
	if s.workload.Mix.Weight(sttp.Update) > 0 {
		return s.probeUpdate(ctx, first, wait)
	}
	return nil
}

// look finds out what the server can do, with a SHOW that it answers with a
// success. One that does not keep a connection says so by closing it; what else
// it cannot do shows only in that nothing comes.
func (s *Session) look(ctx context.Context, show Op, wait time.Duration) (f facts) {
	talk, err := s.dial(ctx)
	if err != nil {
		return f
	}
	defer talk.nc.Close()
	defer context.AfterFunc(ctx, func() { talk.nc.Close() })()
	for range 2 {
		if !talk.answered(makingLoad.Timeout, show) {
			return f
		}
	}
	f.keeps = true
	if other, err := s.dial(ctx); err == nil {
		f.parallel = other.answered(wait, show)
		other.nc.Close()
	}
	f.pipelines = talk.answered(wait, show, show)
	return f
}

// made creates the first snippet.
func (s *Session) made(talk *talk, f *flight) bool {
	op, _ := f.op(s.book, nil)
	return talk.answered(makingLoad.Timeout, op)
}

// probeUpdate finds out whether the reply to an UPDATE has its contents line,
// which may come wait after the status line.
func (s *Session) probeUpdate(ctx context.Context, first *snippet, wait time.Duration) error {
	talk, err := s.dial(ctx)
	if err != nil {
		return fmt.Errorf("%w at %s: %s", ErrNoServer, s.target.Address, dialCause(err))
	}
	defer talk.nc.Close()
	defer context.AfterFunc(ctx, func() { talk.nc.Close() })()
	f := flight{action: sttp.Update, path: first.path}
	f.version = first.begin()
	op, _ := f.op(s.book, nil)
	talk.rest = wait
	if talk.answered(makingLoad.Timeout, op) {
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
	got     []byte        // what came after the last requests
	rest    time.Duration // how long the rest of a reply may take, 0 for no limit of its own
}

func (s *Session) dial(ctx context.Context) (*talk, error) {
	dialer := net.Dialer{Timeout: makingLoad.Timeout}
	nc, err := dialer.DialContext(ctx, "tcp", s.target.Address)
	if err != nil {
		return nil, err
	}
	return &talk{nc: nc, dialect: s.dialect}, nil
}

// answered sends requests at once and tells whether all are successes within
// wait, and nothing else comes.
func (t *talk) answered(wait time.Duration, ops ...Op) bool {
	var out []byte
	for _, op := range ops {
		out = t.dialect.Append(out, op, false)
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
		if t.rest > 0 {
			t.nc.SetDeadline(time.Now().Add(t.rest))
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
