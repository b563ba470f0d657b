package files_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"sttp/store"
	"sttp/store/files"
)

// onTmpfs returns a Store on a small file system of its own, which only root
// can make.
func onTmpfs(t *testing.T, options string) docroot {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can mount a file system")
	}
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		t.Skipf("mounting a tmpfs: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Errorf("unmounting %s: %v", dir, err)
		}
	})
	s := open(t, dir, files.Options{})
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return docroot{t, dir, s}
}

// hasNoTemps checks that no temporary file is left.
func (d docroot) hasNoTemps() {
	d.t.Helper()
	for _, name := range d.snapshot() {
		if strings.Contains(name, "tmp-") {
			d.t.Errorf("left behind: %s", name)
		}
	}
}

// Shows [5.10-1] [5.10-2] of docs/protocol.md.
func TestAFullDiskIsToldAndChangesNothing(t *testing.T) {
	d := onTmpfs(t, "size=64k")
	must(t, d.create("/d/a.txt", "old"))
	filler, err := os.Create(d.path(".filler"))
	must(t, err)
	for err == nil {
		_, err = filler.Write(make([]byte, 4096))
	}
	if filler.Close(); !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	for what, err := range map[string]error{
		"Create":                     d.create("/d/b.txt", "new"),
		"Create in a new directory":  d.create("/e/f/b.txt", "new"),
		"Update":                     d.update("/d/a.txt", "new"),
		"Update with a longer text":  d.update("/d/a.txt", strings.Repeat("new", 50)),
		"Create of another, at last": d.create("/c.txt", "new"),
	} {
		if !errors.Is(err, store.ErrNoSpace) {
			t.Errorf("%s: got %v, want %v", what, err, store.ErrNoSpace)
		}
	}
	d.lists("/", "d/")
	d.lists("/d/", "a.txt")
	if got, err := d.show("/d/a.txt"); err != nil || got != "old" {
		t.Errorf("Show: got %q, %v", got, err)
	}
	d.hasNoTemps()
	must(t, os.Remove(d.path(".filler")), d.create("/e/f/b.txt", "new"), d.update("/d/a.txt", "new"), d.delete("/d/a.txt"))
	d.lists("/", "e/")
}

func TestADiskWithoutRoomForDirectoriesIsToldAndChangesNothing(t *testing.T) {
	d := onTmpfs(t, "size=64k,nr_inodes=8") // the docroot, .sttp, lock, marker and id take five
	must(t, d.create("/a.txt", "old"))
	if err := d.create("/e/f/b.txt", "new"); !errors.Is(err, store.ErrNoSpace) { // the temporary file and e leave none for f
		t.Errorf("Create in new directories: got %v, want %v", err, store.ErrNoSpace)
	}
	d.lists("/", "a.txt")
	d.hasNoTemps()
	must(t, d.update("/a.txt", "new"), d.create("/b.txt", "new"))
}

// Shows [5.2-5] [5.10-1] of docs/protocol.md.
func TestAFileSystemThatBecomesReadOnlyIsToldAndChangesNothing(t *testing.T) {
	d := onTmpfs(t, "size=64k")
	must(t, d.create("/d/a.txt", "old"), unix.Mount("", d.dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""))
	for what, got := range map[string]struct{ err, want error }{
		"Create":                      {d.create("/d/b.txt", "new"), syscall.EROFS},
		"Create in a new directory":   {d.create("/e/b.txt", "new"), store.ErrCannotCreatePath},
		"Create in a new one below d": {d.create("/d/e/f/b.txt", "new"), store.ErrCannotCreatePath},
		"Update":                      {d.update("/d/a.txt", "new"), syscall.EROFS},
		"Delete":                      {d.delete("/d/a.txt"), syscall.EROFS},
		"Create of a file that is":    {d.create("/d/a.txt", "new"), store.ErrExists},
		"Delete of a file that isn't": {d.delete("/d/b.txt"), store.ErrNotFound},
	} {
		if !errors.Is(got.err, got.want) || errors.Is(got.err, store.ErrOutcomeUnknown) {
			t.Errorf("%s: got %v, want %v", what, got.err, got.want)
		}
	}
	if text, err := d.show("/d/a.txt"); err != nil || text != "old" {
		t.Errorf("Show: got %q, %v", text, err)
	}
	must(t, unix.Mount("", d.dir, "", unix.MS_REMOUNT, ""), d.create("/e/b.txt", "new"), d.update("/d/a.txt", "new"), d.delete("/d/a.txt"))
	d.lists("/", "e/")
}

func TestADocrootOnAReadOnlyFileSystemIsRefused(t *testing.T) {
	d := onTmpfs(t, "size=64k")
	other := filepath.Join(d.dir, "other")
	must(t, os.Mkdir(other, 0o755), unix.Mount("", d.dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""))
	for dir, want := range map[string]error{
		other:                         files.ErrDocrootNotWritable,
		filepath.Join(d.dir, "third"): files.ErrDocrootNotMade,
	} {
		if _, err := files.Open(dir, files.Options{}); !errors.Is(err, want) || !errors.Is(err, syscall.EROFS) {
			t.Errorf("%s: got %v, want %v", dir, err, want)
		}
	}
	must(t, unix.Mount("", d.dir, "", unix.MS_REMOUNT, ""))
}

// asNobody runs f with the rights of a user without any. Of root's thread alone,
// which therefore ends with f, the file system takes the user nobody's name.
func asNobody(t *testing.T, f func()) {
	t.Helper()
	const nobody = 65534
	if os.Geteuid() != 0 {
		f() // this user has no more rights than needed
		return
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

// nobodysDir returns a directory that nobody owns and can reach.
func nobodysDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if os.Geteuid() == 0 {
		must(t, os.Chown(dir, 65534, 65534))
	}
	for p := dir; len(p) > len(os.TempDir()); p = filepath.Dir(p) {
		must(t, os.Chmod(p, 0o755))
	}
	return dir
}

// Shows [5.2-5] [5.10-1] of docs/protocol.md.
func TestADirectoryWithoutPermissionIsToldAndChangesNothing(t *testing.T) {
	dir := nobodysDir(t)
	asNobody(t, func() {
		d := docroot{t, dir, open(t, dir, files.Options{})}
		err := errors.Join(d.create("/ro/a.txt", "old"), os.Chmod(d.path("ro"), 0o555))
		if err != nil {
			t.Error(err)
			return
		}
		for what, got := range map[string]struct{ err, want error }{
			"Create in a new directory": {d.create("/ro/e/b.txt", "new"), store.ErrCannotCreatePath},
			"Create":                    {d.create("/ro/b.txt", "new"), syscall.EACCES},
			"Update":                    {d.update("/ro/a.txt", "new"), syscall.EACCES},
			"Delete":                    {d.delete("/ro/a.txt"), syscall.EACCES},
		} {
			if !errors.Is(got.err, got.want) || errors.Is(got.err, store.ErrOutcomeUnknown) {
				t.Errorf("%s: got %v, want %v", what, got.err, got.want)
			}
		}
		if text, err := d.show("/ro/a.txt"); err != nil || text != "old" {
			t.Errorf("Show: got %q, %v", text, err)
		}
		d.lists("/ro/", "a.txt")
		d.hasNoTemps()
		if err := errors.Join(os.Chmod(d.path("ro"), 0o755), d.create("/ro/e/b.txt", "new"), d.Close()); err != nil {
			t.Error(err)
		}
	})
}

func TestADocrootWithoutPermissionIsRefused(t *testing.T) {
	dir := nobodysDir(t)
	used := filepath.Join(dir, "used")
	asNobody(t, func() {
		if err := errors.Join(open(t, used, files.Options{}).Close(), os.Chmod(used, 0o555)); err != nil {
			t.Error(err)
		}
		empty := filepath.Join(dir, "empty")
		if err := os.Mkdir(empty, 0o555); err != nil {
			t.Error(err)
		}
		for path, want := range map[string]error{
			used:                            files.ErrDocrootNotWritable,
			empty:                           files.ErrDocrootNotWritable,
			filepath.Join(empty, "docroot"): files.ErrDocrootNotMade,
		} {
			if _, err := files.Open(path, files.Options{}); !errors.Is(err, want) || !errors.Is(err, syscall.EACCES) {
				t.Errorf("%s: got %v, want %v", path, err, want)
			}
		}
		os.Chmod(used, 0o755)
	})
	names := docroot{t: t, dir: dir}.snapshot()
	if slices.Contains(names, "used/.sttp-probe") {
		t.Errorf("left behind: %q", names)
	}
}

// lost+found on the mount point of an ext4 file system is such a directory.
func TestAStartAfterAnUncleanEndPassesByWhatItCannotRead(t *testing.T) {
	dir := nobodysDir(t)
	must(t, os.MkdirAll(filepath.Join(dir, ".sttp"), 0o777), os.Chmod(filepath.Join(dir, ".sttp"), 0o777),
		os.WriteFile(filepath.Join(dir, ".sttp", "running"), nil, 0o644),
		os.MkdirAll(filepath.Join(dir, "lost+found", "empty"), 0o700))
	asNobody(t, func() {
		if os.Geteuid() != 0 {
			if err := os.Chmod(filepath.Join(dir, "lost+found"), 0); err != nil {
				t.Error(err)
			}
		}
		s, err := files.Open(dir, files.Options{})
		if err != nil {
			t.Errorf("Open: %v", err)
			return
		}
		d := docroot{t, dir, s}
		if err := errors.Join(d.create("/e/a.txt", "x"), d.Close()); err != nil {
			t.Error(err)
		}
	})
}

func TestAStartAfterAnUncleanEndLeavesAnotherFileSystemAlone(t *testing.T) {
	outer := onTmpfs(t, "size=64k")
	inner := filepath.Join(outer.dir, "d", "mnt")
	must(t, os.MkdirAll(inner, 0o755), unix.Mount("tmpfs", inner, "tmpfs", 0, "size=64k"))
	defer func() { must(t, unix.Unmount(inner, 0)) }()
	dir := filepath.Join(outer.dir, "d")
	must(t, os.Mkdir(filepath.Join(dir, ".sttp"), 0o755), os.WriteFile(filepath.Join(dir, ".sttp", "running"), nil, 0o644))
	d := docroot{t, dir, open(t, dir, files.Options{})}
	must(t, d.create("/a.txt", "x"), d.Close())
}
