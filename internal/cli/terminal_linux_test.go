package cli_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"sttp/internal/cli"
)

func TestATerminalTellsItsWidth(t *testing.T) {
	_, terminal, err := pseudoTerminal(t)
	if err != nil {
		t.Skip("there are no pseudo terminals here: ", err)
	}
	if !cli.IsTerminal(terminal) {
		t.Error("a terminal is not taken for one")
	}
	for _, want := range []int{0, 57} {
		if err := unix.IoctlSetWinsize(int(terminal.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: uint16(want)}); err != nil {
			t.Fatal(err)
		}
		if got := cli.Width(terminal); got != want {
			t.Errorf("the terminal has %d columns, want %d", got, want)
		}
	}
}

// pseudoTerminal returns a terminal and the other side of it, both closed when
// the test ends.
func pseudoTerminal(t *testing.T) (master, slave *os.File, err error) {
	master, err = os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		return nil, nil, err
	}
	t.Cleanup(func() { master.Close() })
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		return nil, nil, err
	}
	number, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		return nil, nil, err
	}
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err == nil {
		t.Cleanup(func() { slave.Close() })
	}
	return master, slave, err
}

func TestProgressIsDrawnOnOneLineAndNotesStayAboveIt(t *testing.T) {
	master, terminal, err := pseudoTerminal(t)
	if err != nil {
		t.Skip("there are no pseudo terminals here: ", err)
	}
	size := &unix.Winsize{Row: 24, Col: 60}
	if err := unix.IoctlSetWinsize(int(terminal.Fd()), unix.TIOCSWINSZ, size); err != nil {
		t.Fatal(err)
	}
	p := cli.NewProgress(terminal)
	p.Stage("push", 2000)
	p.Note("b.txt: it has two lines")
	p.Add(2000)
	size.Col = 12
	if err := unix.IoctlSetWinsize(int(terminal.Fd()), unix.TIOCSWINSZ, size); err != nil {
		t.Fatal(err)
	}
	p.Stage("verifying", 0)
	p.Clear()
	p.Clear()
	terminal.WriteString("end\n")
	none, full := strings.Repeat("░", 20), strings.Repeat("█", 20)
	want := "\rpush " + none + " 0 of 2,000" +
		"\r" + strings.Repeat(" ", len("push  0 of 2,000")+20) + "\r" + "b.txt: it has two lines\r\n" +
		"\rpush " + none + " 0 of 2,000" +
		"\rpush " + full + " 2,000 of 2,000" +
		"\rverifying 0" + "\r" + strings.Repeat(" ", len("verifying 0")) + "\r" + "end\r\n"
	var got strings.Builder
	for buf := make([]byte, 4096); !strings.HasSuffix(got.String(), "end\r\n"); {
		n, err := master.Read(buf)
		if err != nil {
			t.Fatalf("%v after %q", err, &got)
		}
		got.Write(buf[:n])
	}
	if got.String() != want {
		t.Errorf("it drew\n%q, want\n%q", &got, want)
	}
}
