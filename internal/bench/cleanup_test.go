package bench_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sttp/internal/bench"
	"sttp/internal/bench/benchtest"
)

// crowd is what others keep on the server, also below the directory of a run.
var crowd = []string{
	"/others/a.txt", "/run.txt", "/run-2/0/snippet_1.txt", "/run/other.txt", "/run/0/notes.txt", "/run/0/snippet_1000.txt",
	"/run/0/snippet_01.txt", "/run/deep/er/x.txt", "/snippet_1.txt",
}

// crowded returns a server where others keep something, and a Session in /run
// that has made nothing yet.
func crowded(t *testing.T, w bench.Workload) (*benchtest.Server, *bench.Session) {
	t.Helper()
	srv := benchtest.Start(t, benchtest.Options{})
	for _, path := range crowd {
		srv.Put(path, "theirs: "+path)
	}
	s, err := bench.NewSession(bench.Target{Address: srv.Address(), Directory: "/run"}, w, 1)
	if err != nil {
		t.Fatal(err)
	}
	return srv, s
}

// onlyOthers sees that what others keep is there, unchanged, and nothing else.
func onlyOthers(t *testing.T, srv *benchtest.Server, more ...string) {
	t.Helper()
	want := slices.Sorted(slices.Values(append(slices.Clone(crowd), more...)))
	if got := srv.Paths(); !slices.Equal(got, want) {
		t.Errorf("the server holds %d snippets, such as %q, and others keep %d", len(got), got[:min(len(got), 20)], len(want))
	}
	for _, path := range want {
		if got, _ := srv.Get(path); got != "theirs: "+path {
			t.Errorf("%s holds %q", path, got)
		}
	}
}

// cleaned cleans up, and sees that nothing is left.
func cleaned(t *testing.T, s *bench.Session) {
	t.Helper()
	if left, err := s.Clean(context.Background(), nil); left != 0 || err != nil {
		t.Errorf("%d snippets are left: %v", left, err)
	}
}

// everything is a workload in which snippets come and go.
func everything() bench.Workload {
	w := bench.DefaultWorkload()
	w.Snippets, w.HitRatio = 300, 0.7
	w.Mix = bench.Mix{"SHOW": 40, "UPDATE": 20, "CREATE": 25, "DELETE": 10}
	return w
}

func TestCleanDeletesExactlyWhatWasMade(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		options benchtest.Options
		load    bench.Load
	}{
		{"after a closed loop", benchtest.Options{}, closed(3000, 4)},
		{"after an open loop", benchtest.Options{}, open(2000, 500*time.Millisecond)},
		{"after resets", benchtest.Options{Reset: 20}, closed(1000, 1)},
		{"after resets, 8 in flight", benchtest.Options{Reset: 50}, closed(2000, 8)},
		{"after closed connections", benchtest.Options{Close: 20}, closed(1000, 1)},
		{"after failures", benchtest.Options{Failing: 10}, closed(2000, 4)},
		{"after garbage", benchtest.Options{Garbled: 20}, closed(1000, 4)},
		{"after creations that were not carried out", benchtest.Options{ForgetCreate: 3}, closed(1000, 1)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			srv, s := crowded(t, everything())
			if err := s.Prepare(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			if got := len(srv.Paths()); got != len(crowd)+300 {
				t.Errorf("with what others keep there are %d snippets", got)
			}
			test.options.InFlight = test.load.InFlight
			srv.Set(test.options)
			test.load.Connections = 10
			measure(t, s, test.load)
			srv.Set(benchtest.Options{})
			cleaned(t, s)
			onlyOthers(t, srv)
			before := srv.Counts().Requests
			cleaned(t, s)
			if n := srv.Counts().Requests - before; n != 0 {
				t.Errorf("cleaning up again took %d requests", n)
			}
		})
	}
}

// interrupted returns a context that ends when srv has got n more requests.
func interrupted(t *testing.T, srv *benchtest.Server, n int64) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	ready := srv.After(n)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-ready:
			cancel()
		case <-ctx.Done():
		}
	}()
	t.Cleanup(func() { cancel(); <-ended })
	return ctx
}

func TestCleanDeletesWhatWasMadeBeforeAnInterrupt(t *testing.T) {
	t.Parallel()
	for _, n := range []int64{1, 2, 5, 50, 150, 299} {
		t.Run(fmt.Sprintf("of Prepare, after %d requests", n), func(t *testing.T) {
			t.Parallel()
			srv, s := crowded(t, everything())
			srv.Set(benchtest.Options{Service: 200 * time.Microsecond})
			if err := s.Prepare(interrupted(t, srv, n), nil); err == nil {
				t.Error("Prepare did not notice")
			}
			srv.Set(benchtest.Options{})
			cleaned(t, s)
			onlyOthers(t, srv)
		})
	}
	for _, l := range []bench.Load{open(1000, time.Minute), closed(1<<40, 4)} {
		t.Run(fmt.Sprintf("of Measure, closed loop %v", l.Closed), func(t *testing.T) {
			t.Parallel()
			srv, s := crowded(t, everything())
			if err := s.Prepare(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			r, err := s.Measure(interrupted(t, srv, 500), l, nil)
			if err != nil {
				t.Fatal(err)
			}
			conserved(t, r)
			if !r.Interrupted {
				t.Error("Measure did not notice")
			}
			cleaned(t, s)
			onlyOthers(t, srv)
		})
	}
}

func TestWhatIsThereAlreadyIsNotTouched(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/run/0/snippet_0.txt", "/run/2/snippet_250.txt"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			srv, s := crowded(t, everything())
			srv.Put(path, "theirs: "+path)
			if err := s.Prepare(t.Context(), nil); err == nil {
				t.Error("nobody noticed")
			} else if !strings.Contains(err.Error(), "300") {
				t.Errorf("the error is %v", err)
			}
			cleaned(t, s)
			onlyOthers(t, srv, path)
		})
	}
}

func TestWhatWasAdoptedIsNotDeleted(t *testing.T) {
	t.Parallel()
	srv, s := crowded(t, everything())
	var adopted []string
	s.Contents(func(path, contents string) bool {
		srv.Put(path, contents)
		adopted = append(adopted, path)
		return true
	})
	s.Adopt()
	r := measure(t, s, closed(2000, 4))
	if len(r.Wrong) != 0 || r.Errors.Total() != 0 || r.Actions["UPDATE"] == nil || r.Actions["CREATE"] == nil {
		t.Errorf("wrong %v, errors %v", r.Wrong, r.Errors)
	}
	cleaned(t, s)
	if want := slices.Sorted(slices.Values(append(adopted, crowd...))); !slices.Equal(srv.Paths(), want) {
		t.Errorf("the server holds %d snippets, and %d were there before", len(srv.Paths()), len(want))
	}
}

func TestCleanTellsWhatIsLeft(t *testing.T) {
	t.Parallel()
	prepared := func(t *testing.T) (*benchtest.Server, *bench.Session) {
		srv, s := crowded(t, everything())
		if err := s.Prepare(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		return srv, s
	}
	t.Run("on a server that is gone", func(t *testing.T) {
		t.Parallel()
		srv, s := prepared(t)
		srv.Close()
		if left, err := s.Clean(t.Context(), nil); left != 300 || !errors.Is(err, bench.ErrNoServer) {
			t.Errorf("%d left: %v", left, err)
		}
	})
	t.Run("on a server that dies meanwhile", func(t *testing.T) {
		if testing.Short() {
			t.Skip("waits for the server to come back")
		}
		t.Parallel()
		srv, s := prepared(t)
		srv.Set(benchtest.Options{DieAfter: 100})
		left, err := s.Clean(t.Context(), nil)
		if there := len(srv.Paths()) - len(crowd); left < there || left > 300 || there < 150 || !errors.Is(err, bench.ErrNoServer) {
			t.Errorf("%d are said to be left of %d: %v", left, there, err)
		}
	})
	t.Run("on a server that fails", func(t *testing.T) {
		t.Parallel()
		srv, s := prepared(t)
		srv.Set(benchtest.Options{Failing: 1})
		left, err := s.Clean(t.Context(), nil)
		if there := len(srv.Paths()) - len(crowd); left != there || left != 300 || err == nil || errors.Is(err, bench.ErrNoServer) {
			t.Errorf("%d are said to be left of %d: %v", left, there, err)
		}
		srv.Set(benchtest.Options{})
		cleaned(t, s)
		onlyOthers(t, srv)
	})
	t.Run("after an interrupt", func(t *testing.T) {
		t.Parallel()
		srv, s := prepared(t)
		srv.Set(benchtest.Options{Service: time.Millisecond})
		left, err := s.Clean(interrupted(t, srv, 50), nil)
		if there := len(srv.Paths()) - len(crowd); left < there || left > 299 || !errors.Is(err, context.Canceled) {
			t.Errorf("%d are said to be left of %d: %v", left, there, err)
		}
	})
}

func TestCleanAsksAgainWhereAServerFailsNowAndThen(t *testing.T) {
	t.Parallel()
	for _, o := range []benchtest.Options{{Failing: 3}, {Reset: 20}, {Close: 20}} {
		srv, s := crowded(t, everything())
		if err := s.Prepare(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		srv.Set(o)
		cleaned(t, s)
		onlyOthers(t, srv)
	}
}
