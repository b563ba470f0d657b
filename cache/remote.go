package cache

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"sttp"
	"sttp/internal/fault"
)

// Remote is a cache at the other end of a connection. All methods may be called
// by many goroutines at once. Each ends within a time that the Remote sets, and a
// Get and its Fill together do; one that is slow or gone answers at once, as if
// it were empty, until it is back.
//
// Keys that are passed in may borrow a connection's buffer; what Get returns is
// the caller's to keep.
type Remote interface {
	// Get looks keys up, in one round trip where all are there, and fills
	// entries, which is as long as keys. For a key that is not there it takes a
	// lease, if nobody else has one.
	Get(ctx context.Context, keys []string, entries []Entry)

	// Fill keeps a text under each key whose lease is still valid, and does
	// nothing for the others.
	Fill(ctx context.Context, fills []Fill)

	// Remove makes sure that no Get that is called after it has returned finds
	// what was under the keys before, and that no lease on them taken before is
	// valid. It has no other outcome: a Remote that cannot be reached forgets
	// everything that it has. The end of ctx does not stop it.
	Remove(ctx context.Context, keys []string)
}

// Lease allows its holder to fill a key, as long as nothing has removed the key
// since. The zero Lease allows nothing.
type Lease struct {
	Epoch  uint64        // in which of the Remote's lives it was taken
	Token  string        // tells it from all other leases; "" for none
	Waited time.Duration // how long its Get took, of the time that one request may wait
}

// Entry is what a Remote has for a key.
type Entry struct {
	Text  string
	Found bool
	Lease Lease // if it has nothing
}

// Fill is a text for a key.
type Fill struct {
	Key, Text string
	Lease     Lease
}

// RemoteHandler puts a Remote in front of another Handler. Make it with
// NewRemoteHandler. It keeps what a Handler keeps, under the same keys. Many
// who ask for one path at once each ask the Remote: put a Handler in front.
//
// Why nothing stale is served: a change takes effect at e, after its begin has
// been noted and a Remove has confirmed at m (begin < m < e < end). A read asks
// the Remote at g and, where that has nothing, the other Handler at r > g; it
// fills only if no change to its key was noted from its start until after r,
// and the Remote keeps the fill only if no Remove came since g. A read that
// starts while a change is noted does not ask the Remote at all.
//
// So an entry that is found at a time t, filled by a read with g and r, holds
// every change with m < t: had m been later than g, the lease would be gone or
// the entry be removed, unless m came before g; then begin came before r, so
// either the read started while the change was noted, and has filled nothing,
// or it noticed it, or the change had ended before the read's start, and e < r.
// A read that starts after another one has returned what a change made finds
// that change noted, and asks the other Handler, or finds it ended, and m < t.
// So no read goes back behind another, nor behind a change that was answered.
type RemoteHandler struct {
	next   sttp.Handler
	remote Remote

	mu   sync.Mutex // never held over I/O
	keys map[string]*watch
}

// watch is what goes on with a key. There is one only while something does.
type watch struct {
	key     string // borrows nothing
	reads   int    // that asked the Remote and have not ended
	changes int    // begun and not ended
	begun   uint64 // changes since the watch was made
}

// NewRemoteHandler returns a Handler that answers from r, and from next what is
// not in it. Nothing else may fill r. Closing r is left to its owner.
func NewRemoteHandler(next sttp.Handler, r Remote) *RemoteHandler {
	return &RemoteHandler{next: next, remote: r, keys: make(map[string]*watch)}
}

// Handle implements sttp.Handler.
func (h *RemoteHandler) Handle(ctx context.Context, req sttp.Request) sttp.Response {
	var resps [1]sttp.Response
	h.HandleBatch(ctx, []sttp.Request{req}, resps[:])
	return resps[0]
}

// HandleBatch implements sttp.BatchHandler. SHOWs and LISTs that arrived
// together are looked up together. Where changes are among them, all go to the
// other Handler, which keeps their order.
func (h *RemoteHandler) HandleBatch(ctx context.Context, reqs []sttp.Request, resps []sttp.Response) {
	isKept := func(req sttp.Request) bool {
		return req.Action == sttp.Show || req.Action == sttp.List && req.Query == nil
	}
	switch {
	case !slices.ContainsFunc(reqs, func(req sttp.Request) bool { return !isKept(req) }):
		h.read(ctx, reqs, resps)
	case slices.ContainsFunc(reqs, func(req sttp.Request) bool { return req.Action.Changes() }):
		h.change(ctx, reqs, resps)
	default:
		sttp.HandleBatch(ctx, h.next, reqs, resps)
	}
}

// change carries out a batch with changes in it.
func (h *RemoteHandler) change(ctx context.Context, reqs []sttp.Request, resps []sttp.Response) {
	keys := h.begin(reqs)
	defer h.end(keys) // also for a panic
	if !fault.Is(fault.RemoteSkipsRemove) {
		h.remote.Remove(ctx, keys)
	}
	sttp.HandleBatch(ctx, h.next, reqs, resps)
}

// begin notes the changes of a batch, and returns the keys that they touch, once
// each.
func (h *RemoteHandler) begin(reqs []sttp.Request) []string {
	var keys []string
	for _, req := range reqs {
		if req.Action.Changes() {
			keys = slices.AppendSeq(keys, touched(req))
		}
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, key := range keys {
		w := h.watch(key)
		w.changes++
		w.begun++
	}
	return keys
}

func (h *RemoteHandler) end(keys []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, key := range keys {
		w := h.keys[key]
		w.changes--
		h.tidy(w)
	}
}

// watch returns what goes on with a key. The caller holds mu.
func (h *RemoteHandler) watch(key string) *watch {
	w := h.keys[key]
	if w == nil {
		w = &watch{key: strings.Clone(key)}
		h.keys[w.key] = w
	}
	return w
}

// tidy forgets a key with which nothing goes on. The caller holds mu.
func (h *RemoteHandler) tidy(w *watch) {
	if w.reads == 0 && w.changes == 0 {
		delete(h.keys, w.key)
	}
}

// look is one read of the Remote.
type look struct {
	index int // in the batch
	watch *watch
	begun uint64 // of the watch, when the read started
}

// read answers a batch of what may be in the Remote.
func (h *RemoteHandler) read(ctx context.Context, reqs []sttp.Request, resps []sttp.Response) {
	looks := h.enter(reqs)
	entries := make([]Entry, len(looks))
	answered := false
	defer func() {
		if fills := h.leave(looks, entries, resps, answered); len(fills) > 0 {
			h.remote.Fill(ctx, fills)
		}
	}()
	if len(looks) > 0 {
		keys := make([]string, len(looks))
		for i, l := range looks {
			keys[i] = l.watch.key
		}
		h.remote.Get(ctx, keys, entries)
	}
	found := make([]bool, len(reqs))
	for i, l := range looks {
		if e := entries[i]; e.Found {
			found[l.index] = true
			resps[l.index] = sttp.Response{Status: sttp.StatusOK, Path: reqs[l.index].Path, Contents: e.Text}
		}
	}
	h.ask(ctx, reqs, resps, found)
	answered = true
}

// ask has next answer the requests that were not found.
func (h *RemoteHandler) ask(ctx context.Context, reqs []sttp.Request, resps []sttp.Response, found []bool) {
	var missing []sttp.Request
	var places []int
	for i, ok := range found {
		if !ok {
			missing, places = append(missing, reqs[i]), append(places, i)
		}
	}
	if len(missing) == 0 {
		return
	}
	answers := make([]sttp.Response, len(missing))
	sttp.HandleBatch(ctx, h.next, missing, answers)
	for i, place := range places {
		resps[place] = answers[i]
	}
}

// enter starts the reads of keys that nobody changes.
func (h *RemoteHandler) enter(reqs []sttp.Request) []look {
	looks := make([]look, 0, len(reqs))
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, req := range reqs {
		w := h.watch(keyOf(req))
		if w.changes > 0 {
			continue
		}
		w.reads++
		looks = append(looks, look{index: i, watch: w, begun: w.begun})
	}
	return looks
}

// leave ends the reads, and returns what may be filled: the answers that no
// change can have come between.
func (h *RemoteHandler) leave(looks []look, entries []Entry, resps []sttp.Response, answered bool) []Fill {
	var fills []Fill
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, l := range looks {
		w, e := l.watch, entries[i]
		changed := w.begun != l.begun && !fault.Is(fault.RemoteFillsLate)
		if resp := resps[l.index]; answered && e.Lease.Token != "" && !changed && resp.Status == sttp.StatusOK {
			fills = append(fills, Fill{Key: w.key, Text: resp.Contents, Lease: e.Lease})
		}
		w.reads--
		h.tidy(w)
	}
	return fills
}
