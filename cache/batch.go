package cache

import (
	"context"

	"sttp"
)

// batch answers requests that arrived together. It passes on to next what has
// to go there in as few batches as the order of the requests allows:
//
//   - SHOWs that lead a flight are collected, and go first: others may have
//     joined, and are not to wait for changes of this batch.
//   - Changes are collected, and with them the SHOWs of a path that was changed
//     before, which bypass the cache. A CREATE or DELETE also changes what its
//     directories are when they are asked for as files.
//   - Other SHOWs join a flight, and are waited for only after what was
//     collected has been carried out and its flights have landed. So a batch
//     that waits for another one keeps nobody waiting.
//   - A change to a path for which a flight of someone else was joined waits
//     until that has landed: the flight might see the change otherwise.
//   - A LIST waits for all that is before it, and all that is behind it waits
//     for it.
//   - A SHOW in the cache whose path is none of these is answered at once.
type batch struct {
	ctx   context.Context
	h     *Handler
	reqs  []sttp.Request
	resps []sttp.Response

	leading []item // SHOWs that lead flights, which have not landed
	behind  []item // changes, and what bypasses the cache
	waiting []item // SHOWs that joined flights
	paths   map[string]place
}

// item is a request of the batch.
type item struct {
	index  int     // in reqs
	flight *flight // that it leads, or waits for; nil if it just goes to next
}

// place is where the last request on a path stands in what was collected.
type place struct {
	flight *flight // nil behind a change
	leads  bool
}

func newBatch(ctx context.Context, h *Handler, reqs []sttp.Request, resps []sttp.Response) *batch {
	return &batch{
		ctx: ctx, h: h, reqs: reqs, resps: resps,
		paths: make(map[string]place, len(reqs)),
	}
}

// handle answers the batch. first is what was found for its first request, and
// nil if it was not looked for.
func (b *batch) handle(first *found) {
	defer func() { b.land(nil) }() // for a panic: it strands nobody who has joined
	for i, req := range b.reqs {
		switch {
		case first != nil && i == 0:
			b.take(i, *first)
		case req.Action == sttp.Show:
			b.show(i)
		case req.Action.Changes():
			b.change(i)
		default:
			b.flush()
			b.resps[i] = b.h.Handle(b.ctx, req)
		}
	}
	b.flush()
}

func (b *batch) show(i int) {
	path := b.reqs[i].Path.String()
	p, seen := b.paths[path]
	switch {
	case !seen:
		b.take(i, b.h.find(path))
	case p.flight == nil:
		b.behind = append(b.behind, item{index: i})
	default:
		b.h.follow(p.flight)
		b.waiting = append(b.waiting, item{i, p.flight})
	}
}

// take answers a SHOW for which f was found, or has it lead or join a flight.
func (b *batch) take(i int, f found) {
	req := b.reqs[i]
	switch {
	case f.flight == nil:
		b.resps[i] = sttp.Response{Status: sttp.StatusOK, Path: req.Path, Contents: f.text}
		return
	case f.leads:
		b.leading = append(b.leading, item{i, f.flight})
	default:
		b.waiting = append(b.waiting, item{i, f.flight})
	}
	b.paths[req.Path.String()] = place{f.flight, f.leads}
}

func (b *batch) change(i int) {
	for key := range touched(b.reqs[i]) {
		if p := b.paths[asFile(key)]; p.flight != nil && !p.leads {
			b.flush()
			break
		}
	}
	for key := range touched(b.reqs[i]) {
		b.paths[asFile(key)] = place{}
	}
	b.behind = append(b.behind, item{index: i})
}

// asFile returns the path that asks for a key as for a file.
func asFile(key string) string {
	if len(key) > 1 && key[len(key)-1] == '/' {
		return key[:len(key)-1]
	}
	return key
}

// flush carries out what was collected, and then waits for what others do.
func (b *batch) flush() {
	b.carryOut()
	for _, w := range b.waiting {
		b.resps[w.index] = b.h.read(b.ctx, b.reqs[w.index], found{flight: w.flight})
	}
	b.waiting = b.waiting[:0]
	clear(b.paths)
}

// carryOut passes on what was collected.
func (b *batch) carryOut() {
	if len(b.leading) > 0 {
		b.land(b.pass(b.leading))
	}
	if len(b.behind) == 0 {
		return
	}
	changes := b.behind[:0:0]
	defer func() { // also for a panic
		for _, c := range changes {
			b.h.end(b.reqs[c.index])
		}
		b.behind = b.behind[:0]
	}()
	for _, c := range b.behind {
		if req := b.reqs[c.index]; req.Action.Changes() {
			b.h.begin(req)
			changes = append(changes, c)
		}
	}
	b.pass(b.behind)
}

// pass has next answer items, and returns the responses in their order.
func (b *batch) pass(items []item) []sttp.Response {
	reqs, resps := make([]sttp.Request, len(items)), make([]sttp.Response, len(items))
	for i, c := range items {
		reqs[i] = b.reqs[c.index]
	}
	sttp.HandleBatch(b.ctx, b.h.next, reqs, resps)
	for i, c := range items {
		b.resps[c.index] = resps[i]
	}
	return resps
}

// land lands the flights that are led, with resps or without an answer.
func (b *batch) land(resps []sttp.Response) {
	for i, c := range b.leading {
		if resps == nil {
			b.h.land(c.flight, b.reqs[c.index], sttp.Response{}, false)
		} else {
			b.h.land(c.flight, b.reqs[c.index], resps[i], isAnswer(b.ctx, resps[i]))
		}
	}
	b.leading = b.leading[:0]
}
