package sttp

import "fmt"

// Status is the three-digit number that begins a reply (docs/protocol.md, section 6).
type Status int

// The nine statuses of the protocol.
const (
	StatusCreated          Status = 100
	StatusOK               Status = 200
	StatusClientError      Status = 300
	StatusFilenameTooLong  Status = 310
	StatusNotFound         Status = 400
	StatusPathNotFound     Status = 410
	StatusServerError      Status = 500
	StatusCannotCreatePath Status = 510
	StatusDeleted          Status = 600
)

// Statuses returns the nine statuses in ascending order.
func Statuses() []Status {
	return []Status{StatusCreated, StatusOK, StatusClientError, StatusFilenameTooLong, StatusNotFound,
		StatusPathNotFound, StatusServerError, StatusCannotCreatePath, StatusDeleted}
}

// Text returns the words that follow the path in a reply with this status,
// such as "NOT FOUND", and "" for a number that is no status of the protocol.
func (s Status) Text() string {
	switch s {
	case StatusCreated:
		return "CREATED"
	case StatusOK:
		return "OK"
	case StatusClientError:
		return "CLIENT ERROR"
	case StatusFilenameTooLong:
		return "FILENAME TOO LONG"
	case StatusNotFound:
		return "NOT FOUND"
	case StatusPathNotFound:
		return "PATH NOT FOUND"
	case StatusServerError:
		return "SERVER ERROR"
	case StatusCannotCreatePath:
		return "CANNOT CREATE PATH"
	case StatusDeleted:
		return "DELETED"
	}
	return ""
}

// String returns the number and its words, such as "400 NOT FOUND".
func (s Status) String() string {
	if text := s.Text(); text != "" {
		return fmt.Sprintf("%d %s", int(s), text)
	}
	return fmt.Sprintf("%d", int(s))
}

// Success tells whether a reply with this status says that the request was
// carried out.
func (s Status) Success() bool {
	return s == StatusCreated || s == StatusOK || s == StatusDeleted
}

// HasMessage tells whether a quoted message follows the words of this status.
func (s Status) HasMessage() bool { return s == StatusClientError || s == StatusServerError }

// HasContents tells whether a contents line follows the status line: after a
// 200 always, after any other never.
func (s Status) HasContents() bool { return s == StatusOK }
