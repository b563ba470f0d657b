package bench

import (
	"context"
	"errors"
)

// Session is a server and the snippets that were made there. Its methods are
// called by one goroutine at a time.
type Session struct{}

// NewSession returns a Session without snippets. seed decides what is random.
func NewSession(t Target, w Workload, seed uint64) (*Session, error) {
	return nil, errors.New("not written yet")
}

// Prepare makes the snippets. observe, which may be nil, is called now and then
// by one goroutine at a time. An error may be ErrNoServer; whatever it is, Clean
// deletes what was made.
func (s *Session) Prepare(ctx context.Context, observe func(Progress)) error { return nil }

// Measure puts load on the snippets. If ctx ends, or the server goes away, the
// Result says so and holds what was found until then. An error says that nothing
// was measured; it may be ErrNoServer.
func (s *Session) Measure(ctx context.Context, l Load, observe func(Progress)) (*Result, error) {
	return nil, nil
}

// Clean deletes what Prepare and Measure made, and nothing else. It returns how
// many snippets may be left behind because the server did not answer; the error
// says why.
func (s *Session) Clean(ctx context.Context, observe func(Progress)) (left int, err error) {
	return 0, nil
}

// Directory is where the snippets lie.
func (s *Session) Directory() string { return "" }
