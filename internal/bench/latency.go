package bench

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Bounds of what is told apart: times below 64 ns are one, longer ones are told
// to 3 significant digits, and what took more than 10 minutes counts as 10
// minutes.
const (
	leastTime = 100 * time.Nanosecond
	mostTime  = 10 * time.Minute
	digits    = 3
)

// Latency is how long things took: a histogram with three significant digits.
// Make it with NewLatency. It is used by one goroutine at a time.
type Latency struct{ h *hdrhistogram.Histogram }

// NewLatency returns a Latency without values.
func NewLatency() *Latency {
	return &Latency{hdrhistogram.New(int64(leastTime), int64(mostTime), digits)}
}

// Record adds d. What is negative counts as 0, what is longer than 10 minutes as
// 10 minutes.
func (l *Latency) Record(d time.Duration) {
	l.h.RecordValue(int64(min(max(d, 0), mostTime))) // cannot fail within the bounds
}

// Merge adds all values of other, which may be nil.
func (l *Latency) Merge(other *Latency) {
	if other != nil {
		l.h.Merge(other.h)
	}
}

// Reset takes all values out.
func (l *Latency) Reset() { l.h.Reset() }

// Count returns how many values there are.
func (l *Latency) Count() int64 { return l.h.TotalCount() }

// Quantile returns the time that the share q of all values, from 0 to 1, did not
// exceed: 0.99 is the 99th percentile. It is 0 if there are no values.
func (l *Latency) Quantile(q float64) time.Duration {
	if q >= 1 {
		return l.Max()
	}
	return time.Duration(l.h.ValueAtQuantile(q * 100))
}

// Mean, Min and Max are 0 if there are no values.
func (l *Latency) Mean() time.Duration { return time.Duration(l.h.Mean()) }
func (l *Latency) Min() time.Duration  { return time.Duration(l.h.Min()) }
func (l *Latency) Max() time.Duration  { return time.Duration(l.h.Max()) }

// quantiles are those that the JSON shows; the histogram beside them has all.
var quantiles = []float64{0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999}

// latencyJSON is how a Latency is written. Times are microseconds.
type latencyJSON struct {
	Count       int64              `json:"count"`
	Min         float64            `json:"min_us"`
	Mean        float64            `json:"mean_us"`
	Max         float64            `json:"max_us"`
	Percentiles map[string]float64 `json:"percentiles_us"`
	HDR         string             `json:"hdr"` // the histogram in HdrHistogram's compressed form 2, nanoseconds, base64
}

// MarshalJSON writes the figures that people look for, and the whole histogram
// for programs.
func (l *Latency) MarshalJSON() ([]byte, error) {
	hdr, err := l.h.EncodeV2()
	if err != nil {
		return nil, fmt.Errorf("a histogram cannot be written: %w", err)
	}
	out := latencyJSON{
		Count: l.Count(), Min: Micros(l.Min()), Mean: Micros(l.Mean()), Max: Micros(l.Max()),
		Percentiles: make(map[string]float64, len(quantiles)), HDR: string(hdr),
	}
	for _, q := range quantiles {
		out.Percentiles[PercentileName(q)] = Micros(l.Quantile(q))
	}
	return json.Marshal(out)
}

// maxHDR bounds what UnmarshalJSON decodes. A histogram with every bucket in use
// has less.
const maxHDR = 1 << 20

// UnmarshalJSON takes the histogram; the figures beside it follow from that.
func (l *Latency) UnmarshalJSON(b []byte) (err error) {
	var in latencyJSON
	if err := json.Unmarshal(b, &in); err != nil {
		return err
	}
	if len(in.HDR) > maxHDR {
		return errors.New("a histogram is too long")
	}
	if _, err := base64.StdEncoding.DecodeString(in.HDR); err != nil {
		return fmt.Errorf("a histogram is not in base64: %w", err)
	}
	defer func() {
		if recover() != nil { // the decoder takes its input for well-formed
			err = errors.New("a histogram is damaged")
		}
	}()
	h, err := hdrhistogram.Decode([]byte(in.HDR))
	if err != nil {
		return fmt.Errorf("a histogram is damaged: %w", err)
	}
	fresh := NewLatency()
	if h.SignificantFigures() != digits || h.HighestTrackableValue() != fresh.h.HighestTrackableValue() {
		return errors.New("a histogram has other bounds than this program's")
	}
	if h.TotalCount() != in.Count {
		return fmt.Errorf("a histogram holds %d values, and %d are said to be in it", h.TotalCount(), in.Count)
	}
	fresh.h.Merge(h)
	*l = *fresh
	return nil
}

// Micros returns d in microseconds, the unit of all times in the JSON.
func Micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// PercentileName returns the name of a quantile: "99.9" for 0.999.
func PercentileName(q float64) string {
	return strconv.FormatFloat(float64(int64(q*1e6+0.5))/1e4, 'f', -1, 64)
}
