package client_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sttp"
	"sttp/client"
)

// Shows [6.2-2] [6.3-5] [6.5-1] of docs/protocol.md.
func TestWhatIsNoReplyToTheRequestIsAnError(t *testing.T) {
	long := strings.Repeat("x", sttp.MaxLine+1)
	for _, c := range []struct {
		name  string
		ask   sttp.Action
		reply string
		want  error
	}{
		{"another path", sttp.Show, "200 /b.txt OK\nBuy milk\n", client.ErrProtocol},
		{"another path, refused", sttp.Show, "400 /b.txt NOT FOUND\n", client.ErrProtocol},
		{"no path in a success", sttp.Show, "200 - OK\nBuy milk\n", client.ErrProtocol},
		{"a directory that does not hold the file", sttp.Show, "410 /else/ PATH NOT FOUND\n", client.ErrProtocol},
		{"the status of CREATE", sttp.Show, "100 /n/a.txt CREATED\n", client.ErrProtocol},
		{"the status of DELETE", sttp.Update, "600 /n/a.txt DELETED\n", client.ErrProtocol},
		{"the status of SHOW", sttp.Delete, "200 /n/a.txt OK\nx\n", client.ErrProtocol},
		{"another path for a change", sttp.Create, "100 /b.txt CREATED\n", client.ErrProtocol},
		{"another protocol", sttp.Show, "HTTP/1.1 400 Bad Request\r\n\r\n", client.ErrProtocol},
		{"an unknown status", sttp.Show, "404 /n/a.txt NOT FOUND\n", client.ErrProtocol},
		{"an empty line", sttp.Show, "\n", client.ErrProtocol},
		{"bytes that are no text", sttp.Delete, "\x00\xff\x1b\n", client.ErrProtocol},
		{"a status line that is too long", sttp.Show, "300 /n/a.txt CLIENT ERROR \"" + long + "\"\n", client.ErrProtocol},
		{"a status line that never ends", sttp.Create, long + "xx", client.ErrProtocol},
		{"contents that are too long", sttp.Show, "200 /n/a.txt OK\n" + strings.Repeat("x", sttp.MaxList+1) + "\r\n\n", client.ErrProtocol},
		{"nothing", sttp.Show, "", io.ErrUnexpectedEOF},
		{"nothing for a change", sttp.Delete, "", io.ErrUnexpectedEOF},
		{"half a status line", sttp.Show, "200 /n/a.t", io.ErrUnexpectedEOF},
		{"no contents line", sttp.Show, "200 /n/a.txt OK\n", io.ErrUnexpectedEOF},
		{"half a contents line", sttp.Show, "200 /n/a.txt OK\nBuy", io.ErrUnexpectedEOF},
		{"half a status line for a change", sttp.Create, "100 /n/a.txt CREATED", io.ErrUnexpectedEOF},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := respond(t, func(nc net.Conn, _ int) {
				for answer(nc, c.reply) && c.want == client.ErrProtocol {
				}
			})
			cl := connect(t, r, client.Options{})
			_, err := cl.Do(within(t), request(t, c.ask, "/n/a.txt"))
			if !errors.Is(err, c.want) || errors.Is(err, client.ErrOutcomeUnknown) != c.ask.Changes() {
				t.Errorf("error %v", err)
			}
			if len(err.Error()) > 400 {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
			cl.Do(within(t), request(t, c.ask, "/n/a.txt"))
			if n := r.accepted.Load(); n != 2 {
				t.Errorf("%d connections for two requests: the first was used again, or a retry was made", n)
			}
		})
	}
}

// request returns a valid request, with contents where the action takes some.
func request(t testing.TB, action sttp.Action, path string) sttp.Request {
	t.Helper()
	req, err := sttp.NewRequest(action, path, "Buy milk", action.TakesContents())
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func TestRefusalsThatNameTheDirectoryOrNoPathAreReplies(t *testing.T) {
	for _, c := range []struct {
		ask   sttp.Action
		path  string
		reply string
		want  error
	}{
		{sttp.Show, "/n/a.txt", "410 /n/ PATH NOT FOUND\n", sttp.ErrPathNotFound},
		{sttp.Show, "/n/a.txt", "410 /n PATH NOT FOUND\n", sttp.ErrPathNotFound},
		{sttp.List, "/n", "410 /n/ PATH NOT FOUND\n", sttp.ErrPathNotFound},
		{sttp.Create, "/n/a.txt", "510 /n/ CANNOT CREATE PATH\n", sttp.ErrCannotCreatePath},
		{sttp.Create, "/n/a.txt", "510 /n/a.txt CANNOT CREATE PATH\n", sttp.ErrCannotCreatePath},
		{sttp.Create, "/n/a.txt", "300 - CLIENT ERROR \"no\"\n", sttp.ErrClient},
		{sttp.Create, "/n/a.txt", "500 - SERVER ERROR \"too many connections\"\n", sttp.ErrServer},
		{sttp.Create, "/n/a.txt", "310 /n/a.txt FILENAME TOO LONG\r\n", sttp.ErrFilenameTooLong},
	} {
		r := respond(t, func(nc net.Conn, _ int) { answer(nc, c.reply) })
		resp, err := connect(t, r, client.Options{}).Do(within(t), request(t, c.ask, c.path))
		if err != nil || !errors.Is(resp.Err(), c.want) {
			t.Errorf("%q: reply %v, error %v", c.reply, resp, err)
		}
	}
}

func TestARefusalThatIsSentUnaskedMeansNothingWasCarriedOut(t *testing.T) {
	const full = "500 - SERVER ERROR \"too many connections\"\n"
	greet := func(nc net.Conn, _ int) {
		io.WriteString(nc, full)
		nc.(*net.TCPConn).CloseWrite()
		io.Copy(io.Discard, nc)
	}
	r := respond(t, greet)
	c := connect(t, r, client.Options{})
	for range 2 {
		err := c.Create(within(t), "/a.txt", "x")
		if !errors.Is(err, sttp.ErrServer) || errors.Is(err, client.ErrOutcomeUnknown) {
			t.Errorf("error %v, want the 500 alone", err)
		}
	}
	if n := r.accepted.Load(); n != 2 {
		t.Errorf("%d connections for two requests, want 2", n)
	}
	reqs := []sttp.Request{request(t, sttp.Create, "/a.txt"), request(t, sttp.Create, "/b.txt")}
	resps, err := c.Pipeline(within(t), reqs)
	var partial *client.PipelineError
	if !errors.As(err, &partial) || errors.Is(err, client.ErrOutcomeUnknown) || partial.Sent != 1 || len(resps) != 1 {
		t.Errorf("replies %v, error %v, want the 500 and nothing unknown", resps, err)
	}
}

// Shows [4.4-2] of docs/protocol.md.
func TestContentsOfAForeignServerComeAsTheyAre(t *testing.T) {
	for _, text := range []string{"", " spaced ", "\x1b[31mred\x00", "\xff\xfe", "a\rb", strings.Repeat("x", sttp.MaxLine)} {
		r := respond(t, func(nc net.Conn, _ int) { answer(nc, "200 /a.txt OK\r\n"+text+"\r\n") })
		got, err := connect(t, r, client.Options{}).Show(within(t), "/a.txt")
		if err != nil || got != text {
			t.Errorf("Show = %.40q, %v; want %.40q", got, err, text)
		}
	}
}

// Shows [6.5-1] [6.5-2] of docs/protocol.md.
func TestAListMayHaveAMebibyteAndNoMore(t *testing.T) {
	for _, extra := range []int{0, 3} {
		r := respond(t, func(nc net.Conn, _ int) {
			answer(nc, "200 / OK\n"+strings.Repeat("n", sttp.MaxList+extra)+"\n")
		})
		names, err := connect(t, r, client.Options{}).List(within(t), "/")
		if extra == 0 && (err != nil || len(names) != 1 || len(names[0]) != sttp.MaxList) {
			t.Errorf("%d names, error %v", len(names), err)
		}
		if extra > 0 && !errors.Is(err, client.ErrProtocol) {
			t.Errorf("error %v, want ErrProtocol", err)
		}
	}
}

func TestAnUpdateThatIsAnsweredWithoutContentsIsASuccess(t *testing.T) {
	r := respond(t, func(nc net.Conn, _ int) { answer(nc, "200 /a.txt OK\n") })
	c := connect(t, r, client.Options{})
	for range 2 {
		if err := c.Update(within(t), "/a.txt", "x"); err != nil {
			t.Error(err)
		}
	}
	if n := r.accepted.Load(); n != 2 {
		t.Errorf("%d connections for two requests, want 2: the first is not in step", n)
	}
}

func TestAnUpdateDoesNotWaitLongForContentsThatDoNotCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, server := pipe(client.Options{})
		defer server.Close()
		go answer(server, "200 /a.txt OK\n") // and the connection stays open
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := c.Update(ctx, "/a.txt", "x"); err != nil {
			t.Error(err)
		}
		if d := time.Since(start); d > 2*time.Second {
			t.Errorf("it waited %v", d)
		}
		c.Close()
	})
}

// pipe returns a Client whose only connection leads to the other result. It
// needs no sockets, so that time can be a test's own.
func pipe(opts client.Options) (*client.Client, net.Conn) {
	near, far := net.Pipe()
	conns := make(chan net.Conn, 1)
	conns <- near
	opts.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
		select {
		case nc := <-conns:
			return nc, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return client.New("pipe", opts), far
}

func FuzzReply(f *testing.F) {
	f.Add(uint8(sttp.Show), "200 /a.txt OK\nBuy milk\n")
	f.Add(uint8(sttp.Update), "200 /a.txt OK\r\n")
	f.Add(uint8(sttp.List), "410 / PATH NOT FOUND\n")
	f.Add(uint8(sttp.Create), "500 - SERVER ERROR \"full\"\n")
	f.Add(uint8(sttp.Delete), "600 /a.txt DELETED\n\n\n")
	f.Add(uint8(sttp.Create), "HTTP/1.1 400 Bad Request\r\n\r\n")
	f.Fuzz(func(t *testing.T, action uint8, reply string) {
		req := request(t, sttp.Actions()[int(action)%5], "/a.txt")
		c, server := pipe(client.Options{})
		done := make(chan struct{})
		go func() {
			defer close(done)
			answer(server, reply)
			server.Close()
		}()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		resp, err := c.Do(ctx, req)
		c.Close()
		<-done
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			t.Error("it hangs")
		case err != nil && errors.Is(err, client.ErrOutcomeUnknown) != req.Action.Changes():
			t.Errorf("error %v for %v", err, req.Action)
		case err == nil && resp.Status.Text() == "":
			t.Errorf("the reply is %v", resp)
		case err == nil && strings.Contains(resp.Contents+resp.Message, "\n"):
			t.Errorf("a reply holds two lines: %q", resp)
		}
	})
}
