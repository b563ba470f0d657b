package check

import (
	"fmt"
	"slices"
	"strings"
)

// queryCases are those of section 11.2.
func queryCases() []Case {
	all := slices.Concat(
		queryFormCases(), queryEncodingCases(), searchCases(), foldingCases(), patternCases(), subtreeCases(),
		pageCases(), queryChangeCases(), queryRaceCases())
	for i := range all {
		c := &all[i]
		c.Story, c.Strict = "queries", Must
		c.Needs |= Queries
		c.Hints = append(c.Hints, queryHints...)
		if c.After == nil && c.ID != firstQuery {
			c.After = []string{firstQuery}
		}
	}
	return all
}

// firstQuery is the case that no other one of queries says anything without.
const firstQuery = "STTP-11.2-FIND-001"

// queryHints are what is probably wrong in any case of queries.
var queryHints = []Hint{
	{WrongPath, "the reply names the path without its query: what stands before the ?"},
	{GotStatus(300), "the query is right: its parameters are q, name, recursive, limit and after, and what stands behind the first ? is no part of the path. A server without queries answers them with 300, as it may: here they are required of it"},
	{GotStatus(400), "the directory is there: is it looked for with the query in its name?"},
	{GotStatus(500), "nothing that stands in a query is a failure of the server"},
}

// notRefused is for a query that is wrong, and is carried out.
func notRefused(say string) []Hint {
	return []Hint{{GotStatus(200), say}, {GotStatus(400), "the form of the query is checked before the directory is looked for"}}
}

// making returns the part of a talk that makes files; of each two texts the first
// is a name below {d}, the second what the file is to hold.
func making(pairs ...string) string {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(&b, "> CREATE {d}/%s %s\n< 100 {d}/%s CREATED\n", pairs[i], pairs[i+1], pairs[i])
	}
	return b.String()
}

// listing returns the part of a talk that lists {d}; of each two texts the first
// is what follows {d} in the request, the second the names that have to come.
func listing(pairs ...string) string {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		path, _, _ := strings.Cut(pairs[i], "?")
		fmt.Fprintf(&b, "> LIST {d}%s\n< 200 {d}%s OK\n< %s\n", pairs[i], path, pairs[i+1])
	}
	return b.String()
}

// refusing returns the part of a talk in which LISTs of {d} are answered 300.
func refusing(queries ...string) string {
	var b strings.Builder
	for _, query := range queries {
		path, _, _ := strings.Cut(query, "?")
		fmt.Fprintf(&b, "> LIST {d}%s\n< 300 {d}%s CLIENT ERROR \"…\"\n", query, path)
	}
	return b.String()
}

// encoded returns text as a value of a query: every byte that is no letter or
// digit of ASCII as a percent sign and two digits.
func encoded(text string) string {
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// queryFormCases are those of what a query is made of.
func queryFormCases() []Case {
	return []Case{
		{
			ID: "STTP-11.2-FORM-001", Title: "LIST /?limit=1 is answered 200 with one name, so that a client can find out whether there are queries",
			Statements: []string{"11.2-1", "11.2-15"},
			Accepts:    "200 with one name, after a file was made in /", Netcat: `printf 'CREATE /try.txt text\n\n' | nc HOST PORT; printf 'LIST /?limit=1\n\n' | nc HOST PORT`,
			Run: func(t *T) {
				t.Want("CREATE "+t.atTop()+" Buy milk", "100 "+t.atTop()+" CREATED")
				got, end := t.Ask("LIST /?limit=1")
				names, ok := contentsOf("/", got)
				if !ok {
					t.Judge("LIST /?limit=1", got, end, "200 / OK", "…")
				}
				if n := len(splitNames(names)); n != 1 {
					t.FailWith(&Problem{Symptom: WrongContents, Says: fmt.Sprintf("LIST /?limit=1 is answered %d names, not one", n), Got: got})
				}
			},
		},
		{
			ID: "STTP-11.2-FORM-002", Title: "The parameters of a query come in any order, and hold together",
			Statements: []string{"11.2-4", "11.2-13"},
			Ask: making("a.txt", "milk", "b.txt", "milk", "c.txt", "bread", "d.md", "milk", "sub/e.txt", "milk") + listing(
				"/?q=milk&name=*.txt&recursive=true&limit=2&after=a.txt", "b.txt, sub/e.txt",
				"/?after=a.txt&limit=2&recursive=true&name=*.txt&q=milk", "b.txt, sub/e.txt",
				"/?limit=9&q=milk&after=b.txt&name=*.txt", "",
				"/?name=*.md&q=milk", "d.md",
				"/?recursive=true&q=milk&name=*.txt", "a.txt, b.txt, sub/e.txt"),
			Hints: []Hint{{WrongContents, "a file is in the list only if every parameter lets it through"}},
		},
		{
			ID: "STTP-11.2-FORM-003", Title: "A query that is empty, or not made of parameters, is answered 300",
			Statements: []string{"11.2-5", "11.2-2"},
			Ask: making("a.txt", "milk") + refusing("/?", "?", "/?q", "/?milk", "/?=milk", "/?q=milk&", "/?&q=milk", "/?q=milk&&limit=1",
				"/?q=milk&limit", "/?recursive", "/?q=milk;limit=1&recursive", "/??q=milk"),
			Hints: notRefused("a query is one or more of name=value with & between; what is not is refused, and not passed over: whoever has mistyped it would take the answer for another one"),
		},
		{
			ID: "STTP-11.2-FORM-004", Title: "A parameter that is not known is answered 300",
			Statements: []string{"11.2-5", "11.2-3"},
			Ask: making("a.txt", "milk") + refusing("/?limt=1", "/?Q=milk", "/?q=milk&Limit=1", "/?%71=milk", "/?q%20=milk", "/?q%5B%5D=milk",
				"/?query=milk", "/?q=milk&sort=size", "/?offset=1&limit=1", "/?q=milk&x="),
			Hints: notRefused("there are five parameters, in lower case and not encoded; another one is refused, and not passed over: whoever writes limt=10 would take the whole list for ten names"),
		},
		{
			ID: "STTP-11.2-FORM-005", Title: "A parameter that is there twice is answered 300",
			Statements: []string{"11.2-5"},
			Ask: making("a.txt", "milk") + refusing("/?q=milk&q=milk", "/?q=milk&q=bread", "/?limit=1&limit=2", "/?limit=1&q=milk&limit=1",
				"/?name=*&name=a*", "/?recursive=true&recursive=true", "/?after=a&limit=1&after=b", "/?after=&after="),
			Hints: notRefused("of a parameter that is there twice it cannot be known which is meant; many libraries for URLs take the first or the last"),
		},
		{
			ID: "STTP-11.2-FORM-006", Title: "A limit that is no number from 1 to 1,000 is answered 300",
			Statements: []string{"11.2-5"},
			Ask: making("a.txt", "milk") + refusing("/?limit=", "/?limit=0", "/?limit=00", "/?limit=1001", "/?limit=-1", "/?limit=+5", "/?limit=1e3", "/?limit=5.0", "/?limit=0x10",
				"/?limit=%205", "/?limit=5,", "/?limit=1_0", "/?limit=ten", "/?limit=all", "/?limit=18446744073709551617", "/?limit=%D9%A5"),
			Hints: notRefused("a limit has decimal digits alone and is at least 1 and at most 1,000: not a sign, no exponent, no other digits, and no number that has run over"),
		},
		{
			ID: "STTP-11.2-FORM-007", Title: "A q or name that is empty, and a recursive that is neither true nor false, are answered 300",
			Statements: []string{"11.2-5"},
			Ask: making("a.txt", "milk") + refusing("/?q=", "/?q=&limit=1", "/?name=", "/?recursive=", "/?recursive=1", "/?recursive=yes", "/?recursive=True", "/?recursive=TRUE", "/?recursive=on",
				"/?recursive=true%20"),
			Hints: notRefused("an empty text is in every snippet, so whoever sends it has more likely forgotten something; and there is one way to write true and false"),
		},
		{
			ID: "STTP-11.2-FORM-008", Title: "The values of q, name and after have their lengths",
			Statements: []string{"11.2-5", "11.2-8", "11.2-10", "11.2-14"},
			Ask: making("a.txt", "{é*160}") + listing("/?q={%C3%A9*160}", "a.txt", "/?name={%61*1024}", "", "/?after={%41*1024}", "a.txt") +
				refusing("/?q={%C3%A9*161}", "/?q={x*161}", "/?name={a*1025}", "/?after={a*1025}"),
			Hints: append(notRefused("a text has at most 160 characters as a snippet has, a pattern and a name at most 1,024 bytes, counted when they are decoded"),
				Hint{GotStatus(300), "lengths are counted when the values are decoded: of q 160 code points, of the others 1,024 bytes"}),
		},
		{
			ID: "STTP-11.2-FORM-009", Title: "A query on CREATE, SHOW, UPDATE and DELETE is answered 300 with -, and nothing is done",
			Statements: []string{"11.2-6", "6.3-3"}, After: []string{firstQuery, "STTP-5.3-SHOW-001"},
			Ask: making("a.txt", "Buy milk") + `
				> SHOW {d}/a.txt?q=milk
				< 300 - CLIENT ERROR "…"
				> SHOW {d}/?q=milk
				< 300 - CLIENT ERROR "…"
				> CREATE {d}/b.txt?limit=1 text
				< 300 - CLIENT ERROR "…"
				> UPDATE {d}/a.txt?limit=1 Buy bread
				< 300 - CLIENT ERROR "…"
				> DELETE {d}/a.txt?recursive=true
				< 300 - CLIENT ERROR "…"
				> DELETE {d}/a.txt?
				< 300 - CLIENT ERROR "…"
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< Buy milk
				> LIST {d}
				< 200 {d} OK
				< a.txt`,
			Hints: []Hint{
				{GotStatus(200), "only a LIST has a query; of other actions the ? is a character that no path holds, and is not cut off"},
				{GotStatus(100), "only a LIST has a query; of other actions the ? is a character that no path holds, and is not cut off"},
				{GotStatus(600), "only a LIST has a query; of other actions the ? is a character that no path holds, and is not cut off"},
				{GotStatus(400), "the path is wrong, whatever is stored"},
				{WrongPath, "what holds a ? is no path, and is not repeated"},
			},
		},
		{
			ID: "STTP-11.2-FORM-010", Title: "Every reply to a LIST with a query names the path as it was sent, without the query",
			Statements: []string{"11.2-7", "11.2-2", "6.3-1"},
			Ask: making("a.txt", "milk", "sub/b.txt", "milk") + listing("?q=milk", "a.txt", "/?q=milk", "a.txt", "/sub?q=milk", "b.txt", "/sub/?limit=1", "b.txt") +
				refusing("?limit=0", "/?limit=0", "/sub?x=y", "/a.txt?q=milk") + `
				> LIST {d}/no?q=milk
				< 400 {d}/no NOT FOUND
				> LIST {d}//?q=milk
				< 300 - CLIENT ERROR "…"
				> LIST ?q=milk
				< 300 - CLIENT ERROR "…"
				> LIST {d}/.x/?q=milk
				< 300 - CLIENT ERROR "…"`,
			Hints: []Hint{{GotStatus(200), "what stands before the ? has to be a path by the rules for all paths"}},
		},
		{
			ID: "STTP-11.2-FORM-011", Title: "The query begins at the first question mark, and a value at its first equals sign",
			Statements: []string{"11.2-2", "11.2-3"},
			Ask: making("a.txt", "1+1=2?", "b.txt", "1+1", "c.txt", "/notes/?q=milk") + listing(
				"/?q=1+1=2?", "a.txt", "/?q==2", "a.txt", "/?q=?", "a.txt, c.txt", "/?q=/notes/?q=", "c.txt", "/?name=?.txt&q=?q=m", "c.txt"),
		},
		{
			ID: "STTP-11.2-FORM-012", Title: "A LIST with a query takes no contents, and drops spaces at the end of the line",
			Statements: []string{"11.2-5", "4.3-2", "5.1-4"},
			Ask: making("a.txt", "Buy milk") + `
				> LIST {d}/?q=milk   
				< 200 {d}/ OK
				< a.txt
				> LIST {d}/?q=Buy milk
				< 300 {d}/ CLIENT ERROR "…"
				> LIST {d}/?q= milk
				< 300 {d}/ CLIENT ERROR "…"`,
			Hints: notRefused("a space ends the path and its query; within a value it is %20"),
		},
		{
			ID: "STTP-11.2-FORM-013", Title: "A query that is wrong is answered 300, also where the directory is missing",
			Statements: []string{"11.2-5", "7.1-1"}, After: []string{firstQuery, "STTP-5.4-LIST-014"},
			Ask: refusing("/no/?limit=0", "/no?q=", "/no/?x=y") + `
				> LIST {d}/no/?limit=1
				< 400 {d}/no/ NOT FOUND`,
			Hints: []Hint{{GotStatus(400), "what can be said of the request alone comes before what is stored"}},
		},
		{
			ID: "STTP-11.2-FORM-014", Title: "A LIST with a query of what is no directory is answered as without one",
			Statements: []string{"11.2-16", "5.4-7", "5.4-8"}, After: []string{firstQuery, "STTP-5.4-LIST-014", "STTP-5.4-LIST-015"},
			Ask: making("a.txt", "milk") + refusing("/a.txt?q=milk", "/a.txt/?limit=1", "/a.txt?recursive=true") + `
				> LIST {d}/no?q=milk
				< 400 {d}/no NOT FOUND
				> LIST {d}/no/deep/?recursive=true&name=*
				< 400 {d}/no/deep/ NOT FOUND
				> LIST {d}/a.txt/deep?limit=1
				< 400 {d}/a.txt/deep NOT FOUND`,
			Hints: []Hint{
				{GotStatus(200), "that nothing is found is not the same as that there is no such directory: 400, and 300 for a file"},
				{GotStatus(400), "something of that name is there, but a file: 300"},
			},
		},
	}
}

// queryEncodingCases are those of how values are encoded.
func queryEncodingCases() []Case {
	const strict = "a value holds ASCII letters, digits and -._~!$'()*+,;=:@/?, and % with two hexadecimal digits; whatever else is refused, so that no two servers read one request differently"
	return []Case{
		{
			ID: "STTP-11.2-ENCODE-001", Title: "A percent sign and two hexadecimal digits, of either case, are a byte of the value",
			Statements: []string{"11.2-3"},
			Ask: making("a.txt", "Buy café au lait", "b.txt", "Buy milk", "c.txt", "日本") + listing(
				"/?q=caf%C3%A9", "a.txt", "/?q=caf%c3%a9%20AU", "a.txt", "/?q=%63%61f%C3%a9", "a.txt", "/?q=%6d%69%6C%6B", "b.txt",
				"/?q=%E6%97%A5", "c.txt", "/?name=%61%2E%74xt", "a.txt", "/?limit=%31", "a.txt", "/?recursive=%74rue", "a.txt, b.txt, c.txt", "/?after=%62%2e%74%78%74", "c.txt"),
			Hints: []Hint{{WrongContents, "values are decoded before they are looked at, those of limit and recursive too"}},
		},
		{
			ID: "STTP-11.2-ENCODE-002", Title: "A plus is a plus, and a space is %20",
			Statements: []string{"11.2-3"},
			Ask: making("a.txt", "1+1", "b.txt", "1 1", "c+d", "text") + listing(
				"/?q=1+1", "a.txt", "/?q=1%2B1", "a.txt", "/?q=1%201", "b.txt", "/?name=c+d", "c+d", "/?after=c+c", "c+d"),
			Hints: []Hint{{WrongContents, "only HTML forms write a space as +; a function for paths decodes percent signs alone (url.PathUnescape in Go, unquote in Python)"}},
		},
		{
			ID: "STTP-11.2-ENCODE-003", Title: "A value is decoded once",
			Statements: []string{"11.2-3"},
			Ask: making("a.txt", "100%25 sure", "b.txt", "100% sure", "c.txt", "%2525") + listing(
				"/?q=100%2525", "a.txt", "/?q=100%25%20", "b.txt", "/?q=%25", "a.txt, b.txt, c.txt", "/?q=%252525", "c.txt", "/?q=%2525", "a.txt, c.txt"),
			Hints: []Hint{{WrongContents, "what has been decoded is not decoded again: %2525 is %25"}},
		},
		{
			ID: "STTP-11.2-ENCODE-004", Title: "Punctuation that URLs have in a query stands for itself",
			Statements: []string{"11.2-3"},
			Ask: making("a.txt", "-._~!$'()*+,;=:@/?", "b.txt", "x-._~!$'()*+,;=:@/? and % # too") + listing(
				"/?q=-._~!$'()*+,;=:@/?", "a.txt, b.txt", "/?q=/?%20and%20%25%20%23", "b.txt", "/?q=,;=", "a.txt, b.txt", "/?q='()", "a.txt, b.txt"),
			Hints: []Hint{
				{GotStatus(300), "these need not be encoded: -._~!$'()*+,;=:@/?; only & ends a parameter, not ;"},
				{WrongContents, "only & separates parameters"},
			},
		},
		{
			ID: "STTP-11.2-ENCODE-005", Title: "A percent sign without two hexadecimal digits is answered 300",
			Statements: []string{"11.2-5", "11.2-3"},
			Ask: making("a.txt", "100% milk") + refusing("/?q=%", "/?q=100%", "/?q=%2", "/?q=%zz", "/?q=%2z", "/?q=%z2", "/?q=%%", "/?q=%+1", "/?q=%-1", "/?q=%0x1", "/?q=milk%",
				"/?q=%u00e9", "/?name=%", "/?after=%1", "/?limit=1%", "/?q=%&limit=1"),
			Hints: notRefused("a % that is meant as such is %25; one that two hexadecimal digits do not follow is refused, and not taken as it stands"),
		},
		{
			ID: "STTP-11.2-ENCODE-006", Title: "A character that is to be encoded and is not is answered 300",
			Statements: []string{"11.2-5", "11.2-3"},
			Ask: making("a.txt", "milk") + refusing(`/?q="milk"`, "/?q=<", "/?q=>", `/?q=a\b`, "/?q=^", "/?q={60}", "/?q={7b}", "/?q=|", "/?q={7d}", "/?q=#", "/?q=milk#top",
				"/?q=caf{c3}{a9}", "/?q={e2}{84}{aa}", "/?q={ff}", "/?q={7f}", "/?q=a{09}b", "/?name=[ab]*", "/?name=a{5c}*", "/?name={c3}{a9}*", "/?after={c3}{a9}"),
			Hints: notRefused(strict),
		},
		{
			ID: "STTP-11.2-ENCODE-007", Title: "A value that decodes to what is no text is answered 300",
			Statements: []string{"11.2-5"},
			Ask: making("a.txt", "milk") + refusing("/?q=%FF", "/?q=%C3", "/?q=%00", "/?q=milk%00", "/?q=%0A", "/?q=%0D", "/?q=%1B", "/?q=%7F", "/?q=%C2%85", "/?q=%ED%A0%80", "/?q=%C0%AF",
				"/?name=%FF", "/?name=a%00", "/?name=%09", "/?name=%5B%FF%5D", "/?after=%FF", "/?after=%0A", "/?after=%C2%85"),
			Hints: notRefused("a text is UTF-8 without control characters as a snippet is, and so are a pattern and a name; no overlong forms, and no surrogates"),
		},
		{
			ID: "STTP-11.2-ENCODE-008", Title: "Tabs and format characters may be in q, as they may be in a snippet",
			Statements: []string{"11.2-3", "11.2-8"},
			Ask: making("a.txt", "one{09}two", "b.txt", "one two", "c.txt", "one{e2}{80}{8d}two") + listing(
				"/?q=one%09two", "a.txt", "/?q=%09", "a.txt", "/?q=one%20two", "b.txt", "/?q=%E2%80%8D", "c.txt", "/?q=onetwo", ""),
			Hints: []Hint{{WrongContents, "a character that cannot be seen is one all the same: nothing is left out or replaced before texts are compared"}},
		},
	}
}
