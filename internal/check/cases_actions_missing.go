package check

import "strings"

// atTop returns the path of a file directly in / that belongs to the case.
func (t *T) atTop() string {
	return "/" + strings.ReplaceAll(strings.TrimPrefix(t.dir, "/"), "/", "-") + ".txt"
}

// missingCases are those of section 5.7 about what is not there, and of [5.8-4].
func missingCases() []Case {
	const notARequest = "a file that is missing is no fault of the request: 300 is for requests that are wrong whatever is stored"
	const directoryIsThere = "410 means that the directory is missing: here it is there, and only the file is not"
	missingFile := []Hint{
		{GotStatus(300), notARequest},
		{GotStatus(410), directoryIsThere},
		{GotStatus(500), "a missing file is 400, not a failure of the server: tell this error from the others (errors.Is(err, fs.ErrNotExist), FileNotFoundError, ENOENT)"},
		{GotStatus(600), "600 means that a file was removed; this one was never there"},
	}
	missingDirectory := []Hint{
		{GotStatus(300), notARequest},
		{GotStatus(400), "the directory is missing as well, so it is 410: look whether it is there when the file is not"},
		{GotStatus(500), "a missing directory is 410, not a failure of the server: tell this error from the others"},
		{WrongPath, "410 names the directory of the file: the path up to and including its last slash"},
	}
	inTheWay := []Hint{
		{GotStatus(500), "a file in the place of a directory gives an error of its own (ENOTDIR, \"not a directory\"), which means 410"},
		{GotStatus(400), "what stands in the place of the directory is a file, so the directory is missing: 410"},
		{WrongPath, "410 names the directory of the file: the path up to and including its last slash"},
	}
	return []Case{
		{
			ID: "STTP-5.7-MISSING-001", Title: "SHOW in a directory that does not exist is answered 410 with the directory",
			Statements: []string{"5.7-2", "6.3-2"}, Story: "path-errors", Strict: Must, Guide: Must,
			Ask: `
				> SHOW {d}/no/a.txt
				< 410 {d}/no/ PATH NOT FOUND
				~ 400`,
			Hints: missingDirectory,
		},
		{
			ID: "STTP-5.7-MISSING-002", Title: "UPDATE in a directory that does not exist is answered 410 with the directory",
			Statements: []string{"5.7-2", "6.3-2"}, Story: "path-errors", Strict: Must, Guide: Must,
			Ask: `
				> UPDATE {d}/no/a.txt Buy milk
				< 410 {d}/no/ PATH NOT FOUND
				~ 400 510`,
			Hints: append([]Hint{{GotStatus(510), "510 is for CREATE alone, as nothing else makes directories"}}, missingDirectory...),
		},
		{
			ID: "STTP-5.7-MISSING-003", Title: "DELETE in a directory that does not exist is answered 410 with the directory",
			Statements: []string{"5.7-2", "6.3-2"}, Story: "path-errors", Strict: Must, Guide: Must,
			Ask: `
				> DELETE {d}/no/a.txt
				< 410 {d}/no/ PATH NOT FOUND
				~ 400`,
			Hints: missingDirectory,
		},
		{
			ID: "STTP-5.7-MISSING-004", Title: "SHOW of a file that is missing from its directory is answered 400",
			Statements: []string{"5.7-1"}, Story: "show", Strict: Must, Guide: Must, After: afterCreate,
			Ask: `
				> CREATE {d}/other.txt I am here
				< 100 {d}/other.txt CREATED
				> SHOW {d}/a.txt
				< 400 {d}/a.txt NOT FOUND`,
			Hints: missingFile,
		},
		{
			ID: "STTP-5.7-MISSING-005", Title: "UPDATE of a file that is missing from its directory is answered 400",
			Statements: []string{"5.7-1", "5.5-2"}, Story: "update", Strict: Must, Guide: Must, After: afterCreate,
			Ask: `
				> CREATE {d}/other.txt I am here
				< 100 {d}/other.txt CREATED
				> UPDATE {d}/a.txt Buy milk
				< 400 {d}/a.txt NOT FOUND`,
			Hints: append([]Hint{{GotStatus(200), "UPDATE is for files that exist: open without an option that makes the file"}}, missingFile...),
		},
		{
			ID: "STTP-5.7-MISSING-006", Title: "DELETE of a file that is missing from its directory is answered 400",
			Statements: []string{"5.7-1"}, Story: "delete", Strict: Must, Guide: Must, After: afterCreate,
			Ask: `
				> CREATE {d}/other.txt I am here
				< 100 {d}/other.txt CREATED
				> DELETE {d}/a.txt
				< 400 {d}/a.txt NOT FOUND`,
			Hints: missingFile,
		},
		{
			ID: "STTP-5.7-MISSING-007", Title: "SHOW, UPDATE and DELETE are answered 410 if a file stands where a directory is needed",
			Statements: []string{"5.7-3", "6.3-2"}, Story: "path-errors", Strict: Must, Guide: Must, After: afterCreate,
			Ask: `
				> CREATE {d}/a.txt I am a file
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt/b.txt
				< 410 {d}/a.txt/ PATH NOT FOUND
				~ error
				> UPDATE {d}/a.txt/b.txt Buy milk
				< 410 {d}/a.txt/ PATH NOT FOUND
				~ error
				> DELETE {d}/a.txt/b.txt
				< 410 {d}/a.txt/ PATH NOT FOUND
				~ error
				> SHOW {d}/a.txt/sub/deep/b.txt
				< 410 {d}/a.txt/sub/deep/ PATH NOT FOUND
				~ error`,
			Hints: inTheWay,
		},
		{
			ID: "STTP-5.7-MISSING-008", Title: "The 410 names the directory of the file, whichever directory on the way is missing",
			Statements: []string{"5.7-2", "6.3-2"}, Story: "path-errors", Strict: Must, Guide: Must,
			After: []string{"STTP-5.7-MISSING-001"},
			Ask: `
				> CREATE {d}/a.txt I am here
				< 100 {d}/a.txt CREATED
				> SHOW {d}/one/two/three/a.txt
				< 410 {d}/one/two/three/ PATH NOT FOUND
				~ 400`,
			Hints: missingDirectory,
		},
		{
			ID: "STTP-5.7-MISSING-009", Title: "SHOW, UPDATE and DELETE of a file that is missing from / are answered 400",
			Statements: []string{"5.7-1", "3.4-2"}, Story: "update", Strict: Must, Guide: Must,
			Accepts: "400 with the path; / always exists",
			Netcat:  `for c in 'SHOW /try.txt' 'UPDATE /try.txt Buy milk' 'DELETE /try.txt'; do printf '%s\n\n' "$c" | nc HOST PORT; done`,
			Run: func(t *T) {
				for _, line := range []string{"SHOW " + t.atTop(), "UPDATE " + t.atTop() + " Buy milk", "DELETE " + t.atTop()} {
					t.WantOr([]int{410}, line, "400 "+t.atTop()+" NOT FOUND")
				}
			},
			Hints: append([]Hint{{GotStatus(410), "a file such as /a.txt lies in /, and / always exists: make the directory of the snippets when the server starts"}}, missingFile[:1]...),
		},
		{
			ID: "STTP-5.7-MISSING-010", Title: "SHOW and DELETE in a directory that has gone are answered 410",
			Statements: []string{"5.7-2", "5.7-4"}, Story: "path-errors", Strict: Must, Guide: Must, After: afterDelete,
			Ask: `
				> CREATE {d}/sub/a.txt Buy milk
				< 100 {d}/sub/a.txt CREATED
				> DELETE {d}/sub/a.txt
				< 600 {d}/sub/a.txt DELETED
				> SHOW {d}/sub/a.txt
				< 410 {d}/sub/ PATH NOT FOUND
				~ 400
				> DELETE {d}/sub/a.txt
				< 410 {d}/sub/ PATH NOT FOUND
				~ 400`,
			Hints: append([]Hint{{GotStatus(400), "a directory goes with the last file in it, so its directory is missing now: 410"}}, missingDirectory...),
		},
		{
			ID: "STTP-5.8-REFUSAL-001", Title: "An UPDATE that is refused leaves the contents as they were",
			Statements: []string{"5.8-4", "4.1-5"}, Story: "suggestions", Strict: Must, Guide: Must, After: afterUpdate,
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> UPDATE {d}/a.txt {x*161}
				< 300 {d}/a.txt CLIENT ERROR "…"
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< Buy milk
				> UPDATE {d}/a.txt
				< 300 {d}/a.txt CLIENT ERROR "…"
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< Buy milk`,
			Hints: []Hint{
				{WrongContents, "the refused UPDATE has changed the file: check the whole request before the file is opened"},
				{GotStatus(200), "contents of more than 160 characters, or none at all, are refused with 300"},
			},
		},
		{
			ID: "STTP-5.8-REFUSAL-002", Title: "A DELETE that is refused leaves the file there",
			Statements: []string{"5.8-4", "4.3-2"}, Story: "suggestions", Strict: Must, Guide: Unchecked, After: afterShow,
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> DELETE {d}/a.txt {d}/b.txt
				< 300 {d}/a.txt CLIENT ERROR "…"
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< Buy milk`,
			Hints: []Hint{{GotStatus(600), "DELETE takes a path and nothing else: whoever sends more expects something else than what would be done"}},
		},
		{
			ID: "STTP-5.8-REFUSAL-003", Title: "What is answered 410 or 510 because a file stands in the way changes nothing",
			Statements: []string{"5.8-4"}, Story: "path-errors", Strict: Must, Guide: Must, After: afterList,
			Ask: `
				> CREATE {d}/a.txt I am a file
				< 100 {d}/a.txt CREATED
				> UPDATE {d}/a.txt/b.txt Buy milk
				< 410 {d}/a.txt/ PATH NOT FOUND
				~ error
				> DELETE {d}/a.txt/b.txt
				< 410 {d}/a.txt/ PATH NOT FOUND
				~ error
				> CREATE {d}/a.txt/b.txt Buy milk
				< 510 {d}/a.txt/ CANNOT CREATE PATH
				~ 300 410 500
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< I am a file
				> LIST {d}
				< 200 {d} OK
				< a.txt`,
		},
	}
}

// directoryCases are those of section 5.7 about directories.
func directoryCases() []Case {
	const nameless = "a path that ends with / names a directory, and a snippet is never one: 300 with a hint"
	directory := []Hint{
		{GotStatus(400), "something is there, a directory: that is 300 with a hint, whether the path ends with / or not"},
		{GotStatus(410), nameless},
		{GotStatus(500), "reading or writing a directory gives an error of its own (EISDIR): look what the path is, and answer 300"},
		{GotStatus(200), "a directory has no contents to show or to replace; LIST is for directories"},
		{GotStatus(510), nameless},
		{GotStatus(100), "a directory of that name exists, or the path ends with /: no file can be made there"},
		{GotStatus(600), "DELETE removes files alone: a function that removes empty directories too (os.Remove in Go) must not get one"},
	}
	return []Case{
		{
			ID: "STTP-5.7-DIR-001", Title: "SHOW of a directory is answered 300, with the slash at its end or without",
			Statements: []string{"5.7-5", "3.4-1"}, Story: "suggestions", Strict: Must, Guide: Must, After: afterCreate,
			Ask: `
				> CREATE {d}/sub/a.txt Buy milk
				< 100 {d}/sub/a.txt CREATED
				> SHOW {d}/sub
				< 300 {d}/sub CLIENT ERROR "…"
				~ error
				> SHOW {d}/sub/
				< 300 {d}/sub/ CLIENT ERROR "…"
				~ error`,
			Hints: directory,
		},
		{
			ID: "STTP-5.7-DIR-002", Title: "UPDATE of a directory is answered 300, with the slash at its end or without",
			Statements: []string{"5.7-5"}, Story: "suggestions", Strict: Must, Guide: Must, After: afterCreate,
			Ask: `
				> CREATE {d}/sub/a.txt Buy milk
				< 100 {d}/sub/a.txt CREATED
				> UPDATE {d}/sub Buy oat milk
				< 300 {d}/sub CLIENT ERROR "…"
				~ error
				> UPDATE {d}/sub/ Buy oat milk
				< 300 {d}/sub/ CLIENT ERROR "…"
				~ error`,
			Hints: directory,
		},
		{
			ID: "STTP-5.7-DIR-003", Title: "CREATE of a directory is answered 300, with the slash at its end or without",
			Statements: []string{"5.7-5"}, Story: "suggestions", Strict: Must, Guide: Must, After: afterCreate,
			Ask: `
				> CREATE {d}/sub/a.txt Buy milk
				< 100 {d}/sub/a.txt CREATED
				> CREATE {d}/sub Buy oat milk
				< 300 {d}/sub CLIENT ERROR "…"
				~ error
				> CREATE {d}/sub/ Buy oat milk
				< 300 {d}/sub/ CLIENT ERROR "…"
				~ error`,
			Hints: directory,
		},
		{
			ID: "STTP-5.7-DIR-004", Title: "DELETE of a directory is answered 300 and removes nothing",
			Statements: []string{"5.7-5", "5.8-4"}, Story: "suggestions", Strict: Must, Guide: Must, After: afterShow,
			Ask: `
				> CREATE {d}/sub/a.txt Buy milk
				< 100 {d}/sub/a.txt CREATED
				> DELETE {d}/sub
				< 300 {d}/sub CLIENT ERROR "…"
				~ error
				> DELETE {d}/sub/
				< 300 {d}/sub/ CLIENT ERROR "…"
				~ error
				> SHOW {d}/sub/a.txt
				< 200 {d}/sub/a.txt OK
				< Buy milk`,
			Hints: append([]Hint{
				{GotStatus(600), "DELETE has removed a directory with all that is in it: never use a function that removes recursively (os.RemoveAll, shutil.rmtree, rm -r) for a path that a client sends"},
			}, directory...),
		},
		{
			ID: "STTP-5.7-DIR-005", Title: "A path that ends with a slash is answered 300 by CREATE, SHOW, UPDATE and DELETE, whatever is there",
			Statements: []string{"5.7-5", "3.4-1"}, Story: "suggestions", Strict: Must, Guide: Must, After: afterCreate,
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt/
				< 300 {d}/a.txt/ CLIENT ERROR "…"
				~ any
				> CREATE {d}/new/ Buy milk
				< 300 {d}/new/ CLIENT ERROR "…"
				~ any
				> SHOW {d}/no/
				< 300 {d}/no/ CLIENT ERROR "…"
				~ error
				> UPDATE {d}/no/ Buy milk
				< 300 {d}/no/ CLIENT ERROR "…"
				~ any
				> DELETE {d}/no/
				< 300 {d}/no/ CLIENT ERROR "…"
				~ any`,
			Hints: append([]Hint{
				{GotStatus(200), "the slash at the end was dropped: functions that clean or join paths do so; look at the path before"},
				{GotStatus(100), "the slash at the end was dropped: functions that clean or join paths do so; look at the path before"},
				{GotStatus(400), nameless},
			}, directory...),
		},
		{
			ID: "STTP-5.7-DIR-006", Title: "A directory goes when the last file in it is deleted",
			Statements: []string{"5.7-4"}, Story: "delete", Strict: Must, Guide: Choice,
			After:   []string{"STTP-5.4-LIST-001", "STTP-5.6-DELETE-001"},
			Accepts: "LIST of the directory is answered 400 after the DELETE",
			Netcat:  `for c in 'CREATE /try/sub/a.txt milk' 'DELETE /try/sub/a.txt' 'LIST /try/sub'; do printf '%s\n\n' "$c" | nc HOST PORT; done`,
			Run:     directoryGoes,
			Hints:   []Hint{{GotStatus(200), "after a DELETE remove the directory if it is empty, and so on upwards until one is not: a plain rmdir does both, as it fails on one that is not empty"}},
		},
		{
			ID: "STTP-5.7-DIR-007", Title: "Every directory above that is empty then goes with the last file",
			Statements: []string{"5.7-4"}, Story: "delete", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.7-DIR-006"},
			Ask: `
				> CREATE {d}/keep.txt I stay
				< 100 {d}/keep.txt CREATED
				> CREATE {d}/one/two/three/a.txt Buy milk
				< 100 {d}/one/two/three/a.txt CREATED
				> DELETE {d}/one/two/three/a.txt
				< 600 {d}/one/two/three/a.txt DELETED
				> LIST {d}/one/two/three
				< 400 {d}/one/two/three NOT FOUND
				> LIST {d}/one/two
				< 400 {d}/one/two NOT FOUND
				> LIST {d}/one
				< 400 {d}/one NOT FOUND
				> LIST {d}
				< 200 {d} OK
				< keep.txt`,
			Hints: []Hint{
				{GotStatus(200), "not only the file's own directory goes: so does every one above it that is empty then, except /"},
				{GotStatus(400), "a directory that still holds a file has to stay"},
			},
		},
		{
			ID: "STTP-5.7-DIR-008", Title: "A directory stays as long as a file or a subdirectory is in it",
			Statements: []string{"5.7-4"}, Story: "delete", Strict: Must, Guide: Must,
			After: []string{"STTP-5.4-LIST-001", "STTP-5.6-DELETE-001"},
			Ask: `
				> CREATE {d}/one/a.txt first
				< 100 {d}/one/a.txt CREATED
				> CREATE {d}/one/b.txt second
				< 100 {d}/one/b.txt CREATED
				> CREATE {d}/one/two/c.txt third
				< 100 {d}/one/two/c.txt CREATED
				> DELETE {d}/one/a.txt
				< 600 {d}/one/a.txt DELETED
				> LIST {d}/one
				< 200 {d}/one OK
				< b.txt, two/
				> DELETE {d}/one/b.txt
				< 600 {d}/one/b.txt DELETED
				> SHOW {d}/one/two/c.txt
				< 200 {d}/one/two/c.txt OK
				< third`,
			Hints: []Hint{
				{GotStatus(410), "a directory was removed with something still in it: remove it only if it is empty, and never recursively"},
				{GotStatus(400), "a directory was removed with something still in it: remove it only if it is empty, and never recursively"},
			},
		},
		{
			ID: "STTP-5.7-DIR-009", Title: "The name of a directory that has gone can be that of a file, and the other way round",
			Statements: []string{"5.7-4", "5.2-1"}, Story: "delete", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.7-DIR-006"},
			Ask: `
				> CREATE {d}/name/a.txt first
				< 100 {d}/name/a.txt CREATED
				> DELETE {d}/name/a.txt
				< 600 {d}/name/a.txt DELETED
				> CREATE {d}/name second
				< 100 {d}/name CREATED
				> SHOW {d}/name
				< 200 {d}/name OK
				< second
				> DELETE {d}/name
				< 600 {d}/name DELETED
				> CREATE {d}/name/a.txt third
				< 100 {d}/name/a.txt CREATED
				> SHOW {d}/name/a.txt
				< 200 {d}/name/a.txt OK
				< third`,
			Hints: []Hint{{GotStatus(300), "nothing of that name is stored any more: is there a list or a cache of directories that DELETE does not keep up to date?"}},
		},
	}
}

// directoryGoes looks what is left of a directory after the last DELETE in it.
func directoryGoes(t *T) {
	t.Want("CREATE {d}/keep.txt I stay", "100 {d}/keep.txt CREATED")
	t.Want("CREATE {d}/sub/a.txt Buy milk", "100 {d}/sub/a.txt CREATED")
	t.Want("DELETE {d}/sub/a.txt", "600 {d}/sub/a.txt DELETED")
	if t.Strict() {
		t.Want("LIST {d}/sub", "400 {d}/sub NOT FOUND")
		t.Want("LIST {d}", "200 {d} OK", "keep.txt")
		return
	}
	switch got, _ := t.Ask("LIST {d}/sub"); {
	case strings.HasPrefix(got, "200 "):
		t.Chose("a directory stays, empty, when the last file in it is deleted")
	case strings.HasPrefix(got, "400 "), strings.HasPrefix(got, "410 "):
		t.Chose("a directory goes when the last file in it is deleted, or an empty one is not listed")
	default:
		t.Fail(Unexpected, "LIST of a directory whose last file was deleted is answered neither 200, 400 nor 410")
	}
}
