// Package compare tells what changed from one measurement to another, and how
// sure that is.
//
// A run is divided into slices of time, and how much a figure varies from one
// part of the run to the next says how much of a change may be chance: see
// sample. What differs between two runs as wholes – another day, another
// neighbour on the machine – is not in it; to know that, measure more than twice.
package compare

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"time"

	"sttp/internal/bench"
)

// Verdict says what a change means.
type Verdict string

// The verdicts.
const (
	// Worse: by more than the tolerance, and no change at all is out of the question.
	Worse Verdict = "worse"
	// Better: the other way round.
	Better Verdict = "better"
	// Same: less than the tolerance, whichever value of the interval is the true one.
	Same Verdict = "same"
	// Unclear: none of these can be said.
	Unclear Verdict = "unclear"
	// Unjudged: for information only.
	Unjudged Verdict = "unjudged"
)

// Bound is an end of an Interval. There may be none, which is infinite, and null in
// JSON.
type Bound float64

// MarshalJSON writes null if there is no bound.
func (b Bound) MarshalJSON() ([]byte, error) {
	if math.IsInf(float64(b), 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(b))
}

// Interval is where the true change is thought to lie.
type Interval struct {
	Low  Bound `json:"low"`
	High Bound `json:"high"`
}

// Units of a Change.
const (
	PerSecond = "requests/s"
	Micros    = "µs"
	Share     = "share" // of the requests, from 0 to 1
)

// Change is what became of one figure.
type Change struct {
	Of   string  `json:"of"`   // "response time", "service time", a phase's name, or empty for all
	What string  `json:"what"` // "rate", "p99", "errors" …
	Unit string  `json:"unit"`
	More bool    `json:"more_is_better"`
	A    float64 `json:"a"`
	B    float64 `json:"b"`
	// Change is B over A less 1: 0.2 is a fifth more; of shares it is B less A. It
	// is nil if A is 0 and B is not.
	Change *float64 `json:"change"`
	// Interval, of 95 % if it comes from slices, is nil if there is none; Why says
	// why not, or why else the verdict is as it is.
	Interval *Interval `json:"interval"`
	Verdict  Verdict   `json:"verdict"`
	Why      string    `json:"why,omitempty"`
}

// Side is one of the two measurements.
type Side struct {
	Name    string        `json:"name"` // the file
	Started time.Time     `json:"started"`
	Version string        `json:"version"`
	Target  string        `json:"target"`
	Machine bench.Machine `json:"machine"`
}

// Comparison is what changed from A to B.
type Comparison struct {
	Of string `json:"of"` // "run", "break" or "guide"
	A  Side   `json:"a"`
	B  Side   `json:"b"`
	// Identical: both are the same measurement, so that there is nothing to compare.
	Identical bool      `json:"identical"`
	Tolerance float64   `json:"tolerance"`
	Differ    []Setting `json:"differ"`   // settings that are not the same, if that was forced
	Warnings  []string  `json:"warnings"` // what else makes the two less comparable
	Changes   []Change  `json:"changes"`
	// Regressions are sentences: what got worse beyond the tolerance.
	Regressions []string `json:"regressions"`
}

// Setting is one that is not the same in both.
type Setting struct {
	Name string `json:"name"`
	A    string `json:"a"`
	B    string `json:"b"`
}

// Options say how to compare.
type Options struct {
	// Tolerance is the relative change that does no harm: 0.05 is 5 %. Of a share of
	// errors it is an absolute change, 5 percentage points.
	Tolerance float64
	// Force compares also what was asked for with other settings.
	Force bool
}

// MaxTolerance is the largest Tolerance.
const MaxTolerance = 1

// SettingsError says that two measurements were not asked for the same thing.
type SettingsError struct{ Settings []Setting }

func (e *SettingsError) Error() string {
	text := "they measured different things:"
	for i, s := range e.Settings {
		if i > 0 {
			text += ";"
		}
		text += fmt.Sprintf(" %s: %s and %s", s.Name, s.A, s.B)
	}
	return text
}

// Documents compares two documents, each of which has a name. An error says that
// they cannot be compared; it may be a *SettingsError.
func Documents(a, b *bench.Document, nameA, nameB string, o Options) (*Comparison, error) {
	c := &Comparison{
		A: side(a, nameA), B: side(b, nameB), Tolerance: o.Tolerance,
		Differ: []Setting{}, Warnings: []string{}, Changes: []Change{}, Regressions: []string{},
	}
	kindA, kindB := kind(a), kind(b)
	switch {
	case kindA != kindB:
		return nil, fmt.Errorf("%s is a report of %s, and %s one of %s", nameA, commands[kindA], nameB, commands[kindB])
	case kindA == "peers":
		return nil, errors.New("reports of sttp-bench peers cannot be compared: each is a comparison already")
	}
	c.Of = kindA
	if differ := settings(a, b); len(differ) > 0 {
		if !o.Force {
			return nil, &SettingsError{differ}
		}
		c.Differ = differ
	}
	c.Identical = reflect.DeepEqual(a, b)
	c.warn(a, b)
	switch c.Of {
	case "run":
		c.runs(a.Run, b.Run)
	case "break":
		c.breaks(a.Break, b.Break)
	case "guide":
		c.guides(a.Guide, b.Guide)
	}
	return c, nil
}

// commands are the names of what makes a report of each kind.
var commands = map[string]string{"run": "sttp-bench run", "break": "sttp-bench break", "guide": "sttp-bench alone", "peers": "sttp-bench peers"}

func kind(d *bench.Document) string {
	switch {
	case d.Run != nil:
		return "run"
	case d.Break != nil:
		return "break"
	case d.Guide != nil:
		return "guide"
	}
	return "peers"
}

func side(d *bench.Document, name string) Side {
	return Side{Name: name, Started: d.Started, Version: d.Version, Target: d.Target, Machine: d.Machine}
}

// add judges a change and takes it in.
func (c *Comparison) add(ch Change) {
	if c.Identical {
		ch.Why = ""
		if ch.Verdict == "" {
			ch.Interval = &Interval{}
		}
	}
	if ch.Verdict == "" {
		ch.Verdict = c.judge(&ch)
	}
	if ch.Verdict == Worse {
		c.Regressions = append(c.Regressions, ch.sentence())
	}
	c.Changes = append(c.Changes, ch)
}

// judge returns the verdict on a change of which the value and, if there is one,
// the interval are known.
func (c *Comparison) judge(ch *Change) Verdict {
	if c.Identical {
		return Same
	}
	if ch.Change == nil { // from nothing to something
		if ch.More {
			return Better
		}
		return Worse
	}
	if ch.Interval == nil {
		return Unclear
	}
	// How much worse it got: at the least, as measured, and at the most.
	least, worse, most := float64(ch.Interval.Low), *ch.Change, float64(ch.Interval.High)
	if ch.More {
		least, worse, most = -most, -worse, -least
	}
	switch {
	case worse > c.Tolerance && least > 0:
		return Worse
	case -worse > c.Tolerance && most < 0:
		return Better
	case least >= -c.Tolerance && most <= c.Tolerance:
		return Same
	}
	if ch.Why == "" {
		ch.Why = "measure longer"
	}
	return Unclear
}

// relative returns the change from a to b, and nil if there is no telling.
func relative(a, b float64) *float64 {
	switch {
	case a == b:
		return new(0.0)
	case a == 0:
		return nil
	}
	return new(b/a - 1)
}
