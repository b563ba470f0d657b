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
// How long a read waits is settled when it has to: beginWait (or rest, for await)
// sets readUntil and sees to it that the socket's deadline comes no later. When
// the deadline fires, expired says whether that was its time.
type stream struct {
	nc   net.Conn
	raw  syscall.RawConn // nil where the connection has no descriptor
	idle time.Duration   // how long it may be silent; 0 is for ever

	in   *[inputSize]byte // from inputPool; nil while the connection is silent
	head int              // in[head:tail] waits to be answered
	tail int

	silentSince time.Time // when the silence began, or the connection
	lastWait    time.Time // when a read last had to wait for a first byte
	readUntil   time.Time // when the wait is to end; zero: not known yet, or never
	waiting     bool      // the read in hand has had to wait
	deadline    readDeadline

	out        []byte        // what writeOnce has still to send
	patience   time.Duration // how long it may take
	writeUntil time.Time     // when that is over; only set while a write waits

	tryRead  func(fd uintptr) bool // readOnce and its like, bound once: a closure is an allocation
	tryAwait func(fd uintptr) bool
	tryWrite func(fd uintptr) bool
	err      error // what they got
}

var inputPool = sync.Pool{New: func() any { return new([inputSize]byte) }}

// What a read returns beside the socket's own errors.
var (
	errWoken  = errors.New("woken")
	errSilent = errors.New("silent") // to be waited for with await
)

// restAfter is how long a connection must have been silent, or have had nothing
// to say before, to be waited for with await: it takes less memory than read and
// a little more time.
var restAfter = time.Second // tests lower it

func newStream(nc net.Conn, idle time.Duration) *stream {
	s := &stream{nc: nc, idle: idle, deadline: readDeadline{nc: nc}}
	if sc, ok := nc.(syscall.Conn); ok {
		if raw, err := sc.SyscallConn(); err == nil {
			s.raw = raw
			s.tryRead, s.tryAwait, s.tryWrite = s.readOnce, s.awaitOnce, s.writeOnce
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

// read waits until deadline for bytes and adds them to what is pending. With a
// zero deadline it waits as long as the connection may be silent, but returns
// errSilent as soon as await should do so. It returns io.EOF,
// os.ErrDeadlineExceeded, errWoken, or what the socket says.
func (s *stream) read(deadline time.Time) error {
	s.makeRoom()
	s.readUntil, s.waiting = deadline, false
	for {
		err := s.readSome()
		if err == nil || !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
		if err = s.expired(err); err != nil {
			if err != errWoken && s.tail == 0 && deadline.IsZero() && s.raw != nil {
				return errSilent
			}
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
	if err := s.raw.Read(s.tryRead); err != nil {
		return err
	}
	return s.err
}

// readOnce is called by the network poller until it returns true. A silent
// connection gives its buffer back before it waits.
func (s *stream) readOnce(fd uintptr) bool {
	if s.err = s.readNow(fd); s.err != syscall.EAGAIN {
		return true
	}
	if s.tail == 0 {
		s.releaseInput()
	}
	s.err = s.beginWait()
	return s.err != nil
}

// beginWait arms the deadline of a read that has to wait, or returns errSilent.
func (s *stream) beginWait() error {
	if s.waiting || !s.readUntil.IsZero() {
		return s.deadline.arm(s.readUntil)
	}
	s.waiting = true
	now := time.Now()
	if s.tail > 0 {
		if s.idle > 0 {
			s.readUntil = now.Add(s.idle)
		}
		return s.deadline.arm(s.readUntil)
	}
	rests := now.Sub(s.lastWait) > restAfter
	s.lastWait, s.silentSince = now, now
	if rests {
		return errSilent
	}
	s.readUntil = now.Add(restAfter)
	if s.idle > 0 {
		s.readUntil = now.Add(min(restAfter, s.idle))
	}
	return s.deadline.arm(s.readUntil)
}

// rest prepares for await, which has no stack to spare: it sets the deadline.
func (s *stream) rest() error {
	if s.silentSince.IsZero() {
		s.silentSince = time.Now()
	}
	s.readUntil = time.Time{}
	if s.idle > 0 {
		s.readUntil = s.silentSince.Add(s.idle)
	}
	return s.deadline.arm(s.readUntil)
}

// await waits for the first bytes of a connection that may be silent for long,
// without a buffer and on as little stack as possible: what it calls must let a
// goroutine get by with 2 KiB. Its deadline, if it returns
// os.ErrDeadlineExceeded, is to be judged by expired.
func (s *stream) await() error {
	if s.raw == nil {
		return nil
	}
	if err := s.raw.Read(s.tryAwait); err != nil {
		return err
	}
	return s.err
}

func (s *stream) awaitOnce(fd uintptr) bool {
	if s.err = s.readNow(fd); s.err == syscall.EAGAIN {
		s.releaseInput()
		return false
	}
	return true
}

// readNow reads without waiting; it returns EAGAIN where it would have to.
func (s *stream) readNow(fd uintptr) error {
	if s.in == nil {
		s.in = inputPool.Get().(*[inputSize]byte)
	}
	for {
		n, err := syscall.Read(int(fd), s.in[s.tail:])
		switch {
		case err == syscall.EINTR:
			continue
		case err != nil:
			return err
		case n == 0:
			return io.EOF
		}
		s.tail += n
		return nil
	}
}

// readPlain reads from a connection that has no descriptor, such as net.Pipe.
func (s *stream) readPlain() error {
	if s.readUntil.IsZero() && s.idle > 0 {
		s.readUntil = time.Now().Add(s.idle)
	}
	if err := s.deadline.arm(s.readUntil); err != nil {
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

// expired judges a read deadline that has fired: errWoken after wake, err if
// its time has come, and nil if it had been set for an earlier wait. Then it is
// set anew, or taken away if it is not known yet when this wait is to end.
func (s *stream) expired(err error) error {
	switch {
	case s.deadline.disarm():
		return errWoken
	case !s.readUntil.IsZero() && !time.Now().Before(s.readUntil):
		return err
	}
	return s.deadline.arm(s.readUntil)
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
	err := io.EOF
	s.raw.Control(func(fd uintptr) { err = s.readNow(fd) })
	return err == nil
}

func (s *stream) releaseInput() {
	if s.in != nil {
		inputPool.Put(s.in)
		s.in, s.head, s.tail = nil, 0, 0
	}
}
