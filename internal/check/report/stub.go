package report

import (
	"errors"
	"io"

	"sttp/internal/check"
)

var errNotYet = errors.New("not written yet")

// JSON writes the report as one JSON document; Schema describes it.
func JSON(w io.Writer, r *check.Report) error { return errNotYet }

// JUnit writes the report as JUnit XML.
func JUnit(w io.Writer, r *check.Report) error { return errNotYet }

// HTML writes the report as one page that needs nothing else.
func HTML(w io.Writer, r *check.Report) error { return errNotYet }

// Baseline is what is known of an earlier run.
type Baseline struct{}

// ReadBaseline reads what JSON has written.
func ReadBaseline(r io.Reader) (*Baseline, error) { return nil, errNotYet }

// Compare sets Report.Baseline. It fails if the two runs cannot be compared.
func (b *Baseline) Compare(r *check.Report) error { return errNotYet }

// Progress shows on a terminal how far a run has come.
type Progress struct{}

// NewProgress returns a Progress on w; it shows nothing unless w is a terminal.
func NewProgress(w io.Writer, width int) *Progress { return &Progress{} }

// Show shows p in the place of what was shown before.
func (p *Progress) Show(now check.Progress) {}

// Clear removes what is shown.
func (p *Progress) Clear() {}
