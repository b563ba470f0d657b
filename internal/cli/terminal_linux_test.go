package cli_test

import (
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"sttp/internal/cli"
)

func TestATerminalTellsItsWidth(t *testing.T) {
	terminal, err := pseudoTerminal(t)
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

// pseudoTerminal returns a terminal that is closed when the test ends.
func pseudoTerminal(t *testing.T) (*os.File, error) {
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { master.Close() })
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		return nil, err
	}
	number, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		return nil, err
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err == nil {
		t.Cleanup(func() { slave.Close() })
	}
	return slave, err
}
