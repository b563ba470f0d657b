// Package proof tries to make the server lose or confuse data, with every
// storage engine behind every cache, and shows that it would notice. All of it is
// tests; docs/proof.md says what they prove, and how to run and read them.
package proof
