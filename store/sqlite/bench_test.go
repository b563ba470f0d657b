package sqlite_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"sttp"
	"sttp/store/sqlite"
)

func mustPath(t testing.TB, s string) sttp.Path {
	t.Helper()
	p, err := sttp.ParsePath(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func mustContents(t testing.TB, s string) sttp.Contents {
	t.Helper()
	c, err := sttp.ParseContents(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// BenchmarkCreate tells what a durable CREATE costs when one caller waits for
// each, and when 50 share their commits.
func BenchmarkCreate(b *testing.B) {
	for _, callers := range []int{1, 50} {
		for name, opts := range map[string]sqlite.Options{"sync": {}, "async": {Durability: sqlite.Async}} {
			b.Run(fmt.Sprintf("%s/callers=%d", name, callers), func(b *testing.B) {
				s := open(b, filepath.Join(b.TempDir(), "sttp.db"), opts)
				defer s.Close()
				text := mustContents(b, "This is a snippet of the usual length, which is about 64 bytes.")
				b.ReportAllocs()
				b.ResetTimer()
				var next atomic.Int64
				var wg sync.WaitGroup
				for range callers {
					wg.Go(func() {
						for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
							file := mustPath(b, fmt.Sprintf("/bench/%d/snippet_%08d.txt", i%16, i*7919%100_000_000))
							if err := s.Create(b.Context(), file, text); err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				wg.Wait()
			})
		}
	}
}
