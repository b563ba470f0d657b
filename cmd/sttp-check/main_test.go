package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"sttp/internal/check/zoo"
)

// TestMain lets scripts run this program by its name, and fails if goroutines
// are left behind.
func TestMain(m *testing.M) {
	testscript.Main(leakless{m}, map[string]func(){name: main})
}

type leakless struct{ m *testing.M }

func (l leakless) Run() int {
	code := l.m.Run()
	if code != 0 {
		return code
	}
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// TestScripts runs the scripts in testdata/script. Beside the commands of
// testscript they have these:
//
//	zoo VAR [FAULT]               a server of the zoo; VAR becomes its URL
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
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"zoo": zooCmd, "exits": exitsCmd},
	})
}

func exitsCmd(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code := 0
	err = ts.Exec(args[1], args[2:]...)
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if (code == want) == neg {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
}

func zooCmd(ts *testscript.TestScript, _ bool, args []string) {
	fault := zoo.None
	if len(args) > 1 {
		fault = zoo.Fault(args[1])
	}
	s, err := zoo.Start(fault)
	ts.Check(err)
	ts.Defer(func() { s.Close() })
	_, port, err := net.SplitHostPort(s.Addr())
	ts.Check(err)
	ts.Setenv(args[0], "sttp://127.0.0.1:"+port)
}
