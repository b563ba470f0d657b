package zoo

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// request is a line, taken apart.
type request struct {
	action, path string // the path without a query
	text         string // what stands after the path, without the spaces before it
	contents     string // the text, unquoted
	key          string // the path that is looked for: but for faults, the one sent
	query        *query // of a LIST, if it has one
}

// reply is what a request is answered with. No status is no reply.
type reply struct {
	status   int
	path     string
	message  string // of a 300
	contents string // of a 200
	updated  bool   // a 200 to UPDATE
}

var words = map[int]string{
	100: "CREATED", 200: "OK", 300: "CLIENT ERROR", 310: "FILENAME TOO LONG", 400: "NOT FOUND",
	410: "PATH NOT FOUND", 510: "CANNOT CREATE PATH", 600: "DELETED",
}

func clientError(path, message string) reply { return reply{status: 300, path: path, message: message} }

// answer carries out a line that is not empty.
func (s *store) answer(line string) reply {
	if s.is(DiesOnJunk) && !utf8.ValidString(line) {
		s.server.stop()
	}
	q := s.parse(line)
	checks := []func(*request) reply{s.checkForm, s.checkName, s.checkContents}
	switch s.Fault {
	case ReversedOrder:
		checks = []func(*request) reply{s.checkStored, s.checkContents, s.checkName, s.checkForm}
	case NameAfterContents:
		slices.Reverse(checks[1:])
	}
	for _, check := range checks {
		if r := check(q); r.status != 0 {
			return r
		}
	}
	return s.do(q)
}

// parse takes a line apart and judges nothing.
func (s *store) parse(line string) *request {
	if !s.is(TrailingSpaces) {
		line = strings.TrimRight(line, " ")
	}
	q := &request{}
	action, rest, _ := strings.Cut(line, " ")
	if s.is(LowerCaseActions) {
		action = strings.ToUpper(action)
	}
	if s.is(ManySpaces) {
		rest = strings.TrimLeft(rest, " ")
	}
	q.action = action
	q.path, q.text, _ = strings.Cut(rest, " ")
	q.text = strings.TrimLeft(q.text, " ")
	if s.is(CutAtSpace) {
		q.text, _, _ = strings.Cut(q.text, " ")
	}
	s.cutQuery(q)
	q.key = s.keyOf(q.path)
	return q
}

// keyOf returns the path itself, but for faults.
func (s *store) keyOf(p string) string {
	switch s.Fault {
	case DoubleSlash:
		p = strings.ReplaceAll(p, "//", "/")
	case PercentDecoded:
		if decoded, err := url.PathUnescape(p); err == nil {
			p = decoded
		}
	case Traversal:
		// What lies outside is kept below "/..".
		const docroot = "/srv/sttp"
		real := path.Join(docroot, p)
		if inside, ok := strings.CutPrefix(real, docroot); ok {
			return inside
		}
		return "/.." + real
	}
	return p
}

// wantsContents tells whether the action comes with contents.
func (q *request) wantsContents() bool { return q.action == "CREATE" || q.action == "UPDATE" }

// checkForm is stage 2 of section 7.
func (s *store) checkForm(q *request) reply {
	wrong := func(message string) reply {
		if s.pathProblem(q.path) != "" && !s.is(EchoesAnyPath) {
			return clientError("-", message)
		}
		return clientError(q.path, message)
	}
	last := q.path[strings.LastIndex(q.path, "/")+1:]
	switch {
	case !slices.Contains([]string{"CREATE", "SHOW", "LIST", "UPDATE", "DELETE"}, q.action):
		return wrong("the actions are CREATE, SHOW, LIST, UPDATE and DELETE")
	case s.pathProblem(q.path) != "":
		return wrong(s.pathProblem(q.path))
	case q.action == "LIST" && len(last) > 255:
		return wrong("the name of a directory has at most 255 bytes")
	case q.wantsContents() && q.text == "" && !s.is(EmptyAccepted):
		return wrong(`contents are missing, as in ` + q.action + ` /a.txt "Buy milk"`)
	case !q.wantsContents() && q.text != "" && !s.is(SurplusIgnored):
		return wrong(q.action + " takes no contents")
	case q.action != "LIST" && strings.HasSuffix(q.path, "/"):
		return wrong("a directory is named, and a file is needed")
	}
	return s.checkQuery(q)
}

// pathProblem tells what is wrong with a path by section 3.1, if anything.
func (s *store) pathProblem(p string) string {
	lax := s.is(LaxPaths)
	switch {
	case !strings.HasPrefix(p, "/"):
		return "a path begins with /, as in /notes/a.txt"
	case len(p) > 1024:
		return "a path has at most 1,024 bytes"
	case !utf8.ValidString(p):
		return "a path is UTF-8"
	case strings.ContainsFunc(p, unicode.IsSpace), strings.ContainsFunc(p, unicode.IsControl):
		return "a path holds no white space and no control characters"
	case strings.ContainsFunc(p, func(c rune) bool { return unicode.Is(unicode.Cf, c) }) && !lax:
		return "a path holds no format characters"
	case strings.ContainsAny(p, `\?`) && !lax:
		return `a path holds neither \ nor ?`
	case s.is(ASCIIPaths) && strings.ContainsFunc(p, func(c rune) bool { return c > unicode.MaxASCII }):
		return "a path is ASCII"
	}
	names := strings.Split(p[1:], "/")
	for i, name := range names {
		last := i == len(names)-1
		switch {
		case name == "" && !last && !s.is(DoubleSlash):
			return "one slash separates names"
		case strings.HasPrefix(name, ".") && !s.is(Traversal) && (!s.is(DotNames) || name == "." || name == ".."):
			return "no name begins with a dot"
		case len(name) > 255 && !last:
			return "the name of a directory has at most 255 bytes"
		}
	}
	return ""
}

// count returns how many characters a text has.
func (s *store) count(text string) int {
	if s.is(BytesCounted) {
		return len(text)
	}
	return utf8.RuneCountInString(text)
}

// checkName is stage 3.
func (s *store) checkName(q *request) reply {
	limit := 32
	switch s.Fault {
	case Names31:
		limit = 31
	case Names33:
		limit = 33
	}
	named := strings.TrimSuffix(q.path, "/")
	if s.count(named[strings.LastIndex(named, "/")+1:]) <= limit {
		return reply{}
	}
	if q.action == "LIST" && !s.is(LongDirectories) {
		return reply{}
	}
	return reply{status: 310, path: q.path}
}

// checkContents is stage 4.
func (s *store) checkContents(q *request) reply {
	if !q.wantsContents() {
		return reply{}
	}
	contents, message := s.unquote(q.text)
	limit := 160
	switch s.Fault {
	case Contents159:
		limit = 159
	case Contents161:
		limit = 161
	case ContentsCut:
		if utf8.RuneCountInString(contents) > 160 {
			contents = string([]rune(contents)[:160])
		}
	}
	q.contents = contents
	switch {
	case message != "":
	case !utf8.ValidString(contents) && !s.is(NotUTF8):
		message = "contents are UTF-8"
	case strings.ContainsFunc(contents, func(c rune) bool { return unicode.IsControl(c) && c != '\t' }) && !s.is(ControlsKept),
		strings.Contains(contents, "\t") && s.is(TabsRefused):
		message = "contents hold no control characters"
	case s.count(contents) > limit:
		message = "contents have at most 160 characters"
	case contents == "" && s.is(EmptyRefused):
		message = "contents are missing"
	default:
		return reply{}
	}
	return clientError(q.path, message)
}

// unquote returns the contents that a text stands for, or what is wrong.
func (s *store) unquote(text string) (contents, problem string) {
	switch {
	case s.is(QuotesKept):
		return text, ""
	case s.is(QuotesTrimmed):
		return strings.Trim(text, `"`), ""
	case len(text) < 2 || text[0] != '"' || text[len(text)-1] != '"':
		return text, ""
	}
	var b strings.Builder
	for i := 1; i < len(text)-1; i++ {
		switch {
		case text[i] == '"':
			return text, "" // a bare quote: not quoted as a whole
		case text[i] == '\\' && i == len(text)-2:
			problem = "the last quote is escaped"
		case text[i] == '\\':
			i++
			if text[i] != '"' && text[i] != '\\' {
				problem = `the escapes are \" and \\`
			}
		}
		b.WriteByte(text[i])
	}
	if s.is(EscapesKept) {
		return text[1 : len(text)-1], ""
	}
	return b.String(), problem
}

// format returns a reply as it is sent.
func (s *store) format(r reply) string {
	phrase, message, end := words[r.status], "", "\n"
	if r.status == 300 {
		message = ` "` + strings.NewReplacer(`"`, `\"`, `\`, `\\`).Replace(r.message) + `"`
	}
	contents := ""
	if r.status == 200 {
		contents = r.contents + "\n"
	}
	switch s.Fault {
	case ExtraNewline:
		end, contents = "\n", contents+"\n"
	case NoNewline:
		contents = strings.TrimSuffix(contents, "\n")
	case CarriageReturns:
		end, contents = "\r\n", strings.ReplaceAll(contents, "\n", "\r\n")
	case WordsInLowerCase:
		phrase = strings.ToLower(phrase)
	case DeletedIs200:
		if r.status == 600 {
			r.status, phrase, contents = 200, words[200], "\n"
		}
	case UpdateBare:
		if r.updated {
			contents = ""
		}
	case MessageUnquoted:
		message = strings.Trim(message, ` "`)
		if message != "" {
			message = " " + message
		}
	case MessageBroken:
		message = strings.ReplaceAll(message, `\"`, `"`)
	}
	line := fmt.Sprintf("%d %s %s%s%s", r.status, r.path, phrase, message, end)
	if s.is(ContentsFirst) {
		return contents + line
	}
	return line + contents
}
