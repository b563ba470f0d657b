//go:build unix

package redis_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"sttp"
	"sttp/cache"
	"sttp/cache/redis"
	"sttp/cache/redis/redistest"
)

// snippets returns SHOWs of a hundred snippets, which h has cached.
func snippets(b *testing.B, h sttp.Handler) []sttp.Request {
	reqs := make([]sttp.Request, 100)
	for i := range reqs {
		path, err := sttp.ParsePath(fmt.Sprintf("/snippets/snippet_%d.txt", i))
		if err != nil {
			b.Fatal(err)
		}
		reqs[i] = sttp.Request{Action: sttp.Show, Path: path}
		h.Handle(context.Background(), reqs[i])
	}
	return reqs
}

func BenchmarkHit(b *testing.B) {
	s := redistest.Start(b, redistest.Options{})
	inTiers := tiered(&files{}, ready(b, s, redis.Options{}), newMemory(b, 1000, time.Hour))
	handlers := []struct {
		name string
		sttp.Handler
	}{
		{"memory", cache.NewHandler(&files{}, newMemory(b, 1000, time.Hour))},
		{"tiered", inTiers},
		{"redis", cache.NewHandler(cache.NewRemoteHandler(&files{}, ready(b, s, redis.Options{})), cache.None)},
	}
	for _, h := range handlers {
		b.Run(h.name, func(b *testing.B) {
			reqs := snippets(b, h)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				h.Handle(context.Background(), reqs[i%len(reqs)])
			}
		})
	}
}

// BenchmarkTieredBesideMemory takes turns with both, since a machine is not the
// same from one second to the next, and reports what a hit in memory costs with
// Redis behind it, where 1 is what it costs without.
func BenchmarkTieredBesideMemory(b *testing.B) {
	const hits = 20_000
	alone := cache.NewHandler(&files{}, newMemory(b, 1000, time.Hour))
	s := redistest.Start(b, redistest.Options{})
	inTiers := tiered(&files{}, ready(b, s, redis.Options{}), newMemory(b, 1000, time.Hour))
	reqs := snippets(b, alone)
	snippets(b, inTiers)
	measure := func(h *cache.Handler) time.Duration {
		begun := time.Now()
		for i := range hits {
			h.Handle(context.Background(), reqs[i%len(reqs)])
		}
		return time.Since(begun)
	}
	var ratios []float64
	for i := 0; b.Loop(); i++ {
		handlers := []*cache.Handler{alone, inTiers}
		if i%2 == 1 {
			slices.Reverse(handlers)
		}
		first, second := measure(handlers[0]), measure(handlers[1])
		if i%2 == 1 {
			first, second = second, first
		}
		ratios = append(ratios, float64(second)/float64(first))
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "tiered/memory")
}

// BenchmarkMiss is a look-up, a lease, and a fill.
func BenchmarkMiss(b *testing.B) {
	k := ready(b, redistest.Start(b, redistest.Options{}), redis.Options{Expiration: time.Second})
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		key := "/snippets/" + strconv.Itoa(i)
		k.fill(key, "This is snippet number 1", k.get(key)[0].Lease)
	}
}
