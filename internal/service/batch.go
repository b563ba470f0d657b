package service

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"

	"sttp"
)

// maxParallel bounds the changes that one batch makes side by side.
const maxParallel = 128

// HandleBatch answers requests that had arrived together. Changes to different
// paths are made side by side, so that they share their syncs; requests on one
// path keep their order, and a LIST sees all that came before it and nothing
// that came after.
func (h *Handler) HandleBatch(ctx context.Context, reqs []sttp.Request, resps []sttp.Response) {
	for begin := 0; begin < len(reqs); {
		end := begin
		for end < len(reqs) && reqs[end].Action != sttp.List {
			end++
		}
		h.between(ctx, reqs[begin:end], resps[begin:end])
		if end < len(reqs) {
			resps[end] = h.Handle(ctx, reqs[end])
			end++
		}
		begin = end
	}
}

// between answers requests among which there is no LIST.
func (h *Handler) between(ctx context.Context, reqs []sttp.Request, resps []sttp.Response) {
	chains := chainsOf(reqs)
	if len(chains) == 0 {
		for i, req := range reqs {
			resps[i] = h.Handle(ctx, req)
		}
		return
	}
	var group sync.WaitGroup
	var panicked panicBox
	slots := make(chan struct{}, maxParallel)
	for _, chain := range chains {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			defer panicked.keep()
			for _, i := range chain {
				resps[i] = h.Handle(ctx, reqs[i])
			}
		})
	}
	group.Wait()
	panicked.release()
}

// chainsOf returns the indexes of reqs by path: chains may run side by side,
// the requests in one only one after the other. It returns nil if it is right
// or better to run all in their order: when there are no two chains or no
// change, and when a path lies below another, since whether a name is a file or
// a directory depends on which came first.
func chainsOf(reqs []sttp.Request) [][]int {
	changes := false
	for _, req := range reqs {
		changes = changes || req.Action.Changes()
	}
	if !changes || len(reqs) < 2 {
		return nil
	}
	byPath := make(map[string]int, len(reqs))
	chains := make([][]int, 0, len(reqs))
	for i, req := range reqs {
		k, known := byPath[req.Path.String()]
		if !known {
			k = len(chains)
			byPath[req.Path.String()] = k
			chains = append(chains, nil)
		}
		chains[k] = append(chains[k], i)
	}
	if len(chains) < 2 || nested(byPath) {
		return nil
	}
	return chains
}

// nested tells whether one of the paths lies below another.
func nested(paths map[string]int) bool {
	for path := range paths {
		for i := 1; i < len(path); i++ {
			if path[i] != '/' {
				continue
			}
			if _, found := paths[path[:i]]; found {
				return true
			}
		}
	}
	return false
}

// panicBox carries a panic out of a goroutine to the one that waits for it,
// where whoever serves the connection deals with it.
type panicBox struct {
	once  sync.Once
	value any
}

// carried is a panic of another goroutine, with the stack of that one.
type carried struct {
	value any
	stack []byte
}

func (c carried) String() string { return fmt.Sprintf("%v\n%s", c.value, c.stack) }

func (b *panicBox) keep() {
	if p := recover(); p != nil {
		b.once.Do(func() { b.value = carried{p, debug.Stack()} })
	}
}

func (b *panicBox) release() {
	if b.value != nil {
		panic(b.value)
	}
}
