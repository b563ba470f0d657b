package server_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sttp"
	"sttp/server"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// mapped is a Handler over a map, enough to see what a server does.
type mapped struct {
	mu      sync.Mutex
	files   map[string]string
	batches []int // sizes of the batches it was given
}

func newMapped() *mapped { return &mapped{files: map[string]string{}} }

func (m *mapped) Handle(_ context.Context, req sttp.Request) sttp.Response {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := req.Path.Clone().String()
	text, found := m.files[key]
	switch {
	case req.Action == sttp.Create && !found:
		m.files[key] = req.Contents.Clone().String()
		return sttp.Response{Status: sttp.StatusCreated, Path: req.Path}
	case req.Action == sttp.Show && found:
		return sttp.Response{Status: sttp.StatusOK, Path: req.Path, Contents: text}
	case req.Action == sttp.List:
		return sttp.Response{Status: sttp.StatusOK, Path: req.Path, Contents: strings.Repeat("x", 40<<10)}
	}
	return sttp.Response{Status: sttp.StatusNotFound, Path: req.Path}
}

func (m *mapped) HandleBatch(ctx context.Context, reqs []sttp.Request, resps []sttp.Response) {
	m.mu.Lock()
	m.batches = append(m.batches, len(reqs))
	m.mu.Unlock()
	for i, req := range reqs {
		resps[i] = m.Handle(ctx, req)
	}
}

// blocking is a Handler whose requests wait until they are let go.
type blocking struct {
	entered chan string // their paths, in the order in which they came
	leave   chan struct{}
}

func newBlocking() *blocking { return &blocking{make(chan string, 100), make(chan struct{})} }

func (b *blocking) Handle(ctx context.Context, req sttp.Request) sttp.Response {
	b.entered <- req.Path.Clone().String()
	select {
	case <-b.leave:
	case <-ctx.Done():
	}
	return sttp.Response{Status: sttp.StatusNotFound, Path: req.Path}
}

type handlerFunc func(sttp.Request) sttp.Response

func (f handlerFunc) Handle(_ context.Context, req sttp.Request) sttp.Response { return f(req) }

// start serves h on a free port of loopback until the test ends.
func start(t *testing.T, h sttp.Handler, o server.Options) (*server.Server, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, h, o, l), l.Addr().String()
}

func serve(t *testing.T, h sttp.Handler, o server.Options, l net.Listener) *server.Server {
	t.Helper()
	s := server.New(h, o)
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		s.Shutdown(ctx)
		if err := <-served; err != server.ErrServerClosed {
			t.Errorf("Serve returned %v", err)
		}
	})
	return s
}

// client is the other end of a connection, with a time limit on all it does.
type client struct {
	t *testing.T
	net.Conn
	r *bufio.Reader
}

func dial(t *testing.T, addr string) *client {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return wrap(t, nc)
}

func wrap(t *testing.T, nc net.Conn) *client {
	nc.SetDeadline(time.Now().Add(10 * time.Second))
	t.Cleanup(func() { nc.Close() })
	return &client{t: t, Conn: nc, r: bufio.NewReader(nc)}
}

func (c *client) send(s string) {
	c.t.Helper()
	if _, err := io.WriteString(c, s); err != nil {
		c.t.Fatalf("sending %.40q: %v", s, err)
	}
}

func (c *client) closeWrite() { c.Conn.(*net.TCPConn).CloseWrite() }

// reset ends the connection as a crash would, without an orderly end.
func (c *client) reset() {
	c.Conn.(*net.TCPConn).SetLinger(0)
	c.Close()
}

// expect reads lines and compares them; a line that ends with … is a beginning.
func (c *client) expect(lines ...string) {
	c.t.Helper()
	for _, want := range lines {
		got, err := c.r.ReadString('\n')
		if err != nil {
			c.t.Fatalf("got %q and %v, want %q", got, err, want)
		}
		got = strings.TrimSuffix(got, "\n")
		begin, cut := strings.CutSuffix(want, "…")
		if got != want && !(cut && strings.HasPrefix(got, begin)) {
			c.t.Fatalf("got %q, want %q", got, want)
		}
	}
}

// expectEnd reads to the end of the stream, where nothing more may come.
func (c *client) expectEnd() {
	c.t.Helper()
	if rest, err := io.ReadAll(c.r); err != nil || len(rest) > 0 {
		c.t.Fatalf("got %q and %v, want the end of the stream", rest, err)
	}
}

// eventually waits until what is true, for what no channel can tell.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for until := time.Now().Add(10 * time.Second); !is(); <-tick.C {
		if time.Now().After(until) {
			t.Fatalf("still not true: %s", what)
		}
	}
}

// narrow is a listener whose connections have small buffers in the kernel, so
// that they are soon full.
type narrow struct{ net.Listener }

func (l narrow) Accept() (net.Conn, error) {
	nc, err := l.Listener.Accept()
	if err == nil {
		shrink(nc)
	}
	return nc, err
}

func shrink(nc net.Conn) {
	nc.(*net.TCPConn).SetReadBuffer(64 << 10)
	nc.(*net.TCPConn).SetWriteBuffer(64 << 10)
}

// startNarrow is start and dial with small buffers on both sides.
func startNarrow(t *testing.T, h sttp.Handler, o server.Options) (*server.Server, *client) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, h, o, narrow{l})
	c := dial(t, l.Addr().String())
	shrink(c.Conn)
	return s, c
}

// lines collects log lines.
type lines struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func logger(l *lines, level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: level}))
}
