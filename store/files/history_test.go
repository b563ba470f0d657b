package files

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"sttp"
	"sttp/store"
)

// call is what a client asks of a store, such as {"CREATE", "/d/a.txt", "x"}.
type call struct{ action, path, text string }

func (c call) String() string { return strings.TrimSpace(c.action + " " + c.path + " " + c.text) }

func (c call) do(s *Store) error {
	p, contents := mustPath(c.path), mustContents(c.text)
	switch c.action {
	case "CREATE":
		return s.Create(context.Background(), p, contents)
	case "UPDATE":
		return s.Update(context.Background(), p, contents)
	case "DELETE":
		return s.Delete(context.Background(), p)
	}
	panic("no such action: " + c.action)
}

func mustPath(s string) sttp.Path {
	p, err := sttp.ParsePath(s)
	if err != nil {
		panic(err)
	}
	return p
}

func mustContents(s string) sttp.Contents {
	c, err := sttp.ParseContents(s)
	if err != nil {
		panic(err)
	}
	return c
}

// history is what clients have asked and were answered, in which order.
type history struct {
	mu    sync.Mutex
	clock int
	calls []*answered
}

type answered struct {
	call
	began, ended int // ended is 0 while no answer has come
	err          error
}

func (h *history) do(s *Store, c call) error {
	a := h.begin(c)
	err := c.do(s)
	h.end(a, err)
	return err
}

func (h *history) begin(c call) *answered {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.clock++
	a := &answered{call: c, began: h.clock}
	h.calls = append(h.calls, a)
	return a
}

func (h *history) end(a *answered, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if errors.Is(err, errPowerCut) && !errors.Is(err, store.ErrOutcomeUnknown) {
		return // nobody was there to hear it
	}
	h.clock++
	a.ended, a.err = h.clock, err
}

// explains returns an error unless the files found can be what the calls of
// the history left, taking effect one by one in an order that agrees with when
// they were asked and answered: those that succeeded did, those that failed did
// not, the others may have. If the disk has not lost anything since, what a
// call was refused for must have been so as well.
func (h *history) explains(before, found map[string]string, lossless bool) error {
	paths := map[string][]*answered{}
	for p := range before {
		paths[p] = nil
	}
	for p := range found {
		paths[p] = nil
	}
	for _, a := range h.calls {
		paths[a.path] = append(paths[a.path], a)
	}
	for p, calls := range paths {
		want, there := found[p]
		old, was := before[p]
		if !explained(calls, state{was, old}, state{there, want}, lossless) {
			return fmt.Errorf("%s: found %t %q, before %t %q, and that is not what came of:%s", p, there, want, was, old, describe(calls))
		}
	}
	return nil
}

func describe(calls []*answered) string {
	var b strings.Builder
	for _, a := range calls {
		fmt.Fprintf(&b, "\n\t[%d,%d] %v: %v", a.began, a.ended, a.call, a.err)
	}
	return b.String()
}

// state is what a path holds, if it is there.
type state struct {
	there bool
	text  string
}

// explained tries every order of the calls on one path.
func explained(left []*answered, now, end state, lossless bool) bool {
	if now == end && !slices.ContainsFunc(left, (*answered).certain) {
		return true
	}
	for i, a := range left {
		if a.mustFollow(left) {
			continue
		}
		rest := append(append([]*answered{}, left[:i]...), left[i+1:]...)
		for _, next := range a.effects(now, lossless) {
			if explained(rest, next, end, lossless) {
				return true
			}
		}
	}
	return false
}

// certain tells whether the answer to a says if it took effect.
func (a *answered) certain() bool {
	return a.ended != 0 && !errors.Is(a.err, store.ErrOutcomeUnknown)
}

// mustFollow tells whether another call had ended before a began.
func (a *answered) mustFollow(others []*answered) bool {
	for _, o := range others {
		if o.ended != 0 && o.ended < a.began {
			return true
		}
	}
	return false
}

// effects returns what a may have made of a path.
func (a *answered) effects(now state, lossless bool) []state {
	next := state{a.action != "DELETE", a.text}
	possible := now.there == (a.action != "CREATE")
	switch {
	case !a.certain() && possible:
		return []state{now, next}
	case !a.certain():
		return []state{now}
	case a.err == nil && possible:
		return []state{next}
	case a.err == nil:
		return nil
	case lossless && errors.Is(a.err, store.ErrExists) && !now.there,
		lossless && (errors.Is(a.err, store.ErrNotFound) || errors.Is(a.err, store.ErrPathNotFound)) && now.there:
		return nil
	}
	return []state{now}
}
