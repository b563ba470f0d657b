package check_test

import (
	"slices"
	"testing"

	"sttp/internal/check"
	"sttp/internal/check/zoo"
)

func TestAServerWithQueriesPassesTheirCases(t *testing.T) {
	t.Parallel()
	report := checked(t, check.Options{
		Address: zooServer(t, zoo.Config{}), Profile: check.Strict, Only: []string{"STTP-11.*"},
	})
	mustHold(t, report)
	if !report.Facts.Queries || len(report.LeftOut) != 1 || report.LeftOut[0].Cases != 1 { // one needs files
		t.Errorf("the facts are %+v, and left out are %+v", report.Facts, report.LeftOut)
	}
}

// queriesOf counts the cases of queries among the results.
func queriesOf(report *check.Report) (n int) {
	for _, r := range report.Results {
		if r.Case.Needs&check.Queries != 0 {
			n++
		}
	}
	return n
}

func TestAServerWithoutQueriesIsRightAndIsToldWhatWasLeftOut(t *testing.T) {
	t.Parallel()
	opts := check.Options{Address: zooServer(t, zoo.Config{NoQueries: true}), Profile: check.Strict, Only: []string{"STTP-11.*"}}
	report := checked(t, opts)
	mustHold(t, report)
	left := slices.ContainsFunc(report.LeftOut, func(l check.LeftOut) bool {
		return l.Cases > 40 && l.Needs == "queries, which a server may do without"
	})
	if queriesOf(report) > 0 || report.Facts.Queries || !left {
		t.Errorf("%d cases of queries ran; left out are %+v", queriesOf(report), report.LeftOut)
	}
}

func TestQueriesCanBeRequiredOfAServer(t *testing.T) {
	t.Parallel()
	opts := check.Options{Address: zooServer(t, zoo.Config{NoQueries: true}), Profile: check.Strict, Only: []string{"STTP-11.*"}, RequireQueries: true}
	report := checked(t, opts)
	if report.Verdict() != check.SomeFail || queriesOf(report) < 40 {
		t.Fatalf("the verdict is %d after %d cases of queries", report.Verdict(), queriesOf(report))
	}
	for _, r := range report.Results {
		switch first := r.Case.ID == "STTP-11.2-FIND-001"; {
		case r.Case.Needs&check.Queries == 0:
			if !itHolds(r) {
				t.Errorf("%s", told(r))
			}
		case first && (r.Outcome != check.Fail || r.Problem.Symptom != check.GotStatus(300)):
			t.Errorf("%s", told(r))
		case !first && r.Outcome != check.Depends && r.Outcome != check.Fail:
			t.Errorf("%s", told(r))
		}
	}
}

// The guide knows no queries: what a server does with a question mark is its own
// affair.
func TestProfileGuideAsksForNoQueries(t *testing.T) {
	t.Parallel()
	cases, err := check.Select(check.Options{Profile: check.Guide})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		if c.Needs&check.Queries != 0 {
			t.Errorf("%s is asked for", c.ID)
		}
	}
}
