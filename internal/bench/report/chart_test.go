package report

import (
	"math"
	"slices"
	"strings"
	"testing"
	"testing/quick"
)

func TestTicksAreRoundNumbers(t *testing.T) {
	for _, c := range []struct {
		name  string
		scale scale
		want  []float64
	}{
		{"from zero", zeroScale(2000, 5), []float64{0, 500, 1000, 1500, 2000}},
		{"from zero, a little more", zeroScale(2004, 5), []float64{0, 500, 1000, 1500, 2000, 2500}},
		{"from zero, small", zeroScale(0.03, 3), []float64{0, 0.01, 0.02, 0.03}},
		{"nothing", zeroScale(0, 2), []float64{0, 0.5, 1}},
		{"a span", spanScale(10.3e9, 1e9, 8), []float64{0, 2e9, 4e9, 6e9, 8e9, 10e9}},
		{"a span of minutes", spanScale(600e9, 60e9, 8), []float64{0, 120e9, 240e9, 360e9, 480e9, 600e9}},
		{"a decade", logScale(1.2, 9), []float64{1, 2, 5, 10}},
		{"one value", logScale(5, 5), []float64{5, 10}},
		{"no value", logScale(0, math.NaN()), []float64{1, 2}},
		{"many decades", logScale(3e3, 4e8), []float64{1e4, 1e5, 1e6, 1e7, 1e8}},
		{"quantiles", ninesScale(20000), []float64{nines(0.5), 1, 2, 3, math.Log10(20000)}},
	} {
		if !slices.EqualFunc(c.scale.ticks, c.want, func(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Abs(b) }) {
			t.Errorf("%s: %v, want %v", c.name, c.scale.ticks, c.want)
		}
	}
}

func TestAScaleKeepsOrderAndItsEnds(t *testing.T) {
	check := func(a, b, c float64) bool {
		for _, s := range []scale{zeroScale(c, 4), spanScale(c, 1, 8), logScale(a, c)} {
			lo, hi := min(a, b), max(a, b)
			if x, y := s.at(lo), s.at(hi); !(x >= 0 && x <= y && y <= 1) {
				return false
			}
			if s.at(s.lo) != 0 || s.at(s.hi) != 1 || len(s.ticks) == 0 || len(s.ticks) > 12 {
				return false
			}
		}
		return true
	}
	if err := quick.Check(func(a, b, c uint32) bool { return check(float64(a)+1, float64(b)+1, float64(c)+1) }, nil); err != nil {
		t.Error(err)
	}
	if err := quick.Check(func(a, b, c float64) bool {
		return finite(zeroScale(c, 4).at(a)) && finite(spanScale(c, 1, 8).at(b))
	}, nil); err != nil {
		t.Error(err)
	}
	if at := zeroScale(1, 2).at(math.NaN()); at != 0 {
		t.Errorf("what is no number lies at %v", at)
	}
}

func TestNinesAreEquallyFarApart(t *testing.T) {
	for n, q := range []float64{0, 0.9, 0.99, 0.999, 0.9999} {
		if at := nines(q); math.Abs(at-float64(n)) > 1e-9 || math.Abs(unNines(at)-q) > 1e-12 {
			t.Errorf("%v lies at %v, want %d", q, at, n)
		}
	}
}

func TestFiguresHaveThreeSignificantDigits(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 0.01234: "0.0123", 0.9999: "1.00", 1: "1.00", 9.996: "10.0", 12.34: "12.3", 99.94: "99.9", 99.96: "100",
		999.6: "1,000", 1234567: "1,234,567", -1234: "-1,234", -123: "-123", 1e-9: "0",
		math.NaN(): "–", math.Inf(1): "–", math.Inf(-1): "–",
	} {
		if got := significant(v); got != want {
			t.Errorf("%v is %q, want %q", v, got, want)
		}
	}
}

func TestOneUnitSuitsAChart(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		want   unit
	}{
		{20e3, 900e3, micros}, {200e3, 5e6, millis}, {1e3, 1e9, millis}, {10e6, 2e9, millis}, {2e9, 60e9, secs}, {0, 0, micros},
	} {
		if got := latencyUnit(c.lo, c.hi); got != c.want {
			t.Errorf("from %v to %v: %s, want %s", c.lo, c.hi, got.name, c.want.name)
		}
	}
}

func aChart() *chart {
	return newChart("a", "A", spanScale(10, 1, 5), zeroScale(10, 5), unit{"", 1}, unit{"", 1}, 100)
}

func TestALineIsBrokenWhereAValueIsMissing(t *testing.T) {
	c, gap := aChart(), math.NaN()
	c.addLine("main", "a", []point{{0, 0}, {1, 10}, {2, gap}, {3, 5}, {4, gap}, {5, 5}, {6, 5}})
	want := "M0 112L100 12M300 62h0M500 62L600 62"
	if len(c.Lines) != 1 || c.Lines[0].Path != want || c.Lines[0].Points != 5 {
		t.Errorf("the line is %+v, want %s", c.Lines, want)
	}
	c.addLine("main", "b", []point{{0, gap}, {gap, 1}, {math.Inf(1), 1}})
	if len(c.Lines) != 1 || len(c.Labels) != 1 {
		t.Errorf("nothing became %+v with %+v", c.Lines, c.Labels)
	}
}

func TestLabelsDoNotLieUponOneAnother(t *testing.T) {
	c := aChart()
	for _, v := range []float64{0, 0, 0.1, 5, 5.1, 10} {
		c.label("main", "x", v)
	}
	c.finish()
	for i, l := range c.Labels {
		if l.y > 112 || i > 0 && l.y-c.Labels[i-1].y < labelGap-1e-9 {
			t.Errorf("label %d lies at %v", i, l.y)
		}
	}
}

func TestStopsShareTheWholeWidth(t *testing.T) {
	c := aChart()
	for _, x := range []float64{8, 1, 4} {
		c.stop(x, "x")
	}
	c.finish()
	var got []string
	for _, s := range c.Stops {
		got = append(got, s.Left+"+"+s.Width)
	}
	if want := "0%+25% 25%+35% 60%+40%"; strings.Join(got, " ") != want {
		t.Errorf("the stops have %s, want %s", got, want)
	}
}

func TestAConditionIsDrawnAsFarAsItCanBe(t *testing.T) {
	none := math.NaN()
	for text, want := range map[string]untilTerms{
		"p99<5ms,errors<0.1%":     {0.99, 5e6, 0.001},
		"P99.9 <= 1.5s":           {0.999, 1.5e9, none},
		"errors<=0%, max < 100µs": {1, 100e3, 0},
		"p50<1ms,p99<2ms":         {0.5, 1e6, none},
		"mean<5ms":                {0.99, none, none},
		"":                        {0.99, none, none},
		"p99<5,p99>5ms,p<1s":      {0.99, none, none},
		"p100<1s,p0<1s,p99<-1s":   {0.99, none, none},
	} {
		same := func(a, b float64) bool { return math.Abs(a-b) < 1e-9 || math.IsNaN(a) && math.IsNaN(b) }
		if got := parseUntil(text); !same(got.quantile, want.quantile) || !same(got.latency, want.latency) || !same(got.errors, want.errors) {
			t.Errorf("%q is %+v, want %+v", text, got, want)
		}
	}
}
