package bench_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"sttp/internal/bench"
	"sttp/internal/bench/benchtest"
)

// What waits since the warm-up when an interrupt comes is not counted, and what
// was due behind it is.
func TestNothingThatWasDueIsForgottenBehindTheWarmUp(t *testing.T) {
	t.Parallel()
	srv := benchtest.Start(t, benchtest.Options{})
	s := session(t, srv, few())
	srv.Set(benchtest.Options{Mute: true})
	l := open(200, time.Minute)
	l.Connections, l.Warmup, l.Drain = 2, 100*time.Millisecond, 0
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, err := s.Measure(ctx, l, func(p bench.Progress) {
		if p.Stage == "measure" && p.Elapsed > 200*time.Millisecond { // 40 were due since the warm-up
			cancel()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	conserved(t, r)
	if r.Due < 20 || r.Errors[bench.Unsent] != r.Due {
		t.Errorf("%d were due, errors %v", r.Due, r.Errors)
	}
}

// A connection that is opened anew at once costs next to nothing; a pause would
// look as if the server had made one.
func TestAConnectionThatBreaksIsReplacedAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds, and runs alone")
	}
	srv := benchtest.Start(t, benchtest.Options{})
	s := session(t, srv, few())
	srv.Set(benchtest.Options{Garbled: 50})
	l := open(200, time.Second)
	l.Connections = 1
	timely(t, func() (*bench.Result, error) {
		r := measure(t, s, l)
		if r.Wrong[bench.Garbled] < 3 {
			t.Errorf("wrong are %v", r.Wrong)
		}
		if median := r.Response.Quantile(0.5); median > 10*time.Millisecond {
			return r, fmt.Errorf("the median response time is %v", median)
		}
		return r, nil
	})
}

// The senders may notice an interrupt before whoever watches them does.
func TestAnInterruptIsNeverTakenForTheEnd(t *testing.T) {
	t.Parallel()
	srv := benchtest.Start(t, benchtest.Options{})
	s := session(t, srv, few())
	for range 8 {
		ctx, cancel := context.WithCancel(t.Context())
		r, err := s.Measure(ctx, open(100, time.Minute), func(p bench.Progress) {
			if p.Stage == "measure" {
				cancel()
				<-time.After(20 * time.Millisecond) // until all replies are there
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if !r.Interrupted {
			t.Fatalf("it is said to have been measured for %v", r.Elapsed)
		}
	}
}

func TestAClosedLoopWaitsForItsLastRepliesNoLongerThanAsked(t *testing.T) {
	t.Parallel()
	srv := benchtest.Start(t, benchtest.Options{})
	s := session(t, srv, few())
	srv.Set(benchtest.Options{Stall: benchtest.Stall{First: 100 * time.Millisecond, For: time.Hour}})
	l := closed(0, 1)
	l.Duration, l.Timeout, l.Drain = 300*time.Millisecond, time.Minute, 100*time.Millisecond
	start := time.Now()
	r := measure(t, s, l)
	if took := time.Since(start); took > 10*time.Second || r.Errors[bench.Unanswered] != 50 {
		t.Errorf("it took %v, errors %v", took, r.Errors)
	}
}

func TestASlowServerIsNotSaidToBeAPlainOne(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	w := bench.DefaultWorkload()
	w.Snippets = 2
	for name, o := range map[string]benchtest.Options{
		"each reply takes long": {Delay: 1100 * time.Millisecond},
		"a stall":               {Delay: 2 * time.Millisecond, Stall: benchtest.Stall{First: 4 * time.Millisecond, For: 1200 * time.Millisecond}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := benchtest.Start(t, benchtest.Options{})
			srv.Set(o)
			s := session(t, srv, w)
			srv.Set(benchtest.Options{})
			l := closed(10, 2)
			l.Connections = 2
			measure(t, s, l)
		})
	}
}

// talkative is a server that sends a line more than it should behind each reply
// to a SHOW, pause later.
func talkative(t *testing.T, pause time.Duration) (address string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	var snippets sync.Map
	serve := func(c net.Conn) {
		defer c.Close()
		for lines, shows := bufio.NewScanner(c), 0; lines.Scan(); {
			line := lines.Text()
			action, rest, _ := strings.Cut(line, " ")
			path, contents, _ := strings.Cut(rest, " ")
			switch action {
			case "CREATE":
				snippets.Store(path, contents)
				fmt.Fprintf(c, "100 %s CREATED\n", path)
			case "DELETE":
				fmt.Fprintf(c, "600 %s DELETED\n", path)
			case "SHOW":
				held, _ := snippets.Load(path)
				reply, more := fmt.Sprintf("200 %s OK\n%s\n", path, held), "and more\n"
				if shows++; shows < 10 { // what looks at the server first is none the wiser
					more = ""
				}
				if pause == 0 {
					reply, more = reply+more, ""
				}
				c.Write([]byte(reply))
				time.Sleep(pause)
				c.Write([]byte(more))
			default:
				return
			}
		}
	}
	running.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { serve(c) })
		}
	})
	t.Cleanup(func() { listener.Close(); running.Wait() })
	return listener.Addr().String()
}

func TestWhatNobodyHasAskedForIsAWrongReply(t *testing.T) {
	t.Parallel()
	w := bench.DefaultWorkload()
	w.Mix, w.Snippets = bench.Mix{"SHOW": 1}, 10
	for _, pause := range []time.Duration{0, 5 * time.Millisecond} {
		t.Run(pause.String(), func(t *testing.T) {
			t.Parallel()
			s, err := bench.NewSession(bench.Target{Address: talkative(t, pause)}, w, 1)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Prepare(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			l := open(50, time.Second) // a connection has nothing on its way when the rest comes
			l.Connections = 1
			r, err := s.Measure(t.Context(), l, nil)
			if err != nil {
				t.Fatal(err)
			}
			if r.Wrong[bench.Garbled] < 2 || len(r.Examples) == 0 || !strings.Contains(r.Examples[0], "and more") {
				t.Errorf("%d done, wrong %v, errors %v, such as %q", r.Done, r.Wrong, r.Errors, r.Examples)
			}
			if known := r.Done + r.Wrong.Total() + r.Errors.Total(); r.Sent > r.Due || pause == 0 && r.Due != known {
				t.Errorf("%d were due, %d sent, and of %d it is known what became of them", r.Due, r.Sent, known)
			}
			if left, err := s.Clean(t.Context(), nil); left != 0 || err != nil {
				t.Errorf("%d left: %v", left, err)
			}
		})
	}
}
