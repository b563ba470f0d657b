package check

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"
)

// End says how what a server sent on a connection came to its end.
type End int

// The ends.
const (
	Open   End = iota // nothing more came in time
	Closed            // the server closed
	Reset             // the connection was reset
)

// maxReceived bounds what is kept of what a server sends on one connection and
// nobody has taken yet: four times what a LIST may answer.
const maxReceived = 4 << 20

var errTooMuch = errors.New("the server sent more than any reply can have")

// Conn is a connection to the server under test. What goes over it is written
// into the record of the case. It is used by one goroutine at a time. No method
// waits longer than the case may take.
type Conn struct {
	t      *T
	number int
	tcp    *net.TCPConn
	got    []byte // received, and not taken yet
	last   error  // why nothing more can be read
}

// dialTime is how long opening a connection may take: long enough for a system
// to try a second and a third time, as it does when the server's queue of
// connections that wait to be accepted is full for a moment.
const dialTime = 4 * time.Second

// TryDial opens a connection. It is closed when the case ends.
func (t *T) TryDial() (*Conn, error) {
	ctx, cancel := context.WithTimeout(t.ctx, max(t.timeout, dialTime))
	defer cancel()
	var dialer net.Dialer
	nc, err := dialer.DialContext(ctx, "tcp", t.Address())
	if err != nil {
		return nil, err
	}
	c := &Conn{t: t, tcp: nc.(*net.TCPConn)}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.conns = append(t.conns, c)
	c.number = len(t.conns)
	return c, nil
}

// packetLost is when opening a connection took so long that a packet must have
// been lost and sent again, and afterLoss how long is waited from then on
// between one connection and the next.
const (
	packetLost = 500 * time.Millisecond
	afterLoss  = 2 * time.Millisecond
)

// TryDialOneOf opens one of many connections, which are opened one after the
// other. The queue of connections that wait to be accepted is short with some
// servers (5 with Python's socketserver), and whoever finds it full waits for a
// second and more: that is no fault of the server, so it gets time to accept.
func (t *T) TryDialOneOf() (*Conn, error) {
	began := time.Now()
	c, err := t.TryDial()
	if time.Since(began) >= packetLost {
		t.pause = afterLoss
	}
	t.sleep(t.pause)
	return c, err
}

// Dial opens a connection, or ends the case.
func (t *T) Dial() *Conn {
	c, err := t.TryDial()
	if err != nil {
		t.lost(err)
	}
	return c
}

// Send writes text in one piece, as it stands.
func (c *Conn) Send(text string) error {
	c.t.mayMake(text)
	c.t.record(sent, c.number, text)
	c.tcp.SetWriteDeadline(c.t.deadline(c.t.timeout))
	_, err := io.WriteString(c.tcp, text)
	return err
}

// SendSlowly writes text one byte at a time, each in a packet of its own.
func (c *Conn) SendSlowly(text string, pause time.Duration) error {
	c.t.mayMake(text)
	c.t.record(sent, c.number, text)
	for i := range len(text) {
		c.tcp.SetWriteDeadline(c.t.deadline(c.t.timeout))
		if _, err := c.tcp.Write([]byte{text[i]}); err != nil {
			return err
		}
		if err := c.t.sleep(pause); err != nil {
			return err
		}
	}
	return nil
}

// Shut ends the sending side.
func (c *Conn) Shut() error {
	c.t.record(note, c.number, "the client ends its sending side")
	return c.tcp.CloseWrite()
}

// Close closes the connection in order.
func (c *Conn) Close() error { return c.tcp.Close() }

// Abort closes the connection with a reset, as a client that crashes does.
func (c *Conn) Abort() error {
	c.tcp.SetLinger(0)
	return c.tcp.Close()
}

// fill reads once, and waits until then for something to come.
func (c *Conn) fill(until time.Time) error {
	if c.last != nil {
		return c.last
	}
	if len(c.got) > maxReceived {
		c.last = errTooMuch
		return c.last
	}
	c.tcp.SetReadDeadline(until)
	buf := make([]byte, 32<<10)
	n, err := c.tcp.Read(buf)
	if n > 0 {
		c.t.record(received, c.number, string(buf[:n]))
		c.got = append(c.got, buf[:n]...)
		return nil
	}
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		c.last = err
	}
	return err
}

// endOf tells which end an error of fill is.
func endOf(err error) End {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, errTooMuch), err == nil:
		return Open
	case errors.Is(err, io.EOF):
		return Closed
	default:
		return Reset
	}
}

// take returns the first n bytes received.
func (c *Conn) take(n int) string {
	s := string(c.got[:n])
	c.got = c.got[n:]
	return s
}

// Reply returns the next reply, whole and with its LFs, to the request line; or
// what came of it, and how it ended.
func (c *Conn) Reply(request string) (string, End) {
	return c.ReplyWithin(request, c.t.timeout)
}

// ReplyWithin is Reply that waits for so long.
func (c *Conn) ReplyWithin(request string, wait time.Duration) (string, End) {
	until := c.t.deadline(wait)
	for {
		if n := replyLength(request, string(c.got), c.t.facts); n > 0 {
			return c.take(n), Open
		}
		if err := c.fill(until); err != nil {
			return c.take(len(c.got)), endOf(err)
		}
	}
}

// Rest returns all that comes until the server closes, or until the wait is
// over.
func (c *Conn) Rest(wait time.Duration) (string, End) {
	until := c.t.deadline(wait)
	for {
		if err := c.fill(until); err != nil {
			return c.take(len(c.got)), endOf(err)
		}
	}
}

// replyLength returns how long the reply is that got begins with, or 0 if it is
// not all there yet.
func replyLength(request, got string, f Facts) int {
	line := strings.IndexByte(got, '\n')
	if line < 0 {
		return 0
	}
	status := splitStatusLine(got[:line]).status
	if status != 200 || strings.HasPrefix(request, "UPDATE ") && !f.UpdateContents {
		return line + 1
	}
	contents := strings.IndexByte(got[line+1:], '\n')
	if contents < 0 {
		return 0
	}
	return line + 1 + contents + 1
}

// settle is how long is waited for bytes that should not come, on a connection
// of which the server does not tell when it is done.
const settle = 40 * time.Millisecond

// TryAsk sends the line on a connection of its own, and an empty line after it,
// and returns all that came. It is safe for use by many goroutines.
//
// To a server that closes after its reply no empty line is sent: if it closed
// before it had read that, a reset would destroy what is left of a long reply.
func (t *T) TryAsk(line string) (string, End, error) {
	c, err := t.TryDial()
	if err != nil {
		return "", Open, err
	}
	defer c.Close()
	text := line + "\n\n"
	if t.facts.Waits == WaitsForLine && t.facts.Closes == ClosesAfterReply {
		text = line + "\n"
	}
	// A server that closes after the line may do so before all has been sent; its
	// reply is there all the same.
	if err := c.Send(text); err != nil && !errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ECONNRESET) {
		return "", Open, err
	}
	if t.facts.Waits == WaitsForEnd {
		c.Shut()
	}
	got, end := c.whole(line)
	return got, end, nil
}

// maxSurplus is how much is read of what comes after a reply and should not.
const maxSurplus = 64 << 10

// whole returns everything that the server sends in answer to the line, and
// looks for what comes after the reply, too: not for longer than settle, however
// often more comes, and not for more than shows what it is.
func (c *Conn) whole(line string) (string, End) {
	until := c.t.deadline(c.t.timeout)
	for reply := 0; reply == 0 || len(c.got) < reply+maxSurplus; {
		if err := c.fill(until); err != nil {
			return c.take(len(c.got)), endOf(err)
		}
		if reply > 0 {
			continue
		}
		if reply = replyLength(line, string(c.got), c.t.facts); reply == 0 {
			continue
		}
		switch c.t.facts.Closes {
		case ClosesNever:
			until = c.t.deadline(settle)
		case ClosesAtEnd:
			c.tcp.CloseWrite()
		}
	}
	return c.take(len(c.got)), Open
}

// Ask is TryAsk that ends the case if no connection can be had.
func (t *T) Ask(line string) (string, End) {
	got, end, err := t.TryAsk(t.Expand(line))
	if err != nil {
		t.lost(err)
	}
	return got, end
}

// lost ends the case because there is no connection.
func (t *T) lost(err error) {
	t.Untested("no connection: %s", plainError(err))
}

// plainError returns an error of the network without the addresses in it.
func plainError(err error) string {
	var number syscall.Errno
	switch {
	case errors.As(err, &number):
		return number.Error()
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return "it took too long"
	}
	return fmt.Sprint(err)
}
