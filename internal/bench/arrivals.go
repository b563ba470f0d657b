package bench

import (
	"math/rand/v2"
	"time"
)

// arrivals are the times at which the requests of an open loop are due. The
// requests are spread over several goroutines, each of which has arrivals of its
// own; together they have the rate that was asked for.
type arrivals struct {
	gap  float64 // seconds between two, on the average
	rng  *rand.Rand
	at   float64 // seconds, of the next one if they come at random
	n    int64   // how many there were
	part int64   // this is every parts-th, beginning with part
	of   int64

	warmup time.Duration
	first  int64 // the first that is counted, if they come evenly
	end    int64 // how many there are in all, 0 if until says it
	until  time.Duration
}

// newArrivals returns the arrivals of one of several goroutines.
func newArrivals(l Load, seed uint64, part, parts int) *arrivals {
	a := &arrivals{part: int64(part), of: int64(parts), warmup: l.Warmup, gap: 1 / l.Rate}
	if l.Poisson {
		a.gap *= float64(parts)
		a.rng = rand.New(rand.NewPCG(seed, 1<<32+uint64(part)))
		a.at = a.gap * a.rng.ExpFloat64()
		a.until = l.Warmup + l.Duration
		if l.Count > 0 {
			a.end = share(l.Count, part, parts)
		}
		return a
	}
	a.first = int64(l.Warmup.Seconds()*l.Rate + 0.5)
	a.end = a.first + l.Count
	if l.Count == 0 {
		a.end = a.first + int64(l.Duration.Seconds()*l.Rate+0.5)
	}
	return a
}

// share returns how many of n things the part-th of parts has.
func share(n int64, part, parts int) int64 {
	mine := n / int64(parts)
	if int64(part) < n%int64(parts) {
		mine++
	}
	return mine
}

// next returns when the next request is due, since the start, and whether it is
// counted; ok is false if there is none.
func (a *arrivals) next() (due time.Duration, counted, ok bool) {
	if a.rng != nil {
		return a.random()
	}
	i := a.n*a.of + a.part
	if i >= a.end {
		return 0, false, false
	}
	a.n++
	return seconds(float64(i) * a.gap), i >= a.first, true
}

func (a *arrivals) random() (due time.Duration, counted, ok bool) {
	due = seconds(a.at)
	counted = due >= a.warmup
	if a.end == 0 && due >= a.until || a.end > 0 && a.n >= a.end || a.end < 0 {
		return 0, false, false
	}
	if counted {
		a.n++
	}
	a.at += a.gap * a.rng.ExpFloat64()
	return due, counted, true
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
