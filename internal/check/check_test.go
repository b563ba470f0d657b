package check_test

import (
	"context"
	"flag"
	"log/slog"
	"net"
	"testing"

	"go.uber.org/goleak"

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
