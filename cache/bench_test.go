package cache_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"sttp"
	"sttp/cache"
	"sttp/cache/memory"
)

func BenchmarkHandlerHit(b *testing.B) {
	h, reqs := hits(b, 100)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if resp := h.Handle(b.Context(), reqs[i%len(reqs)]); resp.Status != sttp.StatusOK {
			b.Fatal(resp)
		}
	}
}

func BenchmarkBatchHit(b *testing.B) {
	for _, n := range []int{1, 16, 128} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			h, reqs := hits(b, n)
			ctx, resps := b.Context(), make([]sttp.Response, n)
			b.ReportAllocs()
			for b.Loop() {
				h.HandleBatch(ctx, reqs, resps)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/request")
		})
	}
}

// BenchmarkBatchMiss measures what a batch costs of which nothing is cached.
func BenchmarkBatchMiss(b *testing.B) {
	for _, n := range []int{1, 16, 128} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			_, reqs := hits(b, n)
			h := newHandler(b, never{})
			ctx, resps := b.Context(), make([]sttp.Response, n)
			b.ReportAllocs()
			for b.Loop() {
				h.HandleBatch(ctx, reqs, resps)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/request")
		})
	}
}

// never finds anything.
type never struct{}

func (never) Handle(_ context.Context, req sttp.Request) sttp.Response {
	return sttp.Response{Status: sttp.StatusNotFound, Path: req.Path}
}

// hits returns a Handler that has n snippets in its cache, and a SHOW for each.
func hits(b *testing.B, n int) (*cache.Handler, []sttp.Request) {
	next := newBackend()
	c := memory.New(memory.Options{MaxEntries: n, MaxBytes: 1 << 30, Expiration: time.Hour})
	b.Cleanup(func() { c.Close() })
	h := cache.NewHandler(next, c)
	reqs := make([]sttp.Request, n)
	for i := range reqs {
		file := fmt.Sprintf("/snippets/snippet_%d.txt", i)
		next.files[file] = fmt.Sprintf("This is pre-defined snippet number %d", i+1)
		reqs[i] = request("SHOW " + file)
		h.Handle(b.Context(), reqs[i])
	}
	return h, reqs
}
