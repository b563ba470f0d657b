package main

import (
	"strings"
	"testing"

	"sttp/internal/check"
	"sttp/internal/cli"
)

func TestTheExitCodeIsThatOfTheVerdict(t *testing.T) {
	for v, want := range map[check.Verdict]int{check.AllHold: 0, check.SomeFail: 1, check.Unknown: 4} {
		var stderr strings.Builder
		if got := cli.Report(&stderr, name, verdict(v)); got != want || stderr.Len() > 0 {
			t.Errorf("verdict %v: exit code %d, want %d; stderr %q", v, got, want, stderr.String())
		}
	}
}
