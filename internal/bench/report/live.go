package report

import (
	"io"

	"sttp/internal/bench"
)

// Live shows how a run goes on: on a terminal in place, else in plain lines.
type Live struct{}

// NewLive returns a Live that writes to w.
func NewLive(w io.Writer, style Style) *Live { return &Live{} }

// Show shows p. It is called by one goroutine at a time, as often as once in a
// tenth of a second.
func (l *Live) Show(p bench.Progress) {}

// Note shows a line that stays, such as what a search has found out.
func (l *Live) Note(line string) {}

// Clear removes what is shown in place, so that other output can follow.
func (l *Live) Clear() {}
