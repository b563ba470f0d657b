//go:build unix

package client

import (
	"errors"
	"net"
	"syscall"
)

// stale tells, without waiting, whether nc is of no use any more: its peer has
// closed it, or has sent what nobody asked for. It may cost a byte of what was
// sent, and then the answer is true. A connection without a file descriptor is
// taken to be good.
func stale(nc net.Conn) bool {
	sc, ok := nc.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return true
	}
	silent := false
	err = raw.Read(func(fd uintptr) bool {
		var b [1]byte
		_, err := syscall.Read(int(fd), b[:])
		silent = errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR)
		return true
	})
	return err != nil || !silent
}
