package guide

// With returns the options with fewer snippets.
func With(o Options, snippets int) Options {
	o.snippets = snippets
	return o
}
