package server_test

import (
	"errors"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sttp"
	"sttp/server"
)

// Shows [2.2-9] [2.6-5] of docs/protocol.md.
func TestAClientThatDoesNotReadIsNotReadFromAndIsCutOff(t *testing.T) {
	const patience, most = 200 * time.Millisecond, 8 << 20
	var log lines
	var calls atomic.Int64
	list := strings.Repeat("x", 128<<10)
	h := handlerFunc(func(req sttp.Request) sttp.Response {
		calls.Add(1)
		return sttp.Response{Status: sttp.StatusOK, Path: req.Path, Contents: list}
	})
	s, c := startNarrow(t, h, server.Options{WriteTimeout: patience, Logger: logger(&log, slog.LevelInfo)})
	begun := time.Now()
	sent := 0
	for requests := []byte(strings.Repeat("LIST /\n", 1000)); sent < most; {
		n, err := c.Write(requests)
		sent += n
		if errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("the client is not cut off; it has sent %d bytes", sent)
		}
		if err != nil {
			break
		}
	}
	if took := time.Since(begun); took < patience {
		t.Errorf("it was cut off after %v", took)
	}
	if n := calls.Load(); sent >= most || n == 0 || n > int64(sent/len("LIST /\n")/100) {
		t.Errorf("of a client that reads nothing %d bytes were taken, and %d requests carried out", sent, n)
	}
	shutdown(t, s)
	if !strings.Contains(log.String(), `reason="write timeout"`) {
		t.Errorf("the log has\n%s", log.String())
	}
}

// The time is for a bounded part of the replies, not for one or all of them.
// Shows [2.6-5] of docs/protocol.md.
func TestAClientThatReadsSlowlyButSteadilyGetsAllReplies(t *testing.T) {
	const patience, rate = 300 * time.Millisecond, 2500 << 10 // bytes a second: 128 KiB take 51 ms, each list 410 ms
	list := strings.Repeat("x", sttp.MaxList)
	h := handlerFunc(func(req sttp.Request) sttp.Response {
		return sttp.Response{Status: sttp.StatusOK, Path: req.Path, Contents: list}
	})
	_, c := startNarrow(t, h, server.Options{WriteTimeout: patience})
	c.send("LIST /\nLIST /\n\n")
	want := strings.Repeat("200 / OK\n"+list+"\n", 2)
	begun := time.Now()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	buf, got := make([]byte, len(want)), 0
	for range tick.C {
		due := min(int(time.Since(begun).Seconds()*rate), len(want))
		n, err := io.ReadFull(c, buf[got:due])
		got += n
		if err != nil {
			t.Fatalf("after %v and %d bytes: %v", time.Since(begun), got, err)
		}
		if got == len(want) {
			break
		}
	}
	if string(buf) != want {
		t.Error("the replies are not those that were asked for")
	}
	c.expectEnd()
	if took := time.Since(begun); took < 2*patience {
		t.Errorf("it took %v, which shows nothing", took)
	}
}
