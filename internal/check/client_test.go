package check_test

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"sttp/internal/check"
)

// built returns the path of a program.
func built(t *testing.T, source string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "client")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, source).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// checkClient runs the cases of a client, or only those named.
func checkClient(t *testing.T, p check.Profile, command string, only ...string) map[string]check.Result {
	t.Helper()
	report, err := check.Run(t.Context(), check.Options{Client: command, Profile: p, Only: only})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Results) < 15 && len(only) == 0 {
		t.Errorf("there are only %d cases", len(report.Results))
	}
	results := map[string]check.Result{}
	for _, r := range report.Results {
		results[r.Case.ID] = r
		t.Logf("%s %v %v %s", r.Case.ID, r.Outcome, r.Elapsed.Round(time.Millisecond), r.Says)
	}
	t.Logf("%v together", report.Elapsed.Round(time.Millisecond))
	return results
}

// wantAllButWarnings wants every case to hold except those, which warn.
func wantAllButWarnings(t *testing.T, results map[string]check.Result, warned ...string) {
	t.Helper()
	for id, r := range results {
		switch {
		case slices.Contains(warned, id):
			if r.Outcome != check.Warn {
				t.Errorf("%s: %v instead of a warning", id, r.Outcome)
			}
		case r.Outcome != check.Pass && r.Outcome != check.Chose:
			t.Errorf("%s: %v: %s\n%s\n%s\n%+v", id, r.Outcome, r.Says, r.Hint, r.Netcat, r.Exchange)
		}
	}
}

func TestALearnersClientPassesTheGuide(t *testing.T) {
	t.Parallel()
	// It sends a text with a line break as two lines.
	wantAllButWarnings(t, checkClient(t, check.Guide, built(t, "testdata/clients/learner.go")), "STTP-4.1-CLIENT-003")
}

func TestAClientOfShellAndNetcatPassesTheGuide(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("nc"); err != nil {
		t.Skip("there is no nc")
	}
	// It tells of refusals on standard output, and of nothing if nobody is there.
	wantAllButWarnings(t, checkClient(t, check.Guide, "sh testdata/clients/shell.sh"), "STTP-2.1-CLIENT-004", "STTP-4.1-CLIENT-003")
}

func TestAWrongClientFailsTheRightCase(t *testing.T) {
	long(t)
	t.Parallel()
	program := built(t, "testdata/clients/learner.go")
	for _, test := range []struct {
		wrong, id string
		symptom   check.Symptom
		outcome   check.Outcome
	}{
		{"cut", "STTP-4.5-CLIENT-001", check.ContentsCut, check.Fail},
		{"twice", "STTP-2.2-CLIENT-001", check.TooMuchSent, check.Fail},
		{"quotes", "STTP-4.5-CLIENT-004", check.Unexpected, check.Warn},
		{"unquote", "STTP-4.4-CLIENT-002", check.NotShown, check.Fail},
		{"retry", "STTP-5.9-CLIENT-001", check.SentAgain, check.Warn},
		{"status", "STTP-6.2-CLIENT-001", check.WrongExit, check.Fail},
		{"status", "STTP-6.2-CLIENT-002", check.WrongExit, check.Warn},
		{"lower", "STTP-5.1-CLIENT-001", check.LowerCase, check.Fail},
		{"url", "STTP-2.2-CLIENT-001", check.URLSent, check.Fail},
		{"silent", "STTP-4.4-CLIENT-001", check.NotShown, check.Fail},
		{"unended", "STTP-2.2-CLIENT-001", check.LineNotEnded, check.Fail},
		{"waits", "STTP-2.3-CLIENT-001", check.LeftOpen, check.Warn},
		{"endless", "STTP-6.5-CLIENT-001", check.Unbounded, check.Fail},
		{"", "STTP-3.1-CLIENT-001", check.BreaksRule, check.Fail},
		{"", "STTP-3.1-CLIENT-003", check.BreaksRule, check.Fail},
		{"", "STTP-4.1-CLIENT-001", check.BreaksRule, check.Fail},
		{"", "STTP-4.5-CLIENT-002", check.OtherContents, check.Fail},
		{"", "STTP-4.5-CLIENT-003", check.OtherContents, check.Fail},
		{"", "STTP-4.5-CLIENT-005", check.PrintedRaw, check.Fail},
		{"", "STTP-6.3-CLIENT-001", check.WrongExit, check.Warn},
	} {
		t.Run(test.wrong+" "+test.id, func(t *testing.T) {
			t.Parallel()
			r := checkClient(t, check.Strict, "env WRONG="+test.wrong+" "+program, test.id)[test.id]
			if r.Outcome != test.outcome || r.Problem.Symptom != test.symptom {
				t.Errorf("%v, %+v, instead of %v for %v\n%+v", r.Outcome, r.Problem, test.outcome, test.symptom, r.Exchange)
			}
			if r.Hint == "" || !strings.Contains(r.Netcat, program) {
				t.Errorf("its hint is %q, and the line to try %q", r.Hint, r.Netcat)
			}
		})
	}
}

func TestACommandThatIsNotThereIsNoClient(t *testing.T) {
	r := checkClient(t, check.Guide, "/no/such/client", "STTP-2.2-CLIENT-001")["STTP-2.2-CLIENT-001"]
	if r.Outcome != check.Untested || !strings.Contains(r.Says, "cannot be started") {
		t.Errorf("%v: %s", r.Outcome, r.Says)
	}
}

func TestContentsOfRequestsAreReadAsTheProtocolHasThem(t *testing.T) {
	for _, test := range []struct {
		raw, text  string
		quoted, ok bool
	}{
		{"Buy milk", "Buy milk", false, true},
		{`"Buy milk"`, "Buy milk", true, true},
		{`""`, "", true, true},
		{`"  two spaces first"`, "  two spaces first", true, true},
		{`"say \"hi\""`, `say "hi"`, true, true},
		{`"C:\\temp"`, `C:\temp`, true, true},
		{`"C:\\"`, `C:\`, true, true},
		{`C:\temp`, `C:\temp`, false, true},
		{`"one" and "two"`, `"one" and "two"`, false, true},
		{`"a\\"b"`, `"a\\"b"`, false, true},
		{`"`, `"`, false, true},
		{`"abc`, `"abc`, false, true},
		{`"a\n"`, "", true, false},
		{`"abc\"`, "", true, false},
	} {
		text, quoted, ok := check.Unquote(test.raw)
		if ok != test.ok || quoted != test.quoted || ok && text != test.text {
			t.Errorf("%s: %q, quoted %v, valid %v", test.raw, text, quoted, ok)
		}
	}
}

func TestTheLineToTryIsOneLine(t *testing.T) {
	for _, c := range catalogue(t) {
		if c.Needs&check.Client != 0 && strings.ContainsFunc(c.Try(), unicode.IsControl) {
			t.Errorf("%s: %q", c.ID, c.Try())
		}
	}
}
