package cache_test

import (
	"context"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/anishathalye/porcupine"

	"sttp"
	"sttp/cache"
	"sttp/cache/memory"
)

// chains are the ways in which a Remote is used.
var chains = map[string]func(*cache.RemoteHandler, *shelf) (h sttp.Handler, end func()){
	"alone": func(h *cache.RemoteHandler, _ *shelf) (sttp.Handler, func()) { return h, func() {} },
	"redis": func(h *cache.RemoteHandler, _ *shelf) (sttp.Handler, func()) {
		return cache.NewHandler(h, cache.None), func() {}
	},
	"tiered": func(h *cache.RemoteHandler, r *shelf) (sttp.Handler, func()) {
		c := memory.New(memory.Options{MaxEntries: 3, Expiration: time.Millisecond})
		front := cache.NewHandler(h, c)
		fails := r.fails
		r.fails = func() bool { // which is also said to the memory in front
			lost := fails()
			if lost {
				front.ForgetAll()
			}
			return lost
		}
		return front, func() { c.Close() }
	},
}

// play lets eight clients send requests for five keys through a chain with r at
// its end. Whoever waits for a message or the other Handler sleeps under the
// fake clock, for times drawn from the seed: so anything may overtake anything.
// It returns what happened, for each key.
func play(t *testing.T, chain string, r *shelf, seed uint64) (h *history) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		random := rand.New(rand.NewPCG(seed, 1))
		draw := func(n int) int {
			mu.Lock()
			defer mu.Unlock()
			return random.IntN(n)
		}
		sleep := func() {
			d := time.Duration(1 + draw(1000))
			if draw(8) == 0 {
				d *= 20
			}
			time.Sleep(d * time.Microsecond)
		}
		r.step = func(string) { sleep() }
		r.fails = func() bool { return draw(8) == 0 }
		next := &panicky{versions: &versions{dawdle: sleep, last: make(map[string]int)}, draw: draw}
		remote := cache.NewRemoteHandler(next, r)
		front, end := chains[chain](remote, r)
		defer end()
		h = &history{ops: make(map[string][]porcupine.Operation)}
		var clients sync.WaitGroup
		for client := range 8 {
			clients.Go(func() {
				for range 15 {
					h.send(client, front, anyBatch(draw))
				}
			})
		}
		clients.Wait()
		r.late.Wait()
		if n := remote.UnderWay(); n != 0 {
			t.Errorf("%d keys are remembered though nothing goes on", n)
		}
	})
	return h
}

// panicky is a Handler that panics at times, before or after the effect.
type panicky struct {
	*versions
	draw func(int) int
}

func (p *panicky) Handle(ctx context.Context, req sttp.Request) sttp.Response {
	n := p.draw(60)
	if n == 0 {
		panic("before it took effect")
	}
	resp := p.versions.Handle(ctx, req)
	if n == 1 {
		panic("after it took effect")
	}
	return resp
}

// anyBatch returns one request, or two.
func anyBatch(draw func(int) int) (reqs []sttp.Request) {
	keys := []string{"/a/f", "/a/f", "/a/g", "/a/", "/"}
	for range 1 + draw(2) {
		key := keys[draw(len(keys))]
		switch {
		case strings.HasSuffix(key, "/"):
			reqs = append(reqs, request("LIST "+key))
		case draw(3) > 0:
			reqs = append(reqs, request("SHOW "+key))
		default:
			reqs = append(reqs, request([]string{"UPDATE " + key + " x", "DELETE " + key}[draw(2)]))
		}
	}
	return reqs
}

// history is what was asked and answered, by key.
type history struct {
	mu    sync.Mutex
	clock int64
	ops   map[string][]porcupine.Operation
}

func (h *history) now() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.clock++
	return h.clock
}

// What an operation reads is a version, or one of these.
const (
	raises    = -1 // a change that took effect
	mayRaises = -2 // a change of which that is not known
)

// send sends a batch, and records it.
func (h *history) send(client int, to sttp.Handler, reqs []sttp.Request) {
	resps := make([]sttp.Response, len(reqs))
	call := h.now()
	panicked := func() (panicked bool) {
		defer func() { panicked = recover() != nil }()
		sttp.HandleBatch(context.Background(), to, reqs, resps)
		return false
	}()
	end := h.now()
	h.mu.Lock()
	defer h.mu.Unlock()
	record := func(key string, output int) {
		h.ops[key] = append(h.ops[key], porcupine.Operation{ClientId: client, Call: call, Return: end, Output: output})
	}
	for i, req := range reqs {
		key := req.Path.String()
		switch {
		case req.Action.Changes() && panicked:
			record(key, mayRaises)
		case req.Action.Changes():
			record(key, raises)
		case !panicked && resps[i].Status == sttp.StatusOK:
			n, err := strconv.Atoi(resps[i].Contents)
			if err != nil {
				panic(err)
			}
			record(key, n)
		}
		if req.Action == sttp.Delete {
			output := h.ops[key][len(h.ops[key])-1].Output.(int)
			record("/a/", output)
			record("/", output)
		}
	}
}

// counter is a number that changes raise by one each.
var counter = porcupine.NondeterministicModel{
	Init: func() []any { return []any{0} },
	Step: func(state, _, output any) []any {
		n := state.(int)
		switch output {
		case raises:
			return []any{n + 1}
		case mayRaises:
			return []any{n, n + 1}
		case n:
			return []any{n}
		}
		return nil
	},
}

// check returns the keys with a history that no order of its operations explains.
func (h *history) check(t *testing.T) (wrong []string) {
	model := counter.ToModel()
	for key, ops := range h.ops {
		switch porcupine.CheckOperationsTimeout(model, ops, time.Minute) {
		case porcupine.Illegal:
			wrong = append(wrong, key)
		case porcupine.Unknown:
			t.Errorf("%s: it is not known whether the history is one", key)
		}
	}
	return wrong
}

// seeds returns some seeds, other ones each time.
func seeds(n int) (all []uint64) {
	for range n {
		all = append(all, rand.Uint64())
	}
	return all
}

// Each key is linearizable through a Remote, whatever overtakes what, whatever
// fails, and whatever stands in front.
// Shows [5.8-2] [5.8-3] of docs/protocol.md.
func TestEachKeyIsLinearizableThroughARemote(t *testing.T) {
	for chain := range chains {
		t.Run(chain, func(t *testing.T) {
			hits, ops := 0, 0
			for _, seed := range seeds(60) {
				r := newShelf()
				h := play(t, chain, r, seed)
				for _, wrong := range h.check(t) {
					t.Errorf("seed %d: %s is not linearizable", seed, wrong)
				}
				hits += r.hits
				for _, key := range h.ops {
					ops += len(key)
				}
			}
			t.Logf("%d operations, %d hits", ops, hits)
			if hits < 20 {
				t.Errorf("%d hits: the Remote did not take part", hits)
			}
		})
	}
}

// The test above would notice a Remote that breaks one of its promises.
func TestABrokenRemoteIsNoticed(t *testing.T) {
	for _, broken := range []bug{fillsBlindly, fillsOld, removesLate, removesNot, keepsLeases, keepsEpoch} {
		t.Run(string(broken), func(t *testing.T) {
			for i, seed := range seeds(2000) {
				r := newShelf()
				r.broken = broken
				if wrong := play(t, "redis", r, seed).check(t); len(wrong) > 0 {
					t.Logf("in history %d: %v", i+1, wrong)
					return
				}
			}
			t.Error("nobody noticed")
		})
	}
}
