//go:build unix

package check

import (
	"os/exec"
	"syscall"
)

// ownGroup makes the command begin a process group, so that what it starts can
// be ended with it.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// endGroup ends the command and everything in its group by force.
func endGroup(cmd *exec.Cmd) error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
