package report_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"sttp/internal/bench"
	"sttp/internal/bench/report"
)

func asHTML(t *testing.T, doc *bench.Document) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.HTML(&b, doc); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAPageIsMadeOfEveryKindOfDocument(t *testing.T) {
	for name, doc := range documents() {
		html := asHTML(t, doc)
		if dir := os.Getenv("REPORT_PAGES"); dir != "" { // to look at them
			if err := os.WriteFile(filepath.Join(dir, name+".html"), []byte(html), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
}
