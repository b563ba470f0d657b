package redis

import (
	"bytes"
	"io"
	"log/slog"
	"strings"
	"syscall"
	"testing"
)

func TestAnOutageIsOneLineEachWay(t *testing.T) {
	var log bytes.Buffer
	c := &Cache{log: slog.New(slog.NewTextHandler(&log, nil))}
	s := status{cache: c}
	s.found()
	s.settled()
	for range 2 {
		for _, err := range []error{io.EOF, syscall.ECONNREFUSED, errLate, syscall.ECONNREFUSED} {
			s.lost(err)
		}
		s.found()
		s.settled()
	}
	if n := strings.Count(log.String(), "\n"); n != 1+2*2 {
		t.Errorf("%d lines, want the first and two for each outage:\n%s", n, &log)
	}
}
