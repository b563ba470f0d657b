package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"sync"
	"time"

	"sttp"
	"sttp/internal/wire"
)

// plain is a server without queries, one line at a time.
type plain struct {
	ln      net.Listener
	handler sttp.Handler
	once    bool // whether a connection takes one request
	done    sync.WaitGroup
}

func newPlain(ln net.Listener, handler sttp.Handler, once bool) *plain {
	s := &plain{ln: ln, handler: handler, once: once}
	s.done.Go(func() {
		for {
			nc, err := ln.Accept()
			if err != nil {
				return
			}
			s.done.Go(func() { s.talk(nc) })
		}
	})
	return s
}

func (s *plain) talk(nc net.Conn) {
	defer nc.Close()
	nc.SetDeadline(time.Now().Add(time.Minute))
	in := bufio.NewReader(nc)
	for {
		line, err := in.ReadBytes('\n')
		line = bytes.TrimSpace(line)
		if err != nil || len(line) == 0 {
			return
		}
		var req sttp.Request
		err = wire.ParseRequest(&req, line)
		resp := wire.Refusal(err)
		if err == nil && req.Query == nil {
			resp = s.handler.Handle(context.Background(), req)
		} else if err == nil {
			resp = sttp.ClientError(sttp.Path{}, "a path holds no ?").Response()
		}
		if _, err := nc.Write(wire.AppendResponse(nil, resp)); err != nil || s.once {
			return
		}
	}
}

func (s *plain) close() {
	s.ln.Close()
	s.done.Wait()
}

// peer is a server that does one thing whatever it is asked.
type peer struct {
	ln    net.Listener
	heard chan struct{} // has room for a token, given when a line was read
	done  sync.WaitGroup
}

func newPeer(ln net.Listener, reply []byte, keep, unasked bool) *peer {
	p := &peer{ln: ln, heard: make(chan struct{}, 1)}
	p.done.Go(func() {
		for {
			nc, err := ln.Accept()
			if err != nil {
				return
			}
			p.done.Go(func() { p.talk(nc, reply, keep, unasked) })
		}
	})
	return p
}

func (p *peer) talk(nc net.Conn, reply []byte, keep, unasked bool) {
	defer nc.Close()
	nc.SetDeadline(time.Now().Add(time.Minute))
	in := bufio.NewReader(nc)
	if unasked {
		nc.Write(reply)
		nc.(*net.TCPConn).CloseWrite()
		io.Copy(io.Discard, in)
		return
	}
	if _, err := in.ReadString('\n'); err != nil {
		return
	}
	select {
	case p.heard <- struct{}{}:
	default:
	}
	nc.Write(reply)
	if keep {
		io.Copy(io.Discard, in)
	}
}

func (p *peer) close() {
	p.ln.Close()
	p.done.Wait()
}
