package report

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sttp/internal/bench"
	"sttp/internal/cli"
)

// terminal is as much of a terminal as a screen needs, without an end below.
type terminal struct {
	rows [][]rune
	row  int
	col  int
}

var sequence = regexp.MustCompile("^\x1b\\[([0-9;]*)([AKJm])")

func (v *terminal) Write(b []byte) (int, error) {
	for s := string(b); s != ""; {
		if m := sequence.FindStringSubmatch(s); m != nil {
			v.control(m[1], m[2])
			s = s[len(m[0]):]
			continue
		}
		r := []rune(s)[0]
		s = s[len(string(r)):]
		switch {
		case r == '\r':
			v.col = 0
		case r == '\n':
			v.row, v.col = v.row+1, 0
		case cli.Disturbing(r):
			return 0, fmt.Errorf("%q is written", r)
		default:
			v.grow()
			v.rows[v.row] = append(append(v.rows[v.row][:v.col:v.col], r), v.rows[v.row][min(v.col+1, len(v.rows[v.row])):]...)
			v.col++
		}
	}
	return len(b), nil
}

func (v *terminal) grow() {
	for len(v.rows) <= v.row {
		v.rows = append(v.rows, nil)
	}
}

func (v *terminal) control(number, name string) {
	v.grow()
	switch name {
	case "A":
		n := 1
		fmt.Sscan(number, &n)
		v.row = max(0, v.row-n)
	case "K":
		v.rows[v.row] = v.rows[v.row][:min(v.col, len(v.rows[v.row]))]
	case "J":
		v.rows[v.row] = v.rows[v.row][:min(v.col, len(v.rows[v.row]))]
		v.rows = v.rows[:v.row+1]
	}
}

// lines returns what can be seen.
func (v *terminal) lines() []string {
	var all []string
	for _, row := range v.rows {
		all = append(all, string(row))
	}
	for len(all) > 0 && all[len(all)-1] == "" {
		all = all[:len(all)-1]
	}
	return all
}

// onTerminal returns a Live for a terminal of so many columns.
func onTerminal(v *terminal, columns *int) *Live {
	return &Live{w: v, style: Style{Color: true}, screen: &screen{w: v, columns: func() int { return *columns }}}
}

// measured is a Progress of the middle of a run.
func measured(at time.Duration) bench.Progress {
	times := bench.NewLatency()
	for i := range 100 {
		times.Record(time.Duration(100+i) * time.Microsecond)
	}
	return bench.Progress{
		Stage: "measure", Fraction: at.Seconds() / 10, Elapsed: at, Rate: 1000, Recent: times,
		Done: int64(at / time.Millisecond), Connected: 50,
	}
}

func TestALiveViewOfALogIsALineASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b strings.Builder
		l := NewLive(&b, Style{Color: true})
		for i := range 26 {
			p := measured(time.Duration(i) * 100 * time.Millisecond)
			if i == 13 {
				p.Recent.Record(80 * time.Millisecond) // the highest one is in the figures of its second
			}
			p.Wrong, p.Errors = 1234, 1
			l.Show(p)
			time.Sleep(100 * time.Millisecond)
		}
		l.Note("interrupted")
		l.Clear()
		want := "measure 10 %, 1.0 s: 1,000/s, p50 149 µs, p99 198 µs, max 199 µs, 1,234 wrong, 1 error\n" +
			"measure 20 %, 2.0 s: 1,000/s, p50 150 µs, p99 199 µs, max 80.0 ms, 1,234 wrong, 1 error\n" +
			"interrupted\n"
		if b.String() != want {
			t.Errorf("got\n%s\nand not\n%s", b.String(), want)
		}
	})
}

func TestALiveViewStaysInItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, columns := &terminal{}, 80
		l := onTerminal(v, &columns)
		fmt.Fprint(v, "$ sttp-bench\r\n")
		stages := []bench.Progress{{Stage: "prepare", Fraction: 0.4, Elapsed: time.Second, Done: 400}, {Stage: "warm up", Fraction: 0.9, Elapsed: time.Second, Rate: 900}}
		for i := range 12 {
			stages = append(stages, measured(time.Duration(i)*250*time.Millisecond))
		}
		for i, p := range append(stages, bench.Progress{Stage: "clean up", Fraction: 0.5, Elapsed: 300 * time.Millisecond, Done: 500}) {
			l.Show(p)
			if i == 3 {
				l.Note("a note\x1b[2J that stays")
			}
			if p.Stage == "measure" && p.Elapsed == 2750*time.Millisecond {
				want := []string{
					"$ sttp-bench", `a note\x1b[2J that stays`,
					"measure   ████████░░░░░░░░░░░░░░░░░░░░░░   28 %  2.8 s  7.2 s left",
					"    1,000/s   p50  149 µs   p99  198 µs   max  199 µs   50 connections",
					"  0 wrong   0 errors   p99 █████ ≤ 198 µs",
				}
				if got := v.lines(); strings.Join(got, "\n") != strings.Join(want, "\n") {
					t.Errorf("there is\n%s\nand not\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			}
			time.Sleep(250 * time.Millisecond)
		}
		if got := strings.Join(v.lines(), "\n"); !strings.HasSuffix(got, "stays\nclean up  ███████████████░░░░░░░░░░░░░░░   50 %  0.3 s  0.3 s left  500 done") {
			t.Errorf("at the end there is\n%s", got)
		}
		l.Clear()
		l.Clear()
		if got := strings.Join(v.lines(), "\n"); got != "$ sttp-bench\n"+`a note\x1b[2J that stays` {
			t.Errorf("after all there is\n%s", got)
		}
	})
}

func TestNoLineOfALiveViewIsWiderThanTheTerminal(t *testing.T) {
	codes := regexp.MustCompile("\x1b\\[[0-9;]*m")
	for columns := 1; columns <= 130; columns++ {
		v := &terminal{}
		l := onTerminal(v, &columns)
		for i := range 200 {
			l.trend = append(l.trend, time.Duration(i)*time.Millisecond)
		}
		l.stage = "measure"
		p := measured(9 * time.Second)
		p.Errors, p.Wrong, p.Max, p.Recent = 1_000_000, 12_345, 3*time.Minute, nil
		for _, line := range l.lines(p) {
			text := codes.ReplaceAllString(line.text, "")
			if n := len([]rune(text)); n != line.columns || n > columns-1 {
				t.Errorf("%d columns: %q takes %d, said to be %d", columns, text, n, line.columns)
			}
		}
	}
}

func TestALiveViewIsFoundAgainWhenTheTerminalHasBrokenItsLines(t *testing.T) {
	columns := 80
	s := &screen{w: &terminal{}, columns: func() int { return columns }}
	s.draw([]shownLine{{strings.Repeat("a", 70), 70}, {strings.Repeat("b", 40), 40}, {"", 0}})
	for width, want := range map[int]int{80: 3, 70: 3, 69: 4, 40: 4, 39: 5, 20: 7, 200: 3} {
		if columns = width; s.rows() != want {
			t.Errorf("at %d columns it takes %d rows, not %d", width, s.rows(), want)
		}
	}
}

func TestWhereATerminalDoesNotTellItsWidthItHas80Columns(t *testing.T) {
	columns := 0
	if l := onTerminal(&terminal{}, &columns); l.screen.width() != 79 {
		t.Errorf("%d", l.screen.width())
	}
}
