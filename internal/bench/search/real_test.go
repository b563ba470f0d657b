package search_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"sttp/internal/bench"
	"sttp/internal/bench/benchtest"
	"sttp/internal/bench/search"
)

// measureAt returns what measures the server at address, with a load that change
// has changed. What it makes there is deleted when the test ends.
func measureAt(t *testing.T, address string, change func(*bench.Load)) search.Measure {
	t.Helper()
	w := bench.DefaultWorkload()
	w.Snippets, w.Mix = 20, bench.Mix{"SHOW": 1}
	s, err := bench.NewSession(bench.Target{Address: address}, w, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if left, err := s.Clean(context.Background(), nil); left > 0 || err != nil {
			t.Logf("%d left behind: %v", left, err)
		}
	})
	if err := s.Prepare(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	load := bench.DefaultLoad()
	load.Connections, load.Warmup, load.Duration = 10, 200*ms, 600*ms
	load.Timeout, load.Drain = 2*time.Second, 300*ms
	if change != nil {
		change(&load)
	}
	return func(ctx context.Context, rate float64, long bool) (*bench.Result, error) {
		l := load
		l.Rate = rate
		if long {
			l.Duration *= 3
		}
		return s.Measure(ctx, l, nil)
	}
}

func TestTheCapacityOfARealServerIsFound(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a quarter of a minute")
	}
	const service = 2 * ms // one after the other: 500 requests per second
	server := benchtest.Start(t, benchtest.Options{Service: service})
	o := search.DefaultOptions()
	o.Until, o.From = parse(t, "p99<50ms,errors<0.1%"), 400
	measure := measureAt(t, server.Address(), nil)
	// What else runs on the machine keeps the server from some of its capacity.
	disturbed := 0
	for range 3 {
		start, before := time.Now(), benchtest.Busy()
		b := find(t, o, measure)
		t.Log(steps(b, o))
		wrong := capacityFound(b)
		if wrong == "" {
			return
		}
		if others := benchtest.Busy() - before - ownTime(b); others > time.Since(start)/5 {
			disturbed++
		}
		t.Log(wrong)
	}
	if disturbed == 3 {
		t.Skip("other programs keep this machine too busy for a judgement")
	}
	t.Error("the capacity was not found in three searches")
}

// ownTime returns the processor time that this process took in the steps.
func ownTime(b *bench.Break) (d time.Duration) {
	for _, s := range b.Steps {
		d += s.Result.Generator.CPU
	}
	return d
}

// capacityFound tells what is wrong with what was found of a server that answers
// 500 requests per second. In a step and its warm-up, 50 ms of delay are 6 % more.
func capacityFound(b *bench.Break) string {
	if b.Rate < 440 || b.Rate > 540 || b.Limit != bench.LimitServer || !b.Confirmed {
		return fmt.Sprintf("found %v, limited by the %s", b.Rate, b.Limit)
	}
	for _, s := range b.Steps {
		if s.Rate > 600 && s.Limit != bench.LimitServer {
			return fmt.Sprintf("at %v it is the %s: %s", s.Rate, s.Limit, s.Why)
		}
	}
	return ""
}

func TestARealServerWithTooFewConnectionsIsNotBlamed(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes several seconds")
	}
	server := benchtest.Start(t, benchtest.Options{Delay: 10 * ms}) // for any number of connections at once
	o := search.DefaultOptions()
	o.Until, o.From, o.Steps = parse(t, "p50<100ms"), 100, 3
	b := find(t, o, measureAt(t, server.Address(), func(l *bench.Load) { l.Connections = 2 }))
	t.Log(steps(b, o))
	if last := b.Steps[len(b.Steps)-1]; last.OK || last.Limit != bench.LimitConnections {
		t.Errorf("the last step: ok %v, limited by the %s", last.OK, last.Limit)
	}
}

// TestServeForAnother is no test: it is the server of the test below, in a process
// of its own.
func TestServeForAnother(t *testing.T) {
	if os.Getenv("SERVE_FOR_ANOTHER") == "" {
		t.Skip("it is part of another test")
	}
	fmt.Println(benchtest.Start(t, benchtest.Options{}).Address())
	io.Copy(io.Discard, os.Stdin)
}

// elsewhere starts a server in another process and returns its address.
func elsewhere(t *testing.T) string {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestServeForAnother$")
	cmd.Env = append(os.Environ(), "SERVE_FOR_ANOTHER=1")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		io.Copy(io.Discard, stdout)
		cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal("the server did not start: ", err)
	}
	return strings.TrimSpace(line)
}

func TestARealGeneratorThatIsHeldUpIsNamedAndNotTheServer(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes several seconds")
	}
	measure := measureAt(t, elsewhere(t), func(l *bench.Load) { l.Poisson = true })
	o := search.DefaultOptions()
	o.Until, o.From, o.Lowest, o.Steps = parse(t, "p99<2ms"), 400, 100, 4
	defer holdUp()()
	b := find(t, o, measure)
	t.Log(steps(b, o))
	for _, s := range b.Steps {
		if s.OK || s.Limit != bench.LimitGenerator {
			t.Errorf("at %v: ok %v, limited by the %s: %s", s.Rate, s.OK, s.Limit, s.Why)
		}
	}
}
