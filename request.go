package sttp

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// NewRequest returns the request that asks for action on path, which for LIST
// may end with ? and a query. Contents are the exact text, unquoted; hasContents
// tells the empty snippet from none.
//
// The error is an *Error with the status that a server answers: 300 for a path
// or contents that are not valid, missing or too many, and for a directory
// where a file is needed; 310 for a file's name that is too long. What is
// checked first is what docs/protocol.md, section 3, puts first: the form, the
// file's name, the contents.
func NewRequest(action Action, path, contents string, hasContents bool) (Request, error) {
	var req Request
	err := req.Set(action, path, contents, hasContents)
	return req, err
}

// Set makes r what NewRequest returns, in place: copying requests is a good part
// of what parsing a batch of them costs. After an error r is the zero Request.
func (r *Request) Set(action Action, path, contents string, hasContents bool) error {
	*r = Request{}
	p, err := ParsePath(path)
	if err != nil {
		if dir, query, found := strings.Cut(path, "?"); found {
			return r.setQuery(action, dir, query, hasContents)
		}
		return ClientError(Path{}, err.Error())
	}
	if err := checkForm(action, p, hasContents); err != nil {
		return err
	}
	if hasContents {
		c, err := ParseContents(contents)
		if err != nil {
			return ClientError(p, err.Error())
		}
		r.Contents = c
	}
	r.Action, r.Path = action, p
	return nil
}

// setQuery makes r a LIST with a query, which only a LIST has. Of another action
// the ? is a character that no path holds.
func (r *Request) setQuery(action Action, path, query string, hasContents bool) error {
	p, err := ParsePath(path)
	if err != nil {
		return ClientError(Path{}, err.Error())
	}
	if action != List {
		return ClientError(Path{}, "a path holds no ?; only LIST takes a query, as in LIST /notes/?q=milk")
	}
	if hasContents {
		return ClientError(p, "a query holds no spaces; each is written %20, as in LIST /notes/?q=Buy%20milk")
	}
	if err := checkForm(action, p, false); err != nil {
		return err
	}
	q, err := ParseQuery(query)
	if err != nil {
		return ClientError(p, err.Error())
	}
	r.Action, r.Path = action, p
	if *q != (Query{}) { // recursive=false and after= ask for what a LIST without them does
		r.Query = q
	}
	return nil
}

// checkForm checks what can be said of a request before its contents are read.
func checkForm(action Action, p Path, hasContents bool) error {
	name := p.Base()
	switch {
	case action < Create || action > Delete:
		return ClientError(p, "the actions are CREATE, SHOW, LIST, UPDATE and DELETE")
	case action.TakesContents() != hasContents:
		return errContents(action, p)
	case action == List && len(name) > MaxSegment:
		return ClientError(p, "the name of a directory has at most 255 bytes")
	case action == List:
		return nil
	case name == "":
		return ClientError(p, fmt.Sprintf("%s names a directory; %s takes a file, as in %s /notes/a.txt", p.s, action, action))
	case len(name) > MaxFilename && utf8.RuneCountInString(name) > MaxFilename:
		return &Error{Status: StatusFilenameTooLong, Path: p}
	}
	return nil
}

func errContents(action Action, p Path) error {
	if action.TakesContents() {
		return ClientError(p, fmt.Sprintf("%s needs contents: %s %s <text>", action, action, p.s))
	}
	return ClientError(p, fmt.Sprintf("%s takes no contents: %s %s", action, action, p.s))
}
