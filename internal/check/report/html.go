package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"time"

	"sttp/internal/check"
)

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string
	//go:embed page.js
	pageJS string

	pageTemplate = template.Must(template.New("page").Parse(pageHTML))
)

// pageRoom is how much of a case a page shows: more than a terminal, as it
// breaks lines by itself.
var pageRoom = room{exchange: 400, lines: 60, diff: 240}

// page is what page.html shows. Strings from a server are escaped before they
// come here, so that all of their bytes can be seen; the template escapes them
// once more for HTML.
type page struct {
	CSS     template.CSS
	Script  template.JS
	Policy  string // the Content-Security-Policy: nothing but the two above
	Icon    template.URL
	Target  string
	Asked   string
	Facts   []string
	Began   string
	ISO     string
	Elapsed string
	Seed    uint64

	Verdict string
	Class   string // good, bad or open
	Next    *entry

	Total      int
	Counts     []outcomeCount
	Guide      []scoreRow
	Beyond     []scoreRow
	Stories    []storyCases
	Since      string // which baseline
	Changes    []changeRow
	NotRun     string
	LeftOut    []string
	LeftBehind []string
	Behind     string // how many more were left behind
	Flaky      []string
}

// outcomeCount is a piece of the bar of outcomes, and a button of the filter.
type outcomeCount struct {
	Class, Label, Words string
	Cases               int
	X, Width            string // in percent of the bar
}

type scoreRow struct {
	check.Score
	Percent string
	Linked  bool
}

// storyCases are the cases of a story.
type storyCases struct {
	Story check.Story
	Cases []*entry
}

type changeRow struct {
	ID, Kind, Class, Was, Now string
}

// HTML writes the report as one page that needs nothing else: no network, and
// no script but for filtering and copying.
func HTML(w io.Writer, r *check.Report) error {
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, newPage(r)); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

func newPage(r *check.Report) *page {
	p := &page{
		CSS: template.CSS(pageCSS), Script: template.JS(pageJS),
		Policy: fmt.Sprintf("default-src 'none'; img-src data:; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'", digest(pageCSS), digest(pageJS)),
		Target: sentence(r.Target), Asked: asked(r), Facts: about(r),
		Began: r.Began.UTC().Format("2 January 2006, 15:04 MST"), ISO: r.Began.UTC().Format(time.RFC3339),
		Elapsed: seconds(r.Elapsed), Seed: r.Options.Seed,
		Verdict: verdict(r), Total: len(r.Results), Counts: countRows(r),
	}
	p.Class = map[check.Verdict]string{check.AllHold: "good", check.SomeFail: "bad", check.Unknown: "open"}[r.Verdict()]
	p.Icon = icon(p.Class)
	if next := nextOf(r); next != nil {
		p.Next = newEntry(next, r.Profile, pageRoom)
	}
	p.addStories(r)
	p.addScores(r)
	p.addBaseline(r.Baseline)
	p.addRest(r)
	return p
}

// digest returns what a Content-Security-Policy calls a text that it allows.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// icon returns a picture for the tab of a browser: a disc in the colour of the
// verdict.
func icon(class string) template.URL {
	color := map[string]string{"good": "1a7f4b", "bad": "c22f2a", "open": "8f5b00"}[class]
	return template.URL("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='7' fill='%23" + color + "'/%3E%3C/svg%3E")
}

func countRows(r *check.Report) []outcomeCount {
	counts := tally(r)
	var rows []outcomeCount
	at := 0
	for _, o := range outcomes {
		n := counts[o]
		if n == 0 {
			continue
		}
		e := entry{Result: &check.Result{Outcome: o}}
		rows = append(rows, outcomeCount{
			Class: e.Class(), Label: e.Label(), Words: counted[o], Cases: n,
			X: percent(at, len(r.Results)), Width: percent(n, len(r.Results)),
		})
		at += n
	}
	return rows
}

func percent(n, of int) string { return fmt.Sprintf("%.2f%%", 100*float64(n)/float64(max(of, 1))) }

func (p *page) addStories(r *check.Report) {
	byStory := map[string][]*entry{}
	for _, e := range entries(r, pageRoom, true) {
		byStory[e.Case.Story] = append(byStory[e.Case.Story], e)
	}
	for _, story := range check.Stories() {
		if cases := byStory[story.Name]; len(cases) > 0 {
			p.Stories = append(p.Stories, storyCases{story, cases})
		}
	}
}

func (p *page) addScores(r *check.Report) {
	linked := map[string]bool{}
	for _, s := range p.Stories {
		linked[s.Story.Name] = true
	}
	for _, s := range r.Scores() {
		row := scoreRow{Score: s, Percent: percent(s.MustHeld, s.Must), Linked: linked[s.Story.Name]}
		if s.Story.Guide {
			p.Guide = append(p.Guide, row)
		} else {
			p.Beyond = append(p.Beyond, row)
		}
	}
}

func (p *page) addBaseline(b *check.Comparison) {
	if b == nil {
		return
	}
	p.Since = sentence(b.Target) + ", " + b.Began.UTC().Format("2 January 2006, 15:04 MST")
	for _, kind := range changeKinds(b) {
		for _, c := range kind.Changes {
			p.Changes = append(p.Changes, changeRow{c.Result.Case.ID, kind.Title, kind.Class, was(c), c.Result.Outcome.String()})
		}
	}
	if b.NotRun > 0 {
		p.NotRun = plural(b.NotRun, "case", "cases") + " of the baseline did not run this time."
	}
}

func (p *page) addRest(r *check.Report) {
	for _, l := range r.LeftOut {
		p.LeftOut = append(p.LeftOut, leftOut(l))
	}
	shown := min(len(r.LeftBehind), pathsShown)
	for _, path := range r.LeftBehind[:shown] {
		p.LeftBehind = append(p.LeftBehind, cutColumns(visible(cutStart(path)), pageRoom.diff))
	}
	if more := len(r.LeftBehind) - shown; more > 0 {
		p.Behind = "and " + plural(more, "other", "others")
	}
	for i := range r.Results {
		if s := flaky(&r.Results[i]); s != "" {
			p.Flaky = append(p.Flaky, r.Results[i].Case.ID+" "+s)
		}
	}
}

// Open tells whether a page shows the case unfolded.
func (e *entry) Open() bool { return e.NeedsAttention() && !e.Shared() }

// Name returns what is to be read first of a case.
func (e *entry) Name() string {
	if e.Shared() {
		return plural(len(e.Others), "case", "cases")
	}
	return e.Case.ID
}

// Took returns how long the case took, if that is worth telling.
func (e *entry) Took() string {
	if e.Elapsed < time.Millisecond {
		return ""
	}
	return seconds(e.Elapsed)
}

// AlsoRight returns what else would have been right, as a sentence.
func (e *entry) AlsoRight() string { return full(e.Also) }
