package cli_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"sttp/internal/cli"
)

func TestEscapeLeavesNothingThatDisturbsATerminal(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"Buy milk", "Buy milk"},
		{`a\b "c"`, `a\b "c"`},
		{"Grüße 世界 😀", "Grüße 世界 😀"},
		{"a\tb\nc\rd", `a\tb\nc\rd`},
		{"\x1b[31mred\x1b[0m", `\x1b[31mred\x1b[0m`},
		{"del\x7f c1\u009b", `del\x7f c1\x9b`},
		{"bidi\u202eevil", `bidi\u202eevil`},
		{"line\u2028sep", `line\u2028sep`},
		{"tag\U000e0041", `tag\U000e0041`},
		{"bad\xff\xc3", `bad\xff\xc3`},
		{"real \ufffd", `real \ufffd`},
	} {
		if got := cli.Escape(c.in); got != c.want {
			t.Errorf("Escape(%q) = %s, want %s", c.in, got, c.want)
		}
	}
}

func FuzzEscape(f *testing.F) {
	f.Add("Buy milk")
	f.Add("\x1b]0;title\a\xff\u202e")
	f.Fuzz(func(t *testing.T, s string) {
		got := cli.Escape(s)
		if strings.ContainsFunc(got, cli.Disturbing) {
			t.Errorf("Escape(%q) = %q still holds what disturbs", s, got)
		}
		if again := cli.Escape(got); again != got {
			t.Errorf("escaping %q twice gives %q", got, again)
		}
	})
}

func TestDidYouMeanFindsTheNearestWordAndNoFarOne(t *testing.T) {
	actions := []string{"create", "show", "list", "update", "delete"}
	for word, want := range map[string]string{
		"shw": "show", "hsow": "show", "SHOW": "show", "lst": "list", "lists": "list", "craete": "create",
		"updaet": "update", "delet": "delete", "remove": "", "x": "", "": "", "get": "",
		strings.Repeat("show", 100): "",
	} {
		got, ok := cli.DidYouMean(word, actions)
		if got != want || ok != (want != "") {
			t.Errorf("DidYouMean(%q) = %q, %v; want %q", word, got, ok, want)
		}
	}
}

func TestShellQuoteGivesOneWord(t *testing.T) {
	for in, want := range map[string]string{
		"": "''", "Buy milk": "'Buy milk'", "sttp://localhost:8080/a.txt": "sttp://localhost:8080/a.txt",
		"it's": `'it'\''s'`, "$HOME": "'$HOME'", "/müll": "/müll", "[::1]": "'[::1]'",
	} {
		if got := cli.ShellQuote(in); got != want {
			t.Errorf("ShellQuote(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestReportWritesOneEscapedLineAndTheHint(t *testing.T) {
	cause := errors.New("it\nbroke\x1b")
	for _, c := range []struct {
		err  error
		code int
		want string
	}{
		{nil, cli.ExitOK, ""},
		{cause, cli.ExitFailure, `prog: it\nbroke\x1b` + "\n"},
		{&cli.Failure{Code: 5, Err: cause}, 5, `prog: it\nbroke\x1b` + "\n"},
		{&cli.Failure{Code: 4, Err: cause, Hint: "no", Silent: true}, 4, ""},
		{fmt.Errorf("outer: %w", cli.Usagef("do\nthis", "no %s", "x")), cli.ExitUsage, "prog: outer: no x\nhint: do\\nthis\n"},
	} {
		var b strings.Builder
		if code := cli.Report(&b, "prog", c.err); code != c.code || b.String() != c.want {
			t.Errorf("Report(%v) = %d, %q; want %d, %q", c.err, code, b.String(), c.code, c.want)
		}
	}
	if !errors.Is(&cli.Failure{Err: cause}, cause) {
		t.Error("a Failure does not unwrap to its error")
	}
}

func TestAFileThatIsNoTerminalIsNone(t *testing.T) {
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	if cli.IsTerminal(f) {
		t.Error("a regular file is taken for a terminal")
	}
	f.Close()
	var none *os.File
	for _, v := range []any{f, none, nil, &strings.Builder{}} {
		if cli.IsTerminal(v) {
			t.Errorf("%T is taken for a terminal", v)
		}
		if n := cli.Width(v); n != 0 {
			t.Errorf("%T has %d columns", v, n)
		}
	}
}

func TestVersionNamesTheProgramAndThePlatform(t *testing.T) {
	if v := cli.Version("prog"); !strings.HasPrefix(v, "prog ") || !strings.Contains(v, "go1.") {
		t.Errorf("Version = %q", v)
	}
}
