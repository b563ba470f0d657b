package compare

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Line is a line for people. What stands in it comes from files: it is to be
// escaped before a terminal sees it.
type Line struct {
	Text    string
	Verdict Verdict // of what the line says, empty if it is none
	Heading bool
}

// Lines returns the comparison for people.
func (c *Comparison) Lines() []Line {
	lines := []Line{{Text: c.title(), Heading: true}}
	for i, s := range []Side{c.A, c.B} {
		lines = append(lines, Line{Text: fmt.Sprintf("%c  %s  %s  %s", 'A'+i, s.Name, s.Started.Format("2006-01-02 15:04 MST"), s.Target)})
	}
	for _, s := range c.Differ {
		lines = append(lines, Line{Text: fmt.Sprintf("WARNING: %s differs, %s and %s", s.Name, s.A, s.B), Verdict: Unclear})
	}
	for _, w := range c.Warnings {
		lines = append(lines, Line{Text: "WARNING: " + w, Verdict: Unclear})
	}
	lines = append(lines, Line{})
	lines = append(lines, c.table()...)
	lines = append(lines, Line{})
	lines = append(lines, c.reasons()...)
	return append(lines, c.conclusion()...)
}

func (c *Comparison) title() string {
	what := map[string]string{"run": "runs", "break": "searches for the breaking point", "guide": "runs of the guide's test"}[c.Of]
	return fmt.Sprintf("Two %s, and what changed from A to B; up to %s do no harm", what, percent(c.Tolerance, false))
}

// Columns of the table: label, A, B, change, interval, verdict.
const columns = 6

func (c *Comparison) table() []Line {
	title := "95 % interval"
	if c.Of == "break" {
		title = "between"
	}
	rows := [][columns]string{{"", "A", "B", "change", title, ""}}
	verdicts := []Verdict{""}
	of := ""
	for _, ch := range c.Changes {
		if ch.Of != of && ch.Of != "" {
			rows, verdicts = append(rows, [columns]string{ch.Of}), append(verdicts, "")
		}
		of = ch.Of
		rows, verdicts = append(rows, ch.row()), append(verdicts, ch.Verdict)
	}
	var width [columns]int
	for _, row := range rows {
		for i, text := range row {
			if row[1] != "" { // headings may be longer than their column
				width[i] = max(width[i], utf8.RuneCountInString(text))
			}
		}
	}
	var lines []Line
	for i, row := range rows {
		var b strings.Builder
		for j, text := range row {
			pad := strings.Repeat(" ", max(0, width[j]-utf8.RuneCountInString(text)))
			if j == 0 || j == columns-1 {
				b.WriteString(text + pad + "  ")
			} else {
				b.WriteString(pad + text + "  ")
			}
		}
		lines = append(lines, Line{Text: strings.TrimRight(b.String(), " "), Verdict: verdicts[i], Heading: i == 0})
	}
	return lines
}

func (ch *Change) row() [columns]string {
	a, b := ch.values()
	row := [columns]string{ch.What, a, b, ch.changed(), "", ""}
	if ch.Interval != nil {
		row[4] = ch.Interval.text()
	}
	if ch.Verdict != Unjudged {
		row[5] = string(ch.Verdict)
	}
	return row
}

// values returns A and B in one unit.
func (ch *Change) values() (a, b string) {
	switch ch.Unit {
	case PerSecond:
		return grouped(ch.A) + "/s", grouped(ch.B) + "/s"
	case Share:
		return percent(ch.A, false), percent(ch.B, false)
	}
	unit, name := 1.0, " µs"
	switch top := max(ch.A, ch.B); {
	case top >= 1e6:
		unit, name = 1e6, " s"
	case top >= 1e3:
		unit, name = 1e3, " ms"
	}
	return digits3(ch.A/unit) + name, digits3(ch.B/unit) + name
}

func (ch *Change) changed() string {
	switch {
	case ch.Change == nil:
		return "from 0"
	case ch.Unit == Share && *ch.Change == 0:
		return ""
	case ch.Unit == Share:
		return strings.TrimSuffix(percent(*ch.Change, true), " %") + " points"
	}
	return percent(*ch.Change, true)
}

func (i *Interval) text() string {
	if math.IsInf(float64(i.High), 1) {
		return percent(float64(i.Low), true) + " or more"
	}
	return strings.TrimSuffix(percent(float64(i.Low), true), " %") + " to " + percent(float64(i.High), true)
}

// name says which figure it is.
func (ch *Change) name() string {
	if ch.Of == "" {
		return ch.What
	}
	return ch.What + " of " + ch.Of
}

// sentence says what became of the figure.
func (ch *Change) sentence() string {
	a, b := ch.values()
	return fmt.Sprintf("%s: %s, now %s (%s)", ch.name(), a, b, ch.changed())
}

// reasons says why what is unclear is so, each reason once.
func (c *Comparison) reasons() []Line {
	var lines []Line
	var said []string
	for _, ch := range c.Changes {
		if ch.Verdict != Unclear || slices.Contains(said, ch.Why) {
			continue
		}
		said = append(said, ch.Why)
		var names []string
		for _, other := range c.Changes {
			if other.Verdict == Unclear && other.Why == ch.Why {
				names = append(names, other.name())
			}
		}
		which := strings.Join(names, ", ")
		if len(names) > 4 {
			which = fmt.Sprintf("%d figures", len(names))
		}
		lines = append(lines, Line{Text: "unclear: " + which + ": " + ch.Why, Verdict: Unclear})
	}
	return lines
}

// conclusion says what it comes to.
func (c *Comparison) conclusion() []Line {
	unclear := slices.ContainsFunc(c.Changes, func(ch Change) bool { return ch.Verdict == Unclear })
	switch {
	case c.Identical:
		return []Line{{Text: "Both files hold the same measurement.", Verdict: Same}}
	case len(c.Regressions) == 0 && unclear:
		return []Line{{Text: "Nothing is known to have got worse by more than " + percent(c.Tolerance, false) + ", but not all is clear.", Verdict: Unclear}}
	case len(c.Regressions) == 0:
		return []Line{{Text: "Nothing got worse by more than " + percent(c.Tolerance, false) + ".", Verdict: Better}}
	}
	lines := []Line{{Text: "It got worse:", Verdict: Worse}}
	for _, r := range c.Regressions {
		lines = append(lines, Line{Text: "  " + r, Verdict: Worse})
	}
	return lines
}

// percent returns a share in percent with as many digits as say something.
func percent(x float64, sign bool) string {
	p := 100 * x
	var text string
	switch abs := math.Abs(p); {
	case abs >= 999.5:
		text = grouped(p)
	case abs >= 9.95:
		text = strconv.FormatFloat(p, 'f', 0, 64)
	case abs >= 0.0995:
		text = strconv.FormatFloat(p, 'f', 1, 64)
	default:
		text = strconv.FormatFloat(p, 'g', 1, 64)
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			text = strconv.FormatFloat(f, 'f', -1, 64)
		}
	}
	text = strings.TrimSuffix(text, ".0")
	switch {
	case text == "0" || text == "-0":
		return "0 %"
	case strings.HasPrefix(text, "-"):
		return "−" + text[1:] + " %"
	case sign:
		return "+" + text + " %"
	}
	return text + " %"
}

// digits3 returns x with three significant digits.
func digits3(x float64) string {
	for i, limit := range []float64{0.9995, 9.995, 99.95} {
		if x < limit {
			return strconv.FormatFloat(x, 'f', 3-i, 64)
		}
	}
	return grouped(x)
}

// grouped returns x without a fraction, unless that is most of it, its thousands
// set apart.
func grouped(x float64) string {
	if math.Abs(x) < 99.95 && x != math.Trunc(x) {
		return strconv.FormatFloat(x, 'f', 1, 64)
	}
	s := strconv.FormatFloat(math.Abs(x), 'f', 0, 64)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if x < 0 {
		return "-" + s
	}
	return s
}

// seconds returns a duration to three digits.
func seconds(d time.Duration) string { return digits3(d.Seconds()) + " s" }
