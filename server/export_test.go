package server

import (
	"context"
	"testing"
	"time"

	"sttp"
)

// FlushAt is how many bytes of replies make Feed stop early.
const FlushAt = flushAt

// Session lets tests feed bytes to a session without a socket.
type Session struct {
	s session
	w *work
}

func NewSession(h sttp.Handler) *Session {
	return &Session{session{handler: h}, workPool.Get().(*work)}
}

// Feed answers in and returns the replies, which are valid until the next call,
// the number of bytes used, and why the connection ends.
func (s *Session) Feed(in []byte) (out []byte, used int, end string) {
	s.w.out = s.w.out[:0]
	used, why := s.s.feed(context.Background(), in, s.w)
	return s.w.out, used, string(why)
}

// SetRestAfter lets connections rest after d until the test ends. It is called
// before a server is started, and not in tests that run side by side.
func SetRestAfter(t *testing.T, d time.Duration) {
	before := restAfter
	restAfter = d
	t.Cleanup(func() { restAfter = before })
}

// Counters are what a Server counts of the clients that it has.
type Counters struct{ Conns, Addresses, Refusals, Turns int }

func (s *Server) Counters() Counters {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Counters{len(s.conns), len(s.addresses), len(s.refusals), len(s.turns)}
}
