package check_test

import (
	"context"
	"flag"
	"log/slog"
	"net"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sttp/internal/check"
	"sttp/internal/service"
	"sttp/server"
	"sttp/store/files"
)

// TestMain lets more tests run at once than there are processors, since nearly
// all of them wait for a server, and fails if goroutines are left behind.
func TestMain(m *testing.M) {
	flag.Parse()
	if parallel := flag.Lookup("test.parallel"); parallel.Value.String() == parallel.DefValue {
		parallel.Value.Set("8")
	}
	goleak.VerifyTestMain(m)
}

// long skips what takes many seconds in the inner loop, which has -short.
func long(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("it takes many seconds")
	}
}

// ourServer returns the address of this project's server on an empty docroot.
func ourServer(t *testing.T) string { return ourServerWith(t, server.Options{}) }

// ourServerWith is ourServer with these limits.
func ourServerWith(t *testing.T, o server.Options) string {
	t.Helper()
	st, err := files.Open(t.TempDir(), files.Options{Durability: files.Async})
	if err != nil {
		t.Fatal(err)
	}
	s := server.New(service.New(st, slog.New(slog.DiscardHandler)), o)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		if err := s.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		<-served
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

func TestOurServerPasses(t *testing.T) {
	t.Parallel()
	for _, profile := range []check.Profile{check.Strict, check.Guide} {
		t.Run(profile.String(), func(t *testing.T) {
			t.Parallel()
			// The cases that wait for the server's time limits have no need to wait long.
			const line, idle = 2 * time.Second, 4 * time.Second
			address := ourServerWith(t, server.Options{RequestTimeout: line, IdleTimeout: idle, WriteTimeout: line})
			report := checked(t, check.Options{Address: address, Profile: profile, LineTime: line, IdleTime: idle})
			mustHold(t, report)
			if len(report.LeftBehind) > 0 {
				t.Errorf("left behind: %q", report.LeftBehind)
			}
		})
	}
}
