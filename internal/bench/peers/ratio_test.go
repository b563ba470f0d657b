package peers

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sttp/internal/bench"
)

func TestRatiosAreTakenRoundByRound(t *testing.T) {
	// The first system is the faster one in each round, though the machine is slower
	// and slower.
	rounds := []map[string]sample{
		{"a": {"rate": 900}, "b": {"rate": 600}, "c": {"rate": 100}},
		{"a": {"rate": 600}, "b": {"rate": 300}, "c": {"rate": 100}},
		{"a": {"rate": 120}, "b": {"rate": 100}, "c": {"rate": 100}},
	}
	want := []bench.Figure{
		{System: "a", What: "rate", Unit: "requests/s", Better: "more", Rounds: []float64{900, 600, 120}, Median: 600},
		{System: "b", What: "rate", Unit: "requests/s", Better: "more", Rounds: []float64{600, 300, 100}, Median: 300, Ratio: &bench.Range{Median: 1.5, Lowest: 1.2, Highest: 2}},
		{System: "c", What: "rate", Unit: "requests/s", Better: "more", Rounds: []float64{100, 100, 100}, Median: 100, Ratio: &bench.Range{Median: 6, Lowest: 1.2, Highest: 9}},
	}
	if diff := cmp.Diff(want, figures([]string{"a", "b", "c"}, rounds)); diff != "" {
		t.Error(diff)
	}
}

func TestWhatASystemDoesNotTellIsLeftOut(t *testing.T) {
	rounds := []map[string]sample{
		{"a": {"CPU": 2, "p99": 5}, "b": {"CPU": 4, "CPU with upstream": 8, "p99": 0}},
		{"a": {"CPU": 2, "p99": 5}, "b": {"CPU with upstream": 8, "p99": 5}},
	}
	want := []bench.Figure{
		{System: "a", What: "CPU", Unit: "µs/request", Better: "less", Rounds: []float64{2, 2}, Median: 2},
		{System: "b", What: "CPU with upstream", Unit: "µs/request", Better: "less", Rounds: []float64{8, 8}, Median: 8, Ratio: &bench.Range{Median: 0.25, Lowest: 0.25, Highest: 0.25}},
		{System: "a", What: "p99", Unit: "µs", Better: "less", Rounds: []float64{5, 5}, Median: 5},
		{System: "b", What: "p99", Unit: "µs", Better: "less", Rounds: []float64{0, 5}, Median: 2.5},
	}
	if diff := cmp.Diff(want, figures([]string{"a", "b"}, rounds)); diff != "" {
		t.Error(diff)
	}
}

func TestTheMedianOfAnEvenNumberIsBetweenTheTwoInTheMiddle(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{9, 1}, 5}, {[]float64{3, 1, 2}, 2}, {[]float64{4, 1, 100, 2}, 3}} {
		if got := median(c.values); got != c.want {
			t.Errorf("median of %v is %v, not %v", c.values, got, c.want)
		}
	}
}

func TestANumberHasThreeSignificantDigits(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 0.01234: "0.0123", 0.9996: "1.00", 1: "1.00", 9.996: "10.0", 12.34: "12.3", 123.4: "123", 999.6: "1,000", 1234: "1,230", 1234567: "1,230,000",
	} {
		if got := significant(v); got != want {
			t.Errorf("%v is %s, not %s", v, got, want)
		}
	}
}
