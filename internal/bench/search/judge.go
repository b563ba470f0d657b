package search

import (
	"fmt"
	"math"
	"time"

	"sttp/internal/bench"
)

// keeping is the share of what is asked for that has to be answered right where
// the condition does not say it, and the pace that has to be kept.
const keeping = 0.98

// verdict is how a step ended.
type verdict struct {
	ok    bool
	limit string // if not ok
	why   string
}

// breach is something that did not hold, and what it says of when requests were
// answered: the quantile q of the response times was time, and would have been
// in order up to allowed.
type breach struct {
	text          string
	q             float64 // below 0 is the mean
	time, allowed time.Duration
	// said: the server has said so itself; no waiting has to do with it.
	said bool
}

// setting is what is known of a step beside its result.
type setting struct {
	light time.Duration // the mean service time at rates that do no harm, 0 if that is not known
	local bool          // whether the server is on the generator's machine
}

// judge tells whether the condition held in a step, and if not, why.
func (c Condition) judge(r *bench.Result, in setting) verdict {
	breaches := c.breaches(r)
	if len(breaches) == 0 && r.Done == 0 {
		return verdict{limit: bench.LimitGenerator, why: "no request was due; a longer step has some"}
	}
	if len(breaches) == 0 {
		return verdict{ok: true}
	}
	return blame(r, breaches, in)
}

// breaches returns all that did not hold, the gravest first.
func (c Condition) breaches(r *bench.Result) []breach {
	var all []breach
	if g := r.Gone; g != nil {
		all = append(all, breach{text: fmt.Sprintf("the server went away after %s (%s), %d requests were lost", duration(max(g.After, 0)), g.Why, g.Lost), said: true})
	}
	if n := r.Wrong.Total(); n > 0 {
		all = append(all, breach{text: wrongReplies(n), said: true})
	}
	for _, t := range c.terms {
		if !t.holds(r) {
			all = append(all, t.breach(r))
		}
	}
	if b, broken := fewReplies(r); broken && !c.limitsErrors() {
		all = append(all, b)
	}
	if b, broken := fallsBehind(r); broken {
		all = append(all, b)
	}
	return all
}

func wrongReplies(n int64) string {
	if n == 1 {
		return "1 reply was wrong"
	}
	return fmt.Sprintf("%d replies were wrong", n)
}

// breach says how the term failed.
func (t term) breach(r *bench.Result) breach {
	if t.kind == errorShare {
		return errorBreach(r, fmt.Sprintf("%s, to be %s", t.figure(r), t.bound()), func(share float64) bool {
			return share < t.share || t.orEqual && share == t.share
		})
	}
	b := breach{text: fmt.Sprintf("%s, to be %s", t.figure(r), t.bound()), q: t.q, time: t.time(r), allowed: t.limit}
	if t.kind == mean {
		b.q = -1
	}
	return b
}

// bound returns the term's limit for people: "<5 ms".
func (t term) bound() string {
	op := "<"
	if t.orEqual {
		op = "<="
	}
	if t.kind == errorShare {
		return op + percent(t.share)
	}
	return op + duration(t.limit)
}

// fewReplies tells whether too few requests have right replies.
func fewReplies(r *bench.Result) (breach, bool) {
	allowed := func(errors float64) bool { return errors <= 1-keeping }
	if allowed(errorsOf(r)) {
		return breach{}, false
	}
	text := fmt.Sprintf("errors %s, to be <=%s as there is no other limit", percent(errorsOf(r)), percent(1-keeping))
	return errorBreach(r, text, allowed), true
}

// errorBreach says who told of so many errors: the server itself, or the time
// that passed without a reply.
func errorBreach(r *bench.Result, text string, allowed func(share float64) bool) breach {
	if kind, n := mostOf(r.Errors); n > 0 {
		text += fmt.Sprintf(", most of them %q", kind)
	}
	if !allowed(share(said(r.Errors), r)) {
		return breach{text: text, said: true}
	}
	// So many requests have waited for this long; half of it for the generator's
	// sake would be enough to doubt.
	q := 1 - min(errorsOf(r), 1)
	waited := r.Response.Quantile(q)
	return breach{text: text, q: q, time: waited, allowed: waited / 2}
}

// said counts the errors of which the server has told.
func said(errors bench.Counts) int64 {
	n := errors.Total()
	for _, kind := range []string{
		bench.Timeout, bench.DialTimeout, bench.Unsent, bench.Unanswered, bench.OtherError, bench.NoDescriptor, bench.NoPort,
	} {
		n -= errors[kind]
	}
	return n
}

// mostOf returns the kind that there is most of.
func mostOf(counts bench.Counts) (kind string, n int64) {
	for k, v := range counts {
		if v > n || v == n && k < kind {
			kind, n = k, v
		}
	}
	return kind, n
}

// fallsBehind tells whether requests waited longer and longer: whether from the
// first third of the replies' time to the last the response time grew by more
// than the pace allows, and by more than chance does. That time is as long as the
// step, and begins with the first reply: if requests of the warm-up were waiting
// still, that is late.
func fallsBehind(r *bench.Result) (breach, bool) {
	var first, last average
	begin := firstReply(r)
	for _, s := range r.Slices {
		middle := s.Start + s.Length/2 - begin
		switch {
		case s.Response == nil || middle > r.Elapsed:
		case middle < r.Elapsed/3:
			first.add(s.Response)
		case middle >= r.Elapsed-r.Elapsed/3:
			last.add(s.Response)
		}
	}
	n := min(first.n, last.n)
	if n < 2 || r.Elapsed <= 0 {
		return breach{}, false
	}
	grown, passed := last.mean()-first.mean(), 2*r.Elapsed/3
	// Half of what lies between these is one standard deviation.
	deviation := float64(r.Response.Quantile(0.84)-r.Response.Quantile(0.16)) / 2
	chance := time.Duration(3 * deviation * math.Sqrt(2/float64(n)))
	if grown <= chance+time.Duration((1-keeping)*float64(passed)) {
		return breach{}, false
	}
	kept := 1 / (1 + float64(grown)/float64(passed))
	return breach{
		text: fmt.Sprintf("requests wait longer and longer, only %s of the rate is answered", percent(kept)),
		q:    0.5, time: last.mean(), allowed: last.mean() - grown/2,
	}, true
}

// firstReply returns when the slice began in which the first reply came.
func firstReply(r *bench.Result) time.Duration {
	for _, s := range r.Slices {
		if s.Response != nil && s.Response.Count() > 0 {
			return s.Start
		}
	}
	return 0
}

// average is that of several Latencies.
type average struct {
	n   int64
	sum float64 // nanoseconds
}

func (a *average) add(l *bench.Latency) {
	a.n += l.Count()
	a.sum += float64(l.Count()) * float64(l.Mean())
}

func (a *average) mean() time.Duration { return time.Duration(a.sum / float64(a.n)) }
