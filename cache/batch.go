package cache

import (
	"context"

	"sttp"
)

// batch answers requests that arrived together. It passes on to next what has
// to go there in as few batches as the order of the requests allows:
//
//   - Changes are collected, and with them the SHOWs of a path that was changed
//     before, which bypass the cache, and those that lead a flight.
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

	collected []item
	begun     bool // the collected changes are being carried out
	waiting   []item
	paths     map[string]place
}

// item is a request of the batch.
type item struct {
	index  int     // in reqs
	flight *flight // that it leads, or waits for; nil if it just goes to next
}

// place is where the last request on a path stands in what is collected or
// waiting.
type place struct {
	flight *flight // nil behind a change
	leads  bool
}

func newBatch(ctx context.Context, h *Handler, reqs []sttp.Request, resps []sttp.Response) *batch {
	return &batch{
		ctx: ctx, h: h, reqs: reqs, resps: resps,
		collected: make([]item, 0, len(reqs)),
		paths:     make(map[string]place, len(reqs)),
	}
}

// handle answers the batch. first is what was found for its first request, and
// nil if it was not looked for.
func (b *batch) handle(first *found) {
	defer func() { b.settle(nil) }() // for a panic: what has been collected strands nobody
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
		b.collected = append(b.collected, item{index: i})
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
		b.collected = append(b.collected, item{i, f.flight})
	default:
		b.waiting = append(b.waiting, item{i, f.flight})
	}
	b.paths[req.Path.String()] = place{f.flight, f.leads}
}

func (b *batch) change(i int) {
	path := b.reqs[i].Path.String()
	if p := b.paths[path]; p.flight != nil && !p.leads {
		b.flush()
	}
	b.collected = append(b.collected, item{index: i})
	b.paths[path] = place{}
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
	if len(b.collected) == 0 {
		return
	}
	reqs, resps := make([]sttp.Request, len(b.collected)), make([]sttp.Response, len(b.collected))
	for i, c := range b.collected {
		reqs[i] = b.reqs[c.index]
		if reqs[i].Action.Changes() {
			b.h.begin(reqs[i])
		}
	}
	b.begun = true
	sttp.HandleBatch(b.ctx, b.h.next, reqs, resps)
	for i, c := range b.collected {
		b.resps[c.index] = resps[i]
	}
	b.settle(resps)
}

// settle ends the changes that were collected, and lands the flights, with
// resps or without an answer. The changes come first, so that a flight whose own
// path was changed behind it in the batch fills nothing.
func (b *batch) settle(resps []sttp.Response) {
	for _, c := range b.collected {
		if req := b.reqs[c.index]; b.begun && req.Action.Changes() {
			b.h.end(req)
		}
	}
	for i, c := range b.collected {
		switch {
		case c.flight == nil:
		case resps == nil:
			b.h.land(c.flight, b.reqs[c.index], sttp.Response{}, false)
		default:
			b.h.land(c.flight, b.reqs[c.index], resps[i], isAnswer(b.ctx, resps[i]))
		}
	}
	b.collected, b.begun = b.collected[:0], false
}
