package check_test

import (
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"sttp/internal/check"
	"sttp/internal/check/zoo"
)

// queueOf5 stands before a server as what it listens with in a language whose
// queue of connections that wait to be accepted is short, as it is with Python's
// socketserver, and where beginning to serve one takes a moment.
func queueOf5(t *testing.T, server string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	raw, err := l.(*net.TCPListener).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	if controlled := raw.Control(func(fd uintptr) { err = syscall.Listen(int(fd), 5) }); controlled != nil || err != nil {
		t.Fatal(controlled, err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go passOn(c.(*net.TCPConn), server)
			time.Sleep(time.Millisecond)
		}
	}()
	return l.Addr().String()
}

func passOn(c *net.TCPConn, server string) {
	defer c.Close()
	nc, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	s := nc.(*net.TCPConn)
	defer s.Close()
	go func() {
		io.Copy(s, c)
		s.CloseWrite()
	}()
	io.Copy(c, s)
}

func TestAShortQueueOfConnectionsIsNoFault(t *testing.T) {
	long(t)
	t.Parallel()
	server, err := zoo.StartMinimal(t.TempDir())
	address := queueOf5(t, zooAddress(t, server, err))
	report := checked(t, check.Options{Address: address, Timeout: 6 * time.Second, Only: []string{
		"STTP-2.1-PARALLEL-*", "STTP-5.8-RACE-00[136]", "STTP-2.1-ROBUST-003", "STTP-5.4-LIST-012",
	}})
	mustHold(t, report)
	for _, r := range report.Results {
		if r.Outcome != check.Pass {
			t.Errorf("%s: %v: %s", r.Case.ID, r.Outcome, r.Says)
		}
	}
}
