package report

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sttp/internal/check"
)

func TestProgressStaysOnOneLineAndIsClearedAtTheEnd(t *testing.T) {
	var b strings.Builder
	p := newProgress(&b, 60)
	p.Show(check.Progress{Done: 0, Total: 200, Case: &check.Case{ID: "STTP-5.2-CREATE-001", Title: "CREATE of a file in 世界世界世界世界世界世界"}})
	p.Show(check.Progress{Done: 150, Total: 200, Failed: 3, Case: &check.Case{ID: "STTP-5.3-SHOW-001", Title: "SHOW\x1b[2J"}})
	p.Show(check.Progress{Done: 200, Total: 200})
	p.Clear()
	p.Clear()
	shown := strings.Split(b.String(), "\r")
	want := []string{
		"",
		"░░░░░░░░░░ 0 of 200  STTP-5.2-CREATE-001  CREATE of a file…",
		`███████░░░ 150 of 200, 3 failed  STTP-5.3-SHOW-001  SHOW\x…`,
		"██████████ 200 of 200" + strings.Repeat(" ", 38),
		strings.Repeat(" ", 21),
		"",
	}
	if got := strings.Join(shown, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("shown was\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	for _, s := range shown {
		if columns(s) > 59 {
			t.Errorf("%q takes %d columns", s, columns(s))
		}
	}
}

func TestProgressShowsNothingInAFile(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p := NewProgress(f, 0)
	p.Show(check.Progress{Done: 1, Total: 2})
	p.Clear()
	if info, err := f.Stat(); err != nil || info.Size() != 0 {
		t.Errorf("something was written: %v, %v", info.Size(), err)
	}
	if Colored(f, func(string) string { return "" }) {
		t.Error("a file gets colours")
	}
}
