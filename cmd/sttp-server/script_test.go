package main

import (
	"os"
	"os/exec"
	"regexp"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts runs the scripts in testdata/script. Beside the commands of
// testscript they have these:
//
//	serve VAR [ARGS...]           a server in a process of its own; VAR becomes its
//	                              address, VAR_HOST and VAR_PORT its parts, and the
//	                              file greeting-VAR holds what it said
//	exits CODE COMMAND [ARGS...]  exec, with exactly that exit code
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Values["t"] = t
			env.Setenv("GORACE", raceOptions)
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"serve": serveCommand,
			"exits": exitsCommand,
		},
	})
}

var hostPort = regexp.MustCompile(`^(.*):([0-9]+)$`)

func serveCommand(ts *testscript.TestScript, _ bool, args []string) {
	p := spawn(ts.Value("t").(*testing.T), "cd "+ts.Getenv("WORK"), args[1:]...)
	parts := hostPort.FindStringSubmatch(p.addr)
	ts.Setenv(args[0], p.addr)
	ts.Check(os.WriteFile(ts.MkAbs("greeting-"+args[0]), []byte(p.greeting), 0o644))
	ts.Setenv(args[0]+"_HOST", parts[1])
	ts.Setenv(args[0]+"_PORT", parts[2])
	ts.Defer(func() {
		p.cmd.Process.Kill()
		p.wait()
	})
}

func exitsCommand(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	code := "0"
	if failed, ok := err.(*exec.ExitError); ok {
		code = failed.ProcessState.String()[len("exit status "):]
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if code != args[0] {
		ts.Fatalf("it exits with %s, want %s", code, args[0])
	}
}
