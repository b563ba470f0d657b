package files_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sttp"
	"sttp/store/files"
)

// bigDirectory returns a Store with a directory /notes/ of n snippets, each of
// ten words among 20,000, and in no snippet "needle" but the last.
func bigDirectory(tb testing.TB, n int) *files.Store {
	dir := tb.TempDir()
	s, err := files.Open(dir, files.Options{Durability: files.Async})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	if err := os.Mkdir(filepath.Join(dir, "notes"), 0o755); err != nil {
		tb.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		words := make([]string, 10)
		for j := range words {
			words[j] = fmt.Sprintf("w%05x", rnd.IntN(20_000))
		}
		if i == n-1 {
			words[9] = "needle"
		}
		name := filepath.Join(dir, "notes", fmt.Sprintf("n%07d.txt", i))
		if err := os.WriteFile(name, []byte(strings.Join(words, " ")), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	return s
}

// BenchmarkSearch looks for a word that one of 100,000 snippets has, and asks
// for pages of the same directory, which is in the system's cache.
func BenchmarkSearch(b *testing.B) {
	s := bigDirectory(b, 100_000)
	dir, err := sttp.ParsePath("/notes/")
	if err != nil {
		b.Fatal(err)
	}
	for _, query := range []string{"q=needle&limit=50", "q=ee", "q=w&limit=50", "limit=100&after=n0050000.txt", "recursive=true&limit=100", "name=*99.txt"} {
		b.Run(query, func(b *testing.B) {
			q, err := sttp.ParseQuery(query)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if names, err := s.List(b.Context(), dir, q); err != nil || len(names) == 0 {
					b.Fatalf("%d names, %v", len(names), err)
				}
			}
		})
	}
	b.Run("show", func(b *testing.B) { benchmarkShow(b, s) })
	b.Run("show beside searches", func(b *testing.B) {
		ctx, cancel := context.WithCancel(b.Context())
		done := make(chan struct{})
		for range 4 {
			go func() {
				for ctx.Err() == nil {
					s.List(ctx, dir, &sttp.Query{Contains: "needle"})
				}
				done <- struct{}{}
			}()
		}
		benchmarkShow(b, s)
		cancel()
		for range 4 {
			<-done
		}
	})
}

// benchmarkShow reports also the longest that a SHOW took, with the longest of a
// hundred left out.
func benchmarkShow(b *testing.B, s *files.Store) {
	file, err := sttp.ParsePath("/notes/n0000007.txt")
	if err != nil {
		b.Fatal(err)
	}
	var times []time.Duration
	for b.Loop() {
		begun := time.Now()
		if _, err := s.Show(b.Context(), file); err != nil {
			b.Fatal(err)
		}
		times = append(times, time.Since(begun))
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(float64(times[len(times)*999/1000].Microseconds()), "p99.9-µs")
}
