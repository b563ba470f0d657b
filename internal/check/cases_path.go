package check

import (
	"fmt"
	"slices"
	"strings"
)

// pathCases are those of section 3 and what else concerns paths.
func pathCases() []Case {
	return slices.Concat(pathFormCases(), pathLengthCases(), pathAcceptedCases(), comparisonCases(), fileNameCases(), pathDirectoryCases(), traversalCases(), reservedCases())
}

const sayOneByOne = "look at the path's characters one by one, before anything is done with it"

// pathFormCases are about paths that are refused for what they hold.
func pathFormCases() []Case {
	return []Case{
		Case{
			ID: "STTP-3.1-PATH-001", Title: "A path that does not begin with a slash is answered 300 with - in its place",
			Statements: []string{"3.1-1", "3.1-11", "6.3-3"}, Story: "paths", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.1-LINE-003"},
			Ask: `
				> SHOW §{d}/a.txt
				< 300 - CLIENT ERROR "…"
				> LIST §{d}
				< 300 - CLIENT ERROR "…"`,
			Hints: []Hint{
				{WrongPath, "a path that is not valid is not repeated: - stands in its place"},
				{GotStatus(410), "a path that is joined to the docroot without its slash is still no path: test its first byte"},
				{GotStatus(400), "a path that is joined to the docroot without its slash is still no path: test its first byte"},
			},
		}.each(texts("notes", ".", "~", "-", "*", "C:", "%2F", "\\")),
		Case{
			ID: "STTP-3.1-PATH-002", Title: "Two slashes in a row are answered 300",
			Statements: []string{"3.1-2", "3.1-11", "6.3-3"}, Story: "paths", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.1-LINE-003"},
			Ask: `
				> CREATE {d}§a.txt Buy milk
				< 300 - CLIENT ERROR "…"
				> CREATE {d}/notes§a.txt Buy milk
				< 300 - CLIENT ERROR "…"
				> LIST §
				< 300 - CLIENT ERROR "…"
				> LIST {d}§
				< 300 - CLIENT ERROR "…"`,
			Hints: []Hint{
				{GotStatus(100), "two slashes were taken for one: functions that clean or join paths do that, so look for an empty segment before they are called"},
				{GotStatus(400), "two slashes were taken for one: functions that clean or join paths do that, so look for an empty segment before they are called"},
				{GotStatus(410), "two slashes were taken for one: functions that clean or join paths do that, so look for an empty segment before they are called"},
				{GotStatus(200), "two slashes were taken for one: functions that clean or join paths do that, so look for an empty segment before they are called"},
			},
		}.each(texts("//", "///")),
		Case{
			ID: "STTP-3.1-PATH-003", Title: "A path that is not UTF-8 is answered 300",
			Statements: []string{"3.1-3", "3.1-11", "6.3-3"}, Story: "paths", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.1-LINE-003"},
			Ask: wrongInPath,
			Hints: []Hint{
				{GotStatus(410), "these bytes are not UTF-8; a function that decodes them leniently puts U+FFFD in their place instead of saying so"},
				{GotStatus(100), "these bytes are not UTF-8; a function that decodes them leniently puts U+FFFD in their place instead of saying so"},
				{WrongPath, "what is not UTF-8 is not repeated in a reply: - stands in its place"},
			},
		}.each(notUTF8),
		Case{
			ID: "STTP-3.1-PATH-004", Title: "White space in a path is answered 300",
			Statements: []string{"3.1-4", "3.1-11", "6.3-3"}, Story: "paths", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.1-LINE-003"},
			Ask: wrongInPath,
			Hints: []Hint{
				{GotStatus(100), "white space is what Unicode says it is, not the six characters of ASCII: use your language's test with the property White_Space"},
				{WrongPath, "the line has to be split at SP, 0x20, only: the other white space is part of the path, which is then not valid"},
			},
		}.each(slices.Concat(characters("\t", "the tab"), spaces)),
		Case{
			ID: "STTP-3.1-PATH-005", Title: "A control character in a path is answered 300",
			Statements: []string{"3.1-5", "3.1-11", "6.3-3"}, Story: "paths", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.1-LINE-003"},
			Ask: wrongInPath,
			Hints: []Hint{
				{GotStatus(100), "control characters are U+0000 to U+001F and U+007F to U+009F; " + sayOneByOne},
				{NoReply, "does the line end somewhere inside for the server? Only LF ends a line, neither NUL nor CR"},
			},
		}.each(controls),
		Case{
			ID: "STTP-3.1-PATH-006", Title: "A format character in a path is answered 300",
			Statements: []string{"3.1-5", "3.1-11", "6.3-3"}, Story: "paths", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.1-LINE-003"},
			Ask: wrongInPath,
			Hints: []Hint{
				{GotStatus(100), "format characters are those of Unicode's category Cf; they are not seen, and no test for white space or control characters finds them"},
				{WrongPath, "a server that trims or drops what is not seen changes the path: refuse it instead"},
			},
		}.each(formats),
		{
			ID: "STTP-3.1-PATH-007", Title: "A backslash in a path is answered 300",
			Statements: []string{"3.1-6", "3.1-11", "6.3-3"}, Story: "paths", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.1-LINE-003"},
			Ask: `
				> CREATE {d}/a\b.txt Buy milk
				< 300 - CLIENT ERROR "…"
				> CREATE {d}/\/a.txt Buy milk
				< 300 - CLIENT ERROR "…"
				> CREATE {d}/a\\b.txt Buy milk
				< 300 - CLIENT ERROR "…"`,
			Hints: []Hint{{GotStatus(100), "a backslash separates names on some systems, so no path may hold one, wherever the server runs"}},
		},
		Case{
			ID: "STTP-3.1-PATH-008", Title: "A segment . or .. is answered 300",
			Statements: []string{"3.1-7", "3.1-11", "6.3-3"}, Story: "paths", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.1-LINE-003"},
			Ask: `
				> CREATE {d}/§/a.txt Buy milk
				< 300 - CLIENT ERROR "…"
				> CREATE {d}/§ Buy milk
				< 300 - CLIENT ERROR "…"
				> LIST {d}/§
				< 300 - CLIENT ERROR "…"
				> LIST /§{d}
				< 300 - CLIENT ERROR "…"`,
			Hints: []Hint{
				{GotStatus(200), "the dots were resolved: refuse a segment that begins with a dot before a function that cleans or joins paths is called"},
				{GotStatus(100), "the dots were resolved: refuse a segment that begins with a dot before a function that cleans or joins paths is called"},
				{GotStatus(400), "the dots were resolved: refuse a segment that begins with a dot before a function that cleans or joins paths is called"},
				{GotStatus(410), "the dots were resolved: refuse a segment that begins with a dot before a function that cleans or joins paths is called"},
			},
		}.each(texts(".", "..")),
		Case{
			ID: "STTP-3.1-PATH-009", Title: "Any segment that begins with a dot is answered 300",
			Statements: []string{"3.1-7", "3.1-11", "6.3-3"}, Story: "paths", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.1-LINE-003"},
			Ask: `
				> CREATE {d}/§ Buy milk
				< 300 - CLIENT ERROR "…"
				> CREATE {d}/§/a.txt Buy milk
				< 300 - CLIENT ERROR "…"`,
			Hints: []Hint{
				{GotStatus(100), "it is not enough to refuse . and ..: no segment may begin with a dot, neither a file's name nor a directory's"},
				{GotStatus(100), "it is not enough to refuse . and ..: no segment may begin with a dot, neither a file's name nor a directory's"},
			},
		}.each(texts(".hidden", "...", "..a", ".a.txt")),
		Case{
			ID: "STTP-3.1-PATH-010", Title: "What is not SP at the end of a path is not dropped: it is answered 300",
			Statements: []string{"3.1-4", "3.1-5", "5.1-4"}, Story: "paths", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.3-SHOW-001", "STTP-3.1-PATH-004", "STTP-3.1-PATH-005", "STTP-3.1-PATH-006", "STTP-5.1-LINE-003"},
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt§
				< 300 - CLIENT ERROR "…"`,
			Hints: []Hint{{GotStatus(200), "a function that trims white space takes away more than SP, 0x20: name the one character that it is to trim"}},
		}.each(slices.Concat(
			characters("\t", "the tab", "\v", "the vertical tab", "\f", "the form feed", "\x00", "NUL", "\x1f", "a separator", "\u0085", "next line"),
			characters("\u00a0", "the no-break space", "\u2003", "the em space", "\u2028", "the line separator", "\u3000", "the ideographic space", "\ufeff", "the byte order mark"))),
		Case{
			ID: "STTP-3.1-PATH-011", Title: "Every action answers a wrong path with 300",
			Statements: []string{"3.1-11", "5.8-4"}, Story: "paths", Strict: Must, Guide: Unchecked, After: []string{"STTP-3.1-PATH-002", "STTP-3.1-PATH-003", "STTP-3.1-PATH-004", "STTP-3.1-PATH-005", "STTP-3.1-PATH-006", "STTP-3.1-PATH-007", "STTP-3.1-PATH-009", "STTP-3.1-LENGTH-002", "STTP-5.1-LINE-003", "STTP-5.4-LIST-014"},
			Ask: `
				> CREATE {d}§ Buy milk
				< 300 - CLIENT ERROR "…"
				> SHOW {d}§
				< 300 - CLIENT ERROR "…"
				> LIST {d}§
				< 300 - CLIENT ERROR "…"
				> UPDATE {d}§ Buy milk
				< 300 - CLIENT ERROR "…"
				> DELETE {d}§
				< 300 - CLIENT ERROR "…"
				> LIST {d}
				< 400 {d} NOT FOUND`,
			Hints: []Hint{{GotStatus(200), "a request that is refused makes nothing, no directory either: check the whole request before anything is done"}},
		}.each(slices.Concat(
			texts("//a.txt", "/.a.txt", `/a\b.txt`, "/a\u00a0b.txt", "/a\u200bb.txt", "/a\x00b.txt", "/a\xffb.txt"),
			[]sample{{"a directory of 256 bytes", "/" + rep("x", 256) + "/a.txt"}, {"more than 1,024 bytes", rep("/"+rep("x", 200), 6) + "/a.txt"}})),
	}
}

// wrongInPath asks for paths with a sample that none may hold.
const wrongInPath = `
	> CREATE {d}/a§b.txt Buy milk
	< 300 - CLIENT ERROR "…"
	> CREATE {d}/§b/a.txt Buy milk
	< 300 - CLIENT ERROR "…"`

// pathLengthCases are about the bytes of paths and directory names.
func pathLengthCases() []Case {
	return []Case{
		Case{
			ID: "STTP-3.1-LENGTH-001", Title: "The name of a directory may have 255 bytes",
			Statements: []string{"3.1-8", "3.1-12"}, Story: "paths", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.3-SHOW-001", "STTP-3.3-NAME-008", "STTP-3.1-ACCEPT-002", "STTP-5.2-CREATE-003"},
			Ask: `
				> CREATE {d}/§/a.txt Buy milk
				< 100 {d}/§/a.txt CREATED
				> SHOW {d}/§/a.txt
				< 200 {d}/§/a.txt OK
				< Buy milk
				> LIST {d}/§
				< 200 {d}/§ OK
				< a.txt
				> LIST {d}/§/
				< 200 {d}/§/ OK
				< a.txt`,
			Hints: []Hint{
				{GotStatus(310), "310 is about the names of files alone, which are what follows the last slash; a directory may have 255 bytes"},
				{GotStatus(300), "a directory's name may have 255 bytes, so at most 255 is right and fewer than 255 is not"},
			},
		}.each([]sample{{"254 letters", rep("x", 254)}, {"255 letters", rep("x", 255)}, {"127 é and a letter, 255 bytes", rep("é", 127) + "x"}, {"85 euro signs, 255 bytes", rep("€", 85)}}),
		Case{
			ID: "STTP-3.1-LENGTH-002", Title: "A directory name of more than 255 bytes is answered 300",
			Statements: []string{"3.1-8", "3.1-11", "6.3-3"}, Story: "paths", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.1-LINE-003"},
			Ask: `
				> CREATE {d}/§/a.txt Buy milk
				< 300 - CLIENT ERROR "…"`,
			Hints: []Hint{
				{GotStatus(500), "the file system refuses such a name, but what is wrong with a request is said before the disk is touched: with 300"},
				{GotStatus(510), "the file system refuses such a name, but what is wrong with a request is said before the disk is touched: with 300"},
				{GotStatus(310), "310 is about the names of files alone; a directory's name that is too long is a 300"},
				{GotStatus(100), "the names of directories are counted in bytes, and at most 255 are right"},
				{WrongPath, "such a path is not valid, so - stands in its place"},
			},
		}.each([]sample{{"256 letters", rep("x", 256)}, {"128 é, 256 bytes", rep("é", 128)}, {"86 euro signs, 258 bytes", rep("€", 86)}, {"500 letters", rep("x", 500)}}),
		{
			ID: "STTP-3.1-LENGTH-003", Title: "The last segment of a LIST may have 255 bytes, and a longer one is answered 300",
			Statements: []string{"3.1-9", "6.3-3"}, Story: "paths", Strict: Must, Guide: Unchecked, After: []string{"STTP-3.3-NAME-008", "STTP-5.1-LINE-003", "STTP-3.1-ACCEPT-002"},
			Ask: `
				> LIST {d}/{x*254}
				< 400 {d}/{x*254} NOT FOUND
				> LIST {d}/{x*255}
				< 400 {d}/{x*255} NOT FOUND
				> LIST {d}/{x*255}/
				< 400 {d}/{x*255}/ NOT FOUND
				> LIST {d}/{x*256}
				< 300 {d}/{x*256} CLIENT ERROR "…"
				> LIST {d}/{é*128}
				< 300 {d}/{é*128} CLIENT ERROR "…"
				> LIST {d}/{x*256}/
				< 300 - CLIENT ERROR "…"`,
			Hints: []Hint{
				{GotStatus(400), "no directory can have a name of more than 255 bytes, also if no slash follows it: that is a 300"},
				{WrongPath, "without a slash after it a long last segment breaks a rule of LIST, not one of paths: the 300 repeats such a path. With a slash the path is not valid, and - stands in its place"},
				{GotStatus(310), "a LIST is never answered 310: what it names is a directory"},
			},
		},
		pathLengthCase("STTP-3.1-LENGTH-004", "A path may have 1,024 bytes", []string{"3.1-10", "3.1-12", "6.3-1"}, 1023, 1024),
		pathLengthCase("STTP-3.1-LENGTH-005", "A path of more than 1,024 bytes is answered 300", []string{"3.1-10", "3.1-11", "6.3-3"}, 1025, 2000),
	}
}

// pathLengthCase returns a case that creates files with paths of so many bytes.
func pathLengthCase(id, title string, statements []string, lengths ...int) Case {
	return Case{
		ID: id, Title: title, Statements: statements, Story: "paths", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.3-SHOW-001", "STTP-5.1-LINE-003", "STTP-3.1-LENGTH-001"},
		Accepts: fmt.Sprintf("CREATE and SHOW with paths of %d bytes: up to 1,024 they are answered 100 and 200 with the path, beyond that 300 with -", lengths),
		Netcat:  fmt.Sprintf(`printf 'CREATE /try/%%s/a.txt Buy milk\n\n' "$(printf '%%0200d/%%0200d/%%0200d/%%0200d/%%0%dd' 0 0 0 0 0)" | nc HOST PORT`, lengths[len(lengths)-1]-1024+209),
		Run: func(t *T) {
			for _, n := range lengths {
				for _, letter := range []string{"x", "é"} {
					t.Note("a path of %d bytes, of the letter %s", n, letter)
					path := longPath(t.dir, n, letter)
					if n > 1024 {
						t.Want("CREATE "+path+" Buy milk", `300 - CLIENT ERROR "…"`)
						continue
					}
					t.Want("CREATE "+path+" Buy milk", "100 "+path+" CREATED")
					t.Want("SHOW "+path, "200 "+path+" OK", "Buy milk")
				}
			}
		},
		Hints: []Hint{
			{GotStatus(300), "a path of 1,024 bytes is not too long; bytes are counted, not characters"},
			{GotStatus(500), "the length of a path is checked before the disk is touched. If the system allows no path that long, open the directories one by one"},
			{GotStatus(510), "the length of a path is checked before the disk is touched. If the system allows no path that long, open the directories one by one"},
			{GotStatus(410), "a path has at most 1,024 bytes: bytes are counted, not characters"},
			{GotStatus(400), "a path has at most 1,024 bytes: bytes are counted, not characters"},
			{GotStatus(100), "a path has at most 1,024 bytes: bytes are counted, not characters"},
			{WrongPath, "a path that is too long is not valid, and not repeated: - stands in its place"},
		},
	}
}

// longPath returns a path below dir that has so many bytes, with directories whose
// names are made of the letter.
func longPath(dir string, length int, letter string) string {
	const name = "/a.txt"
	var b strings.Builder
	b.WriteString(dir)
	for left := length - len(dir) - len(name); left > 0; left = length - b.Len() - len(name) {
		size := min(left, 201) - 1 // without its slash
		if left-size-1 == 1 {
			size-- // a slash alone would be left
		}
		b.WriteString("/" + rep(letter, size/len(letter)) + rep("x", size%len(letter)))
	}
	return b.String() + name
}

func rep(text string, n int) string { return strings.Repeat(text, n) }
