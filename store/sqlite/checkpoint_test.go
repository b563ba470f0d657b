package sqlite

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// How long the log becomes depends on how quick syncs are, so that this counts how
// often it begins anew.
func TestTheLogDoesNotGrowWithTheChanges(t *testing.T) {
	const most, pages, times = 60_000, 2 * restPages, 3
	file := filepath.Join(t.TempDir(), "s.db")
	s, err := Open(file, Options{Durability: Async})
	if err != nil {
		t.Fatal(err)
	}
	s.writer.checkpoints.pages = pages // nothing has been changed yet
	first := uint32(0)
	for i := 0; ; i++ {
		create(t, s, fmt.Sprintf("/d%d/%d.txt", i*7919%most, i), "milk")
		if i%100 > 0 {
			continue
		}
		n := logNumber(t, file)
		if i == 0 {
			first = n
		}
		if n-first >= times {
			break
		}
		if i >= most {
			t.Fatalf("in %d changes the log has begun anew %d times, want %d", i, n-first, times)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file + "-wal"); err == nil {
		t.Error("the log is there after Close")
	}
}

// logNumber returns the number in the header of a log, which goes up whenever the
// log begins anew.
func logNumber(t *testing.T, file string) uint32 {
	f, err := os.Open(file + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var header [16]byte
	if _, err := f.ReadAt(header[:], 0); err != nil {
		t.Fatal(err)
	}
	return binary.BigEndian.Uint32(header[12:])
}

func TestTheLogDoesNotGrowForEverBesideLongReads(t *testing.T) {
	t.Parallel()
	const changes, read, pages = 60_000, 300, 64
	file := filepath.Join(t.TempDir(), "s.db")
	s, err := Open(file, Options{Durability: Async})
	if err != nil {
		t.Fatal(err)
	}
	s.writer.checkpoints.pages = pages // nothing has been changed yet
	made := make(chan struct{}, read)
	var reading sync.WaitGroup
	for range cap(s.index.slots) {
		reading.Go(func() {
			for more := true; more; {
				more = readLong(t, s, made, read)
			}
		})
	}
	cut, longest := false, int64(0)
	for i := 0; i < changes && !cut; i++ {
		create(t, s, fmt.Sprintf("/d%d/%d.txt", i*7919%changes, i), "milk")
		made <- struct{}{}
		if i%100 == 0 {
			log, err := os.Stat(file + "-wal")
			if err != nil {
				t.Fatal(err)
			}
			cut = log.Size() < longest
			longest = max(longest, log.Size())
		}
	}
	close(made)
	reading.Wait()
	if !cut {
		t.Errorf("after %d changes the log has %d pages, and never had less", changes, longest/pageSize)
	}
	closeStore(t, s)
}

// readLong reads in one snapshot while so many changes are made, and tells
// whether there were as many.
func readLong(t *testing.T, s *Store, made <-chan struct{}, changes int) (more bool) {
	if err := s.index.enter(t.Context()); err != nil {
		t.Error(err)
		return false
	}
	defer s.index.leave()
	r, err := s.readers.get(t.Context())
	if err != nil {
		t.Error(err)
		return false
	}
	defer s.readers.put(r)
	end, err := r.snapshot()
	if err == nil {
		_, _, err = r.contentsOf("/milk.txt") // the snapshot begins with what is read first
	}
	for range changes {
		if _, more = <-made; !more {
			break
		}
	}
	if err := errors.Join(err, end()); err != nil {
		t.Error(err)
		return false
	}
	return more
}

func TestALogThatHasBecomeLongIsCut(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "s.db")
	s, err := Open(file, Options{Durability: Async})
	if err != nil {
		t.Fatal(err)
	}
	size := func() int64 {
		log, err := os.Stat(file + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return log.Size()
	}
	backup, err := connectReader(file)
	if err == nil {
		err = execute(backup, "BEGIN", "SELECT count(*) FROM snippets")
	}
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for ; size() <= maxLog+maxLog/8; n++ {
		create(t, s, fmt.Sprintf("/d%d/%d.txt", n*7919%100_003, n), "milk")
	}
	if err := backup.Close(); err != nil {
		t.Fatal(err)
	}
	other, err := connect(file)
	if err != nil {
		t.Fatal(err)
	}
	for pages, left := int64(-1), int64(0); pages < 0 || left > 0; { // pages is -1 while the store does it
		if pages, left, err = logState(other.Prep("PRAGMA wal_checkpoint(PASSIVE)")); err != nil {
			t.Fatal(err)
		}
	}
	create(t, s, "/last.txt", "milk") // begins the log anew
	if got := size(); got > maxLog {
		t.Errorf("the log has %d bytes, want at most %d", got, maxLog)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
}
