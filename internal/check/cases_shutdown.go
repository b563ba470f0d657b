package check

// shutdownCases are those of a server that is told to stop.
func shutdownCases() []Case { return nil }
