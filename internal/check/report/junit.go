package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"sttp/internal/check"
)

// The types below are the JUnit XML that CI systems read, in the order of
// elements that the schema of Jenkins has.
type (
	junitSuites struct {
		XMLName xml.Name `xml:"testsuites"`
		Name    string   `xml:"name,attr"`
		junitCounts
		Time   string       `xml:"time,attr"`
		Suites []junitSuite `xml:"testsuite"`
	}
	junitCounts struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
	}
	junitSuite struct {
		Name string `xml:"name,attr"`
		junitCounts
		Skipped    int             `xml:"skipped,attr"`
		Time       string          `xml:"time,attr"`
		Timestamp  string          `xml:"timestamp,attr"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		Time    string        `xml:"time,attr"`
		Skipped *junitSkipped `xml:"skipped"`
		Error   *junitFailure `xml:"error"`
		Failure *junitFailure `xml:"failure"`
		Out     *junitText    `xml:"system-out"`
	}
	junitSkipped struct {
		Message string `xml:"message,attr"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",cdata"`
	}
	junitText struct {
		Text string `xml:",cdata"`
	}
)

// junitWidth is the width of texts in JUnit XML, which pages show.
const junitWidth = 100

// JUnit writes the report as JUnit XML: a suite for each story. A MUST that
// does not hold is a failure; one that could not be tested is an error, and so is
// a mistake of the checker. What is only a warning or undecided is skipped, with
// the reason, and so is what fails as in the baseline.
func JUnit(w io.Writer, r *check.Report) error {
	doc, err := xml.MarshalIndent(newSuites(r), "", "  ")
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, xml.Header+string(doc)+"\n")
	return err
}

func newSuites(r *check.Report) junitSuites {
	all := junitSuites{Name: inXML("sttp-check " + sentence(r.Target)), Time: junitTime(r.Elapsed)}
	for _, story := range check.Stories() {
		s := newSuite(r, story)
		if s.Tests == 0 {
			continue
		}
		all.Suites = append(all.Suites, s)
		all.Tests += s.Tests
		all.Failures += s.Failures
		all.Errors += s.Errors
	}
	return all
}

func newSuite(r *check.Report, story check.Story) junitSuite {
	s := junitSuite{Name: story.Name + ": " + story.Title, Timestamp: r.Began.UTC().Format("2006-01-02T15:04:05")}
	s.Properties = []junitProperty{
		{"target", inXML(sentence(r.Target))}, {"profile", r.Profile.String()}, {"seed", fmt.Sprint(r.Options.Seed)},
	}
	changes := changesOf(r.Baseline)
	known := map[*check.Result]bool{}
	if r.Baseline != nil {
		for _, c := range r.Baseline.Same {
			known[c.Result] = true
		}
	}
	var elapsed time.Duration
	for i := range r.Results {
		result := &r.Results[i]
		if result.Case.Story != story.Name {
			continue
		}
		c := newJUnitCase(result, r.Profile, changes[result], known[result])
		s.Cases = append(s.Cases, c)
		elapsed += result.Elapsed
		s.Tests++
		s.Failures += btoi(c.Failure != nil)
		s.Errors += btoi(c.Error != nil)
		s.Skipped += btoi(c.Skipped != nil)
	}
	s.Time = junitTime(elapsed)
	return s
}

// newJUnitCase returns a result as a test case. One that is known to fail from
// the baseline is skipped.
func newJUnitCase(r *check.Result, profile check.Profile, change string, known bool) junitCase {
	c := junitCase{Class: "sttp." + r.Case.Story, Name: r.Case.ID + " " + inXML(sentence(r.Case.Title)), Time: junitTime(r.Elapsed)}
	text := junitBlock(r, profile, change)
	if text != "" {
		c.Out = &junitText{text}
	}
	reason := inXML(full(r.Says))
	failure := &junitFailure{Message: reason, Type: r.Outcome.String(), Text: text}
	switch {
	case r.Outcome == check.Pass || r.Outcome == check.Chose:
	case known:
		c.Skipped = &junitSkipped{"Fails as in the baseline: " + reason}
	case r.Outcome == check.Fail:
		c.Failure = failure
	case r.Outcome == check.CheckerError || r.Outcome == check.Untested && r.Level == check.Must:
		c.Error = failure
	default:
		c.Skipped = &junitSkipped{labels[r.Outcome] + " (" + r.Level.String() + "): " + reason}
	}
	if c.Failure != nil || c.Error != nil {
		c.Out = nil
	}
	return c
}

// junitBlock returns what the text report says of a case. It is escaped there
// already, so it holds nothing that XML could not.
func junitBlock(r *check.Result, profile check.Profile, change string) string {
	p := newPrinter(Options{Width: junitWidth})
	e := newEntry(r, profile, p.room())
	e.Change = change
	if !e.NeedsAttention() && e.Outcome != check.Chose {
		return ""
	}
	p.block(e)
	return "\n" + inXML(strings.TrimRight(p.b.String(), "\n")) + "\n"
}

// inXML returns text that is escaped for a terminal so that XML can hold it: two
// characters more are not allowed there.
var inXML = strings.NewReplacer("\ufffe", `\ufffe`, "\uffff", `\uffff`).Replace

func junitTime(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
