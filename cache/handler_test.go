package cache_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"sttp"
	"sttp/cache"
)

func TestAShowAndAListAreAskedOnce(t *testing.T) {
	b := newBackend("/notes/a.txt", "/notes/b.txt")
	h := newHandler(t, b)
	for range 3 {
		want(t, do(h, "SHOW /notes/a.txt"), "200 /notes/a.txt OK old")
		want(t, do(h, "LIST /notes/"), "200 /notes/ OK a.txt, b.txt")
		want(t, doAll(h, "SHOW /notes/a.txt")[0], "200 /notes/a.txt OK old")
		want(t, doAll(h, "LIST /notes/")[0], "200 /notes/ OK a.txt, b.txt")
	}
	if b.called("SHOW /notes/a.txt") != 1 || b.called("LIST /notes/") != 1 {
		t.Errorf("asked more than once: %v", b.calls)
	}
}

func TestADirectoryHasOneEntryAndIsNamedAsItWasSent(t *testing.T) {
	b := newBackend("/notes/a.txt")
	h := newHandler(t, b)
	for range 2 {
		want(t, do(h, "LIST /notes"), "200 /notes OK a.txt")
		want(t, do(h, "LIST /notes/"), "200 /notes/ OK a.txt")
	}
	if n := b.called("LIST /notes") + b.called("LIST /notes/"); n != 1 {
		t.Errorf("asked %d times, want once", n)
	}
	want(t, do(h, "SHOW /notes"), "400 /notes NOT FOUND") // not what LIST /notes left
}

func TestOnlyA200IsKept(t *testing.T) {
	b := newBackend("/a.txt")
	h := newHandler(t, b)
	for _, status := range sttp.Statuses() {
		b.calls = make(map[string]int)
		b.after = func(_ context.Context, req sttp.Request, resp *sttp.Response) {
			*resp = sttp.Response{Status: status, Path: req.Path, Message: "hm"}
		}
		path := fmt.Sprintf("/%d.txt", status)
		times := 2
		if status == sttp.StatusOK {
			times = 1
		}
		for _, line := range []string{"SHOW " + path, "LIST " + path} {
			first, second := do(h, line), doAll(h, line)[0]
			if first[:3] != status.String()[:3] || second[:3] != first[:3] {
				t.Errorf("%s: got %q, then %q, want %v", line, first, second, status)
			}
			if b.called(line) != times {
				t.Errorf("%s with %v: asked %d times, want %d", line, status, b.called(line), times)
			}
		}
	}
}

func TestAChangeFillsNothing(t *testing.T) {
	b := newBackend()
	h := newHandler(t, b)
	want(t, do(h, "CREATE /a.txt one"), "100 /a.txt CREATED")
	want(t, do(h, "UPDATE /a.txt two"), "200 /a.txt OK two")
	b.files["/a.txt"] = "by hand"
	want(t, do(h, "SHOW /a.txt"), "200 /a.txt OK by hand")
}

// Each change empties just the entries that it may have changed, whatever its
// result, in a batch and by itself.
// Shows [5.8-3] [5.9-6] of docs/protocol.md.
func TestAChangeEmptiesWhatItMayHaveChanged(t *testing.T) {
	reads := []string{"SHOW /a/b/c.txt", "SHOW /a/b/d.txt", "LIST /a/b/", "LIST /a/", "LIST /", "LIST /z/"}
	tests := []struct {
		change string
		asked  string // the reads that are asked again, by their index
	}{
		{"UPDATE /a/b/c.txt new", "0"},
		{"DELETE /a/b/c.txt", "0234"},
		{"CREATE /a/b/c.txt new", "0234"},
		{"CREATE /a/b/new.txt new", "234"},
		{"DELETE /a/b/d.txt", "1234"},
		{"UPDATE /z/e.txt new", ""},
		{"CREATE /new.txt new", "4"},
		{"CREATE /z/y/x/new.txt new", "45"},
	}
	outcomes := map[string]func(context.Context, sttp.Request, *sttp.Response){
		"carried out": nil,
		"refused": func(_ context.Context, req sttp.Request, resp *sttp.Response) {
			*resp = sttp.ClientError(req.Path, "no").Response()
		},
		"outcome unknown": func(_ context.Context, req sttp.Request, resp *sttp.Response) {
			*resp = sttp.Response{Status: sttp.StatusServerError, Path: req.Path, Message: "outcome unknown"}
		},
	}
	for outcome, after := range outcomes {
		for i, test := range tests {
			t.Run(test.change+" "+outcome, func(t *testing.T) {
				b := newBackend("/a/b/c.txt", "/a/b/d.txt", "/z/e.txt")
				h := newHandler(t, b)
				for _, read := range reads {
					do(h, read)
				}
				b.after, b.calls = after, make(map[string]int)
				if i%2 == 0 {
					do(h, test.change)
				} else {
					doAll(h, "SHOW /z/e.txt", test.change)
				}
				b.after = nil
				for i, read := range reads {
					want(t, do(h, read), do(b, read))
					asked := b.called(read) == 2 // by h and by this test
					if asked != strings.Contains(test.asked, fmt.Sprint(i)) {
						t.Errorf("%s was asked again: %v", read, asked)
					}
				}
			})
		}
	}
}

func TestWhatIsNoActionGoesThrough(t *testing.T) {
	b := newBackend()
	h := newHandler(t, b)
	reqs, resps := make([]sttp.Request, 2), make([]sttp.Response, 2)
	h.Handle(context.Background(), reqs[0])
	h.HandleBatch(context.Background(), reqs, resps)
	if n := b.called("- -"); n != 3 {
		t.Errorf("asked %d times, want 3", n)
	}
}

func TestAHitAllocatesNothing(t *testing.T) {
	b := newBackend("/a.txt")
	h := newHandler(t, b)
	for _, n := range []int{1, 128} {
		reqs, resps := make([]sttp.Request, n), make([]sttp.Response, n)
		for i := range reqs {
			reqs[i] = request("SHOW /a.txt")
		}
		h.Handle(context.Background(), reqs[0])
		if n := testing.AllocsPerRun(100, func() { resps[0] = h.Handle(context.Background(), reqs[0]) }); n != 0 {
			t.Errorf("Handle allocates %v times", n)
		}
		if n := testing.AllocsPerRun(100, func() { h.HandleBatch(context.Background(), reqs, resps) }); n != 0 {
			t.Errorf("HandleBatch of %d allocates %v times", len(reqs), n)
		}
	}
	list := request("LIST /")
	h.Handle(context.Background(), list)
	if n := testing.AllocsPerRun(100, func() { h.Handle(context.Background(), list) }); n != 0 {
		t.Errorf("a LIST allocates %v times", n)
	}
}

var _ sttp.BatchHandler = (*cache.Handler)(nil)
