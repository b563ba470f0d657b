package search

import (
	"strings"
	"time"

	"sttp/internal/bench"
)

// Condition is what has to hold at a rate. The zero value asks for right replies
// at the rate, and for nothing else.
type Condition struct {
	text  string
	terms []term
}

// String returns the condition as it was given.
func (c Condition) String() string { return c.text }

// MaxTime returns the longest time that a term speaks of, 0 if none does.
func (c Condition) MaxTime() time.Duration {
	var longest time.Duration
	for _, t := range c.terms {
		longest = max(longest, t.limit)
	}
	return longest
}

// Figures returns what the terms are about, as it was measured: "p99 1.2 ms" for
// each of them.
func (c Condition) Figures(r *bench.Result) []string {
	var all []string
	for _, t := range c.terms {
		all = append(all, t.figure(r))
	}
	return all
}

// limitsErrors tells whether there is a term about errors.
func (c Condition) limitsErrors() bool {
	for _, t := range c.terms {
		if t.metric.kind == errorShare {
			return true
		}
	}
	return false
}

// kind is what a metric is.
type kind int

const (
	quantile kind = iota
	mean
	errorShare
)

// metric is a figure of a measurement.
type metric struct {
	name string
	kind kind
	q    float64 // of a quantile
}

// metrics returns all that there are, in the order in which they are told.
func metrics() []metric {
	return []metric{
		{"p50", quantile, 0.5}, {"p90", quantile, 0.9}, {"p95", quantile, 0.95}, {"p99", quantile, 0.99},
		{"p99.9", quantile, 0.999}, {"p99.99", quantile, 0.9999}, {"max", quantile, 1},
		{"mean", mean, 0}, {"errors", errorShare, 0},
	}
}

// term is one part of a condition.
type term struct {
	metric
	text    string
	limit   time.Duration // of a response time
	share   float64       // of errors, from 0 to 1
	orEqual bool
}

// holds tells whether the term held.
func (t term) holds(r *bench.Result) bool {
	if t.kind == errorShare {
		share := errorsOf(r)
		return share < t.share || t.orEqual && share == t.share
	}
	return t.within(t.time(r))
}

// within tells whether a time keeps the term's limit.
func (t term) within(d time.Duration) bool { return d < t.limit || t.orEqual && d == t.limit }

// time returns the response time that the term is about.
func (t term) time(r *bench.Result) time.Duration {
	if t.kind == mean {
		return r.Response.Mean()
	}
	return r.Response.Quantile(t.q)
}

func (t term) figure(r *bench.Result) string {
	if t.kind == errorShare {
		return t.name + " " + percent(errorsOf(r))
	}
	return t.name + " " + duration(t.time(r))
}

// errorsOf returns the share of the requests that ended with an error.
func errorsOf(r *bench.Result) float64 { return share(r.Errors.Total(), r) }

// share returns n as a share of the requests that were due.
func share(n int64, r *bench.Result) float64 {
	if r.Due == 0 {
		return 0
	}
	return float64(n) / float64(r.Due)
}

// names returns what the terms can be about, for people.
func names() string {
	var all []string
	for _, m := range metrics() {
		all = append(all, m.name)
	}
	last := len(all) - 1
	return strings.Join(all[:last], ", ") + " and " + all[last]
}
