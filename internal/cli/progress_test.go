package cli_test

import (
	"strings"
	"testing"

	"sttp/internal/cli"
)

func TestProgressThatNobodySeesIsNotesAlone(t *testing.T) {
	var b strings.Builder
	p := cli.NewProgress(&b)
	p.Stage("push", 10)
	p.Add(5)
	p.Note("a.txt: \x1b[31m")
	p.Add(5)
	p.Clear()
	if want := "a.txt: \\x1b[31m\n"; b.String() != want {
		t.Errorf("it wrote %q, want %q", &b, want)
	}
}

func TestNumbersAreGroupedByThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 123456: "123,456", 1234567: "1,234,567", -1000: "-1,000", -100: "-100"} {
		if got := cli.Thousands(n); got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
	}
}
