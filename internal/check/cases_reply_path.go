package check

import (
	"fmt"
	"slices"
	"strings"
)

// replyPathCases are those of section 6.3.
func replyPathCases() []Case {
	return []Case{
		Case{
			ID: "STTP-6.3-PATH-001", Title: "A reply repeats the path byte for byte as it was sent",
			Statements: []string{"6.3-1"}, Story: "replies", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.3-SHOW-001", "STTP-3.1-ACCEPT-001", "STTP-3.1-ACCEPT-002", "STTP-3.1-ACCEPT-004", "STTP-3.2-COMPARE-001", "STTP-3.3-NAME-003", "STTP-6.1-REPLY-001", "STTP-6.1-REPLY-002", "STTP-3.2-COMPARE-003"},
			Ask: `
				> CREATE {d}§/§ Buy milk
				< 100 {d}§/§ CREATED
				> SHOW {d}§/§
				< 200 {d}§/§ OK
				< Buy milk
				> LIST {d}§
				< 200 {d}§ OK
				< §
				> LIST {d}§/
				< 200 {d}§/ OK
				< §
				> SHOW {d}§/x
				< 400 {d}§/x NOT FOUND
				> LIST {d}§/x/
				< 400 {d}§/x/ NOT FOUND
				> CREATE {d}§/{x*33}§ x
				< 310 {d}§/{x*33}§ FILENAME TOO LONG
				> DELETE {d}§/§
				< 600 {d}§/§ DELETED`,
			Hints: []Hint{{WrongPath, "the path is repeated as it came: not cleaned, decoded, normalised or brought into lower case, and with the slash at its end if it had one"}},
		}.each(texts("%41+", "MiXed", "e\u0301", "a..", "a,b;c", "-é")),
		{
			ID: "STTP-6.3-PATH-002", Title: "410 and 510 name the file's directory up to its last slash, whatever is missing or in the way",
			Statements: []string{"6.3-2"}, Story: "path-errors", Strict: Must, Guide: Must, After: []string{"STTP-5.2-CREATE-001", "STTP-5.7-MISSING-001", "STTP-5.7-MISSING-003", "STTP-5.5-UPDATE-006", "STTP-5.2-CREATE-008"},
			Ask: `
				> CREATE {d}/f.txt Buy milk
				< 100 {d}/f.txt CREATED
				> SHOW {d}/a/b/c.txt
				< 410 {d}/a/b/ PATH NOT FOUND
				~ 400
				> DELETE {d}/a/b/c.txt
				< 410 {d}/a/b/ PATH NOT FOUND
				~ 400
				> UPDATE {d}/a/b/c.txt Buy milk
				< 410 {d}/a/b/ PATH NOT FOUND
				~ 400 510
				> SHOW {d}/f.txt/b/c.txt
				< 410 {d}/f.txt/b/ PATH NOT FOUND
				~ error
				> CREATE {d}/f.txt/b/c.txt Buy milk
				< 510 {d}/f.txt/b/ CANNOT CREATE PATH
				~ 410 300 500`,
			Hints: []Hint{{WrongPath, "the path is that of the directory which should hold the file, with the slash at its end: all of the request's path up to the last slash, not only the part that is missing"}},
		},
		{
			ID: "STTP-6.3-PATH-003", Title: "A 300 repeats a path that is valid, whatever else is wrong",
			Statements: []string{"6.3-3"}, Story: "replies", Strict: Must, Guide: Unchecked, After: []string{"STTP-6.4-MESSAGE-005", "STTP-4.3-MISSING-001", "STTP-4.1-TEXT-002", "STTP-4.1-REFUSED-001", "STTP-3.4-DIRECTORY-001", "STTP-3.1-ACCEPT-002"},
			Ask: `
				> FETCH {d}/%41+é
				< 300 {d}/%41+é CLIENT ERROR "…"
				> FETCH {d}/ and more words
				< 300 {d}/ CLIENT ERROR "…"
				> FETCH {d}/{x*300}
				< 300 {d}/{x*300} CLIENT ERROR "…"
				> {ff}{00} {d}/a.txt
				< 300 {d}/a.txt CLIENT ERROR "…"
				> "a {d}/b" x
				< 300 {d}/b" CLIENT ERROR "…"
				> CREATE {d}/a.txt {x*161}
				< 300 {d}/a.txt CLIENT ERROR "…"
				> CREATE {d}/a.txt {ff}
				< 300 {d}/a.txt CLIENT ERROR "…"
				> CREATE {d}/{x*40}
				< 300 {d}/{x*40} CLIENT ERROR "…"
				> CREATE {d}/ Buy milk
				< 300 {d}/ CLIENT ERROR "…"`,
			Hints: []Hint{{WrongPath, "find the path first: what stands between the first space of the line and the next, or the end of the line; if it is valid every 300 repeats it"}},
		},
		Case{
			ID: "STTP-6.3-PATH-004", Title: "A 300 has - for a path that is not valid, and repeats nothing of it",
			Statements: []string{"6.3-3"}, Story: "replies", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.1-LINE-003", "STTP-3.1-PATH-011", "STTP-5.1-LINE-003"},
			Ask: `
				> FETCH §
				< 300 - CLIENT ERROR "…"`,
			Hints: []Hint{{WrongPath, "nothing unchecked comes back: only a path that keeps every rule of section 3.1 is repeated, else - stands there"}},
		}.each([]sample{{"no slash", "a.txt"}, {"-", "-"}, {"two slashes", "//a.txt"}, {"a dot", "/../a.txt"}, {"a backslash", `/a\b`}, {"a question mark", "/a?b"}, {"a control character", "/\x1b[2J"}, {"what is not UTF-8", "/\xff"},
			{"a no-break space", "/a\u00a0b"}, {"an override of the direction", "/\u202etxt.a"}, {"a directory name of 256 bytes", "/" + rep("x", 256) + "/a"}, {"1,025 bytes", rep("/"+rep("x", 99), 10) + "/" + rep("x", 24)}, {"the absolute form", "sttp://localhost/a.txt"}}),
		{
			ID: "STTP-6.3-PATH-005", Title: "The 300 to a LIST whose last segment is too long repeats the path",
			Statements: []string{"6.3-3", "3.1-9"}, Story: "replies", Strict: Must, Guide: Unchecked, After: []string{"STTP-3.1-LENGTH-003", "STTP-6.4-MESSAGE-005"},
			Ask: `
				> LIST {d}/{x*256}
				< 300 {d}/{x*256} CLIENT ERROR "…"
				> LIST {d}/{é*300}
				< 300 {d}/{é*300} CLIENT ERROR "…"`,
			Hints: []Hint{{WrongPath, "as a path this is valid, it only names no directory: so it is repeated"}},
		},
	}
}

// firstRefusal finds a request that the server answers 300 and judges the form
// of that reply alone. A reply of another status says nothing about it.
func firstRefusal(t *T) {
	lines := []string{"FETCH {d}/a.txt", "CREATE {d}/a.txt", "UPDATE {d}/a.txt", "CREATE {d}/a.txt {x*161}"}
	for _, line := range lines {
		got, end := t.Ask(line)
		if splitStatusLine(got).status != 300 {
			continue
		}
		t.Judge(t.Expand(line), got, end, t.Expand(`300 {d}/a.txt CLIENT ERROR "…"`))
		return
	}
	t.Fail(Unexpected, "none of %d wrong requests is answered 300: an unknown action, CREATE and UPDATE without contents, and 161 characters", len(lines))
}

// messageCases are those of section 6.4.
func messageCases() []Case {
	return []Case{
		{
			ID: "STTP-6.4-MESSAGE-005", Title: "A request that is wrong is answered 300, with a message in double quotes",
			Statements: []string{"6.4-1", "6.1-1", "6.1-4"}, Story: "requests", Strict: Must, Guide: Must, Run: firstRefusal,
			Accepts: "300 in its form to the first of these that is answered 300: an unknown action, CREATE and UPDATE without contents, 161 characters",
			Netcat:  `printf 'FETCH /try/a.txt\n\n' | nc HOST PORT; printf 'CREATE /try/a.txt\n\n' | nc HOST PORT`,
			Hints: []Hint{
				{ClosedEarly, "an error while a request is looked at is the request's mistake: answer it 300 rather than end the connection"},
				{Unexpected, `answer a request that is malformed with: 300 <path> CLIENT ERROR "what would be right"`},
			},
		},
		{
			ID: "STTP-6.4-MESSAGE-001", Title: "The message of a 300 stands in double quotes",
			Statements: []string{"6.4-1", "6.1-4", "6.4-2"}, Story: "suggestions", Strict: Must, Guide: Must, After: []string{"STTP-6.4-MESSAGE-005", "STTP-4.3-MISSING-001", "STTP-4.1-TEXT-002"},
			Ask: `
				> FETCH {d}/a.txt
				< 300 {d}/a.txt CLIENT ERROR "…"
				~ 400 410
				> CREATE {d}/a.txt
				< 300 {d}/a.txt CLIENT ERROR "…"
				> CREATE {d}/a.txt {x*161}
				< 300 {d}/a.txt CLIENT ERROR "…"`,
		},
		{
			ID: "STTP-6.4-MESSAGE-002", Title: "The message for an unknown action names the right ones",
			Statements: []string{"6.4-3"}, Story: "suggestions", Strict: Should, Guide: Should, After: []string{"STTP-6.4-MESSAGE-001"},
			Accepts: "300 to FETCH, with a message that holds CREATE, SHOW, LIST, UPDATE or DELETE",
			Netcat:  `printf 'FETCH /try/a.txt\n\n' | nc HOST PORT`,
			Run: func(t *T) {
				message := t.refusal("FETCH " + t.dir + "/a.txt")
				if !slices.ContainsFunc([]string{"CREATE", "SHOW", "LIST", "UPDATE", "DELETE"}, func(action string) bool { return strings.Contains(message, action) }) {
					t.Fail(Unexpected, "the message %q names no action that would be right", message)
				}
			},
			Hints: []Hint{{Unexpected, `somebody who typed FETCH wants to know what to type instead: "the actions are CREATE, SHOW, LIST, UPDATE and DELETE"`}},
		},
		{
			ID: "STTP-6.4-MESSAGE-003", Title: "The message of a 300 says what is wrong with this request",
			Statements: []string{"6.4-3"}, Story: "suggestions", Strict: Should, Guide: Should, After: []string{"STTP-6.4-MESSAGE-001"},
			Accepts: "300 to an unknown action, to a CREATE without contents and to one with 161 characters, with three messages of which no two are the same and none is empty",
			Netcat:  `printf 'CREATE /try/a.txt\n\n' | nc HOST PORT; printf 'CREATE /try/a.txt %0161d\n\n' 0 | nc HOST PORT`,
			Run:     tellsWhatIsWrong,
			Hints:   []Hint{{Unexpected, "the reader has to mend the request with nothing but this message: say what is wrong with it, and show what would be right"}},
		},
		Case{
			ID: "STTP-6.4-MESSAGE-004", Title: "A message is rightly quoted and without control characters, whatever the request holds",
			Statements: []string{"6.4-1", "6.4-2"}, Story: "replies", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.1-LINE-003", "STTP-5.1-LINE-003"},
			Ask: `
				> FETCH§ /a.txt
				< 300 /a.txt CLIENT ERROR "…"
				> SHOW a§.txt
				< 300 - CLIENT ERROR "…"
				> §
				< 300 - CLIENT ERROR "…"`,
			Hints: []Hint{
				{MessageRaw, `if a message repeats what came, each " in it becomes \" and each \ becomes \\; control characters and what is not UTF-8 must not be in it`},
				{NotAReply, "what is repeated of a request must not be able to break the status line"},
			},
		}.each([]sample{{"a quote", `"`}, {"a backslash", `\`}, {"a quoted word", `"FETCH"`}, {"an escape", `\n`}, {"a tab", "\t"}, {"NUL", "\x00"}, {"escape", "\x1b[2J"}, {"CR inside", "\rx"}, {"next line", "\u0085"}, {"the byte FF", "\xff"}, {"half of a character", "\xe2\x82"},
			{"a percent sign", "%s%d%n"}, {"a line separator", "\u2028"}}),
	}
}

// refusal asks line, which has to be answered 300, and returns the message
// without its quotes.
func (t *T) refusal(line string) string {
	path := exchange{request: line}.path()
	got, end := t.Ask(line)
	t.Judge(line, got, end, "300 "+path+` CLIENT ERROR "…"`)
	_, message, _ := strings.Cut(got, `"`)
	return strings.TrimSuffix(message, "\"\n")
}

func tellsWhatIsWrong(t *T) {
	lines := []string{"FETCH " + t.dir + "/a.txt", "CREATE " + t.dir + "/a.txt", "CREATE " + t.dir + "/a.txt " + rep("x", 161)}
	told := map[string]string{}
	for _, line := range lines {
		message := t.refusal(line)
		if strings.TrimSpace(message) == "" {
			t.Fail(Unexpected, "the message is empty")
		}
		if before, twice := told[message]; twice {
			t.Fail(Unexpected, "two mistakes get the same message: %.40q and %.40q", before, line)
		}
		told[message] = fmt.Sprint(line)
	}
}
