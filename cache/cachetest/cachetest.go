// Package cachetest is the contract of cache.Cache as a test suite, which every
// Cache passes.
package cachetest

import (
	"strings"
	"testing"
	"time"
	"unsafe"

	"sttp/cache"
)

// Bounds is what a Cache is made with. A bound that is zero does not apply.
type Bounds struct {
	MaxEntries int
	MaxBytes   int64
	Expiration time.Duration
}

// Suite is a kind of Cache to test.
type Suite struct {
	// New returns an empty cache. The suite closes it.
	New func(Bounds) cache.Cache

	// Cost is what an entry counts against MaxBytes.
	Cost func(key, text string) int64

	// Lateness is by how much an entry may outlive its expiration.
	Lateness time.Duration
}

// Run runs the suite.
func Run(t *testing.T, s Suite) {
	t.Run("An empty cache misses", s.empty)
	t.Run("What was put is got until it is removed", s.putGetRemove)
	t.Run("Put replaces what was there", s.replace)
	t.Run("Clear forgets everything", s.clear)
	t.Run("The empty text is kept", s.emptyText)
	t.Run("Keys and texts may be borrowed", s.borrowed)
	t.Run("A text beyond the bound is not kept and evicts nothing", s.oversize)
	t.Run("A closed cache keeps nothing", s.closed)
	t.Run("The least recently used go first", s.leastRecentlyUsed)
	t.Run("Bounds and order are those of the model", s.model)
	t.Run("An entry expires, and by itself", s.expiresByItself)
	t.Run("An entry expires however often it is used", s.expiresInUse)
	t.Run("Put renews the time of an entry", s.putRenews)
	t.Run("What is put after a Clear expires", s.clearedExpires)
	t.Run("Entries expire in the order they were put", s.expiresInOrder)
	t.Run("Goroutines may share it", s.concurrent)
}

func (s Suite) open(t testing.TB, b Bounds) cache.Cache {
	c := s.New(b)
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return c
}

func wantText(t testing.TB, c cache.Cache, key, want string) {
	t.Helper()
	if got, ok := c.Get(key); !ok || got != want {
		t.Errorf("Get(%q) = %q, %v, want %q", key, got, ok, want)
	}
}

func wantMiss(t testing.TB, c cache.Cache, key string) {
	t.Helper()
	if got, ok := c.Get(key); ok || got != "" {
		t.Errorf("Get(%q) = %q, %v, want a miss", key, got, ok)
	}
}

func wantStats(t testing.TB, c cache.Cache, want cache.Stats) {
	t.Helper()
	if got := c.Stats(); got != want {
		t.Errorf("Stats() = %+v, want %+v", got, want)
	}
}

func (s Suite) empty(t *testing.T) {
	c := s.open(t, Bounds{})
	wantMiss(t, c, "/a.txt")
	c.Remove("/a.txt")
	wantStats(t, c, cache.Stats{Misses: 1})
}

func (s Suite) putGetRemove(t *testing.T) {
	c := s.open(t, Bounds{})
	c.Put("/notes/a.txt", "Buy milk")
	c.Put("/notes/", "a.txt, b.txt")
	wantText(t, c, "/notes/a.txt", "Buy milk")
	wantText(t, c, "/notes/", "a.txt, b.txt")
	wantMiss(t, c, "/notes")
	c.Remove("/notes/a.txt")
	wantMiss(t, c, "/notes/a.txt")
	wantText(t, c, "/notes/", "a.txt, b.txt")
	wantStats(t, c, cache.Stats{Hits: 3, Misses: 2, Entries: 1, Bytes: s.Cost("/notes/", "a.txt, b.txt")})
}

// clear has a cache forget everything, and use all of its room again.
func (s Suite) clear(t *testing.T) {
	c := s.open(t, Bounds{MaxEntries: 2})
	c.Clear()
	for range 2 {
		c.Put("/a.txt", "one")
		c.Put("/b.txt", "two")
		c.Clear()
		wantMiss(t, c, "/a.txt")
		wantMiss(t, c, "/b.txt")
	}
	c.Put("/b.txt", "three")
	c.Put("/c.txt", "four")
	wantText(t, c, "/b.txt", "three")
	c.Put("/d.txt", "five")
	wantMiss(t, c, "/c.txt")
	wantStats(t, c, cache.Stats{
		Hits: 1, Misses: 5, Evicted: 1, Entries: 2,
		Bytes: s.Cost("/b.txt", "three") + s.Cost("/d.txt", "five"),
	})
}

func (s Suite) replace(t *testing.T) {
	c := s.open(t, Bounds{MaxEntries: 1})
	c.Put("/a.txt", "one")
	c.Put("/a.txt", "three")
	wantText(t, c, "/a.txt", "three")
	wantStats(t, c, cache.Stats{Hits: 1, Entries: 1, Bytes: s.Cost("/a.txt", "three")})
}

func (s Suite) emptyText(t *testing.T) {
	c := s.open(t, Bounds{})
	c.Put("/a.txt", "")
	wantText(t, c, "/a.txt", "")
}

// borrowed does what a connection does: key and text lie in its buffer, which
// the next request overwrites.
func (s Suite) borrowed(t *testing.T) {
	c := s.open(t, Bounds{})
	buf := []byte("/a.txt Buy milk")
	key, text := unsafe.String(&buf[0], 6), unsafe.String(&buf[7], 8)
	c.Put(key, text)
	got, _ := c.Get(key)
	copy(buf, "/b.txt Sell tea")
	if got != "Buy milk" {
		t.Errorf("what Get returned became %q", got)
	}
	wantMiss(t, c, key) // which is /b.txt by now
	wantText(t, c, "/a.txt", "Buy milk")
	c.Put(key, text)
	copy(buf, "/a.txt Buy milk")
	c.Remove(key)
	wantMiss(t, c, "/a.txt")
	wantText(t, c, "/b.txt", "Sell tea")
}

func (s Suite) oversize(t *testing.T) {
	const large = 1000
	bound := s.Cost("/large.txt", strings.Repeat("x", large))
	c := s.open(t, Bounds{MaxBytes: bound})
	c.Put("/small.txt", "small")
	c.Put("/large.txt", strings.Repeat("x", large+1))
	wantMiss(t, c, "/large.txt")
	wantText(t, c, "/small.txt", "small")

	c.Put("/large.txt", strings.Repeat("x", large))
	wantText(t, c, "/large.txt", strings.Repeat("x", large))
	wantMiss(t, c, "/small.txt")
	wantStats(t, c, cache.Stats{Hits: 2, Misses: 2, Evicted: 1, Entries: 1, Bytes: bound})

	c.Put("/large.txt", strings.Repeat("x", large+1)) // must not leave the older text
	wantMiss(t, c, "/large.txt")
}

func (s Suite) closed(t *testing.T) {
	c := s.open(t, Bounds{Expiration: time.Hour})
	c.Put("/a.txt", "one")
	for range 2 {
		if err := c.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	wantMiss(t, c, "/a.txt")
	c.Put("/b.txt", "two")
	c.Remove("/b.txt")
	c.Clear()
	wantMiss(t, c, "/b.txt")
	wantStats(t, c, cache.Stats{Misses: 2})
}
