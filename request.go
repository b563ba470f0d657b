package sttp

import "fmt"

// NewRequest returns the request that asks for action on path. Contents are
// the exact text, unquoted; hasContents tells the empty snippet from none.
//
// The error is an *Error with the status that a server answers: 300 for a path
// or contents that are not valid, missing or too many, and for a directory
// where a file is needed; 310 for a file's name that is too long. What is
// checked first is what docs/protocol.md, section 3, puts first: the form, the
// file's name, the contents.
func NewRequest(action Action, path, contents string, hasContents bool) (Request, error) {
	p, err := ParsePath(path)
	if err != nil {
		return Request{}, ClientError(Path{}, err.Error())
	}
	if err := checkForm(action, p, hasContents); err != nil {
		return Request{}, err
	}
	if !action.TakesContents() {
		return Request{Action: action, Path: p}, nil
	}
	c, err := ParseContents(contents)
	if err != nil {
		return Request{}, ClientError(p, err.Error())
	}
	return Request{Action: action, Path: p, Contents: c}, nil
}

// checkForm checks what can be said of a request before its contents are read.
func checkForm(action Action, p Path, hasContents bool) error {
	switch {
	case action.String() == "no action":
		return ClientError(p, "the actions are CREATE, SHOW, LIST, UPDATE and DELETE")
	case action.TakesContents() && !hasContents:
		return ClientError(p, fmt.Sprintf("%s needs contents: %s %s <text>", action, action, p.s))
	case !action.TakesContents() && hasContents:
		return ClientError(p, fmt.Sprintf("%s takes no contents: %s %s", action, action, p.s))
	case action == List && len(p.Base()) > MaxSegment:
		return ClientError(p, "the name of a directory has at most 255 bytes")
	case action == List:
		return nil
	case p.IsDir():
		return ClientError(p, fmt.Sprintf("%s names a directory; %s takes a file, as in %s /notes/a.txt", p.s, action, action))
	case p.filenameTooLong():
		return &Error{Status: StatusFilenameTooLong, Path: p}
	}
	return nil
}
