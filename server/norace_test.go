//go:build !race

package server_test

const smallStack = 2048
