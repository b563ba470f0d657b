package search_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"sttp/internal/bench"
	"sttp/internal/bench/search"
)

const ms = time.Millisecond

// judged returns the step at 2,000 requests per second, after one at 1,000 at which
// nothing is wrong and a request takes 1 ms.
func judged(t *testing.T, until string, change func(*bench.Result)) bench.Step {
	t.Helper()
	o := search.DefaultOptions()
	o.Until, o.Steps = parse(t, until), 2
	b := find(t, o, func(_ context.Context, rate float64, _ bool) (*bench.Result, error) {
		r := result(rate)
		if rate == 1000 {
			fill(r, 1000, func(int) sample { return sample{response: ms, service: ms} })
		} else {
			change(r)
		}
		return r, nil
	})
	if len(b.Steps) != 2 || !b.Steps[0].OK {
		t.Fatalf("steps: %s", steps(b, o))
	}
	return b.Steps[1]
}

// every makes each nth request b and the others a.
func every(n int, a, b sample) func(int) sample {
	return func(i int) sample {
		if i%n == 0 {
			return b
		}
		return a
	}
}

func TestAFailingStepIsBlamedOnWhoeverMadeItFail(t *testing.T) {
	right := sample{response: ms, service: ms}
	for name, c := range map[string]struct {
		until  string
		change func(*bench.Result)
		limit  string // "" is a step that holds
		why    string
	}{
		"all is well": {change: func(r *bench.Result) { fill(r, 2000, func(int) sample { return right }) }},
		"the server is slow": {limit: "server", why: "p99 6 ms, to be <5 ms", change: func(r *bench.Result) {
			fill(r, 2000, every(50, right, sample{response: 6 * ms, service: 6 * ms}))
		}},
		"it is slow, and the generator a bit late, which is too little to matter": {limit: "server", change: func(r *bench.Result) {
			fill(r, 2000, func(int) sample { return sample{5200 * time.Microsecond, 5 * ms, 200 * time.Microsecond, ""} })
		}},
		"it is slow, whatever the generator does": {limit: "server", change: func(r *bench.Result) {
			fill(r, 2000, every(50, right, sample{80 * ms, 77 * ms, 3 * ms, ""}))
		}},
		"requests are sent late": {limit: "generator", why: "the generator was late, 1 time in 100 by 4 ms", change: func(r *bench.Result) {
			fill(r, 2000, every(50, right, sample{6 * ms, 2 * ms, 4 * ms, ""}))
		}},
		"few requests are sent late, and make many others late": {limit: "generator", change: func(r *bench.Result) {
			fill(r, 2000, func(i int) sample {
				switch {
				case i%500 == 0:
					return sample{6 * ms, ms, 5 * ms, ""}
				case i%50 == 0:
					return sample{6 * ms, 6 * ms, 0, ""}
				}
				return right
			})
		}},
		"replies are read late, as samples show": {limit: "generator", change: func(r *bench.Result) {
			fill(r, 2000, every(50, right, sample{response: 6 * ms, service: 6 * ms}))
			r.Generator.Wake = bench.NewLatency()
			for i := range 500 {
				r.Generator.Wake.Record(time.Duration(i%10) * ms)
			}
		}},
		"the generator takes all processors": {limit: "generator", why: "took 95 % of the processors", change: func(r *bench.Result) {
			fill(r, 2000, func(int) sample { return sample{response: 20 * ms, service: 20 * ms} })
			r.Generator.Share = 0.95
		}},
		"there are no more ports": {limit: "generator", why: `there was no port for a connection`, change: func(r *bench.Result) {
			fill(r, 2000, every(50, right, sample{failed: bench.NoPort}))
		}},
		"there are no more descriptors": {limit: "generator", why: `there was no descriptor`, change: func(r *bench.Result) {
			fill(r, 2000, func(int) sample { return sample{response: 50 * ms, service: ms} })
			r.Dials[bench.NoDescriptor] = 3
		}},
		"the server says that it has failed, however busy the generator is": {limit: "server", why: `errors 2 %, to be <0.1 %, most of them "status 500"`, change: func(r *bench.Result) {
			fill(r, 2000, every(50, right, sample{failed: "status 500"}))
			r.Generator.Share = 0.95
		}},
		"the server resets connections, and nothing was said of errors": {until: "p99<5ms", limit: "server", why: "errors 5 %, to be <=2 % as there is no other limit", change: func(r *bench.Result) {
			fill(r, 2000, every(20, right, sample{failed: bench.Reset}))
		}},
		"more errors are allowed for": {until: "errors<10%", change: func(r *bench.Result) {
			fill(r, 2000, every(20, right, sample{failed: bench.Reset}))
		}},
		"a reply is wrong": {limit: "server", why: "1 reply was wrong", change: func(r *bench.Result) {
			fill(r, 2000, func(int) sample { return right })
			r.Wrong[bench.Stale] = 1
			r.Generator.Share = 0.95
		}},
		"replies do not come in time": {until: "errors<1%", limit: "server", why: `most of them "timeout"`, change: func(r *bench.Result) {
			fill(r, 2000, every(50, right, sample{response: 2 * time.Second, failed: bench.Timeout}))
		}},
		"requests are not sent, since the generator falls behind": {until: "errors<1%", limit: "generator", change: func(r *bench.Result) {
			fill(r, 2000, func(i int) sample {
				lag := time.Duration(i) * ms / 2
				if i > 1800 {
					return sample{response: lag, failed: bench.Unsent}
				}
				return sample{lag + ms, ms, lag, ""}
			})
		}},
		"one connection is served and the others are silent": {limit: "server", change: func(r *bench.Result) {
			r.Load.Connections = 2
			fill(r, 2000, every(50, sample{500 * ms, 600 * time.Microsecond, 0, ""}, sample{response: 2 * time.Second, failed: bench.Timeout}))
		}},
		"the connections are too few": {limit: "connections", why: "while the server answered in 1 ms; raise --connections", change: func(r *bench.Result) {
			r.Load.Connections = 2
			fill(r, 2000, func(i int) sample { return sample{response: ms + time.Duration(i)*ms/10, service: ms} })
		}},
		"they are too few as the server is slow now": {limit: "server", change: func(r *bench.Result) {
			r.Load.Connections = 4
			fill(r, 2000, func(i int) sample { return sample{response: 2*ms + time.Duration(i)*ms/10, service: 2 * ms} })
		}},
		"they are too few as the generator keeps them": {limit: "generator", why: "of which the generator was late for 2.4 ms", change: func(r *bench.Result) {
			r.Load.Connections = 6
			fill(r, 2000, func(i int) sample {
				return sample{2*ms + time.Duration(i)*ms/10, 3 * ms, 1200 * time.Microsecond, ""}
			})
		}},
		"requests wait longer and longer, however long they may": {until: "p99<10s", limit: "server", why: "wait longer and longer, only 91 % of the rate is answered", change: func(r *bench.Result) {
			fill(r, 2000, func(i int) sample { return sample{response: ms + time.Duration(i)*300*ms/2000, service: ms} })
		}},
		"requests wait longer and longer, and behind many of the warm-up": {until: "p99<10s", limit: "server", why: "wait longer and longer", change: func(r *bench.Result) {
			fill(r, 2000, func(i int) sample { return sample{response: time.Duration(2000+i/2) * ms, service: ms} })
			r.Slices = after(r.Elapsed/2, r.Slices)
		}},
		"requests wait behind those of the warm-up, but not longer and longer": {until: "p99<10s", change: func(r *bench.Result) {
			fill(r, 2000, func(i int) sample { return sample{response: time.Duration(2000+i%300) * ms, service: ms} })
			r.Slices = after(r.Elapsed/2, r.Slices)
		}},
		"they wait long, but not longer and longer": {until: "p99<10s", change: func(r *bench.Result) {
			fill(r, 2000, func(i int) sample { return sample{response: time.Duration(500+i*7%300) * ms, service: ms} })
		}},
		"they wait longer in the end, but that may be chance": {until: "p99<10s", change: func(r *bench.Result) {
			fill(r, 30, func(i int) sample { return sample{response: time.Duration(100+i%10*60+i/10*30) * ms, service: ms} })
		}},
		"no request was due": {limit: "generator", why: "a longer step has some", change: func(*bench.Result) {}},
		"the server went away": {limit: "server", why: "the server went away after 1.2 s (refused), 12 requests were lost", change: func(r *bench.Result) {
			fill(r, 2000, func(int) sample { return right })
			r.Gone = &bench.Gone{After: 1200 * ms, Lost: 12, Why: bench.Refused}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			until := c.until
			if until == "" {
				until = search.Example
			}
			s := judged(t, until, c.change)
			if s.OK != (c.limit == "") || s.Limit != c.limit || !strings.Contains(s.Why, c.why) {
				t.Errorf("ok %v, limit %q: %s; want %q: %s", s.OK, s.Limit, s.Why, c.limit, c.why)
			}
		})
	}
}

// after returns what slices are if no reply comes for the time of late.
func after(late time.Duration, slices []bench.Slice) []bench.Slice {
	all := []bench.Slice{{Length: late, Response: bench.NewLatency(), Service: bench.NewLatency()}}
	for _, s := range slices {
		s.Start += late
		all = append(all, s)
	}
	return all
}

func TestTheMeanIsJudgedAsTheQuantilesAre(t *testing.T) {
	for limit, c := range map[string]sample{
		"server":    {6 * ms, 6 * ms, 10 * time.Microsecond, ""},
		"generator": {6 * ms, 2 * ms, 4 * ms, ""},
	} {
		s := judged(t, "mean<=5ms", func(r *bench.Result) { fill(r, 2000, func(int) sample { return c }) })
		if s.Limit != limit || !strings.Contains(s.Why, "mean 6 ms, to be <=5 ms") {
			t.Errorf("limit %q: %s; want %s", s.Limit, s.Why, limit)
		}
	}
}

func TestAServerOnTheSameMachineIsHeldUpAsTheGeneratorIs(t *testing.T) {
	for local, want := range map[bool]string{false: bench.LimitServer, true: bench.LimitGenerator} {
		o := search.DefaultOptions()
		o.Steps, o.Local = 1, local
		b := find(t, o, func(_ context.Context, rate float64, _ bool) (*bench.Result, error) {
			r := result(rate)
			fill(r, 1000, every(50, sample{ms, ms, 0, ""}, sample{16 * ms, 14 * ms, 2 * ms, ""}))
			return r, nil
		})
		if got := b.Steps[0]; got.Limit != want || strings.Contains(got.Why, "on the same machine") != local {
			t.Errorf("local %v: limit %q: %s; want %q", local, got.Limit, got.Why, want)
		}
	}
}

func TestAStepIsJudgedAgainWhenItIsKnownHowFastTheServerCanBe(t *testing.T) {
	o := search.DefaultOptions()
	o.Steps = 3
	var told []string
	o.Observe = func(s bench.Step) { told = append(told, s.Limit) }
	b := find(t, o, func(_ context.Context, rate float64, _ bool) (*bench.Result, error) {
		r := result(rate)
		r.Load.Connections = 2
		if rate < 1000 {
			fill(r, 1000, func(int) sample { return sample{response: ms / 2, service: ms / 2} })
		} else {
			fill(r, 1000, func(int) sample { return sample{response: 80 * ms, service: 2 * ms} })
		}
		return r, nil
	})
	if told[0] != bench.LimitConnections {
		t.Errorf("at first it is the %s", told[0])
	}
	for _, s := range b.Steps[:2] {
		if s.Limit != bench.LimitServer {
			t.Errorf("at last it is the %s: %s", s.Limit, s.Why)
		}
	}
	if !strings.HasPrefix(b.Steps[1].Why, "tried again: p99 80") {
		t.Errorf("why: %s", b.Steps[1].Why)
	}
}

func TestAFigureThatIsEqualToItsLimitHoldsOnlyWithLessOrEqual(t *testing.T) {
	change := func(r *bench.Result) {
		fill(r, 2000, every(50, sample{response: ms, service: ms}, sample{failed: bench.Reset}))
	}
	r := result(2000)
	change(r)
	highest := strconv.FormatInt(int64(r.Response.Max()), 10) + "ns"
	for until, holds := range map[string]bool{
		"max<" + highest + ",errors<3%": false, "max<=" + highest + ",errors<3%": true, "errors<2%": false, "errors<=2%": true,
	} {
		o := search.DefaultOptions()
		o.Until, o.Steps = parse(t, until), 1
		b := find(t, o, func(context.Context, float64, bool) (*bench.Result, error) {
			r := result(2000)
			change(r)
			return r, nil
		})
		if b.Steps[0].OK != holds {
			t.Errorf("%s: ok %v, want %v: %s", until, b.Steps[0].OK, holds, b.Steps[0].Why)
		}
	}
}
