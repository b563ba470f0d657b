package server_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"sttp"
	"sttp/server"
)

// Shows [2.6-6] of docs/protocol.md.
func TestShutdownWakesIdleConnections(t *testing.T) {
	s, addr := start(t, newMapped(), server.Options{IdleTimeout: time.Hour})
	idle, used := dial(t, addr), dial(t, addr)
	used.send("SHOW /a\n")
	used.expect("400 /a NOT FOUND")
	shutdown(t, s)
	idle.expectEnd()
	used.expectEnd()
	if nc, err := net.Dial("tcp", addr); err == nil {
		nc.Close()
		t.Error("connections are still accepted")
	}
}

// Shows [2.6-6] [2.6-9] of docs/protocol.md.
func TestShutdownFinishesRequestsThatHadArrived(t *testing.T) {
	h := newBlocking()
	s, addr := start(t, h, server.Options{})
	c := dial(t, addr)
	c.send("SHOW /running\n")
	<-h.entered
	c.send("SHOW /arrived\nSHOW /half") // while the first is running
	done := make(chan struct{})
	go func() {
		defer close(done)
		shutdown(t, s)
	}()
	for { // the shutdown has begun once nobody can connect any more
		nc, err := net.Dial("tcp", addr)
		if err != nil {
			break
		}
		nc.Close()
	}
	close(h.leave)
	c.expect("400 /running NOT FOUND", "400 /arrived NOT FOUND", `500 - SERVER ERROR "the server is shutting down; the request was not carried out"`)
	c.expectEnd()
	<-done
}

// Shows [2.6-7] of docs/protocol.md.
func TestShutdownGivesUpWhenItsTimeIsOver(t *testing.T) {
	h := newBlocking()
	s, addr := start(t, h, server.Options{})
	c := dial(t, addr)
	c.send("SHOW /stuck\n")
	<-h.entered
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Shutdown(ctx); err == nil || err.Error() != "1 connections were cut off" {
		t.Errorf("Shutdown returned %v", err)
	}
	if _, err := io.ReadAll(c.r); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the connection is still open")
	}
}

func TestShutdownUnderLoadLosesNoReply(t *testing.T) {
	const clients = 50
	s, addr := start(t, newMapped(), server.Options{})
	var running, ready sync.WaitGroup
	ready.Add(clients)
	for range clients {
		c := dial(t, addr)
		running.Go(func() {
			for i := 0; ; i++ {
				if _, err := io.WriteString(c, "SHOW /a\n"); err != nil {
					break
				}
				line, err := c.r.ReadString('\n')
				if i == 10 {
					ready.Done()
				}
				if err != nil && line != "" {
					t.Errorf("a reply was cut: %q", line)
				}
				if err != nil {
					break
				}
			}
		})
	}
	ready.Wait()
	shutdown(t, s)
	running.Wait()
}

// A reset that unread bytes cause would destroy the reply; the client must see
// it however much it goes on sending.
func TestAReplyReachesAClientThatStillSends(t *testing.T) {
	_, addr := start(t, newMapped(), server.Options{})
	for range 20 {
		c := dial(t, addr)
		c.send("GET / HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("Cookie: y\r\n", 3000))
		c.expect(`300 - CLIENT ERROR "this is an STTP server…`)
		c.expectEnd()
	}
}

func TestAClientThatClosesItsSendingSideGetsItsReplies(t *testing.T) {
	_, addr := start(t, newMapped(), server.Options{IdleTimeout: time.Hour})
	for range 50 { // the end may arrive with the request or after it
		c := dial(t, addr)
		c.send("SHOW /a\nSHOW /b")
		c.closeWrite()
		c.expect("400 /a NOT FOUND", `300 - CLIENT ERROR "the last line did not end with a newline…`)
		c.expectEnd()
	}
}

func TestALineMayBeAsLongAsItsLimitAndNoLonger(t *testing.T) {
	_, addr := start(t, newMapped(), server.Options{})
	c := dial(t, addr)
	c.send("SHOW /a" + strings.Repeat(" ", sttp.MaxLine-7) + "\n")
	c.expect("400 /a NOT FOUND")
	c.send("SHOW /a" + strings.Repeat(" ", sttp.MaxLine-6) + "\nSHOW /b\n")
	c.expect(`300 - CLIENT ERROR "a request line has at most 8192 bytes"`)
	c.expectEnd()

	endless := dial(t, addr)
	go endless.Write([]byte(strings.Repeat("x", 1<<20)))
	endless.expect(`300 - CLIENT ERROR "a request line has at most 8192 bytes"`)
}

func TestRequestsAreFoundHoweverTheirBytesArrive(t *testing.T) {
	_, addr := start(t, newMapped(), server.Options{})
	c := dial(t, addr)
	c.Conn.(*net.TCPConn).SetNoDelay(true)
	for _, b := range []byte("CREATE /a.txt Buy milk\r\nSHOW /a.txt\n") {
		c.send(string(b))
	}
	c.expect("100 /a.txt CREATED", "200 /a.txt OK", "Buy milk")
	many := strings.Repeat("SHOW /a.txt\n", 5000) // over the boundaries of buffers and batches
	go io.WriteString(c, many)
	for range 5000 {
		c.expect("200 /a.txt OK", "Buy milk")
	}
}
