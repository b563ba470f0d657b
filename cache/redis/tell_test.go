//go:build unix

package redis_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"sttp"
	"sttp/cache"
	"sttp/cache/memory"
	"sttp/cache/redis"
	"sttp/cache/redis/redistest"
)

// front notes what it is told to forget.
type front struct {
	mu    sync.Mutex
	heard []string
	more  chan struct{}
}

func (f *front) Forget(key string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.heard = append(f.heard, key)
	close(f.more)
	f.more = make(chan struct{})
}

func (f *front) ForgetAll() { f.Forget("all") }

// until returns what is heard up to a key, and forgets it.
func (f *front) until(t *testing.T, key string) string {
	t.Helper()
	late := time.After(patience)
	for {
		f.mu.Lock()
		for i := range f.heard {
			if f.heard[i] == key {
				heard := strings.Join(f.heard[:i+1], " ")
				f.heard = f.heard[i+1:]
				f.mu.Unlock()
				return heard
			}
		}
		more := f.more
		f.mu.Unlock()
		select {
		case <-more:
		case <-late:
			t.Fatalf("nothing says to forget %s, only %q", key, f.heard)
		}
	}
}

func TestWhatOthersChangeInRedisIsForgotten(t *testing.T) {
	s := redistest.Start(t, redistest.Options{})
	k, other := ready(t, s, redis.Options{}), ready(t, s, redis.Options{StoreID: "other"})
	f := &front{more: make(chan struct{})}
	k.Tell(f)
	changes := [][]string{{"DEL"}, {"SET", "x"}, {"PEXPIRE", "0"}, {"RENAME", "elsewhere"}, {"APPEND", "x"}}
	for _, change := range changes {
		k.put("/dir/a.txt", "text")
		other.put("/dir/a.txt", "text")
		other.remove("/dir/a.txt")
		s.Do(append([]string{change[0], redisName(s, k, "/dir/a.txt")}, change[1:]...)...)
		want(t, f.until(t, "/dir/a.txt"), "/dir/a.txt")
		s.Do("DEL", "elsewhere")
		k.remove("/dir/a.txt")
	}
}

// redisName is what a key is called in Redis by one of several stores.
func redisName(s *redistest.Server, k *kept, key string) string {
	return strings.Trim(s.Do("KEYS", "sttp:store:*:"+key), "[]")
}

// A server that changes, leases, and fills forgets nothing on account of it: a
// memory in front would lose what it has just been given.
func TestWhatTheServerDoesItselfIsNotForgotten(t *testing.T) {
	s := redistest.Start(t, redistest.Options{})
	k := ready(t, s, redis.Options{})
	f := &front{more: make(chan struct{})}
	k.Tell(f)
	var servers sync.WaitGroup
	for _, key := range []string{"/a", "/b", "/c", "/d"} {
		servers.Go(func() {
			for range 100 {
				lease := k.get(key)[0].Lease
				k.fill(key, "text", lease)
				k.fill(key, "text", lease) // is not kept
				k.get(key)
				if lease.Token == "" {
					t.Errorf("%s: no lease", key)
				}
				k.remove(key, "/shared")
				k.fill("/shared", "text", k.get("/shared")[0].Lease)
			}
		})
	}
	servers.Wait()
	k.put("/last", "text")
	s.Do("DEL", k.key(s, "/last"))
	want(t, f.until(t, "/last"), "/last") // and of all that was before, nothing
}

func TestEverythingIsForgottenWhenAnythingMayHaveChanged(t *testing.T) {
	s := redistest.Start(t, redistest.Options{})
	k := ready(t, s, redis.Options{})
	f := &front{more: make(chan struct{})}
	k.Tell(f)
	k.put("/a", "text")
	s.Do("FLUSHDB")
	want(t, f.until(t, "all"), "all")
	k.put("/a", "text")
	s.Kill()
	want(t, f.until(t, "all"), "all") // nobody has asked for anything
	s.Restart()
	k.log.wait(t, back)
	k.put("/a", "text")
	s.Do("DEL", k.key(s, "/a"))
	want(t, f.until(t, "/a"), "/a")
	k.Close()
	want(t, f.until(t, "all"), "all")
}

// files answers every SHOW with the same text, and counts them.
type files struct {
	mu    sync.Mutex
	shown int
}

func (f *files) Handle(_ context.Context, req sttp.Request) sttp.Response {
	f.mu.Lock()
	defer f.mu.Unlock()
	if req.Action == sttp.Show {
		f.shown++
	}
	return sttp.Response{Status: sttp.StatusOK, Path: req.Path, Contents: "This is snippet number 1"}
}

// tiered puts memory in front of Redis, in front of next.
func tiered(next sttp.Handler, k *kept, m *memory.Cache) *cache.Handler {
	h := cache.NewHandler(cache.NewRemoteHandler(next, k), m)
	k.Tell(h)
	return h
}

func newMemory(t testing.TB, entries int, expiration time.Duration) *memory.Cache {
	m := memory.New(memory.Options{MaxEntries: entries, MaxBytes: 1 << 24, Expiration: expiration})
	t.Cleanup(func() { m.Close() })
	return m
}

func show(t testing.TB, h sttp.Handler, path string) {
	t.Helper()
	p, err := sttp.ParsePath(path)
	if err != nil {
		t.Fatal(err)
	}
	if resp := h.Handle(context.Background(), sttp.Request{Action: sttp.Show, Path: p}); resp.Contents != "This is snippet number 1" {
		t.Errorf("%+v", resp)
	}
}

// What memory has costs Redis nothing, from the first hit behind the fill on.
func TestAHitInMemorySendsRedisNothing(t *testing.T) {
	s := redistest.Start(t, redistest.Options{})
	k := ready(t, s, redis.Options{})
	next := &files{}
	m := newMemory(t, 100, time.Hour)
	h := tiered(next, k, m)
	paths := []string{"/a.txt", "/b/c.txt", "/d.txt"}
	for _, path := range paths {
		show(t, h, path)
	}
	s.Do("CONFIG", "RESETSTAT")
	for range 1000 {
		for _, path := range paths {
			show(t, h, path)
		}
	}
	for command, n := range s.Calls() {
		switch command {
		case "config|resetstat", "info", "hello", "client|setinfo", "ping": // of this test, and of a connection that is silent
		default:
			t.Errorf("Redis was sent %s %d times", command, n)
		}
	}
	if next.shown != 3 || m.Stats().Hits != 3000 {
		t.Errorf("%d reads, %+v", next.shown, m.Stats())
	}
	if stats := k.Stats(); stats.Fills != 3 {
		t.Errorf("%+v", stats)
	}
}

// Two tiers, and somebody with redis-cli.
func TestWhatIsDeletedByHandLeavesTheMemoryInFront(t *testing.T) {
	s := redistest.Start(t, redistest.Options{})
	k := ready(t, s, redis.Options{})
	next := &files{}
	m := newMemory(t, 100, time.Hour)
	h := tiered(next, k, m)
	for round := 1; round <= 3; round++ {
		show(t, h, "/a.txt")
		show(t, h, "/a.txt")
		if next.shown != round || m.Stats().Entries != 1 {
			t.Errorf("round %d: %d reads, %+v", round, next.shown, m.Stats())
		}
		s.Do("DEL", k.key(s, "/a.txt"))
		for end := time.Now().Add(patience); m.Stats().Entries != 0; {
			if time.Now().After(end) {
				t.Fatal("it stays in memory")
			}
			s.Do("PING")
		}
	}
}
