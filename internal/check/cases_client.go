package check

// clientCases are those of a client instead of a server.
func clientCases() []Case { return nil }
