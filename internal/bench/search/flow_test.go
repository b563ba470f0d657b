package search_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sttp/internal/bench"
	"sttp/internal/bench/search"
)

// answers is a measure of a server that answers in so long at a rate.
func answers(in func(rate float64, long bool) time.Duration) search.Measure {
	return func(_ context.Context, rate float64, long bool) (*bench.Result, error) {
		d, r := in(rate, long), result(rate)
		fill(r, 100, func(int) sample { return sample{response: d, service: d} })
		return r, nil
	}
}

// upTo answers in time up to a rate.
func upTo(most float64) search.Measure {
	return answers(func(rate float64, _ bool) time.Duration {
		if rate <= most {
			return ms
		}
		return 50 * ms
	})
}

func TestAServerThatBearsTheHighestRateHasNoLimit(t *testing.T) {
	o := search.DefaultOptions()
	o.Highest = 50_000
	b := find(t, o, upTo(1e9))
	if b.Rate != 50_000 || b.Limit != bench.LimitNone || !b.Confirmed {
		t.Errorf("%s", steps(b, o))
	}
	if last := b.Steps[len(b.Steps)-1]; last.Stage != "confirm" || last.Rate != 50_000 {
		t.Errorf("the last step is %s at %v", last.Stage, last.Rate)
	}
}

func TestAServerThatFailsAtOnceIsTriedAtLowerRates(t *testing.T) {
	for _, most := range []float64{1.5, 3, 40, 700} {
		o := search.DefaultOptions()
		b := find(t, o, upTo(most))
		if b.Rate > most || b.Rate < most*0.97 || b.Limit != bench.LimitServer {
			t.Errorf("up to %v: %s", most, steps(b, o))
		}
	}
	o := search.DefaultOptions()
	b := find(t, o, upTo(0.1))
	if b.Rate != 0 || b.Confirmed || b.Limit != bench.LimitServer || !strings.Contains(b.Why, "at 1/s p99 50 ms") {
		t.Errorf("%s", steps(b, o))
	}
}

func TestAFailingStepIsTriedOnceMoreAndTheTextSaysSo(t *testing.T) {
	unlucky := map[int]bool{1: true, 4: true, 9: true}
	n := 0
	o := search.DefaultOptions()
	o.Highest = 20_000
	b := find(t, o, answers(func(float64, bool) time.Duration {
		defer func() { n++ }()
		if unlucky[n] {
			return 50 * ms
		}
		return ms
	}))
	if b.Rate != 20_000 || b.Limit != bench.LimitNone {
		t.Errorf("%s", steps(b, o))
	}
	if !strings.HasPrefix(b.Steps[2].Why, "tried again") || b.Steps[2].Rate != b.Steps[1].Rate {
		t.Errorf("%s", steps(b, o))
	}
}

func TestADisturbanceThatTakesLongDoesNotDecide(t *testing.T) {
	for from := range 12 { // the first of the steps that are disturbed
		n := 0
		o := search.DefaultOptions()
		b := find(t, o, answers(func(rate float64, _ bool) time.Duration {
			n++
			if rate > 9000 || n > from && n <= from+3 {
				return 50 * ms
			}
			return ms
		}))
		if b.Rate < 8800 || b.Rate > 9000 || !b.Confirmed {
			t.Errorf("disturbed after %d steps: %s", from, steps(b, o))
		}
	}
}

func TestARateThatDoesNotHoldForLongIsNotConfirmed(t *testing.T) {
	o := search.DefaultOptions()
	b := find(t, o, answers(func(rate float64, long bool) time.Duration {
		if rate > 10_000 || long && rate > 8000 {
			return 50 * ms
		}
		return ms
	}))
	if b.Rate > 8000 || b.Rate < 7000 || !b.Confirmed || b.Limit != bench.LimitServer {
		t.Errorf("%s", steps(b, o))
	}
	b = find(t, o, answers(func(rate float64, long bool) time.Duration {
		if rate > 10_000 || long {
			return 50 * ms
		}
		return ms
	}))
	if b.Rate != 0 || b.Confirmed || len(b.Steps) > 60 {
		t.Errorf("%s", steps(b, o))
	}
}

func TestAServerThatIsNowGoodNowBadEndsTheSearchAllTheSame(t *testing.T) {
	for seed := range seeds(24) {
		rng := rand.New(rand.NewPCG(seed, 2))
		o := search.DefaultOptions()
		b := find(t, o, answers(func(rate float64, _ bool) time.Duration {
			if rate > 5000 && rng.Float64() < rate/20_000 {
				return 50 * ms
			}
			return ms
		}))
		if b.Rate < 4000 || b.Rate > 40_000 || len(b.Steps) > 100 {
			t.Errorf("seed %d: %s", seed, steps(b, o))
		}
	}
}

func TestTheServerIsNamedIfItFailsBeyondDoubtALittleHigher(t *testing.T) {
	o := search.DefaultOptions()
	late := func(rate float64) sample {
		switch {
		case rate > 9000:
			return sample{80 * ms, 77 * ms, 700 * time.Microsecond, ""}
		case rate > 8000:
			return sample{6 * ms, 5 * ms, 700 * time.Microsecond, ""}
		}
		return sample{ms, ms, 100 * time.Microsecond, ""}
	}
	b := find(t, o, func(_ context.Context, rate float64, _ bool) (*bench.Result, error) {
		r := result(rate)
		r.Load.Connections = 1000
		fill(r, 200, func(int) sample { return late(rate) })
		return r, nil
	})
	if b.Limit != bench.LimitServer || b.Rate < 7900 || b.Rate > 8000 || !strings.Contains(b.Why, "beyond doubt") {
		t.Errorf("%s", steps(b, o))
	}
}

func TestAServerThatGoesAwayEndsTheSearchWithTheLastRateThatHeld(t *testing.T) {
	o := search.DefaultOptions()
	good := upTo(1e9)
	b := find(t, o, func(ctx context.Context, rate float64, long bool) (*bench.Result, error) {
		r, err := good(ctx, rate, long)
		if rate > 5000 {
			r.Gone = &bench.Gone{After: time.Second, Lost: 7, Why: bench.Refused}
		}
		return r, err
	})
	if b.Gone == nil || b.Gone.Lost != 7 || b.Rate != 4000 || b.Confirmed || !strings.Contains(b.Why, "at 8,000/s the server went away after 1 s (refused), 7 requests were lost") {
		t.Errorf("%+v: %s", b.Gone, steps(b, o))
	}

	b = find(t, o, func(ctx context.Context, rate float64, long bool) (*bench.Result, error) {
		if rate > 5000 {
			return nil, fmt.Errorf("%w: refused", bench.ErrNoServer)
		}
		return good(ctx, rate, long)
	})
	if b.Gone == nil || b.Rate != 4000 || !strings.Contains(b.Why, "between two steps") {
		t.Errorf("%+v: %s", b.Gone, steps(b, o))
	}
}

func TestASearchThatCannotBeginSaysWhy(t *testing.T) {
	o := search.DefaultOptions()
	b, err := search.Find(t.Context(), o, func(context.Context, float64, bool) (*bench.Result, error) { return nil, bench.ErrNoServer })
	if b != nil || !errors.Is(err, bench.ErrNoServer) {
		t.Errorf("%v, %v", b, err)
	}
	for _, change := range []func(*search.Options){
		func(o *search.Options) { o.From = 0 },
		func(o *search.Options) { o.Highest = 10 },
		func(o *search.Options) { o.Highest = 1e12 },
		func(o *search.Options) { o.Steps = 0 },
		func(o *search.Options) { o.Time = 0 },
	} {
		o := search.DefaultOptions()
		change(&o)
		if b, err := search.Find(t.Context(), o, upTo(10)); b != nil || err == nil {
			t.Errorf("%+v: %v, %v", o, b, err)
		}
	}
}

func TestAnInterruptShowsWhatWasFoundUntilThen(t *testing.T) {
	for last := range 12 { // steps that are whole
		ctx, cancel := context.WithCancel(t.Context())
		o := search.DefaultOptions()
		n, good := 0, upTo(3000)
		b, err := search.Find(ctx, o, func(ctx context.Context, rate float64, long bool) (*bench.Result, error) {
			r, err := good(ctx, rate, long)
			if n++; n > last {
				cancel()
				r.Interrupted = true
			}
			return r, err
		})
		cancel()
		if err != nil || b == nil || !b.Interrupted || len(b.Steps) != last || b.Confirmed || b.Rate > 3000 || last > 1 && b.Rate < 2000 {
			t.Fatalf("after %d steps: %v: %+v", last, err, b)
		}
	}
}

func TestASearchEndsWhenItsStepsOrItsTimeAreOver(t *testing.T) {
	o := search.DefaultOptions()
	o.Steps = 6
	b := find(t, o, upTo(5000))
	if len(b.Steps) != 6 || b.Rate != 4000 || b.Confirmed || b.Limit != bench.LimitServer || !strings.Contains(b.Why, "it had made 6 steps") {
		t.Errorf("%s", steps(b, o))
	}
	synctest.Test(t, func(t *testing.T) {
		o := search.DefaultOptions()
		o.Time = time.Minute
		begun := time.Now()
		good := upTo(5000)
		b := find(t, o, func(ctx context.Context, rate float64, long bool) (*bench.Result, error) {
			time.Sleep(7 * time.Second)
			return good(ctx, rate, long)
		})
		if took := time.Since(begun); took > 67*time.Second || took < time.Minute || b.Rate < 4000 || !strings.Contains(b.Why, "1m0s were over") {
			t.Errorf("%v: %s", took, steps(b, o))
		}
	})
}

func TestEveryStepIsShownAsItEnds(t *testing.T) {
	o := search.DefaultOptions()
	var seen []bench.Step
	o.Observe = func(s bench.Step) { seen = append(seen, s) }
	b := find(t, o, upTo(3000))
	if len(seen) != len(b.Steps) {
		t.Fatalf("%d of %d steps were shown", len(seen), len(b.Steps))
	}
	for i, s := range seen {
		if s.Rate != b.Steps[i].Rate || s.OK != b.Steps[i].OK {
			t.Errorf("step %d: %+v, then %+v", i, s, b.Steps[i])
		}
	}
}
