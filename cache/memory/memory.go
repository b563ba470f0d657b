// Package memory keeps a cache in the memory of the process: least recently
// used first out, bounded by entries and by bytes, each entry for a limited
// time.
package memory

import (
	"sync"
	"time"

	"sttp/cache"
)

// Overhead is what an entry counts in bytes beside its key and its text. It is
// what an entry takes on the heap of a 64-bit machine: 96 for the entry itself,
// 24 for its slot in a map that is as full as maps are on average (they double
// when seven eighths are taken), and 8 for rounding the allocation of key and
// text up.
const Overhead = 144

// Lateness is how long the background routine may let pass between two looks
// at the clock, and so by how much an entry may outlive its expiration.
const Lateness = 10 * time.Millisecond

const (
	// lookEvery is the number of hits after which Get looks at the clock
	// itself: reading it costs more than all else that a hit does.
	lookEvery = 64

	// sweepAtMost is the number of entries that the background routine
	// removes before it lets others have the lock.
	sweepAtMost = 64
)

// Options bounds a Cache. A bound that is zero or less does not apply.
type Options struct {
	MaxEntries int           // entries kept at once
	MaxBytes   int64         // bytes kept at once: keys, texts, and Overhead for each entry
	Expiration time.Duration // how long after Put an entry may be served, however often it is used
}

// Cache is a cache.Cache in memory. Make it with New.
//
// Among all its entries the one that was used least recently goes first; what
// a Get or a Put is for is used. An entry past its expiration is removed by a
// background routine at most Lateness later, given a processor to run on, or
// by a Get if that comes first. Should the routine be kept waiting, every
// sixty-fourth hit and every Put look at the clock too.
type Cache struct {
	options Options
	start   time.Time   // times are counted from here, by the monotonic clock
	timer   *time.Timer // wakes the sweeper; nil without expiration
	closing chan struct{}
	sweeper sync.WaitGroup

	mu      sync.Mutex // guards what follows
	entries map[string]*entry
	byUse   list // most recently used first
	byAge   list // put last first, so that what expires next is at the back
	now     time.Duration
	armed   bool // the timer runs, or the sweeper does
	closed  bool
	stats   cache.Stats
}

type entry struct {
	key, text string // in one allocation
	expires   time.Duration
	use, age  node
}

// New returns an empty Cache. With an expiration it has a goroutine, which ends
// in Close.
func New(options Options) *Cache {
	c := &Cache{
		options: options,
		start:   time.Now(),
		closing: make(chan struct{}),
		entries: make(map[string]*entry),
	}
	c.byUse.init()
	c.byAge.init()
	if options.Expiration > 0 {
		c.timer = time.NewTimer(options.Expiration)
		c.timer.Stop()
		c.sweeper.Go(c.sweep)
	}
	return c
}

// Get implements cache.Cache. It does not allocate.
func (c *Cache) Get(key string) (text string, ok bool) {
	c.mu.Lock()
	e := c.entries[key]
	if e == nil {
		c.stats.Misses++
		c.mu.Unlock()
		return "", false
	}
	if c.timer != nil {
		if c.stats.Hits%lookEvery == 0 {
			c.look()
		}
		if e.expires <= c.now {
			c.remove(e)
			c.stats.Expired++
			c.stats.Misses++
			c.mu.Unlock()
			return "", false
		}
	}
	c.byUse.moveToFront(&e.use)
	c.stats.Hits++
	text = e.text
	c.mu.Unlock()
	return text, true
}

// Put implements cache.Cache.
func (c *Cache) Put(key, text string) {
	cost := cost(key, text)
	if c.options.MaxBytes > 0 && cost > c.options.MaxBytes {
		c.Remove(key)
		return
	}
	kept := key + text
	e := &entry{key: kept[:len(key)], text: kept[len(key):]}
	e.use.entry, e.age.entry = e, e

	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	if old := c.entries[key]; old != nil {
		c.remove(old)
	}
	c.makeRoom(cost)
	c.entries[e.key] = e
	c.byUse.pushFront(&e.use)
	c.byAge.pushFront(&e.age)
	c.stats.Bytes += cost
	if c.timer != nil {
		c.look()
		e.expires = c.now + c.options.Expiration
		c.arm()
	}
}

// Remove implements cache.Cache.
func (c *Cache) Remove(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.entries[key]; e != nil {
		c.remove(e)
	}
}

// Clear implements cache.Cache.
func (c *Cache) Clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.entries = make(map[string]*entry)
		c.empty()
	}
}

// empty forgets the order of what was kept, and what it took. The caller holds mu.
func (c *Cache) empty() {
	c.byUse.init()
	c.byAge.init()
	c.stats.Bytes = 0
}

// Stats implements cache.Cache. What has expired counts as kept until it is removed.
func (c *Cache) Stats() cache.Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	stats := c.stats
	stats.Entries = len(c.entries)
	return stats
}

// Close implements cache.Cache. Its error is always nil.
func (c *Cache) Close() error {
	c.mu.Lock()
	if !c.closed {
		c.closed = true
		c.entries = nil
		c.empty()
		close(c.closing)
	}
	c.mu.Unlock()
	c.sweeper.Wait()
	return nil
}

func cost(key, text string) int64 { return int64(len(key)) + int64(len(text)) + Overhead }

// makeRoom evicts what was used least recently until one more entry fits that
// costs so much. The caller holds mu, as for all that follow.
func (c *Cache) makeRoom(cost int64) {
	for e := c.byUse.back(); e != nil; e = c.byUse.back() {
		full := c.options.MaxEntries > 0 && len(c.entries) >= c.options.MaxEntries ||
			c.options.MaxBytes > 0 && c.stats.Bytes+cost > c.options.MaxBytes
		if !full {
			return
		}
		c.remove(e)
		c.stats.Evicted++
	}
}

func (c *Cache) remove(e *entry) {
	delete(c.entries, e.key)
	e.use.unlink()
	e.age.unlink()
	c.stats.Bytes -= cost(e.key, e.text)
}

// look reads the clock.
func (c *Cache) look() { c.now = time.Since(c.start) }
