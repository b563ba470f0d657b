package bench

import (
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

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
	l = l.Compact() // which knows its figures without a walk over all counters for each
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

// mostCount bounds how many values a histogram that is read may hold, so that
// sums of many stay exact.
const mostCount = 1 << 50

// UnmarshalJSON takes the histogram; the figures beside it follow from that. What
// it reads is not trusted: it takes less than a millisecond and, however small it
// is, up to 12 bytes for each byte that HistogramSize tells.
func (l *Latency) UnmarshalJSON(b []byte) error {
	var in latencyJSON
	if err := json.Unmarshal(b, &in); err != nil {
		return err
	}
	if _, err := HistogramSize(in.HDR); err != nil {
		return err
	}
	// The decoder checks all that follows the header: it holds no more than the
	// header says, and no more counters than these bounds have.
	p, err := hdrhistogram.DecodePacked([]byte(in.HDR))
	if err != nil {
		return fmt.Errorf("a histogram is damaged: %w", err)
	}
	if n := p.TotalCount(); n > mostCount {
		return fmt.Errorf("a histogram holds %d values, which nobody can have measured", n)
	} else if n != in.Count {
		return fmt.Errorf("a histogram holds %d values, and %d are said to be in it", n, in.Count)
	}
	p.Compact()
	l.h = p
	return nil
}

// How a histogram begins: 8 bytes, and then, compressed, 40 bytes with its bounds
// and the counters.
const (
	outerHeader = 8
	innerHeader = hdrhistogram.ENCODING_HEADER_SIZE
)

// HistogramPrefix is how every histogram in JSON begins.
const HistogramPrefix = "HIST"

// HistogramSize returns how many bytes a histogram, as it stands in the JSON,
// unpacks to: that may be a thousand times its own length. An error says that it
// is no histogram that a Latency wrote. It does not unpack it.
func HistogramSize(hdr string) (int, error) {
	if !strings.HasPrefix(hdr, HistogramPrefix) || strings.ContainsAny(hdr, "\r\n") {
		return 0, errors.New("a histogram is not in HdrHistogram's form")
	}
	packed := base64.NewDecoder(base64.StdEncoding, strings.NewReader(hdr))
	if _, err := io.CopyN(io.Discard, packed, outerHeader); err != nil {
		return 0, fmt.Errorf("a histogram is damaged: %w", err)
	}
	unpacked, err := zlib.NewReader(packed)
	if err != nil {
		return 0, fmt.Errorf("a histogram is damaged: %w", err)
	}
	var header struct {
		Cookie, Size, Offset, Digits int32
		Lowest, Highest              int64
		Ratio                        float64
	}
	if err := binary.Read(io.LimitReader(unpacked, innerHeader), binary.BigEndian, &header); err != nil {
		return 0, fmt.Errorf("a histogram is damaged: %w", err)
	}
	if header.Digits != digits || header.Lowest != int64(leastTime) || header.Highest != int64(mostTime) {
		return 0, errors.New("a histogram has other bounds than this program's")
	}
	if header.Size < 0 {
		return 0, errors.New("a histogram is damaged: its size is below 0")
	}
	return innerHeader + int(header.Size), nil
}

// Micros returns d in microseconds, the unit of all times in the JSON.
func Micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// PercentileName returns the name of a quantile: "99.9" for 0.999.
func PercentileName(q float64) string {
	return strconv.FormatFloat(float64(int64(q*1e6+0.5))/1e4, 'f', -1, 64)
}
