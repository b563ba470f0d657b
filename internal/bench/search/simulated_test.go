package search_test

import (
	"context"
	"math"
	"math/rand/v2"
	"time"

	"sttp/internal/bench"
)

// sample is what became of one request.
type sample struct {
	response, service, lag time.Duration
	failed                 string // kind of an error, "" for a right reply
}

const (
	stepTime = 3 * time.Second
	slices   = 6
)

// result returns an empty Result of a step at a rate.
func result(rate float64) *bench.Result {
	load := bench.DefaultLoad()
	load.Rate, load.Duration = rate, stepTime
	r := &bench.Result{
		Load: load, Workload: bench.DefaultWorkload(), Elapsed: stepTime,
		Wrong: bench.Counts{}, Errors: bench.Counts{}, Dials: bench.Counts{},
		Response: bench.NewLatency(), Service: bench.NewLatency(),
		Generator: bench.Generator{Lag: bench.NewLatency(), Share: 0.05},
	}
	return r
}

// fill puts n requests into r, spread evenly over its time, that stand for all
// that its rate asks for.
func fill(r *bench.Result, n int, request func(i int) sample) {
	all := max(1, int64(r.Load.Rate*r.Elapsed.Seconds()))
	response, service := bench.NewLatency(), bench.NewLatency()
	for slice := range slices {
		for i := slice * n / slices; i < (slice+1)*n/slices; i++ {
			s := request(i)
			weight := all*int64(i+1)/int64(n) - all*int64(i)/int64(n)
			r.Due += weight
			r.Generator.Lag.Record(s.lag)
			if s.failed == "" || s.response > 0 {
				response.Record(s.response)
			}
			if s.failed == "" {
				r.Done += weight
				service.Record(s.service)
			} else {
				r.Errors[s.failed] += weight
			}
		}
		length := stepTime / slices
		one := bench.Slice{Start: time.Duration(slice) * length, Length: length, Response: response.Compact(), Service: service.Compact()}
		r.Slices = append(r.Slices, one)
		r.Response.Merge(one.Response)
		r.Service.Merge(one.Service)
		response.Reset()
		service.Reset()
	}
	r.Sent, r.Rate = r.Done, float64(r.Done)/r.Elapsed.Seconds()
}

// simulation is a server, and the generator that asks it.
type simulation struct {
	rng      *rand.Rand
	capacity float64 // of a server with one queue, requests per second
	unlucky  float64 // share of the steps with a hiccup of the server
	quick    time.Duration

	generator float64 // capacity of the generator, 0 for no bound
	late      func(s *simulation, rate, at float64, r *bench.Result) sample
	jitter    time.Duration // mean lag where nothing is wrong
	places    int           // connections, 0 for as many as by default

	steps int
}

// samples is how many requests stand for those of a step.
const samples = 2500

func (s *simulation) measure(ctx context.Context, rate float64, long bool) (*bench.Result, error) {
	s.steps++
	r := result(rate)
	if s.places > 0 {
		r.Load.Connections = s.places
	}
	n := samples
	if long {
		n *= 3
	}
	hiccup := -1
	if s.rng.Float64() < s.unlucky {
		hiccup = s.rng.IntN(n / 2)
	}
	fill(r, n, func(i int) sample {
		at := stepTime.Seconds() * float64(i) / float64(n)
		one := s.server(rate, at)
		if hiccup >= 0 && i >= hiccup && i < hiccup+n/20 {
			one.response += 50 * time.Millisecond
			one.service += 50 * time.Millisecond
		}
		lag := s.exp(s.jitter)
		if s.generator > 0 {
			r.Generator.Share = min(0.98, 0.98*rate/s.generator)
			if rate >= s.generator {
				late := s.late(s, rate, at, r)
				one.response += late.response
				one.service += late.service
				lag += late.lag
			}
		}
		one.lag = lag
		one.response += lag
		return one
	})
	return r, nil
}

// server is a queue with random arrivals and service times: what a request finds
// there after at seconds.
func (s *simulation) server(rate, at float64) sample {
	free := s.capacity - rate
	if free > s.capacity/1000 {
		d := s.exp(seconds(1/free)) + s.quick
		return sample{response: d, service: d}
	}
	backlog := seconds((rate/s.capacity - 1) * (at + 1))
	slow := s.exp(seconds(1000 / s.capacity))
	return sample{response: backlog + slow, service: max(s.quick, seconds(50/s.capacity))}
}

func (s *simulation) exp(mean time.Duration) time.Duration {
	return time.Duration(s.rng.ExpFloat64() * float64(mean))
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// knee is the rate at which the quantile q of the simulated server reaches limit.
func (s *simulation) knee(q float64, limit time.Duration) float64 {
	return s.capacity + math.Log(1-q)/(limit-s.quick).Seconds()
}

// The ways in which a generator is at its limit.

// sendsLate is one that falls behind with sending.
func sendsLate(s *simulation, rate, at float64, r *bench.Result) sample {
	return sample{lag: seconds((rate/s.generator - 1) * (at + 1))}
}

// sendsLateUnseen is the same on a machine that it has a part of only, so that its
// share of the processors says nothing.
func sendsLateUnseen(s *simulation, rate, at float64, r *bench.Result) sample {
	r.Generator.Share = 0.4
	return sendsLate(s, rate, at, r)
}

// readsLate is one that is slow to read: replies lie in the sockets, connections
// are taken for long, and the next requests wait for them. What shows as lag is
// how late the program runs.
func readsLate(s *simulation, rate, at float64, r *bench.Result) sample {
	r.Generator.Share = 0.5
	held := seconds(float64(r.Load.Connections) / s.generator)
	return sample{
		response: held + seconds((rate/s.generator-1)*(at+1)),
		service:  held,
		lag:      held/3 + s.exp(held/10),
	}
}

// stutters is one that is put aside for some 30 ms again and again, the more often
// the more it has to do.
func stutters(s *simulation, rate, at float64, r *bench.Result) sample {
	r.Generator.Share = 0.3
	const pause, every = 0.03, 0.5
	since := math.Mod(at, every)
	left := max(0, pause-since)
	worked := 0.0
	if since >= pause { // the burst that follows is worked off
		worked = max(0, pause*rate/s.capacity-(since-pause)*(1-rate/s.capacity))
	}
	return sample{lag: seconds(left), response: seconds(worked), service: seconds(worked)}
}
