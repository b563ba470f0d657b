package server

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// stream is one client's socket with deadlines that cost nothing while nobody
// misses one, and without a buffer while it is silent.
//
// A timer is only touched when a read or write has to wait, and a read deadline
// is only moved when it must come sooner: one that fires too early is put where
// it belongs and the wait goes on.
type stream struct {
	nc  net.Conn
	raw syscall.RawConn // nil where the connection has no descriptor

	in   *[inputSize]byte // from inputPool; nil while the connection is silent
	head int              // in[head:tail] waits to be answered
	tail int

	readUntil  time.Time // when the read that waits is to end; zero for never
	writeUntil time.Time // likewise; only set while a write waits

	mu        sync.Mutex // orders setting deadlines with wake
	armed     time.Time  // the read deadline that the socket has; zero for none
	stopped   bool       // wake was called: the read deadline has passed for good
	lingering bool       // there is nothing left to wake

	readOnce  func(fd uintptr) bool // made once, since a closure is an allocation
	writeOnce func(fd uintptr) bool
	n         int // what readOnce or writeOnce got
	err       error
	out       []byte        // what writeOnce sends
	patience  time.Duration // how long writeOnce may take
	idle      time.Duration // how long readOnce may wait for a first byte
}

var inputPool = sync.Pool{New: func() any { return new([inputSize]byte) }}

// errWoken is what a read returns after wake.
var errWoken = errors.New("woken")

func newStream(nc net.Conn) *stream {
	s := &stream{nc: nc}
	if sc, ok := nc.(syscall.Conn); ok {
		if raw, err := sc.SyscallConn(); err == nil {
			s.raw = raw
			s.readOnce = s.tryRead
			s.writeOnce = s.tryWrite
		}
	}
	return s
}

// pending returns the bytes that were read and not consumed.
func (s *stream) pending() []byte {
	if s.in == nil {
		return nil
	}
	return s.in[s.head:s.tail]
}

// consume drops the first n pending bytes.
func (s *stream) consume(n int) {
	s.head += n
	if s.head == s.tail {
		s.head, s.tail = 0, 0
	}
}

// read waits for bytes and adds them to what is pending: until deadline, or if
// that is zero for at most idle, or if that is 0 for ever. It returns io.EOF, os.ErrDeadlineExceeded, errWoken, or what
// the socket says.
func (s *stream) read(idle time.Duration, deadline time.Time) error {
	s.makeRoom()
	s.idle, s.readUntil = idle, deadline
	for {
		err := s.readSome()
		if err == nil || !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
		s.mu.Lock()
		stopped := s.stopped
		s.armed = time.Time{}
		s.mu.Unlock()
		if stopped {
			return errWoken
		}
		if !s.readUntil.IsZero() && !time.Now().Before(s.readUntil) {
			return err
		}
		if err := s.arm(); err != nil { // it fired for an earlier wait
			return err
		}
	}
}

// makeRoom moves what is pending to the front, so that a whole line fits behind it.
func (s *stream) makeRoom() {
	if s.head > 0 {
		s.tail = copy(s.in[:], s.in[s.head:s.tail])
		s.head = 0
	}
}

func (s *stream) readSome() error {
	if s.raw == nil {
		return s.readPlain()
	}
	if err := s.raw.Read(s.readOnce); err != nil {
		return err
	}
	return s.err
}

// tryRead is called by the network poller until it returns true. A silent
// connection gives its buffer back before it waits.
func (s *stream) tryRead(fd uintptr) bool {
	s.n, s.err = s.readNow(fd)
	if s.err != syscall.EAGAIN {
		return true
	}
	if s.tail == 0 {
		s.releaseInput()
	}
	s.startWaiting()
	s.err = s.arm()
	return s.err != nil
}

// readNow reads without waiting; it returns EAGAIN where it would have to.
func (s *stream) readNow(fd uintptr) (int, error) {
	if s.in == nil {
		s.in = inputPool.Get().(*[inputSize]byte)
	}
	for {
		n, err := syscall.Read(int(fd), s.in[s.tail:])
		switch {
		case err == syscall.EINTR:
			continue
		case err != nil:
			return 0, err
		case n == 0:
			return 0, io.EOF
		}
		s.tail += n
		return n, nil
	}
}

// readPlain reads from a connection that has no descriptor, such as net.Pipe.
func (s *stream) readPlain() error {
	s.startWaiting()
	if err := s.arm(); err != nil {
		return err
	}
	if s.in == nil {
		s.in = inputPool.Get().(*[inputSize]byte)
	}
	n, err := s.nc.Read(s.in[s.tail:])
	s.tail += n
	if n > 0 {
		return nil
	}
	return err
}

// startWaiting sets when the wait that begins ends, unless that is settled.
func (s *stream) startWaiting() {
	if s.readUntil.IsZero() && s.idle > 0 {
		s.readUntil = time.Now().Add(s.idle)
	}
}

// arm sees to it that the socket's read deadline comes no later than readUntil.
func (s *stream) arm() error {
	if s.readUntil.IsZero() {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped || (!s.armed.IsZero() && !s.readUntil.Before(s.armed)) {
		return nil
	}
	s.armed = s.readUntil
	return s.nc.SetReadDeadline(s.armed)
}

// wake ends the read that waits, and every later one, with errWoken.
func (s *stream) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.lingering {
		s.stopped = true
		s.nc.SetReadDeadline(time.Unix(1, 0))
	}
}

// readArrived adds to what is pending without waiting, also after wake. It
// tells whether there was anything.
func (s *stream) readArrived() bool {
	if s.raw == nil {
		return false
	}
	s.makeRoom()
	if s.tail == inputSize {
		return false
	}
	n := 0
	s.raw.Control(func(fd uintptr) { n, _ = s.readNow(fd) })
	return n > 0
}

// write sends all of out within patience, however slowly the client reads.
func (s *stream) write(out []byte, patience time.Duration) error {
	if s.raw == nil {
		if patience > 0 {
			s.nc.SetWriteDeadline(time.Now().Add(patience))
		}
		_, err := s.nc.Write(out)
		return err
	}
	s.out, s.patience = out, patience
	err := s.raw.Write(s.writeOnce)
	if err == nil {
		err = s.err
	}
	s.out = nil
	if !s.writeUntil.IsZero() {
		s.writeUntil = time.Time{}
		s.nc.SetWriteDeadline(time.Time{})
	}
	return err
}

// tryWrite is called by the network poller until it returns true.
func (s *stream) tryWrite(fd uintptr) bool {
	for len(s.out) > 0 {
		var n int
		n, s.err = syscall.Write(int(fd), s.out)
		switch {
		case s.err == syscall.EINTR:
		case s.err == syscall.EAGAIN:
			if s.patience > 0 && s.writeUntil.IsZero() {
				s.writeUntil = time.Now().Add(s.patience)
				s.nc.SetWriteDeadline(s.writeUntil)
			}
			return false
		case s.err != nil:
			return true
		default:
			s.out = s.out[n:]
		}
	}
	s.err = nil
	return true
}

// Bounds of lingering (docs/protocol.md, section 2).
const (
	lingerBytes = 64 << 10
	lingerTime  = time.Second
)

// linger shuts the sending side down and reads what the client still sends, up
// to a bound: a socket closed with unread bytes is reset, and the reset would
// destroy replies that the client has not read yet. Then it closes.
func (s *stream) linger() {
	half, ok := s.nc.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		s.close()
		return
	}
	s.mu.Lock()
	s.lingering, s.stopped, s.armed = true, false, time.Time{}
	s.mu.Unlock()
	deadline := time.Now().Add(lingerTime)
	for dropped := 0; dropped < lingerBytes; {
		s.head, s.tail = 0, 0
		if s.read(0, deadline) != nil {
			break
		}
		dropped += s.tail
	}
	s.close()
}

func (s *stream) close() {
	s.releaseInput()
	s.nc.Close()
}

func (s *stream) releaseInput() {
	if s.in != nil {
		inputPool.Put(s.in)
		s.in, s.head, s.tail = nil, 0, 0
	}
}
