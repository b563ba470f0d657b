package report

import (
	"fmt"
	"strings"

	"sttp/internal/check"
)

// Columns of the table of scores.
const (
	nameWidth  = 14
	barWidth   = 11
	scoreWidth = 11
)

// scores shows a line for each story, those of the guide first.
func (p *printer) scores(r *check.Report) {
	scores := r.Scores()
	if len(scores) == 0 {
		return
	}
	p.blank()
	p.line(p.style(bold, fmt.Sprintf("%-*s%-*s%-*s%s", nameWidth+barWidth, "SCORE", scoreWidth, "MUST", scoreWidth, "the rest", "story")))
	beyond := false
	all := check.Score{Story: check.Story{Name: "all"}}
	for _, s := range scores {
		all.Must, all.MustHeld = all.Must+s.Must, all.MustHeld+s.MustHeld
		all.Others, all.OthersHeld = all.Others+s.Others, all.OthersHeld+s.OthersHeld
		if !s.Story.Guide && !beyond {
			beyond = true
			p.line(p.style(dim, "beyond the guide"))
		}
		p.score(s)
	}
	if len(scores) > 1 {
		p.score(all)
	}
}

func (p *printer) score(s check.Score) {
	title := cutColumns(s.Story.Title, p.width-nameWidth-barWidth-2*scoreWidth)
	color := green
	if s.MustHeld < s.Must {
		color = red
	}
	drawn := p.style(color, bar(s.MustHeld, s.Must)) + strings.Repeat(" ", barWidth-len([]rune(bar(s.MustHeld, s.Must))))
	p.line(fmt.Sprintf("%-*s%s%-*s%-*s%s", nameWidth, s.Story.Name, drawn,
		scoreWidth, part(s.MustHeld, s.Must), scoreWidth, part(s.OthersHeld, s.Others), title))
}

// bar draws n of m in ten characters. It is full only if all are there, and
// empty only if none is.
func bar(n, m int) string {
	if m == 0 {
		return ""
	}
	full := 10 * n / m
	if n > 0 && full == 0 {
		full = 1
	}
	return strings.Repeat("█", full) + strings.Repeat("░", 10-full)
}

func part(n, m int) string {
	if m == 0 {
		return "-"
	}
	return fmt.Sprintf("%d of %d", n, m)
}

// rest shows the counts, and what a reader should not miss.
func (p *printer) rest(r *check.Report) {
	p.blank()
	counts := tally(r)
	var parts []string
	for _, o := range outcomes {
		if n := counts[o]; n > 0 {
			parts = append(parts, p.style(colorOf(o), number(n)+" "+counted[o]))
		}
	}
	const indent = nameWidth
	p.field("cases", fmt.Sprintf("%s in %s: %s", number(len(r.Results)), seconds(r.Elapsed), strings.Join(parts, ", ")))
	for i, l := range r.LeftOut {
		p.field(first(i, "left out"), leftOut(l))
	}
	for i, path := range r.LeftBehind {
		if i == pathsShown {
			p.field("", fmt.Sprintf("and %s", plural(len(r.LeftBehind)-i, "other", "others")))
			break
		}
		p.line(fmt.Sprintf("%-*s%s", indent, first(i, "left behind"), cutColumns(visible(cutStart(path)), p.width-indent)))
	}
	for i := range r.Results {
		if s := flaky(&r.Results[i]); s != "" {
			p.field("flaky", r.Results[i].Case.ID+" "+s)
		}
	}
	p.field("seed", fmt.Sprint(r.Options.Seed))
}

// counted names outcomes behind a number.
var counted = map[check.Outcome]string{
	check.Pass: "passed", check.Fail: "failed", check.Warn: "with a warning", check.Chose: "with a choice made",
	check.Depends: "depend on another", check.Untested: "could not be tested", check.Undecided: "undecided",
	check.CheckerError: "that the checker failed at",
}

func leftOut(l check.LeftOut) string {
	if l.Cases == 1 {
		return "1 case that needs " + l.Needs
	}
	return number(l.Cases) + " cases that need " + l.Needs
}

// changes says what has changed since the baseline.
func (p *printer) changes(b *check.Comparison) {
	if b == nil {
		return
	}
	p.blank()
	p.wrapped("", "", p.style(bold, "SINCE THE BASELINE")+"  "+sentence(b.Target)+", "+b.Began.Format("2006-01-02 15:04"))
	for _, kind := range changeKinds(b) {
		for i, c := range kind.Changes {
			p.field(first(i, kind.Title), fmt.Sprintf("%s: %v, was: %s", c.Result.Case.ID, c.Result.Outcome, was(c)))
		}
	}
	if b.NotRun > 0 {
		p.field("not run", plural(b.NotRun, "case", "cases")+" of the baseline")
	}
}

// field shows a label and what belongs to it.
func (p *printer) field(label, text string) {
	p.wrapped(fmt.Sprintf("%-*s", nameWidth, label), "", text)
}

// first returns the label for the first of several lines.
func first(i int, label string) string {
	if i > 0 {
		return ""
	}
	return label
}
