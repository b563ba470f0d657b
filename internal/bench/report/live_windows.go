package report

import (
	"io"
	"os"

	"golang.org/x/sys/windows"
)

// redraws tells whether a terminal understands escape sequences: old consoles do
// if they are told to, very old ones do not.
func redraws(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	console, mode := windows.Handle(f.Fd()), uint32(0)
	return windows.GetConsoleMode(console, &mode) == nil &&
		windows.SetConsoleMode(console, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
