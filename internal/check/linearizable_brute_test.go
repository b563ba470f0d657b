package check

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// inSomeOrder tells by trying all orders whether a history is linearizable. It
// has what a file does in words of its own, to compare the model with.
func inSomeOrder(ops []op, exists bool, contents string) bool {
	if !slices.ContainsFunc(ops, func(o op) bool { return o.status != 0 }) {
		return true
	}
	for i, o := range ops {
		if slices.ContainsFunc(ops, func(before op) bool { return before.ret < o.call }) {
			continue // that one took effect before
		}
		rest := slices.Delete(slices.Clone(ops), i, i+1)
		status, shown, there, then := carriedOut(o, exists, contents)
		right := o.status == 0 || o.status == status && o.shown == shown
		if right && inSomeOrder(rest, there, then) {
			return true
		}
	}
	return false
}

// carriedOut returns the reply to a request and what is stored then.
func carriedOut(o op, exists bool, contents string) (status int, shown string, there bool, then string) {
	switch {
	case o.action == "CREATE" && exists:
		return 300, "", true, contents
	case o.action == "CREATE":
		return 100, "", true, o.contents
	case !exists:
		return 400, "", false, ""
	case o.action == "SHOW":
		return 200, contents, true, contents
	case o.action == "UPDATE":
		return 200, "", true, o.contents
	}
	return 600, "", false, ""
}

// someHistory returns a right history of a few clients, and often spoils it in
// one place. Many of its moments are the same, as they are on a coarse clock.
func someHistory(r *rand.Rand) []op {
	var ops []op
	exists, contents := false, ""
	for i := range 2 + r.IntN(6) {
		o := op{client: i, path: "/a.txt", action: []string{"CREATE", "SHOW", "UPDATE", "DELETE", "SHOW"}[r.IntN(5)]}
		if o.action == "CREATE" || o.action == "UPDATE" {
			o.contents = string(rune('a' + i))
		}
		o.call, o.ret = time.Duration(4*i-r.IntN(9)), time.Duration(4*i+r.IntN(9))
		o.status, o.shown, exists, contents = carriedOut(o, exists, contents)
		ops = append(ops, o)
	}
	o := &ops[r.IntN(len(ops))]
	switch r.IntN(5) {
	case 0:
		if o.shown != "" {
			o.shown = string(rune('a' + r.IntN(len(ops))))
		}
	case 1:
		o.status = map[string]int{"CREATE": 300, "SHOW": 400, "UPDATE": 400, "DELETE": 400}[o.action]
		o.shown = ""
	case 2:
		o.call, o.ret = o.call+8, o.ret+8
	case 3:
		if o.action != "SHOW" {
			*o = unknownOutcome(*o)
		}
	}
	return ops
}

func TestAHistoryIsJudgedAsByTryingAllOrders(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	right := 0
	for range 4000 {
		ops := someHistory(r)
		want := inSomeOrder(ops, false, "")
		right += count(want)
		if story, _, decided := checkHistory(ops); !decided || (story == nil) != want {
			t.Fatalf("right: %v, but the story is %v of %+v", want, story, ops)
		}
	}
	if right < 200 || right > 3800 {
		t.Errorf("%d of 4000 histories are right, which shows too little", right)
	}
}
