package main

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sttp/internal/bench"
	"sttp/internal/cli"
)

func TestTheExitCodeTellsWrongRepliesFromAServerThatIsGone(t *testing.T) {
	gone := &bench.Gone{Why: bench.Refused}
	for _, c := range []struct {
		wrong int64
		gone  *bench.Gone
		want  int
	}{{0, nil, 0}, {1, nil, 1}, {0, gone, 3}, {1, gone, 1}} {
		var stderr strings.Builder
		if got := cli.Report(&stderr, name, outcome(c.wrong, c.gone)); got != c.want || stderr.Len() > 0 {
			t.Errorf("%d wrong, gone %v: exit code %d, want %d; stderr %q", c.wrong, c.gone != nil, got, c.want, stderr.String())
		}
	}
}

func TestWhatIsMadeIsDeletedForABoundedTimeAfterAnInterrupt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		last, done := outlive(ctx, time.Minute)
		defer done()
		time.Sleep(time.Hour)
		if last.Err() != nil {
			t.Error("without an interrupt it ends after all")
		}
		interrupt()
		time.Sleep(time.Minute - 1)
		if last.Err() != nil {
			t.Error("it ends before its time")
		}
		time.Sleep(2 * time.Nanosecond)
		if last.Err() == nil {
			t.Error("it does not end")
		}
	})
}
