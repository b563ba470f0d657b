package check

// patternCases are those of name.
func patternCases() []Case {
	const language = "a pattern matches the whole name: * is any number of characters, ? one, [a-z] one of those, [^a-z] one of the others, and a \\ takes the meaning from what follows it, within brackets too (path.Match in Go; fnmatch elsewhere has other rules for brackets and for \\)"
	return []Case{
		{
			ID: "STTP-11.2-NAME-001", Title: "LIST with name is answered the files whose whole names match the pattern",
			Statements: []string{"11.2-10"},
			Ask: making("a.txt", "x", "a.txt.bak", "x", "b.md", "x", "ba.txt", "x", "txt", "x", "milk.txt", "x") + listing(
				"/?name=*.txt", "a.txt, ba.txt, milk.txt", "/?name=a.txt", "a.txt", "/?name=a*", "a.txt, a.txt.bak", "/?name=*a*", "a.txt, a.txt.bak, ba.txt", "/?name=*", "a.txt, a.txt.bak, b.md, ba.txt, milk.txt, txt",
				"/?name=*.*", "a.txt, a.txt.bak, b.md, ba.txt, milk.txt", "/?name=milk", "", "/?name=*l*k*", "milk.txt", "/?name=**.md**", "b.md", "/?name=a%2Etxt", "a.txt", "/?name=x", ""),
			Hints: []Hint{{WrongContents, language}, {CutShort, language}},
		},
		{
			ID: "STTP-11.2-NAME-002", Title: "A question mark in a pattern matches one character, however many bytes it has",
			Statements: []string{"11.2-10"},
			Ask: making("a.txt", "x", "ab.txt", "x", "é.txt", "x", "日.txt", "x", "😀.txt", "x", "txt", "x") + listing(
				"/?name=?.txt", "a.txt, é.txt, 日.txt, 😀.txt", "/?name=%3F.txt", "a.txt, é.txt, 日.txt, 😀.txt", "/?name=??.txt", "ab.txt", "/?name=???", "txt", "/?name=?*.txt", "a.txt, ab.txt, é.txt, 日.txt, 😀.txt", "/?name=*%E6%97%A5*", "日.txt"),
			Hints: []Hint{{WrongContents, "? is one character (a code point), not one byte, and not perhaps none"}, {CutShort, "? is one character (a code point), not one byte"}},
		},
		{
			ID: "STTP-11.2-NAME-003", Title: "Brackets in a pattern match one of the characters in them, or with ^ one that is not",
			Statements: []string{"11.2-10"},
			Ask: making("a1", "x", "b2", "x", "c3", "x", "d!", "x", "e^", "x", "fä", "x", "gβ", "x", "h*", "x", "i[", "x") + listing(
				"/?name=%5Babc%5D?", "a1, b2, c3", "/?name=%5Ba-c%5D?", "a1, b2, c3", "/?name=?%5B0-9%5D", "a1, b2, c3", "/?name=?%5B13%5D", "a1, c3", "/?name=?%5B%5E0-9%5D", "d!, e^, fä, gβ, h*, i[",
				"/?name=%5Ba-bd-e%5D*", "a1, b2, d!, e^", "/?name=?%5B!0-9%5D", "a1, b2, c3, d!", "/?name=?%5B0-9%5E%5D", "a1, b2, c3, e^", "/?name=?%5B%C3%A4%CE%B1-%CF%89%5D", "fä, gβ", "/?name=?%5B*?%5B%5D", "h*, i[",
				"/?name=?%5B%5E%5E%5D", "a1, b2, c3, d!, fä, gβ, h*, i[", "/?name=%5Bc-a%5D?", "", "/?name=%5BA-C%5D?", ""),
			Hints: []Hint{{WrongContents, "within brackets: ranges by code points, ^ at the beginning for not (a ! is only itself), and *, ? and [ are themselves"}, {CutShort, "within brackets: ranges by code points, ^ at the beginning for not, and *, ? and [ are themselves"}},
		},
		{
			ID: "STTP-11.2-NAME-004", Title: "A backslash in a pattern makes the character after it stand for itself",
			Statements: []string{"11.2-10"},
			Ask: making("a*b", "x", "acb", "x", "a[b", "x", "a]b", "x", "a-b", "x", "a^b", "x") + listing(
				"/?name=a%5C*b", "a*b", "/?name=a%5B*%5Db", "a*b", "/?name=a%5C%5Bb", "a[b", "/?name=a%5Db", "a]b", "/?name=a%5C%5Db", "a]b", "/?name=a%5B%5C%5D%5C-%5Db", "a-b, a]b",
				"/?name=a%5B%5C%5E%5Db", "a^b", "/?name=a%5Ccb", "acb", "/?name=%5Ca?b", "a*b, a-b, a[b, a]b, a^b, acb", "/?name=a%5B%5C*-%5C-%5Db", "a*b, a-b"),
			Hints: []Hint{{WrongContents, language}, {CutShort, language}},
		},
		{
			ID: "STTP-11.2-NAME-005", Title: "A pattern that breaks the rules is answered 300, whatever names there are",
			Statements: []string{"11.2-5"},
			Ask: making("a.txt", "x") + refusing("/?name=%5B", "/?name=%5B%5D", "/?name=%5B%5Da%5D", "/?name=%5Ba", "/?name=a%5B", "/?name=%5Ba-%5D", "/?name=%5B-a%5D", "/?name=%5Ba-b-c%5D", "/?name=%5B%5E%5D",
				"/?name=%5C", "/?name=a%5C", "/?name=%5Ba%5C", "/?name=zzz%5B", "/?name=*%5B", "/?name=b*%5Ba", "/?name=?%5C", "/?name=%5Ba%5D%5Bb"),
			Hints: notRefused("a bracket that is not closed, empty brackets, a - in them that is not between two characters and a \\ at the end are mistakes, also where no name comes so far: check the pattern before names are compared"),
		},
		{
			ID: "STTP-11.2-NAME-006", Title: "Upper and lower case differ in a pattern, and nothing of it is decoded twice or normalised",
			Statements: []string{"11.2-10"},
			Ask: making("Milk.txt", "x", "milk.txt", "x", "MILK.TXT", "x", "caf{c3}{a9}", "x", "cafe{cc}{81}", "x", "a%20b", "x", "a_b", "x") + listing(
				"/?name=m*", "milk.txt", "/?name=M*", "MILK.TXT, Milk.txt", "/?name=*.TXT", "MILK.TXT", "/?name=caf%C3%A9", "caf{c3}{a9}", "/?name=cafe?", "cafe{cc}{81}", "/?name=a%2520b", "a%20b", "/?name=a_*", "a_b", "/?name=*%25*", "a%20b", "/?name=%25", ""),
			Hints: []Hint{{WrongContents, "names are compared as they are, as paths are; only q does without case. If patterns become those of a database: GLOB knows no case, LIKE does not tell it apart and has % and _"}},
		},
		{
			ID: "STTP-11.2-NAME-007", Title: "With name the list holds no directory, however it is called",
			Statements: []string{"11.2-12", "11.2-10"},
			Ask: making("a.txt", "x", "b.txt/c.txt", "x", "b.txt/d.md", "x") + listing(
				"/?name=*.txt", "a.txt", "/?name=b.txt", "", "/?name=b.txt/", "", "/?name=*/*", "", "/?name=b.txt/c.txt", "", "/b.txt?name=*.md", "d.md"),
			Hints: []Hint{{WrongContents, "a pattern is for the names of files, which hold no /"}},
		},
	}
}

// subtreeCases are those of recursive.
func subtreeCases() []Case {
	const below = "all files in the directory and below it, each by its name from the directory on (sub/deep/a.txt), and no directories"
	return []Case{
		{
			ID: "STTP-11.2-DEEP-001", Title: "LIST with recursive=true is answered the files of the whole subtree, named from the directory on",
			Statements: []string{"11.2-11", "11.2-12"},
			Ask: making("a.txt", "x", "sub/b.txt", "x", "sub/deep/c.txt", "x", "sub/deep/er/d/e/f.txt", "x", "subway.txt", "x", "z/g.txt", "x") + listing(
				"/?recursive=true", "a.txt, sub/b.txt, sub/deep/c.txt, sub/deep/er/d/e/f.txt, subway.txt, z/g.txt", "?recursive=true", "a.txt, sub/b.txt, sub/deep/c.txt, sub/deep/er/d/e/f.txt, subway.txt, z/g.txt",
				"/sub?recursive=true", "b.txt, deep/c.txt, deep/er/d/e/f.txt", "/sub/deep/er/?recursive=true", "d/e/f.txt", "/z?recursive=true", "g.txt"),
			Hints: []Hint{{WrongContents, below}, {CutShort, below}},
		},
		{
			ID: "STTP-11.2-DEEP-002", Title: "The names of a subtree are sorted by their bytes, as they are shown",
			Statements: []string{"11.2-13", "11.2-11"}, After: []string{"STTP-11.2-DEEP-001"},
			Ask: making("a-b", "x", "a.txt", "x", "a/x", "x", "a/b/x", "x", "a/b-c", "x", "a0", "x", "a/b0/y", "x", "A/z", "x", "é/x", "x", "a!/x", "x", "Z", "x") + listing(
				"/?recursive=true", "A/z, Z, a!/x, a-b, a.txt, a/b-c, a/b/x, a/b0/y, a/x, a0, é/x", "/a?recursive=true", "b-c, b/x, b0/y, x"),
			Hints: []Hint{{WrongContents, "sort the whole names: a-b stands before a/x, since - is less than /. A walk through the directories meets them in another order"}},
		},
		{
			ID: "STTP-11.2-DEEP-003", Title: "LIST with recursive=false is answered like one without it",
			Statements: []string{"11.2-11", "11.2-12"}, After: []string{"STTP-11.2-DEEP-001"},
			Ask: making("a.txt", "milk", "sub/b.txt", "milk") + listing("/?recursive=false", "a.txt, sub/", "/?recursive=false&q=milk", "a.txt", "/?recursive=false&limit=5", "a.txt, sub/", "/?recursive=true", "a.txt, sub/b.txt"),
		},
		{
			ID: "STTP-11.2-DEEP-004", Title: "In a subtree q looks into every file, and name at the last part of its name",
			Statements: []string{"11.2-11", "11.2-10", "11.2-8"}, After: []string{"STTP-11.2-DEEP-001", "STTP-11.2-NAME-001"},
			Ask: making("a.txt", "bread", "milk/b.txt", "bread", "sub/c.txt", "Milk", "sub/deep/d.md", "buttermilk", "sub/deep/a.txt", "milk", "a.txt.d/e", "milk") + listing(
				"/?recursive=true&q=milk", "a.txt.d/e, sub/c.txt, sub/deep/a.txt, sub/deep/d.md", "/?recursive=true&name=a.txt", "a.txt, sub/deep/a.txt", "/?recursive=true&name=*.txt&q=milk", "sub/c.txt, sub/deep/a.txt",
				"/?recursive=true&name=sub*", "", "/?recursive=true&name=*/*", "", "/?recursive=true&name=?", "a.txt.d/e", "/?recursive=true&q=sugar", ""),
			Hints: []Hint{{WrongContents, "the pattern is for what follows the last /, and q for the contents: directories count for neither"}},
		},
		{
			ID: "STTP-11.2-DEEP-005", Title: "A subtree holds nothing of directories whose names only resemble its own",
			Statements: []string{"11.2-11", "3.2-1"}, After: []string{"STTP-11.2-DEEP-001"},
			Ask: making("a_b/1", "x", "axb/2", "x", "a%b/3", "x", "ab/4", "x", "a/5", "x", "a-/6", "x", "A_B/7", "x", "a_b0/8", "x", "a_b.txt", "x", "a[b]/9", "x", "a*b/10", "x") + listing(
				"/a_b?recursive=true", "1", "/a%b?recursive=true", "3", "/a?recursive=true", "5", "/A_B/?recursive=true", "7", "/a[b]?recursive=true", "9", "/a*b/?recursive=true&q=x", "10", "/a_b?recursive=true&name=*&q=x", "1"),
			Hints: []Hint{{WrongContents, "what is below /a_b/ are the paths that begin with these bytes: _ and % are no wildcards (LIKE), * and [ neither (GLOB), case counts, and /a_b0 and /a_b.txt do not lie in it"}},
		},
		{
			ID: "STTP-11.2-DEEP-006", Title: "LIST / with recursive=true names files from the root on",
			Statements: []string{"11.2-11"}, After: []string{"STTP-11.2-DEEP-001", "STTP-11.2-NAME-001"},
			Accepts: "200 with the path of a file that was just made, without its first slash", Netcat: `printf 'CREATE /try/sub/only-here.txt x\n\n' | nc HOST PORT; printf 'LIST /?recursive=true&name=only-here.txt\n\n' | nc HOST PORT`,
			Run: func(t *T) {
				name := t.atTop()[1:]
				t.Want("CREATE {d}/sub/"+name+" milk", "100 {d}/sub/"+name+" CREATED")
				t.Want("LIST /?recursive=true&name="+name, "200 / OK", t.dir[1:]+"/sub/"+name)
				t.Want("LIST {d}?recursive=true&name="+name, "200 {d} OK", "sub/"+name)
			},
			Hints: []Hint{{WrongContents, "the name from / on is the path without its first /"}},
		},
	}
}
