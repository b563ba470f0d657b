package check

// replyCases are those of section 6.
func replyCases() []Case { return nil }
