package report_test

import (
	"bytes"
	"encoding/xml"
	"strings"
	"testing"

	"sttp/internal/check"
	"sttp/internal/check/report"
)

func asJUnit(t *testing.T, r *check.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.JUnit(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// suites is what a CI system reads.
type suites struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Suites   []struct {
		Tests   int `xml:"tests,attr"`
		Skipped int `xml:"skipped,attr"`
		Cases   []struct {
			Name                    string `xml:"name,attr"`
			Failure, Error, Skipped *struct {
				Message string `xml:"message,attr"`
				Text    string `xml:",chardata"`
			}
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

func readSuites(t *testing.T, doc string) suites {
	t.Helper()
	var s suites
	d := xml.NewDecoder(strings.NewReader(strings.NewReplacer("<failure", "<Failure", "</failure", "</Failure", "<error", "<Error", "</error", "</Error", "<skipped", "<Skipped", "</skipped", "</Skipped").Replace(doc)))
	if err := d.Decode(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestJUnitIsAsCISystemsReadIt(t *testing.T) {
	golden(t, "sample.xml", asJUnit(t, sample()))
}

func TestJUnitHoldsNothingThatXMLCannot(t *testing.T) {
	r := huge()
	r.Results[0].Exchange = append(r.Results[0].Exchange[:0], check.Event{Kind: "received", Conn: 1, Text: "\x00\x01\x1b]]><b>&\ufffe\uffff\xff\r\n"})
	r.Target = "sttp://a\x00\ufffe:1"
	doc := asJUnit(t, r)
	s := readSuites(t, doc)
	for _, bad := range []string{"\x00", "\x1b", "\ufffd", "\ufffe", "\uffff"} {
		if strings.Contains(doc, bad) {
			t.Errorf("%q is in the document", bad)
		}
	}
	if got := s.Suites[0].Cases[0].Failure.Text; !strings.Contains(got, `< \x00\x01\x1b]]><b>&\ufffe\uffff\xff\r`) {
		t.Errorf("what was received is not there to be read: %.300s", got)
	}
}

func TestJUnitCountsWhatTheVerdictCounts(t *testing.T) {
	for _, c := range []struct {
		level                     check.Level
		outcome                   check.Outcome
		failures, errors, skipped int
	}{
		{check.Must, check.Pass, 0, 0, 0},
		{check.Must, check.Fail, 1, 0, 0},
		{check.Must, check.Untested, 0, 1, 0},
		{check.Should, check.Untested, 0, 0, 1},
		{check.Should, check.Warn, 0, 0, 1},
		{check.Choice, check.Chose, 0, 0, 0},
		{check.Must, check.Depends, 0, 0, 1},
		{check.Must, check.Undecided, 0, 0, 1},
		{check.Must, check.CheckerError, 0, 1, 0},
	} {
		r := withOutcomes(c.level, c.outcome)
		s := readSuites(t, asJUnit(t, r))
		if s.Tests != 1 || s.Failures != c.failures || s.Errors != c.errors || s.Suites[0].Skipped != c.skipped {
			t.Errorf("%v %v: %+v", c.level, c.outcome, s)
		}
		if err := baselineOf(t, r).Compare(r); err != nil {
			t.Fatal(err)
		}
		if s := readSuites(t, asJUnit(t, r)); c.outcome != check.CheckerError && s.Failures+s.Errors != 0 {
			t.Errorf("%v %v, as in the baseline: %+v", c.level, c.outcome, s)
		}
	}
}
