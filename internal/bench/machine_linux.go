package bench

import (
	"os"
	"strings"
)

func kernel() string {
	release, _ := os.ReadFile("/proc/sys/kernel/osrelease") // told only if it is there
	return string(release)
}

func cpuModel() string {
	info, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(info)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return value
		}
	}
	return ""
}
