package report

import (
	"fmt"
	"io"
	"strings"

	"sttp/internal/check"
	"sttp/internal/cli"
)

// Progress shows on one line of a terminal how far a run has come. It uses
// nothing but carriage returns and spaces. It is used by one goroutine at a
// time.
type Progress struct {
	w     io.Writer // nil if nothing is to be shown
	width int
	shown int // columns that the line takes now
}

// NewProgress returns a Progress for a terminal of so many columns; 0 are those
// that it has. It shows nothing if w is no terminal.
func NewProgress(w io.Writer, width int) *Progress {
	if width <= 0 {
		width = cli.Width(w)
	}
	if !cli.IsTerminal(w) {
		w = nil
	}
	return newProgress(w, width)
}

func newProgress(w io.Writer, width int) *Progress {
	if width <= 0 {
		width = defaultWidth
	}
	return &Progress{w: w, width: width}
}

// Show puts now in the place of what was shown before.
func (p *Progress) Show(now check.Progress) {
	failed := ""
	if now.Failed > 0 {
		failed = fmt.Sprintf(", %d failed", now.Failed)
	}
	text := fmt.Sprintf("%s %d of %d%s", bar(now.Done, now.Total), now.Done, now.Total, failed)
	if now.Case != nil {
		text += "  " + now.Case.ID + "  " + sentence(now.Case.Title)
	}
	// The last column stays free: some terminals go to the next line after it.
	p.write(cutColumns(text, p.width-1))
}

// Clear removes what is shown, so that other output can follow.
func (p *Progress) Clear() {
	if p.shown == 0 {
		return
	}
	p.write("")
	io.WriteString(p.w, "\r")
}

func (p *Progress) write(text string) {
	if p.w == nil {
		return
	}
	n := columns(text)
	io.WriteString(p.w, "\r"+text+strings.Repeat(" ", max(0, p.shown-n)))
	p.shown = n
}
