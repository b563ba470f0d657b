package report_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"sttp/internal/bench"
	"sttp/internal/bench/report"
	"sttp/internal/cli"
)

var updateTexts = flag.Bool("update-texts", false, "write testdata/*.txt anew")

func text(t *testing.T, doc *bench.Document, style report.Style) string {
	t.Helper()
	var b strings.Builder
	if err := report.Text(&b, doc, style); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// flat returns the summary as one line, however it was broken.
func flat(t *testing.T, r *bench.Result) string {
	t.Helper()
	doc := document()
	doc.Run = r
	return strings.Join(strings.Fields(text(t, doc, report.Style{})), " ")
}

func TestASummaryReadsWell(t *testing.T) {
	for name, doc := range texts() {
		got := text(t, doc, report.Style{})
		file := filepath.Join("testdata", name+".txt")
		if *updateTexts {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s is\n%s\nand not\n%s", name, got, want)
		}
	}
}

func TestASummaryIsNotWiderThanItsColumns(t *testing.T) {
	for name, doc := range texts() {
		for _, line := range strings.Split(text(t, doc, report.Style{}), "\n") {
			if n := utf8.RuneCountInString(line); n > 80 {
				t.Errorf("%s: %d columns: %s", name, n, line)
			}
		}
	}
}

func TestASummaryHoldsNothingThatDisturbsATerminal(t *testing.T) {
	disturbing := func(r rune) bool { return r != '\n' && cli.Disturbing(r) }
	for name, doc := range texts() {
		plain := text(t, doc, report.Style{})
		if i := strings.IndexFunc(plain, disturbing); i >= 0 {
			t.Errorf("%s: %q is in it", name, plain[i:min(len(plain), i+20)])
		}
		colored := text(t, doc, report.Style{Color: true})
		if colored == plain {
			t.Errorf("%s: there are no colours", name)
		}
		if regexp.MustCompile("\x1b\\[[0-9;]+m").ReplaceAllString(colored, "") != plain {
			t.Errorf("%s: with colours the text is another one", name)
		}
	}
}

func TestAPercentileOfTooFewRepliesIsNoFigure(t *testing.T) {
	row := func(name string) *regexp.Regexp {
		return regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + ` +[\d,.]+ +[\d,.]+`)
	}
	for _, c := range []struct {
		n             int
		there, absent []string
		says          string
	}{
		{200, []string{"p50", "p90", "max"}, []string{"p99", "p99.9", "p99.99"}, "p99 needs 1,000 replies; there were 200."},
		{1000, []string{"p99", "max"}, []string{"p99.9"}, "p99.9 needs 10,000 replies; there were 1,000."},
		{9999, []string{"p99"}, []string{"p99.9"}, "p99.9 needs 10,000"},
		{10_000, []string{"p99.9"}, []string{"p99.99"}, "p99.99 needs 100,000"},
		{100_000, []string{"p99.99"}, nil, ""},
	} {
		doc := document()
		doc.Run = sampleRun()
		doc.Run.Response, doc.Run.Service = latency(c.n, time.Millisecond, time.Second), latency(c.n, time.Millisecond, time.Second)
		got := text(t, doc, report.Style{})
		for _, name := range c.there {
			if !row(name).MatchString(got) {
				t.Errorf("%d replies: there is no %s in\n%s", c.n, name, got)
			}
		}
		for _, name := range c.absent {
			if row(name).MatchString(got) {
				t.Errorf("%d replies: there is a %s in\n%s", c.n, name, got)
			}
		}
		if !strings.Contains(got, c.says) || c.says == "" && strings.Contains(got, "needs") {
			t.Errorf("%d replies: not said: %s\n%s", c.n, c.says, got)
		}
	}
}

func TestTheGeneratorIsBlamedWhenItWasTheLimit(t *testing.T) {
	late := func(p99 time.Duration) *bench.Latency {
		l := bench.NewLatency()
		for i := range 10_000 {
			if i < 9800 {
				l.Record(10 * time.Microsecond)
			} else {
				l.Record(p99)
			}
		}
		return l
	}
	for _, c := range []struct {
		name    string
		lag     time.Duration
		share   float64
		warning bool
	}{
		{"on time", 1900 * time.Microsecond, 0.3, false},
		{"late", 2100 * time.Microsecond, 0.3, true},
		{"busy", 10 * time.Microsecond, 0.95, true},
	} {
		r := sampleRun()
		r.Generator = bench.Generator{Lag: late(c.lag), CPU: time.Second, Share: c.share}
		// The server is not blamed for what may be the generator's.
		r.Response = latency(10_000, 2*time.Millisecond, 15*time.Millisecond)
		got := flat(t, r)
		if strings.Contains(got, "WARNING") != c.warning || strings.Contains(got, "waited for a free connection") == c.warning {
			t.Errorf("%s: %s", c.name, got)
		}
		// It is for what is far beyond that, unless the generator had no time to read.
		r.Response = latency(10_000, 100*time.Millisecond, time.Second)
		if got := flat(t, r); strings.Contains(got, "waited for a free connection") == (c.share > 0.9) {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}

func TestTheVerdictOfARunIsASentence(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*bench.Result)
		want   string
	}{
		{"right", func(*bench.Result) {}, "All 10,000 replies were right. They came at 1,000/s; p99 response time 2.58 ms."},
		{"errors", func(r *bench.Result) { r.Errors[bench.Timeout], r.Done = 3, 9997 }, "All 9,997 replies were right, but 3 requests of 10,000 had no success."},
		{"wrong", func(r *bench.Result) { r.Wrong[bench.Torn], r.Done = 1, 9999 }, "1 reply was wrong of 10,000."},
		{"gone", func(r *bench.Result) {
			r.Gone, r.Done = &bench.Gone{After: 3 * time.Second, Lost: 50, Why: bench.Reset}, 3000
		}, "The server went away after 3 s (reset); 50 requests that were on their way are lost. All 3,000 replies were right."},
		{"gone in the warm-up", func(r *bench.Result) {
			*r = bench.Result{Load: r.Load, Workload: r.Workload, Gone: &bench.Gone{After: -time.Second, Lost: 1, Why: bench.Refused}, Response: bench.NewLatency(), Service: bench.NewLatency()}
		}, "The server went away during the warm-up (refused); 1 request that was on its way is lost. There was no right reply until then."},
		{"nothing", func(r *bench.Result) {
			r.Done, r.Response, r.Service, r.Actions = 0, bench.NewLatency(), bench.NewLatency(), nil
		}, "There was no right reply."},
		{"too slow", func(r *bench.Result) { r.Done, r.Rate = 5000, 500 }, "They came at 500/s, not at the 1,000/s that were asked for;"},
	} {
		r := sampleRun()
		c.change(r)
		if got := flat(t, r); !strings.Contains(got, c.want) {
			t.Errorf("%s: got\n%s\nand not\n%s", c.name, got, c.want)
		}
	}
}

func TestTheHighestRateThatWasAskedForIsToldOnce(t *testing.T) {
	b := sampleBreak()
	b.Limit, b.Why = bench.LimitNone, "31,000/s is the highest rate that was asked for"
	doc := aDocument()
	doc.Break = b
	var text strings.Builder
	if err := report.Text(&text, doc, report.Style{}); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(text.String(), "the highest rate that was asked for"); n != 1 {
		t.Errorf("it is told %d times in\n%s", n, &text)
	}
}

func TestTheVerdictOfAComparisonIsASentence(t *testing.T) {
	for _, c := range []struct {
		name         string
		change       func(*bench.Peers)
		want, absent string
	}{
		{"right", func(p *bench.Peers) {}, "2 servers were measured, and every reply was right.", "interrupted"},
		{"interrupted", func(p *bench.Peers) { p.Interrupted = true }, "The comparison was interrupted; it holds the rounds that were complete then.", "every reply was right"},
		{"wrong and interrupted", func(p *bench.Peers) { p.Interrupted, p.Wrong = true, bench.Counts{bench.Stale: 2} }, "The comparison was interrupted", "every reply was right"},
		{"failed", func(p *bench.Peers) { p.Failed = "redis-server went away" }, "The comparison ended before its time; it holds the rounds that were complete then. redis-server went away", "every reply was right"},
		{"errors", func(p *bench.Peers) { p.Errors = bench.Counts{bench.Timeout: 7} }, "Every reply was right, but 7 requests had no success.", ""},
		{"errors by kind", func(p *bench.Peers) { p.Errors = bench.Counts{bench.Timeout: 7} }, "Errors timeout 7 no reply in time", ""},
		{"wrong", func(p *bench.Peers) { p.Wrong = bench.Counts{bench.Stale: 2} }, "2 replies were wrong: 2 stale.", "every reply was right"},
		{"a note", func(p *bench.Peers) { p.Notes = []string{"nginx is left out: it is not there"} }, "nginx is left out: it is not there", ""},
	} {
		doc := document()
		doc.Peers = samplePeers()
		c.change(doc.Peers)
		got := strings.Join(strings.Fields(text(t, doc, report.Style{})), " ")
		if !strings.Contains(got, c.want) || c.absent != "" && strings.Contains(got, c.absent) {
			t.Errorf("%s: got\n%s\nand not\n%s", c.name, got, c.want)
		}
	}
}

func TestTheNameOfTheFirstServerIsNotRepeatedIfItIsLong(t *testing.T) {
	doc := document()
	doc.Peers = samplePeers()
	p := doc.Peers
	long := "sttp:cache.enabled=false,limits.concurrency=4"
	p.Systems[0].Name, p.Tables[0].Figures[0].System, p.Tables[0].Figures[2].System = long, long, long
	if got := text(t, doc, report.Style{}); strings.Contains(got, long+" over it") || !strings.Contains(got, "the first over it") {
		t.Error(got)
	}
}

func TestWhereTheServerWentAwayNothingSaysThatItWasBusyAlone(t *testing.T) {
	page := asHTML(t, gone())
	if strings.Contains(page, "all connections were waiting") || !strings.Contains(page, "busy with others, or gone.") {
		t.Error("the page blames what the server did not do")
	}
}

func TestAClosedLoopShowsServiceTimeAndSaysWhatThatIs(t *testing.T) {
	got := flat(t, closedRun())
	if strings.Contains(got, "response") || !strings.Contains(got, "service time") || !strings.Contains(got, "do not show for how long clients would have waited") {
		t.Error(got)
	}
}

func TestADocumentWithoutAnythingIsAnError(t *testing.T) {
	var b strings.Builder
	if err := report.Text(&b, document(), report.Style{}); err == nil {
		t.Errorf("no error, but %q", b.String())
	}
}
