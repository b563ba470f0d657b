package main

import (
	"bytes"
	"context"
	"os"
	"regexp"
	"sync"
	"testing"

	"sttp/internal/cli/clitest"
)

// TestMain lets tests and scripts run this program as a process by its name, and
// fails if goroutines are left behind.
func TestMain(m *testing.M) {
	os.Setenv("GORACE", raceOptions)
	clitest.Main(m, map[string]func(){program: main})
}

// raceOptions keeps a process under the race detector from sleeping for a second
// before it exits.
const raceOptions = "atexit_sleep_ms=0"

// running is a server in this process, as main runs it.
type running struct {
	addr   string
	stdout *output
	stderr *output
	stop   func() int // ends it and returns the exit code
}

// startServer runs the program with args on a free port until the test ends.
func startServer(t testing.TB, args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := &running{stdout: newOutput(), stderr: newOutput()}
	exit := make(chan int, 1)
	go func() {
		code := run(ctx, append([]string{"--listen-address=127.0.0.1", "--port=0"}, args...), nil, s.stdout, s.stderr)
		s.stdout.close()
		exit <- code
	}()
	s.stop = sync.OnceValue(func() int {
		cancel()
		return <-exit
	})
	t.Cleanup(func() { s.stop() })
	if s.addr = s.stdout.waitFor(regexp.MustCompile(`listening on  (\S+)`)); s.addr == "" {
		t.Fatalf("the server did not start:\n%s", s.stderr)
	}
	return s
}

// output collects what a program prints and lets a test wait for some of it.
type output struct {
	mu     sync.Mutex
	more   sync.Cond
	b      bytes.Buffer
	closed bool
}

func newOutput() *output {
	o := &output{}
	o.more.L = &o.mu
	return o
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.more.Broadcast()
	return o.b.Write(p)
}

func (o *output) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.more.Broadcast()
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// waitFor returns the first group of what pattern matches, as soon as it has
// been printed, and "" if the program ends without it.
func (o *output) waitFor(pattern *regexp.Regexp) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	for {
		if m := pattern.FindSubmatch(o.b.Bytes()); m != nil {
			return string(m[1])
		}
		if o.closed {
			return ""
		}
		o.more.Wait()
	}
}
