package report

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sttp/internal/bench"
	"sttp/internal/cli"
)

// Bounds of what a page shows of things that others decide on.
const (
	mostText     = 300 // characters
	mostExamples = 20
	mostKinds    = 40
	mostRows     = 400
)

// shown returns a text from elsewhere, bounded and with everything visible.
func shown(s string) string {
	s = s[:min(len(s), mostText*utf8.UTFMax)]
	if runes := []rune(cli.Escape(s)); len(runes) > mostText {
		return string(runes[:mostText]) + "…"
	}
	return cli.Escape(s)
}

// capital returns a text with a capital letter at its beginning, unless it begins
// with a name such as p99.
func capital(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	if second, _ := utf8.DecodeRuneInString(s[n:]); n == 0 || unicode.IsDigit(second) {
		return s
	}
	return string(unicode.ToUpper(first)) + s[n:]
}

// has tells whether there are values.
func has(l *bench.Latency) bool { return l != nil && l.Count() > 0 }

// latencyOf returns the response times or, where there are none, the service
// times, and what they are called.
func latencyOf(response, service *bench.Latency) (*bench.Latency, string) {
	if response != nil {
		return response, "response time"
	}
	return service, "service time"
}

// quantileAt returns a quantile as a number, 1 for the maximum.
func quantileAt(l *bench.Latency, q float64) float64 { return float64(l.Quantile(q)) }

// quantileFigure returns a quantile in a unit, a dash if there is none.
func quantileFigure(l *bench.Latency, q float64, u unit) string {
	if !has(l) {
		return "–"
	}
	return u.figure(quantileAt(l, q))
}

// mostValues returns how many values the fullest of these has.
func mostValues(all ...*bench.Latency) int64 {
	var most int64
	for _, l := range all {
		if has(l) {
			most = max(most, l.Count())
		}
	}
	return most
}

// tableUnit returns the unit for all of these in one table.
func tableUnit(all ...*bench.Latency) unit {
	lo, hi := 0.0, 0.0
	for _, l := range all {
		if has(l) {
			hi = max(hi, quantileAt(l, 1))
			if p50 := quantileAt(l, 0.5); lo == 0 || p50 < lo {
				lo = p50
			}
		}
	}
	return latencyUnit(lo, hi)
}

// timeText returns a time in a unit of its own.
func timeText(d time.Duration) string {
	v := float64(d)
	switch {
	case d <= 0:
		return "0"
	case d < time.Millisecond:
		return micros.full(v)
	case d < time.Second:
		return millis.full(v)
	case d < 5*time.Minute:
		return strings.TrimSuffix(secs.tick(v), ".") + "\u00a0s"
	default:
		return d.Round(time.Second).String()
	}
}

// percentOf returns a share in percent, and tells a small one from none.
func percentOf(n, of int64) string {
	switch {
	case n == 0 || of <= 0:
		return "0\u00a0%"
	case n >= of:
		return "100\u00a0%"
	case float64(n)/float64(of) < 0.0001:
		return "<\u00a00.01\u00a0%"
	}
	return percents.full(float64(n) / float64(of))
}

// number returns a number with what it counts.
func number(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + many
}

// byCount returns the kinds, the most frequent first.
func byCount(c bench.Counts) []string {
	kinds := slices.DeleteFunc(slices.Collect(maps.Keys(c)), func(k string) bool { return c[k] == 0 })
	slices.SortFunc(kinds, func(a, b string) int { return cmp.Or(cmp.Compare(c[b], c[a]), strings.Compare(a, b)) })
	return kinds[:min(len(kinds), mostKinds)]
}

// listed returns how often there is each kind, as in "9 stale, 3 torn".
func listed(c bench.Counts) string {
	var parts []string
	for _, kind := range byCount(c) {
		parts = append(parts, grouped(c[kind])+" "+shown(kind))
	}
	return strings.Join(parts, ", ")
}

// meaning explains a kind of wrong reply or of error.
func meaning(kind string) string {
	switch kind {
	case bench.Stale:
		return "contents that a later change had replaced before the request was sent"
	case bench.Torn:
		return "a part of the contents, or a mix of several"
	case bench.Lost:
		return "the reply says that something is not there that is"
	case bench.Garbled:
		return "no reply of the protocol, or not one to this request"
	case bench.Wrong:
		return "another path's contents, or what nobody ever wrote"
	case bench.Refused:
		return "nobody listens at the address"
	case bench.Reset:
		return "the connection was reset"
	case bench.Closed:
		return "the server closed the connection before it had answered"
	case bench.Timeout:
		return "no reply in time"
	case bench.DialTimeout:
		return "no connection in time"
	case bench.NoDescriptor:
		return "this program may open no more files: raise ulimit -n"
	case bench.NoPort:
		return "this machine has no free port left for a connection"
	case bench.Unsent:
		return "due, but never sent, as no connection was free"
	case bench.Unanswered:
		return "sent, but not answered before the run was over"
	case bench.ErrorReply:
		return "the server answered that it did not do it"
	}
	if strings.HasPrefix(kind, "status 3") {
		return "the server refused the request"
	}
	if strings.HasPrefix(kind, "status 5") {
		return "the server could not carry out the request"
	}
	return ""
}

// countSection lists wrong replies and errors by kind, nil if there are none.
func countSection(requests int64, wrong, errs, dials bench.Counts, examples []string) *pageSection {
	t := newTable("Wrong replies and errors by kind", " What", " Kind", "Number", "Of all", " It means")
	for _, group := range []struct {
		name, class string
		counts      bench.Counts
		shares      bool
	}{{"wrong reply", "bad", wrong, true}, {"error", "open", errs, true}, {"connection", "open", dials, false}} {
		for _, kind := range byCount(group.counts) {
			of := "–"
			if group.shares && requests > 0 {
				of = percentOf(group.counts[kind], requests)
			}
			r := t.row("", group.name, shown(kind), grouped(group.counts[kind]), of, meaning(kind))
			r.Cells[0].Class = "tag " + group.class
		}
	}
	s := &pageSection{ID: "errors", Title: "Wrong replies and errors", ListTitle: "The first wrong replies"}
	if len(t.Rows) > 0 {
		s.Table = t
	}
	for _, e := range examples[:min(len(examples), mostExamples)] {
		s.List = append(s.List, shown(e))
	}
	return s
}
