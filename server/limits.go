package server

import (
	"errors"
	"net"
	"net/netip"
	"syscall"
	"time"

	"sttp"
	"sttp/internal/wire"
)

var (
	errTooMany            = &sttp.Error{Status: sttp.StatusServerError, Message: "too many connections; try again later"}
	errTooManyFromAddress = &sttp.Error{Status: sttp.StatusServerError, Message: "too many connections from your address; close one or try again later"}
)

// Bounds on the clients that are told at once why they are not served: a quarter
// of the connections that may be open, but not fewer or more than these. What
// comes beyond is closed without a word.
const (
	minRefusals = 8
	maxRefusals = 64
)

// refuse tells the client why it is not served and closes the connection.
func (s *Server) refuse(nc net.Conn, why *sttp.Error) {
	s.log.Info("connection refused", "remote", nc.RemoteAddr().String(), "reason", why.Message)
	if !s.addRefusal(nc) {
		nc.Close()
		return
	}
	go func() {
		defer s.removeRefusal(nc)
		st := newStream(nc, 0)
		if _, err := st.write(wire.AppendResponse(nil, why.Response()), lingerTime); err == nil {
			st.linger()
		}
		st.close()
	}()
}

func (s *Server) addRefusal(nc net.Conn) bool {
	most := maxRefusals
	if s.options.Connections > 0 {
		most = min(max(s.options.Connections/4, minRefusals), maxRefusals)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping || len(s.refusals) >= most {
		return false
	}
	s.refusals[nc] = struct{}{}
	s.running.Add(1)
	return true
}

func (s *Server) removeRefusal(nc net.Conn) {
	defer s.running.Done()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.refusals, nc)
}

// turns are the connections that may be served at once; nil for any number.
type turns chan struct{}

func newTurns(n int) turns {
	if n == 0 {
		return nil
	}
	return make(turns, n)
}

// take waits for a turn, and returns false if stop is closed first.
func (t turns) take(stop <-chan struct{}) bool {
	if t == nil {
		return true
	}
	select {
	case t <- struct{}{}:
		return true
	case <-stop:
		return false
	}
}

func (t turns) give() {
	if t != nil {
		<-t
	}
}

// backoff spaces attempts to accept while the machine is out of descriptors or
// memory: 5 ms at first, twice as long each time, at most 1 s.
type backoff struct {
	delay  time.Duration // after the last failure; 0 once accepting has worked again
	failed time.Time     // the last time
	scarce bool          // the log has been told of it
}

// begins tells whether a time of failures begins with this one.
func (b *backoff) begins() bool {
	begins := !b.scarce
	b.scarce, b.failed = true, time.Now()
	return begins
}

// ends tells whether such a time is over with this success: not before a second
// without a failure, so that the log does not change its mind all the time.
func (b *backoff) ends() bool {
	b.delay = 0
	ends := b.scarce && time.Since(b.failed) > time.Second
	b.scarce = b.scarce && !ends
	return ends
}

func (b *backoff) wait(stop <-chan struct{}) {
	b.delay = min(max(2*b.delay, 5*time.Millisecond), time.Second)
	timer := time.NewTimer(b.delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-stop:
	}
}

// broken tells whether a listener will never accept anything again. All other
// errors, of the network or for want of something, may pass.
func broken(err error) bool {
	for _, e := range []error{net.ErrClosed, syscall.EBADF, syscall.EINVAL, syscall.ENOTSOCK, syscall.EOPNOTSUPP, syscall.EFAULT} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// addressOf returns what counts as the client's address: an IPv4 address, or
// the /64 network of an IPv6 one, all of which one client usually has. It is
// the zero Addr for a connection that is no TCP.
func addressOf(nc net.Conn) netip.Addr {
	tcp, ok := nc.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	addr := tcp.AddrPort().Addr().Unmap()
	if addr.Is6() {
		return netip.PrefixFrom(addr.WithZone(""), 64).Masked().Addr()
	}
	return addr
}
