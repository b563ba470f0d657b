package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sttp/internal/bench"
)

// part is a piece of a line in a colour or none.
type part struct{ text, sgr string }

// narrow is the width below which figures move closer together, and do not keep
// their place.
const narrow = 66

// lines returns what is shown of p in place.
func (l *Live) lines(p bench.Progress) []shownLine {
	width := l.screen.width()
	between, rate, span := "   ", "%9s", "%7s"
	if width < narrow {
		between, rate, span = "  ", "%s", "%s"
	}
	all := []shownLine{l.fit(width, "  ", l.head(p, width))}
	if !loaded(p.Stage) {
		return all
	}
	f := l.figures
	times := []part{{"  " + fmt.Sprintf(rate, perSecond(f.rate)), bold}}
	if f.max > 0 { // nothing is known of a warm-up
		times = append(times, part{"p50 " + fmt.Sprintf(span, timeText(f.p50)), ""},
			part{"p99 " + fmt.Sprintf(span, timeText(f.p99)), ""}, part{"max " + fmt.Sprintf(span, timeText(f.max)), ""})
	}
	times = append(times, part{number(int64(p.Connected), "connection", "connections"), dim})
	counts := []part{{"  " + grouped(p.Wrong) + " wrong", alarm(p.Wrong, red)}, {number(p.Errors, "error", "errors"), alarm(p.Errors, yellow)}}
	room := width - columns(counts[0].text+counts[1].text) - 2*len(between)
	if curve := l.sparkline(room); curve != "" {
		counts = append(counts, part{curve, cyan})
	}
	return append(all, l.fit(width, between, times), l.fit(width, between, counts))
}

// loaded tells whether latency matters in a stage.
func loaded(stage string) bool { return stage == "warm up" || stage == "measure" || stage == "drain" }

func alarm(n int64, sgr string) string {
	if n > 0 {
		return sgr
	}
	return ""
}

// head returns the first line: the stage, how far it is, and how long it takes.
func (l *Live) head(p bench.Progress, width int) []part {
	parts := []part{{fmt.Sprintf("%-8s", shown(p.Stage)), bold}}
	fraction := min(max(p.Fraction, 0), 1)
	if p.Stage != "connect" && p.Stage != "drain" {
		parts = append(parts, part{progressBar(fraction, min(30, max(5, width-42))), cyan}, part{fmt.Sprintf("%3.0f\u00a0%%", 100*fraction), ""})
	}
	if p.Elapsed > 0 {
		parts = append(parts, part{clock(p.Elapsed), ""})
		if left := remaining(p.Elapsed, fraction); left != "" {
			parts = append(parts, part{left, ""})
		}
	}
	if !loaded(p.Stage) && p.Done > 0 {
		parts = append(parts, part{grouped(p.Done) + " done", ""})
	}
	return parts
}

// remaining says how long it will still take, if it goes on like that and is not
// over at once.
func remaining(elapsed time.Duration, fraction float64) string {
	if fraction < 0.02 || fraction >= 1 {
		return ""
	}
	left := time.Duration(float64(elapsed) * (1 - fraction) / fraction)
	return clock(left) + " left"
}

// clock returns a time as it goes by: with tenths below a minute.
func clock(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%.1f\u00a0s", d.Seconds())
	}
	return d.Round(time.Second).String()
}

func progressBar(fraction float64, width int) string {
	full := int(fraction*float64(width) + 0.5)
	return strings.Repeat("█", full) + strings.Repeat("░", width-full)
}

// sparkline draws the 99th percentile of the last figures, the highest of them as
// high as the line, or nothing if there is no room for it.
func (l *Live) sparkline(room int) string {
	levels := []rune("▁▂▃▄▅▆▇█")
	if len(l.trend) == 0 {
		return ""
	}
	most := slices.Max(l.trend)
	label, scale := "p99 ", " ≤ "+timeText(most)
	room -= columns(label) + columns(scale)
	if room < 5 || most <= 0 {
		return ""
	}
	var b strings.Builder
	for _, v := range l.trend[max(0, len(l.trend)-room):] {
		b.WriteRune(levels[int(float64(v)/float64(most)*float64(len(levels)-1)+0.5)])
	}
	return label + b.String() + scale
}

// fit joins parts, and leaves out from the end what the width has no room for.
func (l *Live) fit(width int, between string, parts []part) shownLine {
	var line shownLine
	for i, p := range parts {
		text := strings.ReplaceAll(p.text, "\u00a0", " ")
		n := columns(text)
		if i > 0 {
			n += len(between)
		}
		if line.columns+n > width {
			break
		}
		if i > 0 {
			line.text += between
		}
		line.text += l.style.paint(p.sgr, text)
		line.columns += n
	}
	return line
}

// plain returns what is shown of p in a line of a log.
func (l *Live) plain(p bench.Progress) string {
	line := shown(p.Stage)
	if p.Fraction > 0 {
		line += fmt.Sprintf(" %.0f %%", 100*min(p.Fraction, 1))
	}
	line += ", " + clock(p.Elapsed)
	f := l.figures
	switch {
	case loaded(p.Stage) && f.max > 0:
		line += fmt.Sprintf(": %s, p50 %s, p99 %s, max %s, %s wrong, %s", perSecond(f.rate), timeText(f.p50), timeText(f.p99), timeText(f.max),
			grouped(p.Wrong), number(p.Errors, "error", "errors"))
	case loaded(p.Stage):
		line += fmt.Sprintf(": %s, %s wrong, %s", perSecond(f.rate), grouped(p.Wrong), number(p.Errors, "error", "errors"))
	case p.Done > 0:
		line += ": " + grouped(p.Done) + " done"
	}
	return strings.ReplaceAll(line, "\u00a0", " ")
}
