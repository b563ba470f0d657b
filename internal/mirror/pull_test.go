//go:build unix

package mirror_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sttp"
	"sttp/client"
	"sttp/internal/mirror"
)

// lists returns what a server replies that has these names in its root, with
// queries or without, and answers a SHOW of whatever it is asked for.
func lists(queries bool, names []string, show string) func(string) string {
	slices.Sort(names)
	return func(line string) string {
		switch {
		case strings.HasPrefix(line, "SHOW "):
			return ok(line, show)
		case strings.Contains(line, "?") != queries:
			return "300 - CLIENT ERROR \"no\"\n"
		case queries || strings.HasPrefix(line, "LIST / ") || line == "LIST /":
			return ok(line, strings.Join(names, ", "))
		}
		return ok(line, "")
	}
}

func TestNamesThatAServerListsLeadNowhereElse(t *testing.T) {
	evil := []string{
		"../up.txt", "../../up.txt", "/etc/up.txt", "..", "a/../../up.txt", "./a.txt", ".ssh/key", "a//b.txt",
		"a\x1b[31m.txt", "a\x00.txt", "a\u202e.txt", "a\xff.txt", "a b.txt", `a\b.txt`, "a?b", strings.Repeat("x", 33),
		strings.Repeat("d", 256) + "/x", strings.Repeat("dir/", 254) + "too.long",
	}
	for _, queries := range []bool{true, false} {
		parent := t.TempDir()
		to := filepath.Join(parent, "to")
		o := options(respond(t, lists(queries, append([]string{"ok.txt", "sub/ok.txt"}, evil...), "evil")))
		result, err := mirror.Pull(within(t), sttp.Root, to, o.Options)
		if err != nil || result[mirror.Created] != 2 || result[mirror.Failed] != len(evil) {
			t.Errorf("queries %v: %v, error %v", queries, result, err)
		}
		if diff := cmp.Diff(map[string]string{"to/ok.txt": "evil", "to/sub/ok.txt": "evil"}, read(t, parent)); diff != "" {
			t.Error(diff)
		}
		for _, name := range evil {
			e := o.events[name]
			if e.Outcome != mirror.Failed || e.Err == nil {
				t.Errorf("%q: %+v", name, e)
			} else if errors.As(e.Err, new(*sttp.Error)) {
				t.Errorf("%q: %v, as if the server had answered that", name, e.Err)
			}
		}
	}
}

func TestContentsThatAreNoSnippetAreNotWritten(t *testing.T) {
	for _, show := range []string{"a\x1b[31m", "a\xff", strings.Repeat("x", 161)} {
		to := t.TempDir()
		o := options(respond(t, lists(true, []string{"a.txt"}, show)))
		result, err := mirror.Pull(within(t), sttp.Root, to, o.Options)
		if err != nil || result != (mirror.Result{mirror.Failed: 1}) || len(read(t, to)) > 0 {
			t.Errorf("%q: %v, error %v", show, result, err)
		}
	}
}

func TestAListingWithoutAnEndEnds(t *testing.T) {
	page := func(from int) string {
		var names []string
		for i := range sttp.MaxLimit {
			names = append(names, fmt.Sprintf("%09d.txt", from+i))
		}
		return strings.Join(names, ", ")
	}
	var pages, dirs atomic.Int64
	for name, test := range map[string]struct {
		reply func(line string) string
		want  error
	}{
		"new names on every page": {func(line string) string { return ok(line, page(int(pages.Add(sttp.MaxLimit)))) }, mirror.ErrTooMany},
		"the same page again":     {func(line string) string { return ok(line, page(0)) }, client.ErrProtocol},
		"directories in directories": {func(line string) string {
			if strings.Contains(line, "?") {
				return "300 - CLIENT ERROR \"no\"\n"
			}
			n := dirs.Add(2)
			return ok(line, fmt.Sprintf("%d/, %d/", n, n+1))
		}, mirror.ErrTooMany},
	} {
		o := options(respond(t, test.reply))
		o.MaxListing = 1 << 18
		to := filepath.Join(t.TempDir(), "to")
		if result, err := mirror.Pull(within(t), sttp.Root, to, o.Options); !errors.Is(err, test.want) || result != (mirror.Result{}) {
			t.Errorf("%s: %v, error %v, want %v", name, result, err, test.want)
		}
		if _, err := os.Stat(to); err == nil {
			t.Errorf("%s: the directory was made", name)
		}
	}
}

func TestADirectoryThatListsItselfComesToAnEnd(t *testing.T) {
	o := options(respond(t, func(line string) string {
		if strings.Contains(line, "?") {
			return "300 - CLIENT ERROR \"no\"\n"
		}
		if strings.HasPrefix(line, "SHOW") {
			return ok(line, "x")
		}
		return ok(line, strings.Repeat("d", 250)+"/, a.txt")
	}))
	to := t.TempDir()
	result, err := mirror.Pull(within(t), sttp.Root, to, o.Options)
	if err != nil || result != (mirror.Result{mirror.Created: 5, mirror.Failed: 1}) {
		t.Errorf("%v, error %v", result, err)
	}
}

func TestAServerThatHoldsAFileAndADirectoryOfOneNameLosesNothingHere(t *testing.T) {
	for range 20 {
		o := options(respond(t, lists(true, []string{"a", "a/b", "a/b/c"}, "x")))
		to := t.TempDir()
		result, err := mirror.Pull(within(t), sttp.Root, to, o.Options)
		if err != nil || result[mirror.Created] != 1 || result[mirror.Failed] != 2 {
			t.Errorf("%v, error %v: %v", result, err, o.outcomes())
		}
	}
}

func TestAFileThatAppearsMeanwhileIsNotOverwritten(t *testing.T) {
	// As on a file system that takes both names for one.
	to := t.TempDir()
	all := lists(true, []string{"a.txt", "sub/b.txt"}, "theirs")
	o := options(respond(t, func(line string) string {
		if line == "SHOW /a.txt" {
			os.WriteFile(filepath.Join(to, "a.txt"), []byte("mine"), 0o666)
			os.Mkdir(filepath.Join(to, "sub"), 0o777)
		}
		return all(line)
	}))
	result, err := mirror.Pull(within(t), sttp.Root, to, o.Options)
	if err != nil || result != (mirror.Result{mirror.Created: 1, mirror.Failed: 1}) {
		t.Errorf("%v, error %v", result, err)
	}
	if diff := cmp.Diff(map[string]string{"a.txt": "mine", "sub/b.txt": "theirs"}, read(t, to)); diff != "" {
		t.Error(diff)
	}
}

func TestADirectoryThatBecomesALinkIsNotFollowedOut(t *testing.T) {
	parent := t.TempDir()
	to, outside := filepath.Join(parent, "to"), filepath.Join(parent, "outside")
	for _, dir := range []string{filepath.Join(to, "sub"), outside} {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	all := lists(true, []string{"sub/b.txt"}, "theirs")
	o := options(respond(t, func(line string) string {
		if strings.HasPrefix(line, "SHOW ") {
			os.Remove(filepath.Join(to, "sub"))
			os.Symlink("../outside", filepath.Join(to, "sub"))
		}
		return all(line)
	}))
	result, err := mirror.Pull(within(t), sttp.Root, to, o.Options)
	if err != nil || result != (mirror.Result{mirror.Failed: 1}) || len(read(t, outside)) > 0 {
		t.Errorf("%v, error %v, outside are %v", result, err, read(t, outside))
	}
}

func TestWhatIsDeletedMeanwhileIsNoFailure(t *testing.T) {
	all := lists(true, []string{"a.txt", "b.txt"}, "x")
	to := dir(t, map[string]string{"a.txt": "old"})
	o := options(respond(t, func(line string) string {
		if line == "SHOW /a.txt" {
			return "400 /a.txt NOT FOUND\n"
		}
		return all(line)
	}))
	o.Delete = true
	result, err := mirror.Pull(within(t), sttp.Root, to, o.Options)
	if err != nil || result != (mirror.Result{mirror.Created: 1}) || read(t, to)["a.txt"] != "old" {
		t.Errorf("%v, error %v", result, err)
	}
}
