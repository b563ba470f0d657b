package peers

import "syscall"

// ownGroup puts a process into a group of its own, and tells it to end if this
// program is killed.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
