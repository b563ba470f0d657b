package client_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sttp"
	"sttp/client"
	"sttp/internal/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

// within returns a context that ends the test's calls if they hang.
func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// responder listens on loopback and hands every connection to a function.
type responder struct {
	address  string
	accepted atomic.Int32
	ln       net.Listener
	mu       sync.Mutex
	open     []net.Conn
	done     sync.WaitGroup
}

// listen starts a responder. The function is called for each connection in a
// goroutine of its own, which closes the connection when it returns; n counts
// the connections from 1.
func listen(handle func(nc net.Conn, n int)) (*responder, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &responder{address: ln.Addr().String(), ln: ln}
	r.done.Go(func() {
		for {
			nc, err := ln.Accept()
			if err != nil {
				return
			}
			r.mu.Lock()
			r.open = append(r.open, nc)
			r.mu.Unlock()
			n := int(r.accepted.Add(1))
			r.done.Go(func() {
				defer nc.Close()
				handle(nc, n)
			})
		}
	})
	return r, nil
}

// Close ends the responder and waits for its goroutines.
func (r *responder) Close() {
	r.ln.Close()
	r.mu.Lock()
	for _, nc := range r.open {
		nc.Close()
	}
	r.mu.Unlock()
	r.done.Wait()
}

// respond starts a responder for one test.
func respond(t *testing.T, handle func(nc net.Conn, n int)) *responder {
	t.Helper()
	r, err := listen(handle)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// connect returns a Client that is closed before the responder is.
func connect(t *testing.T, r *responder, opts client.Options) *client.Client {
	t.Helper()
	c := client.New(r.address, opts)
	t.Cleanup(func() { c.Close() })
	return c
}

// answer reads a request line and writes a reply as it stands, unless the line
// is the empty one that ends a session, or there is none.
func answer(nc net.Conn, reply string) bool {
	b := make([]byte, 1)
	for n := 0; ; n++ {
		if _, err := nc.Read(b); err != nil || n == 0 && b[0] == '\n' {
			return false
		}
		if b[0] == '\n' {
			_, err := io.WriteString(nc, reply)
			return err == nil
		}
	}
}

// memory is a server that keeps files in a map, one goroutine a connection,
// which reads a line only when its last reply is written.
type memory struct {
	mu       sync.Mutex
	files    map[string]string
	requests []string
}

func newMemory() *memory { return &memory{files: make(map[string]string)} }

func (m *memory) serve(nc net.Conn, _ int) {
	in := bufio.NewReader(nc)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil || len(line) == 1 {
			return
		}
		if _, err := nc.Write(wire.AppendResponse(nil, m.handle(line[:len(line)-1]))); err != nil {
			return
		}
	}
}

func (m *memory) handle(line []byte) sttp.Response {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.requests = append(m.requests, string(line))
	var req sttp.Request
	err := wire.ParseRequest(&req, bytes.Clone(line))
	if err != nil {
		return wire.Refusal(err)
	}
	name := req.Path.String()
	old, exists := m.files[name]
	switch {
	case req.Action == sttp.List:
		return sttp.Response{Status: sttp.StatusOK, Path: req.Path, Contents: m.names(req.Path.AsDir().String())}
	case req.Action == sttp.Create && exists:
		return sttp.ClientError(req.Path, "it exists; use UPDATE").Response()
	case req.Action == sttp.Create:
		m.files[name] = req.Contents.String()
		return sttp.Response{Status: sttp.StatusCreated, Path: req.Path}
	case m.names(req.Path.Dir().String()) == "":
		return sttp.Response{Status: sttp.StatusPathNotFound, Path: req.Path.Dir()}
	case !exists:
		return sttp.Response{Status: sttp.StatusNotFound, Path: req.Path}
	case req.Action == sttp.Delete:
		delete(m.files, name)
		return sttp.Response{Status: sttp.StatusDeleted, Path: req.Path}
	case req.Action == sttp.Update:
		old = req.Contents.String()
		m.files[name] = old
	}
	return sttp.Response{Status: sttp.StatusOK, Path: req.Path, Contents: old}
}

func (m *memory) names(dir string) string {
	var names []string
	for name := range m.files {
		if rest, ok := strings.CutPrefix(name, dir); ok {
			names = append(names, rest)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
