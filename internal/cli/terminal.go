package cli

import "os"

// IsTerminal tells whether v, which a program reads or writes, is an open file
// that is a terminal.
func IsTerminal(v any) bool {
	f, ok := v.(*os.File)
	if !ok || f == nil {
		return false
	}
	conn, err := f.SyscallConn()
	if err != nil {
		return false
	}
	terminal := false
	err = conn.Control(func(fd uintptr) { terminal = isTerminal(fd) })
	return err == nil && terminal
}
