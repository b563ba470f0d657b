package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"sttp"
)

// ErrNoServer is in an error that says that no connection to the server could be
// opened when the work began.
var ErrNoServer = errors.New("the server cannot be reached")

// Target is a server.
type Target struct {
	Address string  // host:port
	Dialect Dialect // nil is STTP
	// Directory is where the snippets lie, as in "/bench"; a fresh name if it is
	// empty.
	Directory string
}

// Session is a server and the snippets that were made there. Its methods are
// called by one goroutine at a time.
type Session struct {
	target   Target
	workload Workload
	seed     uint64
	dialect  Dialect
	facts    facts
	book     *book
	runs     uint64 // measurements until now
}

// NewSession returns a Session without snippets. seed decides what is random. The
// error is that of Workload.Validate, or says that the protocol has no such
// actions.
func NewSession(t Target, w Workload, seed uint64) (*Session, error) {
	if err := w.Validate(); err != nil {
		return nil, err
	}
	if t.Dialect == nil {
		t.Dialect = STTP{}
	}
	for _, a := range sttp.Actions() {
		if w.Mix.Weight(a) > 0 && !t.Dialect.Speaks(a) {
			return nil, fmt.Errorf("this protocol has no %s", a)
		}
	}
	if t.Directory == "" {
		t.Directory = "/sttp-bench-" + strconv.FormatUint(rand.Uint64(), 36) // not of the seed: two runs must not meet
	}
	s := &Session{target: t, workload: w, seed: seed, dialect: t.Dialect, book: newBook(t.Directory, w)}
	s.facts = allGood
	return s, nil
}

// Directory is where the snippets lie.
func (s *Session) Directory() string { return s.target.Directory }

// Contents yields the path and the contents of every snippet that Prepare makes.
func (s *Session) Contents(yield func(path, contents string) bool) {
	for key := range s.book.stays {
		if !yield(s.book.stays[key].path, string(s.book.script.append(nil, key, 1))) {
			return
		}
	}
}

// Adopt takes it that all snippets that Contents yields are on the server
// already, instead of Prepare. Clean does not delete them.
func (s *Session) Adopt() {
	for key := range s.book.stays {
		if p := &s.book.stays[key]; p.newest.Load() == 0 {
			p.answered(p.begin())
		}
	}
}

// A plain server may serve one connection at a time and one request for each.
var (
	makingLoad = Load{
		Closed: true, Connections: 8, InFlight: 16, Count: 1 << 62,
		Timeout: 10 * time.Second, Drain: 10 * time.Second, Patience: 2 * time.Second,
	}
)

// gentle returns l as far as the server can bear it.
func (s *Session) gentle(l Load) Load {
	if !s.facts.keeps {
		l.ConnectionPerRequest, l.InFlight = true, 1
	}
	if !s.facts.pipelines {
		l.InFlight = 1
	}
	if !s.facts.parallel && !l.ConnectionPerRequest {
		l.Connections = 1
	}
	return l
}

// Prepare makes the snippets. observe, which may be nil, is called now and then
// by one goroutine at a time. An error may be ErrNoServer; whatever it is, Clean
// deletes what was made.
func (s *Session) Prepare(ctx context.Context, observe func(Progress)) error {
	if _, ok := s.dialect.(STTP); ok {
		if err := s.probe(ctx); err != nil {
			return err
		}
	}
	l := s.gentle(makingLoad)
	r := newRun(s, l, observe)
	r.stage, r.goal = "prepare", int64(len(s.book.stays))
	src := &together{from: &making{book: s.book}}
	gone, interrupted, err := s.carryOut(ctx, r, func(int) source { return src })
	failed := r.total.errors.Total() + r.total.wrong.Total()
	switch {
	case err != nil:
		return err
	case interrupted:
		return context.Cause(ctx)
	case gone != nil:
		return fmt.Errorf("%w: it went away while the snippets were made: %s", ErrNoServer, gone.Why)
	case failed > 0:
		return fmt.Errorf("%d of %d snippets could not be made: %v", failed, r.goal, firstOf(r.total.errors, r.total.wrong))
	}
	return nil
}

func firstOf(all ...Counts) string {
	for _, counts := range all {
		for kind, n := range counts {
			if n > 0 {
				return kind
			}
		}
	}
	return ""
}

// Measure puts load on the snippets. If ctx ends, or the server goes away, the
// Result says so and holds what was found until then. An error says that nothing
// was measured; it may be ErrNoServer, or a *ShapeError.
func (s *Session) Measure(ctx context.Context, l Load, observe func(Progress)) (*Result, error) {
	if err := l.Validate(); err != nil {
		return nil, err
	}
	if err := s.facts.bears(l); err != nil {
		return nil, err
	}
	s.runs++
	seed := s.seed + s.runs<<32
	r := newRun(s, l, observe)
	gone, interrupted, err := s.carryOut(ctx, r, func(i int) source {
		return newChooser(s.book, s.workload, seed, uint64(i))
	})
	if err != nil {
		return nil, err
	}
	return r.result(s.workload, gone, interrupted), nil
}

// Clean deletes what Prepare and Measure made, and nothing else. It returns how
// many snippets may be left behind because the server did not answer; the error
// says why.
func (s *Session) Clean(ctx context.Context, observe func(Progress)) (left int, err error) {
	left = s.book.left()
	for again := left > 0; again; {
		before := left
		again, err = s.cleanOnce(ctx, left, observe)
		left = s.book.left()
		again = again && 0 < left && left < before // else it does not get better
	}
	return left, err
}

// cleanOnce asks once for each of left snippets that it be deleted. again tells
// whether it may help to ask again for those that are left then.
func (s *Session) cleanOnce(ctx context.Context, left int, observe func(Progress)) (again bool, err error) {
	r := newRun(s, s.gentle(makingLoad), observe)
	r.stage, r.goal = "clean up", int64(left)
	r.measure = s.book.judgeCleaning
	src := &together{from: &deleting{book: s.book}}
	gone, interrupted, err := s.carryOut(ctx, r, func(int) source { return src })
	switch {
	case err != nil || s.book.left() == 0:
		return false, err
	case interrupted:
		return false, context.Cause(ctx)
	case gone != nil:
		return false, fmt.Errorf("%w: %s", ErrNoServer, gone.Why)
	}
	return true, fmt.Errorf("not all requests were answered well: %s", firstOf(r.total.errors, r.total.wrong))
}

// left returns how many snippets a Session may have made and not deleted.
func (b *book) left() (n int) {
	for key := range b.keys() {
		if b.snippet(key).made {
			n++
		}
	}
	return n
}

// judgeCleaning judges a reply to a DELETE that only is to take a snippet away.
func (b *book) judgeCleaning(f *flight, r Reply, scratch []byte) (wrong, failed string, _ []byte) {
	switch {
	case r.Path != nil && string(r.Path) != f.path:
		return Garbled, "", scratch
	case r.Outcome == Failure:
		return "", statusKind(r.Status), scratch
	}
	b.snippet(f.key).gone()
	return "", "", scratch
}

// carryOut connects, runs r, and shows how it goes.
func (s *Session) carryOut(ctx context.Context, r *run, sources func(int) source) (*Gone, bool, error) {
	if r.observe != nil {
		r.observe(Progress{Stage: "connect"})
	}
	if err := r.connect(ctx); err != nil {
		return nil, false, err
	}
	return r.carryOut(ctx, s.seed+s.runs<<32, sources)
}

// hangsUp tells whether the server is asked to close after a last request.
func (s *Session) hangsUp() bool {
	op := Op{Action: sttp.Show, Path: "/a.txt"}
	return string(s.dialect.Append(nil, op, true)) != string(s.dialect.Append(nil, op, false))
}
