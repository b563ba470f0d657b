package check

// actionCases are those of section 5 of docs/protocol.md that one client can
// see.
func actionCases() []Case {
	return []Case{
		{
			ID: "STTP-5.2-CREATE-001", Title: "CREATE of a new file is answered 100 with its path",
			Statements: []string{"5.2-1", "5.2-2", "6.3-1"}, Story: "create", Strict: Must, Guide: Must,
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED`,
		},
		{
			ID: "STTP-5.3-SHOW-001", Title: "SHOW is answered 200 with the contents on a line of their own",
			Statements: []string{"5.3-1"}, Story: "show", Strict: Must, Guide: Must,
			After: []string{"STTP-5.2-CREATE-001"},
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< Buy milk`,
		},
		{
			ID: "STTP-5.5-UPDATE-001", Title: "UPDATE replaces the contents and is answered 200 with the new ones",
			Statements: []string{"5.5-1"}, Story: "update", Strict: Must, Guide: Must,
			After: []string{"STTP-5.3-SHOW-001"},
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> UPDATE {d}/a.txt Buy oat milk
				< 200 {d}/a.txt OK
				< Buy oat milk
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< Buy oat milk`,
		},
		{
			ID: "STTP-5.7-MISSING-001", Title: "SHOW in a directory that does not exist is answered 410 with the directory",
			Statements: []string{"5.7-2", "6.3-2"}, Story: "path-errors", Strict: Must, Guide: Must,
			Ask: `
				> SHOW {d}/no/a.txt
				< 410 {d}/no/ PATH NOT FOUND
				~ 400`,
		},
	}
}
