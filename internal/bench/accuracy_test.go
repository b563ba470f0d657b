package bench_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"sttp"
	"sttp/internal/bench"
	"sttp/internal/bench/benchtest"
)

// session returns a Session whose snippets are made, and cleaned up when the test
// ends.
func session(t *testing.T, srv *benchtest.Server, w bench.Workload) *bench.Session {
	t.Helper()
	s, err := bench.NewSession(bench.Target{Address: srv.Address()}, w, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, died := srv.Died(); !died {
			srv.Set(benchtest.Options{})
			s.Clean(context.Background(), nil)
		}
	})
	if err := s.Prepare(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return s
}

// few is the default workload with fewer snippets, which are made and deleted in
// less time.
func few() bench.Workload {
	w := bench.DefaultWorkload()
	w.Snippets = 100
	return w
}

// open is an open loop without warm-up.
func open(rate float64, d time.Duration) bench.Load {
	l := bench.DefaultLoad()
	l.Rate, l.Duration, l.Warmup = rate, d, 0
	return l
}

// closed is a closed loop of so many requests.
func closed(count int64, inFlight int) bench.Load {
	l := bench.DefaultLoad()
	l.Closed, l.Rate, l.Duration, l.Warmup = true, 0, 0, 0
	l.Count, l.InFlight = count, inFlight
	return l
}

// measure measures, and sees that no request is forgotten.
func measure(t *testing.T, s *bench.Session, l bench.Load) *bench.Result {
	t.Helper()
	r, err := s.Measure(t.Context(), l, nil)
	if err != nil {
		t.Fatal(err)
	}
	conserved(t, r)
	return r
}

// conserved sees that of every request that was due or sent it is known what
// became of it, in all the places where it is counted.
func conserved(t *testing.T, r *bench.Result) {
	t.Helper()
	wrong, errors := r.Wrong.Total(), r.Errors.Total()
	known := r.Done + wrong + errors
	if !r.Load.Closed && r.Due != known {
		t.Errorf("%d requests were due, and of %d it is known what became of them: %d done, wrong %v, errors %v", r.Due, known, r.Done, r.Wrong, r.Errors)
	}
	if r.Sent != known-r.Errors[bench.Unsent] {
		t.Errorf("%d requests are said to be sent, with %d done, wrong %v, errors %v", r.Sent, r.Done, r.Wrong, r.Errors)
	}
	if n := r.Service.Count(); n != r.Done {
		t.Errorf("%d right replies have %d service times", r.Done, n)
	}
	var sliced, sliceWrong, sliceErrors, acted int64
	for _, s := range r.Slices {
		sliced, sliceWrong, sliceErrors = sliced+s.Done, sliceWrong+s.Wrong, sliceErrors+s.Errors
	}
	for _, a := range r.Actions {
		acted += a.Done
	}
	if sliced != r.Done || sliceWrong != wrong || sliceErrors != errors {
		t.Errorf("the slices have %d done, %d wrong and %d errors, the result %d, %d and %d", sliced, sliceWrong, sliceErrors, r.Done, wrong, errors)
	}
	if acted != r.Done {
		t.Errorf("the actions have %d done, the result %d", acted, r.Done)
	}
}

// timely measures until try, which judges how long something took, returns nil.
// It has failed if try fails while no other program keeps the machine busy.
func timely(t *testing.T, try func() (*bench.Result, error)) {
	t.Helper()
	idle := 0
	for range 5 {
		start, before := time.Now(), benchtest.Busy()
		r, err := try()
		if err == nil {
			return
		}
		others := benchtest.Busy() - before - r.Generator.CPU
		t.Logf("%v; other programs took %v of CPU time, this one %v, of %v", err, others, r.Generator.CPU, time.Since(start))
		if before > 0 && others < time.Since(start)/10 {
			idle++
		}
	}
	if idle < 2 {
		t.Skip("other programs keep this machine too busy for a judgement")
	}
	t.Error("it takes too long on an idle machine, too")
}

func TestAStallShowsInResponseTimesAndNotInServiceTimes(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 4 seconds")
	}
	t.Parallel()
	srv := benchtest.Start(t, benchtest.Options{})
	s := session(t, srv, few())
	timely(t, func() (*bench.Result, error) {
		srv.Set(benchtest.Options{Stall: benchtest.Stall{First: time.Second, For: time.Second, Every: 5 * time.Second}})
		r := measure(t, s, open(200, 4*time.Second))
		if r.Due != 800 || r.Done != 800 {
			t.Errorf("%d of %d requests were answered, not 800", r.Done, r.Due)
		}
		if p99 := r.Response.Quantile(0.99); p99 < 500*time.Millisecond {
			t.Errorf("the 99th percentile of response times is %v", p99)
		}
		// A quarter of all requests were due in the stall, at any time of it.
		if p90 := r.Response.Quantile(0.90); p90 < 400*time.Millisecond || p90 > 900*time.Millisecond {
			return r, fmt.Errorf("the 90th percentile of response times is %v, not about 0.6 s", p90)
		}
		if median := r.Service.Quantile(0.5); median > 5*time.Millisecond {
			return r, fmt.Errorf("the median service time is %v", median)
		}
		// Nobody but the server made them wait.
		if lag := r.Generator.Lag.Quantile(0.99); lag > 50*time.Millisecond {
			return r, fmt.Errorf("the generator says that it was late by %v", lag)
		}
		return r, nil
	})
}

func TestServiceTimeIsTheServersDelay(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds, and runs alone")
	}
	for _, once := range []bool{false, true} {
		t.Run(fmt.Sprintf("connection per request %v", once), func(t *testing.T) {
			srv := benchtest.Start(t, benchtest.Options{})
			s := session(t, srv, few())
			const delay = 20 * time.Millisecond
			srv.Set(benchtest.Options{Delay: delay})
			l := open(200, 500*time.Millisecond)
			l.ConnectionPerRequest = once
			timely(t, func() (*bench.Result, error) {
				r := measure(t, s, l)
				if least := r.Service.Min(); least < delay*999/1000 { // told to 3 digits
					t.Errorf("a reply came after %v", least)
				}
				for name, times := range map[string]*bench.Latency{"service": r.Service, "response": r.Response} {
					if median := times.Quantile(0.5); median > delay+10*time.Millisecond {
						return r, fmt.Errorf("the median %s time is %v", name, median)
					}
				}
				return r, nil
			})
		})
	}
}

// A server that bears 500 requests per second is asked for 1000: what waits gets
// longer by a second in two, whatever the number of connections.
func TestAServerBeyondItsCapacityIsShownAsSuch(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds, and runs alone")
	}
	srv := benchtest.Start(t, benchtest.Options{})
	s := session(t, srv, few())
	srv.Set(benchtest.Options{Service: 2 * time.Millisecond})
	l := open(1000, 800*time.Millisecond)
	l.Connections = 10
	timely(t, func() (*bench.Result, error) {
		r := measure(t, s, l)
		if r.Due != 800 || r.Done != 800 {
			t.Errorf("%d of %d requests were answered", r.Done, r.Due)
		}
		for _, limit := range []struct {
			name              string
			took, least, most time.Duration
		}{
			// The last one was due after 0.8 s, and answered after 1.6.
			{"longest response time", r.Response.Max(), 700 * time.Millisecond, 1000 * time.Millisecond},
			{"median response time", r.Response.Quantile(0.5), 300 * time.Millisecond, 550 * time.Millisecond},
			// Ten requests at a time wait for each other in the server, the others for a
			// connection.
			{"median service time", r.Service.Quantile(0.5), 15 * time.Millisecond, 30 * time.Millisecond},
			{"send lag", r.Generator.Lag.Quantile(0.9), 0, 20 * time.Millisecond},
		} {
			if limit.took < limit.least || limit.took > limit.most {
				return r, fmt.Errorf("the %s is %v, not %v to %v", limit.name, limit.took, limit.least, limit.most)
			}
		}
		return r, nil
	})
}

func TestWhatCannotBeSentInTimeIsCountedAsUnsent(t *testing.T) {
	t.Parallel()
	srv := benchtest.Start(t, benchtest.Options{})
	s := session(t, srv, few())
	srv.Set(benchtest.Options{Service: 20 * time.Millisecond})
	before := srv.Counts().Requests
	l := open(1000, 500*time.Millisecond)
	l.Connections, l.Drain = 2, 200*time.Millisecond
	r := measure(t, s, l)
	if r.Due != 500 {
		t.Errorf("%d requests were due, not 500", r.Due)
	}
	if sent := srv.Counts().Requests - before; sent != r.Sent {
		t.Errorf("the server got %d requests, and %d are said to be sent", sent, r.Sent)
	}
	if r.Done < 5 || r.Done > 40 || r.Errors[bench.Unsent] != 500-r.Sent {
		t.Errorf("%d were answered, errors %v", r.Done, r.Errors)
	}
	// What was never sent has waited, too.
	if n := r.Response.Count(); n != 500 {
		t.Errorf("%d response times are there", n)
	}
	if median := r.Response.Quantile(0.5); median < 250*time.Millisecond {
		t.Errorf("the median response time is %v", median)
	}
}

func TestExactlyWhatWasAskedForIsMeasured(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name       string
		change     func(*bench.Load)
		due        int64 // that are counted
		warm, more int64 // requests of the warm-up, and how many more or less
	}{
		{"rate and duration", func(l *bench.Load) { l.Rate, l.Duration = 700, 700*time.Millisecond }, 490, 0, 0},
		{"a rate of no whole number", func(l *bench.Load) { l.Rate, l.Duration = 333.3, 500*time.Millisecond }, 167, 0, 0},
		{"a warm-up", func(l *bench.Load) { l.Rate, l.Duration, l.Warmup = 1000, 300*time.Millisecond, 400*time.Millisecond }, 300, 400, 0},
		{"a count", func(l *bench.Load) { l.Rate, l.Duration, l.Count = 2000, 0, 777 }, 777, 0, 0},
		{"a count of 1", func(l *bench.Load) { l.Duration, l.Count = 0, 1 }, 1, 0, 0},
		{"a count after a warm-up", func(l *bench.Load) {
			l.Rate, l.Duration, l.Count, l.Warmup = 1000, 0, 100, 100*time.Millisecond
		}, 100, 100, 0},
		{"a count at random times", func(l *bench.Load) { l.Rate, l.Duration, l.Count, l.Poisson = 1000, 0, 501, true }, 501, 0, 0},
		{"a count at random times after a warm-up", func(l *bench.Load) {
			l.Rate, l.Duration, l.Count, l.Poisson, l.Warmup = 1000, 0, 201, true, 200*time.Millisecond
		}, 201, 200, 100},
		{"a connection for each", func(l *bench.Load) {
			l.Rate, l.Duration, l.ConnectionPerRequest = 500, 500*time.Millisecond, true
		}, 250, 0, 0},
		{"a closed loop", func(l *bench.Load) { *l = closed(3001, 16) }, 3001, 0, 0},
		{"a closed loop with one connection", func(l *bench.Load) { *l = closed(99, 1); l.Connections = 1 }, 99, 0, 0},
		{"fewer than there are connections", func(l *bench.Load) { *l = closed(7, 16) }, 7, 0, 0},
		{"a closed loop with a connection for each", func(l *bench.Load) { *l = closed(301, 1); l.ConnectionPerRequest = true }, 301, 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			srv := benchtest.Start(t, benchtest.Options{})
			s := session(t, srv, few())
			before := srv.Counts().Requests
			l := open(1000, time.Second)
			test.change(&l)
			r := measure(t, s, l)
			if r.Done != test.due || !l.Closed && r.Due != test.due {
				t.Errorf("%d were due and %d answered, not %d", r.Due, r.Done, test.due)
			}
			sent := srv.Counts().Requests - before
			if least, most := test.due+test.warm-test.more, test.due+test.warm+test.more; sent < least || sent > most {
				t.Errorf("the server got %d requests, not %d to %d", sent, least, most)
			}
			if wrong := r.Errors.Total() + r.Wrong.Total() + r.Dials.Total(); wrong != 0 {
				t.Errorf("errors %v, wrong %v, dials %v", r.Errors, r.Wrong, r.Dials)
			}
		})
	}
}

func TestAWarmUpOfAClosedLoopIsNotCounted(t *testing.T) {
	t.Parallel()
	srv := benchtest.Start(t, benchtest.Options{})
	s := session(t, srv, few())
	before := srv.Counts().Requests
	srv.Set(benchtest.Options{Delay: 10 * time.Millisecond}) // 5000 requests per second
	l := closed(0, 1)
	l.Warmup, l.Duration = 300*time.Millisecond, 300*time.Millisecond
	r := measure(t, s, l)
	sent := srv.Counts().Requests - before
	if share := float64(r.Done) / float64(sent); share < 0.15 || share > 0.85 {
		t.Errorf("%d of %d requests were counted", r.Done, sent)
	}
	if r.Response != nil || r.Due != 0 || r.Generator.Lag != nil {
		t.Error("a closed loop has no response times, and nothing is due in it")
	}
}

func TestRequestsAreSentWhenTheyAreDue(t *testing.T) {
	rate, limit := 20_000.0, 2*time.Millisecond
	if raced {
		rate, limit = 2000, time.Minute
	}
	srv := benchtest.Start(t, benchtest.Options{})
	s := session(t, srv, few())
	timely(t, func() (*bench.Result, error) {
		r := measure(t, s, open(rate, time.Second))
		if r.Due != int64(rate) {
			t.Errorf("%d requests were due", r.Due)
		}
		if n := r.Generator.Lag.Count(); n != r.Sent {
			t.Errorf("%d lags are there of %d requests", n, r.Sent)
		}
		if r.Generator.CPU <= 0 || r.Generator.Share <= 0 || r.Generator.Share > 1.1 {
			t.Errorf("the CPU time is %v, a share of %v", r.Generator.CPU, r.Generator.Share)
		}
		if late := r.Generator.Lag.Quantile(0.99); late > limit {
			return r, fmt.Errorf("the 99th percentile of the send lag is %v", late)
		}
		return r, nil
	})
}

func TestArrivalsAreSpreadAsAskedFor(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds, and runs alone")
	}
	for _, test := range []struct {
		poisson     bool
		least, most float64 // standard deviation of the gaps, in gaps
	}{{false, 0, 0.5}, {true, 0.75, 1.4}} {
		t.Run(fmt.Sprintf("poisson %v", test.poisson), func(t *testing.T) {
			srv := benchtest.Start(t, benchtest.Options{})
			s := session(t, srv, few())
			const rate, n = 400.0, 200
			l := open(rate, 0)
			l.Poisson, l.Count = test.poisson, n
			timely(t, func() (*bench.Result, error) {
				srv.Set(benchtest.Options{Record: n})
				r := measure(t, s, l)
				mean, variation := gaps(srv.Arrivals())
				// The mean of 200 random gaps has a standard deviation of 7 %.
				if math.Abs(mean*rate-1) > 0.2 || variation < test.least || variation > test.most {
					return r, fmt.Errorf("the mean gap is %.3f ms, the deviation of a gap %.2f of that; the send lag was up to %v",
						1000*mean, variation, r.Generator.Lag.Max())
				}
				return r, nil
			})
		})
	}
}

// gaps returns the mean time between arrivals in seconds, and the standard
// deviation over that.
func gaps(all []benchtest.Arrival) (mean, variation float64) {
	var sum, squares float64
	for i := range all[1:] {
		gap := all[i+1].At.Sub(all[i].At).Seconds()
		sum += gap
		squares += gap * gap
	}
	n := float64(len(all) - 1)
	mean = sum / n
	return mean, math.Sqrt(max(0, squares/n-mean*mean)) / mean
}

func TestTheSameSeedGivesTheSameWorkload(t *testing.T) {
	t.Parallel()
	const n = 1000
	asked := func(seed uint64, change func(*bench.Workload, *bench.Load)) (lines []string) {
		srv := benchtest.Start(t, benchtest.Options{})
		w, l := few(), closed(n, 1)
		change(&w, &l)
		s, err := bench.NewSession(bench.Target{Address: srv.Address(), Directory: "/same"}, w, seed)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Prepare(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		srv.Set(benchtest.Options{Record: n})
		measure(t, s, l)
		for _, a := range srv.Arrivals() {
			lines = append(lines, a.Line)
		}
		if _, err := s.Clean(t.Context(), nil); err != nil {
			t.Error(err)
		}
		return lines
	}
	for name, change := range map[string]func(*bench.Workload, *bench.Load){
		"everything on one connection": func(w *bench.Workload, l *bench.Load) {
			l.Connections = 1
			w.Mix = bench.Mix{"SHOW": 5, "UPDATE": 2, "CREATE": 2, "DELETE": 1, "LIST": 1}
			w.HitRatio, w.Zipf, w.MinLength, w.MaxLength = 0.8, 1.2, 20, 160
		},
		"SHOW in an open loop": func(w *bench.Workload, l *bench.Load) {
			*l = open(8000, 0)
			l.Poisson, l.Count = true, n
			w.Mix = bench.Mix{"SHOW": 1}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, again, other := asked(7, change), asked(7, change), asked(8, change)
			if len(first) != n {
				t.Fatalf("%d requests were recorded", len(first))
			}
			if name != "everything on one connection" { // which have no order among them
				for _, lines := range [][]string{first, again, other} {
					slices.Sort(lines)
				}
			}
			if !slices.Equal(first, again) {
				t.Error("the same seed asks for something else")
			}
			if slices.Equal(first, other) {
				t.Error("another seed asks for the same")
			}
		})
	}
}

func TestTheMixIsAsAskedFor(t *testing.T) {
	t.Parallel()
	srv := benchtest.Start(t, benchtest.Options{})
	w := few()
	w.Mix = bench.Mix{"SHOW": 50, "UPDATE": 20, "CREATE": 10, "DELETE": 10, "LIST": 10}
	w.HitRatio = 0.75
	s := session(t, srv, w)
	before := srv.Counts().ByAction
	r := measure(t, s, closed(4000, 4))
	got := srv.Counts().ByAction
	for _, a := range sttp.Actions() {
		n := got[a.String()] - before[a.String()]
		if want := w.Mix.Weight(a) * 40; math.Abs(float64(n)-want) > 200 { // at least six standard deviations
			t.Errorf("%d requests were %s, not about %v", n, a, want)
		}
		if done := r.Actions[a.String()]; done == nil || done.Done != n || done.Service.Count() != n {
			t.Errorf("the result has %+v for %d times %s", done, n, a)
		}
	}
	if refused := srv.Counts().Refused; refused != 0 {
		t.Errorf("%d requests were malformed", refused)
	}
}
