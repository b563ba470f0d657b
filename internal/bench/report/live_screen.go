package report

import (
	"fmt"
	"io"
	"strings"
)

// The escape sequences that all terminals have.
const (
	eraseLine = "\x1b[K" // from the cursor to the end of the line
	eraseDown = "\x1b[J" // from the cursor to the end of the screen
)

// shownLine is one line of what is shown in place: its text, and how many columns
// that takes without the escape sequences in it.
type shownLine struct {
	text    string
	columns int
}

// screen shows a few lines at the bottom of a terminal, again and again in the
// same place. The cursor rests below them, where the shell goes on if the program
// is killed. Each change is one write, and overwrites rather than erases, so that
// nothing flickers.
type screen struct {
	w       io.Writer
	columns func() int // of the terminal, now; 0 if it does not tell
	frame   []shownLine
}

// width returns how many columns may be used. The last one stays free: some
// terminals go to the next line after it.
func (s *screen) width() int {
	if n := s.columns(); n > 0 {
		return n - 1
	}
	return defaultWidth - 1
}

// rows returns how many rows the frame takes. Where the terminal has become
// narrower since, it has broken the lines that did not fit any more.
func (s *screen) rows() int {
	width, rows := s.width()+1, 0
	for _, line := range s.frame {
		rows += max(1, (line.columns+width-1)/width)
	}
	return rows
}

// up returns what moves the cursor to the beginning of a line so many rows above.
func up(rows int) string {
	if rows == 0 {
		return "\r"
	}
	return fmt.Sprintf("\r\x1b[%dA", rows)
}

// draw shows lines in the place of those before.
func (s *screen) draw(lines []shownLine) {
	io.WriteString(s.w, up(s.rows())+stacked(lines)+eraseDown)
	s.frame = lines
}

// above writes a line above what is shown.
func (s *screen) above(line string) {
	io.WriteString(s.w, up(s.rows())+line+eraseLine+"\n"+stacked(s.frame)+eraseDown)
}

// clear removes what is shown, line by line: some terminals keep what is erased
// of a whole screen in their history.
func (s *screen) clear() {
	if rows := s.rows(); rows > 0 {
		io.WriteString(s.w, up(rows)+strings.Repeat(eraseLine+"\n", rows)+eraseLine+up(rows))
	}
	s.frame = nil
}

// stacked returns lines one below the other.
func stacked(lines []shownLine) string {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(line.text + eraseLine + "\n")
	}
	return b.String()
}
