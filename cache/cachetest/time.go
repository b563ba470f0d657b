package cachetest

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sttp/cache"
)

// inBubble runs f with a cache under the fake clock of testing/synctest. It
// fails if something of the cache still runs after Close.
func (s Suite) inBubble(t *testing.T, b Bounds, f func(t *testing.T, c cache.Cache)) {
	synctest.Test(t, func(t *testing.T) {
		c := s.New(b)
		f(t, c)
		if err := c.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
}

// pass lets d go by, and everything happen that is due by then.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (s Suite) expiresByItself(t *testing.T) {
	s.inBubble(t, Bounds{Expiration: time.Minute}, func(t *testing.T, c cache.Cache) {
		for range 2 { // again after the cache was empty
			c.Put("/a.txt", "one")
			pass(time.Minute - time.Nanosecond)
			wantText(t, c, "/a.txt", "one")
			pass(s.Lateness + time.Nanosecond)
			if stats := c.Stats(); stats.Entries != 0 || stats.Bytes != 0 {
				t.Errorf("%+v: nobody asked, and the entry stayed", stats)
			}
			wantMiss(t, c, "/a.txt")
			pass(time.Hour)
		}
		wantStats(t, c, cache.Stats{Hits: 2, Misses: 2, Expired: 2})
	})
}

func (s Suite) expiresInUse(t *testing.T) {
	s.inBubble(t, Bounds{Expiration: time.Minute}, func(t *testing.T, c cache.Cache) {
		c.Put("/a.txt", "one")
		for range 59 {
			pass(time.Second)
			wantText(t, c, "/a.txt", "one")
		}
		pass(time.Second + s.Lateness)
		wantMiss(t, c, "/a.txt")
	})
}

// clearedExpires has what is put after a Clear expire in its own time.
func (s Suite) clearedExpires(t *testing.T) {
	s.inBubble(t, Bounds{Expiration: time.Minute}, func(t *testing.T, c cache.Cache) {
		c.Put("/a.txt", "one")
		c.Put("/b.txt", "one")
		pass(40 * time.Second)
		c.Clear()
		c.Put("/a.txt", "two")
		pass(59 * time.Second) // what was there before would have expired
		wantText(t, c, "/a.txt", "two")
		pass(time.Second + s.Lateness)
		if stats := c.Stats(); stats.Entries != 0 || stats.Expired != 1 {
			t.Errorf("%+v: want one expired and none kept", stats)
		}
	})
}

func (s Suite) putRenews(t *testing.T) {
	s.inBubble(t, Bounds{Expiration: time.Minute}, func(t *testing.T, c cache.Cache) {
		c.Put("/a.txt", "one")
		c.Put("/b.txt", "one")
		pass(40 * time.Second)
		c.Put("/a.txt", "two")
		pass(40 * time.Second)
		wantText(t, c, "/a.txt", "two")
		wantMiss(t, c, "/b.txt")
		pass(20*time.Second + s.Lateness)
		wantMiss(t, c, "/a.txt")
	})
}

// expiresInOrder has many entries expire at once, and one after the other,
// among others that were removed or evicted before.
func (s Suite) expiresInOrder(t *testing.T) {
	const n = 500
	s.inBubble(t, Bounds{MaxEntries: n, Expiration: time.Minute}, func(t *testing.T, c cache.Cache) {
		key := func(i int) string { return fmt.Sprintf("/%d.txt", i) }
		for i := range n + 10 { // the first ten are evicted
			c.Put(key(i), "text")
		}
		for i := 20; i < 30; i++ {
			c.Remove(key(i))
		}
		pass(30 * time.Second)
		for i := range 10 {
			c.Put(key(n+10+i), "text")
			pass(time.Second)
		}
		wantStats(t, c, cache.Stats{Evicted: 10, Entries: n, Bytes: c.Stats().Bytes})
		pass(20*time.Second + s.Lateness)
		if stats := c.Stats(); stats.Expired != n-10 || stats.Entries != 10 {
			t.Errorf("%+v: want %d expired and 10 kept", stats, n-10)
		}
		for i := range 10 {
			wantText(t, c, key(n+10+i), "text")
		}
		pass(30 * time.Second)
		for i := range 10 { // which were put a second apart
			if stats := c.Stats(); stats.Entries != 9-i {
				t.Errorf("%+v: want %d kept", stats, 9-i)
			}
			pass(time.Second)
		}
		if stats := c.Stats(); stats.Expired != n || stats.Entries != 0 || stats.Bytes != 0 {
			t.Errorf("%+v: want %d expired and nothing kept", stats, n)
		}
	})
}

// concurrent is for the race detector, and checks that no text is ever served
// under another key and that the books are right in the end.
func (s Suite) concurrent(t *testing.T) {
	const goroutines, rounds = 8, 2000
	c := s.open(t, Bounds{MaxEntries: 20, MaxBytes: 15 * s.Cost("/00.txt", "text of /00.txt"), Expiration: time.Millisecond})
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for i := range rounds {
				key := fmt.Sprintf("/%02d.txt", (i*7+g)%30)
				switch (i + g) % 4 {
				case 0:
					c.Put(key, "text of "+key)
				case 1:
					c.Remove(key)
					if i%500 == 1 {
						c.Clear()
					}
				default:
					if text, ok := c.Get(key); ok && text != "text of "+key {
						t.Errorf("Get(%q) = %q", key, text)
					}
				}
				if i%100 == 0 {
					c.Stats()
				}
			}
		})
	}
	wg.Wait()
	stats := c.Stats()
	if gets := uint64(goroutines * rounds / 2); stats.Hits+stats.Misses != gets {
		t.Errorf("%+v: hits and misses are not %d", stats, gets)
	}
	if stats.Entries > 15 || stats.Bytes != int64(stats.Entries)*s.Cost("/00.txt", "text of /00.txt") {
		t.Errorf("%+v: the books are wrong", stats)
	}
}
