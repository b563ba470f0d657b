package check

import (
	"fmt"
	"slices"
)

// acceptedInPath makes and shows a file with a sample in its path, which no rule
// forbids.
const acceptedInPath = `
	> CREATE {d}§/§a§ Buy milk
	< 100 {d}§/§a§ CREATED
	> SHOW {d}§/§a§
	< 200 {d}§/§a§ OK
	< Buy milk
	> LIST {d}§
	< 200 {d}§ OK
	< §a§`

// pathAcceptedCases are about paths that have to be accepted.
func pathAcceptedCases() []Case {
	refused := []Hint{
		{GotStatus(300), "section 3.1 of the protocol names all that is refused; whatever is not named there is accepted"},
		{GotStatus(510), "such a name has to be stored whatever the file system thinks of it; if it does not allow it, encode names on disk"},
		{GotStatus(500), "such a name has to be stored whatever the file system thinks of it; if it does not allow it, encode names on disk"},
	}
	with := func(h ...Hint) []Hint { return slices.Concat(h, refused) }
	return []Case{
		Case{
			ID: "STTP-3.1-ACCEPT-001", Title: "All punctuation of ASCII but \\ and ? is accepted in a path",
			Statements: []string{"3.1-12", "3.2-2"}, Story: "paths", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.3-SHOW-001"},
			Ask:   acceptedInPath,
			Hints: with(Hint{GotStatus(500), "was a character of the path taken for part of a command, a pattern, a query or a URL? Nothing in a path is decoded"}, Hint{WrongContents, "was a character of the path taken for part of a pattern or a URL? Nothing in a path is decoded"}),
		}.each(texts("!", `"`, "#", "$", "%", "&", "'", "(", ")", "*", "+", ",", "-", ":", ";", "<", "=", ">", "@", "[", "]", "^", "_", "`", "{", "|", "}", "~")),
		Case{
			ID: "STTP-3.1-ACCEPT-002", Title: "Characters outside of ASCII are accepted in a path",
			Statements: []string{"3.1-12", "6.3-1"}, Story: "paths", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.3-SHOW-001"},
			Ask:   acceptedInPath,
			Hints: with(Hint{WrongPath, "the path is repeated byte for byte; was the line decoded with another encoding than UTF-8?"}),
		}.each(slices.Concat(texts("é", "ß", "Ω", "я", "م", "न", "中", "한", "日本", "€", "😀", "🇬🇷", "𝄞"), characters(
			"\u00a1", "the first one that is allowed after ASCII", "\u0301", "a combining accent with nothing before it in the directory's name", "\u034f", "the combining grapheme joiner",
			"\u2800", "the empty Braille pattern", "\u3164", "the Hangul filler", "\ufe0f", "a variation selector", "\ue000", "of private use", "\U0010fffd", "the last one of private use"))),
		Case{
			ID: "STTP-3.1-ACCEPT-003", Title: "U+FFFD and noncharacters are accepted in a path",
			Statements: []string{"3.1-12"}, Story: "paths", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.3-SHOW-001", "STTP-3.1-ACCEPT-002"},
			Ask:   acceptedInPath,
			Hints: with(Hint{GotStatus(300), "U+FFFD can be sent like any other character: a decoder that returns it for bytes that are wrong says in another way, too, that they are (in Go by the length 1)"}),
		}.each(characters("\ufffd", "the replacement character", "\ufffe", "a noncharacter", "\uffff", "a noncharacter", "\ufdd0", "a noncharacter", "\U0010ffff", "the last code point")),
		Case{
			ID: "STTP-3.1-ACCEPT-004", Title: "Dots are accepted everywhere but at the beginning of a segment",
			Statements: []string{"3.1-12"}, Story: "paths", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.3-SHOW-001"},
			Ask: `
				> CREATE {d}§/§ Buy milk
				< 100 {d}§/§ CREATED
				> SHOW {d}§/§
				< 200 {d}§/§ OK
				< Buy milk`,
			Hints: with(Hint{GotStatus(300), "two dots are harmless inside a name: look at how each segment begins, not whether .. stands anywhere in the path"}),
		}.each(texts("a..b", "a.", "a..", "a...txt", "1.2.3", "-.", "~..")),
		Case{
			ID: "STTP-3.1-ACCEPT-005", Title: "Names that mean something to systems, shells or the protocol are names like any other",
			Statements: []string{"3.1-12"}, Story: "paths", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.3-SHOW-001"},
			Ask: `
				> CREATE {d}§/§ Buy milk
				< 100 {d}§/§ CREATED
				> SHOW {d}§/§
				< 200 {d}§/§ OK
				< Buy milk`,
			Hints: refused,
		}.each(texts("-", "-rf", "CON", "nul.txt", "a:b", "C:", "LIST", "OK", "CREATED", "%s%n", "%00", "$(id)", "';--", "null", "0", "__proto__", "index.html", "sttp:")),
	}
}

// comparisonCases are those of section 3.2.
func comparisonCases() []Case {
	caseBlind := "the server, or the file system it stores on, ignores upper and lower case, as those of macOS and Windows do: store on one that does not, or encode names on disk"
	normal := "the server, or the file system it stores on, normalises names, as those of macOS do: store on one that does not, or encode names on disk"
	decoded := "nothing in a path is decoded: %69 is three characters, and + is a plus"
	return []Case{
		differentPaths("STTP-3.2-COMPARE-001", "Upper and lower case make different files", []string{"3.2-1", "3.2-2"}, Should, caseBlind, nil,
			"milk.txt", "Milk.txt", "MILK.TXT"),
		differentPaths("STTP-3.2-COMPARE-002", "Upper and lower case make different files outside of ASCII too", []string{"3.2-1", "3.2-2"}, Unchecked, caseBlind, []string{"STTP-3.2-COMPARE-001", "STTP-3.1-ACCEPT-002"},
			"σ", "ς", "Σ", "straße", "strasse", "STRASSE", "ı", "i", "İ", "I"),
		differentPaths("STTP-3.2-COMPARE-003", "Percent signs and plus signs in a path are not decoded", []string{"3.2-2", "3.2-1"}, Unchecked, decoded, []string{"STTP-3.1-ACCEPT-001", "STTP-5.2-CREATE-003"},
			"milk", "m%69lk", "m%2569lk", "%6d%69%6c%6b", "a+b", "a%2Bb", "a%20b", "x/y", "x%2Fy", "%2e%2e", "100%", "%zz"),
		differentPaths("STTP-3.2-COMPARE-004", "A path is not normalised", []string{"3.2-2", "3.2-1"}, Unchecked, normal, []string{"STTP-3.1-ACCEPT-002"},
			"caf\u00e9", "cafe\u0301", "\uf900", "\u8c48", "\ufb01", "fi", "\uff21", "A", "\u1112\u1161\u11ab", "\ud55c", "q\u0307\u0323", "q\u0323\u0307"),
	}
}

// differentPaths returns a case in which every name is one of a file of its own.
func differentPaths(id, title string, statements []string, guide Level, say string, after []string, names ...string) Case {
	return Case{
		ID: id, Title: title, Statements: statements, Story: "paths", Strict: Must, Guide: guide, After: append([]string{"STTP-5.3-SHOW-001"}, after...),
		Accepts: fmt.Sprintf("each of %q can be created in one directory, and shows its own contents then", names),
		Netcat:  "for f in " + names[0] + " " + names[1] + `; do printf "CREATE /try/$f file $f\nSHOW /try/$f\n\n" | nc HOST PORT; done`,
		Hints:   []Hint{{GotStatus(300), say}, {WrongContents, say}, {GotStatus(510), say}},
		Run: func(t *T) {
			for i, name := range names {
				path := t.dir + "/" + name
				request := fmt.Sprintf("CREATE %s number %d", path, i)
				if p := t.lineProblem(request, "100 "+path+" CREATED"); p != nil {
					p.Says = fmt.Sprintf("with %q beside %q, %s", name, names[:i], p.Says)
					t.FailWith(p)
				}
			}
			for i, name := range names {
				path := t.dir + "/" + name
				if p := t.lineProblem("SHOW "+path, "200 "+path+" OK", fmt.Sprintf("number %d", i)); p != nil {
					p.Says = fmt.Sprintf("of %q, when the others of %q are there too, %s", name, names, p.Says)
					t.FailWith(p)
				}
			}
		},
	}
}
