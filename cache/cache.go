// Package cache puts a cache in front of any sttp.Handler. Handler decides what
// is cached, when it goes, and that nothing stale is ever served; a Cache,
// one package each below this one, keeps the entries. The contract of Cache is
// also a test suite, cache/cachetest, which every Cache passes.
package cache

// Cache keeps texts by key. All methods may be called by many goroutines at
// once, and none of them blocks for I/O.
//
// Keys and texts that are passed in may borrow a connection's buffer: a Cache
// that keeps them clones them. What Get returns is the caller's to keep.
//
// An entry expires some time after it was put, however often it is used. Each
// Cache says by how much it may be late.
type Cache interface {
	// Get returns the text that was put under key, if it is still there and
	// has not expired, and makes it the most recently used.
	Get(key string) (text string, ok bool)

	// Put keeps text under key in place of what was there. Entries that were
	// used least recently make room for it. A text that alone passes the
	// cache's bounds is not kept; what was under key goes all the same.
	Put(key, text string)

	// Remove forgets key.
	Remove(key string)

	// Clear forgets everything.
	Clear()

	// Stats returns what has happened so far.
	Stats() Stats

	// Close ends what runs in the background, waits for it, and forgets
	// everything. A closed Cache keeps nothing: Get misses and Put does
	// nothing. Close may be called again.
	Close() error
}

// None is a Cache that keeps nothing. A Handler with it asks for a path once
// where many want it, and caches no more than that.
var None Cache = none{}

type none struct{}

func (none) Get(string) (string, bool) { return "", false }
func (none) Put(_, _ string)           {}
func (none) Remove(string)             {}
func (none) Clear()                    {}
func (none) Stats() Stats              { return Stats{} }
func (none) Close() error              { return nil }

// Stats counts what happened in a Cache since it was made.
type Stats struct {
	Hits, Misses uint64
	Evicted      uint64 // made room for others
	Expired      uint64 // were older than the expiration
	Entries      int    // kept now
	Bytes        int64  // kept now, as the cache's bound on bytes counts them
}
