// Package redis keeps a cache in Redis, for cache.RemoteHandler.
//
// It needs a single Redis of version 6 or later, or what speaks its protocol,
// that is no cluster and no read-only replica. The least that a user needs there,
// with a prefix sttp: and without -@all, is
//
//	~sttp:* +client|tracking +ping +get +set +del +eval +evalsha (+select)
//
// where select is for a database other than 0. What Redis may take is its own
// setting: maxmemory, with a maxmemory-policy such as allkeys-lru.
//
// # Keys
//
// A key is <prefix><store id>:<epoch>:<path>. The store's id keeps servers apart
// that share a Redis. The epoch is random and is drawn anew at each start, at
// each connection, when Redis was emptied, and when a removal did not come
// through: so what changed while nobody could remove it lies under keys that
// nobody asks for any more. They go as they expire.
//
// The value is V and a text, or L and the token of a lease. A lease is taken with
// SET NX, and a script puts the text in its place if it is still there.
//
// # When Redis is slow or gone
//
// A call that has waited for the timeout ends the connection, and all calls that
// wait on it. Until Redis is back, calls return at once. One goroutine tries
// again, from 50 ms to 2 s apart, and takes Redis for back when it has carried
// out all that a cache does.
package redis

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sttp"
	"sttp/cache"
	"sttp/internal/fault"
)

// Options say where Redis is and what is kept there.
type Options struct {
	Address  string      // host:port, or the path of a Unix socket, which has a slash in it
	Username string      // "" for the default user
	Password string      // "" for none. It gets into no log and no error
	DB       int         // number of the database
	TLS      *tls.Config // nil for none. Without a ServerName it is the host of Address

	Prefix     string        // of all keys
	StoreID    string        // tells the store from all others
	Timeout    time.Duration // how long a request may wait; 0 for 100 ms
	Expiration time.Duration // age at which an entry goes; 0 for a day, so that old epochs go
	MaxText    int           // longest text that is kept, in bytes; 0 for sttp.MaxList

	Logger *slog.Logger // nil for none
}

// The rest of what Options may leave out, and how long a lease is valid: a fill
// that comes later is in vain, and until then nobody else fills the key.
const (
	defaultTimeout    = 100 * time.Millisecond
	defaultExpiration = 24 * time.Hour
	leaseTime         = 2 * time.Second
)

// Cache is a cache.Remote in Redis. Make it with Open.
type Cache struct {
	options Options
	log     *slog.Logger

	ctx     context.Context // ends with Close
	cancel  context.CancelFunc
	running sync.WaitGroup

	live   atomic.Pointer[epoch]     // nil while Redis is away
	front  atomic.Pointer[Forgetter] // nil for none
	epochs atomic.Uint64
	tokens atomic.Uint64
	counts counts
	odd    complaint // about what is not ours in Redis

	mu     sync.Mutex // orders changes of live; never held over I/O
	random string     // of the last epoch
}

// Forgetter is a cache in front of this one, such as a cache.Handler.
type Forgetter interface {
	Forget(key string)
	ForgetAll()
}

// Stats counts what happened since Open.
type Stats struct {
	Hits, Misses uint64 // of keys that were looked up; while Redis is away each is a miss
	Fills        uint64 // that were kept
	Invalid      uint64 // values that were not ours
	Epochs       uint64 // that were in use
	Away         bool   // calls return at once now
}

type counts struct{ hits, misses, fills, invalid, epochs atomic.Uint64 }

// Open starts to use Redis. It waits for it no longer than a request does, and
// goes on without it: an error is one of the options.
func Open(o Options) (*Cache, error) {
	if !strings.Contains(o.Address, "/") {
		if _, _, err := net.SplitHostPort(o.Address); err != nil {
			return nil, errors.New("the address of Redis is host:port, or the path of a Unix socket")
		}
	}
	if o.StoreID == "" {
		return nil, errors.New("a cache in Redis needs the id of the store")
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.Expiration < time.Millisecond {
		o.Expiration = defaultExpiration
	}
	if o.MaxText <= 0 {
		o.MaxText = sttp.MaxList
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	c := &Cache{options: o, log: o.Logger}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	tried := make(chan struct{})
	c.running.Go(func() { c.supervise(sync.OnceFunc(func() { close(tried) })) })
	patience := time.NewTimer(o.Timeout)
	defer patience.Stop()
	select {
	case <-tried:
	case <-patience.C:
	}
	return c, nil
}

// Close ends all that runs in the background, and waits for it. A closed Cache is
// one that is away.
func (c *Cache) Close() error {
	c.cancel()
	c.running.Wait()
	return nil
}

// Tell has f forget from now on what others than this server change in Redis, and
// everything where that is not known: when Redis was emptied, or has gone. f may
// be called at any time, and is to be quick.
func (c *Cache) Tell(f Forgetter) { c.front.Store(&f) }

func (c *Cache) forget(key string) {
	if f := c.front.Load(); f != nil && !fault.Is(fault.RedisTellsNobody) {
		(*f).Forget(key)
	}
}

func (c *Cache) forgetAll() {
	if f := c.front.Load(); f != nil && !fault.Is(fault.RedisTellsNobody) {
		(*f).ForgetAll()
	}
}

// Stats returns what has happened so far.
func (c *Cache) Stats() Stats {
	return Stats{
		Hits: c.counts.hits.Load(), Misses: c.counts.misses.Load(), Fills: c.counts.fills.Load(),
		Invalid: c.counts.invalid.Load(), Epochs: c.counts.epochs.Load(), Away: c.live.Load() == nil,
	}
}

// Get implements cache.Remote.
func (c *Cache) Get(_ context.Context, keys []string, entries []cache.Entry) {
	begun := time.Now()
	clear(entries)
	e := c.live.Load()
	if e != nil && len(keys) > 0 {
		if err := e.get(begun.Add(c.options.Timeout), keys, entries); err != nil {
			c.lose(e.link, err) // what was found before is right nevertheless
		}
	}
	waited := time.Since(begun)
	hits := 0
	for i := range entries {
		entries[i].Lease.Waited = waited
		if entries[i].Found {
			hits++
		}
	}
	c.counts.hits.Add(uint64(hits))
	c.counts.misses.Add(uint64(len(keys) - hits))
}

// Fill implements cache.Remote.
func (c *Cache) Fill(_ context.Context, fills []cache.Fill) {
	e := c.live.Load()
	if e == nil {
		return
	}
	left := c.options.Timeout
	valid := make([]cache.Fill, 0, len(fills))
	for _, f := range fills {
		if f.Lease.Epoch == e.number && len(f.Text) <= c.options.MaxText {
			valid = append(valid, f)
			left = min(left, c.options.Timeout-f.Lease.Waited)
		}
	}
	if len(valid) == 0 || left <= 0 {
		return
	}
	kept, err := e.fill(time.Now().Add(left), valid)
	c.counts.fills.Add(uint64(kept))
	if err != nil {
		c.lose(e.link, err)
	}
}

// Remove implements cache.Remote.
func (c *Cache) Remove(_ context.Context, keys []string) {
	if len(keys) == 0 || fault.Is(fault.RedisSkipsRemove) {
		return
	}
	for deadline := time.Now().Add(c.options.Timeout); ; {
		e := c.live.Load()
		if e == nil {
			return
		}
		if err := e.remove(deadline, keys); err != nil {
			c.lose(e.link, err)
			return
		}
		if c.live.Load() == e {
			return
		}
		// Another epoch began meanwhile, and what is in that is not removed yet.
	}
}

// publish puts a link into use, in a new epoch. It returns false if the link has
// ended already.
func (c *Cache) publish(l *link) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if l.over() {
		return false
	}
	c.begin(l)
	return true
}

// renew begins a new epoch on a link that is in use: Redis was emptied.
func (c *Cache) renew(l *link) {
	c.mu.Lock()
	e := c.live.Load()
	current := e != nil && e.link == l && !l.over()
	if current {
		c.begin(l)
	}
	c.mu.Unlock()
	if current {
		c.forgetAll()
	}
}

// begin begins an epoch on l. The caller holds mu.
func (c *Cache) begin(l *link) {
	if c.random == "" || !fault.Is(fault.RedisKeepsEpoch) {
		c.random = randomID()
	}
	c.counts.epochs.Add(1)
	c.live.Store(c.newEpoch(l, c.random))
}

// lose ends a link, and the epoch that is in use on it. What is called when it has
// returned finds nothing of that epoch.
func (c *Cache) lose(l *link, reason error) {
	l.end(reason) // first: what has ended is not published
	c.mu.Lock()
	e := c.live.Load()
	current := e != nil && e.link == l
	if current {
		c.live.Store(nil)
	}
	c.mu.Unlock()
	if current {
		c.forgetAll()
	}
}

// complain logs what is not ours in Redis, once a minute at most.
func (c *Cache) complain(key, what string) {
	c.counts.invalid.Add(1)
	if n, ok := c.odd.due(time.Now()); ok {
		c.log.Warn("Redis has a value that this server did not put there; it was removed",
			"path", clip(key), "why", what, "such_values", n)
	}
}

// complaint is something that is said once a minute at most.
type complaint struct {
	mu     sync.Mutex
	last   time.Time
	unsaid int
}

// due tells whether it is time to say it again, and how often it came since it
// was said last.
func (c *complaint) due(now time.Time) (n int, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unsaid++
	if !c.last.IsZero() && now.Sub(c.last) < time.Minute {
		return 0, false
	}
	n, c.unsaid, c.last = c.unsaid, 0, now
	return n, true
}

func (s Stats) String() string {
	return fmt.Sprintf("%d hits, %d misses, %d fills, %d epochs, away: %v", s.Hits, s.Misses, s.Fills, s.Epochs, s.Away)
}
