package check

import "slices"

// actionCases are those of section 5 of docs/protocol.md that one client can
// see, but for LIST.
func actionCases() []Case {
	return slices.Concat(createCases(), showCases(), updateCases(), deleteCases(), missingCases(), directoryCases())
}

// What many cases depend on.
var (
	afterCreate = []string{"STTP-5.2-CREATE-001"}
	afterShow   = []string{"STTP-5.3-SHOW-001"}
	afterList   = []string{"STTP-5.4-LIST-001"}
	afterUpdate = []string{"STTP-5.5-UPDATE-001"}
	afterDelete = []string{"STTP-5.6-DELETE-001"}
)

const makeDirectories = "CREATE makes the directories that a file needs, all that are missing (as mkdir -p does, os.MkdirAll in Go, parents=True in Python)"

// createCases are those of section 5.2.
func createCases() []Case {
	noDirectory := []Hint{
		{GotStatus(510), makeDirectories}, {GotStatus(500), makeDirectories},
		{GotStatus(410), makeDirectories}, {GotStatus(400), makeDirectories},
		{GotStatus(310), "only what follows the last slash is the name of the file: the 32 characters are not counted over the whole path"},
	}
	return []Case{
		{
			ID: "STTP-5.2-CREATE-001", Title: "CREATE of a new file is answered 100 with its path",
			Statements: []string{"5.2-1", "5.2-2", "6.3-1"}, Story: "create", Strict: Must, Guide: Must,
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED`,
			Hints: append([]Hint{
				{GotStatus(200), "a CREATE that was carried out is answered 100, not 200: 100 /notes/a.txt CREATED"},
				{GotStatus(300), "the contents are all that follows the path, spaces included: split the line at its first two spaces only, and do not count its words"},
				{GotStatus(310), "only the name of the file counts for 310, what follows the last slash; the directories before it do not"},
			}, noDirectory...),
		},
		{
			ID: "STTP-5.2-CREATE-002", Title: "CREATE with its contents in double quotes is answered 100",
			Statements: []string{"5.2-1"}, Story: "create", Strict: Must, Guide: Must, After: afterCreate,
			Ask: `
				> CREATE {d}/a.txt "Buy milk"
				< 100 {d}/a.txt CREATED`,
			Hints: []Hint{{GotStatus(300), `contents may stand bare or in double quotes: CREATE /a.txt Buy milk and CREATE /a.txt "Buy milk" mean the same`}},
		},
		{
			ID: "STTP-5.2-CREATE-003", Title: "CREATE makes all directories that are missing, one in the other",
			Statements: []string{"5.2-2"}, Story: "create", Strict: Must, Guide: Must, After: afterCreate,
			Ask: `
				> CREATE {d}/one/two/three/a.txt Buy milk
				< 100 {d}/one/two/three/a.txt CREATED`,
			Hints: noDirectory,
		},
		{
			ID: "STTP-5.2-CREATE-004", Title: "CREATE of a second file in a directory that is there already is answered 100",
			Statements: []string{"5.2-1", "5.2-2"}, Story: "create", Strict: Must, Guide: Must, After: afterCreate,
			Ask: `
				> CREATE {d}/a.txt first
				< 100 {d}/a.txt CREATED
				> CREATE {d}/b.txt second
				< 100 {d}/b.txt CREATED
				> CREATE {d}/sub/a.txt third
				< 100 {d}/sub/a.txt CREATED`,
			Hints: []Hint{
				{GotStatus(510), "that a directory exists already is no error: mkdir fails then, mkdir -p (os.MkdirAll, exist_ok=True) does not"},
				{GotStatus(500), "that a directory exists already is no error: mkdir fails then, mkdir -p (os.MkdirAll, exist_ok=True) does not"},
				{GotStatus(300), "/a.txt and /sub/a.txt are two files: compare the whole path, not the name of the file"},
			},
		},
		{
			ID: "STTP-5.2-CREATE-005", Title: "CREATE makes a file directly in /",
			Statements: []string{"5.2-1"}, Story: "create", Strict: Must, Guide: Must, After: afterCreate,
			Accepts: "100 with the path of the file",
			Netcat:  `printf 'CREATE /try.txt Buy milk\n\n' | nc HOST PORT`,
			Run:     func(t *T) { t.Want("CREATE "+t.atTop()+" Buy milk", "100 "+t.atTop()+" CREATED") },
			Hints: append([]Hint{
				{GotStatus(300), "a path need not name a directory: /a.txt lies in /"},
				{WrongPath, "the path is answered as it was sent: cleaning or joining paths can lose the / at its beginning"},
			}, noDirectory...),
		},
		{
			ID: "STTP-5.2-CREATE-006", Title: "CREATE of a file that exists is answered 300",
			Statements: []string{"5.2-3"}, Story: "suggestions", Strict: Must, Guide: Must, After: afterCreate,
			Ask: `
				> CREATE {d}/a.txt first
				< 100 {d}/a.txt CREATED
				> CREATE {d}/a.txt second
				< 300 {d}/a.txt CLIENT ERROR "…"
				~ any`,
			Hints: []Hint{{GotStatus(100), "CREATE never replaces a file: make it with an option that fails if it exists (os.O_EXCL in Go, mode \"x\" in Python, CREATE_NEW in Java)"}},
		},
		{
			ID: "STTP-5.2-CREATE-007", Title: "CREATE of a file that exists leaves it as it is",
			Statements: []string{"5.2-3", "5.8-4"}, Story: "suggestions", Strict: Must, Guide: Choice, After: afterShow,
			Accepts: "after two CREATEs of one file a SHOW is answered with the contents of the first",
			Netcat:  `for c in 'CREATE /try/a.txt first' 'CREATE /try/a.txt second' 'SHOW /try/a.txt'; do printf '%s\n\n' "$c" | nc HOST PORT; done`,
			Run:     createTwice,
			Hints:   []Hint{{WrongContents, "CREATE has replaced the file: make it with an option that fails if it exists, and do not open and truncate it before you know"}},
		},
		{
			ID: "STTP-5.2-CREATE-008", Title: "CREATE is answered 510 if a file stands where it needs a directory",
			Statements: []string{"5.2-5", "6.3-2"}, Story: "path-errors", Strict: Must, Guide: Must, After: afterCreate,
			Ask: `
				> CREATE {d}/a.txt I am a file
				< 100 {d}/a.txt CREATED
				> CREATE {d}/a.txt/b.txt Buy milk
				< 510 {d}/a.txt/ CANNOT CREATE PATH
				~ 300 410 500`,
			Hints: blockedHints(),
		},
		{
			ID: "STTP-5.2-CREATE-009", Title: "The 510 names the directory of the file, wherever on the way a file stands",
			Statements: []string{"5.2-5", "6.3-2"}, Story: "path-errors", Strict: Must, Guide: Must,
			After: []string{"STTP-5.2-CREATE-008"},
			Ask: `
				> CREATE {d}/a.txt I am a file
				< 100 {d}/a.txt CREATED
				> CREATE {d}/a.txt/sub/deep/b.txt Buy milk
				< 510 {d}/a.txt/sub/deep/ CANNOT CREATE PATH
				~ 300 410 500`,
			Hints: blockedHints(),
		},
		{
			ID: "STTP-5.2-CREATE-010", Title: "A CREATE that is answered 510 leaves the file that stands in the way as it is",
			Statements: []string{"5.2-5", "5.8-4"}, Story: "path-errors", Strict: Must, Guide: Must,
			After: []string{"STTP-5.3-SHOW-001", "STTP-5.2-CREATE-008"},
			Ask: `
				> CREATE {d}/a.txt I am a file
				< 100 {d}/a.txt CREATED
				> CREATE {d}/a.txt/b.txt Buy milk
				< 510 {d}/a.txt/ CANNOT CREATE PATH
				~ 300 410 500
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< I am a file`,
			Hints: []Hint{{GotStatus(300), "the file in the way is a directory now: never remove or replace a file in order to make a directory"}},
		},
		{
			ID: "STTP-5.2-CREATE-011", Title: "A CREATE that fails leaves no directory behind",
			Statements: []string{"5.2-6"}, Story: "name-length", Strict: Should, Guide: Unchecked, After: afterList,
			Ask: `
				> CREATE {d}/new/{n*33} Buy milk
				< 310 {d}/new/{n*33} FILENAME TOO LONG
				> LIST {d}/new
				< 400 {d}/new NOT FOUND
				> CREATE {d}/new/a.txt {x*161}
				< 300 {d}/new/a.txt CLIENT ERROR "…"
				> LIST {d}/new
				< 400 {d}/new NOT FOUND`,
			Hints: []Hint{{GotStatus(200), "check the whole request first, and make directories only then"}},
		},
	}
}

func blockedHints() []Hint {
	return []Hint{
		{GotStatus(500), "the error that says \"not a directory\" (ENOTDIR) is answered 510 here, as is a missing permission to make a directory"},
		{GotStatus(410), "410 is for SHOW, UPDATE and DELETE; a CREATE that cannot have its directory is answered 510"},
		{GotStatus(100), "the file cannot have been made: is the error of making its directory looked at?"},
		{WrongPath, "510 names the directory of the file: the path up to and including its last slash"},
	}
}

// createTwice makes a file twice and looks which contents it has.
func createTwice(t *T) {
	t.Want("CREATE {d}/a.txt first", "100 {d}/a.txt CREATED")
	t.WantOr([]int{100, 200, 310, 400, 410, 500, 510, 600}, "CREATE {d}/a.txt second", "300 {d}/a.txt CLIENT ERROR \"…\"")
	if got, _ := t.Ask("SHOW {d}/a.txt"); !t.Strict() && got == t.Expand("200 {d}/a.txt OK\nsecond\n") {
		t.Chose("CREATE of a file that exists replaces it")
	}
	t.Want("SHOW {d}/a.txt", "200 {d}/a.txt OK", "first")
	if !t.Strict() {
		t.Chose("CREATE of a file that exists leaves it as it is")
	}
}

// showCases are those of section 5.3.
func showCases() []Case {
	return []Case{
		{
			ID: "STTP-5.3-SHOW-001", Title: "SHOW is answered 200 with the contents on a line of their own",
			Statements: []string{"5.3-1"}, Story: "show", Strict: Must, Guide: Must, After: afterCreate,
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< Buy milk`,
			Hints: []Hint{
				{GotStatus(300), "SHOW needs a path and nothing else: the line ends after it"},
				{GotStatus(310), "only the name of the file counts for 310, what follows the last slash"},
				{GotStatus(400), "the file was answered 100 before: do CREATE and SHOW make the same file name from a path?"},
				{GotStatus(410), "the file was answered 100 before: do CREATE and SHOW look in the same directory?"},
			},
		},
		{
			ID: "STTP-5.3-SHOW-002", Title: "SHOW answers contents that were sent in double quotes without them",
			Statements: []string{"5.3-1", "4.2-2", "4.4-1"}, Story: "show", Strict: Must, Guide: Must, After: afterShow,
			Ask: `
				> CREATE {d}/a.txt "Buy milk"
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< Buy milk`,
		},
		{
			ID: "STTP-5.3-SHOW-003", Title: "SHOW leaves the file as it is and can be asked again",
			Statements: []string{"5.3-1"}, Story: "show", Strict: Must, Guide: Must, After: afterShow,
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< Buy milk
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< Buy milk
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< Buy milk`,
			Hints: []Hint{{ExtraNewline, "the second SHOW has a newline more than the first: the one that ends the line belongs to the reply, and must not get into the file or a cache"}},
		},
		{
			ID: "STTP-5.3-SHOW-004", Title: "SHOW answers each file with its own contents",
			Statements: []string{"5.3-1"}, Story: "show", Strict: Must, Guide: Must, After: afterShow,
			Ask: `
				> CREATE {d}/a.txt first
				< 100 {d}/a.txt CREATED
				> CREATE {d}/b.txt second
				< 100 {d}/b.txt CREATED
				> CREATE {d}/sub/a.txt third
				< 100 {d}/sub/a.txt CREATED
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< first
				> SHOW {d}/b.txt
				< 200 {d}/b.txt OK
				< second
				> SHOW {d}/sub/a.txt
				< 200 {d}/sub/a.txt OK
				< third`,
			Hints: []Hint{{WrongContents, "the contents of another file are answered: a file is known by its whole path, directories included"}},
		},
		{
			ID: "STTP-5.3-SHOW-005", Title: "SHOW answers every sign of the contents as it was sent",
			Statements: []string{"5.3-1", "4.4-1"}, Story: "show", Strict: Must, Guide: Must, After: afterShow,
			Ask: `
				> CREATE {d}/a.txt 100% of {7b}it{7d}: $HOME & <b> 'a' *.txt #1, %d %s; 200 /x OK?
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< 100% of {7b}it{7d}: $HOME & <b> 'a' *.txt #1, %d %s; 200 /x OK?`,
			Hints: []Hint{
				{WrongContents, "contents are never a format, a pattern or a command: write them with a plain write, not as the first argument of a printf, and not through a shell"},
				{CutShort, "contents may hold any sign: split the line at its first two spaces only"},
			},
		},
		{
			ID: "STTP-5.3-SHOW-006", Title: "SHOW of a file directly in / is answered 200 with its contents",
			Statements: []string{"5.3-1"}, Story: "show", Strict: Must, Guide: Must, After: []string{"STTP-5.2-CREATE-005", "STTP-5.3-SHOW-001"},
			Accepts: "200 and the contents",
			Netcat:  `printf 'CREATE /try.txt Buy milk\n\n' | nc HOST PORT; printf 'SHOW /try.txt\n\n' | nc HOST PORT`,
			Run: func(t *T) {
				t.Want("CREATE "+t.atTop()+" Buy milk", "100 "+t.atTop()+" CREATED")
				t.Want("SHOW "+t.atTop(), "200 "+t.atTop()+" OK", "Buy milk")
			},
		},
	}
}

// updateCases are those of section 5.5.
func updateCases() []Case {
	return []Case{
		{
			ID: "STTP-5.5-UPDATE-001", Title: "UPDATE replaces the contents and is answered 200 with the new ones",
			Statements: []string{"5.5-1"}, Story: "update", Strict: Must, Guide: Must, After: afterShow,
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> UPDATE {d}/a.txt Buy oat milk
				< 200 {d}/a.txt OK
				< Buy oat milk
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< Buy oat milk`,
			Hints: []Hint{
				{MissingContents, "a 200 always has a line of contents: that to UPDATE is followed by the new ones"},
				{WrongContents, "after an UPDATE the new contents are answered, by the UPDATE itself and by every SHOW after it; is a cache still holding the old ones?"},
				{GotStatus(100), "an UPDATE that was carried out is answered 200: 200 /notes/a.txt OK"},
			},
		},
		{
			ID: "STTP-5.5-UPDATE-002", Title: "UPDATE with its contents in double quotes stores them without the quotes",
			Statements: []string{"5.5-1", "4.2-2"}, Story: "update", Strict: Must, Guide: Must, After: afterUpdate,
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> UPDATE {d}/a.txt "Buy oat milk"
				< 200 {d}/a.txt OK
				< Buy oat milk
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< Buy oat milk`,
		},
		{
			ID: "STTP-5.5-UPDATE-003", Title: "UPDATE with shorter contents leaves nothing of the longer ones",
			Statements: []string{"5.5-1"}, Story: "update", Strict: Must, Guide: Must, After: afterUpdate,
			Ask: `
				> CREATE {d}/a.txt a long text that is to be replaced as a whole
				< 100 {d}/a.txt CREATED
				> UPDATE {d}/a.txt short
				< 200 {d}/a.txt OK
				< short
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< short`,
			Hints: []Hint{{WrongContents, "the end of the old contents is still there: truncate the file when you open it (os.O_TRUNC in Go, mode \"w\" in Python), or better write a new one and rename it"}},
		},
		{
			ID: "STTP-5.5-UPDATE-004", Title: "UPDATE with longer contents stores them whole, and with the same ones it is answered 200",
			Statements: []string{"5.5-1"}, Story: "update", Strict: Must, Guide: Must, After: afterUpdate,
			Ask: `
				> CREATE {d}/a.txt x
				< 100 {d}/a.txt CREATED
				> UPDATE {d}/a.txt {x*160}
				< 200 {d}/a.txt OK
				< {x*160}
				> UPDATE {d}/a.txt {x*160}
				< 200 {d}/a.txt OK
				< {x*160}
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< {x*160}`,
			Hints: []Hint{{WrongContents, "UPDATE replaces the contents, it does not add to them: is the file opened for appending?"}},
		},
		{
			ID: "STTP-5.5-UPDATE-005", Title: "UPDATE makes no file",
			Statements: []string{"5.5-2", "5.7-1"}, Story: "update", Strict: Must, Guide: Must, After: afterUpdate,
			Ask: `
				> CREATE {d}/other.txt I am here
				< 100 {d}/other.txt CREATED
				> UPDATE {d}/a.txt Buy milk
				< 400 {d}/a.txt NOT FOUND
				> SHOW {d}/a.txt
				< 400 {d}/a.txt NOT FOUND`,
			Hints: []Hint{{GotStatus(200), "UPDATE is for files that exist: look first, and open without an option that makes the file (os.WriteFile and mode \"w\" make it)"}},
		},
		{
			ID: "STTP-5.5-UPDATE-006", Title: "UPDATE makes no directory",
			Statements: []string{"5.5-2", "5.7-2"}, Story: "path-errors", Strict: Must, Guide: Must,
			After: []string{"STTP-5.4-LIST-001", "STTP-5.5-UPDATE-001"},
			Ask: `
				> UPDATE {d}/no/a.txt Buy milk
				< 410 {d}/no/ PATH NOT FOUND
				~ 400 510
				> LIST {d}/no
				< 400 {d}/no NOT FOUND
				~ 410`,
			Hints: []Hint{{GotStatus(200), "only CREATE makes directories: an UPDATE in a directory that is missing changes nothing"}},
		},
		{
			ID: "STTP-5.5-UPDATE-007", Title: "UPDATE changes no file but the one that it names",
			Statements: []string{"5.5-1"}, Story: "update", Strict: Must, Guide: Must, After: afterUpdate,
			Ask: `
				> CREATE {d}/a first
				< 100 {d}/a CREATED
				> CREATE {d}/a.txt second
				< 100 {d}/a.txt CREATED
				> CREATE {d}/sub/a third
				< 100 {d}/sub/a CREATED
				> UPDATE {d}/a changed
				< 200 {d}/a OK
				< changed
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< second
				> SHOW {d}/sub/a
				< 200 {d}/sub/a OK
				< third`,
		},
		{
			ID: "STTP-5.5-UPDATE-008", Title: "Of many UPDATEs one after the other the last one counts",
			Statements: []string{"5.5-1"}, Story: "update", Strict: Must, Guide: Must, After: afterUpdate,
			Ask: `
				> CREATE {d}/a.txt zero
				< 100 {d}/a.txt CREATED
				> UPDATE {d}/a.txt one
				< 200 {d}/a.txt OK
				< one
				> UPDATE {d}/a.txt two
				< 200 {d}/a.txt OK
				< two
				> UPDATE {d}/a.txt three
				< 200 {d}/a.txt OK
				< three
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< three`,
			Hints: []Hint{{WrongContents, "UPDATE answers and stores what this request holds: is it carried out in the background, or a cache asked before the file is written?"}},
		},
	}
}

// deleteCases are those of section 5.6.
func deleteCases() []Case {
	return []Case{
		{
			ID: "STTP-5.6-DELETE-001", Title: "DELETE of a file is answered 600 with its path",
			Statements: []string{"5.6-1"}, Story: "delete", Strict: Must, Guide: Must, After: afterCreate,
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> DELETE {d}/a.txt
				< 600 {d}/a.txt DELETED`,
			Hints: []Hint{
				{GotStatus(200), "a DELETE that was carried out is answered 600: 600 /notes/a.txt DELETED"},
				{GotStatus(300), "DELETE needs a path and nothing else: the line ends after it"},
			},
		},
		{
			ID: "STTP-5.6-DELETE-002", Title: "A file that was deleted is not there any more",
			Statements: []string{"5.6-1", "5.7-1", "5.8-3"}, Story: "delete", Strict: Must, Guide: Must,
			After: []string{"STTP-5.3-SHOW-001", "STTP-5.6-DELETE-001"},
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> CREATE {d}/other.txt I stay
				< 100 {d}/other.txt CREATED
				> DELETE {d}/a.txt
				< 600 {d}/a.txt DELETED
				> SHOW {d}/a.txt
				< 400 {d}/a.txt NOT FOUND`,
			Hints: []Hint{{GotStatus(200), "the file is still shown: is it removed before the 600 is sent, and from the cache as well?"}},
		},
		{
			ID: "STTP-5.6-DELETE-003", Title: "A second DELETE of the same file is answered 400",
			Statements: []string{"5.6-1", "5.7-1"}, Story: "delete", Strict: Must, Guide: Must, After: afterDelete,
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> CREATE {d}/other.txt I stay
				< 100 {d}/other.txt CREATED
				> DELETE {d}/a.txt
				< 600 {d}/a.txt DELETED
				> DELETE {d}/a.txt
				< 400 {d}/a.txt NOT FOUND`,
			Hints: []Hint{{GotStatus(600), "600 means that a file was removed: a function that is content with a missing file (rm -f, missing_ok=True) tells too little"}},
		},
		{
			ID: "STTP-5.6-DELETE-004", Title: "A file that was deleted can be created again, with other contents",
			Statements: []string{"5.6-1", "5.2-1"}, Story: "delete", Strict: Must, Guide: Must,
			After: []string{"STTP-5.3-SHOW-001", "STTP-5.6-DELETE-001"},
			Ask: `
				> CREATE {d}/a.txt the old contents, which are long
				< 100 {d}/a.txt CREATED
				> DELETE {d}/a.txt
				< 600 {d}/a.txt DELETED
				> CREATE {d}/a.txt new
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< new`,
			Hints: []Hint{
				{GotStatus(300), "the file does not exist any more: does CREATE ask something other than what DELETE changes, a cache or an index?"},
				{GotStatus(510), "the directory has to be made again if the DELETE removed it"},
				{WrongContents, "the old contents are still answered: DELETE and CREATE have to remove what a cache holds of the path"},
			},
		},
		{
			ID: "STTP-5.6-DELETE-005", Title: "DELETE removes no file but the one that it names",
			Statements: []string{"5.6-1"}, Story: "delete", Strict: Must, Guide: Must,
			After: []string{"STTP-5.3-SHOW-001", "STTP-5.6-DELETE-001"},
			Ask: `
				> CREATE {d}/a first
				< 100 {d}/a CREATED
				> CREATE {d}/a.txt second
				< 100 {d}/a.txt CREATED
				> CREATE {d}/sub/a third
				< 100 {d}/sub/a CREATED
				> DELETE {d}/a
				< 600 {d}/a DELETED
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< second
				> SHOW {d}/sub/a
				< 200 {d}/sub/a OK
				< third`,
			Hints: []Hint{
				{GotStatus(400), "more was removed than the file that was named: neither its directory nor names that only begin the same are meant"},
				{GotStatus(410), "more was removed than the file that was named: neither its directory nor names that only begin the same are meant"},
			},
		},
	}
}
