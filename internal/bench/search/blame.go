package search

import (
	"fmt"
	"time"

	"sttp/internal/bench"
)

// The package's comment says why these are what they are.
const (
	tooBusy   = 0.9 // share of the processors
	slight    = 0.2 // share of what is allowed below which harm does not matter
	spread    = 10  // requests that one late request makes late
	taken     = 0.5 // share of the connections
	sameAgain = 1.5 // times the light service time that is still about the same
)

// blame finds who is to blame for breaches, of which there is at least one.
func blame(r *bench.Result, breaches []breach, in setting) verdict {
	first := breaches[0]
	if none := missing(r); none != "" && (r.Gone == nil || r.Gone.Why == none) && r.Wrong.Total() == 0 {
		return verdict{limit: bench.LimitGenerator, why: fmt.Sprintf("%s, and there was %s for a connection", first.text, none)}
	}
	for _, b := range breaches {
		if b.said {
			return verdict{limit: bench.LimitServer, why: b.text}
		}
	}
	if g := r.Generator; g.Share >= tooBusy {
		return verdict{limit: bench.LimitGenerator, why: fmt.Sprintf("%s, but the generator took %s of the processors", first.text, percent(g.Share))}
	}
	// The step would have failed without the generator if any of the breaches would.
	found := verdict{}
	for _, b := range breaches {
		v := b.blame(r, in)
		if found.limit == "" || rank(v.limit) > rank(found.limit) {
			found = v
		}
	}
	return found
}

// rank says which of several verdicts on one step is its own.
func rank(limit string) int {
	switch limit {
	case bench.LimitServer:
		return 2
	case bench.LimitConnections:
		return 1
	}
	return 0
}

// missing returns what the generator lacked for connections, "" if nothing.
func missing(r *bench.Result) string {
	for _, kind := range []string{bench.NoDescriptor, bench.NoPort} {
		if r.Errors[kind]+r.Dials[kind] > 0 {
			return kind
		}
	}
	return ""
}

// blame tells who made requests wait so long.
func (b breach) blame(r *bench.Result, in setting) verdict {
	harm, service, late := harmOf(r, b.q), r.Service.Mean(), sending(r).Mean()+reading(r).Mean()
	too := ""
	if in.local { // what held up the generator held up the server
		harm, late, too = 2*harm, 2*late, ", and on the same machine so may the server have been"
	}
	if b.time-harm <= b.allowed && float64(harm) >= slight*float64(b.allowed) {
		return verdict{limit: bench.LimitGenerator, why: b.text + ", but the generator was late, 1 time in 100 by " + duration(lateness(r)) + too}
	}
	used := busy(r)
	switch {
	case used < taken:
	case used*float64(service-late) < taken*float64(service):
		return verdict{limit: bench.LimitGenerator, why: fmt.Sprintf("%s, as connections were taken for %s each time, of which the generator was late for %s%s",
			b.text, duration(service), duration(sending(r).Mean()+reading(r).Mean()), too)}
	case b.serviceHolds(r) && (in.light == 0 || float64(service-late) <= sameAgain*float64(in.light)):
		return verdict{limit: bench.LimitConnections, why: fmt.Sprintf("%s, as all connections were taken while the server answered in %s; raise --connections",
			b.text, duration(service))}
	}
	return verdict{limit: bench.LimitServer, why: b.text}
}

// serviceHolds tells whether nothing would be wrong if requests had not waited
// before they were sent.
func (b breach) serviceHolds(r *bench.Result) bool {
	switch {
	case r.Errors[bench.Timeout] > 0:
		return false
	case b.q < 0:
		return r.Service.Mean() <= b.allowed
	}
	return r.Service.Quantile(rarer(b.q)) <= b.allowed
}

// sending returns how late requests were sent, reading how late replies were
// read, as far as that is known.
func sending(r *bench.Result) *bench.Latency {
	if r.Generator.Lag == nil {
		return bench.NewLatency()
	}
	return r.Generator.Lag
}

func reading(r *bench.Result) *bench.Latency {
	if r.Generator.Wake == nil {
		return sending(r)
	}
	return r.Generator.Wake
}

// lateness is what one time in a hundred exceeded.
func lateness(r *bench.Result) time.Duration {
	return max(sending(r).Quantile(0.99), reading(r).Quantile(0.99))
}

// harmOf returns what the generator may have added to the quantile q of the
// response times, or to their mean: it sends late, then many at once, and reads
// late.
func harmOf(r *bench.Result, q float64) time.Duration {
	if q < 0 {
		return (1+spread)*sending(r).Mean() + reading(r).Mean()
	}
	q = rarer(q)
	return 2*sending(r).Quantile(q) + max(sending(r).Quantile(q), reading(r).Quantile(q))
}

// rarer returns the quantile that a spread-th as many requests exceed.
func rarer(q float64) float64 { return 1 - (1-q)/spread }

// busy returns, by Little's law, the share of the connections that were taken on
// the average: of the requests that may be in flight.
func busy(r *bench.Result) float64 {
	places := r.Load.Connections * r.Load.InFlight
	if r.Elapsed <= 0 || places <= 0 {
		return 0
	}
	return float64(r.Done) * r.Service.Mean().Seconds() / r.Elapsed.Seconds() / float64(places)
}
