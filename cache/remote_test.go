package cache_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"sttp"
	"sttp/cache"
	"sttp/cache/memory"
)

var _ sttp.BatchHandler = (*cache.RemoteHandler)(nil)

func TestARemoteIsAskedBeforeTheOtherHandler(t *testing.T) {
	b, r := newBackend("/a/f"), newShelf()
	h := cache.NewRemoteHandler(b, r)
	for range 3 {
		want(t, do(h, "SHOW /a/f"), "200 /a/f OK old")
		want(t, do(h, "LIST /a"), "200 /a OK f")
		want(t, do(h, "LIST /a/"), "200 /a/ OK f")
	}
	if b.called("SHOW /a/f") != 1 || b.called("LIST /a")+b.called("LIST /a/") != 1 {
		t.Errorf("asked %v, want once each", b.calls)
	}
	if r.filled != 2 || r.hits != 7 {
		t.Errorf("%d fills and %d hits, want 2 and 7", r.filled, r.hits)
	}
}

func TestWhatIsNo200IsNotFilled(t *testing.T) {
	b, r := newBackend("/f"), newShelf()
	h := cache.NewRemoteHandler(b, r)
	want(t, do(h, "SHOW /no"), "400 /no NOT FOUND")
	want(t, do(h, "LIST /no/"), "400 /no/ NOT FOUND")
	b.after = after(on("SHOW /f", func() { panic("of the backend") }))
	func() {
		defer func() { recover() }()
		do(h, "SHOW /f")
	}()
	if r.filled != 0 {
		t.Errorf("%d fills: %v", r.filled, r.slots)
	}
	want(t, do(h, "CREATE /no x"), "100 /no CREATED") // which makes a lease that nobody fills invalid
	want(t, do(h, "SHOW /no"), "200 /no OK x")
	if b.called("SHOW /no") != 2 || r.filled != 1 {
		t.Errorf("asked %v with %d fills", b.calls, r.filled)
	}
	if n := h.UnderWay(); n != 0 {
		t.Errorf("%d keys are remembered though nothing goes on", n)
	}
}

func TestALISTWithAQueryPassesTheCaches(t *testing.T) {
	b, r := newBackend("/a/f"), newShelf()
	h := cache.NewHandler(cache.NewRemoteHandler(b, r), memory.New(memory.Options{}))
	for range 2 {
		want(t, do(h, "LIST /a/?limit=5"), "200 /a/ OK f")
		doAll(h, "SHOW /a/f", "LIST /a/?limit=5", "LIST /a/?name=*")
	}
	if n := b.called("LIST /a/"); n != 6 {
		t.Errorf("asked %d times, want each time", n)
	}
	want(t, do(h, "LIST /a/"), "200 /a/ OK f")
	want(t, do(h, "LIST /a/"), "200 /a/ OK f")
	if n := b.called("LIST /a/"); n != 7 {
		t.Errorf("a plain LIST was asked %d times", n-6)
	}
}

// What is looked up together arrives together, and so does what is missing.
func TestABatchIsLookedUpTogether(t *testing.T) {
	r := newShelf()
	next := &shuffler{backend: newBackend("/a", "/b", "/c"), random: rand.New(rand.NewPCG(1, 2))}
	h := cache.NewRemoteHandler(next, r)
	do(h, "SHOW /b")
	r.gets, next.batches = nil, nil
	got := doAll(h, "SHOW /a", "SHOW /b", "LIST /", "SHOW /c", "SHOW /a")
	if diff := cmp.Diff([]string{"200 /a OK old", "200 /b OK old", "200 / OK a, b, c", "200 /c OK old", "200 /a OK old"}, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"/a /b / /c /a"}, r.gets); diff != "" {
		t.Error(diff)
	}
	if len(next.batches) != 1 || len(next.batches[0]) != 4 {
		t.Errorf("passed on %v", next.batches)
	}
	if n := len(r.slots); n != 4 || r.filled != 4 {
		t.Errorf("%d slots, %d fills: %v", n, r.filled, r.slots)
	}
	r.gets, next.batches = nil, nil
	doAll(h, "SHOW /a", "UPDATE /b new", "SHOW /b", "LIST /?limit=9", "SHOW /c")
	if len(next.batches) != 1 || len(next.batches[0]) != 5 || len(r.gets) != 0 {
		t.Errorf("with a change: passed on %v, looked up %v", next.batches, r.gets)
	}
}

// What a change touches is gone before the change begins, and not only in what
// the change says that it did.
func TestAChangeRemovesWhatItTouchesFirst(t *testing.T) {
	tests := []struct{ change, left string }{
		{"UPDATE /a/b/f x", "/ /a/ /a/b/ /z"},
		{"DELETE /a/b/f", "/z"},
		{"CREATE /a/b/f x", "/z"},
		{"CREATE /z x", "/a/ /a/b/ /a/b/f"},
	}
	for _, test := range tests {
		b, r := newBackend("/a/b/f", "/z"), newShelf()
		h := cache.NewRemoteHandler(b, r)
		reads := []string{"LIST /", "LIST /a", "LIST /a/b", "SHOW /a/b/f", "SHOW /z"}
		doAll(h, reads...)
		var left []string
		b.before = func(_ context.Context, req sttp.Request) {
			for _, read := range reads {
				key := request(read).Path
				if strings.HasPrefix(read, "LIST") {
					key = key.AsDir()
				}
				if r.slots[key.String()].found {
					left = append(left, key.String())
				}
			}
		}
		do(h, test.change)
		want(t, strings.Join(left, " "), test.left)
	}
}

// A read that misses, and a change that comes between any two of its steps, or
// any other read.
func TestAReadOfARemoteBringsNothingBack(t *testing.T) {
	for _, point := range []string{"get", "got", "read", "answer", "fill", "filled"} {
		for _, lines := range [][2]string{{"SHOW /a/f", "UPDATE /a/f new"}, {"LIST /a", "CREATE /a/g x"}, {"LIST /", "DELETE /a/f"}} {
			t.Run(fmt.Sprintf("%s, %s at %s", lines[0], lines[1], point), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b, r := newBackend("/a/f"), newShelf()
					h := cache.NewRemoteHandler(b, r)
					g := make(gate)
					stop := once(point, g.wait)
					r.step = stop
					b.before = func(context.Context, sttp.Request) { stop("read") }
					b.after = func(context.Context, sttp.Request, *sttp.Response) { stop("answer") }
					slow := send(h, lines[0])
					do(h, lines[1])
					wanted := do(b, lines[0])
					want(t, do(h, lines[0]), wanted)
					g.open()
					slow()
					for range 2 {
						want(t, do(h, lines[0]), wanted)
					}
				})
			})
		}
	}
}

// once returns a hook that calls f the first time it comes to point.
func once(point string, f func()) func(string) {
	var come bool
	return func(p string) {
		if p == point && !come {
			come = true
			f()
		}
	}
}

// While a change is under way, nobody asks the Remote, or fills it.
func TestAReadDuringAChangePassesTheRemote(t *testing.T) {
	for _, point := range []string{"remove", "removed", "change", "changed"} {
		synctest.Test(t, func(t *testing.T) {
			b, r := newBackend("/f"), newShelf()
			h := cache.NewRemoteHandler(b, r)
			do(h, "SHOW /f")
			r.gets = nil
			g := make(gate)
			stop := once(point, g.wait)
			r.step = stop
			b.before = on("UPDATE /f new", func() { stop("change") })
			b.after = after(on("UPDATE /f new", func() { stop("changed") }))
			update := send(h, "UPDATE /f new")
			for range 2 {
				want(t, do(h, "SHOW /f"), do(b, "SHOW /f"))
			}
			if len(r.gets) != 0 {
				t.Errorf("at %s: looked up %v", point, r.gets)
			}
			g.open()
			update()
			want(t, do(h, "SHOW /f"), "200 /f OK new")
			want(t, do(h, "SHOW /f"), "200 /f OK new")
		})
	}
}

// Between a lease and its fill the Remote was lost, and a change with it.
func TestALeaseEndsWithItsEpoch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, r := newBackend("/f"), newShelf()
		h := cache.NewRemoteHandler(b, r)
		g := make(gate)
		b.after = after(on("SHOW /f", g.wait))
		slow := send(h, "SHOW /f")
		r.forget()
		g.open()
		want(t, slow(), "200 /f OK old")
		if r.filled != 0 {
			t.Errorf("%d fills: %v", r.filled, r.slots)
		}
	})
}

func TestAChangeThatPanicsLeavesTheRemoteRight(t *testing.T) {
	b, r := newBackend("/f"), newShelf()
	h := cache.NewRemoteHandler(b, r)
	do(h, "SHOW /f")
	b.after = after(on("UPDATE /f new", func() { panic("of the backend") }))
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was lost")
			}
		}()
		do(h, "UPDATE /f new")
	}()
	want(t, do(h, "SHOW /f"), "200 /f OK new")
	want(t, do(h, "SHOW /f"), "200 /f OK new")
	if n := b.called("SHOW /f"); n != 2 {
		t.Errorf("asked %d times, want twice: it is cached again", n)
	}
	if n := h.UnderWay(); n != 0 {
		t.Errorf("%d keys are remembered though nothing goes on", n)
	}
}

// A path borrows its connection's buffer, which the next request overwrites
// while another read of the same path goes on.
func TestARemoteHandlerKeepsNothingThatIsBorrowed(t *testing.T) {
	for _, line := range []string{"SHOW /d/f", "LIST /d/", "UPDATE /d/f new"} {
		synctest.Test(t, func(t *testing.T) {
			b, r := newBackend("/d/f"), newShelf()
			h := cache.NewRemoteHandler(b, r)
			first, second := make(gate), make(gate)
			calls := 0
			b.after = func(_ context.Context, req sttp.Request, _ *sttp.Response) {
				if calls++; calls == 1 {
					first.wait()
				} else {
					second.wait()
				}
			}
			one := newConnection(line).send(h)
			two := newConnection(line).send(h)
			first.open()
			one()
			second.open()
			two()
			b.after = nil
			if n := h.UnderWay(); n != 0 {
				t.Errorf("%s: %d keys are remembered though nothing goes on", line, n)
			}
			wanted := do(b, "SHOW /d/f")
			want(t, do(h, "SHOW /d/f"), wanted)
			for key := range r.slots {
				if strings.Contains(key, "#") {
					t.Errorf("%s: it kept %q", line, key)
				}
			}
		})
	}
}
