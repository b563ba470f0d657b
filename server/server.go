// Package server is an STTP server without a storage: it accepts connections,
// reads requests, has a Handler answer them, and writes the replies, within
// limits and deadlines (docs/protocol.md, section 2). A proxy is the same
// server with another Handler.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"sttp"
)

// Options are the limits of a Server. The zero value of each means no limit.
type Options struct {
	Connections           int // open at once; one more is answered 500 and closed
	ConnectionsPerAddress int // likewise, from one IP address
	Concurrency           int // served at once; others are accepted and wait their turn

	IdleTimeout    time.Duration // without any request
	RequestTimeout time.Duration // from a request line's first byte to its last
	WriteTimeout   time.Duration // for 64 KiB of replies, or all if they are fewer

	Logger *slog.Logger // nil for none
}

// Server serves one Handler on any number of listeners. Make it with New.
type Server struct {
	handler  sttp.Handler
	options  Options
	log      *slog.Logger
	debug    bool
	turns    turns
	draining chan struct{}   // closed when Shutdown begins
	ctx      context.Context // of all requests; ends when Shutdown gives up waiting
	cancel   context.CancelFunc
	running  sync.WaitGroup // connections, refused ones included, each with a goroutine
	lastID   atomic.Uint64

	mu        sync.Mutex
	stopping  bool
	listeners map[net.Listener]struct{}
	conns     map[*conn]struct{}
	addresses map[netip.Addr]int    // open connections; only with ConnectionsPerAddress
	refusals  map[net.Conn]struct{} // clients that are being told about a limit
	full      bool                  // the limit has been reached and the log told
}

// ErrServerClosed is what Serve returns after Shutdown.
var ErrServerClosed = errors.New("the server was shut down")

// New returns a server that answers with h.
func New(h sttp.Handler, o Options) *Server {
	log := o.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &Server{
		handler: h, options: o, log: log,
		debug:     log.Enabled(ctx, slog.LevelDebug),
		turns:     newTurns(o.Concurrency),
		draining:  make(chan struct{}),
		ctx:       ctx,
		cancel:    cancel,
		listeners: map[net.Listener]struct{}{},
		conns:     map[*conn]struct{}{},
		addresses: map[netip.Addr]int{},
		refusals:  map[net.Conn]struct{}{},
	}
}

// Serve accepts connections on l until Shutdown, and then returns
// ErrServerClosed. It closes l. Another error says that l is broken; running
// out of file descriptors is none, Serve waits and tries again.
func (s *Server) Serve(l net.Listener) error {
	if !s.register(l) {
		l.Close()
		return ErrServerClosed
	}
	defer s.unregister(l)
	var pause backoff
	for {
		nc, err := l.Accept()
		switch {
		case err == nil:
			if pause.ends() {
				s.log.Info("connections are accepted again")
			}
			s.start(nc)
		case s.isStopping():
			return ErrServerClosed
		case broken(err):
			return fmt.Errorf("cannot accept connections any more: %w", err)
		default:
			if pause.begins() {
				s.log.Warn("connections cannot be accepted for now; raise the limit on open files (ulimit -n) or lower limits.connections", "error", err)
			}
			pause.wait(s.draining)
		}
	}
}

// start serves nc in a goroutine of its own, unless a limit forbids it. The
// connection is registered first, so that Shutdown misses none.
func (s *Server) start(nc net.Conn) {
	c := &conn{server: s, stream: newStream(nc, s.options.IdleTimeout), session: session{handler: s.handler}}
	if s.options.ConnectionsPerAddress > 0 {
		c.address = addressOf(nc)
	}
	if refusal := s.add(c); refusal != nil {
		s.refuse(nc, refusal)
		return
	}
	if s.debug {
		c.session.observe = c.logRequests
	}
	go c.begin()
}

// add registers c, or says why it cannot be served.
func (s *Server) add(c *conn) *sttp.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.stopping:
		return errStopping
	case s.options.Connections > 0 && len(s.conns) >= s.options.Connections:
		if !s.full {
			s.full = true
			s.log.Warn("the limit of connections is reached; more are refused", "limits.connections", s.options.Connections)
		}
		return errTooMany
	case s.options.ConnectionsPerAddress > 0 && s.addresses[c.address] >= s.options.ConnectionsPerAddress:
		return errTooManyFromAddress
	}
	if s.options.ConnectionsPerAddress > 0 {
		s.addresses[c.address]++
	}
	c.id = s.lastID.Add(1)
	s.conns[c] = struct{}{}
	s.running.Add(1)
	return nil
}

func (s *Server) remove(c *conn) {
	defer s.running.Done()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	s.full = s.full && len(s.conns) > s.options.Connections*9/10
	if s.options.ConnectionsPerAddress > 0 {
		if s.addresses[c.address]--; s.addresses[c.address] == 0 {
			delete(s.addresses, c.address)
		}
	}
}

// Shutdown stops accepting, lets complete requests finish, wakes idle
// connections, and returns nil when all have ended. When ctx ends first, it
// closes what is left and returns an error that says how many connections that
// were. It does not wait for a Handler that ignores its context.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	if !s.stopping {
		s.stopping = true
		close(s.draining)
	}
	for l := range s.listeners {
		l.Close()
	}
	for c := range s.conns {
		c.stream.deadline.wake()
	}
	s.mu.Unlock()

	done := make(chan struct{})
	go func() {
		s.running.Wait()
		close(done)
	}()
	defer s.cancel()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	return s.abort(done)
}

// abort closes every connection and gives their goroutines a moment to end.
func (s *Server) abort(done chan struct{}) error {
	s.cancel()
	s.mu.Lock()
	left := len(s.conns) + len(s.refusals)
	for c := range s.conns {
		c.stream.nc.Close()
	}
	for nc := range s.refusals {
		nc.Close()
	}
	s.mu.Unlock()
	select {
	case <-done:
	case <-time.After(100 * time.Millisecond):
	}
	return fmt.Errorf("%d connections were cut off", left)
}

func (s *Server) register(l net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return false
	}
	s.listeners[l] = struct{}{}
	return true
}

func (s *Server) unregister(l net.Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.listeners, l)
	l.Close()
}

func (s *Server) isStopping() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopping
}
