package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"sttp"
	"sttp/store/sqlite"
)

// snippetAt returns the n-th path and text of those that the tests of backups
// create.
func snippetAt(t testing.TB, n int64) (sttp.Path, sttp.Contents) {
	t.Helper()
	req, err := sttp.NewRequest(sttp.Create, fmt.Sprintf("/d%d/%d.txt", n%7, n), fmt.Sprintf("text %d milk", n), true)
	if err != nil {
		t.Fatal(err)
	}
	return req.Path, req.Contents
}

func TestABackupOfADatabaseInUseHoldsWhatWasAcknowledgedBefore(t *testing.T) {
	for _, index := range []bool{false, true} {
		dir := t.TempDir()
		s, err := sqlite.Open(filepath.Join(dir, "s.db"), sqlite.Options{Durability: sqlite.Async, SearchIndex: index})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		var made atomic.Int64
		var mu sync.Mutex
		var acknowledged []int64
		var writing sync.WaitGroup
		enough := make(chan struct{})
		for range 8 {
			writing.Go(func() {
				for ctx.Err() == nil {
					n := made.Add(1)
					path, contents := snippetAt(t, n)
					if err := s.Create(t.Context(), path, contents); err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					if acknowledged = append(acknowledged, n); len(acknowledged) == 500 {
						close(enough)
					}
					mu.Unlock()
				}
			})
		}
		<-enough
		mu.Lock()
		before := slices.Clone(acknowledged)
		mu.Unlock()
		backup := filepath.Join(dir, "copy.db")
		n, err := sqlite.Backup(t.Context(), filepath.Join(dir, "s.db"), backup)
		stop()
		writing.Wait()
		if err != nil || n < int64(len(before)) || n > made.Load() {
			t.Fatalf("the backup holds %d snippets, %v; %d were acknowledged before and %d made", n, err, len(before), made.Load())
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		checkBackup(t, backup, s.ID(), index, before, made.Load(), n)
	}
}

// checkBackup opens a backup as a server does, and looks for the snippets: those
// that were acknowledged before, and as many in all as it said.
func checkBackup(t *testing.T, file, id string, index bool, before []int64, made, total int64) {
	t.Helper()
	if info, err := os.Stat(file); err != nil || info.Mode() != 0o600 {
		t.Errorf("the backup has the mode %v, %v", info.Mode(), err)
	}
	if entries, err := os.ReadDir(filepath.Dir(file)); err != nil || strings.HasPrefix(entries[0].Name(), ".") {
		t.Errorf("%v is left, %v", entries, err)
	}
	s := open(t, file, sqlite.Options{SearchIndex: index})
	defer s.Close()
	if s.ID() != id {
		t.Errorf("the backup has the ID %q, the database %q", s.ID(), id)
	}
	for _, n := range before {
		path, want := snippetAt(t, n)
		if got, err := s.Show(t.Context(), path); err != nil || got != want {
			t.Errorf("%s holds %q, %v, want %q", path, got, err, want)
		}
	}
	found := int64(0)
	for n := range made {
		path, _ := snippetAt(t, n+1)
		if _, err := s.Show(t.Context(), path); err == nil {
			found++
		}
	}
	if found != total {
		t.Errorf("%d snippets are found, want %d", found, total)
	}
	req, err := sttp.NewRequest(sttp.List, "/d1/?q=1%20milk&limit=3", "", false)
	if err != nil {
		t.Fatal(err)
	}
	if names, err := s.List(t.Context(), req.Path, req.Query); err != nil || len(names) != 3 {
		t.Errorf("a search finds %q, %v", names, err)
	}
}

func TestABackupReplacesNothingAndLeavesNothingBehindWhenItFails(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "s.db")
	s, err := sqlite.Open(file, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	path, contents := snippetAt(t, 1)
	if err := s.Create(t.Context(), path, contents); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	foreign, text := filepath.Join(dir, "foreign"), filepath.Join(dir, "text")
	if err := os.WriteFile(foreign, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(text, []byte(strings.Repeat("no database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	linked := filepath.Join(dir, "linked")
	if err := os.WriteFile(linked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(linked, linked+".other"); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		ctx      context.Context
		from, to string
		want     error
	}{
		"exists":       {t.Context(), file, text, fs.ErrExist},
		"no directory": {t.Context(), file, filepath.Join(dir, "missing", "b.db"), fs.ErrNotExist},
		"no database":  {t.Context(), text, filepath.Join(dir, "b.db"), sqlite.ErrNotDatabase},
		"not ours":     {t.Context(), foreign, filepath.Join(dir, "b.db"), sqlite.ErrForeign},
		"missing":      {t.Context(), filepath.Join(dir, "missing.db"), filepath.Join(dir, "b.db"), fs.ErrNotExist},
		"two names":    {t.Context(), linked, filepath.Join(dir, "b.db"), sqlite.ErrLinked},
		"a directory":  {t.Context(), dir, filepath.Join(dir, "b.db"), sqlite.ErrNotFile},
		"interrupted":  {ended, file, filepath.Join(dir, "b.db"), context.Canceled},
	} {
		before, _ := os.ReadDir(dir)
		if _, err := sqlite.Backup(c.ctx, c.from, c.to); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if after, _ := os.ReadDir(dir); len(after) != len(before) {
			t.Errorf("%s: the directory holds %v, and held %v", name, after, before)
		}
	}
	if n, err := sqlite.Backup(t.Context(), file, filepath.Join(dir, "b.db")); n != 1 || err != nil {
		t.Errorf("at last it holds %d snippets, %v", n, err)
	}
}

func TestABackupIntoAMissingDirectoryNamesThat(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sttp.db")
	s, err := sqlite.Open(file, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	dir := filepath.Join(t.TempDir(), "missing")
	_, err = sqlite.Backup(t.Context(), file, filepath.Join(dir, "copy.db"))
	if want := "making a file in " + dir + ": no such file or directory"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
