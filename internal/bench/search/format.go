package search

import (
	"math"
	"strconv"
	"strings"
	"time"

	"sttp/internal/bench"
)

// Line returns a step as one line for people: the rate, the figures that the
// condition is about, and how it ended.
func (c Condition) Line(s bench.Step) string {
	parts := []string{"  " + Rate(s.Rate)}
	if s.Result != nil && s.Result.Response != nil {
		parts = append(parts, c.Figures(s.Result)...)
	}
	if s.OK {
		parts = append(parts, "ok")
	} else {
		parts = append(parts, "limited by the "+s.Limit)
	}
	line := strings.Join(parts, "  ")
	if s.Why != "" {
		line += ": " + s.Why
	}
	return line
}

// Rate returns a rate as people read it: "12,000/s".
func Rate(r float64) string {
	precision := 0
	if r < 100 && r != math.Trunc(r) {
		precision = 1
	}
	digits := strconv.FormatFloat(r, 'f', precision, 64)
	whole, rest, _ := strings.Cut(digits, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if rest != "" {
		whole += "." + rest
	}
	return whole + "/s"
}

// duration returns a time with three digits: "1.25 ms".
func duration(d time.Duration) string {
	for _, u := range []struct {
		of   time.Duration
		name string
	}{{time.Second, "s"}, {time.Millisecond, "ms"}, {time.Microsecond, "µs"}} {
		if d >= u.of {
			return significant(float64(d)/float64(u.of)) + " " + u.name
		}
	}
	return strconv.FormatInt(int64(d), 10) + " ns"
}

// percent returns a share with two digits: "0.12 %".
func percent(share float64) string {
	text := strconv.FormatFloat(share*100, 'g', 2, 64)
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		text = strconv.FormatFloat(n, 'f', -1, 64)
	}
	return text + " %"
}

// significant returns n with three significant digits at least, without zeros
// at the end.
func significant(n float64) string {
	precision := 2
	switch {
	case n >= 100:
		precision = 0
	case n >= 10:
		precision = 1
	}
	text := strconv.FormatFloat(n, 'f', precision, 64)
	if precision > 0 {
		text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	}
	return text
}
