package check

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// listCases are those of section 5.4.
func listCases() []Case {
	return slices.Concat(nameCases(), listErrorCases())
}

const byBytes = "names are sorted by their bytes, as they are shown: upper case before lower case, no rules of a language, and the / of a directory counts as a character"

// nameCases are those of what a LIST shows.
func nameCases() []Case {
	wrong := []Hint{{WrongContents, "LIST shows the names of what is directly in the directory, without the path before them, joined with a comma and one space: a.txt, b.txt"}}
	order := []Hint{{WrongContents, byBytes}}
	return []Case{
		{
			ID: "STTP-5.4-LIST-001", Title: "LIST is answered 200 with the name of the file in the directory",
			Statements: []string{"5.4-1"}, Story: "list", Strict: Must, Guide: Must, After: afterCreate,
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> LIST {d}
				< 200 {d} OK
				< a.txt`,
			Hints: append([]Hint{
				{GotStatus(300), "LIST needs the path of a directory and nothing else"},
				{GotStatus(310), "310 is about the names of files; LIST takes a directory, so it is never answered 310"},
				{GotStatus(400), "the directory exists, as a file was just made in it: does LIST look where CREATE writes?"},
				{GotStatus(410), "the directory exists, as a file was just made in it: does LIST look where CREATE writes?"},
			}, wrong...),
		},
		{
			ID: "STTP-5.4-LIST-002", Title: "LIST joins several names with a comma and one space",
			Statements: []string{"5.4-1", "5.4-3"}, Story: "list", Strict: Must, Guide: Must, After: afterList,
			Ask: `
				> CREATE {d}/a.txt first
				< 100 {d}/a.txt CREATED
				> CREATE {d}/b.txt second
				< 100 {d}/b.txt CREATED
				> CREATE {d}/c.txt third
				< 100 {d}/c.txt CREATED
				> LIST {d}
				< 200 {d} OK
				< a.txt, b.txt, c.txt`,
			Hints: []Hint{
				{ExtraBytes, "all names stand on one line, joined with a comma and one space"},
				{CutShort, "names are missing from the list"},
				{WrongContents, "between two names stand a comma and one space, and nothing before the first or after the last: a.txt, b.txt, c.txt; and the names are sorted by their bytes, which a function that reads a directory need not do"},
			},
		},
		{
			ID: "STTP-5.4-LIST-003", Title: "LIST sorts the names by their bytes",
			Statements: []string{"5.4-5"}, Story: "list", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.4-LIST-002"},
			Ask: `
				> CREATE {d}/b.txt text
				< 100 {d}/b.txt CREATED
				> CREATE {d}/B.txt text
				< 100 {d}/B.txt CREATED
				> CREATE {d}/10.txt text
				< 100 {d}/10.txt CREATED
				> CREATE {d}/_.txt text
				< 100 {d}/_.txt CREATED
				> CREATE {d}/a text
				< 100 {d}/a CREATED
				> CREATE {d}/a.txt text
				< 100 {d}/a.txt CREATED
				> CREATE {d}/9.txt text
				< 100 {d}/9.txt CREATED
				> LIST {d}
				< 200 {d} OK
				< 10.txt, 9.txt, B.txt, _.txt, a, a.txt, b.txt`,
			Hints: append([]Hint{{GotStatus(300), "b.txt and B.txt are two files; on a file system that ignores case this server cannot be right"}}, order...),
		},
		{
			ID: "STTP-5.4-LIST-004", Title: "LIST shows a subdirectory by its name and a slash",
			Statements: []string{"5.4-4", "5.4-1"}, Story: "list", Strict: Must, Guide: Must, After: afterList,
			Ask: `
				> CREATE {d}/a.txt first
				< 100 {d}/a.txt CREATED
				> CREATE {d}/sub/b.txt second
				< 100 {d}/sub/b.txt CREATED
				> LIST {d}
				< 200 {d} OK
				< a.txt, sub/`,
			Hints: []Hint{
				{CutShort, "subdirectories are shown as well, by their name and a /"},
				{WrongContents, "a subdirectory is shown by its name and a / behind it; what is in it is not shown"},
			},
		},
		{
			ID: "STTP-5.4-LIST-005", Title: "LIST sorts a directory with its slash, so that a-b stands before a/",
			Statements: []string{"5.4-5", "5.4-4"}, Story: "list", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.4-LIST-004"},
			Ask: `
				> CREATE {d}/a0 text
				< 100 {d}/a0 CREATED
				> CREATE {d}/a/x text
				< 100 {d}/a/x CREATED
				> CREATE {d}/a.txt text
				< 100 {d}/a.txt CREATED
				> CREATE {d}/a-b text
				< 100 {d}/a-b CREATED
				> CREATE {d}/b/x text
				< 100 {d}/b/x CREATED
				> LIST {d}
				< 200 {d} OK
				< a-b, a.txt, a/, a0, b/`,
			Hints: []Hint{{WrongContents, "sort the names after the / has been put behind the directories: - and . are less than /, so a-b and a.txt stand before a/; and directories do not come first"}},
		},
		{
			ID: "STTP-5.4-LIST-006", Title: "LIST sorts names beyond ASCII by their bytes as well",
			Statements: []string{"5.4-5"}, Story: "list", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.4-LIST-003"},
			Ask: `
				> CREATE {d}/😀 text
				< 100 {d}/😀 CREATED
				> CREATE {d}/é text
				< 100 {d}/é CREATED
				> CREATE {d}/z text
				< 100 {d}/z CREATED
				> CREATE {d}/ﬀ text
				< 100 {d}/ﬀ CREATED
				> CREATE {d}/Ω text
				< 100 {d}/Ω CREATED
				> CREATE {d}/日 text
				< 100 {d}/日 CREATED
				> LIST {d}
				< 200 {d} OK
				< z, é, Ω, 日, ﬀ, 😀`,
			Hints: []Hint{
				{WrongContents, "compare the UTF-8 bytes: languages whose strings are UTF-16 (Java, JavaScript, C#) put 😀 before ﬀ, and a sort by language puts é beside e"},
				{GotStatus(300), "names may hold letters of any language"},
			},
		},
		{
			ID: "STTP-5.4-LIST-007", Title: "LIST of a directory is the same with a slash at its end, and repeats the path as it was sent",
			Statements: []string{"5.4-2", "6.3-1"}, Story: "list", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.4-LIST-004"},
			Ask: `
				> CREATE {d}/a.txt first
				< 100 {d}/a.txt CREATED
				> CREATE {d}/sub/b.txt second
				< 100 {d}/sub/b.txt CREATED
				> LIST {d}/
				< 200 {d}/ OK
				< a.txt, sub/
				> LIST {d}
				< 200 {d} OK
				< a.txt, sub/
				> LIST {d}/sub/
				< 200 {d}/sub/ OK
				< b.txt`,
			Hints: []Hint{{WrongPath, "the path is answered as it was sent, with the slash at its end if it had one"}},
		},
		{
			ID: "STTP-5.4-LIST-008", Title: "LIST shows names with commas as they are",
			Statements: []string{"5.4-3"}, Story: "list", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.4-LIST-002"},
			Ask: `
				> CREATE {d}/a,b.txt first
				< 100 {d}/a,b.txt CREATED
				> CREATE {d}/c, second
				< 100 {d}/c, CREATED
				> CREATE {d}/d.txt third
				< 100 {d}/d.txt CREATED
				> LIST {d}
				< 200 {d} OK
				< a,b.txt, c,, d.txt`,
			Hints: []Hint{{GotStatus(300), "a comma may be in a name: only white space may not, and that is why names can be split at comma and space"}},
		},
		{
			ID: "STTP-5.4-LIST-009", Title: "LIST / is answered 200 and shows the files that lie there",
			Statements: []string{"5.4-1", "3.4-2"}, Story: "list", Strict: Must, Guide: Must,
			After:   []string{"STTP-5.2-CREATE-005", "STTP-5.4-LIST-001"},
			Accepts: "200, and the file just made is among the names",
			Netcat:  `printf 'CREATE /try.txt Buy milk\n\n' | nc HOST PORT; printf 'LIST /\n\n' | nc HOST PORT`,
			Run:     listTop,
			Hints: []Hint{
				{GotStatus(300), "/ is a directory like any other: a path of one character is a right one"},
				{GotStatus(400), "/ always exists, also when nothing is stored"},
				{WrongPath, "the path that LIST / answers is /: cleaning or cutting the path must not leave nothing of it"},
			},
		},
		{
			ID: "STTP-5.4-LIST-010", Title: "LIST shows what is directly in the directory, and nothing that lies deeper",
			Statements: []string{"5.4-1"}, Story: "list", Strict: Must, Guide: Must, After: []string{"STTP-5.4-LIST-004"},
			Ask: `
				> CREATE {d}/a.txt first
				< 100 {d}/a.txt CREATED
				> CREATE {d}/sub/b.txt second
				< 100 {d}/sub/b.txt CREATED
				> CREATE {d}/sub/deep/c.txt third
				< 100 {d}/sub/deep/c.txt CREATED
				> CREATE {d}/subway.txt fourth
				< 100 {d}/subway.txt CREATED
				> LIST {d}
				< 200 {d} OK
				< a.txt, sub/, subway.txt
				> LIST {d}/sub
				< 200 {d}/sub OK
				< b.txt, deep/
				> LIST {d}/sub/deep
				< 200 {d}/sub/deep OK
				< c.txt`,
			Hints: []Hint{{WrongContents, "only what is directly in the directory is shown: do not walk down the tree, and do not take every path that begins the same (/sub is no part of /subway.txt)"}},
		},
		{
			ID: "STTP-5.4-LIST-011", Title: "LIST shows a file that was made after the LIST before",
			Statements: []string{"5.4-1", "5.8-3"}, Story: "list", Strict: Must, Guide: Must, After: afterList,
			Ask: `
				> CREATE {d}/a.txt first
				< 100 {d}/a.txt CREATED
				> LIST {d}
				< 200 {d} OK
				< a.txt
				> LIST {d}
				< 200 {d} OK
				< a.txt
				> CREATE {d}/b.txt second
				< 100 {d}/b.txt CREATED
				> LIST {d}
				< 200 {d} OK
				< a.txt, b.txt`,
			Hints: []Hint{{CutShort, "the list is the one from before the CREATE: a cached list has to go when a file is made in its directory"}},
		},
		{
			ID: "STTP-5.4-LIST-012", Title: "LIST shows all names of a directory with many files",
			Statements: []string{"5.4-1", "5.4-5"}, Story: "list", Strict: Must, Guide: Must, After: []string{"STTP-5.4-LIST-002"},
			Limit:   20 * time.Second,
			Accepts: "the names of 140 files, more than 4 KiB together",
			Netcat:  `for i in $(seq 100 239); do printf "CREATE /try/a-name-with-31-characters-$i.t text\n\n" | nc HOST PORT >/dev/null; done; printf 'LIST /try\n\n' | nc HOST PORT | tr , '\n' | wc -l`,
			Run:     listMany,
			Hints: []Hint{
				{CutShort, "the end of the list is missing: is it read or written through a buffer of a fixed size? One call of write or send may take only a part"},
				{WrongContents, "names are missing, there twice, or not sorted: a function that reads a directory may give it piece by piece, in no order"},
			},
		},
		{
			ID: "STTP-5.4-LIST-013", Title: "LIST does not show a file that was deleted",
			Statements: []string{"5.4-1", "5.8-3"}, Story: "delete", Strict: Must, Guide: Must,
			After: []string{"STTP-5.4-LIST-002", "STTP-5.6-DELETE-001"},
			Ask: `
				> CREATE {d}/a.txt first
				< 100 {d}/a.txt CREATED
				> CREATE {d}/b.txt second
				< 100 {d}/b.txt CREATED
				> LIST {d}
				< 200 {d} OK
				< a.txt, b.txt
				> DELETE {d}/a.txt
				< 600 {d}/a.txt DELETED
				> LIST {d}
				< 200 {d} OK
				< b.txt`,
			Hints: []Hint{
				{WrongContents, "the list is the one from before the DELETE: a cached list has to go when a file in its directory is deleted"},
				{GotStatus(200), "DELETE is answered 600, and has no contents line"},
			},
		},
	}
}

// listErrorCases are those of a LIST that is refused.
func listErrorCases() []Case {
	return []Case{
		{
			ID: "STTP-5.4-LIST-014", Title: "LIST of a directory that does not exist is answered 400",
			Statements: []string{"5.4-7"}, Story: "list", Strict: Must, Guide: Must,
			Ask: `
				> LIST {d}/no
				< 400 {d}/no NOT FOUND
				~ 410
				> LIST {d}/one/two/three
				< 400 {d}/one/two/three NOT FOUND
				~ 410`,
			Hints: []Hint{
				{GotStatus(200), "a directory that is missing is not the same as an empty one"},
				{GotStatus(410), "410 is about the directory of a file; here the directory itself is what was asked for, so it is 400"},
				{GotStatus(500), "a missing directory is no failure of the server: tell this error from the others"},
			},
		},
		{
			ID: "STTP-5.4-LIST-015", Title: "LIST of a file is answered 300",
			Statements: []string{"5.4-8"}, Story: "suggestions", Strict: Must, Guide: Must, After: afterCreate,
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> LIST {d}/a.txt
				< 300 {d}/a.txt CLIENT ERROR "…"
				~ error`,
			Hints: []Hint{
				{GotStatus(400), "something of that name is there, but a file: 300, with a hint that SHOW reads it"},
				{GotStatus(500), "reading a file as a directory gives an error of its own (ENOTDIR): answer 300, with a hint that SHOW reads it"},
				{GotStatus(200), "a file has no names to list: 300, with a hint that SHOW reads it"},
			},
		},
		{
			ID: "STTP-5.4-LIST-018", Title: "LIST of a file is answered 300 with a slash at its end, too",
			Statements: []string{"5.4-8", "6.3-3"}, Story: "suggestions", Strict: Must, Guide: Unchecked,
			After: []string{"STTP-5.4-LIST-015"},
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> LIST {d}/a.txt/
				< 300 {d}/a.txt/ CLIENT ERROR "…"`,
		},
		{
			ID: "STTP-5.4-LIST-016", Title: "LIST of a path that leads through a file is answered 400",
			Statements: []string{"5.4-7"}, Story: "path-errors", Strict: Must, Guide: Must, After: afterCreate,
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> LIST {d}/a.txt/sub
				< 400 {d}/a.txt/sub NOT FOUND
				~ error`,
			Hints: []Hint{{GotStatus(500), "a file in the place of a directory gives an error of its own (ENOTDIR, \"not a directory\"): the directory asked for does not exist, so it is 400"}},
		},
		{
			ID: "STTP-5.4-LIST-017", Title: "LIST is answered 200 up to a line of 1 MiB, and 300 beyond it",
			Statements: []string{"5.4-9"}, Story: "replies", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.4-LIST-004"},
			Needs: KeptOpen, Limit: hugeLimit,
			Accepts: "200 with a contents line of exactly 1,048,576 bytes, and 300 after one more CREATE",
			Netcat:  `d=$(printf 'd%.0s' $(seq 250)); (for i in $(seq 10001 14100); do echo "CREATE /try/$d$i/f x"; done; echo) | nc HOST PORT | wc -l; printf 'LIST /try\n\n' | nc HOST PORT | head -c 99`,
			Run:     listHuge,
			Hints: []Hint{
				{GotStatus(200), "what a client has to hold is bounded by 1 MiB: count the bytes of the line, its commas and spaces included, before anything of it is sent"},
				{GotStatus(300), "up to and including 1,048,576 bytes the list is answered: the LF is not counted, and each name only with its comma and space"},
				{ClosedEarly, "a list of 1 MiB has to be answered whole: one call of write or send may take only a part of it"},
			},
		},
	}
}

// listTop looks for a file of its own in /, where others may lie.
func listTop(t *T) {
	name := strings.TrimPrefix(t.atTop(), "/")
	t.Want("CREATE "+t.atTop()+" Buy milk", "100 "+t.atTop()+" CREATED")
	got, end := t.Ask("LIST /")
	line, rest, _ := strings.Cut(got, "\n")
	if line != "200 / OK" {
		t.Judge("LIST /", got, end, "200 / OK", name)
		return
	}
	if !slices.Contains(splitNames(strings.TrimSuffix(rest, "\n")), name) {
		t.FailWith(&Problem{Symptom: WrongContents, Says: "LIST / does not show " + name + ", which was just made there", Got: got})
	}
}

// listMany makes many files and lists them.
func listMany(t *T) {
	var names, lines []string
	for i := range 140 {
		// 37 is prime to 140: every name comes once, and not in their order.
		name := fmt.Sprintf("a-name-with-31-characters-%d.t", 100+i*37%140)
		names = append(names, name)
		lines = append(lines, "CREATE "+t.dir+"/"+name+" text")
	}
	clients := t.crowd()
	for i := range 7 {
		clients.join(func(c *client) {
			for _, line := range lines[i*20 : (i+1)*20] {
				c.want(line, "100 "+pathOf(line)+" CREATED")
			}
		})
	}
	clients.wait()
	slices.Sort(names)
	t.Want("LIST {d}", "200 {d} OK", strings.Join(names, ", "))
}
