//go:build !linux

package bench

func kernel() string   { return "" }
func cpuModel() string { return "" }
