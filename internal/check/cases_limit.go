package check

// limitCases are those of sections 2.4 to 2.6: closing, browsers, time limits.
func limitCases() []Case { return nil }
