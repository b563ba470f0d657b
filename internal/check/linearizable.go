package check

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"
)

// A history is linearizable if its requests, each moved to one moment between
// its call and its reply, give the replies that were seen ([5.8-2]). This file
// has histories checked; linearizable_story.go makes a story that a human can
// follow out of one that is not right.

// op is one request of a history.
type op struct {
	client       int
	action, path string
	contents     string // sent, by CREATE and UPDATE
	status       int    // 0: no reply came, or a 500: it is not known what it did
	shown        string // by SHOW
	call, ret    time.Duration
}

// never is when a request returns whose reply did not come: it may take effect
// at any time after its call, or not at all.
const never = time.Duration(math.MaxInt64)

// changes tells whether the request may have changed something.
func (o op) changes() bool {
	return o.status == 0 && o.action != "SHOW" || o.status == 100 || o.status == 600 || o.status == 200 && o.action == "UPDATE"
}

// file is the state of one path. Unknown stands for whatever there may be: a
// story that begins in the middle of a history begins with it.
type file struct {
	exists, unknown bool
	contents        string
}

// missingFile is the state at the beginning of a history.
var missingFile = file{}

// step returns the state that a file is in after the request took effect, and
// whether its reply is right then. A request without a reply takes effect if it
// can; that it has not taken effect is the same as that it did so after all
// others. What becomes of an unknown state that decides about that stays
// unknown, which allows more than there can be and never less.
func (o op) step(f file) (bool, file) {
	written := file{exists: true, contents: o.contents}
	is, isNot := f.exists || f.unknown, !f.exists
	switch {
	case o.status == 0 && o.action == "DELETE":
		return true, missingFile
	case o.status == 0 && (f.unknown || f.exists == (o.action == "CREATE")):
		return true, f
	case o.status == 0:
		return true, written
	case o.action == "CREATE" && o.status == 100:
		return isNot, written
	case o.action == "CREATE" && o.status == 300:
		return is, f
	case o.status == 400 || o.status == 410:
		return isNot, missingFile
	case o.action == "SHOW":
		return f.unknown || f.exists && f.contents == o.shown, file{exists: true, contents: o.shown}
	case o.action == "UPDATE":
		return is, written
	default:
		return is, missingFile
	}
}

// model returns the model of one path that is in the state given at first.
func model(first file) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return first },
		Step: func(state, input, _ any) (bool, any) { return input.(op).step(state.(file)) },
	}
}

// linearizable checks the history of one path. Ok, Illegal and Unknown are the
// results.
func linearizable(ops []op, first file, limit time.Duration) porcupine.CheckResult {
	history := make([]porcupine.Operation, len(ops))
	for i, o := range ops {
		history[i] = porcupine.Operation{ClientId: o.client, Input: o, Call: int64(o.call), Return: int64(o.ret)}
	}
	return porcupine.CheckOperationsTimeout(model(first), history, limit)
}

// byPath splits a history: each path is linearizable by itself.
func byPath(ops []op) [][]op {
	ops = slices.Clone(ops)
	slices.SortStableFunc(ops, func(a, b op) int { return cmp.Or(strings.Compare(a.path, b.path), cmp.Compare(a.call, b.call)) })
	var paths [][]op
	for len(ops) > 0 {
		n := slices.IndexFunc(ops, func(o op) bool { return o.path != ops[0].path })
		if n < 0 {
			n = len(ops)
		}
		paths = append(paths, ops[:n:n])
		ops = ops[n:]
	}
	return paths
}

// checkTime bounds the check of the history of one path.
const checkTime = 2 * time.Second

// checkHistory returns the story of a history that is not linearizable, and
// the whole history of the path that it is about. If decided is false it would
// have taken too long to tell.
func checkHistory(ops []op) (story, path []op, decided bool) {
	decided = true
	for _, path := range byPath(ops) {
		// Most mistakes show in a few neighbouring requests, which is told sooner
		// and better than by a search through all.
		if story := findStory(path, 2, 8); story != nil {
			return story, path, true
		}
		switch linearizable(path, missingFile, checkTime) {
		case porcupine.Illegal:
			if story := findStory(path, 16, 32); story != nil {
				return story, path, true
			}
			return path, path, true
		case porcupine.Unknown:
			decided = false
		}
	}
	return nil, nil, decided
}
