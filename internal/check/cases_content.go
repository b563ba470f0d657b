package check

// contentCases are those of section 4.
func contentCases() []Case { return nil }
