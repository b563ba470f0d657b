package check

// orderCases are those of section 7.
func orderCases() []Case {
	const stages = "the order is: the form of the line, the length of the file's name, the contents, and only then what is stored"
	formFirst := []Hint{{GotStatus(310), stages}, {GotStatus(400), stages}, {GotStatus(410), stages}, {GotStatus(510), stages}}
	nameFirst := []Hint{{GotStatus(300), stages}, {GotStatus(400), stages}, {GotStatus(410), stages}, {GotStatus(510), stages}}
	return []Case{
		{
			ID: "STTP-7.1-ORDER-001", Title: "Missing contents come before a name that is too long",
			Statements: []string{"7.1-1", "4.3-1"}, Story: "order", Strict: Must, Guide: Must, After: []string{"STTP-3.3-NAME-002", "STTP-4.3-MISSING-001", "STTP-6.4-MESSAGE-005"},
			Ask: `
				> CREATE {d}/{x*40}
				< 300 {d}/{x*40} CLIENT ERROR "…"
				~ 310
				> UPDATE {d}/{x*40}
				< 300 {d}/{x*40} CLIENT ERROR "…"
				~ 310 400 410 510`,
			Hints: formFirst,
		},
		{
			ID: "STTP-7.1-ORDER-002", Title: "Contents that should not be there come before a name that is too long",
			Statements: []string{"7.1-1", "4.3-2"}, Story: "order", Strict: Must, Guide: Should, After: []string{"STTP-3.3-NAME-003", "STTP-4.3-SURPLUS-003", "STTP-6.4-MESSAGE-005"},
			Ask: `
				> DELETE {d}/{x*40} x
				< 300 {d}/{x*40} CLIENT ERROR "…"
				~ error
				> SHOW {d}/{x*40} x
				< 300 {d}/{x*40} CLIENT ERROR "…"
				~ error`,
			Hints: formFirst,
		},
		{
			ID: "STTP-7.1-ORDER-003", Title: "A slash at the end comes before the length of a name",
			Statements: []string{"7.1-1", "3.3-3", "5.7-5"}, Story: "order", Strict: Must, Guide: Unchecked, After: []string{"STTP-3.3-NAME-009", "STTP-6.4-MESSAGE-005"},
			Ask: `
				> CREATE {d}/{x*40}/ x
				< 300 {d}/{x*40}/ CLIENT ERROR "…"
				> SHOW {d}/{x*40}/
				< 300 {d}/{x*40}/ CLIENT ERROR "…"
				> DELETE {d}/{x*40}/
				< 300 {d}/{x*40}/ CLIENT ERROR "…"`,
			Hints: append([]Hint{{GotStatus(310), "310 is never about a directory, and a path that ends with a slash names one"}}, formFirst...),
		},
		{
			ID: "STTP-7.1-ORDER-004", Title: "A name that is too long comes before contents that are wrong",
			Statements: []string{"7.1-1", "3.3-2"}, Story: "order", Strict: Must, Guide: Must, After: []string{"STTP-3.3-NAME-002"},
			Ask: `
				> CREATE {d}/{x*40} {x*161}
				< 310 {d}/{x*40} FILENAME TOO LONG
				~ 300
				> UPDATE {d}/{x*40} {x*161}
				< 310 {d}/{x*40} FILENAME TOO LONG
				~ error`,
			Hints: nameFirst,
		},
		Case{
			ID: "STTP-7.1-ORDER-005", Title: "A name that is too long comes before any fault of the contents",
			Statements: []string{"7.1-1", "3.3-2"}, Story: "order", Strict: Must, Guide: Unchecked, After: []string{"STTP-3.3-NAME-002"},
			Ask: `
				> CREATE {d}/{x*40} §
				< 310 {d}/{x*40} FILENAME TOO LONG`,
			Hints: nameFirst,
		}.each([]sample{{"a wrong escape", `"a\n"`}, {"an escaped last quote", `"a\"`}, {"what is not UTF-8", "a\xffb"}, {"a control character", "a\x01b"}, {"161 letters é", rep("é", 161)}}),
		{
			ID: "STTP-7.1-ORDER-006", Title: "A name that is too long comes before what is stored",
			Statements: []string{"7.1-1", "3.3-2"}, Story: "order", Strict: Must, Guide: Must, After: []string{"STTP-3.3-NAME-002"},
			Ask: `
				> CREATE {d}/f.txt Buy milk
				< 100 {d}/f.txt CREATED
				> CREATE {d}/f.txt/{x*40} x
				< 310 {d}/f.txt/{x*40} FILENAME TOO LONG
				~ error
				> CREATE {d}/missing/{x*40} x
				< 310 {d}/missing/{x*40} FILENAME TOO LONG
				> SHOW {d}/missing/{x*40}
				< 310 {d}/missing/{x*40} FILENAME TOO LONG
				~ error
				> UPDATE {d}/missing/{x*40} x
				< 310 {d}/missing/{x*40} FILENAME TOO LONG
				~ error
				> DELETE {d}/missing/{x*40}
				< 310 {d}/missing/{x*40} FILENAME TOO LONG
				~ error`,
			Hints: nameFirst,
		},
		{
			ID: "STTP-7.1-ORDER-007", Title: "A name that is too long is one also where a directory has it",
			Statements: []string{"7.1-1", "3.3-2", "5.7-5"}, Story: "order", Strict: Must, Guide: Unchecked, After: []string{"STTP-3.3-NAME-003"},
			Ask: `
				> CREATE {d}{x*40}/a.txt Buy milk
				< 100 {d}{x*40}/a.txt CREATED
				> SHOW {d}{x*40}
				< 310 {d}{x*40} FILENAME TOO LONG
				> CREATE {d}{x*40} x
				< 310 {d}{x*40} FILENAME TOO LONG
				> DELETE {d}{x*40}
				< 310 {d}{x*40} FILENAME TOO LONG`,
			Hints: nameFirst,
		},
		{
			ID: "STTP-7.1-ORDER-008", Title: "Contents that are too long come before what is stored",
			Statements: []string{"7.1-1", "4.1-4"}, Story: "order", Strict: Must, Guide: Must, After: []string{"STTP-4.1-REFUSED-004", "STTP-6.4-MESSAGE-005"},
			Ask: `
				> CREATE {d}/f.txt Buy milk
				< 100 {d}/f.txt CREATED
				> UPDATE {d}/a.txt {x*161}
				< 300 {d}/a.txt CLIENT ERROR "…"
				~ 400
				> UPDATE {d}/missing/a.txt {x*161}
				< 300 {d}/missing/a.txt CLIENT ERROR "…"
				~ 400 410 510
				> CREATE {d}/f.txt/a.txt {x*161}
				< 300 {d}/f.txt/a.txt CLIENT ERROR "…"
				~ error`,
			Hints: formFirst,
		},
		Case{
			ID: "STTP-7.1-ORDER-009", Title: "Any fault of the contents comes before what is stored",
			Statements: []string{"7.1-1", "4.1-4", "4.2-3"}, Story: "order", Strict: Must, Guide: Unchecked, After: []string{"STTP-4.1-REFUSED-005", "STTP-6.4-MESSAGE-005"},
			Ask: `
				> UPDATE {d}/missing/a.txt §
				< 300 {d}/missing/a.txt CLIENT ERROR "…"`,
			Hints: formFirst,
		}.each([]sample{{"a wrong escape", `"a\n"`}, {"an escaped last quote", `"a\"`}, {"what is not UTF-8", "a\xffb"}, {"a control character", "a\x01b"}, {"161 letters é", rep("é", 161)}}),
		{
			ID: "STTP-7.1-ORDER-010", Title: "The form of a request comes before what is stored",
			Statements: []string{"7.1-1", "4.3-1", "4.3-2", "5.7-5"}, Story: "order", Strict: Must, Guide: Unchecked, After: []string{"STTP-4.3-MISSING-001", "STTP-4.3-SURPLUS-001", "STTP-4.3-SURPLUS-002", "STTP-4.3-SURPLUS-003", "STTP-3.1-PATH-002", "STTP-3.4-DIRECTORY-002", "STTP-5.1-LINE-003"},
			Ask: `
				> UPDATE {d}/missing/a.txt
				< 300 {d}/missing/a.txt CLIENT ERROR "…"
				> SHOW {d}/missing/a.txt x
				< 300 {d}/missing/a.txt CLIENT ERROR "…"
				> LIST {d}/missing x
				< 300 {d}/missing CLIENT ERROR "…"
				> DELETE {d}/missing/
				< 300 {d}/missing/ CLIENT ERROR "…"
				> SHOW {d}/missing//a.txt
				< 300 - CLIENT ERROR "…"
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt/
				< 300 {d}/a.txt/ CLIENT ERROR "…"
				> CREATE {d}/a.txt/b/ x
				< 300 {d}/a.txt/b/ CLIENT ERROR "…"`,
			Hints: formFirst,
		},
		{
			ID: "STTP-7.1-ORDER-011", Title: "The form of a path and the action come before the length of a name",
			Statements: []string{"7.1-1", "3.1-11", "5.1-1"}, Story: "order", Strict: Must, Guide: Unchecked, After: []string{"STTP-3.3-NAME-002", "STTP-3.1-PATH-002", "STTP-3.1-PATH-007", "STTP-3.1-PATH-009", "STTP-3.1-LENGTH-002", "STTP-5.1-LINE-003"},
			Ask: `
				> CREATE {d}//{x*40} x
				< 300 - CLIENT ERROR "…"
				> CREATE {d}/{x*40}\ x
				< 300 - CLIENT ERROR "…"
				> CREATE {d}/.{x*40} x
				< 300 - CLIENT ERROR "…"
				> FETCH {d}/{x*40} x
				< 300 {d}/{x*40} CLIENT ERROR "…"
				> CREATE {d}/{y*256}/{x*40} x
				< 300 - CLIENT ERROR "…"`,
			Hints: formFirst,
		},
		{
			ID: "STTP-7.1-ORDER-012", Title: "LIST takes a name of 40 letters for one of a directory",
			Statements: []string{"7.1-1", "3.3-3"}, Story: "order", Strict: Must, Guide: Must, After: []string{"STTP-3.3-NAME-008"},
			Ask: `
				> LIST {d}{x*40}
				< 400 {d}{x*40} NOT FOUND
				~ 410
				> CREATE {d}{x*40}/a.txt Buy milk
				< 100 {d}{x*40}/a.txt CREATED
				> LIST {d}{x*40}
				< 200 {d}{x*40} OK
				< a.txt`,
			Hints: []Hint{{GotStatus(310), "what a LIST names is a directory, and 310 is about files"}},
		},
	}
}
