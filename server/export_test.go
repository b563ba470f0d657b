package server

import (
	"context"

	"sttp"
)

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
