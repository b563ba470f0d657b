package sttp

import (
	"fmt"
	"strings"
)

// Error is a request that was not carried out: the status that the server
// answered, or is about to, with the path and the message that go with it. The
// same type serves both sides. Use errors.Is with the Err… values to tell
// errors apart by status.
type Error struct {
	Status  Status
	Path    Path   // the zero Path where the request's path was not valid
	Message string // of 300 and 500
}

// One value for each status that is no success, for errors.Is. An *Error
// matches the one with its status, whatever its path and message.
var (
	ErrClient           error = &Error{Status: StatusClientError}      // 300: the request is malformed or makes no sense
	ErrFilenameTooLong  error = &Error{Status: StatusFilenameTooLong}  // 310: the file's name has more than MaxFilename code points
	ErrNotFound         error = &Error{Status: StatusNotFound}         // 400: no such file, or no such directory to LIST
	ErrPathNotFound     error = &Error{Status: StatusPathNotFound}     // 410: the directory that should hold the file is missing
	ErrServer           error = &Error{Status: StatusServerError}      // 500: something failed inside the server
	ErrCannotCreatePath error = &Error{Status: StatusCannotCreatePath} // 510: the directory could not be made
)

// ClientError returns the 300 for a request whose path is p, or the zero Path.
func ClientError(p Path, message string) *Error {
	return &Error{Status: StatusClientError, Path: p, Message: message}
}

// Error returns the status line, such as `400 /notes/a.txt NOT FOUND`.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%03d ", int(e.Status))
	b.WriteString(e.Path.String())
	b.WriteByte(' ')
	b.WriteString(e.Status.Text())
	if e.Message != "" {
		b.WriteString(": ")
		b.WriteString(e.Message)
	}
	return b.String()
}

// Is tells whether target is the Err… value of e's status.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && *t == Error{Status: e.Status}
}

// Response returns the reply that carries e.
func (e *Error) Response() Response {
	return Response{Status: e.Status, Path: e.Path, Message: e.Message}
}

// Err returns nil for a reply that says the request was carried out, and
// otherwise an *Error with the reply's status, path and message.
func (r Response) Err() error {
	if r.Status.Success() {
		return nil
	}
	return &Error{Status: r.Status, Path: r.Path, Message: r.Message}
}
