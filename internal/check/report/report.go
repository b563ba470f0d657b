// Package report shows what came of a run of the checker: as text, JSON, JUnit
// XML and HTML.
package report
