//go:build unix

package main

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"sttp/internal/cli"
)

// deaf returns a file of which nobody reads what is written to it.
func deaf(t *testing.T) *os.File {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	t.Cleanup(func() { w.Close() })
	return w
}

// process returns this program as a process of its own, which TestMain makes of
// the test's binary.
func process(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Args[0] = name
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
	return cmd
}

// deletes starts a peer that answers every request with a success of DELETE.
func deletes(t *testing.T) (p *peer, url string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p = newPeer(ln, []byte("600 /a.txt DELETED\n"), false, false)
	t.Cleanup(p.close)
	return p, "sttp://" + ln.Addr().String() + "/a.txt"
}

func TestAReaderOfTheOutputThatHasGoneIsAFailure(t *testing.T) {
	p, url := deletes(t)
	cmd := process(t, "delete", url)
	var stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = deaf(t), &stderr
	err := cmd.Run()
	if code := cmd.ProcessState.ExitCode(); code != cli.ExitFailure || !strings.Contains(stderr.String(), "the output cannot be written") {
		t.Errorf("%v, want exit code %d; it said %s", err, cli.ExitFailure, &stderr)
	}
	if len(p.heard) != 1 {
		t.Error("the change was not sent")
	}
}

func TestAReaderOfTheNarrationThatHasGoneStopsNothing(t *testing.T) {
	p, url := deletes(t)
	cmd := process(t, "-v", "delete", url)
	var stdout bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, deaf(t)
	if err := cmd.Run(); err != nil || stdout.String() != "DELETED /a.txt\n" {
		t.Errorf("%v; it printed %q", err, &stdout)
	}
	if len(p.heard) != 1 {
		t.Error("the change was not sent")
	}
}
