package check

import "slices"

// quoteCases are those of section 4.2 about what is taken as quoted.
func quoteCases() []Case {
	unescape := Hint{WrongContents, `between quotes \" stands for " and \\ for \: replace them from the left, both in one pass`}
	return []Case{
		{
			ID: "STTP-4.2-QUOTE-001", Title: "Quotes around contents are not stored",
			Statements: []string{"4.2-1", "4.2-2", "4.4-1"}, Story: "show", Strict: Must, Guide: Must, After: []string{"STTP-5.3-SHOW-001"},
			Ask: `
				> CREATE {d}/a.txt "Buy milk"
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< Buy milk
				> CREATE {d}/b.txt "x"
				< 100 {d}/b.txt CREATED
				> SHOW {d}/b.txt
				< 200 {d}/b.txt OK
				< x`,
		},
		{
			ID: "STTP-4.2-QUOTE-002", Title: "An UPDATE takes the quotes away as well, and answers without them",
			Statements: []string{"4.2-1", "4.2-2", "5.5-1"}, Story: "update", Strict: Must, Guide: Must, After: []string{"STTP-4.2-QUOTE-001", "STTP-5.5-UPDATE-001"},
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
			ID: "STTP-4.2-QUOTE-003", Title: `"" is the empty snippet`,
			Statements: []string{"4.2-2", "4.1-6", "6.1-2"}, Story: "contents", Strict: Must, Guide: Must, After: []string{"STTP-4.2-QUOTE-001"},
			Ask: `
				> CREATE {d}/b.txt Buy milk
				< 100 {d}/b.txt CREATED
				> CREATE {d}/a.txt ""
				< 100 {d}/a.txt CREATED
				~ 300
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				<
				~ 400`,
			Hints: []Hint{
				{GotStatus(300), `"" is not the same as no contents: look for contents before the quotes are taken away`},
				{GotStatus(400), `"" was refused, or stored as nothing`},
				{MissingContents, "a 200 has exactly one contents line: for an empty snippet it is an LF alone"},
				{WrongContents, `"" are two quotes with nothing between them, and nothing is what they store`},
			},
		},
		Case{
			ID: "STTP-4.2-QUOTE-004", Title: "Spaces inside the quotes belong to the text",
			Statements: []string{"4.2-2", "4.4-1", "4.2-1"}, Story: "contents", Strict: Must, Guide: Unchecked, After: []string{"STTP-4.2-QUOTE-001", "STTP-4.1-TEXT-001"},
			Ask: `
				> CREATE {d}/a.txt "§"
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< §`,
			Hints: []Hint{{WrongContents, "spaces are dropped around the quotes, not inside them: trim first, take the quotes away then"}, {CutShort, "spaces are dropped around the quotes, not inside them: trim first, take the quotes away then"}},
		}.each([]sample{{"two spaces first", "  two spaces first"}, {"two spaces last", "two spaces last  "}, {"spaces at both ends", " x "}, {"a space alone", " "}, {"160 spaces", rep(" ", 160)}}),
		{
			ID: "STTP-4.2-QUOTE-005", Title: `Between quotes \" stands for a quote and \\ for a backslash`,
			Statements: []string{"4.2-2", "4.2-1", "4.4-1"}, Story: "contents", Strict: Must, Guide: Unchecked, After: []string{"STTP-4.2-QUOTE-001"},
			Ask: shown(`"say \"hi\""`, `say "hi"`, `"C:\\temp"`, `C:\temp`, `"C:\\"`, `C:\`, `"\""`, `"`, `"\\\""`, `\"`, `"\\n"`, `\n`, `"\\\\"`, `\\`, `"\"\""`, `""`),
			Hints: []Hint{unescape, {GotStatus(300), `a backslash that is itself escaped escapes nothing: read the text from the left, two characters at a time where a \ stands`},
				{QuotesKept, `a quote that a \ stands before does not end the text: look for bare quotes only`}},
		},
		Case{
			ID: "STTP-4.2-QUOTE-006", Title: "Any other escape between quotes is answered 300",
			Statements: []string{"4.2-3", "6.3-3"}, Story: "contents", Strict: Must, Guide: Unchecked, After: []string{"STTP-6.4-MESSAGE-005", "STTP-4.2-QUOTE-005"},
			Ask:   refused,
			Hints: []Hint{{GotStatus(100), `\" and \\ are the only escapes between quotes; no other is guessed, neither \n nor \t nor \u0041`}},
		}.each(texts(`"a\n"`, `"\tx"`, `"a\ b"`, `"\'"`, `"\x41"`, `"\u0041"`, `"\/"`, `"C:\temp"`, `"\\\n"`, `"\é"`, `"\0"`)),
		Case{
			ID: "STTP-4.2-QUOTE-007", Title: "Contents whose last quote is escaped are answered 300",
			Statements: []string{"4.2-3", "6.3-3"}, Story: "contents", Strict: Must, Guide: Unchecked, After: []string{"STTP-6.4-MESSAGE-005", "STTP-4.2-QUOTE-005"},
			Ask:   refused,
			Hints: []Hint{{GotStatus(100), `these contents begin and end with a quote, but a \ escapes the last one, so the text has no end: that is a 300`}},
		}.each(texts(`"abc\"`, `"\"`, `"abc\\\"`, `"say \"hi\"`)),
	}
}

// quotedWholeCases are those of section 4.2 about what is not taken as quoted.
func quotedWholeCases() []Case {
	whole := "contents are unquoted only if they begin and end with a quote and have no bare one between; all others are stored as they stand, quotes and backslashes too"
	return []Case{
		Case{
			ID: "STTP-4.2-BARE-001", Title: "Backslashes in contents without quotes around them are kept",
			Statements: []string{"4.2-4"}, Story: "contents", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.3-SHOW-001"},
			Ask: stored, Hints: []Hint{{GotStatus(300), whole}, {WrongContents, whole}, {CutShort, whole}},
		}.each(texts(`C:\temp`, `\`, `\\`, `a\nb`, `\n`, `a\`, `\\server\share`, `\u0041`)),
		Case{
			ID: "STTP-4.2-BARE-002", Title: "Quotes that are not at both ends of contents are kept",
			Statements: []string{"4.2-4", "4.2-1"}, Story: "contents", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.3-SHOW-001"},
			Ask: stored, Hints: []Hint{{GotStatus(300), whole}, {WrongContents, whole}, {CutShort, whole}},
		}.each(texts(`say "hi" to her`, `say "hi"`, `"hi" she said`, `"abc`, `abc"`, `"`, `a"b`, `\"`, `\"a\"`, `"a\"b`, `'"`, `""x`, `x""`, `'single quotes'`)),
		Case{
			ID: "STTP-4.2-BARE-003", Title: "Contents with a bare quote between those at their ends are kept as they stand",
			Statements: []string{"4.2-1", "4.2-4"}, Story: "contents", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.3-SHOW-001"},
			Ask: stored, Hints: []Hint{{GotStatus(300), whole}, {WrongContents, whole}, {CutShort, whole}},
		}.each(texts(`"one" and "two"`, `"a\\"b"`, `"""`, `""""`, `"a"b"`, `"a\n" "b"`, `"\\""`, `" "" "`)),
		{
			ID: "STTP-4.2-SPACES-001", Title: "Spaces before and after contents are dropped",
			Statements: []string{"4.2-5", "5.1-3", "5.1-4"}, Story: "contents", Strict: Must, Guide: Unchecked, After: []string{"STTP-4.2-QUOTE-001"},
			Ask: shown(`   Buy milk`, `Buy milk`, `Buy milk{ *3}`, `Buy milk`, `  Buy  milk{20}`, `Buy  milk`, `   "Buy milk"`, `Buy milk`, `"Buy milk"{ *3}`, `Buy milk`, `  " Buy milk "{ *2}`, ` Buy milk `),
			Hints: []Hint{
				{WrongContents, "spaces, and nothing else, are dropped at both ends of what follows the path, before it is seen whether quotes stand around it"},
				{QuotesKept, "drop the spaces at both ends first, and look for the quotes then"},
				{GotStatus(300), "more than one space may stand before the contents, and spaces at the end of the line are dropped"},
			},
		},
	}
}

// shown returns a talk that creates files and shows them; of each pair the first
// is sent and the second stored.
func shown(pairs ...string) string {
	talk := ""
	for i := 0; i < len(pairs); i += 2 {
		path := "{d}/" + string(rune('a'+i/2)) + ".txt"
		talk += "> CREATE " + path + " " + pairs[i] + "\n< 100 " + path + " CREATED\n> SHOW " + path + "\n< 200 " + path + " OK\n< " + pairs[i+1] + "\n"
	}
	return talk
}

// contentsNeededCases are those of section 4.3.
func contentsNeededCases() []Case {
	surplus := "this action takes nothing but a path: a line that has more is not carried out"
	return []Case{
		{
			ID: "STTP-4.3-MISSING-001", Title: "CREATE and UPDATE without contents are answered 300",
			Statements: []string{"4.3-1", "6.3-3"}, Story: "requests", Strict: Must, Guide: Must, After: []string{"STTP-6.4-MESSAGE-005"},
			Ask: `
				> CREATE {d}/a.txt
				< 300 {d}/a.txt CLIENT ERROR "…"
				> UPDATE {d}/a.txt
				< 300 {d}/a.txt CLIENT ERROR "…"
				~ 400 410 510`,
			Hints: []Hint{{GotStatus(100), `a CREATE needs contents; who wants an empty snippet writes ""`}, {GotStatus(410), "whether the request has contents is seen before the file is looked for"}},
		},
		{
			ID: "STTP-4.3-MISSING-002", Title: "An UPDATE without contents leaves the file as it is",
			Statements: []string{"4.3-1", "5.8-4"}, Story: "update", Strict: Must, Guide: Must, After: []string{"STTP-5.3-SHOW-001", "STTP-4.3-MISSING-001", "STTP-6.4-MESSAGE-005"},
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> UPDATE {d}/a.txt
				< 300 {d}/a.txt CLIENT ERROR "…"
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< Buy milk`,
			Hints: []Hint{{GotStatus(200), `an UPDATE needs contents; who wants to empty a snippet writes ""`}},
		},
		{
			ID: "STTP-4.3-MISSING-003", Title: "Spaces alone are no contents",
			Statements: []string{"4.3-1", "5.1-4"}, Story: "contents", Strict: Must, Guide: Unchecked, After: []string{"STTP-6.4-MESSAGE-005", "STTP-4.3-MISSING-001", "STTP-5.4-LIST-014"},
			Ask: `
				> CREATE {d}/a.txt{20}
				< 300 {d}/a.txt CLIENT ERROR "…"
				> CREATE {d}/a.txt{ *5}
				< 300 {d}/a.txt CLIENT ERROR "…"
				> LIST {d}
				< 400 {d} NOT FOUND`,
			Hints: []Hint{{GotStatus(100), "spaces at the end of a line are dropped, so these have no contents"}},
		},
		{
			ID: "STTP-4.3-SURPLUS-001", Title: "SHOW with contents is answered 300",
			Statements: []string{"4.3-2", "6.3-3"}, Story: "show", Strict: Must, Guide: Should, After: []string{"STTP-5.3-SHOW-001", "STTP-6.4-MESSAGE-005"},
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt now
				< 300 {d}/a.txt CLIENT ERROR "…"
				> SHOW {d}/a.txt {d}/a.txt
				< 300 {d}/a.txt CLIENT ERROR "…"`,
			Hints: []Hint{{GotStatus(200), surplus}, {GotStatus(400), surplus}},
		},
		{
			ID: "STTP-4.3-SURPLUS-002", Title: "LIST with contents is answered 300",
			Statements: []string{"4.3-2", "6.3-3"}, Story: "list", Strict: Must, Guide: Should, After: []string{"STTP-5.2-CREATE-001", "STTP-6.4-MESSAGE-005"},
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> LIST {d} all
				< 300 {d} CLIENT ERROR "…"
				> LIST {d}/ -l
				< 300 {d}/ CLIENT ERROR "…"`,
			Hints: []Hint{{GotStatus(200), surplus}, {GotStatus(400), surplus}},
		},
		{
			ID: "STTP-4.3-SURPLUS-003", Title: "DELETE with contents is answered 300 and deletes nothing",
			Statements: []string{"4.3-2", "5.8-4", "6.3-3"}, Story: "delete", Strict: Must, Guide: Should, After: []string{"STTP-5.3-SHOW-001", "STTP-6.4-MESSAGE-005"},
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> CREATE {d}/b.txt Buy bread
				< 100 {d}/b.txt CREATED
				> DELETE {d}/a.txt {d}/b.txt
				< 300 {d}/a.txt CLIENT ERROR "…"
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< Buy milk
				> SHOW {d}/b.txt
				< 200 {d}/b.txt OK
				< Buy bread`,
			Hints: []Hint{{GotStatus(600), surplus + "; who writes two paths expects more than one file to be deleted"}},
		},
		Case{
			ID: "STTP-4.3-SURPLUS-004", Title: "Any contents are too many for SHOW, LIST and DELETE, also empty or wrong ones",
			Statements: []string{"4.3-2"}, Story: "contents", Strict: Must, Guide: Unchecked,
			After: []string{"STTP-4.3-SURPLUS-001", "STTP-4.3-SURPLUS-002", "STTP-4.3-SURPLUS-003", "STTP-6.4-MESSAGE-005"},
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt §
				< 300 {d}/a.txt CLIENT ERROR "…"
				> LIST {d} §
				< 300 {d} CLIENT ERROR "…"
				> DELETE {d}/a.txt §
				< 300 {d}/a.txt CLIENT ERROR "…"`,
			Hints: []Hint{{GotStatus(200), surplus}, {GotStatus(400), surplus}, {GotStatus(600), surplus}},
		}.each(slices.Concat(texts(`""`, `"`, "x", "HTTP/1.1"), []sample{{"a tab", "\t"}, {"spaces and a letter", "   x"}, {"NUL", "\x00"}, {"the byte FF", "\xff"}, {"161 letters", rep("x", 161)}})),
	}
}

// bareCases are those of section 4.4.
func bareCases() []Case {
	return []Case{
		{
			ID: "STTP-4.4-BARE-001", Title: "SHOW and UPDATE answer quotes and backslashes of a text as they are, without escapes",
			Statements: []string{"4.4-1", "5.5-1"}, Story: "contents", Strict: Must, Guide: Unchecked, After: []string{"STTP-4.2-QUOTE-005", "STTP-5.5-UPDATE-001"},
			Ask: `
				> CREATE {d}/a.txt "\"Buy\\sell\""
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< "Buy\sell"
				> UPDATE {d}/a.txt "\" and \\"
				< 200 {d}/a.txt OK
				< " and \
				> UPDATE {d}/a.txt "  two spaces, and one "
				< 200 {d}/a.txt OK
				<   two spaces, and one{20}`,
			Hints: []Hint{
				{WrongContents, "a contents line is the text itself: nothing in it is quoted or escaped, and nothing trimmed"},
				{CutShort, "a contents line is the text itself: the spaces at its ends belong to it"},
			},
		},
	}
}
