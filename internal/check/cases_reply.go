package check

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// replyCases are those of sections 5.1 and 6.
func replyCases() []Case {
	return slices.Concat(requestLineCases(), replyFormCases(), replyPathCases(), messageCases())
}

// afterA300 is for cases that expect a 300: if the server's 300s have another
// form, one case tells, and the others need not repeat it.
var afterA300 = []string{"STTP-6.4-MESSAGE-005"}

// requestLineCases are those of section 5.1.
func requestLineCases() []Case {
	oneSpace := "exactly one SP, 0x20, stands between the action and the path: split the line at its first space, and do not skip others"
	return []Case{
		Case{
			ID: "STTP-5.1-LINE-001", Title: "An action that is none of the five is answered 300",
			Statements: []string{"5.1-1", "6.3-3", "6.4-1"}, Story: "requests", Strict: Must, Guide: Must, After: afterA300,
			Ask: `
				> § {d}/a.txt
				< 300 {d}/a.txt CLIENT ERROR "…"
				~ 400 410`,
			Hints: []Hint{
				{WrongPath, "a 300 repeats a path that is valid, also if the action is unknown"},
				{GotStatus(400), "look at the action before anything else: one that is none of the five is a 300"},
				{GotStatus(500), "what is wrong with the request is the client's mistake, a 300; a 500 is the server's own"},
			},
		}.each(texts("FETCH", "SHO", "SHOWS", "READ", "CREATED", "HELP", "1", "*")),
		{
			ID: "STTP-5.1-LINE-008", Title: "An unknown action is answered 300 whether or not there is such a file",
			Statements: []string{"5.1-1", "6.3-3", "7.1-1"}, Story: "suggestions", Strict: Must, Guide: Must,
			After: []string{"STTP-6.4-MESSAGE-005", "STTP-5.2-CREATE-001"},
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> FETCH {d}/a.txt
				< 300 {d}/a.txt CLIENT ERROR "…"`,
			Hints: []Hint{{ClosedEarly, "look at the action before anything else: one that is none of the five is a 300"}},
		},
		{
			ID: "STTP-5.1-LINE-002", Title: "A request without a path is answered 300",
			Statements: []string{"5.1-2", "3.1-1", "6.3-3"}, Story: "requests", Strict: Must, Guide: Must, After: []string{"STTP-6.4-MESSAGE-005"},
			Ask: `
				> SHOW
				< 300 - CLIENT ERROR "…"
				> CREATE
				< 300 - CLIENT ERROR "…"
				> DELETE
				< 300 - CLIENT ERROR "…"
				> UPDATE
				< 300 - CLIENT ERROR "…"
				> LIST
				< 300 - CLIENT ERROR "…"`,
			Hints: []Hint{
				{ClosedEarly, "does the server take the second word of the line without looking whether there is one?"},
				{WrongPath, "where there is no path, - stands in its place"},
				{GotStatus(200), "a LIST needs a path, too: / is the one of the docroot"},
				{MessageUnquoted, `where there is no path, - stands in its place: 300 - CLIENT ERROR "what would be right"`},
			},
		},
		Case{
			ID: "STTP-5.1-LINE-003", Title: "A line that is no request at all is answered 300",
			Statements: []string{"5.1-1", "6.3-3", "6.4-1"}, Story: "requests", Strict: Must, Guide: Must, After: []string{"STTP-6.4-MESSAGE-005"},
			Ask: `
				> §
				< 300 - CLIENT ERROR "…"`,
			Hints: []Hint{
				{ClosedEarly, "does the server take words of the line without looking whether they are there?"},
				{WrongPath, "what does not begin with a slash is no path, and - stands in its place"},
			},
		}.each(texts("hello", "hello world", "x", "42", "Buy two litres of milk", "?", "-", "\"", "SHOW:/a.txt")),
		Case{
			ID: "STTP-5.1-LINE-004", Title: "Actions are named in upper case: others are answered 300",
			Statements: []string{"5.1-1", "6.3-3"}, Story: "requests", Strict: Must, Guide: Must, After: []string{"STTP-6.4-MESSAGE-005"},
			Ask: `
				> § {d}/a.txt
				< 300 {d}/a.txt CLIENT ERROR "…"
				~ 200 400 410 600`,
			Hints: []Hint{{GotStatus(410), "the action is compared without regard to case: only upper case is right"}, {GotStatus(400), "the action is compared without regard to case: only upper case is right"}},
		}.each(texts("show", "Show", "sHOW", "list", "delete", "create", "update")),
		{
			ID: "STTP-5.1-LINE-005", Title: "Anything but one space before the path is answered 300",
			Statements: []string{"5.1-2", "6.3-3"}, Story: "contents", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.1-LINE-003", "STTP-5.4-LIST-014"},
			Ask: `
				> CREATE  {d}/a.txt Buy milk
				< 300 - CLIENT ERROR "…"
				> CREATE     {d}/a.txt Buy milk
				< 300 - CLIENT ERROR "…"
				> CREATE{09}{d}/a.txt Buy milk
				< 300 - CLIENT ERROR "…"
				> CREATE {09}{d}/a.txt Buy milk
				< 300 - CLIENT ERROR "…"
				> CREATE{09} {d}/a.txt Buy milk
				< 300 {d}/a.txt CLIENT ERROR "…"
				> CREATE{d}/a.txt Buy milk
				< 300 - CLIENT ERROR "…"
				> {20}CREATE {d}/a.txt Buy milk
				< 300 - CLIENT ERROR "…"
				> FETCH  {d}/a.txt
				< 300 - CLIENT ERROR "…"
				> LIST {d}
				< 400 {d} NOT FOUND`,
			Hints: []Hint{
				{GotStatus(100), oneSpace},
				{WrongPath, "the path of a 300 is what stands between the first space of the line and the next: with two spaces in a row that is nothing, so - stands in its place"},
			},
		},
		{
			ID: "STTP-5.1-LINE-006", Title: "Spaces at the end of a line are dropped",
			Statements: []string{"5.1-4", "6.3-1"}, Story: "contents", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.3-SHOW-001", "STTP-6.1-REPLY-002", "STTP-5.1-LINE-003"},
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt{20}
				< 200 {d}/a.txt OK
				< Buy milk
				> LIST {d}{ *3}
				< 200 {d} OK
				< a.txt
				> LIST {d}/{ *100}
				< 200 {d}/ OK
				< a.txt
				> SHOW { *3}
				< 300 - CLIENT ERROR "…"
				> DELETE {d}/a.txt{ *3}
				< 600 {d}/a.txt DELETED`,
			Hints: []Hint{
				{GotStatus(300), "spaces at the end of a line are no contents, and no part of the path: drop them first"},
				{GotStatus(400), "spaces at the end of a line are no part of the path: drop them first"},
				{GotStatus(410), "spaces at the end of a line are no part of the path: drop them first"},
			},
		},
		{
			ID: "STTP-5.1-LINE-007", Title: "More than one space may stand before the contents",
			Statements: []string{"5.1-3", "4.2-5"}, Story: "contents", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.3-SHOW-001"},
			Ask: `
				> CREATE {d}/a.txt{ *5}Buy milk
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< Buy milk
				> CREATE {d}/b.txt{ *500}Buy milk
				< 100 {d}/b.txt CREATED`,
			Hints: []Hint{{WrongContents, "spaces before the contents are dropped"}, {GotStatus(300), "any number of spaces may stand between the path and the contents, but no other white space"}},
		},
	}
}

// replyFormCases are those of sections 6.1 and 6.2.
func replyFormCases() []Case {
	return []Case{
		{
			ID: "STTP-6.1-REPLY-001", Title: "The status lines of errors that depend on what is stored have their form",
			Statements: []string{"6.1-1", "6.1-3", "6.2-1", "6.1-4"}, Story: "path-errors", Strict: Must, Guide: Must, After: []string{"STTP-5.2-CREATE-001", "STTP-6.4-MESSAGE-005", "STTP-5.7-MISSING-004", "STTP-5.7-MISSING-001", "STTP-5.2-CREATE-006", "STTP-5.2-CREATE-008"},
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> CREATE {d}/a.txt Buy bread
				< 300 {d}/a.txt CLIENT ERROR "…"
				~ any
				> SHOW {d}/b.txt
				< 400 {d}/b.txt NOT FOUND
				> SHOW {d}/no/a.txt
				< 410 {d}/no/ PATH NOT FOUND
				~ 400
				> CREATE {d}/a.txt/b.txt Buy milk
				< 510 {d}/a.txt/ CANNOT CREATE PATH
				~ 410 300 500`,
		},
		{
			ID: "STTP-6.1-REPLY-002", Title: "The status lines of successes have their form, and only a 200 has a contents line",
			Statements: []string{"6.1-1", "6.1-2", "6.1-3", "6.2-1"}, Story: "update", Strict: Must, Guide: Must, After: []string{"STTP-5.3-SHOW-001", "STTP-5.5-UPDATE-001", "STTP-5.6-DELETE-001", "STTP-5.4-LIST-001"},
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< Buy milk
				> LIST {d}
				< 200 {d} OK
				< a.txt
				> UPDATE {d}/a.txt Buy oat milk
				< 200 {d}/a.txt OK
				< Buy oat milk
				> DELETE {d}/a.txt
				< 600 {d}/a.txt DELETED`,
		},
		{
			ID: "STTP-6.1-REPLY-003", Title: "Whether a contents line follows can be told from each status line alone",
			Statements: []string{"6.1-2", "6.1-3", "6.1-1"}, Story: "replies", Strict: Must, Guide: Unchecked, Needs: KeptOpen, After: []string{"STTP-5.5-UPDATE-001", "STTP-4.2-QUOTE-003", "STTP-4.2-QUOTE-001", "STTP-3.3-NAME-002", "STTP-6.1-REPLY-001", "STTP-6.1-REPLY-002", "STTP-6.4-MESSAGE-005", "STTP-2.1-PIPE-002", "STTP-5.7-DIR-006"},
			Talk: `
				> CREATE {d}/a.txt ""
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt
				> UPDATE {d}/a.txt "200 /a.txt OK"
				> SHOW {d}/b.txt
				> LIST {d}/
				> CREATE {d}/a.txt x
				> SHOW {d}/no/a.txt
				> UPDATE {d}/a.txt ""
				> CREATE {d}/a.txt/b.txt x
				> CREATE {d}/{x*33} x
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				<
				< 200 {d}/a.txt OK
				< 200 /a.txt OK
				< 400 {d}/b.txt NOT FOUND
				< 200 {d}/ OK
				< a.txt
				< 300 {d}/a.txt CLIENT ERROR "…"
				< 410 {d}/no/ PATH NOT FOUND
				< 200 {d}/a.txt OK
				<
				< 510 {d}/a.txt/ CANNOT CREATE PATH
				< 310 {d}/{x*33} FILENAME TOO LONG
				< 200 {d}/a.txt OK
				<
				> DELETE {d}/a.txt
				> LIST {d}
				< 600 {d}/a.txt DELETED
				< 400 {d} NOT FOUND`,
			Hints: []Hint{{MissingContents, "a 200 has exactly one contents line, also one to an UPDATE, and also if it is empty"}, {NotAReply, "a 200 has exactly one contents line and every other reply has none"}},
		},
		{
			ID: "STTP-6.1-LENGTH-001", Title: "A status line has at most 4,096 bytes, whatever was asked",
			Statements: []string{"6.1-5", "6.4-2", "6.1-1"}, Story: "replies", Strict: Must, Guide: Unchecked, After: []string{"STTP-4.3-MISSING-001", "STTP-4.3-SURPLUS-001", "STTP-3.3-NAME-002", "STTP-4.1-TEXT-002", "STTP-5.1-LINE-003"},
			Accepts: "300 or 310 of right form, with a status line of at most 4,096 bytes and a message of at most 1,024, to requests with a path of 1,024 bytes, and to actions, paths and contents of thousands of bytes",
			Netcat:  `printf '%05000d /a.txt\n\n' 0 | nc HOST PORT`,
			Run:     keepsStatusLinesShort,
			Hints:   []Hint{{MessageRaw, "a message has at most 1,024 bytes: what it repeats of the request has to be cut"}, {Unexpected, "the message repeats too much of the request"}},
		},
		{
			ID: "STTP-6.2-STATUS-001", Title: "Whatever is asked, the reply is one of the nine",
			Statements: []string{"6.2-1", "6.1-1"}, Story: "replies", Strict: Must, Guide: Should, After: []string{"STTP-5.1-LINE-003"},
			Accepts: "a status line with one of the nine statuses to each of some odd requests",
			Netcat:  `printf 'SHOW /\n\n' | nc HOST PORT; printf 'LIST //\n\n' | nc HOST PORT`,
			Run:     knowsNineStatuses,
			Hints:   []Hint{{NotAReply, "every line that is no request is answered 300, whatever it holds"}, {ClosedEarly, "does an error end the connection? Every line is answered, right or wrong"}},
		},
	}
}

func keepsStatusLinesShort(t *T) {
	path := longPath(t.dir, 1024-40, "x")
	dir := path[:strings.LastIndex(path, "/")]
	long := dir + "/" + rep("x", 1024-len(dir)-1)
	for _, x := range []exchange{
		{request: "FETCH " + long, want: []string{"300 " + long + ` CLIENT ERROR "…"`}},
		{request: "CREATE " + long, want: []string{"300 " + long + ` CLIENT ERROR "…"`}},
		{request: "CREATE " + long + " x", want: []string{"310 " + long + " FILENAME TOO LONG"}},
		{request: "SHOW " + long + " " + rep("x", 7000), want: []string{"300 " + long + ` CLIENT ERROR "…"`}},
		{request: "CREATE " + path + " " + rep(`\"`, 3000), want: []string{"300 " + path + ` CLIENT ERROR "…"`}},
		{request: rep("x", 8000), want: []string{`300 - CLIENT ERROR "…"`}},
		{request: rep(`"\`, 4000), want: []string{`300 - CLIENT ERROR "…"`}},
		{request: rep("é", 4000) + " /a.txt", want: []string{`300 /a.txt CLIENT ERROR "…"`}},
		{request: "SHOW /" + rep("😀", 2000), want: []string{`300 - CLIENT ERROR "…"`}},
		{request: "SHOW " + rep("a", 8000), want: []string{`300 - CLIENT ERROR "…"`}},
	} {
		if p := t.askProblem(x); p != nil {
			t.FailWith(p)
		}
		if got, _, _ := t.TryAsk(x.request); len(got) > 4096+1 {
			t.FailWith(&Problem{Symptom: Unexpected, Says: fmt.Sprintf("the status line has %d bytes", len(got)-1), Got: got, At: 4096})
		}
	}
}

// odd are requests that few servers have been tried with. All of them are wrong,
// or ask for what is not there.
var odd = []string{
	"SHOW", "SHOW /", "LIST //", "LIST /.", "SHOW {d}", "SHOW {d}/", "DELETE ", "SHOW {d}/a.txt x", "LIST {d}/?q=x", "SHOW sttp://localhost{d}/a.txt",
	"show {d}/a.txt", "200 /a.txt OK", "CREATE", "CREATE {d}/{x*300} x", "UPDATE {d}/no/a.txt x", "UPDATE {d}/a.txt", "SHOW {d}/%00", "LIST *", "\"", "\\", ", ", "/",
	"SHOW {d}/{é*33}", "SHOW {d}/{00}", "{ff}{fe}", "{00}{01}{02}", "SHOW{09}{d}/a.txt", "CREATE {d}/a.txt {ff}", "CREATE {d}/a.txt {x*1000}", "SHOW {/*500}",
}

func knowsNineStatuses(t *T) {
	for _, line := range odd {
		if expanded := t.Expand(line); !t.Strict() && (!utf8.ValidString(expanded) || strings.ContainsFunc(expanded, unicode.IsControl)) {
			continue // appendix B: not checked
		}
		got, end := t.Ask(line)
		s, _, found := strings.Cut(got, "\n")
		status := splitStatusLine(s).status
		switch {
		case got == "":
			p := &Problem{Symptom: NoReply, Says: "no reply came"}
			p.blame(end, t.timeout)
			p.Says = fmt.Sprintf("to %q, %s", t.Expand(line), p.Says)
			t.FailWith(p)
		case !found || words[status] == "":
			t.FailWith(&Problem{Symptom: NotAReply, Says: fmt.Sprintf("to %q, what came is not a reply", t.Expand(line)), Got: got})
		}
	}
}
