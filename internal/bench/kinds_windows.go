package bench

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// The system's numbers of each kind of errors: those of sockets, which are not
// those that syscall calls as POSIX does.
func refusals() []syscall.Errno { return []syscall.Errno{windows.WSAECONNREFUSED} }
func resets() []syscall.Errno {
	return []syscall.Errno{windows.WSAECONNRESET, windows.WSAECONNABORTED}
}
func noDescriptors() []syscall.Errno { return []syscall.Errno{windows.WSAEMFILE} }
func noPorts() []syscall.Errno {
	return []syscall.Errno{windows.WSAEADDRNOTAVAIL, windows.WSAEADDRINUSE, windows.WSAENOBUFS}
}
