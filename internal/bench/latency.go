package bench

import (
	"iter"
	"math/bits"
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
type Latency struct{ h histogram }

// histogram is either *hdrhistogram.Histogram, which has a counter for every
// time that can be told apart and records fast, or *hdrhistogram.PackedHistogram,
// which has one for every time that there was and needs little memory.
type histogram interface {
	RecordValue(int64) error
	Reset()
	TotalCount() int64
	Mean() float64
	Min() int64
	Max() int64
	ValueAtPercentile(float64) int64
	EncodeV2() ([]byte, error)
}

// NewLatency returns a Latency without values. It takes 200 KB.
func NewLatency() *Latency {
	return &Latency{hdrhistogram.New(int64(leastTime), int64(mostTime), digits)}
}

// Compact returns a copy that takes a few bytes for each different time, for
// what is kept. Recording into it is slow.
func (l *Latency) Compact() *Latency {
	p := hdrhistogram.NewPacked(int64(leastTime), int64(mostTime), digits)
	merge(p, l.h)
	p.Compact()
	return &Latency{p}
}

// Record adds d. What is negative counts as 0, what is longer than 10 minutes as
// 10 minutes.
func (l *Latency) Record(d time.Duration) {
	l.h.RecordValue(int64(min(max(d, 0), mostTime))) // cannot fail within the bounds
}

// Merge adds all values of other, which may be nil.
func (l *Latency) Merge(other *Latency) {
	if other != nil {
		merge(l.h, other.h)
	}
}

// merge adds all values of src to dst. None is dropped: both have the same bounds.
func merge(dst, src histogram) {
	switch dst := dst.(type) {
	case *hdrhistogram.Histogram:
		switch src := src.(type) {
		case *hdrhistogram.Histogram:
			dst.Merge(src)
		case *hdrhistogram.PackedHistogram:
			src.MergeInto(dst)
		}
	case *hdrhistogram.PackedHistogram:
		switch src := src.(type) {
		case *hdrhistogram.Histogram:
			dst.MergeFrom(src)
		case *hdrhistogram.PackedHistogram:
			dst.Merge(src)
		}
	}
}

// Reset takes all values out.
func (l *Latency) Reset() { l.h.Reset() }

// Count returns how many values there are.
func (l *Latency) Count() int64 { return l.h.TotalCount() }

// Quantile returns the time that the share q of all values, from 0 to 1, did not
// exceed: 0.99 is the 99th percentile, to the nearest value. It is 0 if there are
// no values.
func (l *Latency) Quantile(q float64) time.Duration {
	return time.Duration(l.h.ValueAtPercentile(q * 100))
}

// Mean, Min and Max are 0 if there are no values.
func (l *Latency) Mean() time.Duration { return time.Duration(l.h.Mean()) }
func (l *Latency) Min() time.Duration  { return time.Duration(l.h.Min()) }
func (l *Latency) Max() time.Duration  { return l.Quantile(1) }

// All yields the times that there were, shortest first, and how often each. As
// everywhere here, a time stands for those that are not told apart from it, of
// which it is the longest.
func (l *Latency) All() iter.Seq2[time.Duration, int64] {
	return func(yield func(time.Duration, int64) bool) {
		p, ok := l.h.(*hdrhistogram.PackedHistogram)
		if !ok {
			p = l.Compact().h.(*hdrhistogram.PackedHistogram)
		}
		for shortest, n := range p.ForEachBucket {
			if !yield(longest(shortest), n) {
				return
			}
		}
	}
}

// longest returns the longest time that has the same counter as the shortest one
// of it. The first 2048 counters are for 64 ns each; every time that is twice as
// long as the last of them begins counters that are twice as wide.
func longest(shortest int64) time.Duration {
	const unit, unitBits, fineBits = 64, 6, 11
	return time.Duration(shortest + unit<<max(0, bits.Len64(uint64(shortest))-unitBits-fineBits) - 1)
}
