package peers_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"sttp/internal/bench"
	"sttp/internal/bench/peers"
)

func document() *bench.Document {
	return &bench.Document{
		Started: time.Date(2026, 11, 22, 23, 0, 0, 0, time.UTC),
		Machine: bench.Machine{OS: "linux", Arch: "amd64", Kernel: "6.18", CPU: "Some CPU", CPUs: 2},
		Peers: &bench.Peers{
			Rounds: 3, Length: 2 * time.Second, Notes: []string{"nginx is left out: it is not installed"},
			Systems: []bench.System{{Name: "sttp", Version: "v1.2.3"}, {Name: "a|b <c>", Version: "7.0.15"}, {Name: "nginx", Missing: "not installed"}},
			Tables: []bench.Table{
				{Name: "SHOW", Figures: []bench.Figure{
					{System: "sttp", What: "CPU", Unit: "µs/request", Median: 6.5},
					{System: "a|b <c>", What: "CPU", Unit: "µs/request", Median: 5.25, Ratio: &bench.Range{Median: 1.2, Lowest: 1, Highest: 1.5}},
					{System: "sttp", What: "rate", Unit: "requests/s", Median: 123456},
					{System: "a|b <c>", What: "rate", Unit: "requests/s", Median: 234567, Ratio: &bench.Range{Median: 0.5, Lowest: 0.25, Highest: 0.75}},
				}},
				{Name: "UPDATE", Figures: []bench.Figure{{System: "sttp", What: "p99", Unit: "µs", Median: 999}}},
			},
		},
	}
}

const table = `
|  | sttp | a\|b &lt;c> |
|---|---|---|
| **SHOW** | | |
| CPU, µs/request | 6.50 | 5.25 · **1.20** (1.00–1.50) |
| rate, requests/s | 123,000 | 235,000 · **0.500** (0.250–0.750) |
| **UPDATE** | | |
| p99, µs | 999 | – |
`

func TestTheMarkdownSaysWhenWhereAndOfWhat(t *testing.T) {
	got := peers.Markdown(document())
	for _, want := range []string{
		"Measured on 2026-11-22: 3 rounds of 2s for each server and workload, on 2 CPUs (Some CPU), linux 6.18, amd64.\n",
		`Versions: sttp v1.2.3, a\|b &lt;c> 7.0.15, nginx was not there.` + "\n",
		"by a factor of 2.25 as the median of all ratios, and of 3.00 at most.\n",
		"Note: nginx is left out: it is not installed.\n",
		table,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no\n%s\nin\n%s", want, got)
		}
	}
	doc := document()
	doc.Peers.Systems[0].Version = "evil\n| x | `code` <script> [a](b) *c*"
	if got := peers.Markdown(doc); !strings.Contains(got, "evil \\| x \\| \\`code\\` &lt;script> \\[a](b) \\*c\\*,") {
		t.Errorf("a version is not harmless: %s", got)
	}
}

func TestWhatWasReadFromJSONIsShownToo(t *testing.T) {
	text, err := json.Marshal(document())
	if err != nil {
		t.Fatal(err)
	}
	var doc bench.Document
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	if peers.Markdown(&doc) != peers.Markdown(document()) {
		t.Error("it has changed on its way")
	}
}

func TestTheTableTakesItsPlaceInADocument(t *testing.T) {
	got, err := peers.Insert([]byte("before\n<!-- peers -->\nold\n<!-- end of peers -->\nafter\n"), "new\n")
	if want := "before\n<!-- peers -->\nnew\n<!-- end of peers -->\nafter\n"; err != nil || string(got) != want {
		t.Errorf("%q (%v), not %q", got, err, want)
	}
	for _, document := range []string{"", "<!-- peers -->\n", "<!-- end of peers -->\n<!-- peers -->\n"} {
		if _, err := peers.Insert([]byte(document), "new\n"); !errors.Is(err, peers.ErrMarkers) {
			t.Errorf("%q: %v", document, err)
		}
	}
}
