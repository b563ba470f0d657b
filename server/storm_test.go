package server_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sttp/server"
)

// After 200 clients that behave as badly as clients can, side by side with
// others that do not, nothing of them is left in the server, and it serves on.
// Shows [2.1-8] [2.3-2] [2.3-4] [2.4-2] [2.6-1] [2.6-5] [2.6-8] of docs/protocol.md.
func TestNothingIsLeftOfAStormOfClients(t *testing.T) {
	times := server.Options{IdleTimeout: 300 * time.Millisecond, RequestTimeout: 2 * time.Second, WriteTimeout: 200 * time.Millisecond}
	limited := times
	limited.Connections, limited.ConnectionsPerAddress, limited.Concurrency = 150, 120, 30
	for name, o := range map[string]server.Options{"without limits": times, "with limits": limited} {
		t.Run(name, func(t *testing.T) {
			server.SetRestAfter(t, 2*time.Millisecond)
			s, addr := start(t, newMapped(), o)
			eventually(t, "the server accepts", func() bool { _, served := show(addr); return served })
			eventually(t, "that was all", func() bool { return s.Counters() == server.Counters{} })
			goroutines, descriptors := runtime.NumGoroutine(), openFiles(t)

			var served, refused atomic.Int64
			var running sync.WaitGroup
			for id := range 200 {
				running.Go(func() {
					b := behaviours[id%len(behaviours)]
					switch err := b.behave(addr, id); {
					case err == errRefused && o.Connections > 0:
						refused.Add(1)
					case err != nil:
						t.Errorf("client %d, which %s: %v", id, b.name, err)
					default:
						served.Add(1)
					}
				})
			}
			running.Wait()
			t.Logf("%d clients were served, %d refused", served.Load(), refused.Load())
			if served.Load() < 50 {
				t.Errorf("only %d clients were served", served.Load())
			}
			eventually(t, "the server has forgotten all connections", func() bool { return s.Counters() == server.Counters{} })
			eventually(t, "the goroutines have ended", func() bool { return runtime.NumGoroutine() <= goroutines })
			eventually(t, "the sockets are closed", func() bool { return openFiles(t) <= descriptors })
			if reply, served := show(addr); !served {
				t.Errorf("afterwards a client is answered %q", reply)
			}
		})
	}
}

// openFiles counts this process's descriptors.
func openFiles(t *testing.T) int {
	open, err := os.ReadDir("/dev/fd")
	if err != nil {
		t.Skip("this system does not tell which files are open: ", err)
	}
	return len(open)
}

// show asks once.
func show(addr string) (reply string, served bool) {
	nc, err := stormClient(addr)
	if err != nil {
		return err.Error(), false
	}
	defer nc.Close()
	io.WriteString(nc, "SHOW /none\n\n")
	got, _ := io.ReadAll(nc)
	return string(got), string(got) == "400 /none NOT FOUND\n"
}

func stormClient(addr string) (*net.TCPConn, error) {
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	nc.SetDeadline(time.Now().Add(10 * time.Second))
	return nc.(*net.TCPConn), nil
}

var errRefused = errors.New("refused, or closed without a word")

// behaviours are what clients do. One that is to be answered returns an error if
// the replies are not exactly those that it should get.
var behaviours = []struct {
	name   string
	behave func(addr string, id int) error
}{
	{"ends its sending side after half a line", func(addr string, id int) error {
		return converse(addr, id, func(nc *net.TCPConn, requests string) { io.WriteString(nc, requests) })
	}},
	{"trickles", func(addr string, id int) error {
		return converse(addr, id, func(nc *net.TCPConn, requests string) {
			tick := time.NewTicker(time.Duration(1+id%3) * time.Millisecond)
			defer tick.Stop()
			for _, b := range []byte(requests) {
				if _, err := nc.Write([]byte{b}); err != nil {
					return
				}
				<-tick.C
			}
		})
	}},
	{"resets the connection amid its requests", func(addr string, id int) error {
		nc, err := stormClient(addr)
		if err == nil {
			io.WriteString(nc, strings.Repeat("LIST /\n", 10+id)+"SHOW")
			nc.SetLinger(0)
			nc.Close()
		}
		return err
	}},
	{"says nothing", func(addr string, _ int) error { return untilTheEnd(addr, "") }},
	{"falls silent", func(addr string, _ int) error { return untilTheEnd(addr, "SHOW /a\n") }},
	{"never reads", func(addr string, _ int) error {
		nc, err := stormClient(addr)
		if err != nil {
			return err
		}
		defer nc.Close()
		shrink(nc)
		requests := strings.Repeat("LIST /\n", 5000)
		for err == nil {
			_, err = io.WriteString(nc, requests)
		}
		if os.IsTimeout(err) {
			return err
		}
		return nil
	}},
}

// converse creates a file of its own, looks at it, and sends half a line.
func converse(addr string, id int, send func(nc *net.TCPConn, requests string)) error {
	nc, err := stormClient(addr)
	if err != nil {
		return err
	}
	defer nc.Close()
	requests := fmt.Sprintf("CREATE /%d text\n", id) + strings.Repeat(fmt.Sprintf("SHOW /%d\r\n", id), 5) + "SHOW /ha"
	want := fmt.Sprintf("100 /%d CREATED\n", id) + strings.Repeat(fmt.Sprintf("200 /%d OK\ntext\n", id), 5) +
		"300 - CLIENT ERROR \"the last line did not end with a newline and was not carried out\"\n"
	var sending sync.WaitGroup
	defer sending.Wait()
	sending.Go(func() {
		send(nc, requests)
		nc.CloseWrite()
	})
	got, err := io.ReadAll(nc)
	switch {
	case bytes.HasPrefix(got, []byte("500 - ")), len(got) == 0:
		return errRefused
	case string(got) != want:
		return fmt.Errorf("got %q and %v, want %q", got, err, want)
	}
	return nil
}

// untilTheEnd sends requests and nothing more, and waits for the server to close.
func untilTheEnd(addr, requests string) error {
	nc, err := stormClient(addr)
	if err != nil {
		return err
	}
	defer nc.Close()
	io.WriteString(nc, requests)
	switch got, err := io.ReadAll(nc); {
	case bytes.HasPrefix(got, []byte("500 - ")), requests != "" && len(got) == 0:
		return errRefused
	case os.IsTimeout(err):
		return err
	}
	return nil
}
