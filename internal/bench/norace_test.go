//go:build !race

package bench_test

// raced tells that the race detector is on, which makes everything slower.
const raced = false
