package compare_test

import (
	"bytes"
	"encoding/json"
	"math"
	"testing"

	"sttp/internal/bench"
	"sttp/internal/bench/compare"
	"sttp/internal/bench/report"
)

// FuzzComparisonOfAnyFile compares what can be read, whatever it is, with itself
// and with a run.
func FuzzComparisonOfAnyFile(f *testing.F) {
	small := usual(1)
	small.slices, small.requests = 9, 3
	for _, doc := range []*bench.Document{small.document(), kinds()["break"], kinds()["guide"]} {
		b, err := json.Marshal(doc)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(append([]byte(`{"format": 1, `), b[1:]...))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		doc, err := report.ReadJSON(bytes.NewReader(b))
		if err != nil {
			return
		}
		for _, other := range []*bench.Document{usual(1).document(), kinds()["break"], kinds()["guide"], doc} {
			again := *doc
			again.Version += "x"
			c, err := compare.Documents(other, &again, "a", "b", compare.Options{Force: true})
			if err != nil {
				continue
			}
			c.Lines()
			if _, err := json.Marshal(compare.NewReport(c, "")); err != nil {
				t.Error(err)
			}
			for _, ch := range c.Changes {
				if ch.Interval != nil && (math.IsNaN(float64(ch.Interval.Low)) || math.IsNaN(float64(ch.Interval.High))) {
					t.Errorf("%+v", ch)
				}
			}
		}
	})
}
