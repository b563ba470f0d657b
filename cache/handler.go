package cache

import (
	"context"
	"sync"
	"sync/atomic"

	"sttp"
	"sttp/internal/fault"
)

// Handler puts a Cache in front of another Handler. Make it with NewHandler.
//
// The 200s to SHOW and LIST are kept, whole paths as keys; a directory's has a
// slash at its end, so that LIST /notes and LIST /notes/ share an entry and no
// file collides with it. What answers a query is not kept: any change below the
// directory may change it. A change empties the entry of its file, and CREATE
// and DELETE also those of all directories above it, which may come and go with
// it. Changes fill nothing, and nothing but a 200 is kept.
//
// A path that is asked for by many at once is asked of the other Handler once.
//
// What the Cache answers is never stale: each path stays linearizable if it is
// so in the other Handler (docs/protocol.md, section 5; flight.go says why).
// What changes the store without passing through this Handler, such as an
// editor, or a change that takes effect after the other Handler has answered it,
// is noticed when the entry expires.
type Handler struct {
	next  sttp.Handler
	cache Cache
	fills atomic.Uint64 // Puts, each counted before mu is given up

	mu   sync.Mutex // taken before the Cache's own lock, and never by a hit
	keys map[string]*state
}

// NewHandler returns a Handler that answers from c, and from next what is not
// in it. Nothing else may put anything into c. Closing c is left to its owner.
func NewHandler(next sttp.Handler, c Cache) *Handler {
	return &Handler{next: next, cache: c, keys: make(map[string]*state)}
}

// Handle implements sttp.Handler. A SHOW that is in the cache does not allocate.
func (h *Handler) Handle(ctx context.Context, req sttp.Request) sttp.Response {
	switch {
	case req.Action == sttp.Show:
		fills := h.fills.Load()
		if text, ok := h.cache.Get(req.Path.String()); ok {
			return sttp.Response{Status: sttp.StatusOK, Path: req.Path, Contents: text}
		}
		return h.read(ctx, req, h.join(req.Path.String(), fills))
	case req.Action == sttp.List && (req.Query == nil || fault.Is(fault.CacheKeepsQuery)):
		return h.read(ctx, req, h.find(keyOf(req)))
	case req.Action.Changes():
		return h.change(ctx, req)
	}
	return h.next.Handle(ctx, req)
}

// HandleBatch implements sttp.BatchHandler. SHOWs at the beginning of a batch
// that are in the cache are answered without allocating.
func (h *Handler) HandleBatch(ctx context.Context, reqs []sttp.Request, resps []sttp.Response) {
	for i := range reqs {
		req := &reqs[i]
		if req.Action != sttp.Show {
			h.handleRest(ctx, reqs[i:], resps[i:], nil)
			return
		}
		fills := h.fills.Load()
		text, ok := h.cache.Get(req.Path.String())
		if !ok {
			first := h.join(req.Path.String(), fills)
			h.handleRest(ctx, reqs[i:], resps[i:], &first)
			return
		}
		resps[i] = sttp.Response{Status: sttp.StatusOK, Path: req.Path, Contents: text}
	}
}

// handleRest answers what is left of a batch. first is what was found for the
// first request, and nil if it was not looked for.
func (h *Handler) handleRest(ctx context.Context, reqs []sttp.Request, resps []sttp.Response, first *found) {
	switch {
	case len(reqs) > 1:
		newBatch(ctx, h, reqs, resps).handle(first)
	case first != nil:
		resps[0] = h.read(ctx, reqs[0], *first)
	default:
		resps[0] = h.Handle(ctx, reqs[0])
	}
}

// keyOf returns the key of what answers a SHOW or a LIST.
func keyOf(req sttp.Request) string {
	if req.Action == sttp.List {
		return req.Path.AsDir().String()
	}
	return req.Path.String()
}

// read answers a SHOW or a LIST for which f was found.
func (h *Handler) read(ctx context.Context, req sttp.Request, f found) sttp.Response {
	for {
		switch {
		case f.flight == nil:
			return sttp.Response{Status: sttp.StatusOK, Path: req.Path, Contents: f.text}
		case f.leads:
			return h.lead(ctx, req, f.flight)
		}
		if resp, ok := f.flight.wait(ctx, req); ok {
			return resp
		}
		f = h.find(keyOf(req))
	}
}

// lead asks next on behalf of all who join the flight. They are told also if
// next panics.
func (h *Handler) lead(ctx context.Context, req sttp.Request, f *flight) (resp sttp.Response) {
	answered := false
	defer func() { h.land(f, req, resp, answered) }()
	resp = h.next.Handle(ctx, req)
	answered = isAnswer(ctx, resp)
	return resp
}

// change carries out a change.
func (h *Handler) change(ctx context.Context, req sttp.Request) sttp.Response {
	h.begin(req)
	defer h.end(req)
	return h.next.Handle(ctx, req)
}

// isAnswer tells whether resp may be given to others who asked the same. What
// failed because its own client's time was up says nothing about theirs.
func isAnswer(ctx context.Context, resp sttp.Response) bool {
	return resp.Status.Success() || ctx.Err() == nil
}
