package client_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sttp"
	"sttp/client"
)

func TestTenThousandRequestsAreAnsweredThoughAllBuffersFill(t *testing.T) {
	m := newMemory()
	var most atomic.Int32
	r := respond(t, func(nc net.Conn, n int) {
		nc.(*net.TCPConn).SetReadBuffer(64 << 10)
		nc.(*net.TCPConn).SetWriteBuffer(64 << 10)
		most.Store(int32(n))
		m.serve(nc, n)
	})
	c := connect(t, r, client.Options{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		nc, err := new(net.Dialer).DialContext(ctx, network, address)
		if err == nil {
			nc.(*net.TCPConn).SetReadBuffer(64 << 10)
			nc.(*net.TCPConn).SetWriteBuffer(64 << 10)
		}
		return nc, err
	}})
	wide := strings.Repeat("世", sttp.MaxContents)
	if err := c.Create(within(t), "/a.txt", wide); err != nil {
		t.Fatal(err)
	}
	reqs := make([]sttp.Request, 10_000)
	for i := range reqs {
		var err error
		if reqs[i], err = sttp.NewRequest(sttp.Update, "/a.txt", fmt.Sprintf("%d%s", i%10, wide[3:]), true); err != nil {
			t.Fatal(err)
		}
	}
	resps, err := c.Pipeline(within(t), reqs)
	if err != nil || len(resps) != len(reqs) {
		t.Fatalf("%d replies, error %v", len(resps), err)
	}
	for i, resp := range resps {
		if resp.Contents != reqs[i].Contents.String() {
			t.Fatalf("reply %d is %.20q", i, resp.Contents)
		}
	}
	if _, err := c.List(within(t), "/"); err != nil || most.Load() != 1 {
		t.Errorf("error %v on connection %d: it was not kept", err, most.Load())
	}
}

func TestAPipelineThatFailsSaysHowFarItCame(t *testing.T) {
	show, remove := request(t, sttp.Show, "/a.txt"), request(t, sttp.Delete, "/b.txt")
	const shown, removed = "200 /a.txt OK\nx\n", "600 /b.txt DELETED\n"
	for _, c := range []struct {
		name    string
		reqs    []sttp.Request
		replies string
		want    int
		cause   error
		unknown bool
	}{
		{"no reply to reads", []sttp.Request{show, show}, "", 0, io.ErrUnexpectedEOF, false},
		{"a change without a reply", []sttp.Request{show, remove}, shown, 1, io.ErrUnexpectedEOF, true},
		{"a change with its reply", []sttp.Request{remove, show}, removed, 1, io.ErrUnexpectedEOF, false},
		{"replies in the wrong order", []sttp.Request{show, remove}, removed + shown, 0, client.ErrProtocol, true},
		{"a refusal and the end", []sttp.Request{show, show, show}, "400 /a.txt NOT FOUND\n300 - CLIENT ERROR \"x\"\n", 2, io.ErrUnexpectedEOF, false},
		{"garbage after a reply", []sttp.Request{show, show}, shown + "HTTP/1.1 200 OK\n", 1, client.ErrProtocol, false},
		{"an update without contents", []sttp.Request{request(t, sttp.Update, "/a.txt"), remove}, "200 /a.txt OK\n", 1, io.ErrUnexpectedEOF, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := respond(t, func(nc net.Conn, _ int) {
				in := bufio.NewReader(nc)
				for range c.reqs {
					in.ReadString('\n')
				}
				io.WriteString(nc, c.replies)
			})
			resps, err := connect(t, r, client.Options{}).Pipeline(within(t), c.reqs)
			var partial *client.PipelineError
			if !errors.As(err, &partial) || !errors.Is(err, c.cause) || errors.Is(err, client.ErrOutcomeUnknown) != c.unknown {
				t.Fatalf("error %v", err)
			}
			if len(resps) != c.want || partial.Answered != c.want || partial.Sent != len(c.reqs) {
				t.Errorf("%d replies, error %+v", len(resps), partial)
			}
		})
	}
}

func TestAPipelineToAServerThatDoesNotReadEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, server := pipe(client.Options{})
		defer server.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		reqs := []sttp.Request{request(t, sttp.Create, "/a.txt"), request(t, sttp.Show, "/a.txt")}
		_, err := c.Pipeline(ctx, reqs)
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, client.ErrOutcomeUnknown) {
			t.Errorf("error %v, want DeadlineExceeded alone: no byte was taken", err)
		}
		c.Close()
	})
}

func TestARequestThatIsSentInPartMayHaveReachedTheServer(t *testing.T) {
	remove := request(t, sttp.Delete, "/a.txt")
	reqs := []sttp.Request{remove, remove, remove}
	for taken, want := range map[int]int{0: 0, 1: 1, len("DELETE /a.txt\n"): 1, len("DELETE /a.txt\nD"): 2} {
		c, server := pipe(client.Options{})
		go func() {
			io.ReadFull(server, make([]byte, taken))
			server.Close()
		}()
		_, err := c.Pipeline(within(t), reqs)
		var partial *client.PipelineError
		if !errors.As(err, &partial) || partial.Sent != want || errors.Is(err, client.ErrOutcomeUnknown) != (want > 0) {
			t.Errorf("after %d bytes: error %v, want %d requests sent", taken, err, want)
		}
		c.Close()
	}
}

func TestAPipelineOfNothingSendsNothing(t *testing.T) {
	r := respond(t, newMemory().serve)
	resps, err := connect(t, r, client.Options{}).Pipeline(within(t), nil)
	if resps != nil || err != nil || r.accepted.Load() != 0 {
		t.Errorf("replies %v, error %v, %d connections", resps, err, r.accepted.Load())
	}
}

func TestAPipelineOfReadsOnAUsedConnectionIsSentOnceMore(t *testing.T) {
	r := respond(t, func(nc net.Conn, n int) {
		for answer(nc, "400 /a.txt NOT FOUND\n") {
			if n == 1 {
				bufio.NewReader(nc).ReadString('\n')
				return
			}
		}
	})
	c := connect(t, r, client.Options{})
	show := request(t, sttp.Show, "/a.txt")
	if _, err := c.Do(within(t), show); err != nil {
		t.Fatal(err)
	}
	resps, err := c.Pipeline(within(t), []sttp.Request{show, show, show})
	if err != nil || len(resps) != 3 || r.accepted.Load() != 2 {
		t.Errorf("replies %v, error %v, %d connections", resps, err, r.accepted.Load())
	}
}
