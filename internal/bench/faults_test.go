package bench_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"sttp/internal/bench"
	"sttp/internal/bench/benchtest"
)

// lies are servers that answer wrong now and then, and what has to be counted.
var lies = []struct {
	name    string
	options benchtest.Options
	counted func(benchtest.Counts) bench.Counts
}{
	{"stale", benchtest.Options{Stale: 100}, func(c benchtest.Counts) bench.Counts {
		return bench.Counts{bench.Stale: c.Stale}
	}},
	{"torn", benchtest.Options{Torn: 100}, func(c benchtest.Counts) bench.Counts {
		return bench.Counts{bench.Torn: c.Torn}
	}},
	{"cut short", benchtest.Options{Cut: 100}, func(c benchtest.Counts) bench.Counts {
		return bench.Counts{bench.Torn: c.Cut}
	}},
	{"foreign", benchtest.Options{Foreign: 100}, func(c benchtest.Counts) bench.Counts {
		return bench.Counts{bench.Wrong: c.Foreign}
	}},
	{"missing", benchtest.Options{Missing: 100}, func(c benchtest.Counts) bench.Counts {
		return bench.Counts{bench.Lost: c.Missing}
	}},
	{"all of these", benchtest.Options{Stale: 50, Torn: 60, Cut: 70, Foreign: 80, Missing: 90}, func(c benchtest.Counts) bench.Counts {
		return bench.Counts{bench.Stale: c.Stale, bench.Torn: c.Torn + c.Cut, bench.Wrong: c.Foreign, bench.Lost: c.Missing}
	}},
}

func TestExactlyTheWrongRepliesAreCounted(t *testing.T) {
	t.Parallel()
	const requests = 3000
	some := lies
	if testing.Short() {
		some = lies[len(lies)-1:]
	}
	for _, lie := range some {
		for _, inFlight := range []int{1, 16} {
			t.Run(fmt.Sprintf("%s, %d in flight", lie.name, inFlight), func(t *testing.T) {
				t.Parallel()
				srv := benchtest.Start(t, benchtest.Options{})
				w := few()
				w.Mix = bench.Mix{"SHOW": 80, "UPDATE": 20}
				s := session(t, srv, w)
				o := lie.options
				o.InFlight = inFlight
				srv.Set(o)
				r := measure(t, s, closed(requests, inFlight))
				want := lie.counted(srv.Counts())
				if want.Total() < requests/100/2 {
					t.Fatalf("the server was wrong only %d times", want.Total())
				}
				if !maps.Equal(r.Wrong, want) {
					t.Errorf("counted are %v, and the server was wrong %v times", r.Wrong, want)
				}
				if r.Errors.Total() != 0 || r.Done != requests-want.Total() {
					t.Errorf("%d replies were right, errors %v", r.Done, r.Errors)
				}
				if len(r.Examples) == 0 {
					t.Error("there are no examples")
				}
				if most := srv.Counts().MaxBatch; most > inFlight {
					t.Errorf("%d requests were in flight", most)
				}
			})
		}
	}
}

// Many writers of one snippet, and connections that break meanwhile, leave many
// contents that are right; none of them hides those that are not.
func TestStaleRepliesAreCountedExactlyWhateverElseIsUnderWay(t *testing.T) {
	t.Parallel()
	for _, inFlight := range []int{1, 16} {
		for _, snippets := range []int{1, 20, 1000} {
			for _, reset := range []int{0, 100} {
				t.Run(fmt.Sprintf("%d snippets, %d in flight, reset %d", snippets, inFlight, reset), func(t *testing.T) {
					t.Parallel()
					srv := benchtest.Start(t, benchtest.Options{})
					w := bench.DefaultWorkload()
					w.Mix, w.Snippets = bench.Mix{"SHOW": 70, "UPDATE": 30}, snippets
					s := session(t, srv, w)
					srv.Set(benchtest.Options{Stale: 20, Reset: reset, InFlight: inFlight})
					r := measure(t, s, closed(3000, inFlight))
					// Of a reply that was on its way when its connection broke nobody knows.
					n, lost := srv.Counts().Stale, r.Errors.Total()-srv.Counts().Resets
					if got := r.Wrong[bench.Stale]; n < 10 || got > n || got < n-lost || r.Wrong.Total() != got {
						t.Errorf("the server was stale %d times, and counted are %v", n, r.Wrong)
					}
				})
			}
		}
	}
}

func TestWrongRepliesOfAnOpenLoopAreCounted(t *testing.T) {
	t.Parallel()
	srv := benchtest.Start(t, benchtest.Options{})
	w := bench.DefaultWorkload()
	w.Snippets, w.Mix = 100, bench.Mix{"SHOW": 70, "UPDATE": 30}
	s := session(t, srv, w)
	srv.Set(benchtest.Options{InFlight: 4, Stale: 100, Torn: 110, Foreign: 120, Missing: 130})
	l := open(4000, 500*time.Millisecond)
	l.InFlight = 4
	r := measure(t, s, l)
	c := srv.Counts()
	want := bench.Counts{bench.Stale: c.Stale, bench.Torn: c.Torn, bench.Wrong: c.Foreign, bench.Lost: c.Missing}
	if !maps.Equal(r.Wrong, want) || c.Stale == 0 {
		t.Errorf("counted are %v, and the server was wrong %v times", r.Wrong, want)
	}
	// Right replies alone have times.
	if n := r.Response.Count(); n != r.Done {
		t.Errorf("%d response times are there of %d right replies", n, r.Done)
	}
}

// A reply that is no reply to its request leaves the connection out of step: it
// is counted, and what else was on its way on the connection is an error.
func TestAReplyToNothingThatWasAskedEndsItsConnection(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		options benchtest.Options
		kind    string
		count   func(benchtest.Counts) int64
	}{
		{"garbage", benchtest.Options{Garbled: 100}, bench.Garbled, func(c benchtest.Counts) int64 { return c.Garbled }},
		{"another path", benchtest.Options{Astray: 100}, bench.Garbled, func(c benchtest.Counts) int64 { return c.Astray }},
	} {
		for _, inFlight := range []int{1, 16} {
			t.Run(fmt.Sprintf("%s, %d in flight", test.name, inFlight), func(t *testing.T) {
				t.Parallel()
				srv := benchtest.Start(t, benchtest.Options{})
				s := session(t, srv, few())
				before := srv.Counts().Connections
				o := test.options
				o.InFlight = inFlight
				srv.Set(o)
				l := closed(3000, inFlight)
				l.Connections = 20
				r := measure(t, s, l)
				c := srv.Counts()
				n := test.count(c)
				if got := r.Wrong[test.kind]; got > n || inFlight == 1 && got != n || got < 10 {
					t.Errorf("the server sent %d, and counted are %v", n, r.Wrong)
				}
				if r.Wrong.Total() != r.Wrong[test.kind] {
					t.Errorf("there were other wrong replies: %v", r.Wrong)
				}
				if inFlight == 1 && r.Errors.Total() != 0 {
					t.Errorf("there are errors: %v", r.Errors)
				}
				if opened := c.Connections - before; opened < r.Wrong.Total() {
					t.Errorf("only %d connections were opened", opened)
				}
			})
		}
	}
}

func TestASnippetThatIsNotThereAfterAllIsLost(t *testing.T) {
	t.Parallel()
	churn := few()
	churn.Mix = bench.Mix{"SHOW": 50, "CREATE": 20, "DELETE": 20}
	churn.HitRatio = 0.3
	for _, test := range []struct {
		name    string
		options benchtest.Options
		kind    string
		count   func(benchtest.Counts) int64
	}{
		{"CREATE forgotten", benchtest.Options{ForgetCreate: 20}, bench.Lost, func(c benchtest.Counts) int64 { return c.Denied }},
		{"DELETE not carried out", benchtest.Options{KeepDeleted: 20}, bench.Stale, func(c benchtest.Counts) int64 { return c.Undead + c.Refused }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			srv := benchtest.Start(t, benchtest.Options{})
			s := session(t, srv, churn)
			srv.Set(test.options)
			l := closed(3000, 1)
			l.Connections = 10
			r := measure(t, s, l)
			c := srv.Counts()
			n := test.count(c)
			// A DELETE that was sent before the reply to a SHOW came excuses it, and the
			// server cannot know that.
			if got := r.Wrong[test.kind]; n < 10 || got < n-n/8-5 || got > n+c.Excused {
				t.Errorf("the server was wrong %d times and perhaps %d more, and counted are %v, errors %v", n, c.Excused, r.Wrong, r.Errors)
			}
			if r.Wrong.Total() != r.Wrong[test.kind] {
				t.Errorf("there were other wrong replies: %v, %v", r.Wrong, r.Examples)
			}
		})
	}
}

func TestAListWithoutANameIsLost(t *testing.T) {
	t.Parallel()
	srv := benchtest.Start(t, benchtest.Options{})
	w := bench.DefaultWorkload()
	w.Mix = bench.Mix{"LIST": 50, "CREATE": 20, "DELETE": 10, "SHOW": 20}
	w.Snippets = 250
	s := session(t, srv, w)
	srv.Set(benchtest.Options{ShortList: 50, InFlight: 4})
	r := measure(t, s, closed(4000, 4))
	if c := srv.Counts(); r.Wrong[bench.Lost] != c.ShortLists || c.ShortLists < 20 || r.Wrong.Total() != c.ShortLists {
		t.Errorf("the server left out %d names, and counted are %v, %v", c.ShortLists, r.Wrong, r.Examples)
	}
}

// Connections that break leave changes of which nobody knows whether they were
// made, or will be: whatever comes of them is right.
func TestARightServerIsNeverAccused(t *testing.T) {
	t.Parallel()
	requests := int64(30_000)
	if testing.Short() || raced {
		requests = 4_000
	}
	everything := bench.Mix{"SHOW": 50, "UPDATE": 25, "CREATE": 10, "DELETE": 8, "LIST": 7}
	for _, test := range []struct {
		name    string
		options benchtest.Options
		change  func(*bench.Workload, *bench.Load)
	}{
		{"by default", benchtest.Options{}, func(w *bench.Workload, l *bench.Load) { *w = bench.DefaultWorkload() }},
		{"16 in flight", benchtest.Options{}, func(w *bench.Workload, l *bench.Load) { l.InFlight = 16 }},
		{"contents of any length", benchtest.Options{}, func(w *bench.Workload, l *bench.Load) {
			w.MinLength, w.MaxLength, l.InFlight = bench.MinLength, 160, 4
		}},
		{"one snippet and many writers", benchtest.Options{}, func(w *bench.Workload, l *bench.Load) {
			w.Snippets, w.Mix, l.InFlight = 1, bench.Mix{"SHOW": 50, "UPDATE": 50}, 16
		}},
		{"hot snippets", benchtest.Options{}, func(w *bench.Workload, l *bench.Load) {
			w.Zipf, w.Mix, l.InFlight = 1.5, bench.Mix{"SHOW": 70, "UPDATE": 30}, 8
		}},
		{"everything", benchtest.Options{}, func(w *bench.Workload, l *bench.Load) {
			w.Mix, w.HitRatio, w.Zipf, l.InFlight = everything, 0.6, 1.2, 8
		}},
		{"a connection for each", benchtest.Options{}, func(w *bench.Workload, l *bench.Load) {
			w.Mix, w.HitRatio, w.Snippets, l.ConnectionPerRequest, l.Count = everything, 0.6, 20, true, requests/10
		}},
		{"resets", benchtest.Options{Reset: 50}, func(w *bench.Workload, l *bench.Load) {
			w.Snippets, w.Mix, l.Count = 20, bench.Mix{"SHOW": 50, "UPDATE": 50}, requests/3
		}},
		{"resets with everything, 8 in flight", benchtest.Options{Reset: 100}, func(w *bench.Workload, l *bench.Load) {
			w.Mix, w.HitRatio, w.Snippets, l.InFlight, l.Count = everything, 0.5, 150, 8, requests/3
		}},
		{"closes with everything", benchtest.Options{Close: 50}, func(w *bench.Workload, l *bench.Load) {
			w.Mix, w.HitRatio, w.Snippets, l.Count = everything, 0.5, 50, requests/3
		}},
		{"failures with everything", benchtest.Options{Failing: 20}, func(w *bench.Workload, l *bench.Load) {
			w.Mix, w.HitRatio, w.Snippets, l.InFlight = everything, 0.5, 50, 4
		}},
		{"silence", benchtest.Options{Silent: 200}, func(w *bench.Workload, l *bench.Load) {
			w.Mix, w.HitRatio, w.Snippets, l.Timeout, l.Count = everything, 0.5, 10, 50*time.Millisecond, requests/10
		}},
		{"an open loop with resets at random times", benchtest.Options{Reset: 100}, func(w *bench.Workload, l *bench.Load) {
			w.Mix, w.HitRatio, w.Snippets = everything, 0.5, 50
			*l = open(5000, 500*time.Millisecond)
			l.Poisson, l.InFlight = true, 4
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w, l := few(), closed(requests, 1)
			test.change(&w, &l)
			srv := benchtest.Start(t, benchtest.Options{})
			s := session(t, srv, w)
			srv.Set(test.options)
			r := measure(t, s, l)
			if len(r.Wrong) != 0 {
				t.Errorf("accused of %v: %q", r.Wrong, r.Examples)
			}
			if broken := test.options.Reset + test.options.Close + test.options.Failing + test.options.Silent; (broken == 0) != (r.Errors.Total() == 0) {
				t.Errorf("errors: %v", r.Errors)
			}
			if r.Done < l.Count/2 {
				t.Errorf("only %d requests were answered; errors %v, dials %v", r.Done, r.Errors, r.Dials)
			}
			if c := srv.Counts(); c.Refused != 0 && test.options == (benchtest.Options{}) {
				t.Errorf("%d requests were refused", c.Refused)
			}
		})
	}
}

func TestEachKindOfErrorIsCountedAsWhatItIs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		options benchtest.Options
		kind    string
		count   func(benchtest.Counts) int64
	}{
		{"500", benchtest.Options{Failing: 50}, "status 500", func(c benchtest.Counts) int64 { return c.Failed }},
		{"reset", benchtest.Options{Reset: 50}, bench.Reset, func(c benchtest.Counts) int64 { return c.Resets }},
		{"closed", benchtest.Options{Close: 50}, bench.Closed, func(c benchtest.Counts) int64 { return c.Closes }},
		{"silent", benchtest.Options{Silent: 50}, bench.Timeout, func(c benchtest.Counts) int64 { return c.Silenced }},
	} {
		for _, shape := range []string{"closed", "open", "a connection for each"} {
			t.Run(test.name+", "+shape, func(t *testing.T) {
				if testing.Short() && test.options.Silent > 0 && shape != "closed" {
					t.Skip("waits for what never comes")
				}
				t.Parallel()
				srv := benchtest.Start(t, benchtest.Options{})
				s := session(t, srv, few())
				before := srv.Counts().Requests
				srv.Set(test.options)
				l := closed(500, 1)
				if shape != "closed" {
					l = open(2000, 250*time.Millisecond)
				}
				l.ConnectionPerRequest = shape == "a connection for each"
				if test.options.Silent > 0 {
					l.Timeout = 1500 * time.Millisecond
				}
				r := measure(t, s, l)
				c := srv.Counts()
				n := test.count(c)
				want := bench.Counts{test.kind: n}
				if !maps.Equal(r.Errors, want) || n != 10 || len(r.Wrong) != 0 {
					t.Errorf("the server did so %d times, and counted are %v, wrong %v", n, r.Errors, r.Wrong)
				}
				if sent := c.Requests - before; sent != r.Sent || r.Done != r.Sent-n {
					t.Errorf("the server got %d requests; %d are said to be sent, %d done", sent, r.Sent, r.Done)
				}
			})
		}
	}
}

func TestWhatTimesOutHasWaited(t *testing.T) {
	t.Parallel()
	srv := benchtest.Start(t, benchtest.Options{})
	s := session(t, srv, few())
	srv.Set(benchtest.Options{Silent: 10})
	l := open(300, 500*time.Millisecond)
	l.Timeout = 200 * time.Millisecond
	r := measure(t, s, l)
	n := r.Errors[bench.Timeout]
	if n < 10 || r.Response.Count() != r.Done+n {
		t.Errorf("%d timed out, and there are %d response times of %d replies", n, r.Response.Count(), r.Done)
	}
	if most := r.Response.Max(); most < 200*time.Millisecond {
		t.Errorf("the longest response time is %v", most)
	}
}

func TestAServerThatNeverAnswersIsNotForgotten(t *testing.T) {
	t.Parallel()
	srv := benchtest.Start(t, benchtest.Options{})
	s := session(t, srv, few())
	srv.Set(benchtest.Options{Mute: true})
	l := open(100, 300*time.Millisecond)
	l.Connections, l.InFlight, l.Drain = 5, 2, 100*time.Millisecond
	r := measure(t, s, l)
	if want := (bench.Counts{bench.Unanswered: 10, bench.Unsent: 20}); !maps.Equal(r.Errors, want) || r.Done != 0 {
		t.Errorf("counted are %v, not %v", r.Errors, want)
	}
	if r.Response.Count() != 30 {
		t.Errorf("%d response times are there", r.Response.Count())
	}
}

func TestConnectionsThatAreTurnedAwayAreCounted(t *testing.T) {
	t.Parallel()
	srv := benchtest.Start(t, benchtest.Options{})
	s := session(t, srv, few())
	srv.Set(benchtest.Options{MaxConnections: 5})
	l := open(500, 500*time.Millisecond)
	l.Connections = 10
	r := measure(t, s, l)
	if away := srv.Counts().TurnedAway; away < 5 || r.Dials["status 500"] == 0 || r.Dials.Total() > away {
		t.Errorf("%d connections were turned away, and counted are %v", away, r.Dials)
	}
	// How many requests a connection takes that is turned away later is up to chance.
	if r.Done < 50 || len(r.Wrong) != 0 {
		t.Errorf("%d of %d requests were answered, wrong %v, errors %v", r.Done, r.Due, r.Wrong, r.Errors)
	}
}
