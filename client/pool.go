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
		c.mu.Unlock()
		if !stale(cn.nc) {
			return cn
		}
		c.discard(cn)
	}
}

// put keeps cn for the next call if it is in step: every reply was read and
// nothing more has arrived.
func (c *Client) put(cn *conn) {
	if cn.broken || cn.in.Buffered() > 0 || c.opts.IdleTimeout < 0 {
		c.discard(cn)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.life.Err() != nil {
		return // Close has closed it
	}
	cn.unusedSince = time.Now()
	c.idle = append(c.idle, cn)
	if len(c.idle) > 1 {
		return // the timer is running for the first
	}
	if c.sweep == nil {
		c.sweep = time.AfterFunc(c.opts.IdleTimeout, c.closeIdle)
	} else {
		c.sweep.Reset(c.opts.IdleTimeout)
	}
}

func (c *Client) discard(cn *conn) {
	cn.nc.Close()
	c.mu.Lock()
	delete(c.open, cn)
	c.mu.Unlock()
}

// closeIdle closes the connections that were not used for too long, and comes
// back for the others.
func (c *Client) closeIdle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for n < len(c.idle) && time.Since(c.idle[n].unusedSince) >= c.opts.IdleTimeout {
		c.idle[n].nc.Close()
		delete(c.open, c.idle[n])
		n++
	}
	c.idle = append(c.idle[:0:0], c.idle[n:]...)
	if len(c.idle) > 0 {
		c.sweep.Reset(c.opts.IdleTimeout - time.Since(c.idle[0].unusedSince))
	}
}
