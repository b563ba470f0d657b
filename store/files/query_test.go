package files_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"sttp"
	"sttp/store/files"
)

func (d docroot) finds(dir string, q sttp.Query, want ...string) {
	d.t.Helper()
	got, err := d.List(d.t.Context(), mustPath(d.t, dir), &q)
	if err != nil || !slices.Equal(got, want) {
		d.t.Errorf("List(%q) with %s: got %q, %v; want %q", dir, &q, got, err, want)
	}
}

// Shows [11.2-9] of docs/protocol.md.
func TestAFileThatIsNoSnippetIsInNoSearch(t *testing.T) {
	d := newDocroot(t)
	longest := "x" + strings.Repeat("𝄞", sttp.MaxContents-1)
	for name, text := range map[string]string{
		"lf": "x\n", "crlf": "x\r\n", "bare": "x", "longest": longest + "\r\n", "tab": "\tX",
		"lines": "x\ny", "lfs": "x\n\n", "cr": "x\r", "bell": "x\a", "bytes": "x\xff", "longer": longest + "y",
		"long": strings.Repeat("x", 161), "huge": strings.Repeat("x", 1<<20), "zero": "x\x00", "empty": "",
	} {
		d.write("d/"+name, text)
	}
	d.finds("/d/", sttp.Query{Contains: "x"}, "bare", "crlf", "lf", "longest", "tab")
	d.finds("/", sttp.Query{Contains: "x", Recursive: true, Name: "l*"}, "d/lf", "d/longest")
	d.finds("/d/", sttp.Query{Name: "l*"}, "lf", "lfs", "lines", "long", "longer", "longest")
}

// Opening the FIFO would block for ever, and the link to the directory above it
// would have no end.
func TestASearchFollowsNoLinkAndReadsNoSpecialFile(t *testing.T) {
	d := newDocroot(t)
	outside := t.TempDir()
	must(t,
		os.WriteFile(filepath.Join(outside, "secret"), []byte("a needle"), 0o644),
		d.create("/d/real", "a needle"),
		d.create("/d/e/real", "a needle"),
		os.Symlink("real", d.path("d/link")),
		os.Symlink("..", d.path("d/e/loop")),
		os.Symlink(outside, d.path("d/outside")),
		os.Symlink(filepath.Join(outside, "secret"), d.path("d/secret")),
		syscall.Mkfifo(d.path("d/fifo"), 0o644),
	)
	d.write("d/.hidden", "a needle")
	d.write("d/.git/real", "a needle")
	d.write("d/white space", "a needle")
	d.write("d/"+strings.Repeat("y", 33), "a needle")
	t.Chdir(d.path("d")) // the name of a socket is short
	socket, err := net.ListenUnix("unix", &net.UnixAddr{Name: "socket", Net: "unix"})
	must(t, err)
	defer socket.Close()

	d.finds("/", sttp.Query{Contains: "needle", Recursive: true}, "d/e/real", "d/real")
	d.finds("/d/", sttp.Query{Recursive: true}, "e/real", "real")
	d.finds("/d/", sttp.Query{Limit: 9}, "e/", "real")
	d.finds("/d/", sttp.Query{Name: "*"}, "real")
	d.finds("/", sttp.Query{Contains: "e", Name: "id", Recursive: true}) // .sttp is not searched
}

func TestANameThatMakesThePathTooLongIsNotFound(t *testing.T) {
	d := newDocroot(t)
	dir := strings.Repeat("/"+strings.Repeat("d", 250), 4) + "/1234567890123456" // 1021 bytes
	d.write(dir+"/ab", "needle")
	d.write(dir+"/abc", "needle")
	d.write(dir+"/d/x", "needle")
	d.write(dir+"/e/.x", "needle")
	for _, from := range []string{dir + "/", "/", strings.Repeat("/"+strings.Repeat("d", 250), 2) + "/"} {
		d.finds(from, sttp.Query{Contains: "needle", Recursive: true}, strings.TrimPrefix(dir+"/ab", from))
		d.finds(from, sttp.Query{Recursive: true}, strings.TrimPrefix(dir+"/ab", from))
	}
}

// More names than are sorted at once.
func TestThePagesOfALargeDirectoryAreAllOfIt(t *testing.T) {
	d := newDocroot(t)
	var want []string
	for i := range 1500 {
		name := "d/" + strings.Repeat("x", i%3) + string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676))
		d.write(name, "")
		want = append(want, strings.TrimPrefix(name, "d/"))
	}
	slices.Sort(want)
	for _, size := range []int{100, 500, sttp.MaxLimit} {
		var got []string
		for last := ""; ; last = got[len(got)-1] {
			names, err := d.List(t.Context(), mustPath(t, "/d/"), &sttp.Query{Limit: size, After: last})
			must(t, err)
			if got = append(got, names...); len(names) < size {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("pages of %d are %d names, want %d", size, len(got), len(want))
		}
	}
	d.finds("/d/", sttp.Query{}, want...)
}

func TestADocrootHasAnIDOfItsOwnForGood(t *testing.T) {
	d := newDocroot(t)
	id := d.ID()
	if other := newDocroot(t).ID(); len(id) != 32 || other == id {
		t.Errorf("two docroots have the ids %q and %q", id, other)
	}
	must(t, d.Close())
	reopened := func() (string, string) {
		t.Helper()
		var log bytes.Buffer
		s := open(t, d.dir, files.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
		must(t, s.Close())
		return s.ID(), log.String()
	}
	if again, log := reopened(); again != id || log != "" {
		t.Errorf("the id was %q and is %q; log: %s", id, again, log)
	}
	last := id
	for _, bad := range []string{"", "x", id, id + "\n\n", strings.ToUpper(id) + "x\n", id[:30] + "\n", strings.Repeat("\x1b", 32) + "\n", id + id} {
		d.write(".sttp/id", bad)
		got, log := reopened()
		if got == last || got == id || len(got) != 32 {
			t.Errorf("after %q the id is %q", bad, got)
		}
		if told := strings.Count(log, "level=WARN"); told != min(len(bad), 1) || strings.Contains(log, "\x1b") {
			t.Errorf("after %q the log is %s", bad, log)
		}
		if again, _ := reopened(); again != got {
			t.Errorf("after %q the id was %q and is %q", bad, got, again)
		}
		last = got
	}
	must(t, os.Remove(d.path(".sttp/id")), os.Symlink("/etc/hostname", d.path(".sttp/id")))
	if got, _ := reopened(); got == last || len(got) != 32 {
		t.Errorf("behind a link the id is %q", got)
	}
	must(t, os.Remove(d.path(".sttp/id")), os.MkdirAll(d.path(".sttp/id"), 0o755))
	if _, err := files.Open(d.dir, files.Options{}); !errors.Is(err, files.ErrNoID) {
		t.Errorf("with a directory in its place: %v", err)
	}
}
