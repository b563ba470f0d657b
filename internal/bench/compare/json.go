package compare

import (
	"bytes"
	_ "embed"
)

// Report is what the JSON of a comparison holds.
type Report struct {
	Tool       string      `json:"tool"` // "sttp-bench"
	Format     int         `json:"format"`
	Version    string      `json:"version"`
	Comparison *Comparison `json:"comparison"`
}

// NewReport returns the Report of c, made by a version of the program.
func NewReport(c *Comparison, version string) *Report {
	return &Report{Tool: "sttp-bench", Format: 1, Version: version, Comparison: c}
}

//go:embed schema.json
var schema []byte

// Schema returns the JSON Schema (draft 2020-12) of a Report.
func Schema() []byte { return bytes.Clone(schema) }
