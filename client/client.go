// Package client talks to an STTP server: Create, Show, List, Update and Delete
// for one request, Search for a LIST with a query, Do for a request that was made
// elsewhere, and Pipeline for many at once. A Client keeps a few connections open
// and is safe for concurrent use.
//
// # Errors
//
// A request that the server refused is an *sttp.Error; errors.Is tells them
// apart by status, as in errors.Is(err, sttp.ErrNotFound). A request that is not
// valid is refused with the same type before anything is sent. Any other error
// means that there is no reply:
//
//   - ErrNoConnection: the server could not be reached, nothing was sent. The
//     error of the dialer, a *net.OpError as a rule, is wrapped in it.
//   - ErrOutcomeUnknown: a CREATE, UPDATE or DELETE was sent, wholly or in part,
//     and whether it was carried out is not known. The cause is wrapped in it.
//   - ErrTimeout: a reply took longer than Options.ReplyTimeout.
//   - ErrProtocol: what came back is no reply to the request.
//   - ErrClosed: the Client was closed.
//   - The context's own error, if it ended first.
//
// An *sttp.Error with status 500 is a reply, but one to a change may say in its
// message, which is for people, that the outcome is unknown
// (docs/protocol.md, section 5.10): if its Path is not zero, look with Show
// before the change is repeated.
//
// # Retries
//
// A server may close a connection that lies unused, just when the next request
// is on its way. So a request that fails on a used connection before a byte of
// its reply has arrived is sent once more on a new one if that can do no harm:
// a SHOW or a LIST always, a change only if no byte of it was sent. Every
// connection is also looked at before it is used again (on Unix systems; without
// waiting), and one that the server has closed is not used.
package client

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"sttp"
)

// What the zero Options mean.
const (
	DefaultMaxConnections = 8
	DefaultIdleTimeout    = time.Minute // well below the 5 minutes that a server should wait for a request
)

// Options are what a Client can be told. The zero Options are good.
type Options struct {
	// MaxConnections is how many connections are open at once, in use or not;
	// calls beyond it wait. Zero means DefaultMaxConnections. Not counted are
	// those that only wait for the server to close them, at most as many.
	MaxConnections int

	// IdleTimeout is how long a connection is kept without being used. Zero
	// means DefaultIdleTimeout; if it is negative, every call has a connection
	// of its own, and returns without waiting for the server to close it.
	IdleTimeout time.Duration

	// ReplyTimeout is how long each reply may take, counted from when the one
	// before it arrived or the first was asked for. What is late ends with
	// ErrTimeout. Zero means that only contexts end a call.
	ReplyTimeout time.Duration

	// DialContext opens a connection; nil means that of a net.Dialer. The
	// network is "tcp" and the address is that of the Client.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)

	// Trace is told what goes over the wire.
	Trace Trace
}

// Trace holds functions that are called with each line of a request or a reply,
// without its LF and the CR before it. Both may be nil. A line is valid until
// the function returns. Sent is called just before the line is written; during a
// Pipeline both may run at the same time.
type Trace struct {
	Sent     func(line []byte)
	Received func(line []byte)
}

// Client is a client of one server. Make it with New, and Close it. All methods
// may be called by many goroutines at once.
type Client struct {
	address string
	opts    Options

	slots chan struct{}      // holds one for each call that may have a connection
	life  context.Context    // ends when Close is called
	end   context.CancelFunc // of life

	mu    sync.Mutex         // not held while anything is sent, received or closed
	calls sync.WaitGroup     // grows only under mu and while life has not ended
	busy  map[*conn]struct{} // those that a call holds
	idle  []*conn            // those that no call holds, the longest unused first
	sweep *time.Timer        // retires idle connections when their time is over

	retiring sync.WaitGroup // connections that are being closed; grows only under mu
	patience chan struct{}  // holds one for each that waits for the server to close it
}

// New returns a Client of the server at address, such as "localhost:8080" or
// "[::1]:8080". It does not connect yet.
func New(address string, opts Options) *Client {
	if opts.MaxConnections <= 0 {
		opts.MaxConnections = DefaultMaxConnections
	}
	if opts.IdleTimeout == 0 {
		opts.IdleTimeout = DefaultIdleTimeout
	}
	if opts.DialContext == nil {
		opts.DialContext = new(net.Dialer).DialContext
	}
	c := &Client{address: address, opts: opts, busy: make(map[*conn]struct{})}
	c.slots = make(chan struct{}, opts.MaxConnections)
	c.patience = make(chan struct{}, opts.MaxConnections)
	c.life, c.end = context.WithCancel(context.Background())
	return c
}

// Create makes the file path, and the directories it needs, with these
// contents. It returns an error that is sttp.ErrClient if the file exists, and
// sttp.ErrCannotCreatePath if a directory cannot be made.
func (c *Client) Create(ctx context.Context, path, contents string) error {
	_, err := c.ask(ctx, sttp.Create, path, contents)
	return err
}

// Show returns what the file path holds: one line, without its end. Servers
// answer at most sttp.MaxContents code points without control characters, but
// that is not checked: escape it before a terminal shows it. It returns an error
// that is sttp.ErrNotFound or sttp.ErrPathNotFound if there is no such file.
func (c *Client) Show(ctx context.Context, path string) (string, error) {
	resp, err := c.ask(ctx, sttp.Show, path, "")
	return resp.Contents, err
}

// List returns the names in the directory path, those of directories with a
// slash at their end, as the server sorts them. It returns an error that is
// sttp.ErrNotFound if there is no such directory.
func (c *Client) List(ctx context.Context, path string) ([]string, error) {
	resp, err := c.ask(ctx, sttp.List, path, "")
	if err != nil {
		return nil, err
	}
	return Names(resp.Contents), nil
}

// Update replaces what the file path holds. It returns an error that is
// sttp.ErrNotFound or sttp.ErrPathNotFound if there is no such file.
func (c *Client) Update(ctx context.Context, path, contents string) error {
	_, err := c.ask(ctx, sttp.Update, path, contents)
	return err
}

// Delete removes the file path. It returns an error that is sttp.ErrNotFound or
// sttp.ErrPathNotFound if there is no such file.
func (c *Client) Delete(ctx context.Context, path string) error {
	_, err := c.ask(ctx, sttp.Delete, path, "")
	return err
}

// ask makes a request, sends it, and turns a refusal into an error.
func (c *Client) ask(ctx context.Context, action sttp.Action, path, contents string) (sttp.Response, error) {
	req, err := sttp.NewRequest(action, path, contents, action.TakesContents())
	if err != nil {
		return sttp.Response{}, err
	}
	resp, err := c.Do(ctx, req)
	if err == nil {
		err = resp.Err()
	}
	return resp, err
}

// Names returns the names in the contents of a reply to LIST, which is nil for
// an empty directory.
func Names(contents string) []string {
	if contents == "" {
		return nil
	}
	return strings.Split(contents, ", ")
}

// Do sends a request and returns the reply, whatever its status: call its Err
// method. The reply may borrow from the request. An error means that there is
// no reply, and is one of those that the package's comment names.
//
// A plain server may answer an UPDATE without the contents line that belongs to
// a 200; that is a success with empty contents. A 500 without a path says that
// the server has no room for another connection; nothing was carried out.
func (c *Client) Do(ctx context.Context, req sttp.Request) (sttp.Response, error) {
	resps := make([]sttp.Response, 1)
	reqs := []sttp.Request{req}
	p := c.roundTrip(ctx, reqs, resps)
	return resps[0], p.error(reqs)
}

// Pipeline sends all requests on one connection without waiting for replies in
// between, and returns the replies in the order of the requests. Writing and
// reading go on side by side, so any number of requests is fine.
//
// If the error is nil there is a reply to every request, some of them perhaps
// refusals. Else it is a *PipelineError, and the replies that had arrived are
// returned with it.
func (c *Client) Pipeline(ctx context.Context, reqs []sttp.Request) ([]sttp.Response, error) {
	if len(reqs) == 0 {
		return nil, nil
	}
	resps := make([]sttp.Response, len(reqs))
	p := c.roundTrip(ctx, reqs, resps)
	if p.err == nil {
		return resps, nil
	}
	return resps[:p.answered], &PipelineError{Answered: p.answered, Sent: p.sent, Err: p.error(reqs)}
}

// roundTrip gets a connection, has the requests answered on it, and does so a
// second time on a new connection where a retry is right.
func (c *Client) roundTrip(ctx context.Context, reqs []sttp.Request, resps []sttp.Response) progress {
	for _, req := range reqs {
		if req.Action < sttp.Create || req.Action > sttp.Delete || req.Path.IsZero() {
			return progress{err: sttp.ClientError(req.Path, "a request has an action and a path")}
		}
	}
	if err := c.enter(ctx); err != nil {
		return progress{err: err}
	}
	defer c.leave()
	if cn := c.takeIdle(); cn != nil {
		p := c.use(ctx, cn, reqs, resps)
		if p.err == nil || !p.retryable(reqs) {
			return p
		}
	}
	cn, err := c.dial(ctx)
	if err != nil {
		return progress{err: err}
	}
	return c.use(ctx, cn, reqs, resps)
}

// use has the requests answered on cn and gives cn back.
func (c *Client) use(ctx context.Context, cn *conn, reqs []sttp.Request, resps []sttp.Response) progress {
	p := cn.exchange(ctx, reqs, resps)
	c.put(cn)
	if p.err != nil {
		p.err = c.reason(ctx, p.err)
	}
	return p
}

// Close ends the Client: calls that are running return at once, with ErrClosed
// in their error, or ErrOutcomeUnknown too for a change that was sent; later
// calls return ErrClosed. Connections that are not in use are closed in order:
// the server is told with an empty line and the end of what is sent, and has a
// quarter of a second to close, all connections side by side. Close returns when
// every call has returned and every connection is closed. The error is always
// nil.
func (c *Client) Close() error {
	c.mu.Lock()
	c.end()
	if c.sweep != nil {
		c.sweep.Stop()
	}
	for cn := range c.busy {
		c.retiring.Go(cn.close)
	}
	for _, cn := range c.idle {
		c.retire(cn)
	}
	clear(c.busy)
	c.idle = nil
	c.mu.Unlock()
	c.calls.Wait()
	c.retiring.Wait()
	return nil
}

// dial opens a connection, which Close interrupts.
func (c *Client) dial(ctx context.Context) (*conn, error) {
	dialing, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.life, cancel)()
	nc, err := c.opts.DialContext(dialing, "tcp", c.address)
	if err != nil {
		if why := c.ended(ctx); why != nil {
			err = why
		}
		return nil, fmt.Errorf("%w to %s: %w", ErrNoConnection, c.address, err)
	}
	cn := newConn(nc, c.opts)
	c.mu.Lock()
	closed := c.life.Err() != nil
	if !closed {
		c.busy[cn] = struct{}{}
	}
	c.mu.Unlock()
	if closed {
		cn.close()
		return nil, ErrClosed
	}
	return cn, nil
}
