package report_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"sttp/internal/check"
	"sttp/internal/check/report"
)

// baselineOf returns what a later run reads of r.
func baselineOf(t *testing.T, r *check.Report) *report.Baseline {
	t.Helper()
	b, err := report.ReadBaseline(bytes.NewReader(asJSON(t, r)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// withOutcomes returns a report whose cases have these levels and outcomes.
func withOutcomes(level check.Level, outcomes ...check.Outcome) *check.Report {
	r := allHold()
	r.Results = nil
	for i, o := range outcomes {
		c := aCase(fmt.Sprintf("STTP-5.1-CASE-%03d", i+1), "requests", "something holds", "5.1-1")
		r.Results = append(r.Results, check.Result{Case: c, Level: level, Outcome: o, Says: "it does not"})
	}
	return r
}

func TestOnlyWhatHasChangedSinceTheBaselineCounts(t *testing.T) {
	const must, should = check.Must, check.Should
	for _, c := range []struct {
		level    check.Level
		was, now check.Outcome
		want     check.Verdict
		kind     string
	}{
		{must, check.Pass, check.Pass, check.AllHold, ""},
		{must, check.Pass, check.Fail, check.SomeFail, "worse"},
		{must, check.Pass, check.Untested, check.SomeFail, "worse"},
		{must, check.Depends, check.Fail, check.SomeFail, "worse"},
		{must, check.Undecided, check.Fail, check.SomeFail, "worse"},
		{must, check.Fail, check.Fail, check.AllHold, "same"},
		{must, check.Untested, check.Fail, check.AllHold, "same"},
		{must, check.Fail, check.Pass, check.AllHold, "better"},
		{must, check.Pass, check.Undecided, check.Unknown, "unclear"},
		{must, check.Pass, check.Depends, check.Unknown, "unclear"},
		{must, check.Fail, check.CheckerError, check.AllHold, ""},
		{should, check.Pass, check.Warn, check.AllHold, "warnings"},
		{should, check.Warn, check.Warn, check.AllHold, ""},
		{should, check.Warn, check.Pass, check.AllHold, "better"},
	} {
		now := withOutcomes(c.level, c.now)
		if err := baselineOf(t, withOutcomes(c.level, c.was)).Compare(now); err != nil {
			t.Fatal(err)
		}
		if got := now.Verdict(); got != c.want || kindOf(now.Baseline) != c.kind {
			t.Errorf("%v, %v then %v: verdict %d, %q; want %d, %q", c.level, c.was, c.now, got, kindOf(now.Baseline), c.want, c.kind)
		}
		validate(t, asJSON(t, now))
	}
}

func kindOf(c *check.Comparison) string {
	for kind, changes := range map[string][]check.Change{
		"worse": c.Worse, "unclear": c.Unclear, "warnings": c.Warnings, "better": c.Better, "same": c.Same,
	} {
		if len(changes) > 0 {
			return kind
		}
	}
	return ""
}

func TestAFailureOfACaseThatTheBaselineHasNotIsNew(t *testing.T) {
	now := withOutcomes(check.Must, check.Pass, check.Fail, check.Depends)
	if err := baselineOf(t, withOutcomes(check.Must, check.Pass)).Compare(now); err != nil {
		t.Fatal(err)
	}
	if now.Verdict() != check.SomeFail || len(now.Baseline.Worse) != 1 || len(now.Baseline.Unclear) != 0 {
		t.Errorf("verdict %d, %+v", now.Verdict(), now.Baseline)
	}
}

func TestTextTellsWhatHasChangedSinceTheBaseline(t *testing.T) {
	before := sample()
	for i := range before.Results {
		result := &before.Results[i]
		switch result.Case.ID {
		case "STTP-2.1-ANSWER-001":
			result.Outcome = check.Fail
		case "STTP-5.3-SHOW-001", "STTP-2.1-PARALLEL-001", "STTP-5.2-RACE-001":
			result.Outcome = check.Pass
		}
	}
	gone := before.Results[len(before.Results)-1]
	gone.Case = aCase("STTP-9.9-GONE-001", "disk", "Nothing is there", "9.9-1")
	before.Results = append(before.Results, gone)
	now := sample()
	if err := baselineOf(t, before).Compare(now); err != nil {
		t.Fatal(err)
	}
	all := text(t, now, report.Options{})
	golden(t, "compared.txt", all[strings.Index(all, "SCORE"):])
	if !strings.Contains(all, "worse than in the baseline") {
		t.Error("the case itself does not say that it got worse")
	}
}

func TestABaselineThatIsNoneIsRefused(t *testing.T) {
	good := string(asJSON(t, sample()))
	for name, doc := range map[string]string{
		"nothing":          "",
		"no JSON":          "PASS",
		"other JSON":       `{"results": []}`,
		"another version":  strings.Replace(good, `"version": 1`, `"version": 2`, 1),
		"unknown outcome":  strings.Replace(good, `"outcome": "pass"`, `"outcome": "great"`, 1),
		"a case twice":     strings.Replace(good, "STTP-5.5-UPDATE-002", "STTP-5.5-UPDATE-001", 1),
		"more behind":      good + good,
		"cut short":        good[:len(good)/2],
		"endless":          strings.Repeat(" ", 65<<20),
		"results no array": `{"format": "sttp-check report", "version": 1, "results": 3}`,
	} {
		if _, err := report.ReadBaseline(strings.NewReader(doc)); err == nil {
			t.Errorf("%s is taken for a baseline", name)
		}
	}
	strict := sample()
	strict.Profile = check.Strict
	if err := baselineOf(t, sample()).Compare(strict); err == nil {
		t.Error("runs of different profiles are compared")
	}
}

func FuzzReadBaseline(f *testing.F) {
	f.Add([]byte(`{"format": "sttp-check report", "version": 1, "profile": "guide", "results": [{"id": "STTP-5.1-CASE-001", "outcome": "pass"}]}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		b, err := report.ReadBaseline(bytes.NewReader(doc))
		if err != nil {
			return
		}
		r := withOutcomes(check.Must, check.Fail)
		if b.Compare(r) == nil {
			validate(t, asJSON(t, r))
		}
	})
}
