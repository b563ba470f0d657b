package benchtest

import (
	"bytes"
	"io"
	"net"
	"time"
)

const (
	maxLine   = 8192     // bytes of a request line
	atOnce    = 64 << 10 // bytes that are read at once
	lingering = time.Second
)

// fate is what becomes of a connection.
type fate int

const (
	goesOn fate = iota
	ends        // by an empty line
	isReset
	isClosed
	isSilent // reads on, and answers nothing
	dies     // with all others, and the server
)

// conn is a connection while it is served.
type conn struct {
	server *Server
	net    *net.TCPConn
	window window
	out    []byte
	fate   fate
}

// serve serves a connection until it ends.
func (s *Server) serve(nc *net.TCPConn) {
	defer s.forget(nc)
	c := &conn{server: s, net: nc}
	buf := make([]byte, atOnce)
	for n := 0; ; {
		m, err := nc.Read(buf[n:])
		n += m
		used, ok := c.batches(buf[:n])
		if !ok {
			return
		}
		n = copy(buf, buf[used:n])
		if n > maxLine {
			c.out = append(c.out[:0], "300 - CLIENT ERROR \"a line has at most 8192 bytes\"\n"...)
			nc.Write(c.out)
			linger(nc)
			return
		}
		if err == io.EOF {
			c.ended()
		}
		if err != nil {
			return
		}
	}
}

// batches carries out the complete lines of b, all of them at once unless a
// request takes time, and returns how many bytes they have; ok is false if the
// connection is over.
func (c *conn) batches(b []byte) (used int, ok bool) {
	for used < len(b) {
		n, wait := c.server.batch(c, b[used:])
		if n == 0 {
			break
		}
		used += n
		if !c.server.pause(wait) || !c.send() {
			return 0, false
		}
	}
	return used, true
}

// send sends the replies, and does to the connection what is its fate.
func (c *conn) send() bool {
	if len(c.out) > 0 {
		if _, err := c.net.Write(c.out); err != nil {
			return false
		}
	}
	switch c.fate {
	case ends:
		c.ended()
		linger(c.net)
	case isReset:
		c.net.SetLinger(0)
	case dies:
		c.server.Die()
	}
	return c.fate == goesOn || c.fate == isSilent
}

// batch carries out lines of b under the lock. It returns how many bytes they
// have, and how long their replies have to wait.
func (s *Server) batch(c *conn, b []byte) (used int, wait time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.out = c.out[:0]
	s.clock++
	asked := 0
	for c.fate == goesOn || c.fate == isSilent {
		line, _, whole := bytes.Cut(b[used:], []byte{'\n'})
		if !whole || s.options.Service > 0 && asked > 0 {
			break
		}
		used += len(line) + 1
		if line = bytes.TrimSuffix(line, []byte{'\r'}); len(line) == 0 {
			if c.fate == isSilent || s.options.Mute {
				continue
			}
			c.fate = ends
			break
		}
		asked++
		s.request(c, line)
	}
	s.counts.MaxBatch = max(s.counts.MaxBatch, asked)
	s.clock++
	c.window.reply(asked, s.clock)
	if used > 0 && len(c.out) > 0 {
		wait = s.wait(asked)
	}
	return used, wait
}

// wait returns how long the replies to so many requests have to wait.
func (s *Server) wait(asked int) time.Duration {
	o, now := &s.options, time.Now()
	until := now.Add(o.Delay)
	if o.Service > 0 && asked > 0 {
		if s.free.Before(now) {
			s.free = now
		}
		s.free = s.free.Add(o.Service * time.Duration(asked))
		until = s.free.Add(o.Delay)
	}
	return until.Add(o.Stall.left(until.Sub(s.set))).Sub(now)
}

// ended notes that the client has ended the connection, and so has read all that
// it wanted to.
func (c *conn) ended() {
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock++
	for _, v := range c.window.pending {
		v.acked = s.clock
	}
	c.window.pending = nil
}

// linger ends this side, and reads what is left until the client has ended its
// own.
func linger(c *net.TCPConn) {
	if c.CloseWrite() != nil || c.SetReadDeadline(time.Now().Add(lingering)) != nil {
		return
	}
	io.CopyN(io.Discard, c, atOnce)
}
