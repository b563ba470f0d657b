package check

import "slices"

// contentCases are those of section 4.
func contentCases() []Case {
	return slices.Concat(textCases(), otherTextCases(), refusedTextCases(), quoteCases(), quotedWholeCases(), contentsNeededCases(), bareCases())
}

// stored makes a file with a sample in its contents, which has to come back as
// it is.
const stored = `
	> CREATE {d}/a.txt §
	< 100 {d}/a.txt CREATED
	> SHOW {d}/a.txt
	< 200 {d}/a.txt OK
	< §`

// refused tries to make a file with contents that are wrong.
const refused = `
	> CREATE {d}/a.txt §
	< 300 {d}/a.txt CLIENT ERROR "…"`

// textCases are about the length of contents.
func textCases() []Case {
	units := "code points are counted, neither bytes nor UTF-16 units (of which an emoji has two) nor what a reader sees as one character"
	cut := "the text is cut down: store all of it, or refuse it with 300 if it has more than 160 characters"
	counted := "what is counted is the text that is stored: without quotes around it, each escape as one character, without spaces at its ends"
	return []Case{
		{
			ID: "STTP-4.1-TEXT-001", Title: "Contents may have 160 characters",
			Statements: []string{"4.1-1", "4.1-6", "4.4-1"}, Story: "show", Strict: Must, Guide: Must, After: []string{"STTP-5.3-SHOW-001"},
			Ask: `
				> CREATE {d}/a.txt {x*159}
				< 100 {d}/a.txt CREATED
				> CREATE {d}/b.txt {x*159}y
				< 100 {d}/b.txt CREATED
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< {x*159}
				> SHOW {d}/b.txt
				< 200 {d}/b.txt OK
				< {x*159}y`,
			Hints: []Hint{{GotStatus(300), "160 characters are not more than 160; the path, the quotes and the end of the line do not count"}, {CutShort, cut}},
		},
		{
			ID: "STTP-4.1-TEXT-002", Title: "Contents of 161 characters are answered 300",
			Statements: []string{"4.1-1", "4.1-4", "6.3-3"}, Story: "requests", Strict: Must, Guide: Must, After: []string{"STTP-6.4-MESSAGE-005"},
			Ask: `
				> CREATE {d}/a.txt {x*161}
				< 300 {d}/a.txt CLIENT ERROR "…"
				> CREATE {d}/b.txt {Buy milk *100}
				< 300 {d}/b.txt CLIENT ERROR "…"`,
			Hints: []Hint{
				{GotStatus(100), "contents have at most 160 characters: refuse longer ones, and do not cut them down"},
				{GotStatus(310), "310 is about the names of files; contents that are too long are a 300"},
			},
		},
		Case{
			ID: "STTP-4.1-TEXT-003", Title: "160 characters outside of ASCII are not too many",
			Statements: []string{"4.1-1", "4.1-6", "4.4-1"}, Story: "contents", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.3-SHOW-001", "STTP-4.1-TEXT-001"},
			Ask:   stored,
			Hints: []Hint{{GotStatus(300), "len counts bytes here, and a character outside of ASCII has two to four: count code points; an emoji is one though it has two UTF-16 units"}, {CutShort, cut}},
		}.each(many(159, 160)),
		Case{
			ID: "STTP-4.1-TEXT-004", Title: "161 characters outside of ASCII are answered 300",
			Statements: []string{"4.1-1", "4.1-4"}, Story: "contents", Strict: Must, Guide: Unchecked, After: []string{"STTP-6.4-MESSAGE-005", "STTP-4.1-TEXT-002"},
			Ask: refused, Hints: []Hint{{GotStatus(100), units}},
		}.each(many(161)),
		{
			ID: "STTP-4.1-TEXT-005", Title: "Combining marks count as characters of contents",
			Statements: []string{"4.1-1", "4.1-4"}, Story: "contents", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.2-CREATE-001", "STTP-4.1-TEXT-003", "STTP-4.1-TEXT-004", "STTP-6.4-MESSAGE-005"},
			Ask: `
				> CREATE {d}/a.txt {` + "e\u0301" + `*80}
				< 100 {d}/a.txt CREATED
				> CREATE {d}/b.txt {` + "e\u0301" + `*80}x
				< 300 {d}/b.txt CLIENT ERROR "…"`,
			Hints: []Hint{{GotStatus(100), units}, {GotStatus(300), units}},
		},
		{
			ID: "STTP-4.1-TEXT-006", Title: "The quotes around contents do not count for their length",
			Statements: []string{"4.1-1", "4.2-2", "4.4-1"}, Story: "show", Strict: Must, Guide: Must, After: []string{"STTP-4.1-TEXT-001", "STTP-4.2-QUOTE-001", "STTP-4.1-TEXT-002", "STTP-6.4-MESSAGE-005"},
			Ask: `
				> CREATE {d}/a.txt "{x*160}"
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< {x*160}
				> CREATE {d}/b.txt "{x*161}"
				< 300 {d}/b.txt CLIENT ERROR "…"`,
			Hints: []Hint{{GotStatus(300), counted}},
		},
		{
			ID: "STTP-4.1-TEXT-007", Title: "An escape counts as one character, and spaces around contents as none",
			Statements: []string{"4.1-1", "4.2-2", "4.2-5", "5.1-4"}, Story: "contents", Strict: Must, Guide: Unchecked, After: []string{"STTP-4.1-TEXT-006", "STTP-4.2-QUOTE-005", "STTP-4.2-SPACES-001", "STTP-6.4-MESSAGE-005"},
			Ask: `
				> CREATE {d}/a.txt "{\"*160}"
				< 100 {d}/a.txt CREATED
				> CREATE {d}/b.txt "{\\*160}"
				< 100 {d}/b.txt CREATED
				> CREATE {d}/c.txt "{\"*161}"
				< 300 {d}/c.txt CLIENT ERROR "…"
				> CREATE {d}/d.txt { *100}{x*160}{ *100}
				< 100 {d}/d.txt CREATED
				> CREATE {d}/e.txt "{x*160} "
				< 300 {d}/e.txt CLIENT ERROR "…"
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< {"*160}`,
			Hints: []Hint{{GotStatus(300), counted}, {GotStatus(100), counted}},
		},
	}
}

// otherTextCases are about what contents can be made of.
func otherTextCases() []Case {
	return []Case{
		{
			ID: "STTP-4.1-TEXT-008", Title: "Spaces inside contents are kept, however many there are",
			Statements: []string{"4.1-6", "4.2-4", "4.4-1"}, Story: "show", Strict: Must, Guide: Must, After: []string{"STTP-5.3-SHOW-001"},
			Ask: `
				> CREATE {d}/a.txt Buy  two   litres of milk
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< Buy  two   litres of milk`,
			Hints: []Hint{{WrongContents, "the line was split at every space and joined again: split it at its first two spaces, and take the rest as it is"}},
		},
		Case{
			ID: "STTP-4.1-TEXT-009", Title: "Contents may be any printable ASCII",
			Statements: []string{"4.1-6", "4.2-4", "4.4-1"}, Story: "show", Strict: Must, Guide: Must, After: []string{"STTP-5.3-SHOW-001", "STTP-5.3-SHOW-004"},
			Ask:   stored,
			Hints: []Hint{{GotStatus(300), "any text is right that has at most 160 characters and none that controls"}, {WrongContents, "contents are stored as they stand: nothing in them is decoded, quoted or replaced"}},
		}.each(texts("!#$%&'()*+,-./:;<=>?@[]^_`{|}~", "0", "x", "-", "null", "false", "%s %n %d", "100%", "%41%00", "a+b", "$(id) `id` ; id | id", "'single quotes'", "<b>&amp;</b>", "{{.}} ${x}", "CREATE /a.txt x", "200 /a.txt OK", "/a.txt", "a, b, c", "'; DROP TABLE snippets; --", "# a", "key: value")),
		Case{
			ID: "STTP-4.1-TEXT-010", Title: "Contents may hold all that is not a control character",
			Statements: []string{"4.1-6", "4.4-1"}, Story: "contents", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.3-SHOW-001"},
			Ask: `
				> CREATE {d}/a.txt §a§b§
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< §a§b§`,
			Hints: []Hint{
				{GotStatus(300), "only control characters, U+0000 to U+001F and U+007F to U+009F, are refused in contents, and of these not the tab; format characters and all kinds of spaces are text. U+FFFD can be sent like any other character"},
				{WrongContents, "only SP, 0x20, is taken away at the ends of contents, and nothing inside: no other space, no byte order mark, and nothing is normalised"},
				{MissingContents, "U+0085, U+2028 and U+2029 end no line: split at LF alone"},
			},
		}.each(slices.Concat(texts("é", "e\u0301", "日本語", "👩‍👩‍👧", "🇬🇷", "ﬁ"), spaces, formats,
			characters("\u0301", "a combining accent", "\ufffd", "the replacement character", "\ufffe", "a noncharacter", "\uffff", "a noncharacter", "\ue000", "of private use", "\U0010ffff", "the last code point"))),
		Case{
			ID: "STTP-4.1-TEXT-011", Title: "Tabs are part of contents, also at their ends",
			Statements: []string{"4.1-6", "4.1-3", "4.2-5"}, Story: "contents", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.3-SHOW-001"},
			Ask: stored,
			Hints: []Hint{
				{GotStatus(300), "the tab is the one control character that contents may hold, and no space: contents can be a tab alone"},
				{WrongContents, "a function that trims white space takes the tabs away as well: name the one character, SP, that it is to trim. A tab before a quote makes the contents bare"},
				{CutShort, "a function that trims white space takes the tabs away as well: name the one character, SP, that it is to trim"},
				{QuotesKept, "the tab stands before the quote, so these contents do not begin with a quote: they are bare"},
			},
		}.each([]sample{{"a tab inside", "a\tb"}, {"a tab at the beginning", "\ta"}, {"a tab at the end", "a\t"}, {"a tab alone", "\t"}, {"a tab before a quoted text", "\t\"a\""}, {"a tab behind a quoted text", "\"a\"\t"}}),
	}
}

// refusedTextCases are about contents that are wrong.
func refusedTextCases() []Case {
	late := []Hint{
		{GotStatus(200), "a request that is refused must have changed nothing: check the contents before the file is opened"},
		{WrongContents, "a request that is refused must have changed nothing: check the contents before the file is opened"},
	}
	return []Case{
		Case{
			ID: "STTP-4.1-REFUSED-001", Title: "Contents that are not UTF-8 are answered 300",
			Statements: []string{"4.1-2", "4.1-4", "6.3-3"}, Story: "contents", Strict: Must, Guide: Unchecked, After: []string{"STTP-6.4-MESSAGE-005"},
			Ask: `
				> CREATE {d}/a.txt a§b
				< 300 {d}/a.txt CLIENT ERROR "…"
				> CREATE {d}/a.txt a§
				< 300 {d}/a.txt CLIENT ERROR "…"
				> CREATE {d}/a.txt "§"
				< 300 {d}/a.txt CLIENT ERROR "…"`,
			Hints: []Hint{
				{GotStatus(100), "these bytes are not UTF-8; a function that decodes them leniently puts U+FFFD in their place instead of saying so"},
				{WrongPath, "the path is valid even though the contents are not: the 300 repeats it"},
			},
		}.each(notUTF8),
		Case{
			ID: "STTP-4.1-REFUSED-002", Title: "A control character in contents is answered 300",
			Statements: []string{"4.1-3", "4.1-4", "6.3-3"}, Story: "contents", Strict: Must, Guide: Unchecked, After: []string{"STTP-6.4-MESSAGE-005"},
			Ask: `
				> CREATE {d}/a.txt a§b
				< 300 {d}/a.txt CLIENT ERROR "…"
				> CREATE {d}/a.txt §b
				< 300 {d}/a.txt CLIENT ERROR "…"
				> CREATE {d}/a.txt "§"
				< 300 {d}/a.txt CLIENT ERROR "…"`,
			Hints: []Hint{
				{GotStatus(100), "control characters are U+0000 to U+001F and U+007F to U+009F; all but the tab are refused, not dropped"},
				{NoReply, "does the line end somewhere inside for the server? Only LF ends a line, neither NUL nor CR"},
			},
		}.each(controls),
		{
			ID: "STTP-4.1-REFUSED-003", Title: "A CREATE with contents that are too long makes no file",
			Statements: []string{"4.1-5", "5.8-4"}, Story: "show", Strict: Must, Guide: Must, After: []string{"STTP-4.1-TEXT-002", "STTP-5.3-SHOW-001", "STTP-6.4-MESSAGE-005", "STTP-5.7-MISSING-004"},
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> CREATE {d}/b.txt {x*161}
				< 300 {d}/b.txt CLIENT ERROR "…"
				> SHOW {d}/b.txt
				< 400 {d}/b.txt NOT FOUND`,
			Hints: late,
		},
		{
			ID: "STTP-4.1-REFUSED-004", Title: "An UPDATE with contents that are too long leaves the file as it is",
			Statements: []string{"4.1-5", "4.1-4", "5.8-4"}, Story: "update", Strict: Must, Guide: Must, After: []string{"STTP-5.3-SHOW-001", "STTP-4.1-TEXT-002", "STTP-6.4-MESSAGE-005"},
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> UPDATE {d}/a.txt {x*161}
				< 300 {d}/a.txt CLIENT ERROR "…"
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< Buy milk`,
			Hints: append([]Hint{{GotStatus(200), "the same rules hold for the contents of an UPDATE as for those of a CREATE"}}, late[1:]...),
		},
		Case{
			ID: "STTP-4.1-REFUSED-005", Title: "Of contents that are wrong in whatever way nothing is stored",
			Statements: []string{"4.1-5", "4.1-4", "5.8-4"}, Story: "contents", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.3-SHOW-001", "STTP-4.1-REFUSED-001", "STTP-4.1-REFUSED-002", "STTP-4.1-REFUSED-003", "STTP-4.1-REFUSED-004", "STTP-4.1-TEXT-004", "STTP-4.2-QUOTE-006", "STTP-4.2-QUOTE-007", "STTP-6.4-MESSAGE-005"},
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> CREATE {d}/b.txt §
				< 300 {d}/b.txt CLIENT ERROR "…"
				> SHOW {d}/b.txt
				< 400 {d}/b.txt NOT FOUND
				> UPDATE {d}/a.txt §
				< 300 {d}/a.txt CLIENT ERROR "…"
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< Buy milk
				> CREATE {d}/new/a.txt §
				< 300 {d}/new/a.txt CLIENT ERROR "…"
				> LIST {d}/new
				< 400 {d}/new NOT FOUND`,
			Hints: late,
		}.each([]sample{{"a control character", "a\x01b"}, {"NUL", "a\x00b"}, {"what is not UTF-8", "a\xffb"}, {"161 letters é", rep("é", 161)}, {"a wrong escape", `"a\n"`}, {"an escaped last quote", `"a\"`}}),
	}
}
