//go:build unix

package check_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sttp/internal/check"
)

// execCases match the cases that need --exec.
func execCases(t *testing.T) (ids []string) {
	for _, c := range catalogue(t) {
		if c.Needs&(check.Exec|check.Files) != 0 {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// tempDir makes a directory the only place for what the checker makes, and
// sees that nothing is left there.
func tempDir(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Cleanup(func() {
		if left, _ := filepath.Glob(dir + "/*"); len(left) > 0 {
			t.Errorf("left behind: %q", left)
		}
	})
}

func holds(r check.Result) bool { return r.Outcome == check.Pass || r.Outcome == check.Chose }

// impossible tells whether this machine has not what the case needs.
func impossible(r check.Result) bool {
	return r.Outcome == check.Untested && (strings.Contains(r.Says, "strace") || strings.Contains(r.Says, "root") || strings.Contains(r.Says, "no address but loopback"))
}

// fakeRun runs cases against a server with faults.
func fakeRun(t *testing.T, faults string, profile check.Profile, only ...string) *check.Report {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := "env GORACE=atexit_sleep_ms=0 '" + fakeVariable + "=" + faults + "' " + self + " {config}"
	report, err := check.Run(t.Context(), check.Options{Exec: command, Profile: profile, Only: only, Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestASimpleServerOnFilesPasses(t *testing.T) {
	long(t)
	tempDir(t)
	for _, r := range fakeRun(t, "", check.Strict, execCases(t)...).Results {
		if !impossible(r) && !holds(r) {
			t.Errorf("%s: %v: %s\n%+v\n%+v", r.Case.ID, r.Outcome, r.Says, r.Problem, r.Exchange)
		}
	}
}

func TestAServerWithOneFaultFails(t *testing.T) {
	long(t)
	t.Cleanup(check.SetStopTime(2 * time.Second))
	for faults, ids := range map[string]string{
		"greets":               "2.1-SETTINGS-001",
		"any address":          "10.1-SETTINGS-001",
		"other docroot":        "9.2-DOCROOT-001",
		"adds newline":         "9.2-DOCROOT-001 9.2-FILE-001",
		"always cached":        "5.3-UNCACHED-001",
		"never expires":        "5.3-EXPIRY-001",
		"unbounded":            "5.3-EVICTION-001",
		"follows":              "9.1-LINK-001 9.1-LINK-002 9.1-LINK-004",
		"opens anything":       "9.1-FIFO-001",
		"lists all":            "9.1-NAMES-001 9.1-LINK-001",
		"replaces":             "9.1-OCCUPIED-001 9.1-LINK-003",
		"removes all":          "9.1-HIDDEN-001",
		"in place":             "9.1-HARDLINK-001 9.3-CRASH-001 5.10-SPACE-001",
		"keeps newline":        "9.2-FILE-002",
		"serves anything":      "9.2-FILE-003",
		"tells":                "5.10-PERMISSION-001",
		"visible temps":        "9.3-OWN-001",
		"stale lock":           "9.3-CRASH-001",
		"leftovers":            "9.3-CRASH-002",
		"no lock":              "5.10-OWNER-001",
		"raw log":              "10.2-LOG-001",
		"no file sync":         "5.9-SYNC-001 5.9-SYNC-002 5.9-SYNC-003",
		"no directory sync":    "5.9-SYNC-001 5.9-SYNC-002 5.9-SYNC-003 5.9-SYNC-004",
		"no parent sync":       "5.9-SYNC-002",
		"ignores sync errors":  "5.9-FAIL-001 5.9-FAIL-002 5.9-FAIL-003 5.9-FAIL-004 5.10-FAIL-001",
		"syncs again":          "5.9-FAIL-004",
		"stale cache":          "5.9-FAIL-002",
		"nothing if empty":     "5.4-EMPTY-001",
		"blind":                "5.10-READ-001",
		"ignores write errors": "5.10-SPACE-001",
		"leaves directories":   "5.2-LEFT-001",
		"deaf":                 "2.6-STOP-001",
		"exits at once":        "2.6-STOP-003",
		"half lines":           "2.6-STOP-005",
	} {
		t.Run(faults, func(t *testing.T) {
			t.Parallel()
			var only []string
			for id := range strings.FieldsSeq(ids) {
				only = append(only, "STTP-"+id)
			}
			for _, r := range fakeRun(t, faults, check.Strict, only...).Results {
				if impossible(r) {
					continue
				}
				if r.Outcome != check.Fail && r.Outcome != check.Warn {
					t.Errorf("%s: %v: %s", r.Case.ID, r.Outcome, r.Says)
				}
				t.Logf("%s: %s\n  %s", r.Case.ID, r.Says, r.Hint)
			}
		})
	}
}

func TestACommandThatBringsUpNoServerIsTold(t *testing.T) {
	tempDir(t)
	for command, want := range map[string]string{
		"./my-server":                          "{config}",
		"echo no; echo way; exit 3 # {config}": "no\n    way",
		"printf 'bad \\033[2J' {config}":       `bad \x1b[2J`,
		"/nonexistent/server {config}":         "/nonexistent/server",
		"true {port}":                          "it wrote nothing",
	} {
		_, err := check.Run(t.Context(), check.Options{Exec: command})
		if !errors.Is(err, check.ErrNoServer) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, which does not say %q", command, err, want)
		}
	}
	if _, err := check.Run(t.Context(), check.Options{Exec: "true {config}", Settings: "port: [1"}); !errors.Is(err, check.ErrNoServer) {
		t.Errorf("settings that are no YAML: %v", err)
	}
}

func TestNothingIsLeftOfARunThatIsInterrupted(t *testing.T) {
	tempDir(t)
	for _, command := range []string{"sleep 100 & sleep 100; : {config}", "trap '' TERM; sleep 100; : {config}"} {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		began := time.Now()
		_, err := check.Run(ctx, check.Options{Exec: command})
		if !errors.Is(err, check.ErrNoServer) || time.Since(began) > 3*time.Second {
			t.Errorf("%q: %v after %v", command, err, time.Since(began))
		}
	}
}

func TestSettingsAreMerged(t *testing.T) {
	got, err := check.MergedSettings("port: 8081\ncache:\n  enabled: false\nlimits:\n  connections: 3\n")
	want := "listen_address: 127.0.0.1\nport: 8081\ndocroot: /docroot\ncache:\n  enabled: false\n  max_files: 100\n  max_size: 10485760\n  expiration: 300\nlimits:\n  connections: 3\n"
	if err != nil || got != want {
		t.Errorf("got %v\n%s", err, got)
	}
}

func TestASimpleCommandTakesThePlaceOfTheShell(t *testing.T) {
	for command, want := range map[string]string{
		"./server --port 1":    "exec ./server --port 1",
		"cd x && ./server":     "cd x && ./server",
		"A=b ./server":         "A=b ./server",
		"exec ./server":        "exec ./server",
		"cd x":                 "cd x",
		"./a; ./server":        "./a; ./server",
		"python3 'my app.py' ": "exec python3 'my app.py' ",
	} {
		if got := check.ShellCommand(command); got != want {
			t.Errorf("%q: got %q", command, got)
		}
	}
}

func TestTheEndOfAnOutputIsHarmless(t *testing.T) {
	got := check.LastLines(strings.Repeat("line\n", 20) + "\x1b[2J \"q\" \\ é\u202e\n")
	if want := `    \x1b[2J "q" \\ é\u202e`; strings.Count(got, "\n") != 8 || !strings.HasSuffix(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestATraceIsRead(t *testing.T) {
	calls, starts, ends := check.CallNames(`12 fsync(3</a (b) = c>) = 0
13 openat(4</d>, "x", O_RDONLY <unfinished ...>
12 write(1<socket:[5]>, "100 /a CREATED\n", 15) = 15
13 <... openat resumed>, 0644) = 5</d/x>
14 <... futex resumed>) = 0
13 --- SIGURG {si_signo=SIGURG} ---
13 fsync(5</d/x>)    = -1 EIO (Input/output error) (INJECTED)
13 fsync(5</d/x> <unfinished ...>
13 +++ exited with 0 +++
`)
	want := []string{"fsync(3</a (b) = c>) = 0", `openat(4</d>, "x", O_RDONLY, 0644) = 5</d/x>`, `write(1<socket:[5]>, "100 /a CREATED\n", 15) = 15`,
		"fsync(5</d/x>) = -1 EIO (Input/output error) (INJECTED)", "fsync(5</d/x>) = "}
	if !slices.Equal(calls, want) || !slices.Equal(starts, []int{1, 2, 3, 7, 8}) || !slices.Equal(ends, []int{1, 4, 3, 7, 0}) {
		t.Errorf("got %q %v %v", calls, starts, ends)
	}
}
