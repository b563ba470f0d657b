package peers

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// tick is the unit of processor time in /proc, which Linux has for programs on
// all machines alike.
const tick = 10 * time.Millisecond

// stat is what is read of a process.
type stat struct {
	pid, parent, group int
	cpu                time.Duration // its own, and that of children that have ended
}

// cpuTime returns the processor time, of users and system, that the process
// leader, its group and everything that they have started took since they
// started. It is exact to 10 ms for each process. ok is false if the process is
// not there.
func cpuTime(leader int) (cpu time.Duration, ok bool) {
	members := map[int]bool{leader: true}
	all := processes()
	for grown := true; grown; {
		grown = false
		for _, s := range all {
			if !members[s.pid] && (s.group == leader || members[s.parent]) {
				members[s.pid], grown = true, true
			}
		}
	}
	for _, s := range all {
		if members[s.pid] {
			cpu += s.cpu
			ok = ok || s.pid == leader
		}
	}
	return cpu, ok
}

// processes returns all processes of the machine that can be seen.
func processes() (all []stat) {
	names, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		if s, ok := parseStat(text); ok {
			all = append(all, s)
		}
	}
	return all
}

// parseStat takes what /proc/PID/stat holds: pid (name) state parent group …,
// where the name may hold anything.
func parseStat(text []byte) (stat, bool) {
	const parent, group, utime, cstime = 1, 2, 11, 14
	begin, end := bytes.IndexByte(text, '('), bytes.LastIndexByte(text, ')')
	if begin < 0 || end < begin {
		return stat{}, false
	}
	fields := bytes.Fields(text[end+1:])
	if len(fields) <= cstime {
		return stat{}, false
	}
	var s stat
	ok := true
	number := func(field []byte) int {
		n, err := strconv.Atoi(string(bytes.TrimSpace(field)))
		ok = ok && err == nil
		return n
	}
	s.pid, s.parent, s.group = number(text[:begin]), number(fields[parent]), number(fields[group])
	for _, field := range fields[utime : cstime+1] {
		s.cpu += time.Duration(number(field)) * tick
	}
	return s, ok
}
