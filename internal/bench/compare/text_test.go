package compare_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sttp/internal/bench"
	"sttp/internal/bench/compare"
)

var update = flag.Bool("update", false, "write the files of testdata anew")

func TestTheTableIsOfOneForm(t *testing.T) {
	slower := usual(2)
	slower.stretch, slower.wander = 1.5, 0.05
	run := slower.document()
	run.Run.Errors[bench.Timeout], run.Run.Wrong[bench.Stale] = 1500, 2
	run.Run.Gone = &bench.Gone{After: 12345 * time.Millisecond, Lost: 3, Why: bench.Refused}
	run.Machine.CPUs = 64
	forced := usual(1).document()
	forced.Run.Load.Rate = 2000
	guide := document(nil)
	guide.Guide = guideWith(func(g *bench.Guide) { g.Phases[0].Rate = 2500; g.Phases[1].Rate = 12345.6 })
	less := breaks(breakAt(900, bench.LimitServer))
	for name, c := range map[string]*compare.Comparison{
		"same":   compared(t, usual(1).document(), usual(1).document(), compare.Options{Tolerance: fivePercent}),
		"worse":  compared(t, usual(1).document(), run, compare.Options{Tolerance: fivePercent}),
		"forced": compared(t, usual(3).document(), forced, compare.Options{Tolerance: 0.2, Force: true}),
		"guide":  compared(t, kinds()["guide"], guide, compare.Options{Tolerance: fivePercent}),
		"break":  compared(t, kinds()["break"], less, compare.Options{Tolerance: fivePercent}),
		"bound":  compared(t, less, breaks(breakAt(1234.5, bench.LimitNone)), compare.Options{Tolerance: fivePercent}),
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			for _, l := range c.Lines() {
				b.WriteString(l.Text + "\n")
			}
			file := filepath.Join("testdata", name+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), b.String()); diff != "" {
				t.Errorf("-%s +now\n%s", file, diff)
			}
		})
	}
}
