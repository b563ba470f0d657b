package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"sttp/internal/check"
)

// Bounds of a baseline, which can be a file from anywhere.
const (
	maxBaseline = 64 << 20 // bytes
	maxCases    = 100_000
)

// Baseline is what a later run needs of an earlier one.
type Baseline struct {
	target   string
	profile  string
	began    time.Time
	outcomes map[string]check.Outcome
}

// ReadBaseline reads what JSON has written, of any version of the checker that
// writes this format.
func ReadBaseline(r io.Reader) (*Baseline, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxBaseline+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxBaseline {
		return nil, fmt.Errorf("it has more than %d MiB", maxBaseline>>20)
	}
	var d struct {
		Format  string    `json:"format"`
		Version int       `json:"version"`
		Target  string    `json:"target"`
		Profile string    `json:"profile"`
		Began   time.Time `json:"began"`
		Results []struct {
			ID      string `json:"id"`
			Outcome string `json:"outcome"`
		} `json:"results"`
	}
	if err := json.Unmarshal(raw, &d); err != nil {
		return nil, fmt.Errorf("it is no JSON report: %w", err)
	}
	switch {
	case d.Format != format:
		return nil, errors.New("it is no report of sttp-check --json")
	case d.Version != version:
		return nil, fmt.Errorf("it has version %d of the format, not %d", d.Version, version)
	case len(d.Results) > maxCases:
		return nil, fmt.Errorf("it has more than %d results", maxCases)
	}
	b := &Baseline{target: d.Target, profile: d.Profile, began: d.Began, outcomes: map[string]check.Outcome{}}
	for _, result := range d.Results {
		outcome, err := check.ParseOutcome(result.Outcome)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", result.ID, err)
		}
		if _, twice := b.outcomes[result.ID]; twice {
			return nil, fmt.Errorf("%s is there twice", result.ID)
		}
		b.outcomes[result.ID] = outcome
	}
	return b, nil
}

// Compare sets the report's Baseline, and with it what its verdict counts. It
// fails if the two runs had different profiles.
func (b *Baseline) Compare(r *check.Report) error {
	if b.profile != r.Profile.String() {
		return fmt.Errorf("the baseline has profile %q, this run has %s", b.profile, r.Profile)
	}
	r.Baseline = r.CompareWith(b.outcomes)
	r.Baseline.Target, r.Baseline.Began = b.target, b.began
	return nil
}
