package compare_test

import (
	"math"
	"math/rand/v2"
	"time"

	"sttp/internal/bench"
)

// generated says what a run is made of.
type generated struct {
	seed     uint64
	slices   int
	requests int     // in each slice
	median   float64 // of the times, in µs
	spread   float64 // of the times: of their logarithm, the standard deviation
	wander   float64 // the same of what all times of a slice have in common
	memory   float64 // how much of that a slice has from the one before, from 0 to 1
	stretch  float64 // of the longest 5 % of the times, as a factor
	rate     float64 // replies that come in time; 1 is all
	closed   bool
}

// usual is a run of 20 s at 500 requests/s.
func usual(seed uint64) generated {
	return generated{seed: seed, slices: 40, requests: 250, median: 300, spread: 0.5, stretch: 1, rate: 1}
}

// small is a run with so few requests that it takes no time.
func small(seed uint64) generated {
	g := usual(seed)
	g.requests = 20
	return g
}

// run returns the run.
func (g generated) run() *bench.Result {
	r := rand.New(rand.NewPCG(g.seed, 77))
	load, length := bench.DefaultLoad(), 500*time.Millisecond
	load.Closed = g.closed
	res := &bench.Result{
		Load: load, Workload: bench.DefaultWorkload(), Service: bench.NewLatency().Compact(),
		Wrong: bench.Counts{}, Errors: bench.Counts{},
	}
	times := bench.NewLatency().Compact() // quicker to empty
	common := r.NormFloat64() * g.wander
	for i := range g.slices {
		common = g.memory*common + math.Sqrt(1-g.memory*g.memory)*g.wander*r.NormFloat64()
		s := bench.Slice{Start: time.Duration(i) * length, Length: length}
		times.Reset()
		s.Done = max(0, int64(float64(g.requests)*g.rate*math.Exp(-common)+r.NormFloat64()))
		for range s.Done {
			n := r.NormFloat64()
			d := g.median * math.Exp(g.spread*n+common)
			if n > 1.645 {
				d *= g.stretch
			}
			times.Record(time.Duration(d * float64(time.Microsecond)))
		}
		s.Service = times.Compact()
		s.Response = s.Service
		res.Service.Merge(s.Service)
		res.Done += s.Done
		res.Elapsed += length
		res.Slices = append(res.Slices, s)
	}
	res.Due, res.Sent = res.Done, res.Done
	if res.Elapsed > 0 {
		res.Rate = float64(res.Done) / res.Elapsed.Seconds()
	}
	res.Response = res.Service
	if g.closed {
		res.Response = nil
		for i := range res.Slices {
			res.Slices[i].Response = nil
		}
	}
	return res
}

// document returns the report of the run.
func (g generated) document() *bench.Document { return document(g.run()) }

func document(r *bench.Result) *bench.Document {
	return &bench.Document{Tool: "sttp-bench", Version: "1", Started: time.Unix(0, 0).UTC(), Machine: bench.Machine{OS: "linux", Arch: "amd64", CPUs: 2}, Target: "sttp://localhost:8080", Run: r}
}
