package cache_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sttp"
	"sttp/cache"
	"sttp/cache/memory"
)

// shuffler is a backend that takes batches, and all the liberty that a
// BatchHandler has: it shuffles what stands between two LISTs, except for the
// order of the requests on one path.
type shuffler struct {
	*backend
	random  *rand.Rand
	batches [][]sttp.Request
}

func (s *shuffler) HandleBatch(ctx context.Context, reqs []sttp.Request, resps []sttp.Response) {
	s.batches = append(s.batches, slices.Clone(reqs))
	for start := 0; start < len(reqs); {
		end := start
		for end < len(reqs) && reqs[end].Action != sttp.List {
			end++
		}
		for _, i := range s.order(reqs[start:end]) {
			resps[start+i] = s.Handle(ctx, reqs[start+i])
		}
		if end < len(reqs) {
			resps[end] = s.Handle(ctx, reqs[end])
		}
		start = end + 1
	}
}

// order shuffles the indices of reqs and sorts those of each path again.
func (s *shuffler) order(reqs []sttp.Request) []int {
	order := s.random.Perm(len(reqs))
	byPath := make(map[sttp.Path][]int)
	for i, req := range reqs {
		byPath[req.Path] = append(byPath[req.Path], i)
	}
	for n, i := range order {
		path := reqs[i].Path
		order[n], byPath[path] = byPath[path][0], byPath[path][1:]
	}
	return order
}

// One client sees the same replies with a cache as without one, whatever comes
// together and however small the cache is.
func TestBatchesAnswerWhatOneAfterTheOtherWould(t *testing.T) {
	files := []string{"/a", "/b", "/d/a", "/d/b", "/d/e/a"}
	rapid.Check(t, func(t *rapid.T) {
		model := newBackend("/a", "/d/a", "/d/e/a")
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		next := &shuffler{backend: newBackend("/a", "/d/a", "/d/e/a"), random: random}
		c := memory.New(memory.Options{MaxEntries: rapid.IntRange(1, 6).Draw(t, "MaxEntries")})
		defer c.Close()
		var h sttp.Handler = cache.NewHandler(next, c)
		if rapid.Bool().Draw(t, "one by one behind the cache") {
			h = cache.NewHandler(next.backend, c)
		}
		line := rapid.Custom(func(t *rapid.T) string {
			action := rapid.SampledFrom([]string{"SHOW", "SHOW", "SHOW", "LIST", "CREATE", "UPDATE", "DELETE"}).Draw(t, "action")
			switch action {
			case "LIST":
				return "LIST " + rapid.SampledFrom([]string{"/", "/d", "/d/", "/d/e/"}).Draw(t, "directory")
			case "CREATE", "UPDATE":
				return fmt.Sprintf("%s %s %d", action, rapid.SampledFrom(files).Draw(t, "file"), random.Uint32())
			}
			return action + " " + rapid.SampledFrom(files).Draw(t, "file")
		})
		for _, lines := range rapid.SliceOfN(rapid.SliceOfN(line, 1, 20), 1, 10).Draw(t, "batches") {
			var wanted []string
			for _, line := range lines {
				wanted = append(wanted, do(model, line))
			}
			if diff := cmp.Diff(wanted, doAll(h, lines...), cmp.Transformer("missing", missing)); diff != "" {
				t.Fatalf("%q: (-one after the other, +together)\n%s", lines, diff)
			}
		}
	})
}

// missing makes the 400 and the 410 of a missing file the same: which one it
// gets may depend on its neighbours.
func missing(reply string) []byte {
	if strings.HasPrefix(reply, "4") {
		return []byte("missing")
	}
	return []byte(reply)
}

// What is not in the cache goes on in as few batches as its order allows.
func TestABatchIsPassedOnTogether(t *testing.T) {
	next := &shuffler{backend: newBackend("/a", "/b", "/c"), random: rand.New(rand.NewPCG(1, 2))}
	h := newHandler(t, next)
	do(h, "SHOW /a")
	got := doAll(h, "SHOW /a", "UPDATE /a 1", "SHOW /b", "SHOW /a", "CREATE /d 2", "SHOW /b", "UPDATE /b 3", "SHOW /b",
		"LIST /", "SHOW /c", "SHOW /a", "DELETE /d")
	if diff := cmp.Diff([]string{
		"200 /a OK old", "200 /a OK 1", "200 /b OK old", "200 /a OK 1", "100 /d CREATED", "200 /b OK old", "200 /b OK 3",
		"200 /b OK 3", "200 / OK a, b, c, d", "200 /c OK old", "200 /a OK 1", "600 /d DELETED",
	}, got); diff != "" {
		t.Error(diff)
	}
	var passed [][]string
	for _, batch := range next.batches {
		var lines []string
		for _, req := range batch {
			lines = append(lines, req.Action.String()+" "+req.Path.String())
		}
		passed = append(passed, lines)
	}
	if diff := cmp.Diff([][]string{
		{"SHOW /b"},
		{"UPDATE /a", "SHOW /a", "CREATE /d", "UPDATE /b", "SHOW /b"},
		{"SHOW /c", "SHOW /a"},
		{"DELETE /d"},
	}, passed); diff != "" {
		t.Error(diff)
	}
}

// slowChanges is a Handler whose changes wait to be let go.
type slowChanges struct{ begun, leave chan struct{} }

func (s slowChanges) Handle(_ context.Context, req sttp.Request) sttp.Response {
	if req.Action.Changes() {
		s.begun <- struct{}{}
		<-s.leave
	}
	return sttp.Response{Status: sttp.StatusOK, Path: req.Path, Contents: "text"}
}

// A read that others have joined is not kept waiting by the changes that its own
// client sent along with it.
func TestAReadDoesNotWaitForTheChangesOfItsBatch(t *testing.T) {
	next := slowChanges{make(chan struct{}), make(chan struct{})}
	h := newHandler(t, next)
	done := make(chan []string)
	go func() { done <- doAll(h, "SHOW /hot", "CREATE /other x") }()
	<-next.begun
	want(t, do(h, "SHOW /hot"), "200 /hot OK text") // hangs if it has to wait
	close(next.leave)
	<-done
}

// SHOW of a directory is answered alike whether or not there is a cache.
func TestADirectoryIsNoFileOnceSomethingIsCreatedInIt(t *testing.T) {
	h := newHandler(t, newBackend())
	got := doAll(h, "SHOW /d", "CREATE /d/a x", "SHOW /d", "DELETE /d/a", "SHOW /d")
	if got[2] == got[0] || got[4] != got[0] {
		t.Errorf("got %q", got)
	}
}

// A SHOW that waits for another client's read comes before the change that
// stands behind it.
func TestAChangeWaitsForAReadBeforeIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBackend("/f", "/g")
		h := newHandler(t, b)
		g := make(gate)
		b.before = on("SHOW /f", g.wait)
		leader := send(h, "SHOW /f")
		replies := make(chan []string)
		go func() { replies <- doAll(h, "UPDATE /g 1", "SHOW /f", "UPDATE /f new", "SHOW /f") }()
		synctest.Wait()
		if b.called("UPDATE /g") != 1 || b.called("UPDATE /f") != 0 {
			t.Errorf("not in its place: %v", b.calls)
		}
		g.open()
		if diff := cmp.Diff([]string{"200 /g OK 1", "200 /f OK old", "200 /f OK new", "200 /f OK new"}, <-replies); diff != "" {
			t.Error(diff)
		}
		want(t, leader(), "200 /f OK old")
		want(t, do(h, "SHOW /f"), "200 /f OK new")
	})
}

// What a batch reads for itself and for others, beside a change to another
// path, is overtaken by somebody else's change.
func TestAReadBesideAChangeBringsNothingBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBackend("/f", "/g")
		h := newHandler(t, b)
		g := make(gate)
		b.before = on("UPDATE /g new", g.wait)
		replies := make(chan []string)
		go func() { replies <- doAll(h, "SHOW /f", "UPDATE /g new", "SHOW /f") }()
		synctest.Wait() // /f has been read
		follower := send(h, "SHOW /f")
		do(h, "UPDATE /f new")
		want(t, do(h, "SHOW /f"), "200 /f OK new")
		g.open()
		if diff := cmp.Diff([]string{"200 /f OK old", "200 /g OK new", "200 /f OK old"}, <-replies); diff != "" {
			t.Error(diff)
		}
		want(t, follower(), "200 /f OK old")
		want(t, do(h, "SHOW /f"), "200 /f OK new")
		want(t, do(h, "SHOW /g"), "200 /g OK new")
	})
}

// A flight of a batch that changes the same path afterwards fills nothing.
func TestAReadBeforeAChangeInItsBatchBringsNothingBack(t *testing.T) {
	h := newHandler(t, newBackend("/f"))
	doAll(h, "SHOW /f", "UPDATE /f new")
	want(t, do(h, "SHOW /f"), "200 /f OK new")
}

// Each of two batches leads what the other one waits for.
func TestBatchesThatWaitForEachOtherDoNotDeadlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		meet := map[string]chan bool{"/meet1": make(chan bool), "/meet2": make(chan bool)}
		c := hooked{memory.New(memory.Options{}), func(key string) {
			if there := meet[key]; there != nil {
				<-there
			}
		}}
		b := newBackend("/f", "/g", "/meet1", "/meet2")
		g := make(gate)
		b.before = func(context.Context, sttp.Request) { g.wait() }
		h := cache.NewHandler(b, c)
		one, two := make(chan []string, 1), make(chan []string, 1)
		go func() { one <- doAll(h, "SHOW /f", "SHOW /meet1", "SHOW /g") }()
		go func() { two <- doAll(h, "SHOW /g", "SHOW /meet2", "SHOW /f", "UPDATE /f new") }()
		synctest.Wait() // each leads its first
		close(meet["/meet1"])
		close(meet["/meet2"])
		synctest.Wait() // each has joined the other's
		g.open()
		want(t, fmt.Sprint(<-one), "[200 /f OK old 200 /meet1 OK old 200 /g OK old]")
		want(t, fmt.Sprint(<-two), "[200 /g OK old 200 /meet2 OK old 200 /f OK old 200 /f OK new]")
		if b.called("SHOW /f") != 1 || b.called("SHOW /g") != 1 {
			t.Errorf("they did not wait for each other: %v", b.calls)
		}
	})
}

// hooked is a Cache that calls a function before each Get.
type hooked struct {
	cache.Cache
	get func(key string)
}

func (h hooked) Get(key string) (string, bool) {
	h.get(key)
	return h.Cache.Get(key)
}

// Between a miss and the decision to read, someone else may have filled the cache.
func TestAMissThatWasFilledMeanwhileIsNotReadAgain(t *testing.T) {
	b := newBackend("/f")
	var h *cache.Handler
	var once atomic.Bool
	h = cache.NewHandler(b, fillBehind{memory.New(memory.Options{}), func() {
		if once.CompareAndSwap(false, true) {
			do(h, "SHOW /f")
		}
	}})
	want(t, do(h, "SHOW /f"), "200 /f OK old")
	if n := b.called("SHOW /f"); n != 1 {
		t.Errorf("asked %d times, want once", n)
	}
}

// fillBehind is a Cache that lets something happen after each Get that misses.
type fillBehind struct {
	cache.Cache
	fill func()
}

func (f fillBehind) Get(key string) (string, bool) {
	text, ok := f.Cache.Get(key)
	if !ok {
		f.fill()
	}
	return text, ok
}
