package check

import (
	"fmt"
	"strings"
)

// fileNameCases are those of section 3.3.
func fileNameCases() []Case {
	bytes := "len counts bytes here, and a character outside of ASCII has two to four: count code points"
	units := "code points are counted, neither bytes nor UTF-16 units (of which an emoji has two) nor what a reader sees as one character"
	before := "the name's length is checked before the disk is touched, and 310 says what is wrong with it"
	return []Case{
		{
			ID: "STTP-3.3-NAME-001", Title: "The name of a file may have 32 characters",
			Statements: []string{"3.3-1", "3.1-12"}, Story: "name-length", Strict: Must, Guide: Must, After: []string{"STTP-5.3-SHOW-001"},
			Ask: `
				> CREATE {d}/{x*31} Buy milk
				< 100 {d}/{x*31} CREATED
				> CREATE {d}/{x*32} Buy milk
				< 100 {d}/{x*32} CREATED
				> CREATE {d}/{y*28}.txt Buy milk
				< 100 {d}/{y*28}.txt CREATED
				> SHOW {d}/{x*32}
				< 200 {d}/{x*32} OK
				< Buy milk`,
			Hints: []Hint{{GotStatus(310), "32 characters are not more than 32; and only what follows the last slash is the name"}},
		},
		{
			ID: "STTP-3.3-NAME-002", Title: "CREATE of a file whose name has 33 characters is answered 310",
			Statements: []string{"3.3-2", "3.3-1"}, Story: "name-length", Strict: Must, Guide: Must, After: []string{"STTP-6.4-MESSAGE-005"},
			Ask: `
				> CREATE {d}/{x*33} Buy milk
				< 310 {d}/{x*33} FILENAME TOO LONG
				> CREATE {d}/{y*29}.txt Buy milk
				< 310 {d}/{y*29}.txt FILENAME TOO LONG
				> CREATE {d}/{x*100} Buy milk
				< 310 {d}/{x*100} FILENAME TOO LONG`,
			Hints: []Hint{
				{GotStatus(100), "a name of more than 32 characters is refused; the part after the dot counts as well"},
				{GotStatus(300), "a name that is too long has a status of its own, 310"},
			},
		},
		{
			ID: "STTP-3.3-NAME-003", Title: "SHOW, UPDATE and DELETE of a name of 33 characters are answered 310",
			Statements: []string{"3.3-2"}, Story: "name-length", Strict: Must, Guide: Must, After: []string{"STTP-5.2-CREATE-001", "STTP-3.3-NAME-002"},
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> SHOW {d}/{x*33}
				< 310 {d}/{x*33} FILENAME TOO LONG
				~ 400
				> UPDATE {d}/{x*33} Buy milk
				< 310 {d}/{x*33} FILENAME TOO LONG
				~ 400
				> DELETE {d}/{x*33}
				< 310 {d}/{x*33} FILENAME TOO LONG
				~ 400`,
			Hints: []Hint{{GotStatus(400), "no such file can exist, but 310 says more: check the name's length for all four actions, before you look for the file"}},
		},
		Case{
			ID: "STTP-3.3-NAME-004", Title: "32 characters outside of ASCII are not too many",
			Statements: []string{"3.3-1", "3.1-12"}, Story: "name-length", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.3-SHOW-001", "STTP-3.3-NAME-001"},
			Ask: `
				> CREATE {d}/§ Buy milk
				< 100 {d}/§ CREATED
				> SHOW {d}/§
				< 200 {d}/§ OK
				< Buy milk`,
			Hints: []Hint{{GotStatus(310), bytes + "; an emoji is one code point though it has two UTF-16 units"}, {GotStatus(300), bytes}},
		}.each(many(31, 32)),
		Case{
			ID: "STTP-3.3-NAME-005", Title: "33 characters outside of ASCII are answered 310",
			Statements: []string{"3.3-2", "3.3-1"}, Story: "name-length", Strict: Must, Guide: Unchecked, After: []string{"STTP-6.4-MESSAGE-005", "STTP-3.3-NAME-002", "STTP-3.3-NAME-004"},
			Ask: `
				> CREATE {d}/§ Buy milk
				< 310 {d}/§ FILENAME TOO LONG`,
			Hints: []Hint{{GotStatus(100), units}, {GotStatus(500), before}},
		}.each(append(many(33), sample{"64 letters é, 128 bytes", rep("é", 64)}, sample{"128 emojis, 512 bytes", rep("😀", 128)})),
		{
			ID: "STTP-3.3-NAME-006", Title: "Combining marks count as characters of a name",
			Statements: []string{"3.3-1", "3.3-2"}, Story: "name-length", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.2-CREATE-001", "STTP-3.3-NAME-004", "STTP-3.3-NAME-005"},
			Ask: `
				> CREATE {d}/{` + "e\u0301" + `*16} Buy milk
				< 100 {d}/{` + "e\u0301" + `*16} CREATED
				> CREATE {d}/{` + "e\u0301" + `*16}x Buy milk
				< 310 {d}/{` + "e\u0301" + `*16}x FILENAME TOO LONG`,
			Hints: []Hint{{GotStatus(100), units}, {GotStatus(310), units}},
		},
		{
			ID: "STTP-3.3-NAME-007", Title: "The directories of a path do not count for the length of the file's name",
			Statements: []string{"3.3-1"}, Story: "name-length", Strict: Must, Guide: Must, After: []string{"STTP-5.3-SHOW-001", "STTP-3.3-NAME-001"},
			Ask: `
				> CREATE {d}{x*40}/{y*32} Buy milk
				< 100 {d}{x*40}/{y*32} CREATED
				> SHOW {d}{x*40}/{y*32}
				< 200 {d}{x*40}/{y*32} OK
				< Buy milk`,
			Hints: []Hint{{GotStatus(310), "only what follows the last slash is the file's name: neither its directories nor the whole path are bound by the 32 characters"}},
		},
		{
			ID: "STTP-3.3-NAME-008", Title: "A LIST of a long name is never answered 310",
			Statements: []string{"3.3-3"}, Story: "name-length", Strict: Must, Guide: Must, After: []string{"STTP-5.2-CREATE-001", "STTP-5.3-SHOW-001", "STTP-5.4-LIST-014"},
			Ask: `
				> CREATE {d}{x*33}/a.txt Buy milk
				< 100 {d}{x*33}/a.txt CREATED
				> LIST {d}{x*33}
				< 200 {d}{x*33} OK
				< a.txt
				> LIST {d}{y*33}
				< 400 {d}{y*33} NOT FOUND
				~ 410`,
			Hints: []Hint{{GotStatus(310), "what a LIST names is a directory, and 310 is about files: check the name's length for the other four actions only"}},
		},
		{
			ID: "STTP-3.3-NAME-009", Title: "A path with a long last segment and a slash at its end is never answered 310",
			Statements: []string{"3.3-3", "3.4-1", "5.7-5"}, Story: "name-length", Strict: Must, Guide: Unchecked, After: []string{"STTP-6.4-MESSAGE-005"},
			Ask: `
				> CREATE {d}/{x*33}/ Buy milk
				< 300 {d}/{x*33}/ CLIENT ERROR "…"`,
			Hints: []Hint{{GotStatus(310), "with a slash at its end a path names a directory, which only LIST takes: that is a 300"}},
		},
	}
}

// many returns samples of so many characters of two, three and four bytes.
func many(counts ...int) []sample {
	var samples []sample
	for _, c := range []sample{{"letters é, of two bytes each", "é"}, {"signs €, of three bytes each", "€"}, {"emojis, of four bytes each", "😀"}} {
		for _, n := range counts {
			samples = append(samples, sample{fmt.Sprint(n, " ", c.name), rep(c.text, n)})
		}
	}
	return samples
}

// pathDirectoryCases are those of section 3.4.
func pathDirectoryCases() []Case {
	return []Case{
		{
			ID: "STTP-3.4-DIRECTORY-001", Title: "A path that ends with a slash names a directory: only LIST takes it",
			Statements: []string{"3.4-1", "5.7-5", "5.8-4"}, Story: "paths", Strict: Must, Guide: Must, After: []string{"STTP-5.3-SHOW-001", "STTP-6.4-MESSAGE-005"},
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> SHOW {d}/
				< 300 {d}/ CLIENT ERROR "…"
				~ error
				> CREATE {d}/ Buy milk
				< 300 {d}/ CLIENT ERROR "…"
				~ error
				> UPDATE {d}/ Buy milk
				< 300 {d}/ CLIENT ERROR "…"
				~ error
				> DELETE {d}/
				< 300 {d}/ CLIENT ERROR "…"
				~ error
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< Buy milk`,
			Hints: []Hint{
				{GotStatus(600), "DELETE removes files only: a directory goes by itself with its last file"},
				{GotStatus(400), "a path that ends with a slash is wrong for this action, whatever is stored: that is a 300"},
				{GotStatus(410), "a path that ends with a slash is wrong for this action, whatever is stored: that is a 300"},
				{GotStatus(500), "opening a directory as a file fails in the system; notice the slash at the end of the path before that"},
			},
		},
		{
			ID: "STTP-3.4-DIRECTORY-002", Title: "The name of a file with a slash behind it does not name the file",
			Statements: []string{"3.4-1", "5.7-5", "5.8-4"}, Story: "paths", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.3-SHOW-001", "STTP-6.4-MESSAGE-005"},
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt/
				< 300 {d}/a.txt/ CLIENT ERROR "…"
				> UPDATE {d}/a.txt/ Buy oat milk
				< 300 {d}/a.txt/ CLIENT ERROR "…"
				> DELETE {d}/a.txt/
				< 300 {d}/a.txt/ CLIENT ERROR "…"
				> CREATE {d}/b.txt/ Buy milk
				< 300 {d}/b.txt/ CLIENT ERROR "…"
				> LIST {d}
				< 200 {d} OK
				< a.txt
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< Buy milk`,
			Hints: []Hint{
				{GotStatus(200), "the slash at the end was dropped, as functions that clean or split paths do: look at it first"},
				{GotStatus(100), "the slash at the end was dropped, as functions that clean or split paths do: look at it first"},
				{GotStatus(600), "the slash at the end was dropped, as functions that clean or split paths do: look at it first"},
				{GotStatus(410), "the slash at the end makes this request wrong whatever is stored: that is a 300"},
			},
		},
		{
			ID: "STTP-3.4-ROOT-001", Title: "The directory / always exists",
			Statements: []string{"3.4-2", "6.1-2"}, Story: "list", Strict: Must, Guide: Must, After: []string{"STTP-5.3-SHOW-001"},
			Accepts: "LIST / is answered 200 with one contents line, whatever is stored; in profile guide without one, or with 400, if nothing is stored",
			Netcat:  `printf 'LIST /\n\n' | nc HOST PORT`,
			Run:     listsRoot,
			Hints: []Hint{
				{GotStatus(400), "/ is the docroot itself, which is there also when it is empty"},
				{GotStatus(300), "/ is a path: it begins with a slash, and has no segment that could be wrong"},
				{GotStatus(500), "make the docroot when the server starts, if it is not there"},
				{MissingContents, "also an empty list is a line: an LF alone"},
			},
		},
	}
}

// listsRoot lists /, of which nobody knows what is in it.
func listsRoot(t *T) {
	got, end := t.Ask("LIST /")
	want := []string{"200 / OK", ""}
	if line, names, _ := strings.Cut(got, "\n"); splitStatusLine(line).status == 200 {
		names, _, _ = strings.Cut(names, "\n")
		want[1] = strings.TrimSuffix(names, "\r")
	}
	t.Judge("LIST /", got, end, want...)
}
