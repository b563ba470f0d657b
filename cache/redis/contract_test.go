//go:build unix

package redis_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"
	"unsafe"

	"sttp/cache"
	"sttp/cache/redis"
	"sttp/cache/redis/redistest"
)

var _ cache.Remote = (*redis.Cache)(nil)

func TestWhatWasFilledIsFoundUntilItIsRemoved(t *testing.T) {
	s := redistest.Start(t, redistest.Options{})
	k := ready(t, s, redis.Options{})
	k.put("/a.txt", "Buy milk")
	k.put("/empty.txt", "")
	k.put("/notes/", "a.txt, b.txt")
	k.put("/ünï.txt", "Grüße\tan alle")
	k.want("/a.txt", "Buy milk")
	k.remove("/a.txt", "/ünï.txt", "/never.txt")
	k.wantMiss("/a.txt")
	k.wantMiss("/ünï.txt")
	k.want("/notes/", "a.txt, b.txt")
	k.want("/empty.txt", "")
	stats := k.Stats()
	if stats.Hits != 7 || stats.Misses != 6 || stats.Fills != 4 || stats.Epochs != 1 || stats.Away || stats.Invalid != 0 {
		t.Errorf("%+v", stats)
	}
}

func TestOnlyOneReaderHasALease(t *testing.T) {
	k := ready(t, redistest.Start(t, redistest.Options{}), redis.Options{})
	lease := k.lease("/a.txt")
	for _, e := range k.get("/a.txt", "/a.txt") {
		if e.Found || e.Lease.Token != "" {
			t.Errorf("%+v, while another reader has the lease", e)
		}
	}
	k.fill("/a.txt", "text", cache.Lease{}) // who has none fills nothing
	k.wantMiss("/a.txt")
	k.fill("/a.txt", "text", lease)
	k.want("/a.txt", "text")
	k.fill("/a.txt", "again", lease) // it was good for one fill
	k.want("/a.txt", "text")

	both := k.get("/b.txt", "/b.txt") // in one batch
	if (both[0].Lease.Token == "") == (both[1].Lease.Token == "") {
		t.Errorf("%+v: want one lease", both)
	}
}

func TestALeaseEndsWhenItsKeyIsRemoved(t *testing.T) {
	k := ready(t, redistest.Start(t, redistest.Options{}), redis.Options{})
	old := k.lease("/a.txt")
	k.remove("/a.txt")
	k.fill("/a.txt", "stale", old)
	k.wantMiss("/a.txt")
	k.remove("/a.txt")
	newer := k.lease("/a.txt")
	k.fill("/a.txt", "stale", old)
	k.wantMiss("/a.txt")
	k.fill("/a.txt", "fresh", newer)
	k.want("/a.txt", "fresh")
	k.fill("/a.txt", "stale", old)
	k.want("/a.txt", "fresh")
}

// A lease that nobody fills ends by itself, and an entry too.
func TestEverythingExpires(t *testing.T) {
	s := redistest.Start(t, redistest.Options{})
	for _, test := range []struct{ expiration, want time.Duration }{{time.Minute, time.Minute}, {0, 24 * time.Hour}} {
		k := ready(t, s, redis.Options{Expiration: test.expiration, StoreID: test.want.String()})
		lease := k.lease("/a.txt")
		ttl := func() time.Duration {
			ms, err := strconv.Atoi(s.Do("PTTL", k.key(s, "/a.txt")))
			if err != nil {
				t.Fatal(err)
			}
			return time.Duration(ms) * time.Millisecond
		}
		if d := ttl(); d <= 0 || d > 2*time.Second {
			t.Errorf("a lease goes in %v", d)
		}
		k.fill("/a.txt", "text", lease)
		if d := ttl(); d <= test.want-patience || d > test.want {
			t.Errorf("an entry goes in %v, want %v", d, test.want)
		}
		s.Do("PEXPIRE", k.key(s, "/a.txt"), "0")
		k.wantMiss("/a.txt")
		s.Do("FLUSHALL")
	}
}

// A hit costs one command, whatever stands beside it.
func TestABatchIsLookedUpInOneRoundTrip(t *testing.T) {
	s := redistest.Start(t, redistest.Options{})
	k := ready(t, s, redis.Options{})
	var keys []string
	for i := range 100 {
		keys = append(keys, "/"+strconv.Itoa(i))
	}
	entries := k.get(keys...)
	var fills []cache.Fill
	for i, e := range entries {
		fills = append(fills, cache.Fill{Key: keys[i], Text: "text of " + keys[i], Lease: e.Lease})
	}
	k.Fill(context.Background(), fills)
	s.Do("CONFIG", "RESETSTAT")
	for i, e := range k.get(keys...) {
		if !e.Found || e.Text != "text of "+keys[i] {
			t.Errorf("%s: %+v", keys[i], e)
		}
	}
	calls := s.Calls()
	for _, other := range []string{"set", "eval", "evalsha", "del", "mget"} {
		if calls[other] != 0 {
			t.Errorf("hits cost %v", calls)
		}
	}
	if calls["get"] != 100 {
		t.Errorf("%d GETs", calls["get"])
	}
	k.remove(keys...)
	for i, e := range k.get(keys...) {
		if e.Found {
			t.Errorf("%s is still found", keys[i])
		}
	}
	k.Fill(context.Background(), nil)
	k.remove()
	k.get()
}

// Keys and texts lie in a connection's buffer, which is overwritten.
func TestNothingIsKeptOfWhatIsBorrowed(t *testing.T) {
	s := redistest.Start(t, redistest.Options{})
	k := ready(t, s, redis.Options{})
	buf := []byte("/a.txt Buy milk")
	key, text := unsafe.String(&buf[0], 6), unsafe.String(&buf[7], 8)
	lease := k.lease(key)
	k.fill(key, text, lease)
	k.remove("/none")
	found := k.get(key)[0]
	copy(buf, "/b.txt Sell tea")
	want(t, found.Text, "Buy milk")
	k.want("/a.txt", "Buy milk")
	k.wantMiss("/b.txt")
}

func TestALongListIsKeptAndALongerOneIsNot(t *testing.T) {
	k := ready(t, redistest.Start(t, redistest.Options{}), redis.Options{})
	long := strings.Repeat("snippet, ", 1<<20/9)
	k.put("/long/", long)
	lease := k.lease("/longer/")
	k.fill("/longer/", strings.Repeat("x", 1<<20+1), lease)
	k.wantMiss("/longer/")
	if n := k.Stats().Epochs; n != 1 {
		t.Errorf("%d epochs:\n%s", n, k.log)
	}
}

// A script that Redis has forgotten is sent again.
func TestAFillOutlivesThatRedisForgetsScripts(t *testing.T) {
	s := redistest.Start(t, redistest.Options{})
	k := ready(t, s, redis.Options{})
	for _, key := range []string{"/a", "/b", "/c"} {
		s.Do("SCRIPT", "FLUSH")
		k.put(key, "text")
	}
	s.Do("SCRIPT", "FLUSH")
	stale, fresh := k.lease("/stale"), k.lease("/fresh")
	k.remove("/stale")
	k.Fill(context.Background(), []cache.Fill{
		{Key: "/stale", Text: "stale", Lease: stale}, {Key: "/fresh", Text: "fresh", Lease: fresh},
	})
	k.wantMiss("/stale")
	k.want("/fresh", "fresh")
	if n := k.Stats().Epochs; n != 1 {
		t.Errorf("%d epochs:\n%s", n, k.log)
	}
}

func TestStoresDatabasesAndPrefixesDoNotMix(t *testing.T) {
	s := redistest.Start(t, redistest.Options{})
	all := []*kept{
		ready(t, s, redis.Options{}),
		ready(t, s, redis.Options{StoreID: "other"}),
		ready(t, s, redis.Options{DB: 3}),
		ready(t, s, redis.Options{Prefix: "another:"}),
		ready(t, s, redis.Options{}), // the same store, as after a start
	}
	for i, k := range all {
		k.put("/a.txt", strconv.Itoa(i))
	}
	for i, k := range all {
		k.want("/a.txt", strconv.Itoa(i))
		k.remove("/a.txt")
		k.wantMiss("/a.txt")
	}
	want(t, s.Do("DBSIZE"), "4") // leases
}

func TestAClosedCacheIsAway(t *testing.T) {
	k := ready(t, redistest.Start(t, redistest.Options{}), redis.Options{})
	k.put("/a.txt", "text")
	lease := k.lease("/b.txt")
	for range 2 {
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	}
	k.fill("/b.txt", "text", lease)
	k.remove("/a.txt")
	if e := k.get("/a.txt")[0]; e.Found || e.Lease.Token != "" || !k.Stats().Away {
		t.Errorf("%+v, %+v", e, k.Stats())
	}
	if n := k.log.count(gone); n != 0 {
		t.Errorf("Close says that Redis is gone:\n%s", k.log)
	}
}

func TestOptionsThatCannotBeAreErrors(t *testing.T) {
	for _, o := range []redis.Options{{}, {Address: "localhost", StoreID: "x"}, {Address: "localhost:6379"}} {
		if c, err := redis.Open(o); err == nil {
			c.Close()
			t.Errorf("%+v is taken", o)
		}
	}
}
