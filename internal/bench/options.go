package bench

import (
	"errors"
	"fmt"
	"math"
	"time"

	"sttp"
)

// Bounds of what can be asked for.
const (
	MaxSnippets    = 1_000_000
	MaxConnections = 20_000
	MaxInFlight    = 1_000
	MaxRate        = 10_000_000
	// MinLength is the length of the shortest contents: they say which snippet
	// they belong to and how often it was changed, so that a reply can be verified.
	MinLength = 16
)

// Mix is how often each action is asked for, by name, in any unit: only the
// proportions count.
type Mix map[string]float64

// Weight returns what the mix has for an action.
func (m Mix) Weight(a sttp.Action) float64 { return m[a.String()] }

// Workload is what is asked for.
type Workload struct {
	Mix      Mix `json:"mix"`
	Snippets int `json:"snippets"` // that are made before, and neither created nor deleted while it is measured

	// Contents have this many characters, evenly spread.
	MinLength int `json:"min_length"`
	MaxLength int `json:"max_length"`

	// Zipf is the exponent, above 1, of Zipf's law, by which snippets are chosen:
	// a few very often, most hardly ever. 0 chooses evenly.
	Zipf float64 `json:"zipf,omitempty"`

	// HitRatio is the share of SHOWs, from 0 to 1, that ask for a snippet that is
	// there. The others ask for names that are not there, or, if the mix has
	// CREATE, for those that come and go.
	HitRatio float64 `json:"hit_ratio"`
}

// DefaultWorkload is what is asked for if nothing else is said.
func DefaultWorkload() Workload {
	return Workload{
		Mix:      Mix{sttp.Show.String(): 90, sttp.Update.String(): 10},
		Snippets: 1000, MinLength: 40, MaxLength: 40, HitRatio: 1,
	}
}

// Validate tells what is wrong with the workload, in the words of the program's
// options.
func (w Workload) Validate() error {
	var sum float64
	for name, weight := range w.Mix {
		if _, ok := sttp.ParseAction(name); !ok {
			return fmt.Errorf("the mix has the action %q; there are CREATE, SHOW, LIST, UPDATE and DELETE", name)
		}
		if weight < 0 || math.IsNaN(weight) || math.IsInf(weight, 0) {
			return fmt.Errorf("the mix has %v of %s", weight, name)
		}
		sum += weight
	}
	switch {
	case !(sum > 0):
		return errors.New("the mix is empty")
	case w.Mix.Weight(sttp.Delete) > w.Mix.Weight(sttp.Create):
		return errors.New("the mix deletes more than it creates; give CREATE at least the share of DELETE")
	case w.Snippets < 1 || w.Snippets > MaxSnippets:
		return fmt.Errorf("there can be 1 to %d snippets, not %d", MaxSnippets, w.Snippets)
	case w.MinLength < MinLength || w.MaxLength > sttp.MaxContents || w.MinLength > w.MaxLength:
		return fmt.Errorf("contents can have %d to %d characters, not %d to %d", MinLength, sttp.MaxContents, w.MinLength, w.MaxLength)
	case w.Zipf != 0 && !(w.Zipf > 1 && w.Zipf <= 10):
		return fmt.Errorf("the exponent of Zipf's law is above 1 and at most 10, not %v", w.Zipf)
	case !(w.HitRatio >= 0 && w.HitRatio <= 1):
		return fmt.Errorf("the hit ratio is from 0 to 1, not %v", w.HitRatio)
	}
	return nil
}

// Load is how it is asked for.
type Load struct {
	// Closed: each connection sends a request when the reply to the one before has
	// come. Else requests are due at Rate, come what may.
	Closed  bool    `json:"closed"`
	Rate    float64 `json:"rate,omitempty"`    // requests per second, of an open loop
	Poisson bool    `json:"poisson,omitempty"` // due at random times, as from many independent clients; else evenly

	Connections int `json:"connections"`
	InFlight    int `json:"in_flight"` // requests that may be under way on each connection
	// ConnectionPerRequest: every request has a connection of its own, as with netcat,
	// Connections of them at once.
	ConnectionPerRequest bool `json:"connection_per_request,omitempty"`

	Warmup   time.Duration `json:"warmup_ns"`             // not counted
	Duration time.Duration `json:"duration_ns,omitempty"` // of what is counted; 0 if Count says when it is over
	Count    int64         `json:"count,omitempty"`       // requests that are counted; 0 if Duration says it

	Timeout time.Duration `json:"timeout_ns"` // for a reply, and for a connection
	// Drain is how long replies are waited for when nothing is sent any more.
	Drain time.Duration `json:"drain_ns"`
	// Patience is how long there may be no connection at all before the server is
	// said to have gone away.
	Patience time.Duration `json:"patience_ns"`
}

// DefaultLoad is the load if nothing else is said.
func DefaultLoad() Load {
	return Load{
		Rate: 1000, Connections: 50, InFlight: 1,
		Warmup: time.Second, Duration: 10 * time.Second,
		Timeout: 5 * time.Second, Drain: 5 * time.Second, Patience: 2 * time.Second,
	}
}

// Validate tells what is wrong with the load.
func (l Load) Validate() error {
	switch {
	case !l.Closed && !(l.Rate > 0 && l.Rate <= MaxRate):
		return fmt.Errorf("the rate is above 0 and at most %d requests per second, not %v", MaxRate, l.Rate)
	case l.Connections < 1 || l.Connections > MaxConnections:
		return fmt.Errorf("there can be 1 to %d connections, not %d", MaxConnections, l.Connections)
	case l.InFlight < 1 || l.InFlight > MaxInFlight:
		return fmt.Errorf("1 to %d requests can be in flight on a connection, not %d", MaxInFlight, l.InFlight)
	case l.ConnectionPerRequest && l.InFlight != 1:
		return errors.New("with a connection for each request only one can be in flight on it")
	case (l.Duration > 0) == (l.Count > 0):
		return errors.New("either a duration or a count says when it is over")
	case !l.Closed && l.Count == 0 && l.Rate*l.Duration.Seconds() < 0.5:
		return fmt.Errorf("at %v requests per second not one is due within %v", l.Rate, l.Duration)
	case l.Duration < 0 || l.Count < 0 || l.Warmup < 0 || l.Drain < 0:
		return errors.New("durations and counts are not negative")
	case l.Timeout <= 0 || l.Patience <= 0:
		return errors.New("the time limits are above 0")
	}
	return nil
}

// Progress is how a run stands, for whoever watches it.
type Progress struct {
	Stage    string  // "prepare", "connect", "warm up", "measure", "drain" or "clean up"
	Fraction float64 // of the stage, from 0 to 1
	Elapsed  time.Duration

	// Of the time since the last Progress: right replies per second, and the
	// response times, service times in a closed loop.
	Rate     float64
	P50, P99 time.Duration
	Max      time.Duration
	Recent   *Latency // these times, for the receiver to keep; nil if there are none

	// Since the beginning of the stage.
	Done, Wrong, Errors int64
	Connected           int // connections that are open
}
