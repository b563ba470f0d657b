package server

import (
	"net"
	"sync"
	"time"
)

// readDeadline is the read deadline of a socket. Setting it costs, so it is only
// moved when it must come sooner: one that fires too early is to be disarmed and
// armed anew. Once wake was called it has passed for good.
type readDeadline struct {
	nc net.Conn

	mu    sync.Mutex
	armed time.Time // what the socket has; zero for none
	woken bool
	deaf  bool // wake has no effect any more
}

// arm sees to it that the deadline comes no later than until; zero is never.
func (d *readDeadline) arm(until time.Time) error {
	if until.IsZero() {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.woken || (!d.armed.IsZero() && !until.Before(d.armed)) {
		return nil
	}
	d.armed = until
	return d.nc.SetReadDeadline(until)
}

// disarm takes the deadline away, unless it has passed for good; that is what it
// returns.
func (d *readDeadline) disarm() (woken bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.woken {
		d.armed = time.Time{}
		d.nc.SetReadDeadline(time.Time{})
	}
	return d.woken
}

// wake ends the read that waits and every later one.
func (d *readDeadline) wake() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.deaf {
		d.woken = true
		d.nc.SetReadDeadline(time.Unix(1, 0))
	}
}

// outlast takes back what wake did, and lets it do nothing from now on.
func (d *readDeadline) outlast() {
	d.mu.Lock()
	woken := d.woken
	d.woken, d.deaf = false, true
	d.mu.Unlock()
	if woken {
		d.disarm()
	}
}
