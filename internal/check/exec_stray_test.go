//go:build unix

package check_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"sttp/internal/check"
)

func TestWhatHasLeftTheProcessGroupIsEndedAsWell(t *testing.T) {
	if _, err := exec.LookPath("setsid"); err != nil || runtime.GOOS != "linux" {
		t.Skip("it needs setsid and /proc")
	}
	tempDir(t)
	for _, command := range []string{
		"setsid sleep 987.654 & sleep 100; : {config}",
		"(setsid sh -c \"trap '' TERM; sleep 987.654\" &); sleep 100; : {config}",
		"setsid --fork sleep 987.654; : {config}",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		if _, err := check.Run(ctx, check.Options{Exec: command}); !errors.Is(err, check.ErrNoServer) {
			t.Errorf("%q: %v", command, err)
		}
		names, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, name := range names {
			if text, _ := os.ReadFile(name); strings.Contains(string(text), "987.654") {
				t.Errorf("%q: %s is left: %q", command, name, text)
			}
		}
	}
}
