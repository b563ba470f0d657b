package memory

// sweep is the background routine: it sleeps until the oldest entry expires
// and removes what has expired.
func (c *Cache) sweep() {
	for {
		select {
		case <-c.closing:
			c.timer.Stop()
			return
		case <-c.timer.C:
			for c.sweepSome() {
			}
		}
	}
}

// sweepSome removes up to sweepAtMost expired entries and tells whether there
// may be more. If there are none it sets the timer for the oldest of those that
// are left.
func (c *Cache) sweepSome() (more bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.look()
	for range sweepAtMost {
		e := c.byAge.back()
		if e == nil || e.expires > c.now {
			c.armed = false
			c.arm()
			return false
		}
		c.remove(e)
		c.stats.Expired++
	}
	return true
}

// arm sets the timer if it is not set and there is something to expire. The
// sweeper rests for a moment even if the next entry expires at once, so that
// many fills do not make for as many wake-ups. The caller holds mu.
func (c *Cache) arm() {
	e := c.byAge.back()
	if c.armed || e == nil {
		return
	}
	c.armed = true
	c.timer.Reset(max(e.expires-c.now, min(Lateness, c.options.Expiration)))
}
