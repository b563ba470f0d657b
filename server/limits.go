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

// maxRefusals bounds the clients that are told at once why they are not served,
// together with a quarter of the connections that may be open (but at least 8);
// more are closed without a word.
const maxRefusals = 64

// refuse tells the client why it is not served and closes the connection.
func (s *Server) refuse(nc net.Conn, why *sttp.Error) {
	s.mu.Lock()
	most := maxRefusals
	if s.options.Connections > 0 {
		most = min(most, max(s.options.Connections/4, 8))
	}
	told := !s.stopping && s.refusals < most
	if told {
		s.refusals++
		s.running.Add(1)
	}
	s.mu.Unlock()
	s.log.Info("connection refused", "remote", nc.RemoteAddr().String(), "reason", why.Message)
	if !told {
		nc.Close()
		return
	}
	go func() {
		defer s.running.Done()
		st := newStream(nc, 0)
		if st.write(wire.AppendResponse(nil, why.Response()), lingerTime) == nil {
			st.linger()
		}
		st.close()
		s.mu.Lock()
		s.refusals--
		s.mu.Unlock()
	}()
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
type backoff struct{ delay time.Duration }

func (b *backoff) begins() bool { return b.delay == 0 }

func (b *backoff) ended() bool {
	ended := b.delay > 0
	b.delay = 0
	return ended
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

// temporary tells whether accepting may work again later.
func temporary(err error) bool {
	for _, e := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM} {
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
