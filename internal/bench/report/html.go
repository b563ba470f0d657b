package report

import (
	"io"

	"sttp/internal/bench"
)

// HTML writes doc as one page that needs nothing else: no network, and a script
// only for what is pointed at in a chart.
func HTML(w io.Writer, doc *bench.Document) error { return errLater }
