package sqlite_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"sttp"
	"sttp/store"
	"sttp/store/sqlite"
)

// filler takes all the room on a file system until it is removed.
func filler(t *testing.T, dir string) (remove func()) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "filler"))
	must(t, err)
	for size := 1 << 16; size > 0 && err == nil; {
		if _, err = f.Write(make([]byte, size)); errors.Is(err, syscall.ENOSPC) {
			size, err = size/2, nil
		}
	}
	must(t, err, f.Close())
	return func() { must(t, os.Remove(f.Name())) }
}

func TestAFullDiskIsToldAndChangesNothing(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can mount a file system")
	}
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=2m"); err != nil {
		t.Skipf("mounting a tmpfs: %v", err)
	}
	defer func() { must(t, unix.Unmount(dir, 0)) }()

	s := open(t, filepath.Join(dir, "s.db"), sqlite.Options{})
	file, text := mustPath(t, "/d/a.txt"), mustContents(t, "old")
	must(t, s.Create(t.Context(), file, text))
	for range 2 {
		free := filler(t, dir)
		for what, err := range map[string]error{
			"Create": s.Create(t.Context(), mustPath(t, "/d/b.txt"), text),
			"Update": s.Update(t.Context(), file, mustContents(t, strings.Repeat("new", 50))),
			"Delete": s.Delete(t.Context(), file),
		} {
			if !errors.Is(err, store.ErrNoSpace) || errors.Is(err, store.ErrOutcomeUnknown) {
				t.Errorf("%s: got %v, want %v", what, err, store.ErrNoSpace)
			}
		}
		if err := s.Create(t.Context(), file, text); err == nil || errors.Is(err, store.ErrExists) == errors.Is(err, store.ErrNoSpace) {
			t.Errorf("Create of a file that exists: got %v", err)
		}
		if got, err := s.Show(t.Context(), file); err != nil || got != text {
			t.Errorf("Show: got %q, %v", got, err)
		}
		free()
		must(t, s.Create(t.Context(), mustPath(t, "/d/b.txt"), text), s.Delete(t.Context(), mustPath(t, "/d/b.txt")))
	}
	must(t, s.Close())
}

// TestFailingChild is no test. In a process of its own it makes writes fail as a
// disk does that breaks: some, so that the database can be opened again at once,
// or all, so that it cannot before the disk is mended.
func TestFailingChild(t *testing.T) {
	file := os.Getenv(childFile)
	if file == "" {
		t.Skip("this is for the child of another test")
	}
	s := open(t, file, sqlite.Options{SearchIndex: true})
	create := func(name string, i int) error {
		return s.Create(t.Context(), mustPath(t, fmt.Sprintf("/%s/%d.txt", name, i)), mustContents(t, strings.Repeat(name, 20)))
	}
	var made []string
	var unknown, refused int
	for round := range 3 {
		for i := range 20 {
			must(t, create(fmt.Sprint("before", round), i))
			made = append(made, fmt.Sprintf("/before%d/%d.txt", round, i))
		}
		all := round == 1
		mend := breakDisk(t, file+"-wal", all)
		for i := range 20 {
			err := create(fmt.Sprint("broken", round), i)
			name := fmt.Sprintf("/broken%d/%d.txt", round, i)
			switch {
			case err == nil:
				made = append(made, name)
			case errors.Is(err, store.ErrOutcomeUnknown):
				unknown++
			default:
				refused++
			}
			if _, err := s.Show(t.Context(), mustPath(t, made[0])); err != nil && !all {
				t.Errorf("Show while the disk is broken: %v", err)
			}
		}
		mend()
		if err := create(fmt.Sprint("after", round), 1); err != nil {
			t.Errorf("Create when the disk is mended: %v", err)
		}
		made = append(made, fmt.Sprintf("/after%d/1.txt", round))
		check(t, s, made)
	}
	if unknown != 3 || refused == 0 {
		t.Errorf("%d outcomes were unknown, want one each time; %d changes were refused", unknown, refused)
	}
	must(t, s.Close())
	s = open(t, file, sqlite.Options{})
	check(t, s, made)
	must(t, s.Close())
}

// breakDisk lets no file grow beyond the size of one, or lets nothing be written
// at all, until mend is called.
func breakDisk(t *testing.T, file string, all bool) (mend func()) {
	t.Helper()
	info, err := os.Stat(file)
	var before syscall.Rlimit
	must(t, err, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before))
	broken := syscall.Rlimit{Cur: uint64(info.Size()), Max: before.Max}
	if all {
		broken.Cur = 0
	}
	must(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &broken))
	return func() { must(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before)) }
}

// check checks that the files are there, and that nothing else is counted wrong:
// each is found by List too.
func check(t *testing.T, s *sqlite.Store, files []string) {
	t.Helper()
	names, err := s.List(t.Context(), sttp.Root, &sttp.Query{Recursive: true})
	must(t, err)
	there := map[string]bool{}
	for _, name := range names {
		there["/"+name] = true
	}
	for _, file := range files {
		if _, err := s.Show(t.Context(), mustPath(t, file)); err != nil || !there[file] {
			t.Errorf("%s was acknowledged: %v; it is listed: %t", file, err, there[file])
		}
	}
}

func TestAfterFailedWritesTheStoreGoesOnAndHasLostNothing(t *testing.T) {
	child := exec.Command(os.Args[0], "-test.run=^TestFailingChild$", "-test.v", "-test.timeout=60s")
	child.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0", childFile+"="+filepath.Join(t.TempDir(), "s.db"))
	if out, err := child.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: TestFailingChild") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestADatabaseWithoutPermissionIsRefused(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "s.db")
	must(t, open(t, file, sqlite.Options{}).Close())
	readOnly := filepath.Join(dir, "read-only")
	must(t, os.Mkdir(readOnly, 0o555), os.Chmod(file, 0o444))
	if os.Geteuid() == 0 {
		must(t, os.Chown(dir, nobody, nobody), os.Chown(file, nobody, nobody), os.Chown(file+"-lock", nobody, nobody))
	}
	asNobody(t, func() {
		for _, file := range []string{file, filepath.Join(readOnly, "s.db")} {
			if _, err := sqlite.Open(file, sqlite.Options{}); !errors.Is(err, sqlite.ErrNotWritable) {
				t.Errorf("%s: got %v, want %v", file, err, sqlite.ErrNotWritable)
			}
		}
		if _, err := sqlite.Open(filepath.Join(readOnly, "new", "s.db"), sqlite.Options{}); !errors.Is(err, sqlite.ErrNotMade) {
			t.Errorf("in a directory that cannot be made: %v", err)
		}
	})
}

const nobody = 65534

// asNobody calls f without the rights of root.
func asNobody(t *testing.T, f func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		f() // this user has no more rights than needed
		return
	}
	for p := t.TempDir(); len(p) > len(os.TempDir()); p = filepath.Dir(p) {
		must(t, os.Chmod(p, 0o755))
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlock it
		unix.SetfsgidRetGid(nobody)
		unix.SetfsuidRetUid(nobody)
		if uid, _ := unix.SetfsuidRetUid(-1); uid != nobody {
			t.Errorf("the user id for the file system is %d, want %d", uid, nobody)
			return
		}
		f()
	}()
	<-done
}
