package client

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sttp"
	"sttp/internal/wire"
)

const (
	// chunk is the number of bytes of requests that are written at once.
	chunk = 16 << 10

	// grace is how long is waited for what may never come: the contents line
	// of a plain server's reply to UPDATE, and replies that had been sent
	// before the server stopped reading.
	grace = time.Second

	// Bounds of the wait for the server to close (docs/protocol.md, section
	// 2.3). One that is there takes a round trip for it.
	farewellTime  = 250 * time.Millisecond
	farewellBytes = 64 << 10
)

// conn is one connection. One call has it at a time.
type conn struct {
	nc          net.Conn
	in          *bufio.Reader // holds a status line of the greatest length
	out         []byte
	trace       Trace
	patience    time.Duration // how long a reply may take; 0 for as long as it wants
	used        bool          // whether there was an exchange before
	heard       bool          // whether a byte arrived in this exchange
	broken      bool          // whether it is out of step, or about to be closed
	unread      atomic.Bool   // whether the server did not take what was sent
	unusedSince time.Time
	closing     sync.Once
}

func newConn(nc net.Conn, opts Options) *conn {
	return &conn{nc: nc, in: bufio.NewReaderSize(nc, sttp.MaxLine+len("\r\n")), trace: opts.Trace, patience: opts.ReplyTimeout}
}

// close closes the connection, at the first call.
func (cn *conn) close() {
	cn.closing.Do(func() { cn.nc.Close() })
}

// endSession ends the session in order: it sends an empty line, ends the sending
// side if there is a way to, and reads until the server closes [2.3-5]. A server
// that does not close in time, or sends on and on, is not waited for.
func (cn *conn) endSession() {
	if cn.nc.SetDeadline(time.Now().Add(farewellTime)) != nil {
		return
	}
	if _, err := cn.nc.Write([]byte{'\n'}); err != nil {
		return
	}
	if half, ok := cn.nc.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	}
	io.Copy(io.Discard, io.LimitReader(cn.nc, farewellBytes))
}

// exchange sends the requests and reads the replies. After an error, or a reply
// that names no path, the connection is broken.
func (cn *conn) exchange(ctx context.Context, reqs []sttp.Request, resps []sttp.Response) progress {
	stop := cn.watch(ctx)
	cn.heard = false
	var p progress
	var unsent error
	var unread bool
	if cn.patience > 0 {
		cn.limitSending(ctx, len(reqs) == 1)
	}
	if len(reqs) == 1 {
		p.sent, unsent = cn.send(ctx, reqs)
		p.answered, p.err = cn.receive(ctx, reqs, resps)
		unread = cn.unread.Load()
	} else {
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			p.sent, unsent = cn.send(ctx, reqs)
		}()
		answered, err := cn.receive(ctx, reqs, resps)
		unread = cn.unread.Load() // if so, not because of what follows
		if err != nil {
			cn.close() // wakes send
		}
		<-sent
		p.answered, p.err = answered, err
	}
	if unread && errors.Is(p.err, os.ErrDeadlineExceeded) {
		p.err = unsent // no reply came because the request did not go
	}
	p.sent, p.heard = max(p.sent, p.answered), cn.heard
	if p.err != nil && p.answered > 0 && !cn.used && noRoom(resps[0]) {
		p.sent = p.answered // the server carries out nothing on such a connection
	}
	cn.used = true
	cn.broken = cn.broken || p.err != nil || unsent != nil
	if !stop() {
		cn.broken = true
	}
	return p
}

// noRoom tells whether a connection's first reply says that the server has no
// room for it.
func noRoom(first sttp.Response) bool {
	return first.Status == sttp.StatusServerError && first.Path.IsZero()
}

// watch sees to it that reads and writes fail when ctx ends. The function it
// returns ends the watch; false means that ctx had ended before.
func (cn *conn) watch(ctx context.Context) (stop func() bool) {
	if ctx.Done() == nil {
		return func() bool { return true }
	}
	woken := make(chan struct{})
	unwatch := context.AfterFunc(ctx, func() {
		cn.nc.SetDeadline(past)
		close(woken)
	})
	return func() bool {
		if unwatch() {
			return true
		}
		<-woken
		return false
	}
}

// past is a deadline that makes reads and writes fail at once.
var past = time.Unix(1, 0)

// waitAtMost limits the reads to come, and no longer than ctx does: whoever
// ends it after the deadline is set here sets another one.
func (cn *conn) waitAtMost(ctx context.Context, d time.Duration) {
	cn.nc.SetReadDeadline(time.Now().Add(d))
	if ctx.Err() != nil {
		cn.nc.SetReadDeadline(past)
	}
}

// limitSending sees to it that one request is written within cn.patience. Of
// many, the replies that do not come show that the server does not read.
func (cn *conn) limitSending(ctx context.Context, single bool) {
	var deadline time.Time
	if single {
		deadline = time.Now().Add(cn.patience)
	}
	cn.nc.SetWriteDeadline(deadline)
	if ctx.Err() != nil {
		cn.nc.SetWriteDeadline(past)
	}
}

// send writes the requests and returns how many may have reached the server.
// After an error, replies are waited for only a short while.
func (cn *conn) send(ctx context.Context, reqs []sttp.Request) (int, error) {
	buf, written := cn.out[:0], 0
	for i, req := range reqs {
		start := len(buf)
		buf = wire.AppendRequest(buf, req)
		if cn.trace.Sent != nil {
			cn.trace.Sent(buf[start : len(buf)-1])
		}
		if len(buf) < chunk && i < len(reqs)-1 {
			continue
		}
		if n, err := cn.nc.Write(buf); err != nil {
			cn.unread.Store(true)
			cn.waitAtMost(ctx, grace)
			return written + linesBegun(buf[:n]), err
		}
		written = i + 1
		buf = buf[:0]
	}
	cn.out = buf
	return written, nil
}

// linesBegun returns of how many lines b holds a byte.
func linesBegun(b []byte) int {
	n := bytes.Count(b, []byte{'\n'})
	if len(b) > 0 && b[len(b)-1] != '\n' {
		n++
	}
	return n
}

// receive reads the replies and returns how many there are.
func (cn *conn) receive(ctx context.Context, reqs []sttp.Request, resps []sttp.Response) (int, error) {
	for i, req := range reqs {
		last := i == len(reqs)-1
		if cn.patience > 0 && !cn.unread.Load() {
			cn.waitAtMost(ctx, cn.patience)
		}
		resp, err := cn.readReply(ctx, req, last)
		switch {
		case err == nil:
			resps[i] = resp
			cn.broken = cn.broken || resp.Path.IsZero()
		case resp.Status == 0:
			return i, err
		default: // an UPDATE is answered, but no other request can be
			resps[i] = resp
			cn.broken = true
			if !last {
				return i + 1, err
			}
		}
	}
	return len(reqs), nil
}

// readReply reads the reply to req. What it returns borrows nothing but the
// path of req. An error comes with the zero Response, or with the one that an
// UPDATE was answered if only the contents line is missing: then the change is
// known to be carried out.
func (cn *conn) readReply(ctx context.Context, req sttp.Request, last bool) (sttp.Response, error) {
	line, err := cn.readLine()
	if err != nil {
		return sttp.Response{}, err
	}
	if req.Query != nil {
		line = withoutQuery(line, req)
	}
	resp, err := wire.ParseStatusLine(line)
	if err != nil {
		return sttp.Response{}, fmt.Errorf("%w: %q is no status line", ErrProtocol, clip(line))
	}
	if !answers(resp, req) {
		return sttp.Response{}, fmt.Errorf("%w: %q does not answer %s %s", ErrProtocol, clip(line), req.Action, req.Path)
	}
	if resp.Path == req.Path {
		resp.Path = req.Path
	} else {
		resp.Path = resp.Path.Clone()
	}
	resp.Message = strings.Clone(resp.Message)
	if !resp.Status.HasContents() {
		return resp, nil
	}
	if req.Action == sttp.Update && last && cn.in.Buffered() == 0 {
		cn.waitAtMost(ctx, grace)
		defer cn.nc.SetReadDeadline(time.Time{})
	}
	resp.Contents, err = cn.readContents()
	if err != nil && req.Action != sttp.Update {
		return sttp.Response{}, err
	}
	return resp, err
}

// withoutQuery returns a status line that repeats the query with the path, as a
// server without queries may do, in the form that others send.
func withoutQuery(line []byte, req sttp.Request) []byte {
	path := req.Path.String()
	sent := []byte(" " + path + "?" + req.Query.String() + " ")
	return bytes.Replace(line, sent, []byte(" "+path+" "), 1)
}

// readLine reads a status line. What it returns is valid until the next read.
func (cn *conn) readLine() ([]byte, error) {
	line, err := cn.in.ReadSlice('\n')
	cn.heard = cn.heard || len(line) > 0
	if errors.Is(err, bufio.ErrBufferFull) {
		return nil, fmt.Errorf("%w: its status line has more than %d bytes", ErrProtocol, sttp.MaxLine)
	}
	if err != nil {
		return nil, err
	}
	return cn.received(line), nil
}

// readContents reads a contents line of up to sttp.MaxList bytes, which a client
// has to accept (docs/protocol.md, section 6.5).
func (cn *conn) readContents() (string, error) {
	var long []byte // what did not fit the reader's buffer
	for {
		part, err := cn.in.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return "", err
		}
		if len(long)+len(part) > sttp.MaxList+len("\r\n") {
			return "", fmt.Errorf("%w: its contents line has more than %d bytes", ErrProtocol, sttp.MaxList)
		}
		if err == nil && long == nil {
			return string(cn.received(part)), nil
		}
		long = append(long, part...)
		if err == nil {
			return string(cn.received(long)), nil
		}
	}
}

// received returns line without its end, after the trace has seen it.
func (cn *conn) received(line []byte) []byte {
	line = bytes.TrimSuffix(line[:len(line)-1], []byte{'\r'})
	if cn.trace.Received != nil {
		cn.trace.Received(line)
	}
	return line
}

// clip returns as much of a line as an error shows.
func clip(line []byte) []byte { return line[:min(len(line), 80)] }
