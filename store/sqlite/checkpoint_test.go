package sqlite

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func TestTheLogDoesNotGrowWithTheChanges(t *testing.T) {
	const changes, pages = 3000, 2 * restPages
	file := filepath.Join(t.TempDir(), "s.db")
	s, err := Open(file, Options{Durability: Async})
	if err != nil {
		t.Fatal(err)
	}
	s.writer.checkpoints.pages = pages // nothing has been changed yet
	for i := range changes {
		create(t, s, fmt.Sprintf("/d%d/%d.txt", i*7919%changes, i), "milk")
	}
	log, err := os.Stat(file + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	if most := int64(4 * pages * pageSize); log.Size() > most {
		t.Errorf("each of %d changes adds a page, and the log has %d, want at most %d", changes, log.Size()/pageSize, most/pageSize)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file + "-wal"); err == nil {
		t.Error("the log is there after Close")
	}
}
