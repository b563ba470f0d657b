package server_test

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// reference answers lines as docs/protocol.md has it, statement by statement and
// as simply as can be. It is to be compared with the server, so it shares
// no code with it.
type reference struct {
	files   map[string]string // by path
	started bool              // the first line has been read
	ended   bool
	replies []string // status, path and, after a 200, contents; messages are free
}

func (r *reference) say(status, path string) { r.replies = append(r.replies, status+" "+path) }

// answer answers a line, given without its LF: sections 2 and 7.1.
func (r *reference) answer(line string) {
	first := !r.started
	r.started = true
	tooLong := len(line) > 8192
	line = strings.TrimSuffix(line, "\r")
	switch {
	case r.ended: // [2.4-3]
	case tooLong, first && isHTTP(line), len(line) >= 5 && strings.EqualFold(line[:5], "host:"): // [2.2-5] [2.5-1] [2.5-2]
		r.say("300", "-")
		r.ended = true
	case line == "": // [2.3-1]
		r.ended = true
	default:
		r.request(strings.TrimRight(line, " "))
	}
}

func isHTTP(line string) bool {
	method, _, spaced := strings.Cut(line, " ")
	return spaced && slices.Contains(strings.Fields("GET HEAD POST PUT PATCH OPTIONS TRACE CONNECT"), method)
}

// request answers stages 2 to 4 of section 7.1.
func (r *reference) request(line string) {
	action, rest, _ := strings.Cut(line, " ")
	path, sent, hasContents := strings.Cut(rest, " ")
	changes := action == "CREATE" || action == "UPDATE"
	known := changes || action == "SHOW" || action == "LIST" || action == "DELETE"
	name := path[strings.LastIndex(path, "/")+1:]
	text, wellQuoted := unquoted(strings.TrimLeft(sent, " "))
	switch {
	case !isPath(path):
		r.say("300", "-") // [6.3-3]
	case !known, changes != hasContents: // [5.1-1] [4.3-1] [4.3-2]
		r.say("300", path)
	case action == "LIST" && len(name) > 255: // [3.1-9]
		r.say("300", path)
	case action == "LIST":
		r.list(path)
	case name == "": // [5.7-5]
		r.say("300", path)
	case utf8.RuneCountInString(name) > 32: // [3.3-2]
		r.say("310", path)
	case hasContents && !(wellQuoted && isContents(text)): // [4.1-4] [4.2-3]
		r.say("300", path)
	default:
		r.carryOut(action, path, text)
	}
}

// carryOut answers stage 5 of section 7.1 for a file.
func (r *reference) carryOut(action, path, text string) {
	directory := path[:strings.LastIndex(path, "/")+1]
	stored, exists := r.files[path]
	switch {
	case r.isDirectory(path + "/"): // [5.7-5]
		r.say("300", path)
	case action == "CREATE" && exists: // [5.2-3]
		r.say("300", path)
	case action == "CREATE" && r.isBlocked(directory): // [5.2-5]
		r.say("510", directory)
	case action == "CREATE":
		r.files[path] = text
		r.say("100", path)
	case !exists && r.isDirectory(directory): // [5.7-1]
		r.say("400", path)
	case !exists: // [5.7-2] [5.7-3]
		r.say("410", directory)
	case action == "SHOW":
		r.say("200", path+"\n"+stored)
	case action == "UPDATE":
		r.files[path] = text
		r.say("200", path+"\n"+text)
	case action == "DELETE":
		delete(r.files, path)
		r.say("600", path)
	}
}

// list answers stage 5 of section 7.1 for a LIST: section 5.4.
func (r *reference) list(path string) {
	file := strings.TrimSuffix(path, "/")
	if _, exists := r.files[file]; exists { // [5.4-8]
		r.say("300", path)
		return
	}
	if !r.isDirectory(file + "/") { // [5.4-7]
		r.say("400", path)
		return
	}
	var names []string
	for f := range r.files {
		if below, inside := strings.CutPrefix(f, file+"/"); inside {
			name, _, deeper := strings.Cut(below, "/")
			if deeper {
				name += "/"
			}
			names = append(names, name)
		}
	}
	slices.Sort(names)
	r.say("200", path+"\n"+strings.Join(slices.Compact(names), ", "))
}

// isDirectory: a directory exists as long as it has something to hold [5.7-4],
// and the root always [3.4-2].
func (r *reference) isDirectory(path string) bool {
	for f := range r.files {
		if strings.HasPrefix(f, path) {
			return true
		}
	}
	return path == "/"
}

// isBlocked tells whether a file stands where directory or one above it is needed.
func (r *reference) isBlocked(directory string) bool {
	for f := range r.files {
		if strings.HasPrefix(directory, f+"/") {
			return true
		}
	}
	return false
}

// isPath: section 3.1, but for [3.1-9].
func isPath(s string) bool {
	forbidden := func(r rune) bool {
		return unicode.In(r, unicode.White_Space, unicode.Cc, unicode.Cf) || r == '\\' || r == '?'
	}
	if !strings.HasPrefix(s, "/") || len(s) > 1024 || !utf8.ValidString(s) || strings.ContainsFunc(s, forbidden) {
		return false
	}
	segments := strings.Split(s[1:], "/")
	for i, segment := range segments {
		last := i == len(segments)-1
		if strings.HasPrefix(segment, ".") || !last && (segment == "" || len(segment) > 255) {
			return false
		}
	}
	return true
}

// isContents: section 4.1.
func isContents(s string) bool {
	control := func(r rune) bool { return unicode.Is(unicode.Cc, r) && r != '\t' }
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= 160 && !strings.ContainsFunc(s, control)
}

// unquoted returns what contents stand for, and false if an escape in them is
// wrong: section 4.2.
func unquoted(s string) (text string, right bool) {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s, true
	}
	right, escaped := true, false
	for _, c := range []byte(s[1 : len(s)-1]) {
		switch {
		case escaped:
			right = right && (c == '"' || c == '\\')
			text += string([]byte{c})
			escaped = false
		case c == '"':
			return s, true // a bare quote: nothing is quoted
		case c == '\\':
			escaped = true
		default:
			text += string([]byte{c})
		}
	}
	return text, right && !escaped
}
