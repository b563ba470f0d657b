package compare_test

import (
	"math"
	"strings"
	"testing"

	"sttp/internal/bench"
	"sttp/internal/bench/compare"
)

// breaks returns a document with a search.
func breaks(b *bench.Break) *bench.Document {
	d := document(nil)
	d.Break = b
	return d
}

func TestBreakingPointsAreComparedWithinWhatTheSearchLeavesOpen(t *testing.T) {
	const server, generator, none = bench.LimitServer, bench.LimitGenerator, bench.LimitNone
	for _, c := range []struct {
		name     string
		a, b     float64
		limitA   string
		limitB   string
		want     compare.Verdict
		warnings string
	}{
		{"a little less", 1000, 990, server, server, compare.Same, ""},
		{"less", 1000, 900, server, server, compare.Worse, ""},
		{"more", 1000, 1100, server, server, compare.Better, ""},
		{"at the edge of the tolerance", 1000, 960, server, server, compare.Unclear, ""},
		{"the generator was the limit", 1000, 1000, server, generator, compare.Unclear, "in B it was not the server that kept the rate from being higher, but the generator"},
		{"less, but the generator was the limit", 1000, 500, server, generator, compare.Unclear, "in B it was not the server"},
		{"more at least", 1000, 1500, server, generator, compare.Better, "in B it was not the server"},
		{"less than at least", 1000, 500, none, server, compare.Worse, "in A the highest rate that was asked for did no harm"},
		{"none any more", 1000, 0, server, server, compare.Worse, ""},
		{"none before", 0, 1000, server, server, compare.Better, ""},
		{"none in both", 0, 0, server, server, compare.Unclear, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := breaks(breakAt(c.b, c.limitB))
			b.Started = b.Started.Add(1) // another measurement
			cmp := compared(t, breaks(breakAt(c.a, c.limitA)), b, compare.Options{Tolerance: fivePercent})
			ch := change(t, cmp, "breaking point")
			if ch.Verdict != c.want || (c.want == compare.Worse) != (len(cmp.Regressions) == 1) {
				t.Errorf("%+v, want %s; regressions %q", ch, c.want, cmp.Regressions)
			}
			if got := strings.Join(cmp.Warnings, "\n"); !strings.Contains(got, c.warnings) || c.warnings == "" && got != "" {
				t.Errorf("warnings %q, want %q", got, c.warnings)
			}
			for _, l := range cmp.Lines() {
				if strings.Contains(l.Text, "NaN") || strings.Contains(l.Text, "Inf") {
					t.Error(l.Text)
				}
			}
		})
	}
}

func TestTheIntervalOfABreakingPointIsThatOfBothSearches(t *testing.T) {
	a, b := breakAt(1000, bench.LimitServer), breakAt(800, bench.LimitServer)
	b.Steps[1].Rate = 900 // the search went no further
	ch := change(t, compared(t, breaks(a), breaks(b), compare.Options{}), "breaking point")
	if low, high := float64(ch.Interval.Low), float64(ch.Interval.High); math.Abs(low-(800/1.02/1020-1)) > 1e-9 || math.Abs(high-(900/(1000/1.02)-1)) > 1e-9 {
		t.Errorf("from %v to %v", low, high)
	}
}

func TestWrongRepliesInASearchAreARegression(t *testing.T) {
	b := breakAt(1000, bench.LimitServer)
	b.Steps[0].Result.Wrong[bench.Torn] = 3
	cmp := compared(t, breaks(breakAt(1000, bench.LimitServer)), breaks(b), compare.Options{})
	if got := strings.Join(cmp.Regressions, "\n"); got != "wrong replies: 6, and 0 in A" { // both steps have that result
		t.Errorf("regressions %q", got)
	}
}

func TestASearchThatWasNotFinishedIsToldOf(t *testing.T) {
	b := breakAt(1000, "")
	b.Confirmed, b.Interrupted = false, true
	got := strings.Join(compared(t, breaks(breakAt(1000, bench.LimitServer)), breaks(b), compare.Options{}).Warnings, "\n")
	if got != "B was interrupted\nin B the rate was not confirmed" {
		t.Errorf("warnings %q", got)
	}
}

func TestTheGuidesTestHasNoIntervals(t *testing.T) {
	a, b := document(nil), document(nil)
	a.Guide = guideWith(nil)
	b.Guide = guideWith(func(g *bench.Guide) { g.Phases[0].Rate, g.Phases = 2500, g.Phases[:1] })
	c := compared(t, a, b, compare.Options{Tolerance: fivePercent})
	ch := change(t, c, "rate")
	if ch.Of != "create" || *ch.Change != -0.5 || ch.Interval != nil || ch.Verdict != compare.Unclear || !strings.Contains(ch.Why, "not divided into slices") || len(c.Regressions) > 0 {
		t.Errorf("%+v; regressions %q", ch, c.Regressions)
	}
	if len(c.Changes) != 5 { // one phase, errors, wrong replies
		t.Errorf("%d changes: %v", len(c.Changes), c.Changes)
	}
	b.Guide = guideWith(func(g *bench.Guide) { g.Wrong[bench.Lost], g.Errors["status 500"] = 1, 1000 })
	if got := compared(t, a, b, compare.Options{Tolerance: fivePercent}).Regressions; len(got) != 2 {
		t.Errorf("regressions %q", got)
	}
}

func TestTheGuidesSettingsHaveToBeTheSame(t *testing.T) {
	a, b := document(nil), document(nil)
	a.Guide = guideWith(nil)
	b.Guide = guideWith(func(g *bench.Guide) { g.Snippets, g.Interval, g.Concurrent, g.ConnectionPerRequest = 5, 6, 7, true })
	_, err := compare.Documents(a, b, "a", "b", compare.Options{})
	if err == nil || err.Error() != "they measured different things: snippets: 1000 and 5; pause: 0s and 6ns; requests at once: 1 and 7; a connection for each request: no and yes" {
		t.Error(err)
	}
}
