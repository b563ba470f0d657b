//go:build linux || darwin

package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Removing the one where the other was meant would lose a file that takes the
// name of a directory, or a directory that takes the name of a file.
func TestRmdirRemovesNoFileAndUnlinkNoDirectory(t *testing.T) {
	dir := t.TempDir()
	d, err := openDisk(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	f, err := d.Create("file")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Close(), d.Mkdir("dir")); err != nil {
		t.Fatal(err)
	}
	if err := d.Rmdir("file"); !errors.Is(err, syscall.ENOTDIR) {
		t.Errorf("Rmdir of a file: %v", err)
	}
	if err := d.Unlink("dir"); err == nil {
		t.Error("Unlink of a directory succeeded")
	}
	for _, name := range []string{"file", "dir"} {
		if _, err := d.Lstat(name); err != nil {
			t.Error(err)
		}
	}
	if err := errors.Join(d.Unlink("file"), d.Rmdir("dir")); err != nil {
		t.Error(err)
	}
}

// The engine looks before it reads; these are for what is put there just after.
func TestReadFileReadsNothingButRegularFilesInTheDocroot(t *testing.T) {
	dir := t.TempDir()
	d, err := openDisk(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	err = errors.Join(
		os.WriteFile(filepath.Join(dir, "file"), []byte("0123456789"), 0o644),
		os.Symlink("file", filepath.Join(dir, "link")),
		os.Symlink("/etc", filepath.Join(dir, "etc")),
		os.Mkdir(filepath.Join(dir, "dir"), 0o755),
		syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o644),
	)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"link", "dir", "fifo", "none"} {
		if got, err := d.ReadFile(name, 5); !errors.Is(err, fs.ErrNotExist) || len(got) > 0 {
			t.Errorf("ReadFile(%q): got %q, %v", name, got, err)
		}
	}
	folder, err := d.OpenFolder(".")
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	for _, name := range []string{"link", "etc", "fifo", "none", "dir"} {
		n, err := folder.ReadFile(name, make([]byte, 5))
		if n != 0 || !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.EISDIR) {
			t.Errorf("ReadFile(%q) of a folder: got %d bytes, %v", name, n, err)
		}
	}
	buf := make([]byte, 5)
	if n, err := folder.ReadFile("file", buf); err != nil || string(buf[:n]) != "01234" {
		t.Errorf("ReadFile of a folder: got %q, %v", buf[:n], err)
	}
	for _, name := range []string{"etc", "link", "file", "fifo", "none"} {
		if f, err := d.OpenFolder(name); !gone(err) {
			t.Errorf("OpenFolder(%q): got %v, %v", name, f, err)
		}
	}
	if got, err := d.ReadFile("etc/passwd", 5); err == nil || len(got) > 0 {
		t.Errorf("ReadFile left the docroot: %q, %v", got, err)
	}
	if got, err := d.ReadFile("file", 5); err != nil || string(got) != "01234" {
		t.Errorf("ReadFile: got %q, %v", got, err)
	}
}

func TestALockFileOfAnotherProgramNamesNoPid(t *testing.T) {
	for text, want := range map[string]int{"123\n": 123, "": 0, "x\n": 0, "-1\n": 0, "12\n\x1b[2J": 0, strings.Repeat("9", 40): 0} {
		if got := readPID(strings.NewReader(text)); got != want {
			t.Errorf("readPID of %q: got %d, want %d", text, got, want)
		}
	}
}

// Shows [5.9-2] of docs/protocol.md: the docroot's own name has to survive, too.
func TestTheNamesOfANewDocrootAndOfAllAboveItAreSynced(t *testing.T) {
	top := t.TempDir()
	docroot := filepath.Join(top, "a", "b", "docroot")
	synced := map[string]bool{}
	record := func(dir string) error {
		synced[dir] = true
		return syncPath(dir)
	}
	d, err := openDiskWith(docroot, true, record)
	if err != nil {
		t.Fatal(err)
	}
	d.Close()
	for _, dir := range []string{filepath.Join(top, "a", "b"), filepath.Join(top, "a"), top, "/"} {
		if !synced[dir] {
			t.Errorf("%s was not synced", dir)
		}
	}
	if _, err := openDiskWith(filepath.Join(top, "new"), true, func(string) error { return syscall.EIO }); !errors.Is(err, ErrDocrootNotMade) {
		t.Errorf("a new docroot whose name cannot be made durable: %v", err)
	}
	if d, err := openDiskWith(docroot, true, func(string) error { return syscall.EACCES }); err != nil {
		t.Errorf("an old docroot below directories that cannot be synced: %v", err)
	} else {
		d.Close()
	}
	d, err = openDiskWith(docroot, false, func(dir string) error { t.Errorf("%s is synced", dir); return nil })
	if err != nil {
		t.Fatal(err)
	}
	d.Close()
}
