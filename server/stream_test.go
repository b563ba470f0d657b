package server

import (
	"io"
	"net"
	"testing"
	"time"
)

// tcpPair returns the stream of an accepted connection, and its other end.
func tcpPair(t *testing.T, idle time.Duration) (*stream, net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	peer, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	nc, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { peer.Close(); nc.Close() })
	return newStream(nc, idle), peer
}

// A deadline that was armed for one wait may pass while the connection is busy.
// The next read must neither end nor spin for it.
func TestAReadSurvivesADeadlineThatPassedWhileItWasBusy(t *testing.T) {
	past := time.Unix(1, 0)
	for _, idle := range []time.Duration{0, time.Hour} {
		for name, wait := range map[string]func(*stream) error{
			"read":               func(s *stream) error { return s.read(time.Time{}) },
			"read with deadline": func(s *stream) error { return s.read(time.Now().Add(time.Hour)) },
			"await": func(s *stream) error {
				for { // as Server's goroutines do it
					s.rest()
					err := s.await()
					if err == nil {
						return nil
					}
					if err = s.expired(err); err != nil {
						return err
					}
				}
			},
		} {
			s, peer := tcpPair(t, idle)
			s.lastWait = time.Now() // it is busy
			s.deadline.armed = past
			s.nc.SetReadDeadline(past)
			done := make(chan error, 1)
			go func() { done <- wait(s) }()
			io.WriteString(peer, "x")
			select {
			case err := <-done:
				if err != nil || string(s.pending()) != "x" {
					t.Errorf("%s with idle %v returned %v and %q", name, idle, err, s.pending())
				}
			case <-time.After(10 * time.Second):
				t.Fatalf("%s with idle %v does not return", name, idle)
			}
		}
	}
}

func TestWakeEndsAReadThatWaitsAndEveryLaterOne(t *testing.T) {
	s, _ := tcpPair(t, time.Hour)
	done := make(chan error, 1)
	s.lastWait = time.Now()
	go func() { done <- s.read(time.Time{}) }()
	s.deadline.wake()
	if err := <-done; err != errWoken {
		t.Errorf("the read returned %v", err)
	}
	if err := s.read(time.Now().Add(time.Hour)); err != errWoken {
		t.Errorf("a later read returned %v", err)
	}
}
