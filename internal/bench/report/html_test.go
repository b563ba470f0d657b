package report_test

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"sttp/internal/bench"
	"sttp/internal/bench/report"
	"sttp/internal/cli"
)

var updatePages = flag.Bool("update-pages", false, "write testdata/*.outline anew")

func asHTML(t *testing.T, doc *bench.Document) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.HTML(&b, doc); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var (
	blocks = regexp.MustCompile(`(?s)<(h[1-3])[^>]*>(.*?)</h|<(dt)>(.*?)</dt>|<svg class="(plot)" id="([^"]*)"|<path class="(line [a-z]+)" data-points="(\d+)"|<g class="(stop|bar|lane)[ "]|<caption[^>]*>(.*?)</(caption)>|<t(h|d)[ >]|<(tr)[ >]`)
	tags   = regexp.MustCompile(`<[^>]*>`)
)

// outline returns what a page is made of: headings, charts with their lines, and
// tables with their sizes.
func outline(html string) string {
	var b strings.Builder
	counts := map[string]int{}
	flush := func() {
		for _, what := range []string{"stop", "lane", "bar", "tr", "cell"} {
			if counts[what] > 0 {
				fmt.Fprintf(&b, "    %d %s\n", counts[what], what)
			}
		}
		clear(counts)
	}
	for _, m := range blocks.FindAllStringSubmatch(html, -1) {
		switch {
		case m[1] != "":
			flush()
			fmt.Fprintf(&b, "%s %s\n", m[1], tags.ReplaceAllString(m[2], ""))
		case m[3] != "":
			flush()
			fmt.Fprintf(&b, "  %s\n", m[4])
		case m[5] != "":
			flush()
			fmt.Fprintf(&b, "  chart %s\n", m[6])
		case m[7] != "":
			fmt.Fprintf(&b, "    %s of %s points\n", m[7], m[8])
		case m[11] != "":
			flush()
			fmt.Fprintf(&b, "  table %s\n", m[10])
		default:
			counts[m[9]]++
			counts[m[13]]++
			if m[12] != "" {
				counts["cell"]++
			}
		}
	}
	flush()
	return b.String()
}

func TestAPageIsMadeOfItsParts(t *testing.T) {
	for name, doc := range pages() {
		html := asHTML(t, doc)
		if dir := os.Getenv("REPORT_PAGES"); dir != "" { // to look at them
			if err := os.WriteFile(filepath.Join(dir, name+".html"), []byte(html), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		file, got := filepath.Join("testdata", name+".outline"), outline(html)
		if *updatePages {
			if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s is another one (see with -update-pages what changes):\n%s", file, got)
		}
	}
}

// evil is what a server, a file or an environment may hold.
const evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\" onload=\"alert(2)\u202e\x00\xff'{{.}}"

func TestAPageRunsNothingFromElsewhere(t *testing.T) {
	run := faulty()
	run.Target, run.Version = evil, evil
	run.Machine = bench.Machine{OS: evil, Arch: evil, Kernel: evil, CPU: evil, Go: evil}
	run.Run.Examples = []string{evil}
	run.Run.Wrong, run.Run.Errors, run.Run.Dials = bench.Counts{evil: 1}, bench.Counts{evil: 2}, bench.Counts{evil: 3}
	run.Run.Gone = &bench.Gone{Why: evil}
	broken := breaking()
	broken.Break.Until, broken.Break.Limit, broken.Break.Why = evil, evil, evil
	for i := range broken.Break.Steps {
		s := &broken.Break.Steps[i]
		s.Stage, s.Limit, s.Why = evil, evil, evil
	}
	guide := guided()
	guide.Guide.Phases[0].Name, guide.Guide.Left, guide.Guide.Notes = evil, []string{evil}, []string{evil}
	peers := compared()
	peers.Peers.Notes, peers.Peers.Failed, peers.Peers.Systems[3].Missing = []string{evil}, evil, evil
	for i := range peers.Peers.Systems {
		s := &peers.Peers.Systems[i]
		s.Name, s.Version, s.Command = evil, evil, evil
	}
	for i := range peers.Peers.Tables {
		table := &peers.Peers.Tables[i]
		table.Name = evil
		for j := range table.Figures {
			f := &table.Figures[j]
			f.System, f.What, f.Unit, f.Better = evil, evil, evil, evil
		}
	}
	for name, doc := range map[string]*bench.Document{"run": run, "break": broken, "guide": guide, "peers": peers} {
		html := asHTML(t, doc)
		if !strings.Contains(html, "&lt;script&gt;alert(1)") {
			t.Errorf("%s: the text is not shown", name)
		}
		if strings.Contains(html, "<img") || strings.Count(html, "<script>") != 1 || strings.Contains(html, "script>alert") || strings.Contains(html, ` onload="`) {
			t.Errorf("%s: a text became part of the page", name)
		}
		if strings.ContainsFunc(strings.ReplaceAll(html, "\n", ""), cli.Disturbing) {
			t.Errorf("%s: the page holds control or format characters", name)
		}
		if strings.Contains(html, "ZgotmplZ") {
			t.Errorf("%s: the template refused a value", name)
		}
	}
}

func TestAPageNeedsNothingElse(t *testing.T) {
	for name, doc := range pages() {
		html := asHTML(t, doc)
		for _, m := range regexp.MustCompile(`<[a-z]+ [^>]*?(?:src|href)="([^"]*)"|url\(([^)]*)\)|@import`).FindAllStringSubmatch(html, -1) {
			if m[1] == "" || !strings.HasPrefix(m[1], "#") && !strings.HasPrefix(m[1], "data:") {
				t.Errorf("%s refers to %q", name, m[0])
			}
		}
		if !strings.Contains(html, `content="default-src &#39;none&#39;;`) {
			t.Errorf("%s lets more than nothing in", name)
		}
	}
}

// odd are documents in which something is missing, or no figure at all.
func odd() map[string]*bench.Document {
	all := map[string]*bench.Document{"nothing": {}, "no result": runDocument(&bench.Result{})}
	change := func(name string, change func(*bench.Result)) {
		r := madeUp{rate: 200, seconds: 2, slice: 250 * time.Millisecond, median: time.Millisecond, seed: 9}.result()
		change(r)
		all[name] = runDocument(r)
	}
	change("no slices", func(r *bench.Result) { r.Slices = nil })
	change("one slice", func(r *bench.Result) { r.Slices = r.Slices[:1] })
	change("a slice without length", func(r *bench.Result) { r.Slices[0].Length = 0 })
	change("slices without values", func(r *bench.Result) {
		for i := range r.Slices {
			r.Slices[i].Response, r.Slices[i].Service = nil, nil
		}
	})
	change("every other slice without values", func(r *bench.Result) {
		for i := 0; i < len(r.Slices); i += 2 {
			r.Slices[i].Response.Reset()
		}
	})
	change("nothing but errors", func(r *bench.Result) {
		*r = bench.Result{Load: r.Load, Due: 400, Sent: 400, Errors: bench.Counts{bench.Refused: 400}, Service: bench.NewLatency(), Response: bench.NewLatency(),
			Slices: []bench.Slice{{Length: time.Second, Errors: 400, Response: bench.NewLatency(), Service: bench.NewLatency()}}, Generator: bench.Generator{Lag: bench.NewLatency()}}
	})
	change("one reply in no time", func(r *bench.Result) {
		l := bench.NewLatency()
		l.Record(0)
		r.Response, r.Service, r.Slices = l, l, []bench.Slice{{Length: time.Second, Done: 1, Response: l, Service: l}}
	})
	change("ten minutes", func(r *bench.Result) { r.Response.Record(time.Hour) })
	change("gone in the warm-up", func(r *bench.Result) { r.Gone, r.Slices = &bench.Gone{After: -time.Second, Lost: 1}, nil })
	change("interrupted", func(r *bench.Result) { r.Interrupted = true })
	change("not a number", func(r *bench.Result) { r.Rate, r.Generator.Share, r.Load.Rate = math.NaN(), math.Inf(1), math.Inf(1) })
	change("actions that are not there", func(r *bench.Result) { r.Actions = map[string]*bench.Action{"SHOW": nil, "UPDATE": {}} })
	for name, b := range map[string]*bench.Break{
		"no steps": {}, "a step without a result": {Steps: []bench.Step{{Rate: 1}}, Rate: 1},
		"a step without values": {Until: "p99<5ms", Steps: []bench.Step{{Rate: 10, Result: &bench.Result{}}}, Gone: &bench.Gone{}},
		"a rate of none":        {Until: "p99<,max<0ms,errors<x%,p0<1s,p999<1s", Steps: []bench.Step{{Rate: 0, OK: true, Result: all["one slice"].Run}, {Rate: math.NaN(), Result: all["one slice"].Run}}, Rate: math.Inf(1), Limit: "server"},
		"one step":              {Until: "mean<1s", Steps: []bench.Step{{Rate: 200, OK: true, Result: all["one slice"].Run}}, Rate: 200, Interrupted: true},
	} {
		doc := aDocument()
		doc.Break = b
		all[name] = doc
	}
	for name, g := range map[string]*bench.Guide{
		"a guide without phases": {}, "a phase without values": {Phases: []bench.Phase{{Rate: math.NaN()}}, Interrupted: true, Errors: bench.Counts{"refused": 1}},
		"many phases": {Phases: make([]bench.Phase, 9), Gone: &bench.Gone{After: time.Hour}},
	} {
		doc := aDocument()
		doc.Guide = g
		all[name] = doc
	}
	for name, p := range map[string]*bench.Peers{
		"no peers":    {},
		"zero peers":  {Systems: []bench.System{{Name: "a"}}, Tables: []bench.Table{{Figures: []bench.Figure{{System: "a"}, {System: "b", Rounds: []float64{0, 0}}}}}},
		"wrong peers": {Tables: []bench.Table{{Figures: []bench.Figure{{System: "a", Median: math.NaN(), Rounds: []float64{math.Inf(1), -1, 2}, Ratio: &bench.Range{Median: math.NaN()}}}}}},
	} {
		doc := aDocument()
		doc.Peers = p
		all[name] = doc
	}
	return all
}

func TestAPageOfOddFiguresHoldsNoImpossibleNumbers(t *testing.T) {
	figure := regexp.MustCompile(`NaN|[+-]Inf|ZgotmplZ|%!|&lt;nil&gt;`)
	lengths := regexp.MustCompile(` (?:x|y|x1|x2|y1|y2|width|height)="(-?[0-9.]+)%?"`)
	for name, doc := range odd() {
		html := asHTML(t, doc)
		if m := figure.FindString(html); m != "" {
			t.Errorf("%s: the page holds %s", name, m)
		}
		for _, m := range lengths.FindAllStringSubmatch(html, -1) {
			if v, err := strconv.ParseFloat(m[1], 64); err != nil || v < -8 || v > 1000 {
				t.Errorf("%s: the page holds%s", name, m[0])
			}
		}
		if !strings.Contains(html, `<h2 id="verdict">`) || strings.Contains(html, `<h2 id="verdict"></h2>`) {
			t.Errorf("%s: there is no verdict", name)
		}
	}
}

func TestALongRunIsDrawnWithABoundedNumberOfPoints(t *testing.T) {
	r := madeUp{rate: 640, seconds: 1, slice: time.Second / 320, median: time.Millisecond, tail: 0.2, seed: 7}.result()
	html := asHTML(t, runDocument(r))
	for _, m := range regexp.MustCompile(`data-points="(\d+)"`).FindAllStringSubmatch(html, -1) {
		if n, _ := strconv.Atoi(m[1]); n > 300 {
			t.Errorf("a line has %d points", n)
		}
	}
	if !strings.Contains(html, "a slice of 6.25") {
		t.Error("it is not said how long the slices are that were taken together")
	}
}

func TestTheVerdictNamesTheWorst(t *testing.T) {
	late := healthy()
	for range 1000 {
		late.Run.Generator.Lag.Record(9 * time.Millisecond)
	}
	asleep := closedLoop()
	asleep.Run.Generator.Wake = bench.NewLatency()
	for range 1000 {
		asleep.Run.Generator.Wake.Record(9 * time.Millisecond)
	}
	interrupted := healthy()
	interrupted.Run.Interrupted = true
	unconfirmed := breaking()
	unconfirmed.Break.Confirmed = false
	blamed := breaking()
	blamed.Break.Limit = bench.LimitGenerator
	for _, c := range []struct {
		doc         *bench.Document
		class, want string
	}{
		{healthy(), "good", "Every request was answered, and every reply was right."},
		{faulty(), "bad", "18 replies were wrong: 9 stale, 9 torn."},
		{gone(), "bad", "The server went away after 5.12\u00a0s (refused); 31 requests that were on their way are lost."},
		{late, "open", "the generator was the limit"},
		{asleep, "open", "the generator was the limit"},
		{interrupted, "open", "until the run was interrupted"},
		{breaking(), "good", "The server bears 12,300/s; beyond that it is the limit."},
		{unconfirmed, "open", "not confirmed"},
		{blamed, "open", "beyond that the generator is the limit"},
		{guided(), "good", "All 3,100 requests were answered right in 2.87\u00a0s."},
		{compared(), "open", "3 servers were measured, and every reply was right."},
	} {
		html := asHTML(t, c.doc)
		m := regexp.MustCompile(`(?s)<section class="verdict ([a-z]+)".*?<h2 id="verdict">(.*?)</h2>`).FindStringSubmatch(html)
		if m == nil || m[1] != c.class || !strings.Contains(m[2], c.want) {
			t.Errorf("the verdict is %q, want %s: %s", m[1:], c.class, c.want)
		}
	}
}
