package cli

import (
	"os"
	"os/signal"
	"syscall"
)

// EndSignals returns the signals at which a program is to end in order: SIGTERM,
// and SIGINT and SIGHUP unless they are ignored, as by nohup.
func EndSignals() []os.Signal {
	ends := []os.Signal{syscall.SIGTERM}
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			ends = append(ends, s)
		}
	}
	return ends
}
