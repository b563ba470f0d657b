//go:build unix

package redis_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sttp/cache"
	"sttp/cache/redis"
	"sttp/cache/redis/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what has to come.
const patience = 20 * time.Second

// journal is what a Cache has logged.
type journal struct {
	mu    sync.Mutex
	lines []string
	read  int           // lines that were waited for
	more  chan struct{} // closed when there is another line
}

func newJournal() *journal { return &journal{more: make(chan struct{})} }

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, strings.TrimSpace(string(p)))
	close(j.more)
	j.more = make(chan struct{})
	return len(p), nil
}

// wait waits for a line that holds text, behind the last one that was waited for.
func (j *journal) wait(t testing.TB, text string) string {
	t.Helper()
	late := time.After(patience)
	for {
		j.mu.Lock()
		for j.read < len(j.lines) {
			line := j.lines[j.read]
			j.read++
			if strings.Contains(line, text) {
				j.mu.Unlock()
				return line
			}
		}
		more := j.more
		j.mu.Unlock()
		select {
		case <-more:
		case <-late:
			t.Fatalf("nothing says %q:\n%s", text, j)
		}
	}
}

// count returns how many lines hold text.
func (j *journal) count(text string) (n int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, line := range j.lines {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Join(j.lines, "\n")
}

// The lines that say how Redis is.
const (
	inUse = "Redis is in use"
	gone  = "Redis is gone"
	back  = "Redis is back"
)

// kept is a Cache, with what it logs.
type kept struct {
	*redis.Cache
	t   testing.TB
	log *journal
}

// open opens a Cache. A test that is not about time gives it much. Options that
// are left out are those of a server.
func open(t testing.TB, s *redistest.Server, o redis.Options) *kept {
	t.Helper()
	if o.Address == "" {
		o.Address = s.Address()
	}
	if o.Prefix == "" {
		o.Prefix = "sttp:"
	}
	if o.StoreID == "" {
		o.StoreID = "store"
	}
	if o.Timeout == 0 {
		o.Timeout = patience
	}
	k := &kept{t: t, log: newJournal()}
	o.Logger = slog.New(slog.NewTextHandler(k.log, nil))
	c, err := redis.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	k.Cache = c
	t.Cleanup(func() { c.Close() })
	return k
}

// ready opens a Cache, and waits until it is in use.
func ready(t testing.TB, s *redistest.Server, o redis.Options) *kept {
	t.Helper()
	k := open(t, s, o)
	k.log.wait(t, inUse)
	return k
}

func (k *kept) get(keys ...string) []cache.Entry {
	entries := make([]cache.Entry, len(keys))
	k.Get(context.Background(), keys, entries)
	return entries
}

// lease takes a lease, which has to be there.
func (k *kept) lease(key string) cache.Lease {
	k.t.Helper()
	e := k.get(key)[0]
	if e.Found || e.Lease.Token == "" {
		k.t.Fatalf("%s: %+v, want a lease\n%s", key, e, k.log)
	}
	return e.Lease
}

func (k *kept) fill(key, text string, l cache.Lease) {
	k.Fill(context.Background(), []cache.Fill{{Key: key, Text: text, Lease: l}})
}

// put has a text found under a key.
func (k *kept) put(key, text string) {
	k.t.Helper()
	k.fill(key, text, k.lease(key))
	k.want(key, text)
}

func (k *kept) remove(keys ...string) { k.Remove(context.Background(), keys) }

func (k *kept) want(key, text string) {
	k.t.Helper()
	if e := k.get(key)[0]; !e.Found || e.Text != text {
		k.t.Errorf("%s: %+v, want %q\n%s", key, e, text, k.log)
	}
}

// wantMiss wants nothing to be found. It may take a lease.
func (k *kept) wantMiss(key string) {
	k.t.Helper()
	if e := k.get(key)[0]; e.Found {
		k.t.Errorf("%s: found %q, want nothing", key, e.Text)
	}
}

// key returns the name that a key has in Redis.
func (k *kept) key(s *redistest.Server, key string) string {
	k.t.Helper()
	name := strings.Trim(s.Do("KEYS", "*:"+key), "[]")
	if name == "" || strings.Contains(name, " ") {
		k.t.Fatalf("%s is %q in Redis", key, name)
	}
	return name
}

func want(t testing.TB, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
