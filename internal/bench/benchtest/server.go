// Package benchtest has a server of the Short Text Transfer Protocol for tests of
// what measures servers: small, fast, in memory, right, and wrong in known ways,
// as often as it says. It shares nothing with the rest of the module, so that it
// shares no mistake with it.
package benchtest

import (
	"io"
	"maps"
	"net"
	"slices"
	"sync"
	"testing"
	"time"
)

// Server is a server on a free port of 127.0.0.1.
type Server struct {
	listener *net.TCPListener
	running  sync.WaitGroup
	stopped  chan struct{} // closed when the server ends or dies

	mu      sync.Mutex
	dead    bool
	diedAt  time.Time
	conns   map[*net.TCPConn]bool
	options Options
	set     time.Time // when options were set
	since   int64     // requests since then
	clock   uint64    // counts what happens, see history.go
	known   uint64    // the clock when options were set: whatever was answered before is known to the client
	free    time.Time // when the last of the requests that Service holds up is over
	counts  Counts
	arrived []Arrival
	waiting map[int64]chan struct{} // closed when so many requests have come
	late    []lateChange
	unknown int // changes that were not answered
	turnsOf struct {
		stale, torn, cut, foreign, astray, missing, garbled, failing turns
		forget, keep, short, reset, close, silent                    turns
	}
	store
}

// lateChange is one that is carried out when the server has read so many requests.
type lateChange struct {
	at int64
	do func()
}

// Start starts a server that ends with the test.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{
		listener: l.(*net.TCPListener), stopped: make(chan struct{}),
		conns: map[*net.TCPConn]bool{}, waiting: map[int64]chan struct{}{}, store: newStore(),
	}
	s.counts.ByAction = map[string]int64{}
	s.Set(o)
	s.running.Go(s.accept)
	t.Cleanup(s.Close)
	return s
}

// Address returns where the server listens, as host:port.
func (s *Server) Address() string { return s.listener.Addr().String() }

// Close ends the server and its connections, and waits until all its goroutines
// have ended.
func (s *Server) Close() {
	s.Die()
	s.running.Wait()
}

// Die closes everything, without waiting: nobody listens any more.
func (s *Server) Die() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dead {
		return
	}
	s.dead, s.diedAt = true, time.Now()
	close(s.stopped)
	s.listener.Close()
	for c := range s.conns {
		c.Close()
	}
}

// Died returns when the server died, and false if it has not.
func (s *Server) Died() (time.Time, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.diedAt, s.dead
}

// Set changes what the server does from now on. The caller has no request under
// way, and knows the outcome of all that were answered.
func (s *Server) Set(o Options) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runLate(true)
	o.InFlight = max(o.InFlight, 1)
	s.options, s.set, s.since, s.free = o, time.Now(), 0, time.Time{}
	s.arrived, s.counts.MaxBatch = nil, 0
	s.clock++
	s.known = s.clock
	s.acknowledgeAll(s.clock)
}

// Counts returns what the server did until now.
func (s *Server) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.counts
	c.ByAction = maps.Clone(c.ByAction)
	c.Open = int64(len(s.conns))
	return c
}

// Arrivals returns the first requests since Set, as many as Options.Record says.
func (s *Server) Arrivals() []Arrival {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.arrived)
}

// After returns a channel that is closed when n more requests have come.
func (s *Server) After(n int64) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.counts.Requests + n
	if s.waiting[at] == nil {
		s.waiting[at] = make(chan struct{})
	}
	return s.waiting[at]
}

// Put stores a snippet as if another client had made it long ago.
func (s *Server) Put(path, contents string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.make([]byte(path), []byte(contents)).acked = s.known
}

// Get returns what is stored under a path.
func (s *Server) Get(path string) (contents string, found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, found := s.snippets[path]
	if !found {
		return "", false
	}
	return string(n.now().contents), true
}

// Paths returns the paths of all snippets, sorted.
func (s *Server) Paths() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.snippets))
}

func (s *Server) accept() {
	for {
		c, err := s.listener.AcceptTCP()
		if err != nil {
			select {
			case <-s.stopped:
				return
			default: // such as no free descriptor
				s.pause(5 * time.Millisecond)
				continue
			}
		}
		serve, aside := s.admit(c)
		if aside {
			s.running.Go(serve)
		} else {
			serve()
		}
	}
}

// admit returns what to do with a connection, and whether others are accepted
// meanwhile.
func (s *Server) admit(c *net.TCPConn) (serve func(), aside bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dead {
		return func() { c.Close() }, false
	}
	s.counts.Connections++
	full := s.options.MaxConnections > 0 && len(s.conns) >= s.options.MaxConnections
	s.conns[c] = true
	if full {
		s.counts.TurnedAway++
		return func() { s.turnAway(c) }, true
	}
	return func() { s.serve(c) }, !s.options.OneAtATime
}

func (s *Server) turnAway(c *net.TCPConn) {
	defer s.forget(c)
	io.WriteString(c, "500 - SERVER ERROR \"too many connections, try again later\"\n")
	linger(c)
}

func (s *Server) forget(c *net.TCPConn) {
	c.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}

// pause waits, and returns false if the server ended meanwhile.
func (s *Server) pause(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.stopped:
		return false
	}
}
