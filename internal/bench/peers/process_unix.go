//go:build unix

package peers

import (
	"os"
	"syscall"
)

// terminateGroup asks all processes of a group to end.
func terminateGroup(leader *os.Process) { syscall.Kill(-leader.Pid, syscall.SIGTERM) }

// killGroup ends them by force.
func killGroup(leader *os.Process) { syscall.Kill(-leader.Pid, syscall.SIGKILL) }
