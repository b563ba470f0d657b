// Package report shows what came of a run of the checker: as text, JSON, JUnit
// XML and HTML. It also reads its own JSON again, as the baseline of a later
// run.
//
// Whatever a server has sent is shown in an escaped form (visible.go), so that
// every byte can be seen and none disturbs a terminal or a page.
package report

import (
	_ "embed"
	"io"

	"sttp/internal/cli"
)

// Options say how Text shows a report.
type Options struct {
	Verbose bool // the cases that hold, too, and the whole of every exchange
	Quiet   bool // nothing but the verdict
	Color   bool // with the escape sequences of terminals
	Width   int  // columns to use; 0 is 80
}

// Colored tells whether output to w should have colours: it is a terminal, and
// neither NO_COLOR (https://no-color.org) nor TERM=dumb speaks against it.
func Colored(w io.Writer, getenv func(string) string) bool {
	return cli.IsTerminal(w) && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
}

//go:embed schema.json
var schema []byte

// Schema returns the JSON Schema (draft 2020-12) of what JSON writes.
func Schema() []byte { return schema }
