package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sttp/internal/check"
)

// patient is how long a reply may take here: the programs run under the race
// detector, on machines that have other work as well.
const patient = 10 * time.Second

// quickRace sets the race detector's options: a program does not wait for a
// second before it ends, and ends at once when there is a race.
const quickRace = "GORACE='atexit_sleep_ms=0 halt_on_error=1'"

// built returns the path of a program of this module, built for the test. If
// the test runs under the race detector, so does the program.
func built(t *testing.T, program string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), program)
	args := []string{"build", "-o", binary}
	if raceEnabled {
		args = append(args, "-race")
	}
	out, err := exec.CommandContext(t.Context(), "go", append(args, "sttp/cmd/"+program)...).CombinedOutput()
	if err != nil {
		t.Fatalf("building %s: %v\n%s", program, err, out)
	}
	return binary
}

// holds fails the test for every case that does not hold, whatever its level.
func holds(t *testing.T, r *check.Report, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for _, result := range r.Results {
		if result.Outcome != check.Pass && result.Outcome != check.Chose {
			t.Errorf("%s %s: %v: %s", result.Case.ID, result.Case.Title, result.Outcome, result.Says)
		}
	}
	if len(r.LeftBehind) > 0 {
		t.Errorf("left behind: %v", r.LeftBehind)
	}
	t.Logf("%d cases in %v", len(r.Results), r.Elapsed)
}

func TestOurClientHoldsEveryCase(t *testing.T) {
	t.Parallel()
	r, err := check.Run(t.Context(), check.Options{Client: "env " + quickRace + " " + built(t, "sttp-client"), Profile: check.Strict, Timeout: patient})
	holds(t, r, err)
}

// allSelected fails the test if the run has left out a case of a server, but for
// those that need what it cannot have.
func allSelected(t *testing.T, r *check.Report, p check.Profile, cannot check.Need) {
	t.Helper()
	ran := map[string]bool{}
	for _, result := range r.Results {
		ran[result.Case.ID] = true
	}
	all, err := check.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	var missing []string
	for _, c := range all {
		if c.Needs&(check.Client|cannot) == 0 && c.Level(p) != check.Unchecked && !ran[c.ID] {
			missing = append(missing, c.ID)
		}
	}
	if len(missing) > 0 {
		t.Errorf("not run: %s", strings.Join(missing, ", "))
	}
}
