package search

import (
	"fmt"
	"time"

	"sttp/internal/bench"
)

// The package's comment says why these are what they are.
const (
	tooBusy   = 0.9 // share of the processors
	harm      = 3   // times the lag: late sending, the burst that comes of it, late reading
	slight    = 0.2 // share of what is allowed below which harm does not matter
	spread    = 10  // requests that one late request makes late
	taken     = 0.5 // share of the connections
	sameAgain = 1.5 // times the light service time that is still about the same
)

// blame finds who is to blame for breaches, of which there is at least one.
func blame(r *bench.Result, breaches []breach, light time.Duration) verdict {
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
		v := b.blame(r, light)
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
func (b breach) blame(r *bench.Result, light time.Duration) verdict {
	lag, late := lagOf(r, b.q), time.Duration(0)
	if harmful := lag * harm; b.time-harmful <= b.allowed && float64(harmful) >= slight*float64(b.allowed) {
		return verdict{limit: bench.LimitGenerator, why: fmt.Sprintf("%s, but the generator was late, 1 in 100 requests by %s", b.text, duration(r.Generator.Lag.Quantile(0.99)))}
	}
	service := r.Service.Mean()
	if r.Generator.Lag != nil {
		late = 2 * r.Generator.Lag.Mean() // it sends late and reads late
	}
	used := busy(r)
	switch {
	case used < taken:
	case 2*late >= service:
		return verdict{limit: bench.LimitGenerator, why: fmt.Sprintf("%s, as all connections were taken, but for most of that time perhaps by the generator, %s late on the average",
			b.text, duration(late/2))}
	case b.serviceHolds(r) && (light == 0 || float64(service-late) <= sameAgain*float64(light)):
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

// lagOf returns the lag that may have to do with the quantile q of the response
// times, or with their mean.
func lagOf(r *bench.Result, q float64) time.Duration {
	lag := r.Generator.Lag
	switch {
	case lag == nil:
		return 0
	case q < 0:
		return spread * lag.Mean()
	}
	return lag.Quantile(rarer(q))
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
