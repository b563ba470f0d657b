package bench

import (
	"runtime"
	"strings"
)

// ThisMachine describes the machine that the program runs on, as far as its
// system tells.
func ThisMachine() Machine {
	return Machine{
		OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU(), Go: runtime.Version(),
		Kernel: printable(kernel()), CPU: printable(cpuModel()),
	}
}

// printable returns s without what could disturb a terminal or a page, bounded.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s[:min(len(s), 100)])
}
