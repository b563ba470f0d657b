//go:build !windows

package bench

import "syscall"

// The system's numbers of each kind of errors.
func refusals() []syscall.Errno      { return []syscall.Errno{syscall.ECONNREFUSED} }
func resets() []syscall.Errno        { return []syscall.Errno{syscall.ECONNRESET, syscall.EPIPE} }
func noDescriptors() []syscall.Errno { return []syscall.Errno{syscall.EMFILE, syscall.ENFILE} }
func noPorts() []syscall.Errno       { return []syscall.Errno{syscall.EADDRNOTAVAIL} }
