package compare

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"sttp/internal/bench"
)

// Bounds of what is made of slices.
const (
	leastSlices = 8  // fewer say nothing of how much they vary
	mostSlices  = 64 // more are put together; they would say no more
	blocks      = 10 // that a run is divided into
	resamples   = 1000
	// leastBeyond is how many values have to lie beyond a percentile: where one or
	// two decide what it is, nothing that is drawn from them says how far it is off.
	leastBeyond = 10
)

// sample is a run, slice by slice, in a form in which the slices can be drawn and
// put together again quickly.
type sample struct {
	slices []part
	times  []time.Duration // that occur, shortest first
}

// part is one slice.
type part struct {
	seconds float64
	done    float64
	counts  []count
	total   float64 // of counts
}

// count is how often a time occurs.
type count struct {
	at int // index in times
	n  float64
}

// newSample returns the sample of a run whose times are those that pick returns.
func newSample(all []bench.Slice, pick func(*bench.Slice) *bench.Latency) *sample {
	s := &sample{}
	index := map[time.Duration]int{}
	together := (len(all) + mostSlices - 1) / mostSlices
	for group := range slices.Chunk(all, max(together, 1)) {
		var p part
		times := pick(&group[0]).Compact()
		for i := range group {
			p.seconds += group[i].Length.Seconds()
			p.done += float64(group[i].Done)
			if i > 0 {
				times.Merge(pick(&group[i]))
			}
		}
		for d, n := range times.All() {
			at, known := index[d]
			if !known {
				at = len(s.times)
				index[d] = at
				s.times = append(s.times, d)
			}
			p.counts = append(p.counts, count{at, float64(n)})
			p.total += float64(n)
		}
		s.slices = append(s.slices, p)
	}
	s.sort()
	return s
}

// sort puts the times in order, and the indices right.
func (s *sample) sort() {
	unsorted := s.times
	s.times = slices.Sorted(slices.Values(unsorted))
	for i := range s.slices {
		for j := range s.slices[i].counts {
			c := &s.slices[i].counts[j]
			c.at, _ = slices.BinarySearch(s.times, unsorted[c.at])
		}
	}
}

// blockLength returns how many slices are drawn at once.
//
// Slices that follow each other are alike: a disk that is busy, a collection of
// garbage, a clock that slows down last for several of them. If they were drawn
// one by one, forty slices would be taken for forty measurements that know
// nothing of each other, and chance would look smaller than it is. Blocks of
// several keep what belongs together. There have to be about ten of them, as
// fewer do not show how much they vary; what lasts for longer than a block is up
// to drift.
func (s *sample) blockLength() int { return (len(s.slices) + blocks - 1) / blocks }

// figures are the quantities that are compared: the rate, and then percentiles.
type figures []float64

// whole returns the figures of all slices together.
func (s *sample) whole(quantiles []float64) figures {
	weights := make([]float64, len(s.slices))
	for i := range weights {
		weights[i] = 1
	}
	return s.figures(weights, make([]float64, len(s.times)), quantiles)
}

// draw returns the figures of a run that might as well have been: as many slices
// as this one has, in blocks that begin anywhere; the first slice follows the
// last one. tally is for the counts, one for each time.
func (s *sample) draw(r *rand.Rand, tally []float64, quantiles []float64) figures {
	weights := make([]float64, len(s.slices))
	length := s.blockLength()
	for left := len(s.slices); left > 0; left -= length {
		start := r.IntN(len(s.slices))
		for i := range min(length, left) {
			weights[(start+i)%len(s.slices)]++
		}
	}
	return s.figures(weights, tally, quantiles)
}

func (s *sample) figures(weights, tally, quantiles []float64) figures {
	clear(tally)
	var seconds, done, total float64
	for i, w := range weights {
		if w == 0 {
			continue
		}
		p := &s.slices[i]
		seconds += w * p.seconds
		done += w * p.done
		total += w * p.total
		for _, c := range p.counts {
			tally[c.at] += w * c.n
		}
	}
	out := figures{done / seconds}
	var sum float64
	at := 0
	for _, q := range quantiles { // in rising order
		rank := min(max(math.Floor(q*total+0.5), 1), total)
		for at < len(tally) && sum+tally[at] < rank {
			sum += tally[at]
			at++
		}
		if at == len(tally) || total == 0 {
			out = append(out, 0)
		} else {
			out = append(out, float64(s.times[at]))
		}
	}
	return out
}
