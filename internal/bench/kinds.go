package bench

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
)

// statusKind returns the kind of error that a status is, 0 if the protocol has no
// number for it.
func statusKind(status int) string {
	if status == 0 {
		return ErrorReply
	}
	return fmt.Sprintf("status %d", status)
}

// dialKind tells why a connection could not be opened.
func dialKind(err error) string {
	var timeout net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return Refused
	case errors.Is(err, syscall.ECONNRESET):
		return Reset
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return NoDescriptor
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return NoPort
	case errors.As(err, &timeout) && timeout.Timeout():
		return DialTimeout
	}
	return OtherError
}

// readKind tells why a connection ended.
func readKind(err error) string {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed), errors.Is(err, os.ErrClosed):
		return Closed
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return Reset
	case errors.Is(err, os.ErrDeadlineExceeded):
		return Timeout
	}
	return OtherError
}
