package proof

import (
	"os"
	"os/exec"
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
	programs.Lock()
	defer programs.Unlock()
	program := filepath.Join(programs.dir, strings.Join(append([]string{"sttp-server"}, tags...), "-"))
	if _, err := os.Stat(program); err == nil {
		return program
	}
	args := []string{"build", "-o", program, "-tags", strings.Join(tags, ",")}
	if raceEnabled {
		args = append(args, "-race")
	}
	if out, err := exec.Command("go", append(args, "sttp/cmd/sttp-server")...).CombinedOutput(); err != nil {
		t.Fatalf("building the server: %v\n%s", err, out)
	}
	return program
}
