package server_test

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sttp"
	"sttp/server"
)

// pipeListener hands out connections without sockets, so that tests of time can
// run in a bubble.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func newPipeListener() *pipeListener {
	return &pipeListener{make(chan net.Conn), make(chan struct{})}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	select {
	case <-l.closed:
	default:
		close(l.closed)
	}
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

type pipeClient struct {
	*client
	counted *countedConn
}

func (c *pipeClient) writes() int { return int(c.counted.writes.Load()) }

// countedConn counts the server's writes.
type countedConn struct {
	net.Conn
	writes atomic.Int64
}

func (c *countedConn) Write(p []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(p)
}

func (l *pipeListener) dial(t *testing.T) *pipeClient {
	mine, theirs := net.Pipe()
	counted := &countedConn{Conn: theirs}
	l.conns <- counted
	t.Cleanup(func() { mine.Close() })
	c := wrap(t, mine)
	c.SetDeadline(time.Now().Add(time.Hour))
	return &pipeClient{c, counted}
}

// pipe serves h and returns a client; use it in a bubble.
func pipe(t *testing.T, h sttp.Handler, o server.Options) *pipeClient {
	t.Helper()
	l := newPipeListener()
	s := server.New(h, o)
	go s.Serve(l)
	t.Cleanup(func() { shutdown(t, s) })
	return l.dial(t)
}

func shutdown(t *testing.T, s *server.Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Errorf("shutdown: %v", err)
	}
}

// Shows [2.6-1] [2.6-2] of docs/protocol.md.
func TestASilentConnectionIsClosedWithoutAWord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := pipe(t, newMapped(), server.Options{IdleTimeout: 5 * time.Minute, RequestTimeout: 10 * time.Second})
		time.Sleep(4 * time.Minute)
		c.send("SHOW /a\n")
		c.expect("400 /a NOT FOUND")
		begun := time.Now()
		c.expectEnd()
		if took := time.Since(begun); took != 5*time.Minute {
			t.Errorf("it was closed after %v", took)
		}
	})
}

// Shows [2.6-3] [2.6-4] of docs/protocol.md.
func TestAHalfSentRequestHasOneDeadlineThatNoByteRenews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := pipe(t, newMapped(), server.Options{IdleTimeout: 5 * time.Minute, RequestTimeout: 10 * time.Second})
		time.Sleep(time.Minute)
		begun := time.Now()
		var writing sync.WaitGroup
		defer writing.Wait()
		writing.Go(func() {
			for _, b := range []byte("SHOW /aaaaaaaaaaaaaaaaaaaaa") {
				if _, err := c.Write([]byte{b}); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		})
		c.expect(`300 - CLIENT ERROR "the request did not arrive in time…`)
		if took := time.Since(begun); took != 10*time.Second {
			t.Errorf("it was answered after %v", took)
		}
		c.expectEnd()
	})
}

func TestASlowRequestThatKeepsItsDeadlineIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := pipe(t, newMapped(), server.Options{IdleTimeout: time.Minute, RequestTimeout: 10 * time.Second})
		for range 3 { // each request has a deadline of its own, also right behind another
			c.send("SHOW /a")
			time.Sleep(9 * time.Second)
			c.send("\nSHOW")
			c.expect("400 /a NOT FOUND")
			time.Sleep(9 * time.Second)
			c.send(" /b\n")
			c.expect("400 /b NOT FOUND")
			time.Sleep(59 * time.Second)
		}
	})
}

// Shows [2.6-5] of docs/protocol.md.
func TestAClientThatNeverReadsIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := pipe(t, newMapped(), server.Options{WriteTimeout: 10 * time.Second})
		begun := time.Now()
		c.send("LIST /\n")
		synctest.Wait()
		time.Sleep(10*time.Second + time.Millisecond)
		synctest.Wait()
		if _, err := c.Write([]byte("SHOW /a\n")); err == nil {
			t.Errorf("after %v the connection is still open", time.Since(begun))
		}
	})
}
