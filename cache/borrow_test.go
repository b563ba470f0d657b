package cache_test

import (
	"context"
	"testing"
	"testing/synctest"
	"unsafe"

	"sttp"
)

// connection is a buffer as a connection has it: the request in it is valid
// until it has been answered.
type connection struct {
	buf []byte
	req sttp.Request
}

func newConnection(line string) *connection {
	c := &connection{req: request(line)}
	c.buf = []byte(c.req.Path.String())
	path, err := sttp.ParsePath(unsafe.String(&c.buf[0], len(c.buf)))
	if err != nil {
		panic(err)
	}
	c.req.Path = path
	return c
}

// send answers the request beside the test, and spoils it then.
func (c *connection) send(h sttp.Handler) (reply func() string) {
	done := make(chan string, 1)
	go func() {
		reply := text(h.Handle(context.Background(), c.req))
		for i := range c.buf {
			c.buf[i] = '#'
		}
		done <- reply
	}()
	synctest.Wait()
	return func() string { return <-done }
}

func TestNothingIsKeptOfARead(t *testing.T) {
	for _, line := range []string{"SHOW /f", "LIST /"} {
		synctest.Test(t, func(t *testing.T) {
			b := newBackend("/f")
			h := newHandler(t, b)
			wanted := newConnection(line).send(h)()
			want(t, do(h, line), wanted)
			if n := b.called(line); n != 1 {
				t.Errorf("asked %d times, want once", n)
			}
			want(t, do(h, "SHOW /#"), "400 /# NOT FOUND")
		})
	}
}

// A change that began first, and returns while another one to the same file
// goes on, takes its bytes with it.
func TestNothingIsKeptOfAChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBackend("/d/f")
		h := newHandler(t, b)
		g1, g2 := make(gate), make(gate)
		b.after = func(_ context.Context, req sttp.Request, _ *sttp.Response) {
			switch req.Contents.String() {
			case "1":
				g1.wait()
			case "2":
				g2.wait()
			}
		}
		first := newConnection("UPDATE /d/f 1").send(h)
		second := newConnection("UPDATE /d/f 2").send(h)
		g1.open()
		want(t, first(), "200 /d/f OK 1")
		want(t, do(h, "SHOW /d/f"), "200 /d/f OK 2")
		b.files["/d/f"] = "by hand"
		want(t, do(h, "SHOW /d/f"), "200 /d/f OK 2")
		g2.open()
		want(t, second(), "200 /d/f OK 2")
		want(t, do(h, "SHOW /d/f"), "200 /d/f OK by hand")
		if n := h.UnderWay(); n != 0 {
			t.Errorf("%d keys are remembered though nothing goes on", n)
		}
	})
}

// A reply may borrow from its request: what a follower gets is its own.
func TestNothingIsKeptOfALeader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBackend()
		h := newHandler(t, b)
		g := make(gate)
		b.after = func(_ context.Context, req sttp.Request, resp *sttp.Response) {
			path := req.Path.String()
			*resp = sttp.Response{Status: sttp.StatusPathNotFound, Path: req.Path.Dir(), Message: path, Contents: path}
			g.wait()
		}
		leader := newConnection("SHOW /d/f").send(h)
		got := make(chan sttp.Response, 1)
		go func() { got <- h.Handle(context.Background(), request("SHOW /d/f")) }()
		synctest.Wait()
		g.open()
		leader()
		want(t, text(<-got), "410 /d/ PATH NOT FOUND /d/f/d/f")
	})
}
