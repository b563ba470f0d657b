//go:build !windows

package report

import "io"

// redraws tells whether a terminal understands escape sequences.
func redraws(io.Writer) bool { return true }
