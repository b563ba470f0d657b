//go:build sttpfaults

package fault

import "os"

// Enabled tells whether this build can have bugs on purpose.
const Enabled = true

var chosen = Bug(os.Getenv(Variable))

// Is tells whether the process has the bug.
func Is(b Bug) bool { return b == chosen }
