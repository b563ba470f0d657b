//go:build race

package server_test

const smallStack = 4096 // frames are larger under the race detector
