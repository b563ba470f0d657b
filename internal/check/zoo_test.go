package check_test

import (
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"sttp/internal/check"
	"sttp/internal/check/zoo"
)

// finding says which cases a fault has to show itself in. Each field holds IDs
// and patterns of path.Match with spaces between; "STTP-" is left out.
type finding struct {
	// fails are the cases that must not hold; of a pattern, one of its cases.
	fails string
	// also are those that need not hold.
	also string
	// only are the cases that run, if not all do: where a fault makes most of them
	// fail or wait, these tell enough.
	only string
}

// quick returns the IDs of the cases that need neither a server that the
// checker starts nor the patience for its time limits.
func quick(t *testing.T) (ids []string) {
	return idsOf(t, func(c *check.Case) bool { return !c.Slow })
}

func idsOf(t *testing.T, wanted func(*check.Case) bool) (ids []string) {
	t.Helper()
	all, err := check.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if c.Needs&(check.Exec|check.Files|check.Client) == 0 && wanted(c) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// matching tells whether one of the patterns, with spaces between, is the ID's.
func matching(patterns, id string) bool {
	return slices.ContainsFunc(strings.Fields(patterns), func(pattern string) bool {
		ok, err := path.Match("STTP-"+pattern, id)
		return ok && err == nil
	})
}

// zooServer starts a server with a fault.
func zooServer(t *testing.T, c zoo.Config) string {
	t.Helper()
	s, err := zoo.StartWith(c)
	return zooAddress(t, s, err)
}

func zooAddress(t *testing.T, s *zoo.Server, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s.Addr()
}

func checked(t *testing.T, opts check.Options) *check.Report {
	t.Helper()
	report, err := check.Run(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// mustHold complains of every case that does not hold.
func mustHold(t *testing.T, report *check.Report) {
	t.Helper()
	for _, r := range report.Results {
		if r.Outcome != check.Pass && r.Outcome != check.Chose {
			t.Errorf("%s\n%s", told(r), exchanged(r))
		}
	}
	if report.Verdict() != check.AllHold {
		t.Errorf("the verdict is %d", report.Verdict())
	}
	if len(report.LeftBehind) > 0 && report.Profile == check.Strict {
		t.Errorf("left behind: %q", report.LeftBehind)
	}
}

func told(r check.Result) string {
	return r.Case.ID + " " + r.Outcome.String() + ": " + r.Says
}

func exchanged(r check.Result) string {
	var b strings.Builder
	for _, e := range r.Exchange {
		b.WriteString("\t" + e.Kind + " " + quoted(e.Text) + "\n")
	}
	return b.String()
}

func quoted(s string) string {
	if len(s) > 150 {
		s = s[:150] + "…"
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r", `\r`), "\n", `\n`)
}

func TestAServerWithoutAFaultPassesProfileStrict(t *testing.T) {
	t.Parallel()
	mustHold(t, checked(t, check.Options{
		Address: zooServer(t, zoo.Config{}), Profile: check.Strict, Only: quick(t),
	}))
}

func TestASmallServerThatFollowsTheGuidePassesItsProfile(t *testing.T) {
	t.Parallel()
	minimal, err := zoo.StartMinimal(t.TempDir())
	at := zooAddress(t, minimal, err)
	t.Run("minimal", func(t *testing.T) {
		t.Parallel()
		mustHold(t, checked(t, check.Options{Address: at, Profile: check.Guide, Only: quick(t)}))
	})
	keeping, err := zoo.StartKeeping()
	at2 := zooAddress(t, keeping, err)
	t.Run("keeping", func(t *testing.T) {
		t.Parallel()
		mustHold(t, checked(t, check.Options{Address: at2, Profile: check.Guide, Only: quick(t)}))
	})
}

func TestEveryFaultFailsItsOwnCasesAndNoOthers(t *testing.T) {
	for _, fault := range zoo.Faults() {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			f, known := findings[fault]
			if !known && false {
				t.Fatal("nothing is said of this fault")
			}
			f.check(t, checked(t, f.options(t, fault)))
		})
	}
}

// options returns how a server with the fault is checked.
func (f finding) options(t *testing.T, fault zoo.Fault) check.Options {
	only := slices.DeleteFunc(quick(t), func(id string) bool { return f.only != "" && !matching(f.only, id) })
	return check.Options{
		Address: zooServer(t, zoo.Config{Fault: fault, Outside: outside}), Profile: check.Strict,
		Only: only, Timeout: 300 * time.Millisecond,
	}
}

// outside reads what a server without care would read: one file of the system,
// and nothing else.
func outside(file string) (string, bool) {
	if file != "/proc/sys/kernel/ostype" {
		return "", false
	}
	text, err := os.ReadFile(file)
	return strings.TrimSuffix(string(text), "\n"), err == nil
}

// check compares what was found with what has to be.
func (f finding) check(t *testing.T, report *check.Report) {
	t.Helper()
	failed := map[string]bool{}
	for _, r := range report.Results {
		switch r.Outcome {
		case check.Pass, check.Chose, check.Depends:
			continue
		case check.Fail, check.Warn, check.Untested:
			failed[r.Case.ID] = true
			if matching(f.fails+" "+f.also, r.Case.ID) {
				continue
			}
		}
		t.Errorf("an unrelated case does not hold: %s\n%s", told(r), exchanged(r))
	}
	for _, pattern := range strings.Fields(f.fails) {
		if !slices.ContainsFunc(report.Results, func(r check.Result) bool { return failed[r.Case.ID] && matching(pattern, r.Case.ID) }) {
			t.Errorf("no case of %s fails", pattern)
		}
	}
	if len(failed) == 0 {
		t.Error("no case finds this fault")
	}
}

func TestAServerThatServesOneClientAtATimeIsProbedRightly(t *testing.T) {
	t.Parallel()
	report := checked(t, check.Options{
		Address: zooServer(t, zoo.Config{Fault: zoo.OneAtATime}), Profile: check.Strict, Only: []string{"STTP-5.2-CREATE-001"},
	})
	mustHold(t, report)
	want := check.Facts{KeepsOpen: true, UpdateContents: true, Waits: check.WaitsForLine, Closes: check.ClosesAfterEmpty}
	if report.Facts != want {
		t.Errorf("the facts are %+v, not %+v", report.Facts, want)
	}
}
