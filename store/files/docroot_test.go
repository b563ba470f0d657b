package files_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"sttp"
	"sttp/store"
	"sttp/store/files"
)

// docroot is a directory, a Store on it, and what a test looks at in both.
type docroot struct {
	t   *testing.T
	dir string
	*files.Store
}

func newDocroot(t *testing.T) docroot {
	dir := t.TempDir()
	s := open(t, dir, files.Options{})
	t.Cleanup(func() {
		if err := s.Close(); err != nil && !errors.Is(err, store.ErrClosed) {
			t.Errorf("Close: %v", err)
		}
	})
	return docroot{t, dir, s}
}

func (d docroot) path(name string) string { return filepath.Join(d.dir, name) }

// write makes a file by hand.
func (d docroot) write(name, text string) {
	d.t.Helper()
	if err := os.MkdirAll(filepath.Dir(d.path(name)), 0o755); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(d.path(name), []byte(text), 0o644); err != nil {
		d.t.Fatal(err)
	}
}

func (d docroot) show(file string) (string, error) {
	c, err := d.Show(d.t.Context(), mustPath(d.t, file))
	return c.String(), err
}

func (d docroot) create(file, text string) error {
	return d.Create(d.t.Context(), mustPath(d.t, file), mustContents(d.t, text))
}

func (d docroot) update(file, text string) error {
	return d.Update(d.t.Context(), mustPath(d.t, file), mustContents(d.t, text))
}

func (d docroot) delete(file string) error { return d.Delete(d.t.Context(), mustPath(d.t, file)) }

func (d docroot) lists(dir string, want ...string) {
	d.t.Helper()
	got, err := d.List(d.t.Context(), mustPath(d.t, dir), nil)
	if err != nil || !slices.Equal(got, want) {
		d.t.Errorf("List(%q): got %q, %v; want %q", dir, got, err, want)
	}
}

func mustPath(t *testing.T, s string) sttp.Path {
	t.Helper()
	p, err := sttp.ParsePath(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func mustContents(t *testing.T, s string) sttp.Contents {
	t.Helper()
	c, err := sttp.ParseContents(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// must fails the test at once if any of the errors is one.
func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func TestASnippetIsAFileThatHoldsJustItsContents(t *testing.T) {
	d := newDocroot(t)
	must(t, d.create("/notes/a.txt", "Buy milk"))
	got, err := os.ReadFile(d.path("notes/a.txt"))
	if err != nil || string(got) != "Buy milk" {
		t.Errorf("the file holds %q, %v", got, err)
	}
	must(t, d.update("/notes/a.txt", "Buy tea"))
	for name, want := range map[string]os.FileMode{"notes/a.txt": 0o644, "notes": os.ModeDir | 0o755} {
		info, err := os.Stat(d.path(name))
		if err != nil || info.Mode()&^0o022 != want&^0o022 { // a umask may take the group's and others' right to write
			t.Errorf("%s: mode %v, %v; want %v", name, info.Mode(), err, want)
		}
	}
}

func TestAFileFromAnEditorIsServedWithoutItsNewline(t *testing.T) {
	d := newDocroot(t)
	longest := strings.Repeat("𝄞", sttp.MaxContents)
	for text, want := range map[string]string{
		"one\n": "one", "one\r\n": "one", "one": "one", "": "", "\n": "", "\r\n": "", " tab\t \n": " tab\t ",
		longest: longest, longest + "\n": longest, longest + "\r\n": longest,
	} {
		d.write("a.txt", text)
		if got, err := d.show("/a.txt"); err != nil || got != want {
			t.Errorf("Show of a file with %q: got %q, %v; want %q", text, got, err, want)
		}
	}
}

func TestAFileThatIsNoSnippetIsNotServedButCanBeReplaced(t *testing.T) {
	d := newDocroot(t)
	for text, want := range map[string]error{
		"one\ntwo":                     sttp.ErrContentsControl,
		"one\n\n":                      sttp.ErrContentsControl,
		"one\r":                        sttp.ErrContentsControl,
		"bell\a":                       sttp.ErrContentsControl,
		"\xff":                         sttp.ErrContentsUTF8,
		strings.Repeat("x", 161):       sttp.ErrContentsTooLong,
		strings.Repeat("𝄞", 161):       sttp.ErrContentsTooLong,
		strings.Repeat("x", 1<<20):     sttp.ErrContentsTooLong,
		strings.Repeat("𝄞", 160) + "x": sttp.ErrContentsTooLong,
	} {
		d.write("a.txt", text)
		if _, err := d.show("/a.txt"); !errors.Is(err, store.ErrNotSnippet) || !errors.Is(err, want) {
			t.Errorf("Show of a file with %.20q: got %v, want %v", text, err, want)
		}
		must(t, d.update("/a.txt", "a snippet"))
		if got, err := d.show("/a.txt"); err != nil || got != "a snippet" {
			t.Errorf("Show after the update: %q, %v", got, err)
		}
	}
}

func TestWhatNoRequestCanNameIsNotListed(t *testing.T) {
	d := newDocroot(t)
	for _, name := range []string{
		"ok.txt", ".hidden", "white space", "back\\slash", "what?", "tab\t", "bad\xff", "zero\u200bwidth",
		strings.Repeat("x", 32), strings.Repeat("y", 33), strings.Repeat("é", 32), strings.Repeat("ö", 33),
		".hidden.d/a", "white dir/a", strings.Repeat("d", 255) + "/a", "sub/a", "empty.d/.hidden",
	} {
		d.write(name, "x")
	}
	d.lists("/", strings.Repeat("d", 255)+"/", "empty.d/", "ok.txt", "sub/", strings.Repeat("x", 32), strings.Repeat("é", 32))
	d.lists("/empty.d/")
	if err := os.Mkdir(d.path("nothing"), 0o755); err != nil {
		t.Fatal(err)
	}
	d.lists("/nothing/")
}

func TestANameThatMakesThePathTooLongIsNotListed(t *testing.T) {
	d := newDocroot(t)
	dir := strings.Repeat("/"+strings.Repeat("d", 250), 4) + "/1234567890123456" // 1021 bytes
	d.write(dir+"/ab", "fits")
	d.write(dir+"/abc", "does not")
	d.lists(dir+"/", "ab")
	if got, err := d.show(dir + "/ab"); err != nil || got != "fits" {
		t.Errorf("Show: got %q, %v", got, err)
	}
}

// What is neither a regular file nor a directory is not there. Opening the FIFO
// would block for ever.
func TestLinksAndSpecialFilesAreNotThere(t *testing.T) {
	d := newDocroot(t)
	outside := t.TempDir()
	must(t,
		os.WriteFile(filepath.Join(outside, "secret"), []byte("secret"), 0o644),
		d.create("/d/real.txt", "real"),
		os.Symlink("d/real.txt", d.path("link.txt")),
		os.Symlink("d", d.path("linkdir")),
		os.Symlink(outside, d.path("outside")),
		os.Symlink(filepath.Join(outside, "secret"), d.path("secret")),
		os.Symlink("nowhere", d.path("dangling")),
		syscall.Mkfifo(d.path("fifo"), 0o644),
	)
	socket, err := net.ListenUnix("unix", &net.UnixAddr{Name: d.path("socket"), Net: "unix"})
	must(t, err)
	defer socket.Close()

	d.lists("/", "d/")
	for _, name := range []string{"/link.txt", "/secret", "/dangling", "/fifo", "/socket", "/linkdir", "/outside"} {
		if _, err := d.show(name); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Show of %s: got %v", name, err)
		}
		if err := d.update(name, "x"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Update of %s: got %v", name, err)
		}
		if err := d.delete(name); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Delete of %s: got %v", name, err)
		}
		if err := d.create(name, "x"); err == nil || errors.Is(err, store.ErrExists) {
			t.Errorf("Create of %s: got %v, want a failure that asks for help", name, err)
		}
		if err := d.create(name+"/a.txt", "x"); !errors.Is(err, store.ErrInTheWay) {
			t.Errorf("Create below %s: got %v", name, err)
		}
		if _, err := d.List(t.Context(), mustPath(t, name+"/"), nil); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("List of %s: got %v", name, err)
		}
	}
	for _, name := range []string{"/linkdir/real.txt", "/outside/secret"} {
		if _, err := d.show(name); !errors.Is(err, store.ErrPathNotFound) {
			t.Errorf("Show of %s: got %v", name, err)
		}
		if err := d.update(name, "x"); !errors.Is(err, store.ErrPathNotFound) {
			t.Errorf("Update of %s: got %v", name, err)
		}
		if err := d.delete(name); !errors.Is(err, store.ErrPathNotFound) {
			t.Errorf("Delete of %s: got %v", name, err)
		}
	}
	if got, err := os.ReadFile(filepath.Join(outside, "secret")); err != nil || string(got) != "secret" {
		t.Errorf("what is outside of the docroot has changed: %q, %v", got, err)
	}
}

func TestAHardLinkIsServedUnderBothNamesUntilOneIsUpdated(t *testing.T) {
	d := newDocroot(t)
	must(t, d.create("/a.txt", "one"), os.Link(d.path("a.txt"), d.path("b.txt")))
	d.lists("/", "a.txt", "b.txt")
	must(t, d.update("/a.txt", "two"))
	a, aerr := d.show("/a.txt")
	b, berr := d.show("/b.txt")
	if a != "two" || b != "one" || aerr != nil || berr != nil {
		t.Errorf("got %q, %v and %q, %v", a, aerr, b, berr)
	}
}

// Shows [5.10-3] of docs/protocol.md.
func TestASecondServerIsRefusedWithThePidOfTheFirst(t *testing.T) {
	d := newDocroot(t)
	_, err := files.Open(d.dir, files.Options{})
	var owned *store.OwnedError
	if !errors.As(err, &owned) || owned.PID != os.Getpid() || owned.Name != d.dir {
		t.Fatalf("got %v", err)
	}
	want := fmt.Sprintf("docroot %q is owned by another running server (pid %d); stop it or choose another docroot", d.dir, os.Getpid())
	if err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	must(t, d.create("/a.txt", "still there"), d.Close())
	must(t, open(t, d.dir, files.Options{}).Close())
}

func TestADocrootIsMadeWithAllThatIsAboveIt(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "var", "sttp", "files")
	must(t, open(t, dir, files.Options{}).Close())
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		t.Errorf("got %v, %v", info, err)
	}
}

func TestWhatIsNoDocrootIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o644))
	fileState, linkState := t.TempDir(), t.TempDir()
	must(t, os.WriteFile(filepath.Join(fileState, ".sttp"), nil, 0o644), os.Symlink(t.TempDir(), filepath.Join(linkState, ".sttp")))
	lockDir := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(lockDir, ".sttp", "lock"), 0o755))
	for dir, want := range map[string]error{
		file:                           files.ErrDocrootIsFile,
		filepath.Join(file, "docroot"): files.ErrDocrootNotMade,
		fileState:                      files.ErrStateDirectory,
		linkState:                      files.ErrStateDirectory,
		lockDir:                        files.ErrNoLock,
	} {
		s, err := files.Open(dir, files.Options{})
		var bad *files.DocrootError
		if !errors.Is(err, want) || !errors.As(err, &bad) || bad.Dir != dir || s != nil {
			t.Errorf("%s: got %v, want %v", dir, err, want)
		}
	}
}

// snapshot returns the names of everything in the docroot.
func (d docroot) snapshot() (names []string) {
	d.t.Helper()
	must(d.t, filepath.WalkDir(d.dir, func(p string, e os.DirEntry, err error) error {
		name, _ := filepath.Rel(d.dir, p)
		names = append(names, name)
		return err
	}))
	return names
}

// Shows [9.3-3] of docs/protocol.md.
func TestAStartAfterAnUncleanEndClearsAwayWhatWasLeft(t *testing.T) {
	d := newDocroot(t)
	must(t, d.create("/keep/a.txt", "x"), d.Close())
	d.write(".sttp/running", "")
	d.write(".sttp/tmp-17", "half")
	d.write("hidden/.keep", "")
	must(t, os.MkdirAll(d.path("keep/e/f/g"), 0o755), os.MkdirAll(d.path("e/f"), 0o755), os.MkdirAll(d.path(".git/refs"), 0o755),
		os.Symlink("e", d.path("link")))

	var log bytes.Buffer
	s := open(t, d.dir, files.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	must(t, s.Close())
	want := []string{".", ".git", ".git/refs", ".sttp", ".sttp/id", ".sttp/lock", "hidden", "hidden/.keep", "keep", "keep/a.txt", "link"}
	if got := d.snapshot(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	line := log.String()
	if strings.Count(line, "\n") != 1 || !strings.Contains(line, "level=INFO") || !strings.Contains(line, "temporary_files=1 empty_directories=5") {
		t.Errorf("log: %s", line)
	}
}

func TestAStartAfterACleanEndKeepsEmptyDirectories(t *testing.T) {
	d := newDocroot(t)
	must(t, os.MkdirAll(d.path("made/by/hand"), 0o755), d.Close())
	var log bytes.Buffer
	s := open(t, d.dir, files.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	must(t, s.Close())
	want := []string{".", ".sttp", ".sttp/id", ".sttp/lock", "made", "made/by", "made/by/hand"}
	if got := d.snapshot(); !slices.Equal(got, want) || log.Len() > 0 {
		t.Errorf("got %q, want %q; log: %s", got, want, &log)
	}
}

// Shows [5.10-3] of docs/protocol.md.
func TestADocrootIsOwnedWhateverBecomesOfItsFiles(t *testing.T) {
	d := newDocroot(t)
	must(t, os.RemoveAll(d.path(".sttp")))
	_, err := files.Open(d.dir, files.Options{})
	if owned := new(store.OwnedError); !errors.As(err, &owned) {
		t.Errorf("a second server gets %v", err)
	}
	must(t, d.create("/a.txt", "x"), d.update("/a.txt", "y"))
}
