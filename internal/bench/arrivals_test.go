package bench

import (
	"math"
	"testing"
	"time"
)

// all returns the due times of all parts that are counted, and how many are not.
func all(l Load, seed uint64, parts int) (due []time.Duration, warm int) {
	for part := range parts {
		a := newArrivals(l, seed, part, parts)
		for at, counted, ok := a.next(); ok; at, counted, ok = a.next() {
			if counted {
				due = append(due, at)
			} else {
				warm++
			}
		}
	}
	return due, warm
}

func TestExactlyWhatWasAskedForIsDue(t *testing.T) {
	for _, parts := range []int{1, 2, 7} {
		for name, c := range map[string]struct {
			load       Load
			want, warm int
		}{
			"a duration":              {Load{Rate: 300, Duration: 2 * time.Second, Warmup: time.Second}, 600, 300},
			"an uneven rate":          {Load{Rate: 3, Duration: time.Second / 2}, 2, 0},
			"a count":                 {Load{Rate: 1000, Count: 12345, Warmup: time.Second}, 12345, 1000},
			"a count at random times": {Load{Rate: 1000, Count: 12345, Poisson: true}, 12345, 0},
			"fewer than the parts":    {Load{Rate: 1000, Count: 3, Poisson: true}, 3, 0},
		} {
			due, warm := all(c.load, 1, parts)
			if len(due) != c.want || warm != c.warm {
				t.Errorf("%s in %d parts: %d are due after %d of the warm-up, want %d after %d", name, parts, len(due), warm, c.want, c.warm)
			}
			for _, at := range due {
				if at < c.load.Warmup {
					t.Errorf("%s: one is counted at %v, in the warm-up", name, at)
				}
			}
		}
	}
}

func TestRandomArrivalsAreThoseOfAPoissonProcess(t *testing.T) {
	const rate, parts = 1000.0, 3
	l := Load{Rate: rate, Poisson: true, Duration: 50 * time.Second}
	due, _ := all(l, 7, parts)
	if n, want := float64(len(due)), rate*50; math.Abs(n-want) > 5*math.Sqrt(want) {
		t.Errorf("%v are due, want about %v", n, want)
	}
	// In a Poisson process the number in an interval has a variance equal to its mean.
	counts := make([]float64, 500)
	for _, at := range due {
		counts[int(at/(100*time.Millisecond))]++
	}
	var mean, variance float64
	for _, n := range counts {
		mean += n / float64(len(counts))
	}
	for _, n := range counts {
		variance += (n - mean) * (n - mean) / float64(len(counts)-1)
	}
	if ratio := variance / mean; ratio < 0.8 || ratio > 1.25 {
		t.Errorf("the variance is %.2f of the mean, want about 1", ratio)
	}
	again, _ := all(l, 7, parts)
	other, _ := all(l, 8, parts)
	if len(again) != len(due) || again[100] != due[100] || other[100] == due[100] {
		t.Error("the same seed does not give the same arrivals, or another one does")
	}
}

func TestALoadOfWhichNothingWouldBeDueIsRefused(t *testing.T) {
	l := DefaultLoad()
	if l.Rate, l.Duration = 0.9, 500*time.Millisecond; l.Validate() == nil {
		t.Error("not one request is due, and that is no error")
	}
	if l.Duration = time.Second; l.Validate() != nil {
		t.Error(l.Validate())
	}
}
