package sttp_test

import (
	"errors"
	paths "path"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"sttp"
)

// Shows [11.2-2] [11.2-3] [11.2-4] of docs/protocol.md.
func TestAQueryIsParsedIntoWhatItAsksFor(t *testing.T) {
	long := strings.Repeat("é", sttp.MaxContents)
	tests := []struct {
		text string
		want sttp.Query
	}{
		{"q=milk", sttp.Query{Contains: "milk"}},
		{"q=Buy%20milk", sttp.Query{Contains: "Buy milk"}},
		{"q=%20", sttp.Query{Contains: " "}},
		{"q=1+1", sttp.Query{Contains: "1+1"}},
		{"q=a=b=", sttp.Query{Contains: "a=b="}},
		{"q=%26%25%3d", sttp.Query{Contains: "&%="}},
		{"q=%2525", sttp.Query{Contains: "%25"}},
		{"q=%09", sttp.Query{Contains: "\t"}},
		{"q=%C3%A9%c3%a9", sttp.Query{Contains: "éé"}},
		{"q=-._~!$'()*+,;=:@/?", sttp.Query{Contains: "-._~!$'()*+,;=:@/?"}},
		{"q=" + strings.Repeat("%C3%A9", sttp.MaxContents), sttp.Query{Contains: long}},
		{"name=*.txt", sttp.Query{Name: "*.txt"}},
		{"name=a?c", sttp.Query{Name: "a?c"}},
		{"name=%5B%5Ea%5D", sttp.Query{Name: "[^a]"}},
		{"name=%5C%5B", sttp.Query{Name: `\[`}},
		{"name=" + strings.Repeat("a", sttp.MaxPath), sttp.Query{Name: strings.Repeat("a", sttp.MaxPath)}},
		{"recursive=true", sttp.Query{Recursive: true}},
		{"recursive=false", sttp.Query{}},
		{"limit=1", sttp.Query{Limit: 1}},
		{"limit=1000", sttp.Query{Limit: sttp.MaxLimit}},
		{"after=sub/a.txt", sttp.Query{After: "sub/a.txt"}},
		{"after=", sttp.Query{}},
		{"after=" + strings.Repeat("a", sttp.MaxPath), sttp.Query{After: strings.Repeat("a", sttp.MaxPath)}},
		{"after=z&limit=7&recursive=true&name=*&q=x", sttp.Query{Contains: "x", Name: "*", Recursive: true, Limit: 7, After: "z"}},
	}
	for _, test := range tests {
		got, err := sttp.ParseQuery(test.text)
		if err != nil || *got != test.want {
			t.Errorf("ParseQuery(%q) = %+v, %v; want %+v", test.text, got, err, test.want)
		}
	}
}

// Shows [11.2-5] of docs/protocol.md.
func TestAQueryThatIsWrongIsRefusedWithWhatWouldBeRight(t *testing.T) {
	const (
		form      = "a query is made of parameters"
		once      = "each parameter of a query stands in it once"
		known     = "the parameters of a query are q, name, recursive, limit and after"
		encoding  = "a query is percent-encoded"
		escape    = "a % in a query is followed by two hexadecimal digits"
		limit     = "limit= takes a number from 1 to 1000"
		recursive = "recursive= takes true or false"
		name      = "name= takes a pattern for names"
		after     = "after= takes the last name of the page before"
	)
	for text, want := range map[string]string{
		"":                                   form,
		"q":                                  form,
		"&":                                  form,
		"q=milk&":                            form,
		"&q=milk":                            form,
		"q=milk&&limit=1":                    form,
		"q=milk;limit=1&limit":               form,
		"=milk":                              known,
		"Q=milk":                             known,
		"%71=milk":                           known,
		" q=milk":                            known,
		"p=milk":                             known,
		"query=milk":                         known,
		"q=a&q=a":                            once,
		"limit=1&q=a&limit=2":                once,
		"after=&after=":                      once,
		"q=a b":                              encoding,
		"q=é":                                encoding,
		"q=\"a\"":                            encoding,
		"name=[a]":                           encoding,
		"name=^":                             encoding,
		`name=a\b`:                           encoding,
		"q=a#b":                              encoding,
		"q=<a>":                              encoding,
		"q={a}|`":                            encoding,
		"q=a\x00":                            encoding,
		"q=%":                                escape,
		"q=%4":                               escape,
		"q=a%4g":                             escape,
		"q=%g4":                              escape,
		"q=%+1":                              escape,
		"q=%-1":                              escape,
		"q=%%20":                             escape,
		"q=% 1":                              escape,
		"q=":                                 "q= needs the text to look for",
		"q=%0A":                              "q= takes what a snippet can hold: contents hold no control characters",
		"q=%00":                              "q= takes what a snippet can hold: contents hold no control characters",
		"q=%C2%85":                           "q= takes what a snippet can hold: contents hold no control characters",
		"q=%C3":                              "q= takes what a snippet can hold: contents are valid UTF-8",
		"q=%ED%A0%80":                        "q= takes what a snippet can hold: contents are valid UTF-8", // a surrogate
		"q=" + strings.Repeat("a", 161):      "q= takes what a snippet can hold: contents have at most 160 characters",
		"name=":                              name,
		"name=%5B":                           name,
		"name=%5Ba-%5D":                      name,
		"name=*%5B%5D":                       name,
		"name=a%5C":                          name,
		"name=%09":                           name,
		"name=%FF":                           name,
		"name=" + strings.Repeat("a", 1025):  name,
		"recursive=":                         recursive,
		"recursive=1":                        recursive,
		"recursive=True":                     recursive,
		"limit=":                             limit,
		"limit=0":                            limit,
		"limit=1001":                         limit,
		"limit=-1":                           limit,
		"limit=+1":                           limit,
		"limit=1.0":                          limit,
		"limit=1_0":                          limit,
		"limit=0x10":                         limit,
		"limit=%D9%A3":                       limit, // a digit, but no ASCII digit
		"limit=99999999999999999999":         limit,
		"after=%0A":                          after,
		"after=%FF":                          after,
		"after=" + strings.Repeat("a", 1025): after,
	} {
		got, err := sttp.ParseQuery(text)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("ParseQuery(%q) = %+v, %v; want %q…", text, got, err, want)
		}
	}
}

// Shows [11.2-6] [11.2-7] of docs/protocol.md.
func TestOnlyAListHasAQueryAndItsPathIsWithoutIt(t *testing.T) {
	req, err := sttp.NewRequest(sttp.List, "/notes?q=a?b", "", false)
	if err != nil || req.Path.String() != "/notes" || req.Query == nil || req.Query.Contains != "a?b" {
		t.Errorf("got %+v, %v", req, err)
	}
	for _, same := range []string{"/notes/?recursive=false", "/notes/?after=", "/notes/"} {
		if req, err := sttp.NewRequest(sttp.List, same, "", false); err != nil || req.Query != nil || req.Path.String() != "/notes/" {
			t.Errorf("%s: got %+v, %v", same, req, err)
		}
	}
	for _, action := range sttp.Actions() {
		want := "-"
		if action == sttp.List {
			want = "/notes/"
		}
		_, err := sttp.NewRequest(action, "/notes/?limit=0", "x", action.TakesContents())
		var refused *sttp.Error
		if !errors.As(err, &refused) || refused.Status != sttp.StatusClientError || refused.Path.String() != want {
			t.Errorf("%s: got %v", action, err)
		}
	}
}

func TestFilesOnlyAreListedWhereAQueryAsksForWhatOnlyTheyHave(t *testing.T) {
	for _, test := range []struct {
		q    *sttp.Query
		want bool
	}{
		{nil, false}, {&sttp.Query{}, false}, {&sttp.Query{Limit: 1, After: "a"}, false},
		{&sttp.Query{Contains: "a"}, true}, {&sttp.Query{Name: "*"}, true}, {&sttp.Query{Recursive: true}, true},
	} {
		if got := test.q.FilesOnly(); got != test.want {
			t.Errorf("FilesOnly of %+v is %t", test.q, got)
		}
	}
}

// A query survives being written, and what it is written as stands in a request
// line and in a URL without disturbing anything.
func TestAQueryIsWrittenSoThatItIsParsedAsTheSame(t *testing.T) {
	if got := (*sttp.Query)(nil).String(); got != "" {
		t.Errorf("no query is written %q", got)
	}
	text := rapid.StringOfN(rapid.Rune(), 1, 40, -1)
	rapid.Check(t, func(t *rapid.T) {
		want := sttp.Query{
			Contains:  text.Draw(t, "q"),
			Name:      rapid.OneOf(text, rapid.StringMatching(`[a*?\[\]\\^-]{1,6}`)).Draw(t, "name"),
			Recursive: rapid.Bool().Draw(t, "recursive"),
			Limit:     rapid.IntRange(0, sttp.MaxLimit).Draw(t, "limit"),
			After:     rapid.OneOf(rapid.Just(""), text).Draw(t, "after"),
		}
		written := want.String()
		if strings.ContainsFunc(written, func(r rune) bool { return r <= ' ' || r >= utf8.RuneSelf || strings.ContainsRune("#\"<>\\^`{|}[]", r) }) {
			t.Fatalf("%+v is written %q", want, written)
		}
		got, err := sttp.ParseQuery(written)
		if err != nil {
			t.Skip("no valid query")
		}
		if *got != want {
			t.Fatalf("%+v is written %q, which is parsed as %+v", want, written, got)
		}
	})
}

// Whatever is accepted is accepted again as it is written, asks for nothing that
// is out of bounds, and has a pattern that fails for no name.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{"q=milk&name=*.txt&recursive=true&limit=50&after=a.txt", "q=%C3%A9+%20", "name=%5Ba-c%5D%3F", "after=&recursive=false", "q=%", "limit=0", "name=%5C"} {
		f.Add(seed, "a.txt")
	}
	f.Fuzz(func(t *testing.T, text, file string) {
		q, err := sttp.ParseQuery(text)
		if err != nil {
			if msg := err.Error(); msg == "" || !utf8.ValidString(msg) {
				t.Fatalf("%q is refused with %q", text, msg)
			}
			return
		}
		if _, err := sttp.ParseContents(q.Contains); err != nil || q.Limit < 0 || q.Limit > sttp.MaxLimit || len(q.After) > sttp.MaxPath {
			t.Fatalf("%q is accepted as %+v", text, q)
		}
		if _, err := paths.Match(q.Name, file); err != nil {
			t.Fatalf("%q is accepted, and its pattern is %v for %q", text, err, file)
		}
		if *q == (sttp.Query{}) {
			return
		}
		if again, err := sttp.ParseQuery(q.String()); err != nil || !reflect.DeepEqual(again, q) {
			t.Fatalf("%q is written %q, which is parsed as %+v, %v", text, q, again, err)
		}
	})
}
