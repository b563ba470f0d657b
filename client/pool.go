package client

import (
	"context"
	"time"
)

// enter waits until the call may have a connection. Every enter that returns
// nil is followed by a leave.
func (c *Client) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	if c.life.Err() != nil {
		c.mu.Unlock()
		return ErrClosed
	}
	c.calls.Add(1)
	c.mu.Unlock()
	select {
	case c.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
	case <-c.life.Done():
	}
	c.calls.Done()
	return c.ended(ctx)
}

func (c *Client) leave() {
	<-c.slots
	c.calls.Done()
}

// takeIdle returns the connection that was used last, or nil if there is none
// that is still good. A new one is dialled only then, so a call holds a slot and
// no more connections are open than there are slots.
func (c *Client) takeIdle() *conn {
	for {
		c.mu.Lock()
		last := len(c.idle) - 1
		if last < 0 {
			c.mu.Unlock()
			return nil
		}
		cn := c.idle[last]
		c.idle[last] = nil
		c.idle = c.idle[:last]
		c.busy[cn] = struct{}{}
		c.mu.Unlock()
		if !stale(cn.nc) {
			return cn
		}
		c.discard(cn)
	}
}

// put takes back a connection from a call. It is kept for the next one if it is
// in step: every reply was read and nothing more has arrived. If it is not,
// nothing that could be sent on it has a meaning, and it is closed at once.
func (c *Client) put(cn *conn) {
	if cn.broken || cn.in.Buffered() > 0 {
		c.discard(cn)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.life.Err() != nil {
		return // Close sees to it
	}
	delete(c.busy, cn)
	if c.opts.IdleTimeout < 0 {
		c.retire(cn)
		return
	}
	cn.unusedSince = time.Now()
	c.idle = append(c.idle, cn)
	if len(c.idle) > 1 {
		return // the timer is running for the first
	}
	if c.sweep == nil {
		c.sweep = time.AfterFunc(c.opts.IdleTimeout, c.retireIdle)
	} else {
		c.sweep.Reset(c.opts.IdleTimeout)
	}
}

func (c *Client) discard(cn *conn) {
	cn.close()
	c.mu.Lock()
	delete(c.busy, cn)
	c.mu.Unlock()
}

// retireIdle retires the connections that were not used for too long, and comes
// back for the others.
func (c *Client) retireIdle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for n < len(c.idle) && time.Since(c.idle[n].unusedSince) >= c.opts.IdleTimeout {
		c.retire(c.idle[n])
		n++
	}
	c.idle = append(c.idle[:0:0], c.idle[n:]...)
	if len(c.idle) > 0 {
		c.sweep.Reset(c.opts.IdleTimeout - time.Since(c.idle[0].unusedSince))
	}
}

// retire ends the session on a connection that is in step and in nobody's hands,
// and closes it, in a goroutine that Close waits for. So that a server which
// never closes does not make them ever more, at most MaxConnections wait for it
// at a time; one beyond them is closed at once. c.mu is held.
func (c *Client) retire(cn *conn) {
	c.retiring.Go(func() {
		defer cn.close()
		select {
		case c.patience <- struct{}{}:
			cn.endSession()
			<-c.patience
		default:
		}
	})
}
