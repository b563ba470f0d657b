package main

import (
	"flag"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"sttp/internal/check/zoo"
	"sttp/internal/cli/clitest"
)

// TestMain lets scripts run this program by its name, and fails if goroutines
// are left behind. More tests run at once than there are processors, since a good
// part of what they do is waiting for servers.
func TestMain(m *testing.M) {
	flag.Set("test.parallel", "4") // -parallel, which is read later, has its way
	clitest.Main(m, map[string]func(){name: main})
}

// TestScripts runs the scripts in testdata/script. Beside the commands of
// testscript they have these:
//
//	zoo VAR [FAULT]               a server of the zoo; VAR becomes its URL. The
//	                              fault "no queries" is one that has none
//	exits CODE COMMAND [ARGS...]  exec, with exactly that exit code
//
// The programs sttp-server and sttp-client are in the PATH.
func TestScripts(t *testing.T) {
	programs := filepath.Dir(built(t, "sttp-server")) + string(os.PathListSeparator) + filepath.Dir(built(t, "sttp-client"))
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("GORACE", "atexit_sleep_ms=0")
			env.Setenv("PATH", env.Getenv("PATH")+string(os.PathListSeparator)+programs)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"zoo": zooCmd, "exits": clitest.Exits},
	})
}

func zooCmd(ts *testscript.TestScript, _ bool, args []string) {
	var c zoo.Config
	switch {
	case len(args) > 1 && args[1] == "no queries":
		c.NoQueries = true
	case len(args) > 1:
		c.Fault = zoo.Fault(args[1])
	}
	s, err := zoo.StartWith(c)
	ts.Check(err)
	ts.Defer(func() { s.Close() })
	_, port, err := net.SplitHostPort(s.Addr())
	ts.Check(err)
	ts.Setenv(args[0], "sttp://127.0.0.1:"+port)
}
