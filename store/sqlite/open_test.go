package sqlite_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	z "zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"sttp/store"
	"sttp/store/sqlite"
)

func must(t testing.TB, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// tamper runs a script on the database in file, which is made if it is missing.
func tamper(t *testing.T, file, script string) {
	t.Helper()
	conn, err := z.OpenConn(file, z.OpenReadWrite|z.OpenCreate)
	must(t, err, sqlitex.ExecuteScript(conn, script, nil), conn.Close())
}

// damage overwrites the first page of tables behind the header.
func damage(t *testing.T, file string) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	must(t, err)
	_, err = f.WriteAt(bytes.Repeat([]byte{0xa5}, 4096-100), 100)
	must(t, err, f.Close())
}

var unusable = []struct {
	name string
	make func(t *testing.T, file string)
	want error
}{
	{"a text", func(t *testing.T, file string) {
		must(t, os.WriteFile(file, bytes.Repeat([]byte("shopping list\n"), 1000), 0o600))
	}, sqlite.ErrNotDatabase},
	{"a short text", func(t *testing.T, file string) {
		must(t, os.WriteFile(file, []byte("milk\n"), 0o600))
	}, sqlite.ErrNotDatabase},
	{"another program's database", func(t *testing.T, file string) {
		tamper(t, file, "CREATE TABLE snippets (path TEXT PRIMARY KEY, contents TEXT);")
	}, sqlite.ErrForeign},
	{"another program's database with a version", func(t *testing.T, file string) {
		tamper(t, file, "PRAGMA user_version = 1; PRAGMA application_id = 252006673;")
	}, sqlite.ErrForeign},
	{"a newer database", func(t *testing.T, file string) {
		must(t, open(t, file, sqlite.Options{}).Close())
		tamper(t, file, "PRAGMA user_version = 99;")
	}, sqlite.ErrNewer},
	{"a damaged database", func(t *testing.T, file string) {
		must(t, open(t, file, sqlite.Options{}).Close())
		damage(t, file)
	}, sqlite.ErrDamaged},
	{"a database that has lost its id", func(t *testing.T, file string) {
		must(t, open(t, file, sqlite.Options{}).Close())
		tamper(t, file, "DELETE FROM meta;")
	}, sqlite.ErrDamaged},
	{"a symbolic link", func(t *testing.T, file string) {
		must(t, open(t, file+".there", sqlite.Options{}).Close(), os.Symlink(file+".there", file))
	}, sqlite.ErrLink},
	{"a symbolic link to nothing", func(t *testing.T, file string) {
		must(t, os.Symlink(file+".missing", file))
	}, sqlite.ErrLink},
	{"a directory", func(t *testing.T, file string) { must(t, os.Mkdir(file, 0o700)) }, sqlite.ErrNotFile},
	{"a FIFO", func(t *testing.T, file string) { must(t, syscall.Mkfifo(file, 0o600)) }, sqlite.ErrNotFile},
	{"a lock that is a directory", func(t *testing.T, file string) { must(t, os.Mkdir(file+"-lock", 0o700)) }, sqlite.ErrNoLock},
	{"a lock that is a symbolic link", func(t *testing.T, file string) {
		must(t, os.Symlink(file+".missing", file+"-lock"))
	}, sqlite.ErrNoLock},
	{"a log without its database", func(t *testing.T, file string) {
		must(t, os.WriteFile(file+"-wal", []byte("changes"), 0o600))
	}, sqlite.ErrLogLeft},
	{"a backup beside the log of the database that it replaces", func(t *testing.T, file string) {
		s := open(t, file, sqlite.Options{})
		_, err := sqlite.Backup(t.Context(), file, file+".copy")
		must(t, err, s.Create(t.Context(), mustPath(t, "/a.txt"), mustContents(t, "x")))
		log, err := os.ReadFile(file + "-wal")
		must(t, err, s.Close(), os.WriteFile(file+"-wal", log, 0o600), os.Rename(file+".copy", file))
	}, sqlite.ErrLogOfOther},
	{"a database that has two names", func(t *testing.T, file string) {
		must(t, open(t, file, sqlite.Options{}).Close(), os.Link(file, file+".other"))
	}, sqlite.ErrLinked},
}

func TestAFileThatCannotBeUsedIsRefusedAndLeftAsItIs(t *testing.T) {
	for _, test := range unusable {
		t.Run(test.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "s.db")
			test.make(t, file)
			before := snapshot(t, filepath.Dir(file))
			_, err := sqlite.Open(file, sqlite.Options{})
			var refused *sqlite.FileError
			if !errors.Is(err, test.want) || !errors.As(err, &refused) || refused.File != file {
				t.Fatalf("got %v, want %v", err, test.want)
			}
			if want := fmt.Sprintf("database %q ", file); !strings.HasPrefix(err.Error(), want) {
				t.Errorf("the error %q does not begin with %q", err, want)
			}
			if strings.Count(err.Error(), test.want.Error()) != 1 {
				t.Errorf("the error %q says more than once what is wrong", err)
			}
			if after := snapshot(t, filepath.Dir(file)); after != before {
				t.Errorf("before:\n%s\nafter:\n%s", before, after)
			}
		})
	}
}

// snapshot returns the names below dir and what is in the files, but for the
// lock, which is no one's data.
func snapshot(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || strings.HasSuffix(path, "-lock") {
			return err
		}
		var data []byte
		if d.Type().IsRegular() {
			data, err = os.ReadFile(path)
		}
		fmt.Fprintf(&b, "%s %v %x\n", path, d.Type(), data)
		return err
	}))
	return b.String()
}

func TestADatabaseBelongsToOneServer(t *testing.T) {
	file := filepath.Join(t.TempDir(), "s.db")
	first := open(t, file, sqlite.Options{})
	_, err := sqlite.Open(file, sqlite.Options{})
	var owned *store.OwnedError
	if !errors.As(err, &owned) || owned.PID != os.Getpid() {
		t.Errorf("the second Open: %v", err)
	}
	must(t, first.Create(t.Context(), mustPath(t, "/a.txt"), mustContents(t, "x")), first.Close())
	must(t, open(t, file, sqlite.Options{}).Close())
}

func TestTheIDOfADatabaseStays(t *testing.T) {
	dir := t.TempDir()
	ids := map[string]bool{}
	for _, name := range []string{"a.db", "b.db", "a.db"} {
		s := open(t, filepath.Join(dir, name), sqlite.Options{})
		if len(s.ID()) < 20 {
			t.Errorf("the id %q is too short to be random", s.ID())
		}
		ids[s.ID()] = true
		must(t, s.Close())
	}
	if len(ids) != 2 {
		t.Errorf("two databases have the ids %v", ids)
	}
}

func TestWhatIsMadeIsForItsOwnerAlone(t *testing.T) {
	top := t.TempDir()
	file := filepath.Join(top, "data", "sttp", "s.db")
	s := open(t, file, sqlite.Options{})
	must(t, s.Create(t.Context(), mustPath(t, "/a.txt"), mustContents(t, "x")))
	for name, want := range map[string]fs.FileMode{
		"data": 0o700 | fs.ModeDir, "data/sttp": 0o700 | fs.ModeDir, "data/sttp/s.db": 0o600,
		"data/sttp/s.db-wal": 0o600, "data/sttp/s.db-shm": 0o600, "data/sttp/s.db-lock": 0o600,
	} {
		info, err := os.Stat(filepath.Join(top, name))
		if err != nil || info.Mode() != want {
			t.Errorf("%s: %v, want mode %v (%v)", name, info, want, err)
		}
	}
	must(t, s.Close())
}

func TestADirectoryThatCannotBeMadeIsTold(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "file"), nil, 0o600))
	for _, name := range []string{"file/data/s.db", "file/s.db"} {
		if _, err := sqlite.Open(filepath.Join(dir, name), sqlite.Options{}); !errors.Is(err, sqlite.ErrNotMade) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestPathsAreAllThereAlsoThoseThatNoRequestCanName(t *testing.T) {
	file := filepath.Join(t.TempDir(), "s.db")
	must(t, open(t, file, sqlite.Options{}).Close())
	tamper(t, file, `INSERT INTO snippets (path, contents) VALUES
		('/a/b', 'x'), ('/a.txt', 'x'), ('/white space', 'x'), ('none', 'x'), ('', 'x'), (x'ff00', 'x')`)
	s := open(t, file, sqlite.Options{})
	var got []string
	for path, err := range s.Paths(t.Context()) {
		must(t, err)
		got = append(got, path)
	}
	if want := []string{"", "/a.txt", "/a/b", "/white space", "none", "\xff"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for range s.Paths(t.Context()) {
		break // gives the reader back
	}
	must(t, s.Close())
}

func TestAfterAFlushTheFileOfADatabaseHoldsEverything(t *testing.T) {
	file := filepath.Join(t.TempDir(), "s.db")
	s := open(t, file, sqlite.Options{Durability: sqlite.Async})
	path := mustPath(t, "/a.txt")
	must(t, s.Create(t.Context(), path, mustContents(t, "x")), s.Flush())
	data, err := os.ReadFile(file)
	must(t, err, os.WriteFile(file+".copy", data, 0o600), s.Close())
	moved := open(t, file+".copy", sqlite.Options{})
	_, err = moved.Show(t.Context(), path)
	must(t, err, moved.Close())
}
