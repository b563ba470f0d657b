package wire

import (
	"errors"
	"fmt"
	"strings"
	"unsafe"

	"sttp"
)

// ParseRequest parses one request line, given without its LF and the CR before
// it, into req. It allocates nothing for a valid request without escapes: req
// borrows line.
//
// The error is an *sttp.Error with what to answer; its message quotes nothing
// that was sent but a valid path, and its path borrows line.
func ParseRequest(req *sttp.Request, line []byte) error {
	s := strings.TrimRight(borrow(line), " ")
	name, rest, found := strings.Cut(s, " ")
	action, known := sttp.ParseAction(name)
	if !known {
		return unknownAction(name, rest)
	}
	if !found {
		return sttp.ClientError(sttp.Path{}, fmt.Sprintf("%s needs a path, as in %s", action, example(action)))
	}
	path, contents, hasContents := strings.Cut(rest, " ")
	if !hasContents {
		return badPath(action, path, req.Set(action, path, "", false))
	}
	text, err := Unquote(strings.TrimLeft(contents, " "))
	if err != nil {
		// Whatever else is wrong with the request comes first.
		if other := req.Set(action, path, "", true); other != nil {
			return badPath(action, path, other)
		}
		err = sttp.ClientError(req.Path, err.Error())
		*req = sttp.Request{}
		return err
	}
	return badPath(action, path, req.Set(action, path, text, true))
}

// badPath returns err, with a better hint where path shows what was meant.
func badPath(action sttp.Action, path string, err error) error {
	switch {
	case err == nil:
		return nil
	case path == "":
		return sttp.ClientError(sttp.Path{}, "exactly one space stands between the action and the path")
	case path[0] != '/' && strings.HasPrefix(strings.ToLower(path), "sttp://"):
		return sttp.ClientError(sttp.Path{}, "a server takes the path alone, as in "+example(action))
	}
	return err
}

func unknownAction(name, rest string) error {
	raw, _, _ := strings.Cut(rest, " ")
	path, _ := sttp.ParsePath(raw)
	if action, ok := sttp.ParseAction(strings.ToUpper(name)); ok {
		return sttp.ClientError(path, "actions are upper case, as in "+example(action))
	}
	return sttp.ClientError(path, "the actions are CREATE, SHOW, LIST, UPDATE and DELETE, as in SHOW /notes/a.txt")
}

// example returns a right request with that action, for messages.
func example(action sttp.Action) string {
	switch {
	case action == sttp.List:
		return "LIST /notes/"
	case action.TakesContents():
		return action.String() + " /notes/a.txt Buy milk"
	}
	return action.String() + " /notes/a.txt"
}

// borrow returns a string that shares b's bytes, so that a parsed request costs
// no copy. It is valid while nobody writes to b.
func borrow(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// AppendRequest appends req as a request line with its LF, in canonical form:
// contents are quoted only where they would not survive bare, because plain
// servers do not unquote (docs/protocol.md, section 4).
func AppendRequest(dst []byte, req sttp.Request) []byte {
	dst = append(dst, req.Action.String()...)
	dst = append(dst, ' ')
	dst = append(dst, req.Path.String()...)
	if query := req.Query.String(); query != "" {
		dst = append(dst, '?')
		dst = append(dst, query...)
	}
	if req.Action.TakesContents() {
		dst = append(dst, ' ')
		if text := req.Contents.String(); needsQuotes(text) {
			dst = AppendQuoted(dst, text)
		} else {
			dst = append(dst, text...)
		}
	}
	return append(dst, '\n')
}

func needsQuotes(text string) bool {
	return text == "" || text[0] == ' ' || text[0] == '"' || text[len(text)-1] == ' '
}

// AppendQuoted appends s in double quotes, with \" and \\ as the only escapes.
func AppendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}

var errEscape = errors.New(`in quotes, \" and \\ are the only escapes`)

// Unquote returns the text that contents on the wire stand for: what is between
// the quotes if they are quoted, else s itself. Quoted means that s begins and
// ends with a double quote and has no bare one between. The error says that a
// quoted text holds another escape than \" and \\.
func Unquote(s string) (string, error) {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s, nil
	}
	inner, escapes, wrong := s[1:len(s)-1], 0, false
	for i := 0; i < len(inner); i++ {
		switch inner[i] {
		case '"':
			return s, nil
		case '\\':
			escapes++
			i++
			wrong = wrong || i == len(inner) || (inner[i] != '"' && inner[i] != '\\')
		}
	}
	if wrong {
		return "", errEscape
	}
	if escapes == 0 {
		return inner, nil
	}
	out := make([]byte, 0, len(inner)-escapes)
	for i := 0; i < len(inner); i++ {
		if inner[i] == '\\' {
			i++
		}
		out = append(out, inner[i])
	}
	return string(out), nil
}

// FromBrowser tells whether line shows that an HTTP client is speaking: it is
// the first of a connection and begins with an HTTP method other than DELETE,
// or it begins with Host: (docs/protocol.md, section 2).
func FromBrowser(line []byte, first bool) bool {
	if len(line) >= 5 && line[0]|0x20 == 'h' && strings.EqualFold(borrow(line[:5]), "host:") {
		return true
	}
	if !first {
		return false
	}
	method, _, found := strings.Cut(borrow(line), " ")
	if !found {
		return false
	}
	switch method {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "OPTIONS", "TRACE", "CONNECT":
		return true
	}
	return false
}
