package wire_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"sttp"
	"sttp/internal/wire"
)

// parsed shows a parsed line in one string: the request in canonical form, or
// the status line that refuses it.
func parsed(line string) string {
	var req sttp.Request
	if err := wire.ParseRequest(&req, []byte(line)); err != nil {
		return strings.TrimSuffix(string(wire.AppendResponse(nil, wire.Refusal(err))), "\n")
	}
	return strings.TrimSuffix(string(wire.AppendRequest(nil, req)), "\n")
}

func TestAValidLineIsParsedIntoItsRequest(t *testing.T) {
	tests := []struct{ name, line, want string }{
		{"a show", "SHOW /a.txt", "SHOW /a.txt"},
		{"spaces at the end are dropped", "SHOW /a.txt   ", "SHOW /a.txt"},
		{"a list of the root", "LIST /", "LIST /"},
		{"a directory with or without its slash", "LIST /notes", "LIST /notes"},
		{"bare contents", "CREATE /notes/a.txt Buy milk", "CREATE /notes/a.txt Buy milk"},
		{"spaces around bare contents are dropped", "CREATE /a.txt   Buy  milk ", "CREATE /a.txt Buy  milk"},
		{"tabs are contents", "CREATE /a.txt \tx\t", "CREATE /a.txt \tx\t"},
		{"quoted contents", `CREATE /a.txt "Buy milk"`, "CREATE /a.txt Buy milk"},
		{"quoted spaces survive", `UPDATE /a.txt " x "`, `UPDATE /a.txt " x "`},
		{"the empty snippet", `CREATE /a.txt ""`, `CREATE /a.txt ""`},
		{"escapes", `CREATE /a.txt "say \"hi\" \\o/"`, `CREATE /a.txt say "hi" \o/`},
		{"a bare quote between means no quoting", `CREATE /a.txt "one" and "two"`, `CREATE /a.txt "\"one\" and \"two\""`},
		{"an escaped backslash before a bare quote", `CREATE /a.txt "a\\"b"`, `CREATE /a.txt "\"a\\\\\"b\""`},
		{"one quote alone", `CREATE /a.txt "`, `CREATE /a.txt "\""`},
		{"a quote at the beginning only", `CREATE /a.txt "a`, `CREATE /a.txt "\"a"`},
		{"backslashes in bare contents", `CREATE /a.txt a\nb`, `CREATE /a.txt a\nb`},
		{"a file name of 32 characters", "SHOW /" + strings.Repeat("é", 32), "SHOW /" + strings.Repeat("é", 32)},
		{"a directory name longer than a file's may be", "LIST /" + strings.Repeat("d", 255), "LIST /" + strings.Repeat("d", 255)},
		{"160 characters of four bytes", "CREATE /a " + strings.Repeat("😀", 160), "CREATE /a " + strings.Repeat("😀", 160)},
		{"160 characters in quotes", `CREATE /a "` + strings.Repeat("a", 160) + `"`, "CREATE /a " + strings.Repeat("a", 160)},
		{"a dot inside a name", "SHOW /a.b..c", "SHOW /a.b..c"},
		{"a query", "LIST /notes/?q=milk&name=*.txt&recursive=true&limit=50&after=a.txt", "LIST /notes/?q=milk&name=*.txt&recursive=true&limit=50&after=a.txt"},
		{"a query in another order and encoding", "LIST /notes?limit=5&q=%6dil%6B+%2b", "LIST /notes?q=milk%2B%2B&limit=5"},
		{"a query with spaces behind it", "LIST /?limit=5  ", "LIST /?limit=5"},
		{"a query that asks for what a list has", "LIST /?recursive=false&after=", "LIST /"},
		{"a query behind a path of 1,024 bytes", "LIST " + strings.Repeat("/ab", 341) + "/?limit=1", "LIST " + strings.Repeat("/ab", 341) + "/?limit=1"},
		{"a path of 1,024 bytes", "LIST " + strings.Repeat("/ab", 341) + "/", "LIST " + strings.Repeat("/ab", 341) + "/"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := parsed(test.line); got != test.want {
				t.Errorf("%q is parsed as\n  %s, want\n  %s", test.line, got, test.want)
			}
		})
	}
}

// Shows [6.4-3] [7.1-1] of docs/protocol.md.
func TestABadLineIsRefusedWithAHint(t *testing.T) {
	tests := []struct{ name, line, want string }{
		{"spaces alone", "   ", "300 - CLIENT ERROR "},
		{"no path", "SHOW", "300 - CLIENT ERROR \"SHOW needs a path, as in SHOW /notes/a.txt\""},
		{"a space and no path", "SHOW ", "300 - CLIENT ERROR \"SHOW needs a path"},
		{"two spaces before the path", "SHOW  /a", "300 - CLIENT ERROR \"exactly one space"},
		{"a space before the action", " SHOW /a", "300 - CLIENT ERROR "},
		{"a tab for a space", "SHOW\t/a", "300 - CLIENT ERROR "},
		{"lower case", "show /a.txt", "300 /a.txt CLIENT ERROR \"actions are upper case, as in SHOW"},
		{"an unknown action keeps a valid path", "READ /a.txt", "300 /a.txt CLIENT ERROR \"the actions are"},
		{"an unknown action without a valid path", "READ a.txt", "300 - CLIENT ERROR \"the actions are"},
		{"a relative path", "SHOW a.txt", "300 - CLIENT ERROR \"a path begins with /"},
		{"the absolute form", "SHOW sttp://localhost/a.txt", "300 - CLIENT ERROR \"a server takes the path alone"},
		{"two slashes", "SHOW //a", "300 - CLIENT ERROR \"the names in a path are separated by exactly one /"},
		{"a dot first", "SHOW /.a", "300 - CLIENT ERROR \"the names in a path do not begin with a dot"},
		{"traversal", "SHOW /a/../b", "300 - CLIENT ERROR "},
		{"a backslash", `SHOW /a\b`, "300 - CLIENT ERROR "},
		{"a question mark", "SHOW /a?b", "300 - CLIENT ERROR \"a path holds no ?; only LIST takes a query"},
		{"a query on another action", "DELETE /a?q=x", "300 - CLIENT ERROR \"a path holds no ?; only LIST takes a query"},
		{"a query on another action with contents", "UPDATE /a?q=x y", "300 - CLIENT ERROR \"a path holds no ?; only LIST takes a query"},
		{"an empty query", "LIST /a/?", "300 /a/ CLIENT ERROR \"a query is made of parameters such as q=milk"},
		{"a query behind a bad path", "LIST a/?q=x", "300 - CLIENT ERROR \"a path begins with /"},
		{"a query behind no path", "LIST ?q=x", "300 - CLIENT ERROR \"a path begins with /"},
		{"a query with a space", "LIST /a/?q=x y", "300 /a/ CLIENT ERROR \"a query holds no spaces; each is written %20"},
		{"a query with an escape that is none", "LIST /a/?q=%2", "300 /a/ CLIENT ERROR \"a % in a query is followed by two"},
		{"a query with a bad value", "LIST /a/?limit=1001", "300 /a/ CLIENT ERROR \"limit= takes a number from 1 to 1000"},
		{"a query with an unknown parameter", "LIST /a/?p=x", "300 /a/ CLIENT ERROR \"the parameters of a query are"},
		{"a query with a parameter that stands twice", "LIST /a/?q=x&limit=1&q=x", "300 /a/ CLIENT ERROR \"each parameter of a query stands in it once"},
		{"a query of a directory whose name is too long", "LIST /" + strings.Repeat("d", 256) + "?q=x", "300 /" + strings.Repeat("d", 256) + " CLIENT ERROR"},
		{"a NUL", "SHOW /a\x00b", "300 - CLIENT ERROR "},
		{"a delete character", "SHOW /a\x7fb", "300 - CLIENT ERROR "},
		{"a no-break space", "SHOW /a\u00a0b", "300 - CLIENT ERROR \"a path holds no white space"},
		{"a format character", "SHOW /a\u202eb", "300 - CLIENT ERROR \"a path holds no control or format"},
		{"a C1 control", "SHOW /a\u0085b", "300 - CLIENT ERROR "},
		{"invalid UTF-8", "SHOW /a\xffb", "300 - CLIENT ERROR \"a path is valid UTF-8"},
		{"a path of 1,025 bytes", "LIST " + strings.Repeat("/ab", 341) + "/a", "300 - CLIENT ERROR \"a path has at most 1024"},
		{"a directory name of 256 bytes", "LIST /" + strings.Repeat("d", 256), "300 /" + strings.Repeat("d", 256) + " CLIENT ERROR"},
		{"the same with its slash", "LIST /" + strings.Repeat("d", 256) + "/", "300 - CLIENT ERROR"},
		{"a directory as a file", "SHOW /notes/", "300 /notes/ CLIENT ERROR"},
		{"create without contents", "CREATE /a.txt", "300 /a.txt CLIENT ERROR \"CREATE needs contents"},
		{"create with spaces for contents", "CREATE /a.txt   ", "300 /a.txt CLIENT ERROR \"CREATE needs contents"},
		{"show with contents", "SHOW /a.txt x", "300 /a.txt CLIENT ERROR \"SHOW takes no contents"},
		{"an HTTP delete", "DELETE /a.txt HTTP/1.1", "300 /a.txt CLIENT ERROR \"DELETE takes no contents"},
		{"a file name of 33 characters", "SHOW /" + strings.Repeat("é", 33), "310 /" + strings.Repeat("é", 33) + " FILENAME TOO LONG"},
		{"161 characters", "CREATE /a " + strings.Repeat("é", 161), "300 /a CLIENT ERROR \"contents have at most 160"},
		{"a control character in contents", "CREATE /a x\x1b[31m", "300 /a CLIENT ERROR \"contents hold no control"},
		{"a CR in contents", "CREATE /a x\ry", "300 /a CLIENT ERROR \"contents hold no control"},
		{"contents that are not UTF-8", "CREATE /a \xc3\x28", "300 /a CLIENT ERROR \"contents are valid UTF-8"},
		{"another escape", `CREATE /a "a\nb"`, `300 /a CLIENT ERROR "in quotes,`},
		{"an escape that is cut off", `CREATE /a "ab\"`, `300 /a CLIENT ERROR "in quotes,`},
		{"the file's name comes before contents", "CREATE /" + strings.Repeat("a", 33) + " \x01", "310 /"},
		{"the file's name comes before quoting", "CREATE /" + strings.Repeat("a", 33) + ` "\n"`, "310 /"},
		{"the form comes before the file's name", "SHOW /" + strings.Repeat("a", 33) + " x", "300 /"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := parsed(test.line); !strings.HasPrefix(got, test.want) {
				t.Errorf("%q is answered\n  %s, want\n  %s…", test.line, got, test.want)
			}
		})
	}
}

func TestBrowsersAreRecognised(t *testing.T) {
	tests := []struct {
		line  string
		first bool
		want  bool
	}{
		{"GET / HTTP/1.1", true, true},
		{"POST /a.txt HTTP/1.1", true, true},
		{"CONNECT host:443 HTTP/1.1", true, true},
		{"DELETE /a.txt HTTP/1.1", true, false},
		{"GET / HTTP/1.1", false, false},
		{"GETTING", true, false},
		{"Host: localhost", false, true},
		{"hOST:x", false, true},
		{"Host", false, false},
		{"SHOW /a.txt", true, false},
	}
	for _, test := range tests {
		if got := wire.FromBrowser([]byte(test.line), test.first); got != test.want {
			t.Errorf("FromBrowser(%q, first %v) = %v", test.line, test.first, got)
		}
	}
}

func TestAPlainShowIsParsedWithoutAllocation(t *testing.T) {
	line := []byte("SHOW /snippets/snippet_1.txt")
	var req sttp.Request
	n := testing.AllocsPerRun(100, func() {
		if err := wire.ParseRequest(&req, line); err != nil {
			t.Fatal(err)
		}
	})
	if n != 0 {
		t.Errorf("parsing %q makes %v allocations", line, n)
	}
}

// What is accepted, written in canonical form, is accepted again as the same
// request; what is refused is refused with a reply that can be parsed.
// Shows [4.5-1] of docs/protocol.md.
func FuzzRequest(f *testing.F) {
	for _, seed := range []string{"SHOW /a.txt", "LIST /", `CREATE /a/b "x \" \\"`, "UPDATE /a  y ", "DELETE /ä/ö", "show /x",
		"CREATE /a \"one\" and \"two\"", "GET / HTTP/1.1", "SHOW /\xff", "CREATE /a \"\\n\"", " ", "SHOW", "CREATE /a \"", "LIST //",
		"LIST /n/?q=milk&name=*.txt&recursive=true&limit=50&after=a.txt", "LIST /n?q=%C3%A9%20%2B&after=", "LIST /?name=%5Ba-z%5D%3F", "LIST /?q=%", "SHOW /a?q=x"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		if strings.ContainsAny(string(line), "\n") {
			return
		}
		var req, again sttp.Request
		if err := wire.ParseRequest(&req, line); err != nil {
			checkRefusal(t, err)
			return
		}
		if n := utf8.RuneCountInString(req.Contents.String()); n > sttp.MaxContents {
			t.Fatalf("%d characters are accepted", n)
		}
		canonical := wire.AppendRequest(nil, req)
		if err := wire.ParseRequest(&again, canonical[:len(canonical)-1]); err != nil || !reflect.DeepEqual(again, req) {
			t.Fatalf("%q became %q, which is parsed as %+v, %v", line, canonical, again, err)
		}
	})
}

func checkRefusal(t *testing.T, err error) {
	t.Helper()
	var refused *sttp.Error
	if !errors.As(err, &refused) || (refused.Status != sttp.StatusClientError && refused.Status != sttp.StatusFilenameTooLong) {
		t.Fatalf("refused with %v", err)
	}
	reply := wire.AppendResponse(nil, refused.Response())
	back, err := wire.ParseStatusLine(reply[:len(reply)-1])
	if err != nil || back != refused.Response() {
		t.Fatalf("the reply %q is parsed as %+v, %v", reply, back, err)
	}
}

func FuzzQuoting(f *testing.F) {
	for _, seed := range []string{"", `"`, `a\b`, `\"`, " x ", `"quoted"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		quoted := string(wire.AppendQuoted(nil, s))
		if back, err := wire.Unquote(quoted); err != nil || back != s {
			t.Fatalf("%q is quoted as %s, which stands for %q, %v", s, quoted, back, err)
		}
	})
}

func FuzzPath(f *testing.F) {
	for _, seed := range []string{"/", "/a", "/a/", "//", "/.a", "/a/.b", "/é", "/a b", "/\xff", "/a\u200db", "a", "/a?b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := sttp.ParsePath(s)
		if err != nil {
			return
		}
		for name := range strings.SplitSeq(strings.Trim(s, "/"), "/") {
			if strings.HasPrefix(name, ".") || strings.ContainsAny(name, "\x00\\? \t\r\n") || !utf8.ValidString(name) {
				t.Fatalf("%q is accepted", s)
			}
		}
		if p.Dir().String()+p.Base() != s {
			t.Fatalf("%q is split into %q and %q", s, p.Dir(), p.Base())
		}
		if _, err := sttp.ParsePath(p.Dir().String()); err != nil {
			t.Fatalf("the directory of %q is not valid: %v", s, err)
		}
	})
}

func BenchmarkParseShow(b *testing.B) {
	line := []byte("SHOW /snippets/snippet_1.txt")
	var req sttp.Request
	b.ReportAllocs()
	for b.Loop() {
		wire.ParseRequest(&req, line)
	}
}
