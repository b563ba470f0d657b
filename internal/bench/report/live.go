package report

import (
	"io"
	"strings"
	"time"

	"sttp/internal/bench"
	"sttp/internal/cli"
)

// How often figures are renewed: in place so that they can be read, in lines so
// that they do not fill a log. A Progress comes more often.
const (
	figuresEvery = 500 * time.Millisecond
	lineEvery    = time.Second
)

// Live shows how a run goes on: on a terminal in place, else in plain lines.
type Live struct {
	w      io.Writer
	style  Style
	screen *screen // nil where nothing can be redrawn in place

	stage   string
	recent  recent
	figures figures
	renewed time.Time       // when figures were, or the stage began
	trend   []time.Duration // p99 of the last figures
}

// NewLive returns a Live that writes to w.
func NewLive(w io.Writer, style Style) *Live {
	l := &Live{w: w, style: style}
	if !style.Plain && cli.IsTerminal(w) && redraws(w) {
		l.screen = &screen{w: w, columns: func() int {
			if style.Width > 0 {
				return style.Width
			}
			return cli.Width(w)
		}}
	}
	return l
}

// Show shows p. It is called by one goroutine at a time, as often as once in a
// tenth of a second.
func (l *Live) Show(p bench.Progress) {
	now := time.Now()
	if p.Stage != l.stage {
		l.stage, l.renewed, l.trend = p.Stage, now, nil
		l.recent, l.figures = recent{}, figures{}
	}
	l.recent.add(p)
	every := lineEvery
	if l.screen != nil {
		every = figuresEvery
	}
	due := now.Sub(l.renewed) >= every-10*time.Millisecond // else a tick that is a bit early costs a whole one
	if due || l.figures == (figures{}) {
		l.figures = l.recent.figures()
	}
	if due {
		l.trend = append(l.trend[max(0, len(l.trend)-maxWidth):], l.figures.p99)
		l.recent, l.renewed = recent{}, now
	}
	switch {
	case l.screen != nil:
		l.screen.draw(l.lines(p))
	case due:
		io.WriteString(l.w, l.plain(p)+"\n")
	}
}

// Note shows a line that stays, such as what a search has found out.
func (l *Live) Note(line string) {
	line = cli.Escape(strings.ReplaceAll(line, "\u00a0", " "))
	if l.screen != nil {
		l.screen.above(line)
	} else {
		io.WriteString(l.w, line+"\n")
	}
}

// Clear removes what is shown in place, so that other output can follow.
func (l *Live) Clear() {
	if l.screen != nil {
		l.screen.clear()
	}
}

// figures are those of some time.
type figures struct {
	rate          float64
	p50, p99, max time.Duration
}

// recent collects what several Progresses say, for figures of all of them.
type recent struct {
	n     int
	rates float64
	times *bench.Latency
	last  bench.Progress
}

func (r *recent) add(p bench.Progress) {
	r.n++
	r.rates += p.Rate
	r.last = p
	switch {
	case r.times == nil:
		r.times = p.Recent
	case p.Recent != nil:
		r.times.Merge(p.Recent)
	}
}

func (r *recent) figures() figures {
	f := figures{rate: r.rates / float64(max(r.n, 1)), p50: r.last.P50, p99: r.last.P99, max: r.last.Max}
	if r.times != nil {
		f.p50, f.p99, f.max = r.times.Quantile(0.5), r.times.Quantile(0.99), r.times.Max()
	}
	return f
}
