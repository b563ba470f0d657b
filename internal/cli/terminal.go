package cli

import "os"

// IsTerminal tells whether v, which a program reads or writes, is an open file
// that is a terminal.
func IsTerminal(v any) bool {
	terminal := false
	return control(v, func(fd uintptr) { terminal = isTerminal(fd) }) && terminal
}

// Width returns how many columns the terminal has that v is, or 0 if it is none
// or does not tell.
func Width(v any) int {
	columns := 0
	if !control(v, func(fd uintptr) { columns = terminalWidth(fd) }) {
		return 0
	}
	return columns
}

// control calls do with the descriptor of v if v is an open file.
func control(v any, do func(fd uintptr)) bool {
	f, ok := v.(*os.File)
	if !ok || f == nil {
		return false
	}
	conn, err := f.SyscallConn()
	return err == nil && conn.Control(do) == nil
}
