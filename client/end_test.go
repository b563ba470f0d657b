package client_test

import (
	"cmp"
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

const (
	// longest is how long a client waits for a server to close.
	longest = 250 * time.Millisecond

	// think is how long a server of a network needs for a reply.
	think = 10 * time.Millisecond

	missing = "400 /a.txt NOT FOUND\n"
)

// Shows [2.3-5] of docs/protocol.md.
func TestASessionIsEndedInOrder(t *testing.T) {
	for name, opts := range map[string]client.Options{
		"by Close":               {},
		"when it is not used":    {IdleTimeout: time.Millisecond},
		"when it is not for use": {IdleTimeout: -1},
	} {
		t.Run(name, func(t *testing.T) {
			var closed atomic.Bool
			over := make(chan struct{})
			r := respond(t, func(nc net.Conn, _ int) {
				defer close(over)
				answer(nc, missing)
				if rest, err := io.ReadAll(nc); string(rest) != "\n" || err != nil {
					t.Errorf("after the request came %q, error %v; want an empty line and the end", rest, err)
				}
				if _, err := io.WriteString(nc, strings.Repeat("x", 32<<10)); err != nil {
					t.Errorf("the client does not read: %v", err)
				}
				closed.Store(true)
			})
			c := client.New(r.address, opts)
			defer c.Close()
			if _, err := c.Show(within(t), "/a.txt"); !errors.Is(err, sttp.ErrNotFound) {
				t.Fatal(err)
			}
			if opts.IdleTimeout > 0 {
				<-over
			}
			c.Close()
			if !closed.Load() {
				t.Error("Close returned before the server closed the connection")
			}
		})
	}
}

// network leads to servers, each at the other end of a net.Pipe, so that time can
// be a test's own. Each server gives one reply and then does what end says.
type network struct {
	reply  string // missing if it is empty
	end    func(server net.Conn)
	dialed atomic.Int32
	open   atomic.Int32 // connections that the client has not closed
	closed atomic.Int32 // how often it closed one

	servers sync.WaitGroup
}

// line is the client's end of a connection.
type line struct {
	net.Conn
	of   *network
	once sync.Once
}

func (l *line) Close() error {
	l.of.closed.Add(1)
	l.once.Do(func() { l.of.open.Add(-1) })
	return l.Conn.Close()
}

func (n *network) dial(context.Context, string, string) (net.Conn, error) {
	near, far := net.Pipe()
	n.dialed.Add(1)
	n.open.Add(1)
	n.servers.Go(func() {
		defer far.Close()
		time.Sleep(think)
		answer(far, cmp.Or(n.reply, missing))
		n.end(far)
	})
	return &line{Conn: near, of: n}, nil
}

// client returns a Client of these servers.
func (n *network) client(opts client.Options) *client.Client {
	opts.DialContext = n.dial
	return client.New("pipe", opts)
}

// ask makes that many calls at once, and returns how long they take.
func ask(t *testing.T, c *client.Client, calls int) time.Duration {
	return takes(func() {
		var all sync.WaitGroup
		for range calls {
			all.Go(func() {
				if _, err := c.Show(t.Context(), "/a.txt"); !errors.Is(err, sttp.ErrNotFound) {
					t.Error(err)
				}
			})
		}
		all.Wait()
	})
}

// takes tells how long f takes.
func takes(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

// The ways in which servers take the end of a session.

func closes(nc net.Conn)  { io.ReadFull(nc, make([]byte, 1)) }
func stays(nc net.Conn)   { io.Copy(io.Discard, nc) }
func isDeaf(net.Conn)     { time.Sleep(time.Hour) }
func hasClosed(net.Conn)  {}
func dawdles(nc net.Conn) { closes(nc); time.Sleep(100 * time.Millisecond) }
func floods(nc net.Conn)  { closes(nc); repeat(nc, strings.Repeat("x", 1<<10), time.Millisecond) }
func drips(nc net.Conn)   { closes(nc); repeat(nc, "x", time.Millisecond) }

func repeat(nc net.Conn, text string, pause time.Duration) {
	for {
		if _, err := io.WriteString(nc, text); err != nil {
			return
		}
		time.Sleep(pause)
	}
}

func TestCloseWaitsForAllServersSideBySideAndNotForLong(t *testing.T) {
	for _, test := range []struct {
		name string
		end  func(net.Conn)
		want time.Duration
	}{
		{"servers that close", closes, 0},
		{"servers that have closed", hasClosed, 0},
		{"servers that need a while", dawdles, 100 * time.Millisecond},
		{"servers that never close", stays, longest},
		{"servers that read nothing", isDeaf, longest},
		{"servers that send much", floods, 63 * time.Millisecond},
		{"servers that send slowly for ever", drips, longest},
	} {
		synctest.Test(t, func(t *testing.T) {
			n := &network{end: test.end}
			defer n.servers.Wait()
			c := n.client(client.Options{MaxConnections: 20})
			ask(t, c, 20)
			if d := takes(func() { c.Close() }); d != test.want {
				t.Errorf("%s: Close took %v, want %v", test.name, d, test.want)
			}
			if n.dialed.Load() != 20 || n.open.Load() != 0 || n.closed.Load() != 20 {
				t.Errorf("%s: of %d connections %d are open, after %d closes", test.name, n.dialed.Load(), n.open.Load(), n.closed.Load())
			}
		})
	}
}

func TestNoCallWaitsForAServerToClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{end: isDeaf}
		defer n.servers.Wait()
		c := n.client(client.Options{IdleTimeout: -1, MaxConnections: 3})
		for range 10 {
			if d := ask(t, c, 3); d != think {
				t.Errorf("the calls took %v, want the %v that the server needs", d, think)
			}
			synctest.Wait()
			if open := n.open.Load(); open != 3 {
				t.Errorf("%d connections wait for their servers, want 3", open)
			}
		}
		if d := takes(func() { c.Close() }); d > longest {
			t.Errorf("Close took %v, want at most %v", d, longest)
		}
		if n.dialed.Load() != 30 || n.open.Load() != 0 || n.closed.Load() != 30 {
			t.Errorf("of %d connections %d are open, after %d closes", n.dialed.Load(), n.open.Load(), n.closed.Load())
		}
	})
}

func TestNothingWaitsWhileTheSessionsOfIdleConnectionsAreEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{end: isDeaf}
		defer n.servers.Wait()
		c := n.client(client.Options{IdleTimeout: time.Minute})
		ask(t, c, 5)
		time.Sleep(time.Minute + 100*time.Millisecond)
		if d := ask(t, c, 1); d != think || n.open.Load() != 6 {
			t.Errorf("a call took %v, with %d connections open; want %v and 6", d, n.open.Load(), think)
		}
		c.Close()
	})
}

func TestCloseWaitsForSessionsThatAreBeingEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{end: isDeaf}
		defer n.servers.Wait()
		c := n.client(client.Options{IdleTimeout: time.Minute})
		ask(t, c, 5)
		time.Sleep(time.Minute + 100*time.Millisecond)
		if d := takes(func() { c.Close() }); d != longest-100*time.Millisecond {
			t.Errorf("Close took %v, want the rest of %v", d, longest)
		}
		if n.open.Load() != 0 || n.closed.Load() != 5 {
			t.Errorf("%d connections are open, after %d closes", n.open.Load(), n.closed.Load())
		}
	})
}

func TestAConnectionThatIsNotInStepIsClosedAtOnce(t *testing.T) {
	for _, test := range []struct {
		name, reply string
		timeout     time.Duration // of the call
		life        time.Duration // of the client
		want        error
	}{
		{"a reply too many", missing + missing, time.Minute, time.Minute, sttp.ErrNotFound},
		{"a refusal without a path", "500 - SERVER ERROR \"full\"\n", time.Minute, time.Minute, sttp.ErrServer},
		{"another protocol", "HTTP/1.1 400 Bad Request\r\n", time.Minute, time.Minute, client.ErrProtocol},
		{"a context that ends", "", think / 2, time.Minute, context.DeadlineExceeded},
		{"Close during a call", "", time.Minute, think / 2, client.ErrClosed},
	} {
		synctest.Test(t, func(t *testing.T) {
			n := &network{reply: test.reply, end: func(nc net.Conn) {
				if rest, err := io.ReadAll(nc); len(rest) > 0 || err != nil {
					t.Errorf("%s: the server read %q more, error %v", test.name, rest, err)
				}
			}}
			defer n.servers.Wait()
			c := n.client(client.Options{})
			defer c.Close()
			time.AfterFunc(test.life, func() {
				if d := takes(func() { c.Close() }); d != 0 {
					t.Errorf("%s: Close took %v", test.name, d)
				}
			})
			ctx, cancel := context.WithTimeout(t.Context(), test.timeout)
			defer cancel()
			start := time.Now()
			_, err := c.Show(ctx, "/a.txt")
			if d := time.Since(start); !errors.Is(err, test.want) || d != min(think, test.timeout, test.life) {
				t.Errorf("%s: error %v after %v", test.name, err, d)
			}
			synctest.Wait()
			if n.open.Load() != 0 || n.closed.Load() != 1 {
				t.Errorf("%s: %d connections are open, after %d closes", test.name, n.open.Load(), n.closed.Load())
			}
		})
	}
}

func TestEveryConnectionIsClosedOnceWheneverTheClientIs(t *testing.T) {
	for _, idle := range []time.Duration{time.Minute, time.Microsecond, -1} {
		r := respond(t, newMemory().serve)
		n := new(network)
		c := client.New(r.address, client.Options{IdleTimeout: idle, DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			nc, err := new(net.Dialer).DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			n.dialed.Add(1)
			n.open.Add(1)
			return &line{Conn: nc, of: n}, nil
		}})
		ctx, enough := within(t), make(chan struct{})
		var answered atomic.Int32
		var calls sync.WaitGroup
		for range 16 {
			calls.Go(func() {
				for {
					if _, err := c.List(ctx, "/"); err != nil {
						if !errors.Is(err, client.ErrClosed) {
							t.Error(err)
						}
						return
					}
					if answered.Add(1) == 100 {
						close(enough)
					}
				}
			})
		}
		<-enough
		c.Close()
		if n.open.Load() != 0 || n.closed.Load() != n.dialed.Load() {
			t.Errorf("of %d connections %d are open, after %d closes", n.dialed.Load(), n.open.Load(), n.closed.Load())
		}
		calls.Wait()
	}
}
