package check_test

import (
	"context"
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

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ourServer returns the address of this project's server on an empty docroot.
func ourServer(t *testing.T) string {
	t.Helper()
	st, err := files.Open(t.TempDir(), files.Options{Durability: files.Async})
	if err != nil {
		t.Fatal(err)
	}
	s := server.New(service.New(st, slog.New(slog.DiscardHandler)), server.Options{})
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
	// The cases that wait for the server's time limits have no need to wait long.
	const line, idle = 2 * time.Second, 4 * time.Second
	address := limitedServer(t, server.Options{RequestTimeout: line, IdleTimeout: idle, WriteTimeout: line})
	report, err := check.Run(t.Context(), check.Options{Address: address, Profile: check.Strict, LineTime: line, IdleTime: idle})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Results {
		t.Logf("%s %v %s %v %q", r.Case.ID, r.Outcome, r.Says, r.Elapsed, r.Netcat)
		if r.Outcome != check.Pass && r.Outcome != check.Chose {
			t.Errorf("%s: %v: %s\n%+v", r.Case.ID, r.Outcome, r.Says, r.Exchange)
		}
	}
	t.Logf("%+v left %v", report.Facts, report.LeftBehind)
}
