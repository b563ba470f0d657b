package check

import "time"

// SetStopTime sets how long a server may take to stop, until the returned
// function is called.
func SetStopTime(d time.Duration) (restore func()) {
	old := stopTime
	stopTime = d
	return func() { stopTime = old }
}

// CallNames returns how system calls are read from what strace has written:
// their names, results, and the places of their starts and ends.
func CallNames(text string) (calls []string, starts, ends []int) {
	for _, c := range parseTrace(text) {
		calls = append(calls, c.String())
		starts, ends = append(starts, c.start), append(ends, c.end)
	}
	return calls, starts, ends
}

// MergedSettings returns the usual settings with the lines in place of theirs.
func MergedSettings(lines string) (text string, err error) {
	merged, err := merge(usualSettings("/docroot"), lines)
	if err != nil {
		return "", err
	}
	return settingsText(merged)
}

// ShellCommand is how a command is given to the shell.
func ShellCommand(command string) string { return execed(command) }

// LastLines is the end of an output as messages have it.
func LastLines(output string) string { return lastLines(output) }
