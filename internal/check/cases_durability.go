package check

// durabilityCases are those of sections 5.9 and 5.10.
func durabilityCases() []Case { return nil }
