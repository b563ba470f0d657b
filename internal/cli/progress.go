package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// redrawEvery is how often a Progress is drawn anew, and ratedAfter how long
// something has to go on before a rate says anything.
const (
	redrawEvery = 100 * time.Millisecond
	ratedAfter  = time.Second
)

// Progress shows on one line of a terminal how much of some work is done, how
// fast that went and how long the rest will take. Where there is no terminal
// only notes are shown. It draws in the goroutine of its callers, and needs
// nothing of the terminal but carriage returns. It may be used by many
// goroutines at once.
type Progress struct {
	mu       sync.Mutex
	w        io.Writer
	terminal bool

	stage string
	done  int
	total int // 0 if nobody knows
	begun time.Time
	drawn time.Time
	shown int // columns that the line takes now
}

// NewProgress returns a Progress on w, a terminal or not.
func NewProgress(w io.Writer) *Progress {
	return &Progress{w: w, terminal: IsTerminal(w)}
}

// Stage begins something new, which is named in a word or two and consists of so
// many steps; 0 if that is not known.
func (p *Progress) Stage(name string, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stage, p.done, p.total, p.begun = name, 0, total, time.Now()
	p.draw()
}

// Add tells that n more steps are done.
func (p *Progress) Add(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += n
	if p.done == p.total || time.Since(p.drawn) >= redrawEvery {
		p.draw()
	}
}

// Note shows a line that stays, above the one that moves. It is escaped.
func (p *Progress) Note(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
	io.WriteString(p.w, Escape(line)+"\n")
	if p.stage != "" {
		p.draw()
	}
}

// Clear removes the line that moves, so that other output can follow.
func (p *Progress) Clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stage = ""
	p.erase()
}

func (p *Progress) draw() {
	if !p.terminal {
		return
	}
	p.drawn = time.Now()
	width := Width(p.w)
	if width <= 0 {
		width = 80
	}
	// The last column stays free: some terminals go to the next line after it.
	text := firstColumns(p.line(), width-1)
	n := utf8.RuneCountInString(text)
	io.WriteString(p.w, "\r"+text+strings.Repeat(" ", max(0, min(p.shown, width-1)-n)))
	p.shown = n
}

func (p *Progress) erase() {
	if p.shown > 0 {
		io.WriteString(p.w, "\r"+strings.Repeat(" ", p.shown)+"\r")
		p.shown = 0
	}
}

// line is what is shown. All of its characters take one column.
func (p *Progress) line() string {
	text := p.stage + " " + Thousands(p.done)
	if p.total > 0 {
		const cells = 20
		full := min(cells*p.done/p.total, cells)
		text = fmt.Sprintf("%s %s%s %s of %s", p.stage, strings.Repeat("█", full), strings.Repeat("░", cells-full),
			Thousands(p.done), Thousands(p.total))
	}
	took := p.drawn.Sub(p.begun)
	if p.done == 0 || took < ratedAfter {
		return text
	}
	rate := float64(p.done) / took.Seconds()
	text += fmt.Sprintf(", %s/s", Thousands(int(rate+0.5)))
	if left := p.total - p.done; left > 0 {
		text += fmt.Sprintf(", %v left", (time.Duration(float64(left) / rate * float64(time.Second))).Round(time.Second))
	}
	return text
}

func firstColumns(text string, n int) string {
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}

// Thousands returns a number with a comma between every three digits.
func Thousands(n int) string {
	digits := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}
