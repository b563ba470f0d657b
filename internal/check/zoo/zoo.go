// Package zoo holds servers that are wrong, each in one way, to show that the
// checker finds it; and small ones that are right.
package zoo
