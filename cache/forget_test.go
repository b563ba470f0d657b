package cache_test

import (
	"context"
	"testing"
	"testing/synctest"

	"sttp"
	"sttp/cache"
)

// How a Handler is told to forget what it knows of /a/f and /a.
var forgets = map[string]func(*cache.Handler){
	"Forget":    func(h *cache.Handler) { h.Forget("/a/f"); h.Forget("/a/") },
	"ForgetAll": (*cache.Handler).ForgetAll,
}

func TestWhatIsForgottenIsAskedAgain(t *testing.T) {
	for name, forget := range forgets {
		b := newBackend("/a/f", "/a/g")
		h := newHandler(t, b)
		forget(h) // nothing
		for range 2 {
			doAll(h, "SHOW /a/f", "SHOW /a/g", "LIST /a")
		}
		forget(h)
		b.files["/a/f"] = "by hand"
		want(t, do(h, "SHOW /a/f"), "200 /a/f OK by hand")
		doAll(h, "SHOW /a/f", "SHOW /a/g", "LIST /a")
		others := b.called("SHOW /a/g") // of one key nothing else is forgotten
		if b.called("SHOW /a/f") != 2 || b.called("LIST /a") != 2 || others != map[string]int{"Forget": 1, "ForgetAll": 2}[name] {
			t.Errorf("%s: asked %v", name, b.calls)
		}
		if n := h.UnderWay(); n != 0 {
			t.Errorf("%s: %d keys are remembered though nothing goes on", name, n)
		}
	}
}

// What is read when it is forgotten may be from before: who asked before gets
// it, and nobody else does.
func TestWhatIsForgottenWhileItIsReadIsNotKept(t *testing.T) {
	for name, forget := range forgets {
		for _, line := range []string{"SHOW /a/f", "LIST /a/"} {
			synctest.Test(t, func(t *testing.T) {
				b := newBackend("/a/f")
				h := newHandler(t, b)
				g := make(gate)
				b.after = after(on(line, g.wait))
				slow, follower := send(h, line), send(h, line)
				old := do(b, line)
				forget(h)
				b.files["/a/f"], b.files["/a/g"] = "by hand", ""
				now := do(b, line)
				want(t, do(h, line), now)
				g.open()
				want(t, slow(), old)
				want(t, follower(), old)
				want(t, do(h, line), now)
				if n := b.called(line); n != 4 { // two by this test
					t.Errorf("%s: asked %d times, want 4", name, n)
				}
				if n := h.UnderWay(); n != 0 {
					t.Errorf("%s: %d keys are remembered though nothing goes on", name, n)
				}
			})
		}
	}
}

// A change that is under way ends as it would have.
func TestAChangeOutlivesThatItsPathIsForgotten(t *testing.T) {
	for _, forget := range forgets {
		synctest.Test(t, func(t *testing.T) {
			b := newBackend("/a/f")
			h := newHandler(t, b)
			g := make(gate)
			b.before = on("UPDATE /a/f new", g.wait)
			update := send(h, "UPDATE /a/f new")
			want(t, do(h, "SHOW /a/f"), "200 /a/f OK old")
			forget(h)
			want(t, do(h, "SHOW /a/f"), "200 /a/f OK old")
			g.open()
			want(t, update(), "200 /a/f OK new")
			want(t, do(h, "SHOW /a/f"), "200 /a/f OK new")
			if n := h.UnderWay(); n != 0 {
				t.Errorf("%d keys are remembered though nothing goes on", n)
			}
		})
	}
}

func TestWithoutACacheNothingIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBackend("/f")
		h := cache.NewHandler(b, cache.None)
		for range 3 {
			want(t, do(h, "SHOW /f"), "200 /f OK old")
			doAll(h, "SHOW /f", "LIST /")
		}
		if b.called("SHOW /f") != 6 || b.called("LIST /") != 3 {
			t.Errorf("asked %v, want each time", b.calls)
		}
		g := make(gate)
		b.before = on("SHOW /f", g.wait)
		leader, follower := send(h, "SHOW /f"), send(h, "SHOW /f")
		g.open()
		want(t, leader(), "200 /f OK old")
		want(t, follower(), "200 /f OK old")
		if n := b.called("SHOW /f"); n != 7 {
			t.Errorf("asked %d times, want once for both", n-6)
		}
		h.Forget("/f")
		h.ForgetAll()
		if stats := cache.None.Stats(); stats != (cache.Stats{}) || cache.None.Close() != nil {
			t.Errorf("None has %+v", stats)
		}
	})
}

func TestWhatAnswersAQueryIsNotKept(t *testing.T) {
	b := newBackend("/a/f")
	h := newHandler(t, b)
	do(h, "LIST /a/")
	for range 2 {
		want(t, do(h, "LIST /a/?q=old"), "200 /a/ OK f")
		doAll(h, "SHOW /a/f", "LIST /a/?q=old", "LIST /a/")
	}
	if n := b.called("LIST /a/"); n != 5 {
		t.Errorf("asked %d times, want 4 times for the query and once without", n)
	}
	resp := h.Handle(context.Background(), sttp.Request{Action: sttp.List, Path: sttp.Root, Query: &sttp.Query{}})
	if b.called("LIST /") != 1 || resp.Status != sttp.StatusOK {
		t.Errorf("%+v", resp)
	}
	do(h, "LIST /")
	if b.called("LIST /") != 2 {
		t.Error("what answered an empty query was kept")
	}
}
