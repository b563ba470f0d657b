package cache

import (
	"context"
	"iter"
	"strings"

	"sttp"
	"sttp/internal/fault"
)

// Why nothing stale is served, and each key is linearizable
//
// Let a flight be one read by next on behalf of its leader and of all who join
// it. A flight is attached to its key from its start until it lands, or until
// it is detached; at most one is attached to a key at a time, only an attached
// one can be joined, and only one that is attached when it lands fills the
// cache. A flight starts only if the key has no entry, so a key never has both.
// Begin and end bracket each change while next carries it out. The end of a
// change, whatever its result, drops the key: it removes the entry and detaches
// the flight. A detached flight that lands while a change to the key is under
// way drops the key too. Start, join, landing, begin and end hold mu, so each
// of them happens at one moment; a hit is one moment in the Cache.
//
// Next reads for a flight F at a moment r(F) between its start and its landing,
// and a change C takes effect in next at a moment e(C) between its begin and its
// end. Order all changes by e, and all readers by the r of the flight that they
// were answered by: at once, or by the entry it left. This order is one that
// next allows. It also respects time: if X returned before Y was called, X
// comes before Y.
//
//   - If Y is a change, e(Y) is later than all of X.
//   - If X is a change and Y a reader: Y's flight was attached, or its entry
//     there, after the end of X, which drops all there is. So the flight
//     started later, and r(Y) > end(X) > e(X).
//   - If both are readers, by flights F and G, suppose r(G) < r(F) with the
//     effect of a change C between, since otherwise both may change places.
//     Then Y does not lead G, but joined it or hit its entry at a moment t
//     after F's landing l. As r(G) < e(C) < r(F) < l < t, and the end of C drops
//     G and its entry, C was under way at l. If F was detached by then, its
//     landing dropped G and its entry before t. If F was still attached, G had
//     been detached or had landed when F started, and its entry was gone.
//     Either way Y could not have had G's answer at t.
//
// So it makes no difference whether a reader joins before or after a change
// took effect, whether an entry is evicted meanwhile, how many changes follow
// one another, or whether one fails: an outcome that is unknown is an effect, or
// none, before the end. A SHOW behind a change to its path in one batch bypasses
// the cache: it counts as a flight that lands with the end of that change, which
// drops the key. A SHOW behind another one in a batch shares its flight, attached
// or not: both were called when the batch was.

// state is what goes on with a key. There is one only while something does.
type state struct {
	key     string // borrows nothing
	flight  *flight
	changes int // begun and not yet ended
}

// flight is one read by next, which any number of requests wait for.
type flight struct {
	key  string        // borrows nothing
	done chan struct{} // closed when the flight has landed; nil before someone joins; guarded by mu

	// Written before done is closed, and read after that.
	answered bool          // false if the leader had no answer that is one for others
	resp     sttp.Response // borrows nothing
	echoed   bool          // resp repeats the path as the leader sent it
}

// found is what there is for a reader: a text, or a flight to lead or to join.
type found struct {
	text   string
	flight *flight // nil: text is the answer
	leads  bool    // the reader is to carry out the flight, and land it
}

// find looks for key in the cache, and else joins or starts a flight.
func (h *Handler) find(key string) found {
	fills := h.fills.Load()
	if text, ok := h.cache.Get(key); ok {
		return found{text: text}
	}
	return h.join(key, fills)
}

// join joins or starts a flight for a key that was not in the cache after fills
// Puts. Only if there were more of them since, it may be there by now.
func (h *Handler) join(key string, fills uint64) found {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.keys[key]
	if s != nil && s.flight != nil {
		s.flight.join()
		return found{flight: s.flight}
	}
	if h.fills.Load() != fills {
		if text, ok := h.cache.Get(key); ok {
			return found{text: text}
		}
	}
	if s == nil {
		s = h.add(key)
	}
	s.flight = &flight{key: s.key}
	return found{flight: s.flight, leads: true}
}

// follow joins a flight that a request of the same batch leads or has joined.
func (h *Handler) follow(f *flight) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f.join()
}

// join makes sure that there is something to wait for. The caller holds mu.
func (f *flight) join() {
	if f.done == nil {
		f.done = make(chan struct{})
	}
}

// wait waits until the flight has landed or the context has ended. It returns
// false if the flight brought no answer.
func (f *flight) wait(ctx context.Context, req sttp.Request) (sttp.Response, bool) {
	select {
	case <-f.done:
	case <-ctx.Done():
		return sttp.Response{
			Status: sttp.StatusServerError, Path: req.Path,
			Message: "the request was given up before there was an answer",
		}, true
	}
	resp := f.resp
	if f.echoed {
		resp.Path = req.Path
	}
	return resp, f.answered
}

// land ends a flight that answers its leader's request with resp, and fills the
// cache if the flight is still attached.
func (h *Handler) land(f *flight, req sttp.Request, resp sttp.Response, answered bool) {
	h.mu.Lock()
	s := h.keys[f.key]
	if fault.Is(fault.CacheFillsLate) && answered && resp.Status == sttp.StatusOK {
		h.cache.Put(f.key, resp.Contents)
	}
	switch {
	case s != nil && s.flight == f:
		s.flight = nil
		if answered && resp.Status == sttp.StatusOK {
			h.cache.Put(f.key, resp.Contents)
			h.fills.Add(1)
		}
		h.tidy(s)
	case s != nil && s.changes > 0:
		h.drop(s)
	}
	joined := f.done != nil // others cannot join any more
	h.mu.Unlock()

	if !joined {
		return
	}
	f.answered = answered
	f.echoed = resp.Path == req.Path
	f.resp = sttp.Response{
		Status:   resp.Status,
		Path:     resp.Path.Clone(),
		Message:  strings.Clone(resp.Message),
		Contents: strings.Clone(resp.Contents),
	}
	close(f.done)
}

// begin says that a change is about to be carried out.
func (h *Handler) begin(req sttp.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for key := range touched(req) {
		s := h.keys[key]
		if s == nil {
			s = h.add(key)
		}
		s.changes++
	}
}

// end says that a change was carried out, with whatever result, and will have
// no effect from now on. It comes before the change's response is returned.
func (h *Handler) end(req sttp.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for key := range touched(req) {
		s := h.keys[key]
		s.changes--
		if !fault.Is(fault.CacheKeepsEntry) {
			h.drop(s)
		}
		h.tidy(s)
	}
}

// Forget drops a key, as a change does that has ended just now: for what was
// changed elsewhere.
func (h *Handler) Forget(key string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s := h.keys[key]; s != nil {
		h.drop(s)
		h.tidy(s)
		return
	}
	h.cache.Remove(key)
}

// ForgetAll drops every key, for when it is not known what was changed.
func (h *Handler) ForgetAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.keys {
		s.flight = nil
		h.tidy(s)
	}
	h.cache.Clear()
}

// touched yields the keys whose texts a change may change: its file, and for
// CREATE and DELETE every directory above it.
func touched(req sttp.Request) iter.Seq[string] {
	return func(yield func(string) bool) {
		if !yield(req.Path.String()) || req.Action == sttp.Update || fault.Is(fault.CacheForgetsDirs) {
			return
		}
		for dir, ok := req.Path.Dir(), true; ok; dir, ok = dir.Parent() {
			if !yield(dir.String()) {
				return
			}
		}
	}
}

// add makes the state of a key that has none. The caller holds mu, as for all
// that follow.
func (h *Handler) add(key string) *state {
	s := &state{key: strings.Clone(key)}
	h.keys[s.key] = s
	return s
}

// drop empties a key's entry and detaches its flight.
func (h *Handler) drop(s *state) {
	s.flight = nil
	h.cache.Remove(s.key)
}

// tidy forgets the state of a key with which nothing goes on.
func (h *Handler) tidy(s *state) {
	if s.flight == nil && s.changes == 0 {
		delete(h.keys, s.key)
	}
}
