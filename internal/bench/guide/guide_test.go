package guide_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sttp/cache"
	"sttp/cache/memory"
	"sttp/internal/bench"
	"sttp/internal/bench/benchtest"
	"sttp/internal/bench/guide"
	"sttp/internal/service"
	"sttp/server"
	"sttp/store/files"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// whole are options of the whole test, without pauses.
func whole(address string) guide.Options {
	o := guide.DefaultOptions()
	o.Address, o.Interval = address, 0
	return o
}

// quick are the same with the first 200 snippets only.
func quick(address string) guide.Options { return guide.With(whole(address), 200) }

// carriedOut runs the test and fails if there is no result.
func carriedOut(t *testing.T, o guide.Options, observe func(bench.Progress)) *bench.Guide {
	t.Helper()
	g, err := guide.Run(t.Context(), o, observe)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// after returns an observer that calls do once, when a stage has ended and no
// request is under way.
func after(stage string, do func()) func(bench.Progress) {
	done := false
	return func(p bench.Progress) {
		if p.Stage == stage && p.Fraction == 1 && !done {
			done = true
			do()
		}
	}
}

// during returns an observer that calls do once, in the middle of a stage. For
// that s becomes slow when the stage begins.
func during(s *benchtest.Server, stage string, do func()) func(bench.Progress) {
	slow, done := false, false
	return func(p bench.Progress) {
		switch {
		case p.Stage == stage && !slow:
			slow = true
			s.Set(benchtest.Options{Delay: time.Millisecond})
		case p.Stage == stage && p.Done > 0 && !done:
			done = true
			do()
		}
	}
}

// nothingLeft fails the test if a snippet of the guide's test is on the server.
func nothingLeft(t *testing.T, s *benchtest.Server, g *bench.Guide) {
	t.Helper()
	if paths := s.Paths(); len(paths) > 0 || len(g.Left) > 0 {
		t.Errorf("%d snippets are there, as %v; %d are said to be left", len(paths), paths[:min(3, len(paths))], len(g.Left))
	}
}

// allRight fails the test if the run was not complete and without a fault.
func allRight(t *testing.T, g *bench.Guide) {
	t.Helper()
	if g.Wrong.Total() != 0 || g.Errors.Total() != 0 || g.Interrupted || g.Gone != nil {
		t.Errorf("wrong %v, errors %v, interrupted %v, gone %+v: %v", g.Wrong, g.Errors, g.Interrupted, g.Gone, g.Examples)
	}
	n := int64(g.Snippets)
	if g.Created != g.Snippets || g.Deleted != g.Snippets {
		t.Errorf("created %d, deleted %d", g.Created, g.Deleted)
	}
	want := map[string]int64{"create": n, "retrieve": n + n/10, "delete": n}
	for _, p := range g.Phases {
		if p.Requests != want[p.Name] || p.Done != want[p.Name] || p.Service.Count() != want[p.Name] || p.Rate <= 0 {
			t.Errorf("phase %s: %d requests, %d right replies, %d timed, rate %v", p.Name, p.Requests, p.Done, p.Service.Count(), p.Rate)
		}
	}
	if len(g.Phases) != 3 {
		t.Errorf("%d phases", len(g.Phases))
	}
}

// theScript returns the lines that the guide's script sends, one at a time.
func theScript() (lines []string) {
	var creates, shows, deletes []string
	for i := range 1000 {
		path := "/snippets/snippet_" + itoa(i) + ".txt"
		creates = append(creates, "CREATE "+path+" This is pre-defined snippet number "+itoa(i+1))
		shows = append(shows, "SHOW "+path)
		if i%10 == 0 {
			shows = append(shows, "SHOW "+path)
		}
		deletes = append(deletes, "DELETE "+path)
	}
	return slices.Concat(creates, shows, deletes)
}

func itoa(n int) string { return slog.IntValue(n).String() }

func TestTheRequestsAreThoseOfTheScriptInItsOrder(t *testing.T) {
	t.Parallel()
	for _, perRequest := range []bool{false, true} {
		s := benchtest.Start(t, benchtest.Options{})
		o := whole(s.Address())
		o.ConnectionPerRequest = perRequest
		g := carriedOut(t, o, after("look", func() { s.Set(benchtest.Options{Record: 5000}) }))
		allRight(t, g)
		var lines []string
		for _, a := range s.Arrivals() {
			lines = append(lines, a.Line)
		}
		want := theScript()
		for i := range min(len(lines), len(want)) {
			if lines[i] != want[i] {
				t.Fatalf("request %d is %q, want %q", i, lines[i], want[i])
			}
		}
		if len(lines) != len(want) {
			t.Errorf("%d requests, want %d", len(lines), len(want))
		}
		nothingLeft(t, s, g)
		connections := s.Counts().Connections
		if perRequest && connections != 4100 || !perRequest && connections != 1 {
			t.Errorf("a connection for each request is %v, and there were %d", perRequest, connections)
		}
	}
}

func TestEachOfTheRetrievalsAtOnceHasAConnection(t *testing.T) {
	t.Parallel()
	s := benchtest.Start(t, benchtest.Options{})
	o := quick(s.Address())
	o.Concurrent = 8
	slow := after("create", func() { s.Set(benchtest.Options{Delay: time.Millisecond}) })
	fast := after("retrieve", func() { s.Set(benchtest.Options{}) })
	g := carriedOut(t, o, func(p bench.Progress) { slow(p); fast(p) })
	allRight(t, g)
	nothingLeft(t, s, g)
	if n := s.Counts().Connections; n != 8 {
		t.Errorf("%d connections, want 8", n)
	}
}

func TestOurServerIsRight(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		concurrency, connections int
		perRequest               bool
	}{{0, 4, false}, {1, 4, true}} {
		if c.perRequest && testing.Short() {
			continue
		}
		o := whole(ourServer(t, server.Options{Concurrency: c.concurrency}))
		o.ConnectionPerRequest, o.Concurrent = c.perRequest, c.connections
		allRight(t, carriedOut(t, o, nil))
	}
}

// ourServer returns the address of this project's server with its cache.
func ourServer(t *testing.T, o server.Options) string {
	t.Helper()
	st, err := files.Open(t.TempDir(), files.Options{Durability: files.Async})
	if err != nil {
		t.Fatal(err)
	}
	kept := memory.New(memory.Options{MaxEntries: 100, MaxBytes: 1 << 20})
	s := server.New(cache.NewHandler(service.New(st, slog.New(slog.DiscardHandler)), kept), o)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		if err := errors.Join(s.Shutdown(context.Background()), kept.Close(), st.Close()); err != nil {
			t.Error(err)
		}
		<-served
	})
	return l.Addr().String()
}

func TestThePausesAreToldFromTheTimeOfTheRequests(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it takes seconds of pauses")
	}
	s := benchtest.Start(t, benchtest.Options{})
	o := whole(s.Address())
	o.Interval = 200 * time.Microsecond
	start := time.Now()
	g := carriedOut(t, o, nil)
	took := time.Since(start)
	allRight(t, g)
	var elapsed time.Duration
	for _, p := range g.Phases {
		elapsed += p.Elapsed
		if p.Paused < 999*o.Interval*3/4 || p.Paused >= p.Elapsed {
			t.Errorf("%s: paused for %v of %v", p.Name, p.Paused, p.Elapsed)
		}
		if rate := float64(p.Done) / (p.Elapsed - p.Paused).Seconds(); p.Rate < rate*0.99 || p.Rate > rate*1.01 {
			t.Errorf("%s: rate %v, want %v", p.Name, p.Rate, rate)
		}
	}
	if g.Total != elapsed || g.Total > took || g.Total < o.Pauses() {
		t.Errorf("total %v, phases %v, took %v, pauses %v", g.Total, elapsed, took, o.Pauses())
	}
	if pauses := guide.DefaultOptions().Pauses().Round(time.Minute); pauses != 5*time.Minute {
		t.Errorf("the pauses of a default run take %v", pauses)
	}
}

func TestWrongRepliesAndErrorsAreCountedByKind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		server        benchtest.Options
		wrong, errors bench.Counts
	}{
		{"cut off", benchtest.Options{Cut: 20}, bench.Counts{bench.Torn: 11}, nil},
		{"contents of another path", benchtest.Options{Foreign: 20}, bench.Counts{bench.Wrong: 11}, nil},
		{"another path", benchtest.Options{Astray: 20}, bench.Counts{bench.Garbled: 11}, nil},
		{"not there", benchtest.Options{Missing: 20}, bench.Counts{bench.Lost: 11}, nil},
		{"no reply of the protocol", benchtest.Options{Garbled: 20}, bench.Counts{bench.Garbled: 11}, nil},
		{"500", benchtest.Options{Failing: 20}, nil, bench.Counts{"status 500": 11}},
		{"reset", benchtest.Options{Reset: 20}, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := benchtest.Start(t, benchtest.Options{})
			set := after("create", func() { s.Set(c.server) })
			unset := after("retrieve", func() { s.Set(benchtest.Options{}) })
			g := carriedOut(t, quick(s.Address()), func(p bench.Progress) { set(p); unset(p) })
			if !maps.Equal(g.Wrong, orEmpty(c.wrong)) || !maps.Equal(g.Errors, orEmpty(c.errors)) {
				t.Errorf("wrong %v, want %v; errors %v, want %v", g.Wrong, c.wrong, g.Errors, c.errors)
			}
			if want := c.wrong.Total() + c.errors.Total(); g.Phases[1].Done != 220-want || want > 0 && len(g.Examples) == 0 {
				t.Errorf("%d right replies of %d; examples %q", g.Phases[1].Done, g.Phases[1].Requests, g.Examples)
			}
			nothingLeft(t, s, g)
		})
	}
}

func orEmpty(c bench.Counts) bench.Counts {
	if c == nil {
		return bench.Counts{}
	}
	return c
}

func TestWhateverBecomesOfAChangeNothingIsLeftBehind(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]benchtest.Options{
		"500":    {Failing: 7},
		"reset":  {Reset: 7},
		"closed": {Close: 7},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := benchtest.Start(t, benchtest.Options{})
			set := after("look", func() { s.Set(o) })
			unset := after("delete", func() { s.Set(benchtest.Options{}) })
			g := carriedOut(t, quick(s.Address()), func(p bench.Progress) { set(p); unset(p) })
			if g.Errors.Total() < 20 || g.Wrong.Total() > 0 {
				t.Errorf("errors %v, wrong %v", g.Errors, g.Wrong)
			}
			nothingLeft(t, s, g)
			if g.Created != g.Deleted || g.Created < 160 || g.Created > 200 {
				t.Errorf("created %d, deleted %d", g.Created, g.Deleted)
			}
		})
	}
}

func TestSnippetsThatAreThereAreNotTouched(t *testing.T) {
	t.Parallel()
	s := benchtest.Start(t, benchtest.Options{})
	s.Put("/snippets/snippet_7.txt", "This is pre-defined snippet number 8")
	s.Put("/snippets/snippet_9.txt", "mine")
	_, err := guide.Run(t.Context(), quick(s.Address()), nil)
	var notOurs *guide.NotOursError
	if !errors.As(err, &notOurs) || notOurs.Begun || !slices.Equal(notOurs.Paths, []string{"/snippets/snippet_7.txt", "/snippets/snippet_9.txt"}) {
		t.Errorf("the error is %v", err)
	}
	if changes := s.Counts().ByAction; changes["CREATE"]+changes["DELETE"] != 0 {
		t.Errorf("requests: %v", changes)
	}
}

func TestASnippetThatSomebodyElseMakesMeanwhileStaysAndEndsTheRun(t *testing.T) {
	t.Parallel()
	s := benchtest.Start(t, benchtest.Options{})
	_, err := guide.Run(t.Context(), quick(s.Address()), after("look", func() {
		s.Put("/snippets/snippet_100.txt", "This is pre-defined snippet number 101")
	}))
	var notOurs *guide.NotOursError
	if !errors.As(err, &notOurs) || !notOurs.Begun || notOurs.Deleted != 100 || len(notOurs.Left) != 0 {
		t.Errorf("the error is %+v", err)
	}
	if paths := s.Paths(); !slices.Equal(paths, []string{"/snippets/snippet_100.txt"}) {
		t.Errorf("left: %v", paths)
	}
}

func TestAnInterruptDeletesWhatWasMade(t *testing.T) {
	t.Parallel()
	for _, stage := range []string{"create", "retrieve", "delete"} {
		t.Run(stage, func(t *testing.T) {
			t.Parallel()
			s := benchtest.Start(t, benchtest.Options{})
			o := quick(s.Address())
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			var begun time.Time
			g, err := guide.Run(ctx, o, during(s, stage, func() {
				begun = time.Now()
				interrupt()
			}))
			if err != nil {
				t.Fatal(err)
			}
			if !g.Interrupted || g.Errors.Total() != 0 || g.Phases[len(g.Phases)-1].Name != stage {
				t.Errorf("interrupted %v, errors %v, %d phases", g.Interrupted, g.Errors, len(g.Phases))
			}
			if g.Created == 0 || g.Created != g.Deleted {
				t.Errorf("created %d, deleted %d", g.Created, g.Deleted)
			}
			nothingLeft(t, s, g)
			if took := time.Since(begun); took > 5*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func TestAnInterruptBeforeAnythingIsMadeChangesNothing(t *testing.T) {
	t.Parallel()
	s := benchtest.Start(t, benchtest.Options{})
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	if _, err := guide.Run(ctx, quick(s.Address()), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	if n := s.Counts().ByAction["CREATE"]; n != 0 {
		t.Errorf("%d CREATEs", n)
	}
}

func TestAServerThatDiesIsToldWithWhatItTookAlong(t *testing.T) {
	t.Parallel()
	for _, stage := range []string{"create", "retrieve", "delete"} {
		t.Run(stage, func(t *testing.T) {
			t.Parallel()
			s := benchtest.Start(t, benchtest.Options{})
			o := quick(s.Address())
			o.Patience = 200 * time.Millisecond
			g := carriedOut(t, o, during(s, stage, s.Die))
			// What it takes along is the request that it had, and one on a
			// connection that it had not yet accepted.
			if g.Gone == nil || g.Gone.Why != bench.Refused || g.Gone.After <= 0 || g.Gone.Lost < 0 || g.Gone.Lost > 2 {
				t.Fatalf("gone: %+v", g.Gone)
			}
			if g.Interrupted || len(g.Left) == 0 || g.Phases[len(g.Phases)-1].Name != stage {
				t.Errorf("interrupted %v, left %d, %d phases", g.Interrupted, len(g.Left), len(g.Phases))
			}
		})
	}
}

func TestAServerThatFallsSilentCountsAsGone(t *testing.T) {
	t.Parallel()
	s := benchtest.Start(t, benchtest.Options{})
	o := quick(s.Address())
	o.Timeout, o.Patience = 150*time.Millisecond, 200*time.Millisecond
	g := carriedOut(t, o, after("create", func() { s.Set(benchtest.Options{Mute: true}) }))
	if g.Gone == nil || g.Gone.Why != bench.Timeout || g.Gone.Lost < 2 {
		t.Fatalf("gone: %+v", g.Gone)
	}
	if len(g.Left) != 200 {
		t.Errorf("%d are said to be left", len(g.Left))
	}
}

func TestWithoutAServerThereIsNoResult(t *testing.T) {
	t.Parallel()
	s := benchtest.Start(t, benchtest.Options{})
	s.Close()
	if _, err := guide.Run(t.Context(), quick(s.Address()), nil); !errors.Is(err, bench.ErrNoServer) {
		t.Errorf("the error is %v", err)
	}
	mute := benchtest.Start(t, benchtest.Options{Mute: true})
	o := quick(mute.Address())
	o.Timeout = 50 * time.Millisecond
	if _, err := guide.Run(t.Context(), o, nil); !errors.Is(err, bench.ErrNoServer) || !strings.Contains(err.Error(), "no reply from") {
		t.Errorf("the error is %v", err)
	}
}

func TestAServerThatIsNoneOfSTTPIsNotWorkedOn(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
			c.Close()
		}
	}()
	if _, err := guide.Run(t.Context(), quick(l.Addr().String()), nil); !errors.Is(err, guide.ErrUntold) {
		t.Errorf("the error is %v", err)
	}
}

func TestAServerOfOneConnectionAtATimeNeedsNoMore(t *testing.T) {
	t.Parallel()
	s := benchtest.Start(t, benchtest.Options{OneAtATime: true})
	g := carriedOut(t, quick(s.Address()), nil)
	allRight(t, g)
	nothingLeft(t, s, g)
}

func TestTooManyConnectionsForAServerAreSaidToBe(t *testing.T) {
	t.Parallel()
	s := benchtest.Start(t, benchtest.Options{OneAtATime: true})
	o := quick(s.Address())
	o.Concurrent, o.Timeout = 4, 300*time.Millisecond
	g := carriedOut(t, o, nil)
	if g.Errors[bench.Timeout] == 0 || g.Gone != nil || g.Wrong.Total() != 0 {
		t.Errorf("errors %v, wrong %v, gone %+v", g.Errors, g.Wrong, g.Gone)
	}
	if len(g.Notes) != 1 || !strings.Contains(g.Notes[0], "try -c 1") {
		t.Errorf("notes: %q", g.Notes)
	}
	nothingLeft(t, s, g)
}
