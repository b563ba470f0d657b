package check

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// anyMessage stands for any message, its quotes included.
const anyMessage = `"…"`

// exchange is a request line and the reply that strict asks for; both are
// expanded. The request is empty if it is not known which one is answered.
type exchange struct {
	request string
	want    []string
	also    []int // statuses that profile guide accepts as well
}

// strict returns the whole reply that profile strict asks for.
func (x exchange) strict() string { return strings.Join(x.want, "\n") + "\n" }

// judge returns what is wrong with got, which is all that came, or nil.
func (x exchange) judge(p Profile, f Facts, got string) *Problem {
	if matches(x.strict(), got) {
		return nil
	}
	if p == Guide && x.acceptedByGuide(f, got) {
		return nil
	}
	problem := difference(x.strict(), got)
	if p == Guide {
		for _, s := range x.also {
			problem.Also = append(problem.Also, fmt.Sprint(s))
		}
	}
	return problem
}

// acceptedByGuide implements what appendix B of docs/protocol.md says of
// replies.
func (x exchange) acceptedByGuide(f Facts, got string) bool {
	line, rest, found := strings.Cut(got, "\n")
	if !found {
		return false
	}
	s := splitStatusLine(line)
	expected := splitStatusLine(x.want[0]).status
	if s.status != expected && !slices.Contains(x.also, s.status) {
		// An empty directory may be gone, or not be there yet.
		return s.status == 400 && x.action() == "LIST" && len(x.want) == 2 && x.want[1] == "" && x.guideForm(s) && rest == ""
	}
	if !x.guideForm(s) {
		return false
	}
	if s.status != 200 {
		return rest == ""
	}
	return x.guideContents(f, rest)
}

func (x exchange) action() string {
	action, _, _ := strings.Cut(x.request, " ")
	return action
}

func (x exchange) path() string {
	_, rest, _ := strings.Cut(x.request, " ")
	path, _, _ := strings.Cut(strings.TrimSuffix(rest, "\r"), " ")
	return path
}

var words = map[int]string{
	100: "CREATED", 200: "OK", 300: "CLIENT ERROR " + anyMessage, 310: "FILENAME TOO LONG", 400: "NOT FOUND",
	410: "PATH NOT FOUND", 500: "SERVER ERROR " + anyMessage, 510: "CANNOT CREATE PATH", 600: "DELETED",
}

// guideForm tells whether a status line has a form that the guide gives it. A
// 300 and a 500 may name any path or none, a 410 and a 510 the directory with
// or without its slash.
func (x exchange) guideForm(s statusLine) bool {
	if s.status == 300 || s.status == 500 {
		phrase := strings.TrimSuffix(words[s.status], anyMessage)
		without, none := strings.CutPrefix(s.path+" "+s.words, phrase)
		message, ok := strings.CutPrefix(s.words, phrase)
		return ok && isQuotedMessage(message) || none && isQuotedMessage(without)
	}
	if s.words != words[s.status] {
		return false
	}
	if s.status == 410 || s.status == 510 {
		dir := x.path()[:strings.LastIndex(x.path(), "/")+1]
		if x.action() == "LIST" && strings.TrimSuffix(s.path, "/") == strings.TrimSuffix(x.path(), "/") {
			return true // the directory that is missing is the one asked for
		}
		return s.path == dir || s.path == strings.TrimSuffix(dir, "/")
	}
	return s.path == x.path()
}

// guideContents tells whether the guide accepts what comes after the status
// line of a 200.
func (x exchange) guideContents(f Facts, rest string) bool {
	line, after, found := strings.Cut(rest, "\n")
	if after != "" || len(x.want) != 2 {
		// Where another status was expected, the contents of a 200 are free.
		return len(x.want) != 2 && after == ""
	}
	switch x.action() {
	case "UPDATE":
		return rest == "" && !f.UpdateContents
	case "LIST":
		return sameNames(x.want[1], line) && (found || x.want[1] == "")
	}
	return found && line == x.want[1]
}

// sameNames tells whether two lists hold the same files in whatever order.
// Directories may be there with a slash or without, or be left out.
func sameNames(want, got string) bool {
	left := splitNames(got)
	for _, name := range splitNames(want) {
		dir := strings.TrimSuffix(name, "/")
		at := slices.IndexFunc(left, func(n string) bool { return n == name || dir != name && n == dir })
		switch {
		case at >= 0:
			left = slices.Delete(left, at, at+1)
		case dir == name:
			return false
		}
	}
	return len(left) == 0
}

func splitNames(line string) []string {
	if line == "" {
		return nil
	}
	return strings.Split(line, ", ")
}

// matches tells whether got is want, where "…" stands for any message.
func matches(want, got string) bool {
	for {
		literal, rest, any := strings.Cut(want, anyMessage)
		if !any {
			return got == literal
		}
		if !strings.HasPrefix(got, literal) {
			return false
		}
		got = got[len(literal):]
		end := strings.IndexByte(got, '\n')
		if end < 0 || !isQuotedMessage(got[:end]) {
			return false
		}
		got, want = got[end:], rest
	}
}

// isQuotedMessage tells whether s is a message as [6.4-1] and [6.4-2] have it.
func isQuotedMessage(s string) bool {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' || !utf8.ValidString(s) {
		return false
	}
	inner, bytes := s[1:len(s)-1], 0
	for i := 0; i < len(inner); i, bytes = i+1, bytes+1 {
		switch inner[i] {
		case '"':
			return false
		case '\\':
			i++
			if i == len(inner) || inner[i] != '"' && inner[i] != '\\' {
				return false
			}
		}
	}
	return bytes <= 1024 && strings.IndexFunc(inner, unicode.IsControl) < 0
}
