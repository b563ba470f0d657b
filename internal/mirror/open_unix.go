//go:build unix

package mirror

import "syscall"

// nonblocking opens a file so that a FIFO, put in its place meanwhile, does not
// block.
const nonblocking = syscall.O_NONBLOCK
