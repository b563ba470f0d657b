package bench_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sttp/internal/bench"
	"sttp/internal/bench/benchtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestAServerThatDiesEndsTheRunSoon(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(*bench.Load)
	}{
		{"in an open loop", func(l *bench.Load) {}},
		{"in an open loop with 16 in flight", func(l *bench.Load) { l.InFlight = 16 }},
		{"in an open loop at random times", func(l *bench.Load) { l.Poisson = true }},
		{"with a connection for each request", func(l *bench.Load) { l.ConnectionPerRequest = true }},
		{"in a closed loop", func(l *bench.Load) { *l = closed(1<<40, 1) }},
		{"in a closed loop with 16 in flight", func(l *bench.Load) { *l = closed(1<<40, 16) }},
		{"in a closed loop with a connection for each request", func(l *bench.Load) {
			*l = closed(1<<40, 1)
			l.ConnectionPerRequest = true
		}},
		{"in the warm-up", func(l *bench.Load) { l.Warmup = time.Minute }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			srv := benchtest.Start(t, benchtest.Options{})
			s := session(t, srv, few())
			srv.Set(benchtest.Options{DieAfter: 300, Record: 1})
			l := open(1500, time.Minute)
			test.change(&l)
			l.Connections, l.Patience = 10, 800*time.Millisecond
			r := measure(t, s, l)
			ended := time.Now()
			start := srv.Arrivals()[0].At
			died, dead := srv.Died()
			if !dead || r.Gone == nil {
				t.Fatalf("dead: %v, gone: %v, errors %v", dead, r.Gone, r.Errors)
			}
			if late := ended.Sub(died); late > 10*time.Second { // of a minute, or of an endless run
				t.Errorf("the run ended %v after the server", late)
			}
			if off := r.Gone.After + l.Warmup - died.Sub(start); off < -600*time.Millisecond || off > 600*time.Millisecond { // less than the patience with it
				t.Errorf("it is said to have gone after %v, and went after %v", r.Gone.After, died.Sub(start)-l.Warmup)
			}
			if most := int64(l.Connections * l.InFlight); r.Gone.Lost < 1 || r.Gone.Lost > most {
				t.Errorf("%d requests are said to be lost, of at most %d", r.Gone.Lost, most)
			}
			if r.Gone.Why != bench.Refused {
				t.Errorf("it is said to have gone as connections are %s", r.Gone.Why)
			}
			if lost := r.Errors[bench.Closed] + r.Errors[bench.Reset]; l.Warmup == 0 && lost < r.Gone.Lost {
				t.Errorf("%d were lost, and there are the errors %v", r.Gone.Lost, r.Errors)
			}
			// 300 came; of the last one at least there is no reply.
			if l.Warmup == 0 && (r.Done == 0 || r.Done > 299) {
				t.Errorf("%d requests were answered", r.Done)
			}
			if r.Interrupted {
				t.Error("nobody interrupted it")
			}
		})
	}
}

func TestAServerThatOnlyClosesItsConnectionsIsNotGone(t *testing.T) {
	t.Parallel()
	srv := benchtest.Start(t, benchtest.Options{})
	s := session(t, srv, few())
	srv.Set(benchtest.Options{Close: 1})
	l := open(200, 500*time.Millisecond)
	l.Connections, l.Patience, l.Drain = 2, 100*time.Millisecond, 100*time.Millisecond
	r := measure(t, s, l)
	if r.Gone != nil || r.Done != 0 || r.Errors[bench.Closed] < 5 {
		t.Errorf("gone: %v, %d done, errors %v", r.Gone, r.Done, r.Errors)
	}
}

func TestWhereNobodyListensThereIsNoServer(t *testing.T) {
	t.Parallel()
	srv := benchtest.Start(t, benchtest.Options{})
	s := session(t, srv, few())
	other, err := bench.NewSession(bench.Target{Address: srv.Address()}, few(), 1)
	if err != nil {
		t.Fatal(err)
	}
	srv.Close()
	for _, l := range []bench.Load{open(100, time.Second), closed(100, 1)} {
		for _, once := range []bool{false, true} {
			l.ConnectionPerRequest = once
			if _, err := s.Measure(t.Context(), l, nil); !errors.Is(err, bench.ErrNoServer) {
				t.Errorf("the error is %v", err)
			}
		}
	}
	if err := other.Prepare(t.Context(), nil); !errors.Is(err, bench.ErrNoServer) {
		t.Errorf("the error of Prepare is %v", err)
	}
	if left, err := other.Clean(t.Context(), nil); left != 0 || err != nil {
		t.Errorf("Clean, with nothing made: %d left, %v", left, err)
	}
}

func TestAnInterruptEndsAMeasurementAndKeepsWhatWasFound(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		options benchtest.Options
		load    bench.Load
		least   int64 // right replies
	}{
		{"an open loop", benchtest.Options{}, open(500, time.Minute), 50},
		{"a closed loop", benchtest.Options{Delay: 5 * time.Millisecond}, closed(1<<40, 1), 50},
		{"an open loop in a stall", benchtest.Options{Stall: benchtest.Stall{For: time.Hour}}, open(500, time.Minute), 0},
		{"a closed loop in a stall", benchtest.Options{Stall: benchtest.Stall{For: time.Hour}}, closed(1<<40, 1), 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			srv := benchtest.Start(t, benchtest.Options{})
			s := session(t, srv, few())
			srv.Set(test.options)
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			var at time.Time
			ready := srv.After(max(40, 2*test.least)) // 50 connections have one in flight each
			waited := make(chan struct{})
			go func() {
				defer close(waited)
				<-ready
				at = time.Now()
				interrupt()
			}()
			test.load.Drain = time.Minute // which an interrupt does not wait for
			r, err := s.Measure(ctx, test.load, nil)
			if err != nil {
				t.Fatal(err)
			}
			<-waited
			if took := time.Since(at); took > 10*time.Second {
				t.Errorf("it took %v to end", took)
			}
			conserved(t, r)
			if !r.Interrupted || r.Gone != nil || r.Done < test.least || r.Done > 2000 || len(r.Wrong) != 0 {
				t.Errorf("interrupted: %v, gone: %v, %d done, wrong %v", r.Interrupted, r.Gone, r.Done, r.Wrong)
			}
			if r.Elapsed <= 0 || r.Elapsed > 10*time.Second {
				t.Errorf("it was measured for %v", r.Elapsed)
			}
		})
	}
}

func TestProgressIsShownAsItIs(t *testing.T) {
	t.Parallel()
	srv := benchtest.Start(t, benchtest.Options{})
	s := session(t, srv, few())
	l := open(500, 600*time.Millisecond)
	l.Warmup = 300 * time.Millisecond
	var all []bench.Progress
	r, err := s.Measure(t.Context(), l, func(p bench.Progress) { all = append(all, p) })
	if err != nil {
		t.Fatal(err)
	}
	stages := map[string]bool{}
	var last int64
	for _, p := range all {
		stages[p.Stage] = true
		if p.Fraction < 0 || p.Fraction > 1 || p.Done < 0 {
			t.Errorf("it shows %+v", p)
		}
		if p.Stage == "measure" {
			if p.Done < last || p.Connected == 0 {
				t.Errorf("after %d done it shows %+v", last, p)
			}
			last = p.Done
		}
	}
	if !stages["warm up"] || !stages["measure"] || last == 0 || last > r.Done {
		t.Errorf("it showed %v, and %d done at the end of %d", stages, last, r.Done)
	}
}
