package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"sttp/internal/cli/clitest"
)

// TestPeers measures real servers: in the scripts in testdata/peers, for which
// sttp-server is in the PATH, and in this process.
func TestPeers(t *testing.T) {
	if testing.Short() {
		t.Skip("takes many seconds")
	}
	programs := t.TempDir()
	server := filepath.Join(programs, "sttp-server")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", server, "sttp/cmd/sttp-server")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Run("as the schema says", func(t *testing.T) { peersAsTheSchemaSays(t, server) })
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
