package report_test

import (
	"strings"
	"testing"

	"sttp/internal/check"
	"sttp/internal/check/report"
)

func text(t *testing.T, r *check.Report, o report.Options) string {
	t.Helper()
	var b strings.Builder
	if err := report.Text(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTextReadsWell(t *testing.T) {
	for name, o := range map[string]report.Options{
		"sample.txt": {}, "sample-verbose.txt": {Verbose: true}, "sample-quiet.txt": {Quiet: true}, "sample-color.txt": {Color: true}, "sample-narrow.txt": {Width: 50},
	} {
		golden(t, name, text(t, sample(), o))
	}
	golden(t, "all-hold.txt", text(t, allHold(), report.Options{}))
}
