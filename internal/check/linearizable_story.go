package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"
)

// What the search for a story may take, as a whole and for one step.
const (
	storyTime = time.Second
	storyStep = 50 * time.Millisecond
	maxStory  = 6 // requests that a sentence can hold
)

// wrong tells for sure that a history is not linearizable.
func wrong(ops []op, first file) bool {
	return linearizable(ops, first, storyStep) == porcupine.Illegal
}

// findStory looks for a few requests whose replies cannot all be right, in
// parts of the history of a path that are so many replies long. A part allows
// more than the whole history does, so what is wrong there is wrong.
func findStory(ops []op, lengths ...int) []op {
	until := time.Now().Add(storyTime)
	if i := slices.IndexFunc(ops, func(o op) bool { return o.status == 200 && o.action == "SHOW" && !sentBefore(ops, o) }); i >= 0 {
		return ops[i : i+1]
	}
	ends := replies(ops)
	for _, n := range lengths {
		for i := range ends {
			begin, first := time.Duration(-1), missingFile
			if i > n {
				begin, first = ends[i-n-1], file{unknown: true}
			}
			part := between(ops, begin, ends[i])
			if time.Now().After(until) {
				return nil
			}
			if wrong(part, first) {
				return shortest(part, first, until)
			}
		}
	}
	return nil
}

// sends tells whether the request sends these contents.
func (o op) sends(contents string) bool {
	return (o.action == "CREATE" || o.action == "UPDATE") && o.contents == contents
}

// sentBefore tells whether somebody had sent what a SHOW was answered before its
// reply came, in a request that was not refused.
func sentBefore(ops []op, show op) bool {
	return slices.ContainsFunc(ops, func(o op) bool { return o.sends(show.shown) && o.changes() && o.call <= show.ret })
}

// shortest leaves out of a part that is wrong what it is wrong without. Each
// step allows more than there was before it: a request that changes nothing is
// left out, and a change may have happened or not.
func shortest(ops []op, first file, until time.Time) []op {
	for i := 0; i < len(ops) && time.Now().Before(until); {
		without := slices.Delete(slices.Clone(ops), i, i+1)
		maybe := slices.Clone(ops)
		maybe[i] = unknownOutcome(ops[i])
		switch {
		case canGo(ops, i) && wrong(without, first):
			ops = without
		case ops[i].status != 0 && wrong(maybe, first):
			ops = maybe // and it may be possible to leave it out now
		default:
			i++
		}
	}
	return ops
}

// canGo tells whether a history without its i-th request allows all that it
// allows with it: the request changes nothing, or it is an UPDATE that may not
// have taken effect, and nobody was shown what it sent.
func canGo(ops []op, i int) bool {
	o := ops[i]
	if !o.changes() {
		return true
	}
	seen := slices.ContainsFunc(ops, func(other op) bool { return other.action == "SHOW" && other.shown == o.contents })
	return o.status == 0 && o.action == "UPDATE" && !seen
}

// unknownOutcome returns the request as if its reply had not come.
func unknownOutcome(o op) op {
	o.status, o.shown, o.ret = 0, "", never
	return o
}

// replies returns the moments in which replies came, in order.
func replies(ops []op) []time.Duration {
	var ends []time.Duration
	for _, o := range ops {
		if o.ret != never {
			ends = append(ends, o.ret)
		}
	}
	slices.Sort(ends)
	return ends
}

// between returns what began after one moment and was known at another. Of the
// changes that were on their way at either, it cannot be told whether they took
// effect in between.
func between(ops []op, begin, end time.Duration) []op {
	var part []op
	for _, o := range ops {
		switch {
		case o.ret <= begin || o.call > end:
		case o.call > begin && o.ret <= end:
			part = append(part, o)
		case o.changes():
			part = append(part, unknownOutcome(o))
		}
	}
	return part
}

// storyProblem tells the story as a Problem. The whole history of the path says
// where contents came from.
func storyProblem(story, path []op) *Problem {
	story = slices.DeleteFunc(slices.Clone(story), func(o op) bool { return o.status == 0 })
	slices.SortFunc(story, func(a, b op) int { return cmp.Compare(a.ret, b.ret) })
	if len(story) == 0 {
		return &Problem{Symptom: Unexpected, Says: "the replies about one path cannot all be right, in whatever order its requests took effect"}
	}
	last := story[len(story)-1]
	if len(story) > maxStory {
		says := fmt.Sprintf("the replies to %d requests about one path cannot all be right, in whatever order they took effect; the last of them is that %v", len(story), last)
		return &Problem{Symptom: GotStatus(last.status), Says: says}
	}
	says := []string{}
	for i, o := range story {
		switch {
		case i == 0:
			says = append(says, o.String())
		case o.call > story[i-1].ret:
			says = append(says, "after that "+o.String())
		default:
			says = append(says, "at the same time "+o.String())
		}
	}
	p := &Problem{Symptom: GotStatus(last.status), Says: strings.Join(says, "; ") + "; no order of the requests gives these replies"}
	if twoCreates(story) {
		p.Symptom = GotStatus(100)
		return p
	}
	if last.action == "SHOW" && last.status == 200 {
		source := slices.IndexFunc(path, func(o op) bool { return o.sends(last.shown) })
		if source < 0 {
			p.Symptom, p.Says = Torn, last.String()+", which nobody has sent"
			return p
		}
		p.Symptom = Stale
		if !sentBefore(path, last) {
			p.Says = last.String() + ", though " + path[source].String()
			return p
		}
		w := path[source]
		beside := w.ret > story[0].call
		if beside && w.action == "CREATE" {
			p.Symptom = GotStatus(100)
		} else if beside && slices.ContainsFunc(story, func(o op) bool { return o.action == "DELETE" }) {
			p.Symptom = GotStatus(200)
		}
		if !slices.Contains(story, w) {
			p.Says += fmt.Sprintf(" (%s %s %q)", w.who(), map[bool]string{true: "beside them sent", false: "had sent"}[beside], w.contents)
		}
	}
	return p
}

// twoCreates tells whether two CREATEs at the same time were both answered 100,
// which is then what went wrong, whatever showed it.
func twoCreates(story []op) bool {
	for i, a := range story {
		for _, b := range story[i+1:] {
			if a.status == 100 && b.status == 100 && b.call <= a.ret {
				return true
			}
		}
	}
	return false
}

func (o op) who() string { return fmt.Sprintf("client %d's %s", o.client, o.action) }

// String says what was asked and answered.
func (o op) String() string {
	name := o.path[strings.LastIndex(o.path, "/")+1:]
	s := o.who() + " of " + name
	if o.contents != "" {
		s += fmt.Sprintf(" with %q", o.contents)
	}
	switch {
	case o.status == 0:
		return s + " was not answered"
	case o.action == "SHOW" && o.status == 200:
		return s + fmt.Sprintf(" is answered 200 with %q", o.shown)
	}
	return s + fmt.Sprintf(" is answered %d", o.status)
}
