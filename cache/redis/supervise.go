package redis

import (
	"math/rand/v2"
	"time"
)

// How far apart attempts are, at first and at most, and how long a connection
// lasts before it counts as one that does: one that ends sooner is no reason to
// begin with short waits again, nor the next one to say at once that Redis is
// back.
const (
	minWait = 50 * time.Millisecond
	maxWait = 2 * time.Second
	settled = time.Second
)

// supervise has a link in use as often as it can, until the Cache is closed. It
// calls tried when the first attempt has ended, and perhaps again.
func (c *Cache) supervise(tried func()) {
	s := status{cache: c}
	b := backoff{minWait}
	for {
		l, err := c.connect(c.ctx)
		if err == nil {
			if lasted := c.use(l, &s, tried); lasted {
				b = backoff{minWait}
			}
			l.close()
			err = l.why()
		}
		if c.ctx.Err() != nil {
			return
		}
		s.lost(err)
		tried()
		if !c.pause(b.next()) {
			return
		}
	}
}

// backoff is how long to wait for the next attempt.
type backoff struct{ wait time.Duration }

// next returns that time, which is a moment more or less, so that servers do not
// come all at once.
func (b *backoff) next() time.Duration {
	d := b.wait
	b.wait = min(2*d, maxWait)
	return d/2 + rand.N(d/2)
}

// use has a link in use until it is over, and tells whether it lasted.
func (c *Cache) use(l *link, s *status, tried func()) (lasted bool) {
	if !c.publish(l) {
		return false
	}
	defer c.lose(l, errClosed) // whoever ended it
	s.found()
	tried()
	settling := time.NewTimer(settled)
	defer settling.Stop()
	for {
		select {
		case <-l.done:
			return lasted
		case <-c.ctx.Done():
			return lasted
		case <-settling.C:
			lasted = true
			s.settled()
		}
	}
}

// pause waits, and returns false if the Cache was closed.
func (c *Cache) pause(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-c.ctx.Done():
		return false
	}
}

// status is what was said in the log: one line when Redis goes, one when it is
// back, and one for each thing in between that somebody has to do
// with a Redis that answers.
type status struct {
	cache   *Cache
	started bool // it was in use once, or said to be gone
	gone    bool // it was said to be
	hasty   bool // what came back has not lasted yet, or did not
	since   time.Time
	said    map[string]bool // what is to be done
}

// lost is called when there is no link any more, or still none.
func (s *status) lost(err error) {
	why, advice := s.cache.explain(err)
	log := s.cache.log.With("address", s.cache.options.Address, "why", why)
	if advice != "" {
		log = log.With("do", advice)
	}
	switch {
	case !s.gone:
		s.gone, s.started = true, true
		// That nobody listens where one was lost is no news.
		s.since, s.said = time.Now(), map[string]bool{advice: true, adviceStart: true}
		log.Warn("Redis is gone; until it is back, requests go to the storage without it")
	case advice != "" && !s.said[advice]:
		s.said[advice] = true
		log.Warn("Redis cannot be used yet")
	}
}

// found is called when a link is in use.
func (s *status) found() {
	switch {
	case !s.started:
		s.cache.log.Info("Redis is in use", "address", s.cache.options.Address)
		s.started = true
		return
	case !s.hasty:
		s.back()
	}
	s.hasty = true
}

// settled is called when a link has lasted.
func (s *status) settled() {
	if s.gone {
		s.back()
	}
	s.hasty = false
}

func (s *status) back() {
	s.gone = false
	s.cache.log.Info("Redis is back", "address", s.cache.options.Address, "away", time.Since(s.since).Round(time.Millisecond))
}
