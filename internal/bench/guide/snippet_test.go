package guide

import (
	"testing"

	"sttp/internal/bench"
)

func TestWhatIsWrongWithContentsIsToldByKind(t *testing.T) {
	t.Parallel()
	s := &newSnippets(Snippets)[122]
	for contents, want := range map[string]string{
		"This is pre-defined snippet number 123":  "",
		"This is pre-defined snippet number 12":   bench.Wrong, // it is another one's
		"This is pre-defined snippet number 1000": bench.Wrong,
		"This is pre-defined snippet number 1001": bench.Wrong, // it is nobody's
		"This is pre-defined snippet number 0123": bench.Wrong,
		"This is pre-defined snippet number 123 ": bench.Wrong,
		"Buy milk":                            bench.Wrong,
		"":                                    bench.Torn,
		"This is pre-defined snippet number ": bench.Torn,
		"This is pre-de":                      bench.Torn,
		"snippet number 123":                  bench.Torn,
		"This is pre-defined This is pre-defined snippet number 7": bench.Torn,
		"This is pre-defined snippet number 12umber 7":             bench.Torn,
	} {
		if got := s.wrongContents(contents); got != want {
			t.Errorf("%q is %q, want %q", contents, got, want)
		}
	}
}
