package report

import (
	"fmt"
	"strings"

	"sttp/internal/check"
	"sttp/internal/cli"
)

// entry is a result as it is shown. Cases that say nothing by themselves, and
// for the same reason, share one.
type entry struct {
	*check.Result
	Lines  []line
	Diff   *diff
	Also   string
	Try    []string
	Change string        // since the baseline
	Others []*check.Case // the cases that share it, if it can be shared; the first is its own
	Reason string        // why they say nothing
}

// room is how much of a case is shown.
type room struct {
	exchange int // columns of a line of the exchange
	lines    int // its lines
	diff     int // columns of a line that is compared
}

// entries returns the results in the order of the catalogue. Results that share
// an entry are of one story if byStory says so.
func entries(r *check.Report, room room, byStory bool) []*entry {
	var all []*entry
	shared := map[string]*entry{}
	changes := changesOf(r.Baseline)
	results := map[string]*check.Result{}
	for i := range r.Results {
		results[r.Results[i].Case.ID] = &r.Results[i]
	}
	for i := range r.Results {
		result := &r.Results[i]
		reason := sharedReason(result, results)
		key := result.Outcome.String() + reason
		if byStory {
			key += result.Case.Story
		}
		if e := shared[key]; e != nil && reason != "" {
			e.Others = append(e.Others, result.Case)
			continue
		}
		e := newEntry(result, r.Profile, room)
		e.Change = changes[result]
		if reason != "" {
			e.Others, e.Reason = []*check.Case{result.Case}, reason
			shared[key] = e
		}
		all = append(all, e)
	}
	return all
}

// sharedReason returns why a case says nothing by itself, which others can have
// in common, or nothing if it needs an entry of its own.
func sharedReason(r *check.Result, results map[string]*check.Result) string {
	switch {
	case r.Outcome == check.Depends:
		if root := rootOf(r, results); root != r {
			return "not tried, since " + root.Case.ID + " does not hold"
		}
	case r.Outcome == check.Untested && len(r.Exchange) == 0 && r.Problem == nil:
	default:
		return ""
	}
	return sentence(r.Says)
}

// rootOf returns the result for which, in the end, a case was not tried. Cases
// depend only on earlier ones, so there is an end.
func rootOf(r *check.Result, results map[string]*check.Result) *check.Result {
	for _, id := range r.Case.After {
		before := results[id]
		switch {
		case before == nil || before == r || before.Outcome == check.Pass || before.Outcome == check.Chose:
		case before.Outcome == check.Depends:
			return rootOf(before, results)
		default:
			return before
		}
	}
	return r
}

func newEntry(result *check.Result, profile check.Profile, room room) *entry {
	e := &entry{Result: result}
	e.Lines = exchangeLines(result.Exchange, room.exchange, room.lines)
	e.Diff = newDiff(result.Problem, room.diff)
	if p := result.Problem; p != nil && len(p.Also) > 0 {
		e.Also = fmt.Sprintf("profile %s accepts %s, too", profile, sentence(either(p.Also)))
	}
	if result.Outcome != check.Depends {
		e.Try = tryLines(result.Netcat)
	}
	return e
}

// Shared tells whether the entry stands for cases that say nothing: always for
// those that depend on another.
func (e *entry) Shared() bool {
	return len(e.Others) > 1 || len(e.Others) == 1 && e.Outcome == check.Depends
}

// Label returns the outcome in a word.
func (e *entry) Label() string { return labels[e.Outcome] }

// Class returns the outcome as a word for style sheets.
func (e *entry) Class() string { return strings.ToLower(labels[e.Outcome]) }

// NeedsAttention tells whether somebody should look at it.
func (e *entry) NeedsAttention() bool {
	return e.Outcome != check.Pass && e.Outcome != check.Chose
}

// Flaky tells how often the case held, if that was neither always nor never.
func (e *entry) Flaky() string { return flaky(e.Result) }

func flaky(r *check.Result) string {
	if r.Held == 0 || r.Held >= r.Runs {
		return ""
	}
	return fmt.Sprintf("held %d of %d times", r.Held, r.Runs)
}

// Finding returns what was found as a sentence.
func (e *entry) Finding() string { return full(e.Says) }

// Advice returns the hint as a sentence.
func (e *entry) Advice() string { return full(e.Hint) }

// Refs returns the statements as "[5.5-1] [6.3-1]".
func (e *entry) Refs() string { return "[" + strings.Join(e.Case.Statements, "] [") + "]" }

// tryLines returns the line for a shell, taken apart where one command for
// netcat ends and the next begins.
func tryLines(netcat string) []string {
	if netcat == "" {
		return nil
	}
	lines := strings.Split(netcat, "; printf ")
	for i := range lines {
		if i > 0 {
			lines[i] = "printf " + lines[i]
		}
	}
	for i := range lines {
		lines[i] = cli.Escape(lines[i])
	}
	return lines
}

// changesOf says of the results that have changed since the baseline how.
func changesOf(b *check.Comparison) map[*check.Result]string {
	if b == nil {
		return nil
	}
	all := map[*check.Result]string{}
	for _, kind := range changeKinds(b) {
		for _, c := range kind.Changes {
			all[c.Result] = kind.Says
		}
	}
	return all
}

// changeKind is a list of changes with a heading.
type changeKind struct {
	Title, Says string
	Class       string // the outcome that has the same colour
	Changes     []check.Change
}

func changeKinds(b *check.Comparison) []changeKind {
	return []changeKind{
		{"worse", "worse than in the baseline", "fail", b.Worse},
		{"unclear", "held in the baseline, or is new", "undecided", b.Unclear},
		{"new warning", "no warning in the baseline", "warn", b.Warnings},
		{"better", "better than in the baseline", "pass", b.Better},
		{"as before", "as in the baseline", "depends", b.Same},
	}
}

// was returns the outcome in the baseline.
func was(c check.Change) string {
	if !c.Known {
		return "not there"
	}
	return c.Was.String()
}

// nextOf returns what to mend first: what got worse since the baseline, if
// there is one, else the first MUST that does not hold.
func nextOf(r *check.Report) *check.Result {
	if b := r.Baseline; b != nil && len(b.Worse) > 0 {
		return b.Worse[0].Result
	}
	return r.Next()
}
