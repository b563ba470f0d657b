package memory_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sttp/cache/memory"
)

// filled returns a cache of n snippets as a server has them, and their keys.
func filled(tb testing.TB, n int) (*memory.Cache, []string) {
	c := memory.New(memory.Options{MaxEntries: n, MaxBytes: 1 << 30, Expiration: time.Hour})
	tb.Cleanup(func() { c.Close() })
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprintf("/snippets/snippet_%d.txt", i)
		c.Put(keys[i], fmt.Sprintf("This is pre-defined snippet number %d", i+1))
	}
	for i, key := range keys {
		keys[i] = strings.Clone(key) // as a connection's buffer has them
	}
	return c, keys
}

func BenchmarkHit(b *testing.B) {
	for _, n := range []int{1, 100, 1000, 100_000} {
		b.Run(fmt.Sprintf("of %d", n), func(b *testing.B) {
			c, keys := filled(b, n)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if i == len(keys) {
					i = 0
				}
				if _, ok := c.Get(keys[i]); !ok {
					b.Fatal("a miss")
				}
			}
		})
	}
}

func BenchmarkHitParallel(b *testing.B) {
	c, keys := filled(b, 100)
	var start atomic.Int64
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := int(start.Add(37)); pb.Next(); i++ {
			if _, ok := c.Get(keys[i%len(keys)]); !ok {
				b.Error("a miss")
				return
			}
		}
	})
}

func BenchmarkMiss(b *testing.B) {
	c, _ := filled(b, 100)
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := c.Get("/snippets/snippet_100.txt"); ok {
			b.Fatal("a hit")
		}
	}
}

// BenchmarkFill puts what is not there, so that each Put evicts an entry.
func BenchmarkFill(b *testing.B) {
	_, keys := filled(b, 1000)
	c := memory.New(memory.Options{MaxEntries: len(keys) / 2, Expiration: time.Hour})
	defer c.Close()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		c.Put(keys[i%len(keys)], "This is pre-defined snippet number 1")
	}
}
