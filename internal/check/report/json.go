package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"sttp/internal/check"
	"sttp/internal/cli"
)

// What a reader can tell the document by.
const (
	format  = "sttp-check report"
	version = 1
)

// What JSON keeps of texts that a server decides.
const (
	maxBytes = 8 << 10 // of what was expected and what came
	maxPaths = 100     // of what was left behind
)

// The types below are the document; schema.json describes it. Of them all,
// exact holds bytes from the network; every other string is text.
type (
	document struct {
		Format     string          `json:"format"`
		Version    int             `json:"version"`
		Target     string          `json:"target"`
		Profile    string          `json:"profile"`
		Until      string          `json:"until"`
		Only       []string        `json:"only"`
		Seed       uint64          `json:"seed"`
		Repeat     int             `json:"repeat"`
		Began      time.Time       `json:"began"`
		Elapsed    float64         `json:"elapsed_seconds"`
		Facts      *check.Facts    `json:"facts"`
		Verdict    verdictView     `json:"verdict"`
		Next       *string         `json:"next"`
		Counts     map[string]int  `json:"counts"`
		Scores     []scoreView     `json:"scores"`
		Results    []resultView    `json:"results"`
		LeftOut    []check.LeftOut `json:"left_out"`
		LeftBehind []exact         `json:"left_behind"`
		Baseline   *baselineView   `json:"baseline"`
	}
	verdictView struct {
		Name     string `json:"name"`
		ExitCode int    `json:"exit_code"`
		Says     string `json:"says"`
	}
	scoreView struct {
		Story       string  `json:"story"`
		Title       string  `json:"title"`
		Guide       bool    `json:"guide"`
		Must        int     `json:"must"`
		MustHeld    int     `json:"must_held"`
		Others      int     `json:"others"`
		OthersHeld  int     `json:"others_held"`
		NotDecided  int     `json:"not_decided"`
		FirstFailed *string `json:"first_failed"`
	}
	resultView struct {
		ID         string       `json:"id"`
		Title      string       `json:"title"`
		Statements []string     `json:"statements"`
		Story      string       `json:"story"`
		Level      string       `json:"level"`
		Outcome    string       `json:"outcome"`
		Says       string       `json:"says"`
		Problem    *problemView `json:"problem"`
		Hint       string       `json:"hint"`
		Try        string       `json:"try"`
		Exchange   []eventView  `json:"exchange"`
		Elapsed    float64      `json:"elapsed_seconds"`
		Runs       int          `json:"runs"`
		Held       int          `json:"held"`
	}
	problemView struct {
		Symptom  string   `json:"symptom"`
		Says     string   `json:"says"`
		Expected excerpt  `json:"expected"`
		Got      excerpt  `json:"got"`
		At       int      `json:"at"`
		Also     []string `json:"also"`
	}
	excerpt struct {
		Text  exact `json:"text"`
		From  int   `json:"from"`
		Bytes int   `json:"bytes"`
	}
	eventView struct {
		Kind string  `json:"kind"`
		Conn int     `json:"conn"`
		Text exact   `json:"text"`
		At   float64 `json:"at_seconds"`
	}
	baselineView struct {
		Target   string       `json:"target"`
		Began    time.Time    `json:"began"`
		Worse    []changeView `json:"worse"`
		Unclear  []changeView `json:"unclear"`
		Warnings []changeView `json:"warnings"`
		Better   []changeView `json:"better"`
		Same     []changeView `json:"same"`
		NotRun   int          `json:"not_run"`
	}
	changeView struct {
		ID  string  `json:"id"`
		Was *string `json:"was"`
		Now string  `json:"now"`
	}
	// exact is bytes: what is not UTF-8 stands there as \xNN, a backslash as two.
	exact string
)

// MarshalText escapes what would otherwise be lost.
func (e exact) MarshalText() ([]byte, error) { return []byte(escapeText(string(e))), nil }

// JSON writes the report as one JSON document; Schema describes it. Besides the
// line ends and spaces of its layout it holds nothing that disturbs a terminal.
func JSON(w io.Writer, r *check.Report) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(newDocument(r)); err != nil {
		return err
	}
	_, err := w.Write(calm(b.Bytes()))
	return err
}

// calm replaces what disturbs a terminal in a JSON document by the escapes that
// JSON has for it. Outside of strings nothing but line ends can be replaced, and
// these stay.
func calm(doc []byte) []byte {
	var b bytes.Buffer
	for len(doc) > 0 {
		r, n := utf8.DecodeRune(doc)
		switch {
		case r == '\n' || !cli.Disturbing(r):
			b.Write(doc[:n])
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		}
		doc = doc[n:]
	}
	return b.Bytes()
}

var verdictNames = map[check.Verdict]string{check.AllHold: "all hold", check.SomeFail: "some fail", check.Unknown: "undecided"}

func newDocument(r *check.Report) *document {
	v := r.Verdict()
	d := &document{
		Format: format, Version: version,
		Target: plain(r.Target), Profile: r.Profile.String(), Until: r.Options.Until, Only: plains(r.Options.Only),
		Seed: r.Options.Seed, Repeat: max(r.Options.Repeat, 1),
		Began: r.Began.UTC().Truncate(time.Millisecond), Elapsed: inSeconds(r.Elapsed),
		Verdict: verdictView{verdictNames[v], int(v), verdict(r)}, Next: idOf(nextOf(r)),
		Counts: map[string]int{}, Scores: []scoreView{}, Results: []resultView{},
		LeftOut: append([]check.LeftOut{}, r.LeftOut...), LeftBehind: []exact{}, Baseline: newBaselineView(r.Baseline),
	}
	if r.Options.Client == "" {
		d.Facts = &r.Facts
	}
	for o, n := range tally(r) {
		d.Counts[o.String()] = n
	}
	for _, o := range outcomes {
		d.Counts[o.String()] += 0
	}
	for _, s := range r.Scores() {
		d.Scores = append(d.Scores, scoreView{
			s.Story.Name, s.Story.Title, s.Story.Guide, s.Must, s.MustHeld, s.Others, s.OthersHeld, s.NotDecided, idOf(s.FirstFailed),
		})
	}
	for i := range r.Results {
		d.Results = append(d.Results, newResultView(&r.Results[i]))
	}
	for _, path := range r.LeftBehind[:min(len(r.LeftBehind), maxPaths)] {
		d.LeftBehind = append(d.LeftBehind, exact(cutAround(path, 0).Text))
	}
	return d
}

func newResultView(r *check.Result) resultView {
	v := resultView{
		ID: r.Case.ID, Title: plain(r.Case.Title), Statements: append([]string{}, r.Case.Statements...), Story: r.Case.Story,
		Level: r.Level.String(), Outcome: r.Outcome.String(), Says: plain(r.Says), Hint: plain(r.Hint), Try: plain(r.Netcat),
		Exchange: []eventView{}, Elapsed: inSeconds(r.Elapsed), Runs: r.Runs, Held: r.Held,
	}
	for _, e := range r.Exchange {
		v.Exchange = append(v.Exchange, eventView{e.Kind, e.Conn, exact(e.Text), inSeconds(e.At)})
	}
	if p := r.Problem; p != nil {
		at := differsAt(p)
		v.Problem = &problemView{
			Symptom: string(p.Symptom), Says: plain(p.Says), Expected: cutAround(p.Expected, at), Got: cutAround(p.Got, at),
			At: at, Also: plains(p.Also),
		}
	}
	return v
}

func newBaselineView(b *check.Comparison) *baselineView {
	if b == nil {
		return nil
	}
	return &baselineView{
		Target: plain(b.Target), Began: b.Began, NotRun: b.NotRun,
		Worse: newChangeViews(b.Worse), Unclear: newChangeViews(b.Unclear), Warnings: newChangeViews(b.Warnings),
		Better: newChangeViews(b.Better), Same: newChangeViews(b.Same),
	}
}

func newChangeViews(changes []check.Change) []changeView {
	views := []changeView{}
	for _, c := range changes {
		v := changeView{ID: c.Result.Case.ID, Now: c.Result.Outcome.String()}
		if c.Known {
			v.Was = new(c.Was.String())
		}
		views = append(views, v)
	}
	return views
}

// cutAround returns s, or what of it lies around an index if it is long.
func cutAround(s string, at int) excerpt {
	from := max(0, min(at, len(s))-maxBytes/2)
	to := min(len(s), from+maxBytes)
	return excerpt{exact(s[from:to]), from, len(s)}
}

// plain returns s as text: what is not UTF-8 is escaped, all else stays.
func plain(s string) string {
	if len(s) > maxBytes {
		s = s[:maxBytes] + "…"
	}
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			b.WriteString(escapeByte(s[i]))
		} else {
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

func plains(all []string) []string {
	out := []string{}
	for _, s := range all {
		out = append(out, plain(s))
	}
	return out
}

func inSeconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1e6 }

func idOf(r *check.Result) *string {
	if r == nil {
		return nil
	}
	return &r.Case.ID
}
