// Package cli holds what the programs share: exit codes, errors with a hint,
// "did you mean", and output that cannot disturb a terminal.
package cli

import (
	"errors"
	"fmt"
	"io"
)

// Exit codes. Every program uses the first three; the others are the client's.
const (
	ExitOK             = 0
	ExitFailure        = 1 // the work failed
	ExitRefused        = 1 // the server refused the request: 300 or 310
	ExitUsage          = 2 // the command line or the settings are wrong; nothing was done
	ExitNoConnection   = 3 // no connection, a lost one, a timeout or an interrupt; nothing was changed
	ExitNotFound       = 4 // 400 or 410
	ExitServerError    = 5 // 500 or 510, or a reply that is not STTP
	ExitOutcomeUnknown = 6 // a change was sent, and whether it was carried out is not known
)

// Failure is an error that a program ends with: the exit code and, where there
// is one, a hint that says what to do. A silent one has been told already.
type Failure struct {
	Code   int
	Err    error
	Hint   string
	Silent bool
}

// Error returns the text of the error without the hint.
func (f *Failure) Error() string { return f.Err.Error() }

// Unwrap returns the error itself.
func (f *Failure) Unwrap() error { return f.Err }

// Usagef returns the Failure of a command line that is wrong, with a hint.
func Usagef(hint, format string, args ...any) *Failure {
	return &Failure{Code: ExitUsage, Err: fmt.Errorf(format, args...), Hint: hint}
}

// Unwritten returns the Failure of output that ended with err.
func Unwritten(err error) *Failure {
	return &Failure{Code: ExitFailure, Err: fmt.Errorf("the output cannot be written: %w", err)}
}

// Report writes err to w as one line that begins with the program's name, and a
// second one with the hint if err is a Failure that has one. Both are escaped.
// It returns the exit code: the Failure's, else ExitFailure, and ExitOK if err
// is nil. Then, and if the Failure is silent, nothing is written.
func Report(w io.Writer, program string, err error) int {
	if err == nil {
		return ExitOK
	}
	var f *Failure
	if errors.As(err, &f) && f.Silent {
		return f.Code
	}
	fmt.Fprintf(w, "%s: %s\n", program, Escape(err.Error()))
	if f == nil {
		return ExitFailure
	}
	if f.Hint != "" {
		fmt.Fprintf(w, "hint: %s\n", Escape(f.Hint))
	}
	return f.Code
}
