package check

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The symptoms of clients.
const (
	ClientHangs   Symptom = "client hangs"      // it does not end
	ClientCrashed Symptom = "client crashed"    // a signal ended it
	NothingSent   Symptom = "nothing sent"      // no request came
	LineNotEnded  Symptom = "line not ended"    // a request without its LF
	TooMuchSent   Symptom = "too much sent"     // more than the one request
	SentAgain     Symptom = "sent again"        // the same request twice
	LowerCase     Symptom = "lower case"        // the action as it stands on the command line
	URLSent       Symptom = "URL sent"          // the whole URL in place of the path
	WrongRequest  Symptom = "wrong request"     // any other difference in the request
	ContentsCut   Symptom = "contents cut"      // only the beginning of the user's text
	OtherContents Symptom = "other contents"    // the request would store another text
	BreaksRule    Symptom = "breaks a rule"     // it sends what no client may send
	WrongExit     Symptom = "wrong exit code"   // success for a failure, or the other way round
	NothingSaid   Symptom = "nothing said"      // a failure without a word to the user
	NotShown      Symptom = "not shown"         // what was answered is not on the screen
	Unbounded     Symptom = "no bound"          // it reads whatever comes
	PrintedRaw    Symptom = "printed raw"       // what can disturb a terminal is not escaped
	LeftOpen      Symptom = "session not ended" // neither an empty line nor an end
	LeftEarly     Symptom = "left early"        // it does not wait for the server to close
)

// clientHints say what is usually wrong when a client shows a symptom.
var clientHints = map[Symptom]string{
	ClientHangs:   "does the client wait for the server to close, and tell it with nothing that the session is over? Send an empty line after the request, or end the sending side; and set a deadline for the whole call",
	ClientCrashed: "the client crashes: what its library calls return has to be checked before it is used",
	NothingSent:   "the client is called with an action and sttp://HOST:PORT/PATH as arguments: it has to connect to HOST and PORT, write the request line with its LF, and flush what is buffered",
	LineNotEnded:  `the request line has to end with LF ("\n"), or the server waits for the rest of it`,
	TooMuchSent:   "one call is one request: a line with its LF, and perhaps an empty line that ends the session; is something printed to the connection that was meant for the user, or is a newline passed on?",
	SentAgain:     "the request was sent more than once",
	LowerCase:     "the user types the action in lower case, and the protocol has it in upper case: convert it",
	URLSent:       "a request holds the path alone: take host and port out of the URL, and send what follows from the / on",
	WrongRequest:  "a request is the action in upper case, one space, the path with its leading /, and for CREATE and UPDATE a space and the contents",
	ContentsCut:   "the content is one argument, spaces and all: pass on the whole of it (in a shell \"$3\" with its quotes)",
	OtherContents: "the content is exactly the text: send it bare as it is; if it is empty, begins or ends with a space, or begins with a quote, put it in double quotes and a backslash before each \" and \\ in it",
	BreaksRule:    "check the path and the content before anything is sent, and tell the user what is wrong with them",
	WrongExit:     "look at the status: 100, 200 and 600 are success, exit code 0; everything else is a failure, with an exit code that is not 0",
	NothingSaid:   "a failure has to be told on standard error, as in: 400 /notes/a.txt NOT FOUND",
	NotShown:      "a 200 is followed by one line with the contents: read it to its LF, not with a single read of fixed size, and print it as it stands",
	Unbounded:     "a line that never ends must not be read for ever: count, and give up after 4,096 bytes of a status line and somewhat more than 1 MiB of a contents line",
	PrintedRaw:    `if standard output is a terminal, print control and format characters (Unicode Cc and Cf) in an escaped form such as \x1b or \u202e`,
	LeftOpen:      "send an empty line after the request, or end the sending side of the connection; then every server knows that the session is over",
	LeftEarly:     "after the end of the session read until the server closes, so that nothing it still sends is lost",
}

// request is a request line in its parts, the contents unquoted. If it is none,
// fault says why.
type request struct {
	action, path, contents string
	hasContents, quoted    bool
	fault                  string
}

// parseRequest reads a line without its LF as sections 4.2 and 5.1 of
// docs/protocol.md have it.
func parseRequest(line string) request {
	line = strings.TrimRight(strings.TrimSuffix(line, "\r"), " ")
	action, rest, _ := strings.Cut(line, " ")
	path, raw, more := strings.Cut(rest, " ")
	r := request{action: action, path: path, hasContents: more}
	changes := action == "CREATE" || action == "UPDATE"
	switch {
	case !changes && !slices.Contains([]string{"SHOW", "LIST", "DELETE"}, action):
		r.fault = fmt.Sprintf("%q is no action", action)
	case path == "":
		r.fault = "exactly one space and a path follow the action"
	case changes != more:
		r.fault = "CREATE and UPDATE have contents, SHOW, LIST and DELETE have none"
	}
	var ok bool
	raw = strings.TrimLeft(raw, " ")
	if r.contents, r.quoted, ok = unquote(raw); !ok && r.fault == "" {
		r.fault = "a backslash within the quotes stands before something else than a quote or a backslash"
	}
	return r
}

// unquote returns the text that contents stand for, and whether they are
// quoted. It fails if they are quoted and hold a wrong escape.
func unquote(raw string) (text string, quoted, ok bool) {
	if len(raw) < 2 || raw[0] != '"' || raw[len(raw)-1] != '"' {
		return raw, false, true
	}
	inner := raw[1 : len(raw)-1]
	wrong := false
	var b strings.Builder
	for i := 0; i < len(inner); i++ {
		switch {
		case inner[i] == '"':
			return raw, false, true // a bare one
		case inner[i] == '\\' && i+1 < len(inner) && (inner[i+1] == '"' || inner[i+1] == '\\'):
			i++
		case inner[i] == '\\':
			wrong = true
			i++ // what it escapes is not bare
		}
		if i < len(inner) {
			b.WriteByte(inner[i])
		}
	}
	return b.String(), true, !wrong
}

// pathFault tells which rule of section 3 a path that is sent breaks, or
// returns "".
func pathFault(action, path string) string {
	switch {
	case !strings.HasPrefix(path, "/"):
		return "the path does not begin with / [3.1-1]"
	case strings.Contains(path, "//"):
		return "two / stand side by side [3.1-2]"
	case !utf8.ValidString(path):
		return "the path is not UTF-8 [3.1-3]"
	case strings.ContainsFunc(path, unicode.IsSpace):
		return "the path holds white space [3.1-4]"
	case strings.ContainsFunc(path, func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf) }):
		return "the path holds a control or format character [3.1-5]"
	case strings.ContainsAny(path, `\?`):
		return `the path holds \ or ? [3.1-6]`
	case strings.Contains(path, "/."):
		return "a segment begins with a dot [3.1-7]"
	case len(path) > 1024:
		return "the path has more than 1,024 bytes [3.1-10]"
	}
	segments := strings.Split(path[1:], "/")
	for i, segment := range segments {
		if last := i == len(segments)-1; len(segment) > 255 && (!last || action == "LIST") {
			return "the name of a directory has more than 255 bytes [3.1-8], [3.1-9]"
		} else if last && action != "LIST" && utf8.RuneCountInString(segment) > 32 {
			return "the file's name has more than 32 characters [3.3-1]"
		}
	}
	return ""
}

// oneRequest returns the request that the client has sent, and ends the case if
// it is not exactly one line that ends with LF.
func (t *T) oneRequest(p *played, c called) (line string) {
	sent := ""
	n := 0
	for _, v := range p.heard() {
		if v.text() != "" {
			sent, n = v.text(), n+1
		}
	}
	line, rest, ended := strings.Cut(sent, "\n")
	switch {
	case sent == "":
		t.Fail(NothingSent, "no request came (%s)", c.explain())
	case !ended:
		t.FailWith(&Problem{Symptom: LineNotEnded, Says: "the request does not end with LF", Got: sent, At: len(sent)})
	case n > 1:
		t.Fail(SentAgain, "the request was sent on %d connections", n)
	case rest != "" && rest != "\n" && rest != "\r\n":
		t.FailWith(&Problem{Symptom: TooMuchSent, Says: "something comes after the request that is not an empty line", Expected: line + "\n", Got: sent, At: len(line) + 1})
	}
	return line
}

// wantRequest ends the case unless the client has sent this request and nothing
// else.
func (t *T) wantRequest(p *played, c called, want string) {
	line := t.oneRequest(p, c)
	got, asked := parseRequest(line), parseRequest(want)
	if got.quoted = asked.quoted; got == asked { // [4.5-2] is not asked here
		return
	}
	problem := &Problem{Expected: want + "\n", Got: line + "\n", At: commonPrefix(want, line)}
	switch action, rest, _ := strings.Cut(line, " "); {
	case action != asked.action && strings.EqualFold(action, asked.action):
		problem.Symptom, problem.Says = LowerCase, "the action is not in upper case"
	case strings.Contains(rest, "://"):
		problem.Symptom, problem.Says = URLSent, "the request holds the URL instead of the path"
	case got.path == asked.path && got.contents != asked.contents && strings.HasPrefix(asked.contents, got.contents):
		problem.Symptom, problem.Says = ContentsCut, "the request holds only the beginning of the text"
	default:
		problem.Symptom, problem.Says = WrongRequest, "another request came than the user asked for"
	}
	t.FailWith(problem)
}

// wantContents ends the case unless the client has sent a request that stores
// exactly the text. It returns whether the text was quoted.
func (t *T) wantContents(p *played, c called, action, path, text string) (quoted bool) {
	line := t.oneRequest(p, c)
	r := parseRequest(line)
	problem := &Problem{Got: line + "\n", Expected: action + " " + path + " " + bareOrQuoted(text) + "\n"}
	problem.At = commonPrefix(problem.Expected, problem.Got)
	switch {
	case r.fault != "" || r.action != action || r.path != path:
		problem.Symptom, problem.Says = WrongRequest, "another request came than the user asked for"
		if r.fault != "" {
			problem.Says += ": " + r.fault
		}
		if r.action == action && r.path == path {
			problem.Symptom = OtherContents
		}
	case r.contents != text && r.contents != "" && strings.HasPrefix(text, r.contents) && strings.Contains(text[len(r.contents):], " "):
		problem.Symptom, problem.Says = ContentsCut, fmt.Sprintf("the text is %s, and only %s would be stored", briefly(text), briefly(r.contents))
	case r.contents != text:
		problem.Symptom, problem.Says = OtherContents, fmt.Sprintf("the text is %s, and %s would be stored", briefly(text), briefly(r.contents))
	default:
		return r.quoted
	}
	t.FailWith(problem)
	return false
}

// bareOrQuoted returns contents as [4.5-2] has them: bare if they can be.
func bareOrQuoted(text string) string {
	if text != "" && !strings.HasPrefix(text, " ") && !strings.HasSuffix(text, " ") && text[0] != '"' {
		return text
	}
	return `"` + strings.NewReplacer(`"`, `\"`, `\`, `\\`).Replace(text) + `"`
}

// wantNoBadPath ends the case if the client has sent a request that no client
// may send. Sending nothing is right, and so is another path that can be sent.
func (t *T) wantNoBadPath(p *played, given string) {
	for _, v := range p.heard() {
		lines := strings.Split(strings.TrimRight(v.text(), "\r\n"), "\n")
		if len(lines) > 1 {
			t.FailWith(&Problem{Symptom: BreaksRule, Says: fmt.Sprintf("for %s it sends %d lines instead of one", briefly(given), len(lines)), Got: v.text()})
		}
		if lines[0] == "" {
			continue
		}
		r := parseRequest(lines[0])
		fault := pathFault(r.action, r.path)
		if fault == "" && r.hasContents && r.fault != "" {
			fault = "the path holds white space [3.1-4]"
		} else if fault == "" {
			fault = r.fault
		}
		if fault != "" {
			t.FailWith(&Problem{Symptom: BreaksRule, Says: fmt.Sprintf("for %s it sends a request that breaks a rule: %s", briefly(given), fault), Got: v.text()})
		}
	}
}

// wantNothingSent ends the case if the client has sent a request with contents
// that break a rule, or with others in their place.
func (t *T) wantNothingSent(p *played, given, rule string) {
	for _, v := range p.heard() {
		if text := strings.Trim(v.text(), "\r\n"); text != "" {
			t.FailWith(&Problem{Symptom: BreaksRule, Says: fmt.Sprintf("for the content %s it sends a request, though %s", briefly(given), rule), Got: v.text()})
		}
	}
}

// wantBadExit ends the case unless the client's exit code says that something
// went wrong.
func (t *T) wantBadExit(c called, what string) {
	if c.exit == 0 {
		t.Fail(WrongExit, "the exit code is 0, though %s", what)
	}
}

// wantGoodExit ends the case unless the client's exit code says that all went
// well.
func (t *T) wantGoodExit(c called, what string) {
	if c.exit != 0 {
		t.Fail(WrongExit, "the client fails though %s: %s", what, c.explain())
	}
}

// briefly returns text in quotes, or the beginning of it.
func briefly(text string) string {
	const most = 40
	if len(text) <= most {
		return fmt.Sprintf("%q", text)
	}
	return fmt.Sprintf("%.*q… (%d bytes)", most, text, len(text))
}
