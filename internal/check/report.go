package check

import (
	"slices"
	"time"
)

// Result is what came of one case.
type Result struct {
	Case    *Case
	Level   Level // in the profile of the run
	Outcome Outcome
	// Says tells in a sentence what was found; it is empty for a pass.
	Says string
	// Problem is there if the case did not hold, and Hint says what may be wrong.
	Problem  *Problem
	Hint     string
	Netcat   string
	Exchange []Event
	Elapsed  time.Duration
	// Runs is how often it ran, and Held how often it did hold.
	Runs, Held int
}

// Report is what came of a run.
type Report struct {
	Target     string
	Profile    Profile
	Options    Options
	Facts      Facts
	Began      time.Time
	Elapsed    time.Duration
	Results    []Result // in the order of the catalogue
	LeftOut    []LeftOut
	LeftBehind []string // the checker's directory, if it could not be removed
	// Baseline, if there is one, says what has changed since an earlier run. The
	// verdict then counts only that.
	Baseline *Comparison
}

// Score is how much of a story holds.
type Score struct {
	Story       Story
	Must        int // cases of the level MUST
	MustHeld    int
	Others      int // SHOULD and ROBUST
	OthersHeld  int
	NotDecided  int // cases of any level that say nothing: undecided, checker error
	FirstFailed *Result
}

// Verdict is what a run amounts to.
type Verdict int

// The verdicts, with the exit codes that sttp-check has for them.
const (
	AllHold  Verdict = 0 // every MUST holds
	SomeFail Verdict = 1
	Unknown  Verdict = 4
)

// Verdict returns what the results amount to: a MUST that does not hold weighs
// more than one of which nothing is known.
func (r *Report) Verdict() Verdict {
	if r.Baseline != nil {
		return r.Baseline.verdict()
	}
	verdict := AllHold
	for _, result := range r.Results {
		if result.Level != Must {
			continue
		}
		switch result.Outcome {
		case Fail, Untested:
			return SomeFail
		case Depends, Undecided, CheckerError:
			verdict = Unknown
		}
	}
	return verdict
}

// Scores returns the score of every story that has a case in the report.
func (r *Report) Scores() []Score {
	var scores []Score
	for _, story := range Stories() {
		s := Score{Story: story}
		for i := range r.Results {
			if r.Results[i].Case.Story == story.Name {
				s.add(&r.Results[i])
			}
		}
		if s.Must+s.Others > 0 {
			scores = append(scores, s)
		}
	}
	return scores
}

func (s *Score) add(r *Result) {
	holds := count(r.Outcome.holds())
	switch r.Level {
	case Must:
		s.Must, s.MustHeld = s.Must+1, s.MustHeld+holds
	case Should, Robust:
		s.Others, s.OthersHeld = s.Others+1, s.OthersHeld+holds
	}
	s.NotDecided += count(r.Outcome == Undecided || r.Outcome == CheckerError)
	if s.FirstFailed == nil && (r.Outcome == Fail || r.Outcome == Untested && r.Level == Must) {
		s.FirstFailed = r
	}
}

// Next returns what to mend first: the first MUST that does not hold, in the
// order of the guide. It returns nil if there is none.
func (r *Report) Next() *Result {
	i := slices.IndexFunc(r.Results, func(res Result) bool {
		return res.Level == Must && (res.Outcome == Fail || res.Outcome == Untested)
	})
	if i < 0 {
		return nil
	}
	return &r.Results[i]
}

// Comparison says what has changed since an earlier run, the baseline.
type Comparison struct {
	Target string // of the baseline
	Began  time.Time

	Worse    []Change // a MUST does not hold that held then, or of which nothing was known
	Unclear  []Change // nothing is known of a MUST that held then, or that is new
	Warnings []Change // a SHOULD or ROBUST does not hold that held then, or is new
	Better   []Change // what did not hold then does now
	Same     []Change // a MUST does not hold, as then
	NotRun   int      // cases of the baseline that this run has not
}

// Change is the result of a case and what came of it in the baseline.
type Change struct {
	Result *Result
	Was    Outcome
	Known  bool // the baseline has the case; else Was says nothing
}

func (c *Comparison) verdict() Verdict {
	switch {
	case len(c.Worse) > 0:
		return SomeFail
	case len(c.Unclear) > 0:
		return Unknown
	}
	return AllHold
}

// CompareWith compares the results with those of an earlier run in the same
// profile, by ID.
func (r *Report) CompareWith(was map[string]Outcome) *Comparison {
	c := &Comparison{NotRun: len(was)}
	for i := range r.Results {
		change := Change{Result: &r.Results[i]}
		change.Was, change.Known = was[change.Result.Case.ID]
		c.NotRun -= count(change.Known)
		c.add(change)
	}
	return c
}

func (c *Comparison) add(change Change) {
	held := change.Known && change.Was.holds()
	broken := change.Known && (change.Was == Fail || change.Was == Untested || change.Was == Warn)
	must := change.Result.Level == Must
	switch change.Result.Outcome {
	case Pass, Chose:
		if broken {
			c.Better = append(c.Better, change)
		}
	case Fail, Untested, Warn:
		switch {
		case must && broken:
			c.Same = append(c.Same, change)
		case must:
			c.Worse = append(c.Worse, change)
		case !broken:
			c.Warnings = append(c.Warnings, change)
		}
	case Depends:
		// What it depends on tells enough, unless it held.
		if must && held {
			c.Unclear = append(c.Unclear, change)
		}
	case Undecided, CheckerError:
		if must && (held || !change.Known) {
			c.Unclear = append(c.Unclear, change)
		}
	}
}
