package benchtest

import (
	"os"
	"strconv"
	"strings"
	"time"
)

// Busy returns how long the machine's processors were busy since it started, or
// kept by another machine; 0 if the system does not tell.
func Busy() (d time.Duration) {
	stat, _ := os.ReadFile("/proc/stat")
	line, _, _ := strings.Cut(string(stat), "\n")
	for i, field := range strings.Fields(line) {
		if n, err := strconv.ParseInt(field, 10, 64); err == nil && i != 4 && i != 5 && i < 9 { // idle, waiting for disks
			d += time.Duration(n) * 10 * time.Millisecond
		}
	}
	return d
}
