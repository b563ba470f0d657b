package bench_test

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sttp/internal/bench"
)

// latencyOf returns a Latency of these times.
func latencyOf(times ...time.Duration) *bench.Latency {
	l := bench.NewLatency()
	for _, d := range times {
		l.Record(d)
	}
	return l
}

func TestALatencyWithoutValuesIsZero(t *testing.T) {
	for name, l := range map[string]*bench.Latency{"new": bench.NewLatency(), "compact": bench.NewLatency().Compact()} {
		if l.Count() != 0 || l.Min() != 0 || l.Mean() != 0 || l.Max() != 0 || l.Quantile(0.5) != 0 || l.Quantile(1) != 0 {
			t.Errorf("%s: count %d, min %v, mean %v, max %v, median %v", name, l.Count(), l.Min(), l.Mean(), l.Max(), l.Quantile(0.5))
		}
		for d, n := range l.All() {
			t.Errorf("%s: there is %v %d times", name, d, n)
		}
	}
}

// near tells whether got is want to three significant digits.
func near(got, want time.Duration) bool {
	return math.Abs(float64(got-want)) <= max(64, float64(want)/1000)
}

func TestTimesBeyondTheBoundsCountAsTheBounds(t *testing.T) {
	l := latencyOf(-time.Hour, math.MinInt64, time.Hour, math.MaxInt64)
	if l.Count() != 4 || l.Min() != 0 || !near(l.Max(), 10*time.Minute) || !near(l.Quantile(0.5), 0) {
		t.Errorf("count %d, min %v, max %v, median %v", l.Count(), l.Min(), l.Max(), l.Quantile(0.5))
	}
}

var (
	times = rapid.SliceOf(rapid.Custom(func(t *rapid.T) time.Duration {
		return time.Duration(math.Pow(10, rapid.Float64Range(0, 11.7).Draw(t, "magnitude")))
	}))
	shares = rapid.SampledFrom([]float64{0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1})
)

func TestAQuantileIsThatOfTheSortedValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := times.Draw(t, "times")
		q := shares.Draw(t, "quantile")
		if len(all) == 0 {
			return
		}
		l := latencyOf(all...)
		slices.Sort(all)
		rank := int(min(max(math.Floor(q*float64(len(all))+0.5), 1), float64(len(all))))
		if got, want := l.Quantile(q), all[rank-1]; !near(got, want) {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
		if !near(l.Min(), all[0]) || !near(l.Max(), all[len(all)-1]) {
			t.Errorf("from %v to %v, want %v to %v", l.Min(), l.Max(), all[0], all[len(all)-1])
		}
	})
}

// pair is how often a time was there.
type pair struct {
	time  time.Duration
	count int64
}

func pairsOf(l *bench.Latency) (pairs []pair) {
	for d, n := range l.All() {
		pairs = append(pairs, pair{d, n})
	}
	return pairs
}

func TestMergingInAnyFormIsRecordingAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := times.Draw(t, "a"), times.Draw(t, "b")
		dst, src := latencyOf(a...), latencyOf(b...)
		if rapid.Bool().Draw(t, "into compact") {
			dst = dst.Compact()
		}
		if rapid.Bool().Draw(t, "compact") {
			src = src.Compact()
		}
		dst.Merge(src)
		dst.Merge(nil)
		want := latencyOf(append(a, b...)...)
		if dst.Count() != int64(len(a)+len(b)) || !reflect.DeepEqual(pairsOf(dst), pairsOf(want)) {
			t.Errorf("merged: %v, want %v", pairsOf(dst), pairsOf(want))
		}
		q := shares.Draw(t, "quantile")
		if dst.Quantile(q) != want.Quantile(q) || dst.Max() != want.Max() || dst.Min() != want.Min() || !near(dst.Mean(), want.Mean()) {
			t.Errorf("quantile %v: %v, want %v; max %v, want %v", q, dst.Quantile(q), want.Quantile(q), dst.Max(), want.Max())
		}
	})
}

func TestAllYieldsTheTimesThatQuantilesAre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := latencyOf(times.Draw(t, "times")...)
		var sum int64
		last := time.Duration(-1)
		for d, n := range l.All() {
			if d <= last || n < 1 {
				t.Fatalf("%v %d times follows %v", d, n, last)
			}
			if got := l.Quantile(float64(sum+n) / float64(l.Count())); got != d { // the last one with this time
				t.Errorf("a quantile is %v, and the time is %v", got, d)
			}
			sum, last = sum+n, d
		}
		if sum != l.Count() || sum > 0 && last != l.Max() {
			t.Errorf("%d of %d, the last is %v of %v", sum, l.Count(), last, l.Max())
		}
	})
}

func TestRecordingDoesNotAllocate(t *testing.T) {
	l := bench.NewLatency()
	d := time.Microsecond
	if n := testing.AllocsPerRun(1000, func() { l.Record(d); d += 1000 }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestResetTakesAllValuesOut(t *testing.T) {
	for _, l := range []*bench.Latency{latencyOf(1e6, 2e6), latencyOf(1e6, 2e6).Compact()} {
		l.Reset()
		if l.Count() != 0 || l.Max() != 0 {
			t.Errorf("count %d, max %v", l.Count(), l.Max())
		}
	}
}

func TestALatencyIsTheSameBehindJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := latencyOf(times.Draw(t, "times")...)
		doc, err := json.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		var back bench.Latency
		if err := json.Unmarshal(doc, &back); err != nil {
			t.Fatalf("%v: %s", err, doc)
		}
		if !reflect.DeepEqual(pairsOf(l), pairsOf(&back)) {
			t.Errorf("%v became %v", pairsOf(l), pairsOf(&back))
		}
		if again, err := json.Marshal(&back); err != nil || !bytes.Equal(doc, again) {
			t.Errorf("%s became %s: %v", doc, again, err)
		}
	})
}

func TestTheFiguresInJSONAreMicroseconds(t *testing.T) {
	l := bench.NewLatency()
	for i := range 1000 {
		l.Record(time.Duration(i+1) * time.Millisecond)
	}
	doc, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Count       int64
		Min         float64            `json:"min_us"`
		Mean        float64            `json:"mean_us"`
		Max         float64            `json:"max_us"`
		Percentiles map[string]float64 `json:"percentiles_us"`
	}
	if err := json.Unmarshal(doc, &got); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string][2]float64{
		"min": {got.Min, 1e3}, "mean": {got.Mean, 500.5e3}, "max": {got.Max, 1000e3}, "50": {got.Percentiles["50"], 500e3},
		"99": {got.Percentiles["99"], 990e3}, "99.9": {got.Percentiles["99.9"], 999e3}, "99.99": {got.Percentiles["99.99"], 1000e3},
	} {
		if math.Abs(c[0]-c[1]) > c[1]/1000 {
			t.Errorf("%s is %v, want %v", name, c[0], c[1])
		}
	}
	if got.Count != 1000 || len(got.Percentiles) != 7 {
		t.Errorf("count %d, percentiles %v", got.Count, got.Percentiles)
	}
}

func TestPercentilesAreNamedAsPeopleDo(t *testing.T) {
	for q, want := range map[float64]string{0.5: "50", 0.9: "90", 0.99: "99", 0.999: "99.9", 0.9999: "99.99", 1: "100"} {
		if got := bench.PercentileName(q); got != want {
			t.Errorf("%v is %s, want %s", q, got, want)
		}
	}
}

// A header of a histogram, as far as it matters.
type header struct {
	cookie, size, digits int32
	lowest, highest      int64
}

var rightHeader = header{0x1c849313, 0, 3, 100, int64(10 * time.Minute)}

// hdrOf returns a histogram with that header and payload; the size is the
// payload's if the header has none.
func hdrOf(h header, payload []byte) string {
	if h.size == 0 {
		h.size = int32(len(payload))
	}
	var inner bytes.Buffer
	z := zlib.NewWriter(&inner)
	for _, field := range []any{h.cookie, h.size, int32(0), h.digits, h.lowest, h.highest, 1.0} {
		binary.Write(z, binary.BigEndian, field)
	}
	z.Write(payload)
	z.Close()
	var outer bytes.Buffer
	binary.Write(&outer, binary.BigEndian, []int32{0x1c849314, int32(inner.Len())})
	outer.Write(inner.Bytes())
	return base64.StdEncoding.EncodeToString(outer.Bytes())
}

// histogramJSON returns the JSON of a Latency with that histogram.
func histogramJSON(t testing.TB, count int64, hdr string) []byte {
	doc, err := json.Marshal(map[string]any{"count": count, "hdr": hdr})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestAHistogramThatIsNotOursIsRefused(t *testing.T) {
	one := []byte{2} // the first counter is 1
	wide := rightHeader
	wide.digits, wide.lowest, wide.highest = 5, 1, math.MaxInt64
	coarse := rightHeader
	coarse.lowest = 1
	long := rightHeader
	long.size = 100
	negative := rightHeader
	negative.size = -1
	huge := []byte{0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff} // a counter of more than 2^61
	right := hdrOf(rightHeader, one)
	for _, c := range []struct {
		name  string
		count int64
		hdr   string
		want  string // of the error
	}{
		{"right", 1, right, ""},
		{"none", 0, "", "not in HdrHistogram's form"},
		{"not base64", 1, "HIST*", "damaged"},
		{"too short", 1, "HISTFA==", "damaged"},
		{"cut", 1, right[:len(right)/2], "damaged"},
		{"cut in the payload", 1, right[:len(right)-8], "damaged"},
		{"of another program", 1, strings.Repeat("A", 100), "not in HdrHistogram's form"},
		{"with a line end", 1, "HI\nST" + right[4:], "not in HdrHistogram's form"},
		{"other digits", 1, hdrOf(wide, one), "other bounds"},
		{"another unit", 1, hdrOf(coarse, one), "other bounds"},
		{"another count", 2, right, "holds 1 values, and 2 are said"},
		{"size too large", 1, hdrOf(long, one), "damaged"},
		{"size below 0", 1, hdrOf(negative, one), "below 0"},
		{"more than there can be", math.MaxInt64, hdrOf(rightHeader, huge), "nobody can have measured"},
		{"more than can be added", math.MaxInt64, hdrOf(rightHeader, bytes.Repeat(huge, 9)), "nobody can have measured"},
		{"a run beyond the end", 0, hdrOf(rightHeader, []byte{0xff, 0xff, 0xff, 0xff, 0x0f}), "damaged"},
		{"too many counters", 30000, hdrOf(rightHeader, bytes.Repeat(one, 30000)), "damaged"},
	} {
		var l bench.Latency
		err := json.Unmarshal(histogramJSON(t, c.count, c.hdr), &l)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: got error %v, want one with %q", c.name, err, c.want)
		}
	}
}

// A histogram of these bounds has less than this many counters.
const mostCounters = 30_000

func TestASmallHistogramTakesLittleMemoryWhateverItSays(t *testing.T) {
	wide := rightHeader
	wide.digits, wide.lowest, wide.highest = 5, 1, math.MaxInt64
	bomb := hdrOf(wide, bytes.Repeat([]byte{2}, 6_000_000)) // of a few kilobytes, for a histogram of 50 MB
	full := hdrOf(rightHeader, bytes.Repeat([]byte{2}, 20_000))
	for name, hdr := range map[string]string{"other bounds": bomb, "every counter": full} {
		doc := histogramJSON(t, 20_000, hdr)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		json.Unmarshal(doc, new(bench.Latency))
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 2<<20 {
			t.Errorf("%s: reading %d bytes took %d", name, len(doc), used)
		}
	}
	if n, err := bench.HistogramSize(full); n != 20_040 || err != nil {
		t.Errorf("it unpacks to %d bytes, %v", n, err)
	}
}

func FuzzALatencyFromJSON(f *testing.F) {
	for _, l := range []*bench.Latency{bench.NewLatency(), latencyOf(1), latencyOf(1e3, 1e6, 1e6, 1e9, 1e12)} {
		doc, err := json.Marshal(l)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(doc)
	}
	f.Add([]byte(`{"count":1,"hdr":"HISTFAAAAAA="}`))
	f.Add(histogramJSON(f, 9, hdrOf(rightHeader, bytes.Repeat([]byte{2}, 9))))
	f.Fuzz(func(t *testing.T, doc []byte) {
		var l bench.Latency
		if json.Unmarshal(doc, &l) != nil {
			return
		}
		checkLatency(t, &l)
	})
}

// FuzzAHistogram changes what is compressed, which changes to the compressed form
// hardly ever reach.
func FuzzAHistogram(f *testing.F) {
	f.Add(int32(0), int32(3), int64(100), int64(10*time.Minute), []byte{2, 3, 4, 127, 2})
	f.Fuzz(func(t *testing.T, size, digits int32, lowest, highest int64, payload []byte) {
		hdr := hdrOf(header{rightHeader.cookie, size, digits, lowest, highest}, payload)
		var l bench.Latency
		// The count is in the error.
		if err := json.Unmarshal(histogramJSON(t, -1, hdr), &l); err == nil {
			t.Fatal("a histogram of -1 values was read")
		}
		for _, n := range []int64{0, 1, 2, 3, 64} {
			if json.Unmarshal(histogramJSON(t, n, hdr), &l) == nil {
				checkLatency(t, &l)
			}
		}
	})
}

// checkLatency fails the test unless l is of one piece.
func checkLatency(t *testing.T, l *bench.Latency) {
	var sum int64
	pairs := pairsOf(l)
	for _, p := range pairs {
		sum += p.count
	}
	if sum != l.Count() || len(pairs) > mostCounters {
		t.Fatalf("%d values, and a count of %d", sum, l.Count())
	}
	if sum > 0 && (pairs[len(pairs)-1].time != l.Max() || l.Min() > l.Quantile(0.5) || l.Quantile(0.5) > l.Max()) {
		t.Fatalf("min %v, median %v, max %v, last %v", l.Min(), l.Quantile(0.5), l.Max(), pairs[len(pairs)-1].time)
	}
	sumOf := bench.NewLatency()
	sumOf.Merge(l)
	if sumOf.Count() != l.Count() {
		t.Fatalf("merged: %d of %d values", sumOf.Count(), l.Count())
	}
	if _, err := json.Marshal(l); err != nil {
		t.Fatal(err)
	}
}
