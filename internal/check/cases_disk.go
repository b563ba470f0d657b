package check

// diskCases are those of section 9.
func diskCases() []Case { return nil }
