package main

import (
	"bufio"
	"io"
	"net"
	"sync"
	"time"
)

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
