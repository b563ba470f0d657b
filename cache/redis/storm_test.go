//go:build unix

package redis_test

import (
	"context"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sttp"
	"sttp/cache"
	"sttp/cache/redis"
	"sttp/cache/redis/redistest"
)

// versions is a Handler whose texts are numbers, which changes raise: that of
// their file and, unless it is an UPDATE, those of all directories above.
type versions struct {
	mu   sync.Mutex
	last map[string]int
}

func (v *versions) Handle(_ context.Context, req sttp.Request) sttp.Response {
	v.mu.Lock()
	defer v.mu.Unlock()
	key := req.Path.String()
	if req.Action.Changes() {
		v.last[key]++
		for i := range key {
			if key[i] == '/' && req.Action != sttp.Update {
				v.last[key[:i+1]]++
			}
		}
	}
	return sttp.Response{Status: sttp.StatusOK, Path: req.Path, Contents: strconv.Itoa(v.last[key])}
}

// trouble does something to Redis that a cache has to bear.
func trouble(s *redistest.Server) {
	switch rand.N(5) {
	case 0:
		s.Try("FLUSHALL")
	case 1:
		s.Try("CLIENT", "KILL", "TYPE", "normal")
	case 2:
		s.Try("EVAL", "for _, k in ipairs(redis.call('KEYS', '*')) do redis.call('DEL', k) end", "0")
	case 3:
		s.Pause()
		time.Sleep(time.Duration(rand.N(100)) * time.Millisecond) // shorter or longer than a call may take
		s.Resume()
	case 4:
		s.Try("SAVE")
		s.Restart()
	}
}

// Whatever has been seen by a reader, or been answered to a change, may be seen
// in no lower version by anyone who asks later, whatever happens to Redis.
// Shows [5.8-2] [5.8-3] of docs/protocol.md.
func TestNobodySeesLessThanWasSeenBeforeWhateverRedisDoes(t *testing.T) {
	length := 1500 * time.Millisecond
	if testing.Short() {
		length /= 5
	}
	for _, tier := range []string{"redis", "tiered"} {
		t.Run(tier, func(t *testing.T) {
			s := redistest.Start(t, redistest.Options{})
			k := ready(t, s, redis.Options{Timeout: 50 * time.Millisecond})
			var h sttp.Handler
			next := &versions{last: make(map[string]int)}
			if tier == "redis" {
				h = cache.NewHandler(cache.NewRemoteHandler(next, k), cache.None)
			} else {
				h = tiered(next, k, newMemory(t, 2, time.Millisecond)) // so that Redis is asked
			}
			keys := []string{"/a/f", "/a/g", "/b/h", "/a/", "/"}
			seen := make([]atomic.Int64, len(keys))
			var stop atomic.Bool
			var clients sync.WaitGroup
			for range 6 {
				clients.Go(func() {
					for !stop.Load() {
						i := rand.N(len(keys))
						least := seen[i].Load()
						resp := h.Handle(context.Background(), anyRequest(keys[i]))
						got, err := strconv.ParseInt(resp.Contents, 10, 64)
						if err != nil || got < least {
							t.Errorf("%s: version %s, after %d was seen", keys[i], resp.Contents, least)
							stop.Store(true)
						}
						for old := seen[i].Load(); old < got && !seen[i].CompareAndSwap(old, got); {
							old = seen[i].Load()
						}
					}
				})
			}
			for end := time.Now().Add(length); time.Now().Before(end) && !stop.Load(); {
				trouble(s)
				for until := time.Now().Add(300 * time.Millisecond); time.Now().Before(until) && k.Stats().Away; {
					time.Sleep(time.Millisecond)
				}
				time.Sleep(time.Duration(rand.N(20)) * time.Millisecond)
			}
			stop.Store(true)
			clients.Wait()
			stats := k.Stats()
			t.Log(stats, next.last)
			if stats.Hits == 0 || stats.Fills == 0 {
				t.Errorf("%v: Redis did not take part", stats)
			}
		})
	}
}

// anyRequest returns a request for a key, which seldom changes anything.
func anyRequest(key string) sttp.Request {
	line := []string{"SHOW", key, ""}
	switch n := rand.N(30); {
	case strings.HasSuffix(key, "/"):
		line[0] = "LIST"
	case n == 0:
		line = []string{"UPDATE", key, "x"}
	case n == 1:
		line[0] = "DELETE"
	}
	action, _ := sttp.ParseAction(line[0])
	req, err := sttp.NewRequest(action, line[1], line[2], line[2] != "")
	if err != nil {
		panic(err)
	}
	return req
}
