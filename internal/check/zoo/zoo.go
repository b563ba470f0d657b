// Package zoo holds servers that are wrong, each in one way, to show that the
// checker finds it; and small ones that are right in different ways.
//
// They share nothing with the server of this module, so that they share no
// mistake with it: all is written anew from docs/protocol.md, for memory alone
// and as simply as it can be.
package zoo

import (
	"cmp"
	"errors"
	"net"
	"sync"
	"time"
)

// Server is a server of the zoo. It listens on a free port of 127.0.0.1.
type Server struct {
	listener net.Listener
	serve    func(*net.TCPConn) // serves a connection, and closes it
	serially bool               // serves one connection at a time
	room     int                // for how many connections
	running  sync.WaitGroup     // whatever has to end before Close returns

	mu      sync.Mutex
	stopped bool
	conns   map[*net.TCPConn]bool
}

// Config says what kind of server to start; what is zero is as
// docs/protocol.md recommends.
type Config struct {
	Fault Fault
	// LineTime bounds a line, IdleTime silence, and WriteTime how long a client
	// may take for 64 KiB of replies.
	LineTime, IdleTime, WriteTime time.Duration
	// Outside reads what lies outside of the docroot, where the fault Traversal
	// leads.
	Outside func(path string) (contents string, found bool)
	// NoQueries: LIST has no queries, which is right as well.
	NoQueries bool
}

// Start starts a server in memory that does all that profile strict asks for,
// but for the one fault.
func Start(f Fault) (*Server, error) { return StartWith(Config{Fault: f}) }

// StartWith is Start with more to choose.
func StartWith(c Config) (*Server, error) {
	c.LineTime = cmp.Or(c.LineTime, 10*time.Second)
	c.IdleTime = cmp.Or(c.IdleTime, 5*time.Minute)
	c.WriteTime = cmp.Or(c.WriteTime, 10*time.Second)
	srv := &Server{serially: c.Fault == OneAtATime}
	st := newStore(c, srv)
	srv.serve = func(conn *net.TCPConn) { newSession(st, conn).run() }
	return srv, srv.start()
}

// start listens and accepts in the background.
func (s *Server) start() (err error) {
	s.room = cmp.Or(s.room, 2000)
	s.conns = map[*net.TCPConn]bool{}
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err == nil {
		s.running.Go(s.accept)
	}
	return err
}

// Addr returns where the server listens, as host:port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Close ends the server and all its connections, and waits for its goroutines.
func (s *Server) Close() error {
	s.stop()
	s.running.Wait()
	return nil
}

// stop closes everything. It is also how a fault crashes.
func (s *Server) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	s.listener.Close()
	for conn := range s.conns {
		conn.Close()
	}
}

func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(10 * time.Millisecond)
			continue
		}
		s.admit(conn.(*net.TCPConn))
	}
}

// admit serves a connection, or turns it away if there are too many.
func (s *Server) admit(conn *net.TCPConn) {
	s.mu.Lock()
	full := len(s.conns) >= s.room
	if s.stopped {
		s.mu.Unlock()
		conn.Close()
		return
	}
	s.conns[conn] = true
	s.mu.Unlock()
	serve := func() {
		defer s.forget(conn)
		if full {
			conn.Write([]byte("500 - SERVER ERROR \"too many connections, try again later\"\n"))
			linger(conn)
			return
		}
		s.serve(conn)
	}
	if s.serially {
		serve()
		return
	}
	s.running.Go(serve)
}

func (s *Server) forget(conn *net.TCPConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, conn)
}
