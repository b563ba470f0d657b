package search_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"sttp/internal/bench"
	"sttp/internal/bench/search"
)

// limitFor is the response time in the default condition.
const limitFor = 5 * time.Millisecond

func simulated(seed uint64, capacity float64) *simulation {
	return &simulation{rng: rand.New(rand.NewPCG(seed, 1)), capacity: capacity, quick: 50 * time.Microsecond, jitter: 20 * time.Microsecond}
}

// seeds is how many random courses are tried.
func seeds(n uint64) uint64 {
	if testing.Short() || raceEnabled {
		return n / 6
	}
	return n
}

func find(t *testing.T, o search.Options, m search.Measure) *bench.Break {
	t.Helper()
	b, err := search.Find(t.Context(), o, m)
	if err != nil {
		t.Fatal(err)
	}
	if b == nil {
		t.Fatal("nothing was found")
	}
	return b
}

// steps shows the steps of a search.
func steps(b *bench.Break, o search.Options) string {
	text := fmt.Sprintf("%v, confirmed %v, limit %s, %s\n", b.Rate, b.Confirmed, b.Limit, b.Why)
	for _, s := range b.Steps {
		text += fmt.Sprintf("%-8s%s\n", s.Stage, o.Until.Line(s))
	}
	return text
}

func TestTheKneeIsFoundWithinThreePercent(t *testing.T) {
	for _, capacity := range []float64{4000, 40_000, 250_000} {
		var off []float64
		for seed := range seeds(24) {
			s, o := simulated(seed, capacity), search.DefaultOptions()
			s.unlucky = 0.03
			b := find(t, o, s.measure)
			if b.Limit != bench.LimitServer || !b.Confirmed {
				t.Errorf("seed %d:\n%s", seed, steps(b, o))
			}
			if len(b.Steps) > 40 {
				t.Errorf("seed %d: %d steps", seed, len(b.Steps))
			}
			off = append(off, b.Rate/s.knee(0.99, limitFor)-1)
		}
		within := 0
		for _, x := range off {
			if math.Abs(x) <= 0.03 {
				within++
			}
			if math.Abs(x) > 0.25 {
				t.Errorf("capacity %v: off by %.1f %%", capacity, 100*x)
			}
		}
		t.Logf("capacity %v: %d of %d within 3 %%: %.3f", capacity, within, len(off), off)
		if within < len(off)*9/10 {
			t.Errorf("capacity %v: only %d of %d searches are within 3 %%: %.3f", capacity, within, len(off), off)
		}
	}
}

func TestAGeneratorThatIsAtItsLimitFirstIsNeverTakenForTheServer(t *testing.T) {
	for name, late := range map[string]func(*simulation, float64, float64, *bench.Result) sample{
		"sends late": sendsLate, "sends late, and has a part of the machine": sendsLateUnseen,
		"reads late": readsLate, "stutters": stutters,
	} {
		t.Run(name, func(t *testing.T) {
			for seed := range seeds(12) {
				s, o := simulated(seed, 1e6), search.DefaultOptions()
				s.generator, s.late = 20_000, late
				b := find(t, o, s.measure)
				for _, step := range b.Steps {
					if !step.OK && step.Limit != bench.LimitGenerator {
						t.Fatalf("seed %d:\n%s", seed, steps(b, o))
					}
				}
				if b.Limit != bench.LimitGenerator || b.Rate > 20_500 || b.Rate < 19_000 {
					t.Fatalf("seed %d:\n%s", seed, steps(b, o))
				}
			}
		})
	}
}
