package memory_test

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"sttp/cache"
	"sttp/cache/cachetest"
	"sttp/cache/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestACacheInMemoryKeepsTheContract(t *testing.T) {
	cachetest.Run(t, cachetest.Suite{
		New: func(b cachetest.Bounds) cache.Cache {
			return memory.New(memory.Options{MaxEntries: b.MaxEntries, MaxBytes: b.MaxBytes, Expiration: b.Expiration})
		},
		Cost: func(key, text string) int64 {
			return int64(len(key)) + int64(len(text)) + memory.Overhead
		},
		Lateness: memory.Lateness,
	})
}

func TestCloseWaitsForTheSweeper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stacks := make([]byte, 1<<20)
		sweeps := func() bool {
			return bytes.Contains(stacks[:runtime.Stack(stacks, true)], []byte("memory.(*Cache).sweep("))
		}
		for range 20 {
			c := memory.New(memory.Options{Expiration: time.Hour})
			synctest.Wait()
			if !sweeps() {
				t.Fatal("there is no sweeper to wait for")
			}
			c.Close()
			if sweeps() {
				t.Fatal("the sweeper outlived Close")
			}
		}
	})
}

func TestAHitAllocatesNothing(t *testing.T) {
	c, keys := filled(t, 100)
	if n := testing.AllocsPerRun(100, func() { c.Get(keys[7]) }); n != 0 {
		t.Errorf("a hit allocates %v times", n)
	}
}

// The bytes that are counted must not be far from those that are taken, or
// MaxBytes would mean nothing.
func TestTheBytesCountedAreAboutThoseTaken(t *testing.T) {
	for _, n := range []int{20_000, 50_000, 100_000} {
		before := heap()
		c := memory.New(memory.Options{})
		for i := range n {
			c.Put(fmt.Sprintf("/snippets/snippet_%d.txt", i), fmt.Sprintf("This is pre-defined snippet number %d", i+1))
		}
		taken, counted := float64(heap()-before), float64(c.Stats().Bytes)
		t.Logf("%d entries: %.0f bytes each, %.0f counted", n, taken/float64(n), counted/float64(n))
		if ratio := taken / counted; ratio < 0.8 || ratio > 1.25 {
			t.Errorf("%d entries take %.0f bytes and count %.0f", n, taken, counted)
		}
		c.Close()
	}
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// The sweeper rests after it has removed an entry. What expires meanwhile is
// left to the look at the clock in Get.
func TestAnEntryExpiresOnAccessWhileTheSweeperRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := memory.New(memory.Options{Expiration: time.Minute})
		defer c.Close()
		c.Put("/a.txt", "one")
		time.Sleep(time.Millisecond)
		c.Put("/b.txt", "one")
		time.Sleep(time.Minute - time.Millisecond)
		synctest.Wait()
		if stats := c.Stats(); stats.Expired != 1 || stats.Entries != 1 {
			t.Fatalf("%+v: want /a.txt gone and /b.txt kept", stats)
		}
		time.Sleep(memory.Lateness / 2)
		synctest.Wait()
		for i := 0; ; i++ {
			if _, ok := c.Get("/b.txt"); !ok {
				break
			}
			if i == 64 {
				t.Fatal("served 64 times after it had expired")
			}
		}
		if stats := c.Stats(); stats.Expired != 2 || stats.Entries != 0 {
			t.Errorf("%+v: want both expired", stats)
		}
	})
}
