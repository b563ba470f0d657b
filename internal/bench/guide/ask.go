package guide

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"sttp"
	"sttp/client"
	"sttp/internal/bench"
)

// asker sends requests to the server.
type asker struct {
	address string
	timeout time.Duration
	netcat  bool // whether each request has a connection as netcat has it
	dials   atomic.Int64
	kept    *client.Client // nil with netcat
}

func newAsker(o Options) *asker {
	a := &asker{address: o.Address, timeout: o.Timeout, netcat: o.ConnectionPerRequest}
	if !a.netcat {
		a.kept = a.newClient(o.Concurrent, 0)
	}
	return a
}

// newClient returns a client with that many connections, which are counted.
func (a *asker) newClient(connections int, idle time.Duration) *client.Client {
	return client.New(a.address, client.Options{
		MaxConnections: connections,
		IdleTimeout:    idle,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			a.dials.Add(1)
			return new(net.Dialer).DialContext(ctx, network, address)
		},
	})
}

// keepNone gives each request a connection of its own from now on. No request is
// under way.
func (a *asker) keepNone(connections int) {
	a.kept.Close()
	a.kept = a.newClient(connections, -1)
}

func (a *asker) close() {
	if a.kept != nil {
		a.kept.Close()
	}
}

// ask sends a request and returns the reply, within the time limit. A change is
// carried through when ctx ends, so that its outcome is known.
func (a *asker) ask(ctx context.Context, req sttp.Request) (sttp.Response, error) {
	if req.Action.Changes() {
		ctx = context.WithoutCancel(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	if a.netcat {
		return a.askAsNetcat(ctx, req)
	}
	return a.kept.Do(ctx, req)
}

// askAsNetcat opens a connection for the request, and returns when the server has
// closed it; one that does not close is waited for as long as a Client does, a
// quarter of a second.
func (a *asker) askAsNetcat(ctx context.Context, req sttp.Request) (sttp.Response, error) {
	c := client.New(a.address, client.Options{MaxConnections: 1, DialContext: dialAsNetcat})
	defer c.Close()
	return c.Do(ctx, req)
}

func dialAsNetcat(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &netcatConn{Conn: c}, nil
}

// netcatConn is a connection for one request, which goes out together with the
// empty line that ends the session. A Client sends that line when the reply has
// come: it is swallowed then.
type netcatConn struct {
	net.Conn
	sent bool
}

func (c *netcatConn) Write(line []byte) (int, error) {
	if c.sent {
		return len(line), nil
	}
	c.sent = true
	n, err := c.Conn.Write(append(bytes.Clone(line), '\n'))
	return min(n, len(line)), err
}

// answer is what became of a request.
type answer struct {
	req   sttp.Request
	resp  sttp.Response // the zero Response if there is none
	err   error         // why there is none
	took  time.Duration
	right bool   // whether it is the success that was asked for
	wrong string // the kind of a wrong reply
	error string // the kind of an error
}

// refused tells whether the reply says for certain that nothing was changed. A 500
// may say in its message that this is not known.
func (a answer) refused() bool {
	return a.err == nil && !a.resp.Status.Success() && a.resp.Status != sttp.StatusServerError
}

// answered tells whether anything came back, be it no reply of the protocol.
func (a answer) answered() bool { return a.err == nil || errors.Is(a.err, client.ErrProtocol) }

// sent tells whether the request may have reached the server.
func (a answer) sent() bool { return !errors.Is(a.err, client.ErrNoConnection) }

// isMissing tells whether the reply says that the snippet is not there.
func (a answer) isMissing() bool {
	return a.resp.Status == sttp.StatusNotFound || a.resp.Status == sttp.StatusPathNotFound
}

// reason returns why there is no reply, for people.
func (a answer) reason(o Options) error {
	switch errorKind(a.err) {
	case bench.Timeout:
		return fmt.Errorf("%w from %s within %v", ErrNoReply, o.Address, o.Timeout)
	case bench.DialTimeout:
		return fmt.Errorf("no connection to %s within %v", o.Address, o.Timeout)
	}
	return a.err
}

// judge fills in what is right or wrong with the answer to a request about s.
func (a *answer) judge(s *snippet) {
	switch {
	case errors.Is(a.err, client.ErrProtocol):
		a.wrong = bench.Garbled
	case a.err != nil:
		a.error = errorKind(a.err)
	case a.isMissing() && a.req.Action != sttp.Create:
		a.wrong = bench.Lost
	case !a.resp.Status.Success():
		a.error = fmt.Sprintf("status %d", int(a.resp.Status))
	case a.req.Action == sttp.Show:
		a.wrong = s.wrongContents(a.resp.Contents)
	}
	a.right = a.wrong == "" && a.error == ""
}

// String tells what was wrong, for people.
func (a answer) String() string {
	switch {
	case a.err != nil:
		return fmt.Sprintf("%s %s: %v", a.req.Action, a.req.Path, a.err)
	case a.resp.Status.Success():
		return fmt.Sprintf("%s %s was answered %q", a.req.Action, a.req.Path, clip(a.resp.Contents))
	}
	return fmt.Sprintf("%s %s was answered %s", a.req.Action, a.req.Path, clip(a.resp.Err().Error()))
}

// clip returns as much of what a server sent as is shown.
func clip(s string) string {
	const most = 200
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}

// errorKind tells why there is no reply.
func errorKind(err error) string {
	noConnection := errors.Is(err, client.ErrNoConnection)
	switch {
	case errors.Is(err, context.DeadlineExceeded) && noConnection, errors.Is(err, syscall.ETIMEDOUT) && noConnection:
		return bench.DialTimeout
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return bench.Timeout
	case errors.Is(err, syscall.ECONNREFUSED):
		return bench.Refused
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return bench.NoDescriptor
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return bench.NoPort
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return bench.Reset
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return bench.Closed
	}
	return bench.OtherError
}
