// Package peers measures servers beside each other: on the same machine, with the
// same snippets, in turn. It starts each of them itself, afresh for each
// measurement, and verifies every reply. What counts is the ratio of two servers
// within a round, because it changes less than a machine's mood does.
package peers
