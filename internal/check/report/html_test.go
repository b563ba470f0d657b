package report_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sttp/internal/check"
	"sttp/internal/check/report"
	"sttp/internal/cli"
)

func asHTML(t *testing.T, r *check.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.HTML(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestThePageIsAsItWas(t *testing.T) {
	doc := asHTML(t, sample())
	// The style sheet and the script have files of their own.
	doc = regexp.MustCompile(`(?s)(<style>|<script>).*?(</style>|</script>)`).ReplaceAllString(doc, "$1$2")
	doc = regexp.MustCompile(`sha256-[^&]*`).ReplaceAllString(doc, "sha256-…")
	golden(t, "sample.html", doc)
	if dir := os.Getenv("REPORT_PAGES"); dir != "" { // to look at them
		compared := sample()
		if err := baselineOf(t, allHold()).Compare(compared); err != nil {
			t.Fatal(err)
		}
		for name, r := range map[string]*check.Report{"sample": sample(), "hold": allHold(), "compared": compared, "huge": huge()} {
			if err := os.WriteFile(filepath.Join(dir, name+".html"), []byte(asHTML(t, r)), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestThePageNeedsNothingElseAndRunsNothingFromAServer(t *testing.T) {
	r := sample()
	evil := "</code></script><script>alert(1)</script><img src=x onerror=alert(1)>\u202e\x00"
	r.Target = evil
	r.LeftBehind = []string{evil}
	for i := range r.Results {
		result := &r.Results[i]
		result.Says, result.Hint, result.Netcat = evil, evil, evil
		result.Problem = &check.Problem{Says: evil, Expected: evil, Got: "x" + evil, Also: []string{evil}}
		result.Exchange = append(result.Exchange, check.Event{Kind: "received", Conn: 1, Text: evil}, check.Event{Kind: "note", Text: evil})
	}
	doc := asHTML(t, r)
	if strings.Contains(doc, "<img") || strings.Count(doc, "<script>") != 1 || strings.Contains(doc, "script>alert") {
		t.Error("what a server sent became part of the page")
	}
	if strings.ContainsFunc(strings.ReplaceAll(doc, "\n", ""), cli.Disturbing) {
		t.Error("the page holds control or format characters")
	}
	for _, m := range regexp.MustCompile(`<[a-z]+ [^>]*?(?:src|href)="([^"]*)"|url\(([^)]*)\)`).FindAllStringSubmatch(doc, -1) {
		if m[2] != "" || !strings.HasPrefix(m[1], "#") && !strings.HasPrefix(m[1], "data:") {
			t.Errorf("the page refers to %q", m[0])
		}
	}
	if strings.Contains(doc, "ZgotmplZ") {
		t.Error("the template refused a value")
	}
}
