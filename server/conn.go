package server

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"runtime/debug"
	"time"

	"sttp"
)

// conn is one connection: a stream, the session it feeds, and what the log
// wants to know.
type conn struct {
	server  *Server
	id      uint64
	stream  *stream
	session session
	address netip.Addr // of the client, for the limit on each address
	turn    bool       // it has one of Server.turns

	opened   time.Time // only with logged
	logged   bool
	bytesIn  uint64
	bytesOut uint64
}

// A connection has one goroutine at a time. A silent one has a goroutine that
// only waits; when bytes come it starts another, that serves, and ends. The one
// that serves does the reverse when the connection has been silent for a while.
// So what a silent connection keeps is a goroutine's smallest stack, and not
// one that has grown with serving. Server.running counts connections.

// begin is the first goroutine of a connection.
func (c *conn) begin() {
	c.logOpened()
	if c.server.turns.take(c.server.draining) {
		c.turn = true
		go c.wait(c.stream.rest())
	} else {
		c.serve(errWoken)
	}
}

// wait is the goroutine of a silent connection, unless err says that the
// waiting is over already.
func (c *conn) wait(err error) {
	if err == nil {
		err = c.stream.await()
	}
	go c.serve(err)
}

// serve is the goroutine that answers requests; err is what the wait for the
// first bytes ended with. It closes the connection, or leaves it to wait.
func (c *conn) serve(err error) {
	why := c.loop(err)
	if why == bySilence {
		go c.wait(c.stream.rest())
	} else {
		c.end(why)
	}
}

// end closes the connection, and makes room for another.
func (c *conn) end(why reason) {
	switch why {
	case byClient, byWriteTimeout, byWriteError, byReadError:
		c.stream.close() // nothing is left to be read, or nobody to read a reply
	default:
		c.stream.linger()
	}
	if c.turn {
		c.server.turns.give()
	}
	c.logClosed(why)
	c.server.remove(c)
}

// loop answers and reads, one batch at a time. err is what the last read, or
// the wait before it, ended with.
func (c *conn) loop(err error) reason {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		if err = c.stream.expired(err); err == nil {
			return bySilence
		}
	}
	c.bytesIn += uint64(len(c.stream.pending()))
	var deadline time.Time // of the line that is being received
	for err == nil {
		used, why := c.reply()
		if why != goesOn {
			return why
		}
		deadline = c.lineDeadline(deadline, used)
		before := len(c.stream.pending())
		err = c.stream.read(deadline)
		c.bytesIn += uint64(len(c.stream.pending()) - before)
	}
	return c.ended(err)
}

// lineDeadline returns until when the rest of the pending line must have come.
// It is set when the line's first byte arrives and not renewed by later ones.
func (c *conn) lineDeadline(current time.Time, used int) time.Time {
	switch {
	case c.server.options.RequestTimeout == 0 || len(c.stream.pending()) == 0:
		return time.Time{}
	case used > 0 || current.IsZero():
		return time.Now().Add(c.server.options.RequestTimeout)
	}
	return current
}

// reply answers all complete lines that are pending, and sends the replies. If
// a Handler panics, the connection ends after the replies that were made before:
// what became of its requests is not known, and a reply would have to say so.
func (c *conn) reply() (used int, why reason) {
	w := workPool.Get().(*work)
	defer func() {
		if p := recover(); p != nil {
			c.server.log.Error("a handler panicked", "conn", c.id, "panic", p, "stack", string(debug.Stack()))
			c.send(w.out)
			why = byPanic
		}
		w.release()
	}()
	for {
		n, why := c.session.feed(c.server.ctx, c.stream.pending(), w)
		c.stream.consume(n)
		used += n
		full := len(w.out) >= flushAt
		if failed := c.send(w.out); failed != goesOn {
			return used, failed
		}
		w.out = w.out[:0]
		if why != goesOn || !full {
			return used, why
		}
	}
}

// send writes replies.
func (c *conn) send(out []byte) reason {
	if len(out) == 0 {
		return goesOn
	}
	n, err := c.stream.write(out, c.server.options.WriteTimeout)
	c.bytesOut += uint64(n)
	switch {
	case err == nil:
		return goesOn
	case errors.Is(err, os.ErrDeadlineExceeded):
		return byWriteTimeout
	}
	return byWriteError
}

// ended deals with a read that brought nothing: it says why the connection
// ends, after the last reply that this calls for.
func (c *conn) ended(err error) reason {
	half := len(c.stream.pending()) > 0
	switch {
	case err == errSilent:
		return bySilence
	case err == errWoken:
		return c.drain()
	case errors.Is(err, os.ErrDeadlineExceeded) && half:
		c.last(errTooSlow)
		return byRequestLimit
	case errors.Is(err, os.ErrDeadlineExceeded):
		return byIdleTimeout // unasked, a reply would be taken for that to the next request
	case errors.Is(err, io.EOF):
		c.last(errCutShort)
		return byClient
	}
	return byReadError
}

// drainBytes is more than a socket's receive buffer holds, so that everything
// that had arrived is answered, and yet bounds a client that goes on sending.
const drainBytes = 8 << 20

// drain answers the complete requests that had arrived before the shutdown.
func (c *conn) drain() reason {
	for range drainBytes / inputSize {
		before := len(c.stream.pending())
		if !c.stream.readArrived() {
			break
		}
		c.bytesIn += uint64(len(c.stream.pending()) - before)
		if _, why := c.reply(); why != goesOn {
			return why
		}
	}
	c.last(errStopping)
	return byShutdown
}

// last sends the reply to a line that will not be completed, if there is one.
func (c *conn) last(err *sttp.Error) {
	if len(c.stream.pending()) == 0 {
		return
	}
	w := workPool.Get().(*work)
	defer w.release()
	c.session.refuse(err, w)
	c.send(w.out)
}

func (c *conn) logOpened() {
	if c.logged = c.server.log.Enabled(context.Background(), slog.LevelInfo); c.logged {
		c.opened = time.Now()
		c.server.log.Info("connection opened", "conn", c.id, "remote", c.stream.nc.RemoteAddr().String())
	}
}

func (c *conn) logClosed(why reason) {
	if c.logged {
		c.server.log.Info("connection closed", "conn", c.id, "remote", c.stream.nc.RemoteAddr().String(),
			"requests", c.session.requests, "bytes_in", c.bytesIn, "bytes_out", c.bytesOut,
			"duration", time.Since(c.opened), "reason", string(why))
	}
}
