//go:build !linux && !darwin && !dragonfly && !freebsd && !netbsd && !openbsd && !windows

package cli

// isTerminal takes everything for a terminal where there is no way to ask, so
// that output is escaped rather than not.
func isTerminal(uintptr) bool { return true }

func terminalWidth(uintptr) int { return 0 }
