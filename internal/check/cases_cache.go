package check

// cacheCases are those of a cache, as far as it can be seen from outside.
func cacheCases() []Case { return nil }
