package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"sttp/internal/cli/clitest"
)

// TestPeersScripts runs the scripts in testdata/peers, which start real servers.
// sttp-server is in the PATH.
func TestPeersScripts(t *testing.T) {
	if testing.Short() {
		t.Skip("takes many seconds")
	}
	programs := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(programs, "sttp-server"), "sttp/cmd/sttp-server")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/peers",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("GORACE", "atexit_sleep_ms=0")
			env.Setenv("PATH", env.Getenv("PATH")+string(os.PathListSeparator)+programs)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": clitest.Exits},
	})
}
