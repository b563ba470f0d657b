//go:build unix

package peers_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"sttp/internal/bench"
	"sttp/internal/bench/peers"
)

// TestWithOurServer are the tests that start sttp-server, which is built once.
func TestWithOurServer(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	program := filepath.Join(t.TempDir(), "sttp-server")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "sttp/cmd/sttp-server").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Run("the servers of this machine are measured in every workload", func(t *testing.T) { everyWorkload(t, program) })
	t.Run("a server runs behind what names an upstream", func(t *testing.T) { behindAnother(t, program) })
}

// options measures as briefly as can be.
func options(t *testing.T, systems ...peers.System) peers.Options {
	t.Helper()
	directory := t.TempDir()
	t.Cleanup(func() {
		if left, err := os.ReadDir(directory); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v (%v)", left, err)
		}
	})
	return peers.Options{Systems: systems, Rounds: 1, Duration: 100 * time.Millisecond, Connections: 10, Directory: directory}
}

// self returns a command that runs this test binary in another role.
func self(t *testing.T, as, arguments string) string {
	t.Helper()
	file, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return role + "=" + as + " exec '" + file + "' " + arguments
}

func added(t *testing.T, name string, dialect bench.Dialect, line string, upstream peers.System) peers.System {
	t.Helper()
	s, err := peers.Command(name, dialect, line, upstream)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// needs fails the test without a program where that has to be there, and skips it
// elsewhere.
func needs(t *testing.T, programs ...string) {
	t.Helper()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err == nil {
			continue
		}
		if _, err := os.Stat("/usr/sbin/" + program); err == nil {
			continue
		}
		if os.Getenv("CI") != "" || runtime.GOOS == "linux" {
			t.Fatalf("there is no %s; make deps installs it", program)
		}
		t.Skip("there is no " + program)
	}
}

func everyWorkload(t *testing.T, program string) {
	needs(t, "redis-server", "memcached", "nginx")
	o := options(t, peers.STTP("sttp", program, nil), peers.Redis(), peers.Memcached(), peers.Nginx())
	for _, w := range peers.Workloads() {
		if w.Name != "create-one" {
			o.Only = append(o.Only, w.Name)
		}
	}
	found, err := peers.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	o.Only, o.Duration = []string{"create-one"}, time.Second // on a busy disk one change may take long
	one, err := peers.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	found.Tables = append(found.Tables, one.Tables...)
	found.Notes = append(found.Notes, one.Notes...)
	if len(one.Wrong) > 0 || len(one.Errors) > 0 || len(found.Wrong) > 0 || len(found.Errors) > 0 || found.Interrupted {
		t.Errorf("wrong: %v, errors: %v, examples: %q, interrupted: %v", found.Wrong, found.Errors, found.Examples, found.Interrupted)
	}
	for _, s := range found.Systems {
		if s.Missing != "" || s.Version == "" || s.Command == "" {
			t.Errorf("of a system is told %+v", s)
		}
	}
	shows, changes := "sttp redis memcached nginx", "sttp redis memcached"
	want := map[string]string{
		"SHOW, 10 connections, 1 in flight":         shows,
		"SHOW, 10 connections, 16 in flight":        shows,
		"SHOW, a connection for each, 10 at once":   shows,
		"UPDATE, durable, 10 connections":           "sttp redis",
		"CREATE, durable, 10 connections":           "sttp redis",
		"CREATE, durable, 1 connection":             "sttp redis",
		"UPDATE, as each is set up, 10 connections": changes,
	}
	for _, table := range found.Tables {
		checkTable(t, table, want[table.Name])
		delete(want, table.Name)
	}
	for name := range want {
		if !strings.Contains(name, "durable") || !slices.ContainsFunc(found.Notes, func(note string) bool { return strings.Contains(note, "in memory") }) {
			t.Errorf("there is no table for %s", name)
		}
	}
}

// checkTable sees to it that there is each figure of each of the systems.
func checkTable(t *testing.T, table bench.Table, systems string) {
	t.Helper()
	by := map[string][]string{}
	for _, f := range table.Figures {
		by[f.What] = append(by[f.What], f.System)
		low := f.Median < 0 || f.Median == 0 && f.What != "CPU" // of so short a time it may be less than can be told
		if low || f.Unit == "" || len(f.Rounds) != 1 || f.Ratio == nil && f.System != "sttp" && f.Median > 0 {
			t.Errorf("%s: %+v", table.Name, f)
		}
	}
	whats := []string{"rate", "p99"}
	if runtime.GOOS == "linux" {
		whats = append(whats, "CPU")
	}
	for _, what := range whats {
		if got := strings.Join(by[what], " "); got != systems {
			t.Errorf("%s has the %s of %q, not of %q", table.Name, what, got, systems)
		}
	}
}

func TestASystemThatIsNotInstalledIsLeftOut(t *testing.T) {
	needs(t, "redis-server")
	o := options(t, peers.Redis(), peers.STTP("sttp", "/there/is/no/sttp-server", nil))
	o.Only = []string{"show"}
	var noted []string
	o.Note = func(line string) { noted = append(noted, line) }
	found, err := peers.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if s := found.Systems[1]; !strings.Contains(s.Missing, "make build") || !slices.Equal(noted, found.Notes) || len(noted) != 1 {
		t.Errorf("said of what is missing: %q, noted %q", s.Missing, noted)
	}
	if len(found.Tables) != 1 || found.Tables[0].Figures[0].System != "redis" {
		t.Errorf("measured: %+v", found.Tables)
	}

	o = options(t, peers.STTP("sttp", "/there/is/no/sttp-server", nil), peers.Redis())
	if _, err := peers.Run(t.Context(), o); !errors.Is(err, peers.ErrMissing) {
		t.Errorf("without the first system: %v", err)
	}
}

func TestAServerThatDoesNotStartIsShownWithWhatItWrote(t *testing.T) {
	o := options(t, added(t, "broken", nil, "echo 'no such option'; exit 7; # {port}", peers.System{}))
	_, err := peers.Run(t.Context(), o)
	var failed *peers.StartError
	if !errors.As(err, &failed) || !strings.Contains(failed.What, "exit status 7") || !slices.Equal(failed.Output, []string{"no such option"}) {
		t.Errorf("%v", err)
	}
}

func TestWrongRepliesAreCounted(t *testing.T) {
	o := options(t, added(t, "liar", bench.Redis{}, self(t, "liar", "{port}"), peers.System{}))
	o.Only = []string{"show"}
	found, err := peers.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if found.Wrong.Total() != 1 || len(found.Examples) != 1 || !strings.HasPrefix(found.Examples[0], "liar: SHOW /snippets/") {
		t.Errorf("counted %v, with the examples %q", found.Wrong, found.Examples)
	}
}

func TestAServerThatDiesEndsTheComparisonWhichSaysSo(t *testing.T) {
	o := options(t, added(t, "mortal", bench.Redis{}, self(t, "mortal", "{port}"), peers.System{}))
	o.Only = []string{"show"}
	found, err := peers.Run(t.Context(), o)
	var failed *peers.StartError
	if !errors.As(err, &failed) || !strings.Contains(failed.What, "exit status 7") || found.Failed != err.Error() || found.Interrupted {
		t.Errorf("the error is %v, the comparison %+v", err, found)
	}
}

func TestAWarmUpMayBeWithoutAnyRightReply(t *testing.T) {
	o := options(t, added(t, "loading", bench.Redis{}, self(t, "loading", "{port}"), peers.System{}))
	o.Only, o.Duration = []string{"show"}, 400*time.Millisecond // a quarter of it warms up
	found, err := peers.Run(t.Context(), o)
	if err != nil || len(found.Tables) != 1 || found.Errors[bench.ErrorReply] == 0 || !strings.Contains(strings.Join(found.Notes, "\n"), "loading in the warm-up: errors: error reply ") {
		t.Errorf("%v: %+v", err, found)
	}
}

// A proxy: socat, where it is installed, is too much to ask for, so another
// server stands in for one, which shows that {upstream} is running.
func behindAnother(t *testing.T, program string) {
	ours := peers.STTP("sttp", program, nil)
	file := filepath.Join(t.TempDir(), "reply")
	line := `bash -c 'exec 3<>/dev/tcp/127.0.0.1/$(echo {upstream} | cut -d: -f2); printf "LIST /\n\n" >&3; cat <&3' > ` + file +
		`; exec ` + program + ` --port={port} --docroot={dir}/files --log-level=warn`
	o := options(t, ours, added(t, "proxy", nil, line, ours))
	o.Only = []string{"show"}
	found, err := peers.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if reply, err := os.ReadFile(file); err != nil || string(reply) != "200 / OK\n\n" {
		t.Errorf("the upstream answered %q (%v)", reply, err)
	}
	if runtime.GOOS != "linux" {
		return
	}
	withUpstream := slices.ContainsFunc(found.Tables[0].Figures, func(f bench.Figure) bool {
		return f.What == "CPU with upstream" && f.System == "proxy" && f.Ratio != nil
	})
	if !withUpstream {
		t.Errorf("there is no processor time of both: %+v", found.Tables[0].Figures)
	}
}

func TestWhenItIsInterruptedNoServerIsLeft(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	file := filepath.Join(t.TempDir(), "pid")
	o := options(t, added(t, "slow", nil, "echo $$ > "+file+".new; mv "+file+".new "+file+"; exec sleep 1000 # {port}", peers.System{}))
	pid := make(chan int, 1)
	go func() {
		defer cancel()
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for range 2000 {
			<-tick.C
			if text, err := os.ReadFile(file); err == nil {
				n, _ := strconv.Atoi(strings.TrimSpace(string(text)))
				pid <- n
				return
			}
		}
		pid <- 0
	}()
	found, err := peers.Run(ctx, o)
	if err != nil || !found.Interrupted {
		t.Errorf("interrupted: %v (%v)", found.Interrupted, err)
	}
	if n := <-pid; n == 0 || syscall.Kill(n, 0) == nil {
		t.Errorf("process %d still runs", n)
	}
}

func TestACommandHasToSayWhereItListens(t *testing.T) {
	for _, line := range []string{"", "my-server --dir {dir}"} {
		if _, err := peers.Command("x", nil, line, peers.System{}); err == nil {
			t.Errorf("%q is taken", line)
		}
	}
}

func TestASettingComesInPlaceOfOurs(t *testing.T) {
	s := peers.STTP("x", "sttp-server", []peers.Setting{{Key: "cache.max_files", Value: "7"}, {Key: "cache.enabled", Value: "false"}})
	want := "sttp-server --port={port} --docroot={dir}/files --listen-address=127.0.0.1 --log-level=warn --cache-max-files=7 --cache-enabled=false"
	if got := s.Describe(); got != want {
		t.Errorf("started as %s, not %s", got, want)
	}
}

func TestADatabaseLiesInTheDirectoryOfTheServer(t *testing.T) {
	s := peers.STTP("x", "sttp-server", []peers.Setting{{Key: "storage.engine", Value: "sqlite"}})
	want := "sttp-server --port={port} --storage-sqlite-path={dir}/sttp.db --listen-address=127.0.0.1 --log-level=warn --cache-max-files=10000 --storage-engine=sqlite"
	if got := s.Describe(); got != want {
		t.Errorf("started as %s, not %s", got, want)
	}
}
