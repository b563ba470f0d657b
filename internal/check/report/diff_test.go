package report_test

import (
	"strings"
	"testing"
	"time"

	"sttp/internal/check"
	"sttp/internal/check/report"
)

// failing returns a report with one case that fails with that problem.
func failing(p *check.Problem, exchange ...check.Event) *check.Report {
	r := withOutcomes(check.Must, check.Fail)
	r.Results[0].Problem, r.Results[0].Exchange = p, exchange
	return r
}

// comparison returns the lines of the text that compare, without their margin.
func comparison(t *testing.T, p *check.Problem) string {
	t.Helper()
	all := text(t, failing(p), report.Options{Width: 60})
	_, all, _ = strings.Cut(all, "It does not.\n\n")
	all, _, _ = strings.Cut(all, "\n\n")
	all, _, _ = strings.Cut(all, "\n              (long")
	return strings.ReplaceAll(all, "\n    ", "\n")[4:]
}

func TestTheCaretStandsUnderTheFirstDifference(t *testing.T) {
	for _, c := range []struct {
		name, expected, got string
		at                  int
		want                string
	}{
		{"plain", "abc\n", "abX\n", 2, "" +
			"expected  abc\\n\n" +
			"got       abX\\n\n" +
			"            ^"},
		{"wide characters take two columns", "世界😀a\n", "世界😀b\n", 10, "" +
			"expected  世界😀a\\n\n" +
			"got       世界😀b\\n\n" +
			"                ^"},
		{"half a character is no difference", "é\n", "è\n", 1, "" +
			"expected  é\\n\n" +
			"got       è\\n\n" +
			"          ^"},
		{"escapes take as much as they are long", "a\tb\x00c\n", "a\tb\x00d\n", 4, "" +
			"expected  a\\tb\\x00c\\n\n" +
			"got       a\\tb\\x00d\\n\n" +
			"                  ^"},
		{"marks do not hide", "e\u0301\n", "é\n", 0, "" +
			"expected  e\\u0301\\n\n" +
			"got       é\\n\n" +
			"          ^"},
		{"spaces at the end can be seen", "a\n", "a  \n", 1, "" +
			"expected  a\\n\n" +
			"got       a\\x20\\x20\\n\n" +
			"           ^"},
		{"nothing came", "a\nb\n", "", 0, "" +
			"expected  a\\n\n" +
			"          b\\n\n" +
			"got       (nothing)\n" +
			"          ^"},
		{"a line is missing", "a\nb\n", "a\n", 2, "" +
			"right     a\\n\n" +
			"expected  b\\n\n" +
			"got       (nothing more)\n" +
			"          ^"},
		{"a line too many", "a\n", "a\nb\n", 2, "" +
			"right     a\\n\n" +
			"expected  (nothing more)\n" +
			"got       b\\n\n" +
			"          ^"},
		{"the case has not said where", "abc\n", "abd\n", 0, "" +
			"expected  abc\\n\n" +
			"got       abd\\n\n" +
			"            ^"},
		{"a place that is not there", "abc\n", "ab", 99, "" +
			"expected  abc\\n\n" +
			"got       ab\n" +
			"            ^"},
		{"a long line is cut on both sides", strings.Repeat("x", 5000) + "a" + strings.Repeat("y", 5000), strings.Repeat("x", 5000) + "b" + strings.Repeat("y", 9), 5000, "" +
			"expected  …" + strings.Repeat("x", 22) + "a" + strings.Repeat("y", 21) + "…\n" +
			"got       …" + strings.Repeat("x", 22) + "byyyyyyyyy\n" +
			"                                 ^"},
		{"both are cut alike", "short\n", "shorX" + strings.Repeat("世", 5000), 4, "" +
			"expected  short\\n\n" +
			"got       shorX" + strings.Repeat("世", 19) + "…\n" +
			"              ^"},
		{"many lines", "a\n", strings.Repeat("a\n", 9), 2, "" +
			"right     a\\n\n" +
			"expected  (nothing more)\n" +
			"got       a\\n\n" +
			"          ^\n" +
			"          a\\n\n" +
			"          a\\n\n" +
			"          (5 more lines)"},
		{"bytes that are no character", "é\n", "\xc3\n", 1, "" +
			"expected  é\\n\n" +
			"got       \\xc3\\n\n" +
			"          ^"},
	} {
		if got := comparison(t, &check.Problem{Expected: c.expected, Got: c.got, At: c.at}); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

func TestOfAThousandEventsTheFirstAndTheLastAreShown(t *testing.T) {
	r := huge()
	golden(t, "huge.txt", text(t, r, report.Options{}))
	if all := text(t, r, report.Options{Verbose: true}); strings.Count(all, " > ") < 1000 {
		t.Error("with Verbose not all are shown")
	}
}

func TestPiecesOfALineAreShownAsOne(t *testing.T) {
	at := func(ms int, text string) check.Event {
		return check.Event{Kind: "received", Conn: 1, Text: text, At: time.Duration(ms) * time.Millisecond}
	}
	all := text(t, failing(nil, at(0, "200 /a.t"), at(1, "xt OK\nBuy"), at(2, " milk\n"), at(1500, "more")), report.Options{})
	want := "  < 200 /a.txt OK\n  < Buy milk\n  · 1.5 s later\n  < more (no LF)\n"
	if !strings.Contains(all, want) {
		t.Errorf("%s\nhas not\n%s", all, want)
	}
}

func FuzzText(f *testing.F) {
	f.Add("200 /a OK\nBuy milk\n", "200 /a OK\n\"Buy milk\"\n", 10, 80)
	f.Add("é\\", "\xff\x1b[31m\u202e\u2028世", -1, 0)
	f.Fuzz(func(t *testing.T, expected, got string, at, width int) {
		r := failing(&check.Problem{Expected: expected, Got: got, At: at, Says: got, Also: []string{got}},
			check.Event{Kind: "sent", Conn: 1, Text: expected}, check.Event{Kind: "received", Conn: 2, Text: got}, check.Event{Kind: "note", Text: got})
		r.Results[0].Says, r.Results[0].Hint, r.Results[0].Netcat = got, got, got
		r.Target, r.LeftBehind = got, []string{got}
		safe(t, text(t, r, report.Options{Width: width % 300, Verbose: true}))
		safe(t, asHTML(t, r))
		safe(t, asJUnit(t, r))
		safe(t, string(asJSON(t, r)))
	})
}
