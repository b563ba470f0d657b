package main

import (
	"context"
	"encoding/json"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"sttp/internal/bench/benchtest"
	"sttp/internal/cli/clitest"
)

// TestMain lets scripts run this program by its name, and fails if goroutines
// are left behind.
func TestMain(m *testing.M) {
	clitest.Main(m, map[string]func(){name: main})
}

// TestScripts runs the scripts in testdata/script. Beside the commands of
// testscript they have these, where NAME is a server's:
//
//	server NAME [OPTIONS]         starts a server of package benchtest; OPTIONS are its Options as JSON.
//	                              $NAME becomes its URL, $NAME_PORT its port
//	set NAME OPTIONS              changes the server's options
//	die NAME                      ends the server
//	put NAME PATH CONTENTS        stores a snippet
//	holds NAME [PATH...]          exactly these snippets are on the server
//	watch NAME N                  begins to wait for N more requests
//	arrived NAME                  they have come
//	exits CODE COMMAND [ARGS...]  exec, with exactly that exit code
//	says CODE [ARGS...]           the same of sttp-bench in this process and its directory, which takes less
//	                              time, for what is over before anything is done
func TestScripts(t *testing.T) {
	s := scripts{t: t}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("GORACE", "atexit_sleep_ms=0")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"server": s.start, "set": s.set, "die": s.die, "put": s.put, "holds": s.holds,
			"watch": s.watch, "arrived": s.arrived, "exits": clitest.Exits, "says": says,
		},
	})
}

func says(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if code := run(context.Background(), args[1:], nil, ts.Stdout(), ts.Stderr()); (code == want) == neg {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
}

// scripts are the commands of scripts, and the servers that these have started.
type scripts struct {
	t       *testing.T
	servers sync.Map // *benchtest.Server by its URL
	watched sync.Map // what watch waits for, by the server's URL
}

// patience is how long a script waits for requests.
const patience = 20 * time.Second

func (s *scripts) server(ts *testscript.TestScript, name string) *benchtest.Server {
	found, ok := s.servers.Load(ts.Getenv(name))
	if !ok {
		ts.Fatalf("there is no server %s", name)
	}
	return found.(*benchtest.Server)
}

func options(ts *testscript.TestScript, args []string) (o benchtest.Options) {
	if len(args) > 0 {
		d := json.NewDecoder(strings.NewReader(args[0]))
		d.DisallowUnknownFields()
		ts.Check(d.Decode(&o))
	}
	return o
}

func (s *scripts) start(ts *testscript.TestScript, _ bool, args []string) {
	started := benchtest.Start(s.t, options(ts, args[1:]))
	_, port, err := net.SplitHostPort(started.Address())
	ts.Check(err)
	ts.Setenv(args[0], "sttp://"+started.Address())
	ts.Setenv(args[0]+"_PORT", port)
	s.servers.Store("sttp://"+started.Address(), started)
	ts.Defer(started.Close)
}

func (s *scripts) set(ts *testscript.TestScript, _ bool, args []string) {
	s.server(ts, args[0]).Set(options(ts, args[1:]))
}

func (s *scripts) die(ts *testscript.TestScript, _ bool, args []string) { s.server(ts, args[0]).Die() }

func (s *scripts) put(ts *testscript.TestScript, _ bool, args []string) {
	s.server(ts, args[0]).Put(args[1], args[2])
}

func (s *scripts) holds(ts *testscript.TestScript, neg bool, args []string) {
	if paths := s.server(ts, args[0]).Paths(); slices.Equal(paths, args[1:]) == neg {
		ts.Fatalf("there are %d snippets: %q", len(paths), paths[:min(5, len(paths))])
	}
}

func (s *scripts) watch(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	s.watched.Store(ts.Getenv(args[0]), s.server(ts, args[0]).After(n))
}

func (s *scripts) arrived(ts *testscript.TestScript, _ bool, args []string) {
	found, ok := s.watched.Load(ts.Getenv(args[0]))
	if !ok {
		ts.Fatalf("nothing is watched")
	}
	select {
	case <-found.(<-chan struct{}):
	case <-time.After(patience):
		ts.Fatalf("too few requests came within %v", patience)
	}
}
