package proof

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// build returns sttp-server, built with tags, and with the race detector where
// the test has it.
func build(t testing.TB, tags ...string) string {
	t.Helper()
	if *given != "" && len(tags) == 0 {
		return *given
	}
	program := filepath.Join(t.TempDir(), "sttp-server")
	args := []string{"build", "-o", program}
	if raceEnabled {
		args = append(args, "-race")
	}
	for _, tag := range tags {
		args = append(args, "-tags", tag)
	}
	if out, err := exec.Command("go", append(args, "sttp/cmd/sttp-server")...).CombinedOutput(); err != nil {
		t.Fatalf("building the server: %v\n%s", err, out)
	}
	return program
}
