// Package report shows what package bench found: a summary for people, a live
// view while it is measured, JSON for programs, and a page of HTML with charts.
package report
