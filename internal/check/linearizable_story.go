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
)

// wrong tells for sure that a history is not linearizable.
func wrong(ops []op, first file) bool {
	return linearizable(ops, first, storyStep) == porcupine.Illegal
}

// smallestStory returns a few requests of a history that is not linearizable
// whose replies cannot all be right either. Each step allows more than the
// history before it does, so what is still wrong then was wrong before.
func smallestStory(ops []op) []op {
	until := time.Now().Add(storyTime)
	first := missingFile
	ops = upToTheFirstWrongReply(ops)
	if end := fromTheLastGoodMoment(ops); len(end) < len(ops) {
		ops, first = end, file{unknown: true}
	}
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

// upToTheFirstWrongReply returns the history as it was known when the reply
// came that first made it wrong.
func upToTheFirstWrongReply(ops []op) []op {
	ends := replies(ops)
	n := firstThat(len(ends), func(i int) bool { return wrong(before(ops, ends[i]), missingFile) })
	if n == len(ends) {
		return ops
	}
	return before(ops, ends[n])
}

// fromTheLastGoodMoment returns what came after some moment, as late as it can
// be, in a history that is wrong whatever there was in this moment. If there is
// none it returns the whole history.
func fromTheLastGoodMoment(ops []op) []op {
	ends := replies(ops)
	n := firstThat(len(ends), func(i int) bool { return !wrong(after(ops, ends[i]), file{unknown: true}) })
	if n == 0 {
		return ops
	}
	return after(ops, ends[n-1])
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

// firstThat returns the least i below n for which is holds, or n. If it holds
// for one it has to hold for all that are greater.
func firstThat(n int, is func(i int) bool) int {
	low := 0
	for low < n {
		if middle := (low + n) / 2; is(middle) {
			n = middle
		} else {
			low = middle + 1
		}
	}
	return low
}

// before returns what was known of a history at a moment: what was on its way
// then may have taken effect or not.
func before(ops []op, moment time.Duration) []op {
	var known []op
	for _, o := range ops {
		switch {
		case o.call > moment:
		case o.ret <= moment:
			known = append(known, o)
		case o.changes():
			known = append(known, unknownOutcome(o))
		}
	}
	return known
}

// after returns what began after a moment, and the changes that were on their
// way then: they may take effect after it or not.
func after(ops []op, moment time.Duration) []op {
	var rest []op
	for _, o := range ops {
		switch {
		case o.ret <= moment:
		case o.call > moment:
			rest = append(rest, o)
		case o.changes():
			rest = append(rest, unknownOutcome(o))
		}
	}
	return rest
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
	if last.action == "SHOW" && last.status == 200 {
		source := slices.IndexFunc(path, func(o op) bool { return o.contents == last.shown })
		if source < 0 {
			p.Symptom, p.Says = Torn, last.String()+", which nobody has sent"
			return p
		}
		p.Symptom = Stale
		if w := path[source]; !slices.Contains(story, w) {
			p.Says += fmt.Sprintf(" (%s had sent %q before)", w.who(), w.contents)
		}
	}
	return p
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
