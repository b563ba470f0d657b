package report

import (
	"math"
	"strconv"
	"strings"
)

// scale is an axis of a chart: it maps values to shares of its length.
type scale struct {
	lo, hi float64
	log    bool // equal ratios are equally far apart; lo is above 0 then
	ticks  []float64
}

// at returns the share of the axis, from 0 to 1, that a value lies at. What is
// beyond an end lies at it.
func (s scale) at(v float64) float64 {
	lo, hi := s.lo, s.hi
	if s.log {
		v, lo, hi = math.Log(v), math.Log(lo), math.Log(hi)
	}
	share := (v - lo) / (hi - lo)
	if !(share > 0) { // nor not a number
		return 0
	}
	return min(share, 1)
}

// zeroScale returns an axis from 0 to a round number that is not below hi.
func zeroScale(hi float64, ticks int) scale {
	hi = drawable(hi)
	step := niceStep(hi / float64(ticks))
	s := scale{hi: step * math.Ceil(hi/step-1e-9)}
	s.ticks = multiples(step, 0, s.hi)
	return s
}

// spanScale returns an axis from 0 to exactly hi, with ticks at round numbers of
// so large units.
func spanScale(hi, unit float64, ticks int) scale {
	hi = drawable(hi)
	step := niceStep(hi/unit/float64(ticks)) * unit
	return scale{hi: hi, ticks: multiples(step, 0, hi)}
}

// drawable returns an end of an axis: 1 for what is none, and nothing beyond what
// times in nanoseconds and rates can be.
func drawable(v float64) float64 {
	if !finite(v) || v <= 0 {
		return 1
	}
	return min(max(v, 1e-9), 1e18)
}

// niceStep returns the smallest of 1, 2 and 5 times a power of ten that is not
// below v.
func niceStep(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= v*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

func multiples(step, lo, hi float64) []float64 {
	var all []float64
	for i := math.Ceil(lo / step); i*step <= hi*(1+1e-9); i++ {
		all = append(all, i*step)
	}
	return all
}

// logScale returns an axis of ratios that holds lo and hi between two of 1, 2
// and 5 times a power of ten. Over wide ranges only the powers have ticks.
func logScale(lo, hi float64) scale {
	lo = drawable(lo)
	steps := roundBetween(lo, max(lo, drawable(hi)))
	s := scale{lo: steps[0], hi: steps[len(steps)-1], log: true, ticks: steps}
	if decades := math.Log10(s.hi / s.lo); decades > 3 {
		every := math.Ceil(decades / 6)
		s.ticks = nil
		for _, v := range steps {
			power := math.Round(math.Log10(v))
			if math.Abs(v/math.Pow(10, power)-1) < 1e-6 && math.Mod(power, every) == 0 {
				s.ticks = append(s.ticks, v)
			}
		}
	}
	return s
}

// roundBetween returns the 1, 2 and 5 times powers of ten from the last one that
// is not above lo to the first one that is not below hi, at least two.
func roundBetween(lo, hi float64) []float64 {
	var all []float64
	for power := math.Floor(math.Log10(lo)); ; power++ {
		for _, m := range []float64{1, 2, 5} {
			v := m * math.Pow(10, power)
			if v <= lo*(1+1e-9) {
				all = all[:0] // a later one is nearer
			}
			all = append(all, v)
			if v >= hi*(1-1e-9) && len(all) > 1 {
				return all
			}
		}
	}
}

// nines returns where a quantile below 1 lies on an axis on which 90 %, 99 % and
// 99.9 % are equally far apart: at 1, 2 and 3.
func nines(q float64) float64 { return -math.Log10(1 - q) }

// unNines returns the quantile that lies at n.
func unNines(n float64) float64 { return 1 - math.Pow(10, -n) }

// ninesScale returns an axis of quantiles for so many values: it ends where one
// of them remains, the maximum.
func ninesScale(count int64) scale {
	s := scale{hi: max(1, math.Log10(float64(max(count, 1))))}
	s.ticks = []float64{nines(0.5)}
	for n := 1.0; n < s.hi-0.4 && n <= 6; n++ { // 99.9999 % is the last one that has a name
		s.ticks = append(s.ticks, n)
	}
	s.ticks = append(s.ticks, s.hi)
	return s
}

// unit is what values of a chart or a table are told in.
type unit struct {
	name string
	size float64 // of one, in the unit that the values have
}

// The units of times, whose values are nanoseconds, and of rates.
var (
	micros   = unit{"µs", 1e3}
	millis   = unit{"ms", 1e6}
	secs     = unit{"s", 1e9}
	minutes  = unit{"min", 60e9}
	perSec   = unit{"/s", 1}
	thousand = unit{"thousand/s", 1e3}
	percents = unit{"%", 0.01}
)

// latencyUnit returns the unit in which a range of times has the fewest zeros.
func latencyUnit(lo, hi float64) unit {
	switch middle := math.Sqrt(max(lo, 1e3) * max(hi, 1e3)); {
	case middle < 300e3 && hi < 10e6:
		return micros
	case middle < 3e9:
		return millis
	default:
		return secs
	}
}

// clockUnit returns the unit of an axis of time that begins at 0.
func clockUnit(hi float64) unit {
	switch {
	case hi < 2e9:
		return millis
	case hi < 300e9:
		return secs
	default:
		return minutes
	}
}

func rateUnit(hi float64) unit {
	if hi >= 200e3 {
		return thousand
	}
	return perSec
}

// figure returns a value in the unit with three significant digits, or all
// digits before the point, and without the unit.
func (u unit) figure(v float64) string { return significant(v / u.size) }

// full returns a value with its unit.
func (u unit) full(v float64) string {
	if u == perSec {
		return u.figure(v) + u.name
	}
	return u.figure(v) + "\u00a0" + u.name // a space that does not break
}

// tick returns a value as short as it can be told.
func (u unit) tick(v float64) string {
	s := u.figure(v)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// significant returns three significant digits, or all digits before the point
// in groups. What is no number is a dash.
func significant(v float64) string {
	switch size := math.Abs(v); {
	case !finite(v):
		return "–"
	case size < 1e-6:
		return "0"
	case size >= 99.95:
		return grouped(int64(math.Round(v)))
	default:
		decimals := 2 - int(math.Floor(math.Log10(size*1.0005)))
		return strconv.FormatFloat(v, 'f', max(decimals, 0), 64)
	}
}

// grouped returns a number with commas, as in 12,345.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	start := len(s) % 3
	if n < 0 {
		start = 1 + (len(s)-1)%3
	}
	var b strings.Builder
	b.WriteString(s[:start])
	for i := start; i < len(s); i += 3 {
		if b.Len() > 0 && s[:i] != "-" {
			b.WriteByte(',')
		}
		b.WriteString(s[i : i+3])
	}
	return b.String()
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
