package peers

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"sttp/internal/bench"
)

// The lines between which a document holds what Markdown returns.
const (
	begin = "<!-- peers -->\n"
	end   = "<!-- end of peers -->\n"
)

// ErrMarkers says that a document has no place for the table.
var ErrMarkers = errors.New("there are no lines <!-- peers --> and <!-- end of peers --> in it, in this order")

// Insert returns document with markdown in its place there.
func Insert(document []byte, markdown string) ([]byte, error) {
	before, rest, found := bytes.Cut(document, []byte(begin))
	_, after, ended := bytes.Cut(rest, []byte(end))
	if !found || !ended {
		return nil, ErrMarkers
	}
	return slices.Concat(before, []byte(begin), []byte(markdown), []byte(end), after), nil
}

// Markdown returns the comparison in doc as a paragraph that says when, where and
// of what, and a table.
func Markdown(doc *bench.Document) string {
	p := doc.Peers
	var b strings.Builder
	fmt.Fprintf(&b, "Measured on %s: %d rounds of %v for each server and workload, on %s.\n",
		doc.Started.Format("2006-01-02"), p.Rounds, p.Length, machine(doc.Machine))
	fmt.Fprintf(&b, "%s.\n", versions(p.Systems))
	if typical, widest := spread(p.Tables); widest > 0 {
		fmt.Fprintf(&b, "From the lowest to the highest round a ratio changes by a factor of %.2f as the median of all ratios, and of %.2f at most.\n", typical, widest)
	}
	for _, note := range p.Notes {
		fmt.Fprintf(&b, "Note: %s.\n", plain(note))
	}
	var names []string
	for _, s := range p.Systems {
		if s.Missing == "" {
			names = append(names, s.Name)
		}
	}
	b.WriteString("\n|")
	for _, name := range append([]string{""}, names...) {
		b.WriteString(" " + plain(name) + " |")
	}
	b.WriteString("\n|---" + strings.Repeat("|---", len(names)) + "|\n")
	for _, t := range p.Tables {
		b.WriteString(rows(t, names))
	}
	return b.String()
}

// rows returns a workload's rows: one for its name, and one for each quantity.
func rows(t bench.Table, names []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| **%s** |%s\n", plain(t.Name), strings.Repeat(" |", len(names)))
	for _, q := range quantities() {
		cells, any := make([]string, len(names)), false
		for i, name := range names {
			at := slices.IndexFunc(t.Figures, func(f bench.Figure) bool { return f.System == name && f.What == q.what })
			if cells[i] = "–"; at >= 0 {
				cells[i], any = cell(t.Figures[at]), true
			}
		}
		if any {
			fmt.Fprintf(&b, "| %s, %s | %s |\n", q.what, q.unit, strings.Join(cells, " | "))
		}
	}
	return b.String()
}

// cell returns a figure, and the ratio to it with its range.
func cell(f bench.Figure) string {
	if f.Ratio == nil {
		return significant(f.Median)
	}
	return fmt.Sprintf("%s · **%s** (%s–%s)", significant(f.Median), significant(f.Ratio.Median), significant(f.Ratio.Lowest), significant(f.Ratio.Highest))
}

// significant returns v with three significant digits, and commas between
// thousands.
func significant(v float64) string {
	if v <= 0 {
		return "0"
	}
	unit := math.Pow(10, math.Floor(math.Log10(v))-2)
	v = math.Round(v/unit) * unit
	s := strconv.FormatFloat(v, 'f', max(0, 2-int(math.Floor(math.Log10(v)))), 64)
	whole, _, _ := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// spread returns how far the ratios reach, as the highest over the lowest: the
// median of all, and the most.
func spread(tables []bench.Table) (typical, widest float64) {
	var all []float64
	for _, t := range tables {
		for _, f := range t.Figures {
			if f.Ratio != nil && f.Ratio.Lowest > 0 {
				all = append(all, f.Ratio.Highest/f.Ratio.Lowest)
			}
		}
	}
	if len(all) == 0 {
		return 0, 0
	}
	return median(all), slices.Max(all)
}

// machine returns what a machine is, as in "2 CPUs (Intel Xeon), linux 6.18".
func machine(m bench.Machine) string {
	s := fmt.Sprintf("%d CPUs", m.CPUs)
	if m.CPU != "" {
		s += " (" + plain(m.CPU) + ")"
	}
	return s + ", " + plain(strings.TrimSpace(m.OS+" "+m.Kernel)) + ", " + m.Arch
}

// versions returns what was measured, and what was not.
func versions(systems []bench.System) string {
	var all []string
	for _, s := range systems {
		switch {
		case s.Missing != "":
			all = append(all, plain(s.Name)+" was not there")
		default:
			all = append(all, plain(strings.TrimSpace(s.Name+" "+s.Version)))
		}
	}
	return "Versions: " + strings.Join(all, ", ")
}

// plain returns text in which nothing is Markdown or HTML, in one line.
func plain(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", "|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, `\`, `\\`).Replace(text)
}
