package client_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sttp"
	"sttp/client"
)

func TestOneConnectionServesCallsThatFollowEachOther(t *testing.T) {
	r := respond(t, newMemory().serve)
	c := connect(t, r, client.Options{})
	for range 10 {
		if _, err := c.List(within(t), "/"); err != nil {
			t.Fatal(err)
		}
	}
	if n := r.accepted.Load(); n != 1 {
		t.Errorf("%d connections were opened, want 1", n)
	}
}

func TestWithoutKeepingConnectionsEveryCallHasItsOwn(t *testing.T) {
	r := respond(t, newMemory().serve)
	c := connect(t, r, client.Options{IdleTimeout: -1})
	for range 3 {
		if _, err := c.List(within(t), "/"); err != nil {
			t.Fatal(err)
		}
	}
	if n := r.accepted.Load(); n != 3 {
		t.Errorf("%d connections were opened, want 3", n)
	}
}

func TestAConnectionWithUnreadBytesIsNotUsedAgain(t *testing.T) {
	r := respond(t, func(nc net.Conn, _ int) {
		for answer(nc, "200 /a.txt OK\nBuy milk\n400 /a.txt NOT FOUND\n") {
		}
	})
	c := connect(t, r, client.Options{})
	for range 3 {
		if text, err := c.Show(within(t), "/a.txt"); err != nil || text != "Buy milk" {
			t.Fatalf("Show = %q, %v", text, err)
		}
	}
	if n := r.accepted.Load(); n != 3 {
		t.Errorf("%d connections were opened, want 3", n)
	}
}

func TestChangesSurviveAServerThatClosesAfterEachReply(t *testing.T) {
	closed := make(chan struct{})
	r := respond(t, func(nc net.Conn, _ int) {
		answer(nc, "600 /a.txt DELETED\n")
		nc.Close()
		closed <- struct{}{}
	})
	c := connect(t, r, client.Options{})
	for i := range 50 {
		if err := c.Delete(within(t), "/a.txt"); err != nil {
			t.Fatalf("DELETE number %d: %v", i+1, err)
		}
		<-closed
	}
	if n := r.accepted.Load(); n != 50 {
		t.Errorf("%d connections for 50 requests", n)
	}
}

// dropSecond answers the first request of each connection, and closes the
// connection when the second one has come.
func dropSecond(reply string, seen *atomic.Int32) func(net.Conn, int) {
	return func(nc net.Conn, _ int) {
		in := bufio.NewReader(nc)
		for {
			if _, err := in.ReadString('\n'); err != nil {
				return
			}
			if seen.Add(1)%2 == 0 {
				return
			}
			io.WriteString(nc, reply)
		}
	}
}

func TestAShowOnAUsedConnectionThatFailsIsSentOnceMore(t *testing.T) {
	var seen atomic.Int32
	r := respond(t, dropSecond("200 /a.txt OK\nBuy milk\n", &seen))
	c := connect(t, r, client.Options{})
	for range 2 {
		if text, err := c.Show(within(t), "/a.txt"); err != nil || text != "Buy milk" {
			t.Errorf("Show = %q, %v", text, err)
		}
	}
	if seen.Load() != 3 || r.accepted.Load() != 2 {
		t.Errorf("%d requests on %d connections, want 3 on 2", seen.Load(), r.accepted.Load())
	}
}

// Shows [5.9-7] of docs/protocol.md.
func TestAChangeThatWasSentIsNeverSentAgain(t *testing.T) {
	var seen atomic.Int32
	r := respond(t, dropSecond("600 /a.txt DELETED\n", &seen))
	c := connect(t, r, client.Options{})
	if err := c.Delete(within(t), "/a.txt"); err != nil {
		t.Fatal(err)
	}
	if err := c.Delete(within(t), "/a.txt"); !errors.Is(err, client.ErrOutcomeUnknown) {
		t.Errorf("error %v, want ErrOutcomeUnknown", err)
	}
	if seen.Load() != 2 || r.accepted.Load() != 1 {
		t.Errorf("%d requests on %d connections, want 2 on 1", seen.Load(), r.accepted.Load())
	}
}

// brittle is a connection whose writes fail from the second on, before a byte
// is sent, and that cannot be looked at.
type brittle struct {
	net.Conn
	writes int
}

func (b *brittle) Write(p []byte) (int, error) {
	if b.writes++; b.writes > 1 {
		b.Conn.Close()
		return 0, io.ErrClosedPipe
	}
	return b.Conn.Write(p)
}

func TestAChangeOfWhichNoByteWasSentIsSentOnANewConnection(t *testing.T) {
	r := respond(t, func(nc net.Conn, _ int) {
		for answer(nc, "600 /a.txt DELETED\n") {
		}
	})
	c := connect(t, r, client.Options{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		nc, err := new(net.Dialer).DialContext(ctx, network, address)
		return &brittle{Conn: nc}, err
	}})
	for range 3 {
		if err := c.Delete(within(t), "/a.txt"); err != nil {
			t.Error(err)
		}
	}
	if n := r.accepted.Load(); n != 3 {
		t.Errorf("%d connections, want 3", n)
	}
}

func TestIdleConnectionsAreClosedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, server := pipe(client.Options{IdleTimeout: time.Minute})
		ended := make(chan time.Time)
		go func() {
			defer server.Close()
			for answer(server, "400 /a.txt NOT FOUND\n") {
			}
			ended <- time.Now()
		}()
		ask := func() {
			if _, err := c.Show(t.Context(), "/a.txt"); !errors.Is(err, sttp.ErrNotFound) {
				t.Fatal(err)
			}
		}
		ask()
		time.Sleep(40 * time.Second)
		ask() // begins the minute anew
		last := time.Now()
		if d := (<-ended).Sub(last); d != time.Minute {
			t.Errorf("closed %v after the last use, want a minute", d)
		}
		c.Close()
	})
}

func TestACallWaitsForAConnectionNoLongerThanItsContext(t *testing.T) {
	release := make(chan struct{})
	arrived := make(chan struct{})
	r := respond(t, func(nc net.Conn, _ int) {
		bufio.NewReader(nc).ReadString('\n')
		close(arrived)
		<-release
		io.WriteString(nc, "400 /a.txt NOT FOUND\n")
	})
	c := connect(t, r, client.Options{MaxConnections: 1})
	var holder sync.WaitGroup
	holder.Go(func() {
		if _, err := c.Show(within(t), "/a.txt"); !errors.Is(err, sttp.ErrNotFound) {
			t.Error(err)
		}
	})
	<-arrived
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	err := c.Create(ctx, "/a.txt", "x")
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, client.ErrOutcomeUnknown) {
		t.Errorf("error %v, want DeadlineExceeded alone", err)
	}
	close(release)
	holder.Wait()
}

func TestASilentServerIsLeftWhenTheContextEnds(t *testing.T) {
	for _, action := range sttp.Actions() {
		synctest.Test(t, func(t *testing.T) {
			c, server := pipe(client.Options{})
			defer server.Close()
			go io.Copy(io.Discard, server)
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			start := time.Now()
			_, err := c.Do(ctx, request(t, action, "/a.txt"))
			if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, client.ErrOutcomeUnknown) != action.Changes() {
				t.Errorf("%v: error %v", action, err)
			}
			if d := time.Since(start); d != 5*time.Second {
				t.Errorf("%v: it took %v", action, d)
			}
			c.Close()
		})
	}
}

func TestADialThatHangsEndsWithTheContextOrTheClient(t *testing.T) {
	hang := func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, errors.New("the dialer's own words")
	}
	synctest.Test(t, func(t *testing.T) {
		c := client.New("nowhere", client.Options{DialContext: hang})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := c.Create(ctx, "/a.txt", "x")
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, client.ErrNoConnection) {
			t.Errorf("error %v", err)
		}
		time.AfterFunc(time.Second, func() { c.Close() })
		if err := c.Create(t.Context(), "/a.txt", "x"); !errors.Is(err, client.ErrClosed) || errors.Is(err, client.ErrOutcomeUnknown) {
			t.Errorf("error %v", err)
		}
	})
}

// tardy is a context whose deadline has passed before it says so.
type tardy struct{ context.Context }

func (tardy) Deadline() (time.Time, bool) { return time.Now(), true }

func TestADialerThatTimesOutBeforeTheContextDoesIsATimeout(t *testing.T) {
	c := client.New("nowhere", client.Options{DialContext: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("i/o timeout")
	}})
	defer c.Close()
	err := c.Create(tardy{t.Context()}, "/a.txt", "x")
	if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, client.ErrNoConnection) {
		t.Errorf("error %v, want DeadlineExceeded and ErrNoConnection", err)
	}
}

func TestCloseEndsCallsThatAreRunning(t *testing.T) {
	arrived := make(chan struct{}, 2)
	r := respond(t, func(nc net.Conn, _ int) {
		in := bufio.NewReader(nc)
		in.ReadString('\n')
		arrived <- struct{}{}
		io.Copy(io.Discard, in)
	})
	c := connect(t, r, client.Options{MaxConnections: 2})
	var calls sync.WaitGroup
	calls.Go(func() {
		if _, err := c.Show(within(t), "/a.txt"); !errors.Is(err, client.ErrClosed) {
			t.Errorf("SHOW: error %v", err)
		}
	})
	calls.Go(func() {
		err := c.Delete(within(t), "/a.txt")
		if !errors.Is(err, client.ErrClosed) || !errors.Is(err, client.ErrOutcomeUnknown) {
			t.Errorf("DELETE: error %v", err)
		}
	})
	<-arrived
	<-arrived
	calls.Go(func() { // waits for a connection, or comes too late
		if err := c.Delete(within(t), "/a.txt"); !errors.Is(err, client.ErrClosed) || errors.Is(err, client.ErrOutcomeUnknown) {
			t.Errorf("DELETE that was not sent: error %v", err)
		}
	})
	c.Close()
	calls.Wait()
	if _, err := c.Show(within(t), "/a.txt"); !errors.Is(err, client.ErrClosed) {
		t.Errorf("SHOW after Close: error %v", err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func TestACallWhoseContextHasEndedSendsNothing(t *testing.T) {
	r := respond(t, newMemory().serve)
	c := connect(t, r, client.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := c.Create(ctx, "/a.txt", "x")
	if !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "sent") || r.accepted.Load() != 0 {
		t.Errorf("error %v after %d connections", err, r.accepted.Load())
	}
}

func TestAConnectionIsNotUsedAgainAfterARefusalWithoutAPath(t *testing.T) {
	r := respond(t, func(nc net.Conn, _ int) {
		for answer(nc, "500 - SERVER ERROR \"full\"\n") {
		}
	})
	c := connect(t, r, client.Options{})
	for range 2 {
		if err := c.Delete(within(t), "/a.txt"); !errors.Is(err, sttp.ErrServer) {
			t.Error(err)
		}
	}
	if n := r.accepted.Load(); n != 2 {
		t.Errorf("%d connections for two requests, want 2", n)
	}
}
