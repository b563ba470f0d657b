//go:build unix

package peers

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// shell runs a line until it has written "up".
func shell(t *testing.T, line string) *process {
	t.Helper()
	p, err := startProcess([]string{"/bin/sh", "-c", line}, os.Environ(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.end)
	deadline := time.NewTimer(10 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for strings.Join(p.out.lastLines(), "") != "up" {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("it only wrote %q", p.out.lastLines())
		}
	}
	return p
}

func TestAProcessEndsInOrderIfItDoes(t *testing.T) {
	p := shell(t, `trap 'echo down; exit 5' TERM; echo up; while :; do sleep 0.01; done`)
	p.end()
	lines := p.out.lastLines()
	if p.state() != "exit status 5" || lines[len(lines)-1] != "down" {
		t.Errorf("%s, after it wrote %q", p.state(), lines)
	}
}

func TestAProcessThatDoesNotEndIsKilledWithItsChildren(t *testing.T) {
	p := shell(t, `trap '' TERM; sleep 1000 & echo up; wait; wait`)
	p.mild = 20 * time.Millisecond
	p.end()
	if p.state() != "signal: killed" {
		t.Error(p.state())
	}
	// What was killed stays until its new parent has waited for it.
	deadline := time.Now().Add(5 * time.Second)
	for !errors.Is(syscall.Kill(-p.cmd.Process.Pid, 0), syscall.ESRCH) {
		if time.Now().After(deadline) {
			t.Fatal("the group is not gone")
		}
	}
}

func TestOnlyTheEndOfWhatAProcessWritesIsKept(t *testing.T) {
	var out tail
	for range 3 {
		out.Write([]byte(strings.Repeat("x", 5000) + "\n"))
	}
	out.Write([]byte(strings.Repeat("y", 20000) + "\n1\n2\n\n"))
	lines := out.lastLines()
	if len(out.end) != maxOutput || len(lines) != 3 || lines[0] != strings.Repeat("y", 300) || lines[2] != "2" {
		t.Errorf("kept %d bytes, shown are %q", len(out.end), lines)
	}
	for range 100 {
		out.Write([]byte("line\n"))
	}
	if lines := out.lastLines(); len(lines) != 8 {
		t.Errorf("%d lines are shown", len(lines))
	}
}

func TestWhatCannotBeStartedIsAnError(t *testing.T) {
	if _, err := startProcess([]string{"/there/is/no/program"}, nil, ""); err == nil {
		t.Error("it runs")
	}
}
