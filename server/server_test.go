package server_test

import (
	"fmt"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"sttp"
	"sttp/server"
)

func TestRequestsThatArriveTogetherAreAnsweredInOrder(t *testing.T) {
	m := newMapped()
	_, addr := start(t, m, server.Options{})
	c := dial(t, addr)
	c.send("CREATE /a.txt one\nbad\nSHOW /a.txt\nSHOW /b.txt\nSHOW /a.txt")
	c.expect("100 /a.txt CREATED", "300 - CLIENT ERROR…", "200 /a.txt OK", "one", "400 /b.txt NOT FOUND")
	c.send("\n\n")
	c.expect("200 /a.txt OK", "one")
	c.expectEnd()
}

func TestRequestsThatArriveTogetherAreHandedOverTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMapped()
		c := pipe(t, m, server.Options{})
		var requests strings.Builder
		for i := range 300 {
			fmt.Fprintf(&requests, "SHOW /%d\n", i)
		}
		c.send(requests.String())
		for i := range 300 {
			c.expect(fmt.Sprintf("400 /%d NOT FOUND", i))
		}
		if want := []int{128, 128, 44}; !slices.Equal(m.batches, want) {
			t.Errorf("the handler was given batches of %v, want %v", m.batches, want)
		}
		if c.writes() != 1 {
			t.Errorf("300 replies were sent with %d writes", c.writes())
		}
	})
}

// Shows [2.2-8] of docs/protocol.md.
func TestRepliesAreSentBeforeTooManyAreHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := pipe(t, newMapped(), server.Options{}) // each LIST has 40 KiB
		c.send(strings.Repeat("LIST /\n", 10))
		for range 10 {
			c.expect("200 / OK", "x…")
		}
		if c.writes() != 7 {
			t.Errorf("400 KiB of replies were sent with %d writes, want 7", c.writes())
		}
	})
}

func TestAPanicInAHandlerEndsOnlyItsConnection(t *testing.T) {
	var log lines
	h := handlerFunc(func(req sttp.Request) sttp.Response {
		if req.Path.Base() == "bomb" {
			panic("boom\nforged=line")
		}
		return sttp.Response{Status: sttp.StatusNotFound, Path: req.Path}
	})
	_, addr := start(t, h, server.Options{Logger: logger(&log, slog.LevelError)})
	other := dial(t, addr)
	c := dial(t, addr)
	c.send("SHOW /a\nLIST /\nSHOW /bomb\nSHOW /b\n")
	c.expect("400 /a NOT FOUND", "400 / NOT FOUND")
	c.expectEnd()
	other.send("SHOW /a\n")
	other.expect("400 /a NOT FOUND")
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "boom") {
		t.Errorf("the log has\n%s", got)
	}
}

// Shows [10.2-1] of docs/protocol.md.
func TestTheLogTellsOfEachConnectionAndRequest(t *testing.T) {
	var log lines
	s, addr := start(t, newMapped(), server.Options{Logger: logger(&log, slog.LevelDebug)})
	c := dial(t, addr)
	sent := "CREATE /a.txt x\" level=ERROR msg=forged\nSHOW /b.txt\nSHOW /a\x1b[31m\n\n"
	c.send(sent)
	c.expect("100 /a.txt CREATED", "400 /b.txt NOT FOUND", "300 -…")
	c.expectEnd()
	c.Close()
	shutdown(t, s)
	got := log.String()
	for _, want := range []string{
		`msg="connection opened" conn=1 remote=127.0.0.1:`,
		`msg=request conn=1 action=CREATE path=/a.txt status=100`,
		`msg=request conn=1 action=SHOW path=/b.txt status=400`,
		`msg=request conn=1 action=- path=- status=300`,
		fmt.Sprintf(`requests=3 bytes_in=%d bytes_out=`, len(sent)),
		`reason="empty line"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the log lacks %s", want)
		}
	}
	if strings.Contains(got, "forged") || strings.Contains(got, "\x1b") || strings.Count(got, "\n") != 5 {
		t.Errorf("the log was forged or broken:\n%s", got)
	}
}

// Shows [2.6-8] [6.3-4] of docs/protocol.md.
func TestBeyondTheLimitOfConnectionsAClientIsToldAndOthersGoOn(t *testing.T) {
	var log lines
	_, addr := start(t, newMapped(), server.Options{Connections: 2, Logger: logger(&log, slog.LevelWarn)})
	a, b := dial(t, addr), dial(t, addr)
	a.send("SHOW /a\n")
	a.expect("400 /a NOT FOUND")
	b.send("SHOW /a\n")
	b.expect("400 /a NOT FOUND")
	for range 3 {
		c := dial(t, addr)
		c.expect(`500 - SERVER ERROR "too many connections; try again later"`)
		c.expectEnd()
	}
	if n := strings.Count(log.String(), "limit of connections is reached"); n != 1 {
		t.Errorf("the log tells of the limit %d times:\n%s", n, log.String())
	}
	a.send("\n")
	a.expectEnd()
	a.Close()
	for served, until := false, time.Now().Add(10*time.Second); !served; { // once the server has seen it go
		c := dial(t, addr)
		c.Write([]byte("SHOW /a\n"))
		line, _ := c.r.ReadString('\n')
		served = line == "400 /a NOT FOUND\n"
		if time.Now().After(until) {
			t.Fatalf("still answered %q", line)
		}
	}
}

func TestBeyondTheLimitForAnAddressAClientIsTold(t *testing.T) {
	_, addr := start(t, newMapped(), server.Options{ConnectionsPerAddress: 1})
	a := dial(t, addr)
	a.send("SHOW /a\n")
	a.expect("400 /a NOT FOUND")
	c := dial(t, addr)
	c.expect(`500 - SERVER ERROR "too many connections from your address; close one or try again later"`)
	c.expectEnd()
	from2, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}).Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	other := wrap(t, from2)
	other.send("SHOW /a\n")
	other.expect("400 /a NOT FOUND")
}

// Each client asks twice and waits in between, so a server that serves several
// at once mixes their requests.
func TestConcurrencyOneServesOneConnectionAfterTheOther(t *testing.T) {
	h := newBlocking()
	s, addr := start(t, h, server.Options{Concurrency: 1})
	first := dial(t, addr)
	first.send("SHOW /first\n")
	if got := <-h.entered; got != "/first" {
		t.Fatalf("the handler was asked for %s", got)
	}
	for i := range 3 {
		c := dial(t, addr)
		c.send(fmt.Sprintf("SHOW /%d\nLIST /%d\n", i, i))
		c.closeWrite()
	}
	eventually(t, "all four are accepted", func() bool { return s.Counters().Conns == 4 })
	h.leave <- struct{}{}
	first.expect("400 /first NOT FOUND")
	first.send("SHOW /first\n")
	first.closeWrite()
	served := []string{"/first"}
	for range 7 {
		served = append(served, <-h.entered)
		if turns, waiting := s.Counters().Turns, len(h.entered); turns != 1 || waiting != 0 {
			t.Errorf("%d turns are taken and %d requests wait in the handler beside the one that is served", turns, waiting)
		}
		h.leave <- struct{}{}
	}
	if once := slices.Compact(slices.Clone(served)); served[1] != "/first" || len(once) != 4 {
		t.Errorf("the requests were served in the order %v", served)
	}
}

// scarce is a listener that is out of file descriptors for a while.
type scarce struct {
	net.Listener
	mu       sync.Mutex
	failures int
	calls    int
}

func (s *scarce) Accept() (net.Conn, error) {
	s.mu.Lock()
	s.calls++
	fail := s.calls <= s.failures
	s.mu.Unlock()
	if fail {
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: os.NewSyscallError("accept4", syscall.EMFILE)}
	}
	return s.Listener.Accept()
}

func TestOutOfFileDescriptorsItBacksOffAndRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log lines
		inner := newPipeListener()
		l := &scarce{Listener: inner, failures: 12}
		begun := time.Now()
		s := server.New(newMapped(), server.Options{Logger: logger(&log, slog.LevelInfo)})
		go s.Serve(l)
		c := inner.dial(t)
		c.send("SHOW /a\n")
		c.expect("400 /a NOT FOUND")
		// 5, 10, 20 … 640 ms, then 4 times 1 s.
		if took := time.Since(begun); took != 5275*time.Millisecond {
			t.Errorf("after 12 failures it accepted after %v", took)
		}
		time.Sleep(2 * time.Second)
		again := inner.dial(t)
		again.send("SHOW /a\n")
		again.expect("400 /a NOT FOUND")
		again.Close()
		c.Close()
		shutdown(t, s)
		got := log.String()
		if strings.Count(got, "cannot be accepted for now") != 1 || strings.Count(got, "accepted again") != 1 {
			t.Errorf("the log has\n%s", got)
		}
	})
}
