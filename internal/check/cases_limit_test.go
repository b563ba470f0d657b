package check_test

import (
	"context"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"sttp/internal/check"
	"sttp/internal/service"
	"sttp/server"
	"sttp/store/files"
)

// The times of the server that impatientServer starts, and what the checker is
// told of them.
const (
	shortLine = 800 * time.Millisecond
	shortIdle = 1200 * time.Millisecond
)

var limitIDs = []string{"STTP-2.4-*", "STTP-2.5-*", "STTP-2.6-*", "STTP-5.2-CREATE-001", "STTP-5.3-SHOW-001"}

// limitedServer returns the address of this project's server with these limits.
func limitedServer(t *testing.T, o server.Options) string {
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

// expectAllHold runs the cases and expects that each of them holds.
func expectAllHold(t *testing.T, o check.Options) {
	t.Helper()
	report, err := check.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Results {
		t.Logf("%-22s %v %s %v", r.Case.ID, r.Outcome, r.Says, r.Elapsed.Round(time.Millisecond))
		if r.Outcome != check.Pass && r.Outcome != check.Chose {
			t.Errorf("%s: %v: %s\n%+v", r.Case.ID, r.Outcome, r.Says, r.Exchange)
		}
	}
	if len(report.LeftBehind) > 0 {
		t.Errorf("left behind: %v", report.LeftBehind)
	}
}

func TestOurServerKeepsItsLimits(t *testing.T) {
	address := limitedServer(t, server.Options{RequestTimeout: shortLine, IdleTimeout: shortIdle, WriteTimeout: shortLine})
	expectAllHold(t, check.Options{Address: address, Profile: check.Strict, Only: limitIDs, LineTime: shortLine, IdleTime: shortIdle})
}

func TestAServerWithALimitOfConnectionsPasses(t *testing.T) {
	address := limitedServer(t, server.Options{Connections: 60})
	expectAllHold(t, check.Options{Address: address, Profile: check.Strict, Only: []string{"STTP-2.6-FULL-*", "STTP-?.?-ROBUST-*", "STTP-?.?-JUNK-*", "STTP-5.2-CREATE-001", "STTP-5.3-SHOW-001"}})
}

func TestLimitsAreNoPartOfTheGuide(t *testing.T) {
	all, err := check.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if strings.HasPrefix(c.ID, "STTP-2.5-") && c.Guide != check.Unchecked {
			t.Errorf("%s is checked in profile guide", c.ID)
		}
	}
}
