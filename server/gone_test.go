package server_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"sttp"
	"sttp/server"
)

// held is a Handler whose CREATEs wait before they take effect, and then take
// effect only if their context has not ended.
type held struct {
	*mapped
	entered, leave, givenUp chan struct{}
}

// release lets the CREATE that waits take effect.
func (h *held) release(t *testing.T) {
	t.Helper()
	select {
	case h.leave <- struct{}{}:
	case <-h.givenUp:
		t.Fatal("the context of a change that had begun has ended")
	}
}

func (h *held) Handle(ctx context.Context, req sttp.Request) sttp.Response {
	if req.Action == sttp.Create {
		h.entered <- struct{}{}
		select {
		case <-h.leave:
		case <-ctx.Done():
			h.givenUp <- struct{}{}
			return sttp.Response{Status: sttp.StatusServerError, Path: req.Path, Message: "given up"}
		}
	}
	return h.mapped.Handle(ctx, req)
}

func (h *held) HandleBatch(ctx context.Context, reqs []sttp.Request, resps []sttp.Response) {
	for i, req := range reqs {
		resps[i] = h.Handle(ctx, req)
	}
}

// Shows [2.3-6] of docs/protocol.md.
func TestAChangeThatHasBegunIsCarriedThroughWithoutItsClient(t *testing.T) {
	for name, leave := range map[string]func(c *client){
		"it resets the connection":   (*client).reset,
		"it closes the connection":   func(c *client) { c.Close() },
		"it ends its sending side":   (*client).closeWrite,
		"it sends more, then resets": func(c *client) { c.send("SHOW /a\nSHOW /b\nCRE"); c.reset() },
	} {
		t.Run(name, func(t *testing.T) {
			h := &held{newMapped(), make(chan struct{}, 2), make(chan struct{}), make(chan struct{}, 2)}
			s, addr := start(t, h, server.Options{})
			c, other := dial(t, addr), dial(t, addr)
			c.send("CREATE /a one\nCREATE /b two\n")
			<-h.entered
			leave(c)
			for range 100 { // time in which the server could notice
				other.send("SHOW /a\n")
				other.expect("400 /a NOT FOUND")
			}
			h.release(t)
			select {
			case <-h.entered: // the second change had arrived with the first
			case <-time.After(10 * time.Second):
				t.Fatal("the second change was not begun")
			}
			h.release(t)
			c.Close()
			eventually(t, "the connection is over", func() bool { return s.Counters().Conns == 1 })
			other.send("SHOW /a\nSHOW /b\n")
			other.expect("200 /a OK", "one", "200 /b OK", "two")
		})
	}
}

// Shows [2.4-1] [2.4-2] of docs/protocol.md.
func TestAClientThatGoesOnSendingAfterTheEndIsCutOff(t *testing.T) {
	const most = 64 << 20 // little for a second in which nothing else bounds it
	_, c := startNarrow(t, newMapped(), server.Options{})
	c.send("SHOW /a\n\n")
	c.expect("400 /a NOT FOUND")
	c.expectEnd()
	more, sent := bytes.Repeat([]byte("CREATE /a.txt more\n"), 4000), 0
	for sent < most {
		n, err := c.Write(more)
		if sent += n; err != nil {
			break
		}
	}
	if sent > 2<<20 {
		t.Errorf("after the end of the session %d bytes were taken", sent)
	}
}

// A connection that the server has ended is not waited for when its client never
// closes it, sends a little now and then, or has been told that it is one too many.
// Shows [2.4-2] [2.6-7] of docs/protocol.md.
func TestAClientThatNeverClosesIsNotWaitedForLong(t *testing.T) {
	s, addr := start(t, newMapped(), server.Options{Connections: 3})
	silent, browser, sending := dial(t, addr), dial(t, addr), dial(t, addr)
	eventually(t, "all three are accepted", func() bool { return s.Counters().Conns == 3 })
	tooMany := dial(t, addr)
	silent.send("SHOW /a\n\n")
	silent.expect("400 /a NOT FOUND")
	browser.send("GET / HTTP/1.1\r\n")
	browser.expect("300 - CLIENT ERROR…")
	sending.send(strings.Repeat("x", sttp.MaxLine+1))
	sending.expect("300 - CLIENT ERROR…")
	tooMany.expect("500 - SERVER ERROR…")
	for _, c := range []*client{silent, browser, sending, tooMany} {
		c.expectEnd()
	}
	var trickling sync.WaitGroup
	defer trickling.Wait()
	trickling.Go(sending.trickle)
	shutdown(t, s) // fails after five seconds
	if _, err := io.WriteString(sending, "x"); err != nil {
		return
	}
	eventually(t, "the connection is closed", func() bool { _, err := io.WriteString(sending, "x"); return err != nil })
}
