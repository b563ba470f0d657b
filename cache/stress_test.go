package cache_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sttp"
	"sttp/cache"
	"sttp/cache/memory"
)

// versions is a Handler whose texts are numbers: a change raises those of its
// file and, unless it is an UPDATE, of all directories above. It dawdles before
// and after it takes effect, so that requests overtake each other.
type versions struct {
	dawdle func()
	mu     sync.Mutex
	last   map[string]int
}

func (v *versions) Handle(_ context.Context, req sttp.Request) sttp.Response {
	v.dawdle()
	defer v.dawdle()
	v.mu.Lock()
	defer v.mu.Unlock()
	key := req.Path.String()
	if !req.Action.Changes() {
		return sttp.Response{Status: sttp.StatusOK, Path: req.Path, Contents: strconv.Itoa(v.last[key])}
	}
	v.last[key]++
	for i := range key {
		if key[i] == '/' && req.Action != sttp.Update {
			v.last[key[:i+1]]++
		}
	}
	if rand.N(4) == 0 {
		return sttp.Response{Status: sttp.StatusServerError, Path: req.Path, Message: "outcome unknown"}
	}
	return sttp.Response{Status: sttp.StatusOK, Path: req.Path, Contents: strconv.Itoa(v.last[key])}
}

func dawdle() {
	for range rand.N(20) {
		runtime.Gosched()
	}
}

// Whatever has been seen by a reader, or been answered to a change, may be seen
// in no lower version by anyone who asks later: that is what linearizable means
// for numbers that only rise.
// Shows [5.8-2] [5.8-3] of docs/protocol.md.
func TestNobodySeesLessThanWasSeenBefore(t *testing.T) {
	keys := []string{"/a/b/f", "/a/g", "/a/b/", "/a/", "/"}
	next := &versions{dawdle: dawdle, last: make(map[string]int)}
	c := memory.New(memory.Options{MaxEntries: 3, Expiration: time.Millisecond})
	defer c.Close()
	h := cache.NewHandler(next, c)
	seen := make(map[string]*atomic.Int64)
	for _, key := range keys {
		seen[key] = new(atomic.Int64)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1500 {
				if n := rand.N(100); n < len(keys) { // what Redis says of its keys may come at any time
					h.Forget(keys[n])
				} else if n == 99 {
					h.ForgetAll()
				}
				check(t, h, seen, batchOf(keys))
			}
		})
	}
	wg.Wait()
	stats := c.Stats()
	t.Logf("%+v, %v", stats, next.last)
	if stats.Hits == 0 || stats.Evicted == 0 {
		t.Errorf("%+v: the cache did not take part", stats)
	}
	if n := h.UnderWay(); n != 0 {
		t.Errorf("%d keys are remembered though nothing goes on", n)
	}
}

// batchOf returns one to six requests, most of which read.
func batchOf(keys []string) (reqs []sttp.Request) {
	for range 1 + rand.N(6) {
		key := keys[rand.N(len(keys))]
		switch {
		case strings.HasSuffix(key, "/"):
			reqs = append(reqs, request("LIST "+key))
		case rand.N(6) > 0:
			reqs = append(reqs, request("SHOW "+key))
		default:
			reqs = append(reqs, request([]string{"UPDATE " + key + " x", "DELETE " + key}[rand.N(2)]))
		}
	}
	return reqs
}

func check(t *testing.T, h sttp.Handler, seen map[string]*atomic.Int64, reqs []sttp.Request) {
	least := make([]int64, len(reqs))
	for i, req := range reqs {
		least[i] = seen[req.Path.String()].Load()
	}
	resps := make([]sttp.Response, len(reqs))
	if len(reqs) == 1 {
		resps[0] = h.Handle(context.Background(), reqs[0])
	} else {
		sttp.HandleBatch(context.Background(), h, reqs, resps)
	}
	own := make(map[string]int64) // what this batch has seen so far
	for i, resp := range resps {
		key := resp.Path.String()
		if resp.Status != sttp.StatusOK {
			continue
		}
		got, err := strconv.ParseInt(resp.Contents, 10, 64)
		if err != nil {
			t.Errorf("%v: %v", reqs[i], err)
		}
		if got < max(least[i], own[key]) {
			t.Errorf("%v %s: version %d, after %d was seen", reqs[i].Action, key, got, max(least[i], own[key]))
		}
		own[key] = got
		raise(seen[key], got)
	}
}

func raise(a *atomic.Int64, to int64) {
	for {
		old := a.Load()
		if old >= to || a.CompareAndSwap(old, to) {
			return
		}
	}
}
