package main

import (
	"fmt"
	"strings"

	"sttp/internal/check"
)

// listText is what --list prints: the stories in the order of the guide, and
// the cases of each; with verbose their whole records.
func listText(cases []*check.Case, profile check.Profile, verbose bool) string {
	var b strings.Builder
	for _, story := range check.Stories() {
		first := true
		for _, c := range cases {
			if c.Story != story.Name {
				continue
			}
			if first {
				fmt.Fprintf(&b, "%s: %s\n", story.Name, story.Title)
				first = false
			}
			fmt.Fprintf(&b, "  %-26s %-6s  %s\n", c.ID, c.Level(profile), c.Title)
			if verbose {
				b.WriteString(record(c))
			}
		}
	}
	fmt.Fprintf(&b, "cases in profile %s: %d\n", profile, len(cases))
	return b.String()
}

// record returns what is known of a case, beside its ID and title.
func record(c *check.Case) string {
	var b strings.Builder
	fmt.Fprintf(&b, "      shows    [%s] of docs/protocol.md\n", strings.Join(c.Statements, "] ["))
	for _, need := range c.Needs.Strings() {
		fmt.Fprintf(&b, "      needs    %s\n", need)
	}
	if len(c.After) > 0 {
		fmt.Fprintf(&b, "      after    %s\n", strings.Join(c.After, ", "))
	}
	if c.Accepts != "" {
		fmt.Fprintf(&b, "      accepts  %s\n", c.Accepts)
	}
	for _, line := range c.Lines() {
		fmt.Fprintf(&b, "      %s\n", line)
	}
	for _, h := range c.Hints {
		fmt.Fprintf(&b, "      if %s: %s\n", h.On, h.Say)
	}
	fmt.Fprintf(&b, "      try      %s\n\n", c.Try())
	return b.String()
}
