package proof

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

// programs are the servers that were built, in a directory that goes at the end.
var programs = struct {
	sync.Mutex
	dir string
}{}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "sttp-proof-programs-")
	if err != nil {
		panic(err)
	}
	programs.dir = dir
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		os.RemoveAll(dir)
		os.Exit(code)
	}))
}

// build returns sttp-server, built with tags, and with the race detector where
// the test has it.
func build(t testing.TB, tags ...string) string {
	t.Helper()
	if *given != "" && len(tags) == 0 {
		return *given
	}
	args := []string{"build", "-tags", strings.Join(tags, ",")}
	if raceEnabled {
		args = append(args, "-race")
	}
	return built(t, strings.Join(append([]string{"sttp-server"}, tags...), "-"), "sttp/cmd/sttp-server", args...)
}

// buildTest returns the tests of a package, built for bugs on purpose.
func buildTest(t testing.TB, in string) string {
	t.Helper()
	return built(t, path.Base(in)+".test", in, "test", "-c", "-tags", "sttpfaults")
}

// built returns a program that go has built, now or before.
func built(t testing.TB, name, in string, args ...string) string {
	t.Helper()
	programs.Lock()
	defer programs.Unlock()
	program := filepath.Join(programs.dir, name)
	if _, err := os.Stat(program); err == nil {
		return program
	}
	if out, err := exec.Command("go", append(args, "-o", program, in)...).CombinedOutput(); err != nil {
		t.Fatalf("building %s: %v\n%s", in, err, out)
	}
	return program
}
