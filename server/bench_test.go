package server_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"sttp/cache"
	"sttp/cache/memory"
	"sttp/internal/service"
	"sttp/server"
	"sttp/store/files"
)

const (
	showLine  = "SHOW /snippets/snippet_1.txt\n"
	showReply = "200 /snippets/snippet_1.txt OK\nThis is pre-defined snippet number 2\n"
)

// cached returns a session as sttp-server has it: cache, service and files.
func cached(tb testing.TB) *server.Session {
	tb.Helper()
	store, err := files.Open(tb.TempDir(), files.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { store.Close() })
	entries := memory.New(memory.Options{MaxEntries: 100, MaxBytes: 10 << 20, Expiration: 300e9})
	tb.Cleanup(func() { entries.Close() })
	s := server.NewSession(cache.NewHandler(service.New(store, slog.New(slog.DiscardHandler)), entries))
	out, _, _ := s.Feed([]byte("CREATE /snippets/snippet_1.txt This is pre-defined snippet number 2\n" + showLine))
	if !strings.HasSuffix(string(out), showReply) {
		tb.Fatalf("got %q", out)
	}
	return s
}

// The whole way of a cached SHOW but for the socket: wire, session, cache.
func BenchmarkCachedShow(b *testing.B) {
	for name, n := range map[string]int{"alone": 1, "batch of 16": 16, "batch of 128": 128} {
		b.Run(name, func(b *testing.B) {
			s := cached(b)
			in := bytes.Repeat([]byte(showLine), n)
			b.ReportAllocs()
			for b.Loop() {
				s.Feed(in)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/request")
		})
	}
}

func TestACachedShowMakesNoAllocation(t *testing.T) {
	for _, n := range []int{1, 128} {
		s := cached(t)
		in := bytes.Repeat([]byte(showLine), n)
		if got := testing.AllocsPerRun(100, func() { s.Feed(in) }); got > 0 {
			t.Errorf("%d cached SHOWs make %v allocations", n, got)
		}
	}
}
