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

	"sttp/internal/bench"
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

// page is what page.html shows. Strings from elsewhere are made visible before
// they come here; the template escapes them for HTML.
type page struct {
	CSS    template.CSS
	Script template.JS
	Policy string // the Content-Security-Policy: nothing but the two above
	Icon   template.URL

	Command, Target    string
	Asked              string
	Began, ISO         string
	Version            string
	Verdict            string
	Class              string   // of the verdict: good, bad or open
	Says               []string // what belongs to the verdict
	Headlines          []headline
	Sections           []*pageSection
	Settings, Computer []fact
}

// headline is a figure that is to be read first.
type headline struct{ Name, Figure, Unit, Aside, Class string }

// fact is a setting, or anything else that has a name.
type fact struct{ Name, Text string }

// pageSection is a part of the page. What it lacks is left out.
type pageSection struct {
	ID, Title, Intro string
	Charts           []*chart
	Bars             []*bars
	Table            *pageTable
	ListTitle        string
	List             []string // verbatim
}

// pageTable is a table. A folded one holds the figures of the charts above it.
type pageTable struct {
	Caption string
	Folded  bool
	Columns []column
	Rows    []pageRow
}

type column struct {
	Name string
	Text bool // not figures
}

type pageRow struct {
	Class string
	Cells []pageCell
}

type pageCell struct{ Text, Class, Aside string }

// HTML writes doc as one page that needs nothing else: no network, and a script
// only for telling what is pointed at in a chart.
func HTML(w io.Writer, doc *bench.Document) error {
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, newPage(doc)); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

func newPage(doc *bench.Document) *page {
	p := &page{
		CSS: template.CSS(pageCSS), Script: template.JS(pageJS),
		Policy:  fmt.Sprintf("default-src 'none'; img-src data:; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'", digest(pageCSS), digest(pageJS)),
		Command: doc.Tool, Target: shown(doc.Target), Version: shown(doc.Version), Computer: computer(doc.Machine),
		Began: doc.Started.UTC().Format("2 January 2006, 15:04 MST"), ISO: doc.Started.UTC().Format(time.RFC3339),
	}
	switch {
	case doc.Run != nil:
		p.showRun(doc.Run)
	case doc.Break != nil:
		p.showBreak(doc.Break)
	case doc.Guide != nil:
		p.showGuide(doc.Guide)
	case doc.Peers != nil:
		p.showPeers(doc.Peers)
	default:
		p.Verdict, p.Class = "Nothing was measured.", "open"
	}
	p.Icon = icon(p.Class)
	return p
}

// add adds a section if there is anything in it.
func (p *page) add(s *pageSection) {
	if s != nil && (len(s.Charts) > 0 || len(s.Bars) > 0 || s.Table != nil || len(s.List) > 0) {
		p.Sections = append(p.Sections, s)
	}
}

// digest returns what a Content-Security-Policy calls a text that it allows.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// icon returns a picture for the tab of a browser: a curve in the colour of the
// verdict.
func icon(class string) template.URL {
	color := map[string]string{"good": "1a7f4b", "bad": "c22f2a", "open": "8f5b00"}[class]
	return template.URL("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M1 13C9 13 12 11 15 2' fill='none' stroke='%23" + color + "' stroke-width='3' stroke-linecap='round'/%3E%3C/svg%3E")
}

// newTable returns a table with these columns; a name that begins with a space
// is one of text.
func newTable(caption string, names ...string) *pageTable {
	t := &pageTable{Caption: caption}
	for _, name := range names {
		text := name[0] == ' '
		if text {
			name = name[1:]
		}
		t.Columns = append(t.Columns, column{name, text})
	}
	return t
}

// row adds a row.
func (t *pageTable) row(class string, texts ...string) *pageRow {
	r := pageRow{Class: class}
	for _, text := range texts {
		r.Cells = append(r.Cells, pageCell{Text: text})
	}
	t.Rows = append(t.Rows, r)
	return &t.Rows[len(t.Rows)-1]
}

// computer tells what is known of the machine.
func computer(m bench.Machine) []fact {
	var facts []fact
	for _, f := range []fact{
		{"Processor", m.CPU}, {"Processors", grouped(int64(m.CPUs))}, {"System", m.OS + "/" + m.Arch},
		{"Kernel", m.Kernel}, {"Go", m.Go},
	} {
		if f.Text != "" {
			facts = append(facts, fact{f.Name, shown(f.Text)})
		}
	}
	return facts
}
