// Package clitest holds what the tests of the programs share: a test binary
// that is the programs as well, and a command for their scripts.
package clitest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"
)

// Main runs the tests of m, or one of the programs if the binary was started by
// that name, as scripts do. It fails if the tests leave goroutines behind.
func Main(m *testing.M, programs map[string]func()) { testscript.Main(leakless{m}, programs) }

type leakless struct{ m *testing.M }

// Run runs the tests and returns the exit code.
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

// Exits is a command of scripts: exits CODE COMMAND [ARGS...] is exec that asks
// for exactly that exit code.
func Exits(ts *testscript.TestScript, neg bool, args []string) {
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
