//go:build unix

package check_test

import (
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"sttp/internal/check"
)

func TestAClientThatHangsIsEndedWithEverythingItStarted(t *testing.T) {
	long(t)
	t.Parallel()
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	end, err := os.OpenFile(fifo, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer end.Close()
	const id = "STTP-2.2-CLIENT-001"
	r := checkClient(t, check.Guide, "sh -c '(echo begun; sleep 77) >"+fifo+" & sleep 77'", id)[id]
	if r.Outcome != check.Fail || r.Problem.Symptom != check.ClientHangs {
		t.Errorf("%v, %+v", r.Outcome, r.Problem)
	}
	if r.Elapsed > 7*time.Second {
		t.Errorf("it took %v", r.Elapsed)
	}
	if err := end.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	// The end comes when the last program that has it open is gone.
	if got, err := io.ReadAll(end); string(got) != "begun\n" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}
