package bench

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"syscall"
)

// statusKind returns the kind of error that a status is, 0 if the protocol has no
// numbers.
func statusKind(status int) string {
	if status == 0 {
		return ErrorReply
	}
	return fmt.Sprintf("status %d", status)
}

// dialCause tells people why a connection could not be opened.
func dialCause(err error) string {
	var op *net.OpError
	if kind := dialKind(err); kind != OtherError || !errors.As(err, &op) {
		return kind
	}
	return op.Err.Error()
}

// dialKind tells why a connection could not be opened.
func dialKind(err error) string {
	var timeout net.Error
	switch {
	case isOne(err, refusals):
		return Refused
	case isOne(err, resets):
		return Reset
	case isOne(err, noDescriptors):
		return NoDescriptor
	case isOne(err, noPorts):
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
	case isOne(err, resets):
		return Reset
	case errors.Is(err, os.ErrDeadlineExceeded):
		return Timeout
	}
	return OtherError
}

// isOne tells whether a number of the system is behind err, and among those.
func isOne(err error, among func() []syscall.Errno) bool {
	var number syscall.Errno
	return errors.As(err, &number) && slices.Contains(among(), number)
}
