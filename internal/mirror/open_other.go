//go:build !unix

package mirror

const nonblocking = 0
