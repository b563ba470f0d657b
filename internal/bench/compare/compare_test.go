package compare_test

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sttp/internal/bench"
	"sttp/internal/bench/compare"
)

const fivePercent = 0.05

// compared compares two documents, which must be possible.
func compared(t testing.TB, a, b *bench.Document, o compare.Options) *compare.Comparison {
	t.Helper()
	c, err := compare.Documents(a, b, "a.json", "b.json", o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// change returns what became of one figure.
func change(t testing.TB, c *compare.Comparison, what string) compare.Change {
	t.Helper()
	for _, ch := range c.Changes {
		if ch.What == what {
			return ch
		}
	}
	t.Fatalf("there is no %s in %v", what, c.Changes)
	return compare.Change{}
}

// seeds returns how many runs to try: most, and fewer for the inner loop and under
// the race detector, which has nothing to find here and takes its time.
func seeds(most int) int {
	switch {
	case raceEnabled:
		return max(1, most/20)
	case testing.Short():
		return most / 5
	}
	return most
}

func TestAKnownShiftIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		shift func(*generated)
		what  string
		by    float64
		want  compare.Verdict
	}{
		"a fifth slower":          {func(g *generated) { g.median *= 1.2 }, "p50", 0.2, compare.Worse},
		"a fifth faster":          {func(g *generated) { g.median /= 1.2 }, "p50", -1.0 / 6, compare.Better},
		"the slowest half slower": {func(g *generated) { g.stretch = 1.5 }, "p99", 0.5, compare.Worse},
		"p99 a fifth slower":      {func(g *generated) { g.stretch = 1.2 }, "p99", 0.2, compare.Worse},
		"p99 a fifth faster":      {func(g *generated) { g.stretch = 1 / 1.2 }, "p99", -1.0 / 6, compare.Better},
		"a tenth of the rate":     {func(g *generated) { g.rate = 0.9 }, "rate", -0.1, compare.Worse},
	} {
		t.Run(name, func(t *testing.T) {
			found, near, runs := 0, 0, seeds(15)
			for i := range uint64(runs) {
				a, b := usual(2*i), usual(2*i+1)
				c.shift(&b)
				cmp := compared(t, a.document(), b.document(), compare.Options{Tolerance: fivePercent})
				ch := change(t, cmp, c.what)
				if ch.Verdict == c.want {
					found++
				}
				if float64(ch.Interval.Low) <= c.by && c.by <= float64(ch.Interval.High) {
					near++
				}
				if len(cmp.Regressions) > 0 && c.want != compare.Worse {
					t.Errorf("seed %d: regressions %q", i, cmp.Regressions)
				}
			}
			if found < runs*9/10 {
				t.Errorf("it was found in %d of %d runs", found, runs)
			}
			if near < runs*8/10 {
				t.Errorf("it was within the interval in %d of %d runs", near, runs)
			}
		})
	}
}

func TestChanceIsNotTakenForARegression(t *testing.T) {
	for name, c := range map[string]struct {
		runs int
		make func(*generated)
	}{
		"independent":               {100, func(*generated) {}},
		"widely spread":             {50, func(g *generated) { g.spread = 1.2 }},
		"few slices":                {50, func(g *generated) { g.slices, g.wander = 10, 0.1 }},
		"slices that differ":        {50, func(g *generated) { g.wander = 0.2 }},
		"slices that stay the same": {100, func(g *generated) { g.wander, g.memory = 0.1, 0.7 }},
		"and differ much":           {50, func(g *generated) { g.wander, g.memory = 0.3, 0.7 }},
		"in a closed loop":          {50, func(g *generated) { g.closed, g.wander, g.memory = true, 0.1, 0.5 }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			alarms, runs := 0, seeds(c.runs)
			for i := range uint64(runs) {
				a, b := usual(2*i+1000), usual(2*i+1001)
				for _, g := range []*generated{&a, &b} {
					c.make(g)
					g.requests = 30
				}
				if len(compared(t, a.document(), b.document(), compare.Options{Tolerance: fivePercent}).Regressions) > 0 {
					alarms++
				}
			}
			t.Logf("%d false alarms in %d", alarms, runs)
			if alarms > max(runs/20, 3) {
				t.Errorf("%d of %d runs like the one before are called regressions", alarms, runs)
			}
		})
	}
}

func TestTheSameFileTwiceIsNoChange(t *testing.T) {
	for name, doc := range kinds() {
		again := kinds()[name]
		c := compared(t, doc, again, compare.Options{})
		if !c.Identical || len(c.Regressions) > 0 || len(c.Warnings) > 0 {
			t.Errorf("%s: identical %v, regressions %q, warnings %q", name, c.Identical, c.Regressions, c.Warnings)
		}
		for _, ch := range c.Changes {
			if ch.Verdict != compare.Same && ch.Verdict != compare.Unjudged || ch.Change == nil || *ch.Change != 0 || ch.A != ch.B {
				t.Errorf("%s: %s is %s: from %v to %v", name, ch.What, ch.Verdict, ch.A, ch.B)
			}
		}
	}
}

// kinds returns a document of each kind that can be compared.
func kinds() map[string]*bench.Document {
	breaking := document(nil)
	breaking.Break = breakAt(1000, bench.LimitServer)
	guide := document(nil)
	guide.Guide = guideWith(nil)
	return map[string]*bench.Document{"run": usual(1).document(), "break": breaking, "guide": guide}
}

func guideWith(change func(*bench.Guide)) *bench.Guide {
	times := usual(1).run().Service
	g := &bench.Guide{
		Snippets: 1000, Concurrent: 1, Wrong: bench.Counts{}, Errors: bench.Counts{},
		Phases: []bench.Phase{{Name: "create", Requests: 1000, Done: 1000, Rate: 5000, Service: times}, {Name: "delete", Requests: 1000, Done: 1000, Rate: 6000, Service: times}},
	}
	if change != nil {
		change(g)
	}
	return g
}

// breakAt returns a search that ended at a rate.
func breakAt(rate float64, limit string) *bench.Break {
	result := usual(1).run()
	return &bench.Break{
		Until: "p99<5ms", Load: bench.DefaultLoad(), Workload: bench.DefaultWorkload(), Rate: rate, Confirmed: true, Limit: limit,
		Steps: []bench.Step{{Stage: "double", Rate: rate, OK: true, Result: result}, {Stage: "bisect", Rate: max(rate*1.02, 100), Limit: limit, Result: result}},
	}
}

func TestComparingTwiceGivesTheSameResult(t *testing.T) {
	a, b := usual(1).document(), usual(2).document()
	if x, y := compared(t, a, b, compare.Options{}), compared(t, a, b, compare.Options{}); !reflect.DeepEqual(x, y) {
		t.Errorf("%v and then %v", x, y)
	}
}

func TestTheOtherWayRoundBetterIsWorse(t *testing.T) {
	if raceEnabled {
		t.Skip("nothing runs at once, and it takes half a minute")
	}
	opposite := map[compare.Verdict]compare.Verdict{compare.Better: compare.Worse, compare.Worse: compare.Better}
	rapid.Check(t, func(t *rapid.T) {
		a, b := usual(rapid.Uint64().Draw(t, "a")), usual(rapid.Uint64().Draw(t, "b"))
		a.requests, b.requests = 20, 20
		b.median *= rapid.Float64Range(0.5, 2).Draw(t, "shift")
		there := compare.Options{Tolerance: 0.1}
		x, err := compare.Documents(a.document(), b.document(), "a", "b", there)
		if err != nil {
			t.Fatal(err)
		}
		y, err := compare.Documents(b.document(), a.document(), "b", "a", there)
		if err != nil {
			t.Fatal(err)
		}
		for i, ch := range x.Changes {
			back := y.Changes[i]
			// A change of +11 % is one of -10 % the other way round, so that what lies
			// at the edge of the tolerance may be judged in another way.
			if opposite[ch.Verdict] != "" && back.Verdict == ch.Verdict || ch.Interval != nil && *ch.Change > 0.2 && ch.Verdict == compare.Worse && back.Verdict != compare.Better {
				t.Errorf("%s is %s, and the other way round %s: %+v", ch.What, ch.Verdict, back.Verdict, ch)
			}
			if ch.Change != nil && math.Abs((1+*ch.Change)*(1+*back.Change)-1) > 1e-9 && ch.Unit != compare.Share {
				t.Errorf("%s: changes %v and %v", ch.What, *ch.Change, *back.Change)
			}
		}
	})
}

func TestTheIntervalHoldsTheMeasuredChangeAndIsFinite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		one := rapid.Custom(func(t *rapid.T) generated {
			return generated{
				seed: rapid.Uint64().Draw(t, "seed"), slices: rapid.IntRange(0, 80).Draw(t, "slices"), requests: rapid.IntRange(0, 40).Draw(t, "requests"),
				median: rapid.Float64Range(0.1, 1e6).Draw(t, "median"), spread: rapid.Float64Range(0, 2).Draw(t, "spread"),
				wander: rapid.Float64Range(0, 1).Draw(t, "wander"), memory: rapid.Float64Range(0, 0.99).Draw(t, "memory"), stretch: 1, rate: 1,
			}
		})
		a, b := one.Draw(t, "a"), one.Draw(t, "b")
		c, err := compare.Documents(a.document(), b.document(), "a", "b", compare.Options{Tolerance: fivePercent})
		if err != nil {
			t.Fatal(err)
		}
		for _, ch := range c.Changes {
			if math.IsNaN(ch.A) || math.IsNaN(ch.B) || ch.Change != nil && math.IsNaN(*ch.Change) {
				t.Errorf("%s is no number: %+v", ch.What, ch)
			}
			if ch.Interval == nil {
				continue
			}
			low, high := float64(ch.Interval.Low), float64(ch.Interval.High)
			if !(low <= high) || low < -1 || math.IsInf(high, 0) {
				t.Errorf("%s changed by %v, from %v to %v", ch.What, *ch.Change, low, high)
			}
		}
		for _, l := range c.Lines() {
			if strings.Contains(l.Text, "NaN") || strings.Contains(l.Text, "Inf") || strings.Contains(l.Text, "%!") {
				t.Error(l.Text)
			}
		}
	})
}

func TestWhereNothingCanBeSaidTheReasonIs(t *testing.T) {
	few := usual(2)
	few.slices, few.requests = 7, 3000
	short := usual(3)
	short.requests = 100 // 4,000 in all
	empty := document(&bench.Result{Load: bench.DefaultLoad(), Workload: bench.DefaultWorkload(), Service: bench.NewLatency(), Response: bench.NewLatency()})
	stalled := usual(5).run()
	for i := range stalled.Slices[1:] {
		s := &stalled.Slices[i+1]
		s.Done, s.Response, s.Service = 0, bench.NewLatency(), bench.NewLatency()
	}
	for _, c := range []struct {
		b    *bench.Document
		what string
		why  string
	}{
		{few.document(), "rate", "too few slices of time to tell: 7 of at least 8"},
		{few.document(), "p99", "too few slices of time to tell: 7 of at least 8"},
		{short.document(), "p99.9", "it needs 10,000 requests, and there are 3,9"},
		{empty, "rate", "too few slices of time"},
		{document(stalled), "p50", "too many slices have no replies"},
	} {
		cmp := compared(t, usual(1).document(), c.b, compare.Options{Tolerance: fivePercent})
		ch := change(t, cmp, c.what)
		if ch.Verdict != compare.Unclear || ch.Interval != nil || !strings.Contains(ch.Why, c.why) {
			t.Errorf("%s is %s, %q; want unclear, %q", c.what, ch.Verdict, ch.Why, c.why)
		}
	}
}

func TestAChangeThatMayBeChanceIsUnclearAndNoRegression(t *testing.T) {
	a, b := usual(1), usual(2)
	for _, g := range []*generated{&a, &b} {
		g.wander, g.slices = 0.4, 12
	}
	b.median *= 1.15
	c := compared(t, a.document(), b.document(), compare.Options{Tolerance: fivePercent})
	if ch := change(t, c, "p50"); ch.Verdict != compare.Unclear || ch.Why != "measure longer" || len(c.Regressions) > 0 {
		t.Errorf("%+v; regressions %q", ch, c.Regressions)
	}
}

func TestAChangeWithinTheToleranceIsTheSame(t *testing.T) {
	a, b := usual(1), usual(2)
	b.median *= 1.1
	if ch := change(t, compared(t, a.document(), b.document(), compare.Options{Tolerance: 0.2}), "p50"); ch.Verdict != compare.Same {
		t.Errorf("%+v", ch)
	}
	if ch := change(t, compared(t, a.document(), b.document(), compare.Options{Tolerance: 0.02}), "p50"); ch.Verdict != compare.Worse {
		t.Errorf("%+v", ch)
	}
}

func TestFailuresAreRegressions(t *testing.T) {
	for name, c := range map[string]struct {
		a, b  func(*bench.Result)
		regrs string // of what is said, empty if nothing
		warns string
	}{
		"errors beyond the tolerance": {nil, func(r *bench.Result) { r.Errors[bench.Unsent] = 160 }, "errors: 0 %, now 17 % (+17 points)", ""},
		"errors within the tolerance": {nil, func(r *bench.Result) { r.Errors[bench.Timeout] = 16 }, "", ""},
		"fewer errors":                {func(r *bench.Result) { r.Errors[bench.Timeout] = 400 }, nil, "", ""},
		"one wrong reply":             {nil, func(r *bench.Result) { r.Wrong[bench.Stale] = 1 }, "wrong replies: 0 %, now 0.1 %", ""},
		"as many wrong replies":       {func(r *bench.Result) { r.Wrong[bench.Stale] = 7 }, func(r *bench.Result) { r.Wrong[bench.Torn] = 7 }, "", ""},
		"a server that goes away":     {nil, func(r *bench.Result) { r.Gone = &bench.Gone{After: 3 * time.Second} }, "the server went away after 3.00 s", ""},
		"one that went away before":   {func(r *bench.Result) { r.Gone = &bench.Gone{After: 3 * time.Second} }, nil, "", "in A the server went away"},
		"an interrupt":                {nil, func(r *bench.Result) { r.Interrupted = true }, "", "B was interrupted"},
		"a late generator": {func(r *bench.Result) {
			r.Generator.Lag = bench.NewLatency()
			r.Generator.Lag.Record(5 * time.Millisecond)
		}, nil, "", "in A the program itself was late: 1 % of the requests were sent more than 5ms"},
		"a busy generator": {nil, func(r *bench.Result) { r.Generator.Share = 0.95 }, "", "in B the program itself took 95 %"},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := small(1).run(), small(1).run()
			if c.a != nil {
				c.a(a)
			}
			if c.b != nil {
				c.b(b)
			}
			cmp := compared(t, document(a), document(b), compare.Options{Tolerance: fivePercent})
			if got := strings.Join(cmp.Regressions, "\n"); !strings.Contains(got, c.regrs) || c.regrs == "" && got != "" {
				t.Errorf("regressions %q, want %q", got, c.regrs)
			}
			if got := strings.Join(cmp.Warnings, "\n"); !strings.Contains(got, c.warns) || c.warns == "" && got != "" {
				t.Errorf("warnings %q, want %q", got, c.warns)
			}
		})
	}
}

func TestOtherSettingsAreNamedAndRefusedUnlessForced(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*bench.Document)
		want   []compare.Setting
	}{
		"loop":        {func(d *bench.Document) { d.Run.Load.Closed = true }, []compare.Setting{{"loop", "open", "closed"}}},
		"rate":        {func(d *bench.Document) { d.Run.Load.Rate = 1500.5 }, []compare.Setting{{"rate", "1000", "1500.5"}}},
		"arrivals":    {func(d *bench.Document) { d.Run.Load.Poisson = true }, []compare.Setting{{"arrivals", "even", "Poisson"}}},
		"connections": {func(d *bench.Document) { d.Run.Load.Connections = 10 }, []compare.Setting{{"connections", "50", "10"}}},
		"in flight":   {func(d *bench.Document) { d.Run.Load.InFlight = 16 }, []compare.Setting{{"in flight", "1", "16"}}},
		"each its own": {func(d *bench.Document) { d.Run.Load.ConnectionPerRequest = true },
			[]compare.Setting{{"a connection for each request", "no", "yes"}}},
		"timeout": {func(d *bench.Document) { d.Run.Load.Timeout = time.Second }, []compare.Setting{{"timeout", "5s", "1s"}}},
		"mix": {func(d *bench.Document) { d.Run.Workload.Mix = bench.Mix{"SHOW": 3, "UPDATE": 1} },
			[]compare.Setting{{"mix", "SHOW 90 %, UPDATE 10 %", "SHOW 75 %, UPDATE 25 %"}}},
		"the same mix": {func(d *bench.Document) { d.Run.Workload.Mix = bench.Mix{"SHOW": 9, "UPDATE": 1, "LIST": 0} }, nil},
		"two": {func(d *bench.Document) { d.Run.Workload.Snippets, d.Run.Workload.Zipf = 5, 1.1 },
			[]compare.Setting{{"snippets", "1000", "5"}, {"Zipf", "0", "1.1"}}},
		"length":     {func(d *bench.Document) { d.Run.Workload.MaxLength = 80 }, []compare.Setting{{"length", "40 to 40", "40 to 80"}}},
		"hit ratio":  {func(d *bench.Document) { d.Run.Workload.HitRatio = 0.5 }, []compare.Setting{{"hit ratio", "1", "0.5"}}},
		"a duration": {func(d *bench.Document) { d.Run.Load.Duration, d.Run.Load.Warmup = time.Hour, 0 }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := small(1).document(), small(2).document()
			c.change(b)
			_, err := compare.Documents(a, b, "a.json", "b.json", compare.Options{})
			var settings *compare.SettingsError
			if c.want == nil {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !errors.As(err, &settings) || !reflect.DeepEqual(settings.Settings, c.want) || !strings.Contains(err.Error(), c.want[0].Name+": "+c.want[0].A) {
				t.Fatalf("error %v, want %v", err, c.want)
			}
			forced := compared(t, a, b, compare.Options{Force: true})
			if !reflect.DeepEqual(forced.Differ, c.want) || len(forced.Changes) < 5 {
				t.Errorf("forced: %v", forced)
			}
		})
	}
}

func TestReportsOfDifferentKindsCannotBeCompared(t *testing.T) {
	peers := document(nil)
	peers.Peers = &bench.Peers{}
	for _, c := range []struct {
		a, b *bench.Document
		want string
	}{
		{kinds()["run"], kinds()["break"], "a.json is a report of sttp-bench run, and b.json one of sttp-bench break"},
		{kinds()["guide"], kinds()["run"], "a.json is a report of sttp-bench alone, and b.json one of sttp-bench run"},
		{peers, peers, "each is a comparison already"},
	} {
		if _, err := compare.Documents(c.a, c.b, "a.json", "b.json", compare.Options{Force: true}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

func TestAnotherMachineAndAnotherProgramAreToldOf(t *testing.T) {
	a, b := usual(1).document(), usual(2).document()
	b.Machine.CPU, b.Machine.CPUs, b.Version = "another", 64, "2"
	got := strings.Join(compared(t, a, b, compare.Options{}).Warnings, "\n")
	for _, want := range []string{"different machines: processor  and another", "different machines: processors 2 and 64", "different programs: 1 and 2"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
}
