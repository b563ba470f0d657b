package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"sttp"
	"sttp/internal/bench"
	"sttp/internal/cli"
)

// The types here are values of options. What is wrong with a value is said
// without the option's name, which flagError adds.

// quantity is a number that may end in k or M, thousand or million, and in /s.
type quantity[T int | int64 | float64] struct{ to *T }

func (q quantity[T]) String() string { return strconv.FormatFloat(float64(*q.to), 'f', -1, 64) }
func (q quantity[T]) Type() string   { return "number" }

func (q quantity[T]) Set(s string) error {
	n, err := parseNumber(strings.TrimSuffix(s, "/s"))
	if err != nil {
		return fmt.Errorf("%q is no number", s)
	}
	if value := T(n); float64(value) != n || math.Abs(n) > 1<<53 {
		return fmt.Errorf("%q is no whole number", s)
	}
	*q.to = T(n)
	return nil
}

func parseNumber(s string) (float64, error) {
	unit := 1.0
	for suffix, thousands := range map[string]float64{"k": 1e3, "K": 1e3, "M": 1e6} {
		if digits, ok := strings.CutSuffix(s, suffix); ok {
			s, unit = digits, thousands
			break
		}
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return 0, errors.New("no number")
	}
	return n * unit, nil
}

// shareValue is a share: 0.9 or 90%.
type shareValue struct{ to *float64 }

func (v shareValue) String() string { return strconv.FormatFloat(*v.to, 'f', -1, 64) }
func (v shareValue) Type() string   { return "share" }

func (v shareValue) Set(s string) error {
	digits, percent := strings.CutSuffix(s, "%")
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return fmt.Errorf("%q is no share", s)
	}
	if percent {
		n /= 100
	}
	*v.to = n
	return nil
}

// mixValue is a mix of actions, as in show=90,update=10.
type mixValue struct{ to *bench.Mix }

func (v mixValue) Type() string { return "mix" }

func (v mixValue) String() string {
	var parts []string
	for name, weight := range *v.to {
		parts = append(parts, strings.ToLower(name)+"="+strconv.FormatFloat(weight, 'f', -1, 64))
	}
	slices.Sort(parts)
	return strings.Join(parts, ",")
}

func (v mixValue) Set(s string) error {
	mix := bench.Mix{}
	for part := range strings.SplitSeq(s, ",") {
		name, digits, weighted := strings.Cut(strings.TrimSpace(part), "=")
		action, ok := sttp.ParseAction(strings.ToUpper(name))
		if !ok {
			return unknownAction(name)
		}
		if _, twice := mix[action.String()]; twice {
			return fmt.Errorf("%s is there twice", action)
		}
		weight := 1.0
		if weighted {
			var err error
			if weight, err = parseNumber(digits); err != nil {
				return fmt.Errorf("%q is no weight of %s", digits, action)
			}
		}
		mix[action.String()] = weight
	}
	*v.to = mix
	return nil
}

func unknownAction(name string) error {
	var names []string
	for _, a := range sttp.Actions() {
		names = append(names, strings.ToLower(a.String()))
	}
	if meant, ok := cli.DidYouMean(name, names); ok {
		return fmt.Errorf("there is no action %q; did you mean %s?", name, meant)
	}
	return fmt.Errorf("there is no action %q; there are %s", name, strings.Join(names, ", "))
}

// lengthValue is how long contents are: 40, or 20-160.
type lengthValue struct{ w *bench.Workload }

func (v lengthValue) Type() string { return "length" }

func (v lengthValue) String() string {
	if v.w.MinLength == v.w.MaxLength {
		return strconv.Itoa(v.w.MinLength)
	}
	return fmt.Sprintf("%d-%d", v.w.MinLength, v.w.MaxLength)
}

func (v lengthValue) Set(s string) error {
	from, to, ranged := strings.Cut(s, "-")
	if !ranged {
		to = from
	}
	least, err := strconv.Atoi(from)
	most, err2 := strconv.Atoi(to)
	if err != nil || err2 != nil {
		return fmt.Errorf("%q is neither a number nor a range as in 20-160", s)
	}
	v.w.MinLength, v.w.MaxLength = least, most
	return nil
}

// arrivalsValue is when requests are due.
type arrivalsValue struct{ poisson *bool }

func (v arrivalsValue) Type() string { return "arrivals" }

func (v arrivalsValue) String() string {
	if *v.poisson {
		return "poisson"
	}
	return "constant"
}

func (v arrivalsValue) Set(s string) error {
	switch strings.ToLower(s) {
	case "constant":
		*v.poisson = false
	case "poisson":
		*v.poisson = true
	default:
		return fmt.Errorf("%q is neither constant nor poisson", s)
	}
	return nil
}
