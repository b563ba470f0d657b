package server

import (
	"syscall"
	"time"
)

// write sends out within patience, or for ever if that is 0, however slowly the
// client reads. It returns the number of bytes that were sent.
func (s *stream) write(out []byte, patience time.Duration) (int, error) {
	if s.raw == nil {
		if patience > 0 {
			s.nc.SetWriteDeadline(time.Now().Add(patience))
		}
		return s.nc.Write(out)
	}
	s.out, s.patience = out, patience
	err := s.raw.Write(s.tryWrite)
	if err == nil {
		err = s.err
	}
	n := len(out) - len(s.out)
	s.out = nil
	if !s.writeUntil.IsZero() {
		s.writeUntil = time.Time{}
		s.nc.SetWriteDeadline(time.Time{})
	}
	return n, err
}

// writeOnce is called by the network poller until it returns true.
func (s *stream) writeOnce(fd uintptr) bool {
	for len(s.out) > 0 {
		var n int
		n, s.err = syscall.Write(int(fd), s.out)
		switch {
		case s.err == syscall.EINTR:
		case s.err == syscall.EAGAIN:
			if s.patience > 0 && s.writeUntil.IsZero() {
				s.writeUntil = time.Now().Add(s.patience)
				s.nc.SetWriteDeadline(s.writeUntil)
			}
			return false
		case s.err != nil:
			return true
		default:
			s.out = s.out[n:]
		}
	}
	s.err = nil
	return true
}

// Bounds of lingering (docs/protocol.md, section 2).
const (
	lingerBytes = 64 << 10
	lingerTime  = time.Second
)

// linger shuts the sending side down and reads what the client still sends, up
// to a bound: a socket closed with unread bytes is reset, and the reset would
// destroy replies that the client has not read yet. Then it closes.
func (s *stream) linger() {
	half, ok := s.nc.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		s.close()
		return
	}
	s.deadline.outlast()
	deadline := time.Now().Add(lingerTime)
	for dropped := 0; dropped < lingerBytes; {
		s.head, s.tail = 0, 0
		if s.read(deadline) != nil {
			break
		}
		dropped += s.tail
	}
	s.close()
}

func (s *stream) close() {
	s.releaseInput()
	s.nc.Close()
}
