package check

import (
	"bytes"
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Symptom names what was seen, so that a hint can say what is probably wrong.
type Symptom string

// The symptoms that are recognised in what came. The ones for a status that is
// not the expected one are made by GotStatus.
const (
	NoReply         Symptom = "no reply"            // nothing came in time
	ClosedEarly     Symptom = "closed early"        // the server closed and had sent nothing, or not all
	WasReset        Symptom = "reset"               // the connection was reset
	StaysOpen       Symptom = "stays open"          // the server should have closed and did not
	ExtraNewline    Symptom = "extra newline"       // an empty line too many
	NoNewline       Symptom = "no newline"          // the last LF is missing
	CarriageReturn  Symptom = "carriage return"     // lines end with CR LF
	NotAReply       Symptom = "not a reply"         // what came has not the form of a status line
	WrongWords      Symptom = "wrong words"         // the right status with other words
	WrongPath       Symptom = "wrong path"          // the right status with another path
	MessageUnquoted Symptom = "message not quoted"  // a 300 or 500 without a quoted message
	MessageRaw      Symptom = "message not escaped" // a message with a bare quote or a wrong escape
	MissingContents Symptom = "contents missing"    // a 200 without its contents line
	ExtraBytes      Symptom = "extra bytes"         // something after the reply
	QuotesKept      Symptom = "quotes kept"         // the quotes around contents are still there
	CutShort        Symptom = "cut short"           // contents are only the beginning of what was stored
	WrongContents   Symptom = "wrong contents"      // any other difference in the contents line
	NotServed       Symptom = "others not served"   // another client got no answer
	DoesNotStart    Symptom = "does not start"      // the command that starts the server does not bring it up
	TellsInternals  Symptom = "tells internals"     // a message has something that is nobody's business
	Unexpected      Symptom = "unexpected"          // anything that a case finds by itself
)

// GotStatus is the symptom of a reply with that status where another one was
// right.
func GotStatus(status int) Symptom { return Symptom(fmt.Sprintf("status %d", status)) }

// Problem is what a case found wrong.
type Problem struct {
	Symptom Symptom
	Says    string // one sentence, without its full stop
	// Expected and Got are the bytes where there are some to compare, and At is
	// where Got first differs.
	Expected, Got string
	At            int
	// Also are other replies that would have been right.
	Also []string
}

// generalHints say what is usually wrong when a symptom is seen.
var generalHints = map[Symptom]string{
	NoReply:         "does the server wait for more than the line? One LF ends a request: read up to it, answer, and flush what is buffered for writing. Or has an error ended its work on this request? Look at what it has printed",
	ClosedEarly:     "the server closed the connection before the whole reply was sent: does it close or crash before it has written and flushed everything?",
	WasReset:        "a program that closes a connection with unread bytes, such as the empty line behind a request, causes a reset, which destroys the reply: end the sending side first, read what is still there, then close",
	StaysOpen:       "the server has to close the connection here; does its loop return at this point?",
	ExtraNewline:    "there is an empty line too many: a function such as Println adds a newline to a text that already has one",
	NoNewline:       "the last line has no LF: every line of a reply ends with one",
	CarriageReturn:  "lines of a reply end with LF alone, not with CR LF",
	NotAReply:       "a reply begins with a status line: three digits, one space, the path, one space, the words",
	WrongWords:      "the words after the path are part of the protocol and have to be these, in upper case",
	WrongPath:       "a reply repeats the path as it was sent; only 410 and 510 name the directory instead",
	MessageUnquoted: `the message of a 300 and a 500 stands in double quotes: 300 /a.txt CLIENT ERROR "what would be right"`,
	MessageRaw:      `inside a message a " is sent as \" and a \ as \\, and there are no other escapes`,
	MissingContents: "a 200 is followed by a line with the contents",
	ExtraBytes:      "something comes after the reply: is one reply written twice, is the empty line behind a request answered as if it were another one, or has the reply a line that it should not have?",
	QuotesKept:      `the quotes around contents are not part of them: CREATE /a.txt "Buy milk" stores Buy milk`,
	CutShort:        "only the beginning is there: contents may hold spaces, so split the line at the first two spaces and no further",
	Slow:            "one client is answered in time, many at once are not: is no lock held while the server reads from a client or writes to one, is each connection handed on at once, and is the queue of those that wait to be accepted long enough (the backlog of listen; request_queue_size in Python's socketserver is 5)?",
	NotServed:       "a client that is silent or misbehaves keeps others waiting: does each connection have its own goroutine, thread or task, with nothing before it that waits for one of them?",
	DoesNotStart:    "the server has to start whatever it has left behind; what it wrote stands in the record of the case",
	TellsInternals:  "write the cause to a log, and send a fixed text: error messages of the system hold paths",
}

// hint returns what the case itself says of a symptom, or nothing.
func (c *Case) hint(s Symptom) string {
	for _, h := range c.Hints {
		if h.On == s {
			return h.Say
		}
	}
	return ""
}

// hintFor returns what the case, or else everybody, says of the problem.
func hintFor(c *Case, p *Problem) string {
	return cmp.Or(c.hint(p.Symptom), generalHints[p.Symptom], clientHints[p.Symptom])
}

// difference returns the Problem of having got something else than want, which
// is a whole reply with its LFs; "…" in it stands for any message.
func difference(want, got string) *Problem {
	symptom, says := classify(want, got)
	return &Problem{Symptom: symptom, Says: says, Expected: want, Got: got, At: firstDifference(want, got)}
}

// classify tells how got differs from want.
func classify(want, got string) (Symptom, string) {
	if s, says := classifyLines(want, got); s != "" {
		return s, says
	}
	wantLine, wantRest, _ := strings.Cut(want, "\n")
	gotLine, gotRest, _ := strings.Cut(got, "\n")
	w, g := splitStatusLine(wantLine), splitStatusLine(gotLine)
	switch {
	case g.status == 0:
		return NotAReply, "what came is not a reply"
	case g.status != w.status:
		return GotStatus(g.status), fmt.Sprintf("the reply is a %d instead of a %d", g.status, w.status)
	case g.path != w.path:
		return WrongPath, fmt.Sprintf("the %d names another path", g.status)
	case lacksMessage(w, g) && strings.HasSuffix(g.words, `"`) && strings.HasPrefix(g.words, strings.TrimSuffix(w.words, anyMessage)+`"`):
		return MessageRaw, "the message has quotes around it, but what is in it is not as it has to be"
	case lacksMessage(w, g):
		return MessageUnquoted, "the message is missing or not quoted as it has to be"
	case g.words != w.words && !matches(wantLine+"\n", gotLine+"\n"):
		return WrongWords, fmt.Sprintf("the %d has other words", g.status)
	case wantRest != "" && gotRest == "":
		return MissingContents, "the line with the contents is missing"
	case wantRest == "":
		return ExtraBytes, "something comes after the reply"
	}
	return classifyContents(wantRest, gotRest)
}

// lacksMessage tells whether got has the words of want, but not its message as
// it has to be.
func lacksMessage(want, got statusLine) bool {
	phrase, any := strings.CutSuffix(want.words, " "+anyMessage)
	message, same := strings.CutPrefix(got.words, phrase)
	return any && same && !isQuotedMessage(strings.TrimPrefix(message, " "))
}

// classifyLines looks for what concerns the ends of lines.
func classifyLines(want, got string) (Symptom, string) {
	switch {
	case got == "":
		return NoReply, "no reply came"
	case matches(want, strings.ReplaceAll(got, "\r\n", "\n")):
		return CarriageReturn, "a line of the reply ends with CR LF"
	case matches(want, got+"\n"):
		return NoNewline, "the reply does not end with LF"
	case matches(want, strings.ReplaceAll(got, "\n\n", "\n")) || matches(want, strings.TrimLeft(got, "\n")):
		return ExtraNewline, "there is an empty line too many in the reply"
	}
	return "", ""
}

func classifyContents(want, got string) (Symptom, string) {
	want, got = strings.TrimSuffix(want, "\n"), strings.TrimSuffix(got, "\n")
	switch {
	case got == `"`+want+`"`:
		return QuotesKept, "the quotes are still around the contents"
	case strings.HasPrefix(got, want+"\n"):
		return ExtraBytes, "something comes after the reply"
	case strings.HasPrefix(want, got) && got != "":
		return CutShort, "the contents are cut short"
	}
	return WrongContents, "the contents line is another one"
}

// statusLine is a status line split at its first two spaces. The status is 0 if
// it is none.
type statusLine struct {
	status      int
	path, words string
}

func splitStatusLine(line string) statusLine {
	number, rest, _ := strings.Cut(line, " ")
	status := 0
	if len(number) == 3 && strings.Trim(number, "0123456789") == "" {
		status, _ = strconv.Atoi(number)
	}
	path, words, _ := strings.Cut(rest, " ")
	return statusLine{status, path, words}
}

// firstDifference returns the index in got at which it stops being what want
// asks for. A message that stands for any is stepped over.
func firstDifference(want, got string) int {
	at := 0
	for {
		literal, rest, any := strings.Cut(want, anyMessage)
		n := commonPrefix(literal, got[at:])
		at += n
		if n < len(literal) || !any {
			return at
		}
		end := bytes.IndexByte([]byte(got[at:]), '\n')
		if end < 0 {
			return len(got)
		}
		if !isQuotedMessage(got[at : at+end]) {
			return at
		}
		at, want = at+end, rest
	}
}

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}
