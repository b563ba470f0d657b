package report_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"sttp/internal/check"
	"sttp/internal/check/report"
	"sttp/internal/cli"
)

func text(t *testing.T, r *check.Report, o report.Options) string {
	t.Helper()
	var b strings.Builder
	if err := report.Text(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTextReadsWell(t *testing.T) {
	for name, o := range map[string]report.Options{
		"sample.txt": {}, "sample-verbose.txt": {Verbose: true}, "sample-quiet.txt": {Quiet: true}, "sample-color.txt": {Color: true}, "sample-narrow.txt": {Width: 50},
	} {
		golden(t, name, text(t, sample(), o))
	}
	golden(t, "all-hold.txt", text(t, allHold(), report.Options{}))
}

// safe fails the test if s could disturb a terminal.
func safe(t *testing.T, s string) {
	t.Helper()
	if i := strings.IndexFunc(s, func(r rune) bool { return r != '\n' && cli.Disturbing(r) }); i >= 0 {
		t.Errorf("%q is in the output", s[i:min(len(s), i+20)])
	}
}

func TestNothingRawFromAServerReachesTheTerminal(t *testing.T) {
	for _, r := range []*check.Report{sample(), huge()} {
		for _, o := range []report.Options{{}, {Verbose: true}, {Quiet: true}, {Width: 20}} {
			safe(t, text(t, r, o))
		}
	}
	colored := text(t, sample(), report.Options{Color: true})
	safe(t, regexp.MustCompile("\x1b\\[[0-9;]+m").ReplaceAllString(colored, ""))
	if text(t, sample(), report.Options{}) != regexp.MustCompile("\x1b\\[[0-9;]+m").ReplaceAllString(colored, "") {
		t.Error("with colours the text is another one")
	}
}

func TestTheVerdictIsSaidInASentence(t *testing.T) {
	must, should := check.Must, check.Should
	client := withOutcomes(must, check.Pass)
	client.Options.Client = "./client"
	none := withOutcomes(should, check.Warn)
	for _, c := range []struct {
		r    *check.Report
		want string
	}{
		{withOutcomes(must, check.Pass), "The server is right: the one MUST that was checked holds."},
		{withOutcomes(must, check.Pass, check.Pass), "The server is right: all 2 MUSTs of profile guide that were checked hold."},
		{withOutcomes(must, check.Pass, check.Fail), "The server is not right yet: of 2 MUSTs 1 does not hold."},
		{withOutcomes(must, check.Fail, check.Untested, check.Depends), "The server is not right yet: of 3 MUSTs 2 do not hold, and of 1 nothing is known."},
		{withOutcomes(must, check.Pass, check.Undecided), "Undecided: nothing failed, but of 1 of 2 MUSTs nothing is known."},
		{none, "The server broke no MUST, with 1 warning, but none was checked."},
		{client, "The client is right: the one MUST that was checked holds."},
	} {
		got := strings.ReplaceAll(text(t, c.r, report.Options{Quiet: true}), "\n", " ")
		if strings.TrimSpace(got) != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestTheTextSaysWhatWasFoundOutAboutTheServer(t *testing.T) {
	for _, c := range []struct {
		facts check.Facts
		want  string
	}{
		{check.Facts{KeepsOpen: true, UpdateContents: true, Waits: check.WaitsForLine, Closes: check.ClosesAtEnd}, "It keeps connections open for more requests and closes when the client ends its sending side. A 200 to UPDATE has a contents line."},
		{check.Facts{Waits: check.WaitsForEmpty, Closes: check.ClosesAfterReply}, "It answers only when an empty line has come. It answers one request on a connection and closes after the reply. A 200 to UPDATE has no contents line."},
		{check.Facts{Waits: check.WaitsForEnd, Closes: check.ClosesNever}, "It answers only when the client has ended its sending side. It answers one request on a connection and does not close. A 200 to UPDATE has no contents line."},
		{check.Facts{KeepsOpen: true, UpdateContents: true, Queries: true, Closes: check.ClosesNever}, "It keeps connections open for more requests and does not close. A 200 to UPDATE has a contents line. LIST takes queries."},
		{check.Facts{Waits: check.WaitsForever}, "It answered nothing at all."},
	} {
		r := allHold()
		r.Facts = c.facts
		if got := strings.ReplaceAll(text(t, r, report.Options{}), "\n", " "); !strings.Contains(got, c.want) {
			t.Errorf("%s\nhas not\n%s", got, c.want)
		}
	}
}

func TestAWriterThatFailsIsTold(t *testing.T) {
	for name, write := range map[string]func() error{
		"text":  func() error { return report.Text(broken{}, sample(), report.Options{}) },
		"JSON":  func() error { return report.JSON(broken{}, sample()) },
		"JUnit": func() error { return report.JUnit(broken{}, sample()) },
		"HTML":  func() error { return report.HTML(broken{}, sample()) },
	} {
		if err := write(); !errors.Is(err, errBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

var errBroken = errors.New("the disk is full")

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestTheNameOfAStoryDoesNotTouchItsBar(t *testing.T) {
	for _, s := range check.Stories() {
		r := &check.Report{Results: []check.Result{{Case: &check.Case{ID: "STTP-1.1-A-001", Story: s.Name}, Level: check.Must}}}
		var b strings.Builder
		if err := report.Text(&b, r, report.Options{Width: 80}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), "\n"+s.Name+" ") {
			t.Errorf("%s:\n%s", s.Name, b.String())
		}
	}
}
