//go:build !sttpfaults

package fault

// Enabled tells whether this build can have bugs on purpose.
const Enabled = false

// Is tells whether the process has the bug: in this build, never.
func Is(Bug) bool { return false }
