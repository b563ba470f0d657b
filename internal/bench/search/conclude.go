package search

import (
	"fmt"
	"strings"

	"sttp/internal/bench"
)

// conclude says what follows from the steps.
func (s *search) conclude() {
	b := &s.found
	s.judgeAgain()
	if len(b.Steps) > 0 {
		b.Load, b.Workload = b.Steps[0].Result.Load, b.Steps[0].Result.Workload
		b.Load.Rate = 0
	}
	b.Rate = s.good
	switch lowest := s.lowestFailing(); {
	case b.Gone != nil:
		last := b.Steps[len(b.Steps)-1]
		b.Limit, b.Why = bench.LimitServer, s.ended
		if last.Result.Gone != nil {
			b.Limit, b.Why = last.Limit, fmt.Sprintf("at %s %s", Rate(last.Rate), last.Why)
		}
	case s.ended != "":
		b.Why = "the search was ended before it was through: " + s.ended
		if lowest != nil {
			b.Limit = s.limitOf(*lowest)
		}
	case lowest != nil:
		s.name(*lowest)
	default:
		b.Limit = bench.LimitNone
		b.Why = fmt.Sprintf("%s is the highest rate that was asked for", Rate(s.Highest))
	}
}

// judgeAgain judges the steps that failed before it was known how fast the server
// answers at rates that do no harm.
func (s *search) judgeAgain() {
	in := s.setting()
	for i := range s.found.Steps {
		if step := &s.found.Steps[i]; !step.OK {
			if v := s.Until.judge(step.Result, in); v.limit != step.Limit {
				_, again := strings.CutPrefix(step.Why, triedAgain)
				step.Limit, step.Why = v.limit, v.why
				if again {
					step.Why = triedAgain + v.why
				}
			}
		}
	}
}

// limitOf returns what most steps of an attempt that failed say. If they all say
// something else it is the generator: the server is blamed only beyond doubt.
func (s *search) limitOf(a attempt) string {
	votes := map[string]int{}
	for _, step := range s.found.Steps[a.first : a.last+1] {
		votes[step.Limit]++
		if votes[step.Limit] == 2 {
			return step.Limit
		}
	}
	return bench.LimitGenerator
}

// name says what kept the rate from being higher. lowest is the lowest rate that
// failed.
func (s *search) name(lowest attempt) {
	b := &s.found
	b.Limit = s.limitOf(lowest)
	b.Why = fmt.Sprintf("at %s %s", Rate(lowest.rate), s.whyOf(lowest, b.Limit))
	if b.Limit != bench.LimitGenerator {
		return
	}
	for _, a := range s.tried {
		if !a.ok && a.rate > lowest.rate && a.rate <= clearly*s.good && s.agreed(a) {
			b.Limit = bench.LimitServer
			b.Why += fmt.Sprintf("; at %s it is the server beyond doubt: %s", Rate(a.rate), s.whyOf(a, b.Limit))
			return
		}
	}
}

// agreed tells whether all steps of an attempt say that it is the server.
func (s *search) agreed(a attempt) bool {
	for _, step := range s.found.Steps[a.first : a.last+1] {
		if step.Limit != bench.LimitServer {
			return false
		}
	}
	return true
}

// whyOf returns why an attempt failed that has this limit.
func (s *search) whyOf(a attempt, limit string) string {
	for _, step := range s.found.Steps[a.first : a.last+1] {
		if step.Limit == limit {
			return strings.TrimPrefix(step.Why, triedAgain)
		}
	}
	return strings.TrimPrefix(s.found.Steps[a.last].Why, triedAgain)
}
