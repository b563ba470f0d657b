package check

// connectionCases are those of section 2.1: many requests on a connection, their order.
func connectionCases() []Case { return nil }
