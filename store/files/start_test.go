package files

import (
	"bytes"
	"log/slog"
	"strings"
	"syscall"
	"testing"
)

// A directory that holds files alone, perhaps a million, is not read by a start
// that looks for empty ones; and where it may not be removed that is no trouble,
// unless it is empty.
func TestAStartThatClearsAwayReadsNoDirectoryOfFiles(t *testing.T) {
	for _, test := range []struct {
		op    string // that is forbidden
		empty bool
		reads bool
	}{
		{"", false, false},
		{"rmdir d/full", false, true},
		{"rmdir d/empty", true, false},
	} {
		disk := newSimDisk()
		s := openOn(t, disk)
		for _, p := range []string{"/d/full/1", "/d/full/2", "/d/e/f/3", "/4"} {
			if err := s.Create(t.Context(), mustPath(p), mustContents("x")); err != nil {
				t.Fatal(err)
			}
		}
		if err := disk.Mkdir("d/empty"); err != nil {
			t.Fatal(err)
		} // and no Close
		read := map[string]bool{}
		disk.gate = func(op string) error {
			if name, ok := strings.CutPrefix(op, "readdir "); ok {
				read[name] = true
			}
			if op == test.op {
				return syscall.EACCES
			}
			return nil
		}
		var log bytes.Buffer
		again, err := Open("simulated", Options{disk: disk, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		if read["d/full"] != test.reads || read["d/e/f"] || !read["d/e"] {
			t.Errorf("when %q is forbidden the start reads %v", test.op, read)
		}
		if warned := strings.Contains(log.String(), "level=WARN"); warned != test.empty || again.untidy.Load() != test.empty {
			t.Errorf("when %q is forbidden the log has %s", test.op, &log)
		}
		if _, empty := disk.files(); len(empty) != map[bool]int{true: 1}[test.empty] {
			t.Errorf("when %q is forbidden the start leaves %q", test.op, empty)
		}
		if err := again.Close(); err != nil {
			t.Error(err)
		}
	}
}
