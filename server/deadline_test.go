package server_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"sttp"
	"sttp/server"
)

// The deadlines of sockets. What a connection does when it falls silent depends
// on how long it is to be silent before it rests: first and always, or never.
var rests = []time.Duration{5 * time.Millisecond, time.Hour}

// echo answers every request with its own contents.
var echo = handlerFunc(func(req sttp.Request) sttp.Response {
	return sttp.Response{Status: sttp.StatusOK, Path: req.Path, Contents: req.Contents.String()}
})

// Shows [2.6-1] [2.6-2] of docs/protocol.md.
func TestASilentSocketIsClosedWithoutAWord(t *testing.T) {
	const idle = 200 * time.Millisecond
	talks := map[string]func(c *client, begun time.Time) (lastSent time.Time){
		"from the beginning": func(_ *client, begun time.Time) time.Time { return begun },
		"after one exchange": func(c *client, _ time.Time) time.Time {
			return c.exchange(1)
		},
		"after exchanges for longer than it may be silent": func(c *client, begun time.Time) (last time.Time) {
			for i := 0; time.Since(begun) < idle+idle/4; i++ {
				last = c.exchange(i)
			}
			return last
		},
	}
	for _, rest := range rests {
		t.Run(fmt.Sprintf("rests after %v", rest), func(t *testing.T) {
			server.SetRestAfter(t, rest)
			for name, talk := range talks {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					var log lines
					s, addr := start(t, echo, server.Options{IdleTimeout: idle, Logger: logger(&log, slog.LevelInfo)})
					begun := time.Now()
					c := dial(t, addr)
					lastSent := talk(c, begun)
					c.expectEnd()
					if took := time.Since(lastSent); took < idle {
						t.Errorf("it was closed after %v", took)
					}
					c.Close()
					shutdown(t, s)
					if !strings.Contains(log.String(), `reason="idle timeout"`) {
						t.Errorf("the log has\n%s", log.String())
					}
				})
			}
		})
	}
}

// exchange sends a request that is like no other, and expects its reply.
func (c *client) exchange(i int) (sent time.Time) {
	c.t.Helper()
	sent = time.Now()
	if err := c.tryExchange(i); err != nil {
		c.t.Fatal(err)
	}
	return sent
}

// tryExchange is exchange for goroutines, which must not end a test.
func (c *client) tryExchange(i int) error {
	if _, err := fmt.Fprintf(c, "UPDATE /%d text %d\n", i, i); err != nil {
		return err
	}
	want := fmt.Sprintf("200 /%d OK\ntext %d\n", i, i)
	got := make([]byte, len(want))
	if n, err := io.ReadFull(c.r, got); string(got) != want {
		return fmt.Errorf("got %q and %v, want %q", got[:n], err, want)
	}
	return nil
}

// A connection goes back and forth between the goroutine that serves and the one
// that waits. In every other round all of them rest before the next burst; in
// the others the burst comes about when they would begin to.
// Shows [2.1-2] [2.1-3] of docs/protocol.md.
func TestConnectionsThatRestAndWakeLoseNoRequest(t *testing.T) {
	const conns, rounds, burst = 10, 10, 2
	rest := 3 * time.Millisecond
	server.SetRestAfter(t, rest)
	_, addr := start(t, echo, server.Options{IdleTimeout: time.Hour, RequestTimeout: time.Hour, WriteTimeout: time.Hour})
	clients := make([]*client, conns)
	for i := range clients {
		clients[i] = dial(t, addr)
	}
	for round := range rounds {
		if round%2 == 0 {
			eventually(t, "all connections rest", func() bool { return resting() == conns })
		}
		var running sync.WaitGroup
		for i, c := range clients {
			running.Go(func() {
				if round%2 == 1 {
					<-time.After(rest * time.Duration(i) * 2 / conns)
				}
				for n := range burst {
					if err := c.tryExchange(i*1000 + round*10 + n); err != nil {
						t.Error(err)
					}
				}
			})
		}
		running.Wait()
	}
}

// resting counts the connections whose goroutine does nothing but wait.
func resting() int {
	stacks := make([]byte, 1<<20)
	return bytes.Count(stacks[:runtime.Stack(stacks, true)], []byte("server.(*conn).wait("))
}

// Shows [2.6-3] [2.6-4] of docs/protocol.md.
func TestASocketThatTricklesARequestHasOneDeadlineForAllOfIt(t *testing.T) {
	const limit = 150 * time.Millisecond
	begins := map[string]func(c *client){
		"in the first request": func(c *client) {},
		"after an exchange":    func(c *client) { c.exchange(1) },
		"behind a whole line":  func(c *client) { c.send("UPDATE /a x\nSHO"); c.expect("200 /a OK", "x") },
	}
	for _, rest := range rests {
		t.Run(fmt.Sprintf("rests after %v", rest), func(t *testing.T) {
			server.SetRestAfter(t, rest)
			for name, begin := range begins {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					_, addr := start(t, echo, server.Options{IdleTimeout: time.Hour, RequestTimeout: limit})
					c := dial(t, addr)
					begun := time.Now()
					begin(c)
					var trickling sync.WaitGroup
					defer trickling.Wait()
					trickling.Go(c.trickle)
					c.expect(`300 - CLIENT ERROR "the request did not arrive in time…`)
					if took := time.Since(begun); took < limit {
						t.Errorf("it was answered after %v", took)
					}
					c.expectEnd()
					c.Close()
				})
			}
		})
	}
}

// trickle sends a byte every ten milliseconds until the connection is closed.
func (c *client) trickle() {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := c.Write([]byte("x")); err != nil {
			return
		}
		<-tick.C
	}
}
