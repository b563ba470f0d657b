package storetest

import (
	"fmt"
	"strings"
	"unsafe"

	"sttp"
	"sttp/store"
)

var changeCases = []testCase{
	{"a created file holds its contents", func(s fixture) {
		for i, text := range []string{"Buy milk", "", `"quoted" and \`, "tab\tbed", " spaces ", "päivää", strings.Repeat("𝄞", sttp.MaxContents)} {
			file := fmt.Sprintf("/n%d.txt", i)
			s.succeeds("Create", s.create(file, text))
			s.holds(file, text)
		}
	}},
	{"a name may be as long as the protocol allows", func(s fixture) {
		for _, file := range []string{
			"/" + strings.Repeat("x", sttp.MaxFilename),
			"/" + strings.Repeat("𝄞", sttp.MaxFilename),
			"/" + strings.Repeat("d", sttp.MaxSegment) + "/a.txt",
			strings.Repeat("/d", sttp.MaxPath/2),
		} {
			s.succeeds("Create", s.create(file, "x"))
			s.holds(file, "x")
			s.succeeds("Update", s.update(file, "y"))
			s.holds(file, "y")
			s.succeeds("Delete", s.delete(file))
		}
		s.lists("/")
	}},
	{"a file is created once", func(s fixture) {
		s.with("/a.txt", "/d/b.txt")
		s.fails("Create of a file that exists", s.create("/a.txt", "other"), store.ErrExists)
		s.fails("Create of a file that exists", s.create("/d/b.txt", "other"), store.ErrExists)
		s.holds("/a.txt", "/a.txt")
		s.holds("/d/b.txt", "/d/b.txt")
	}},
	{"Create makes the directories on the way", func(s fixture) {
		s.with("/a/b/c/d.txt", "/a/x.txt")
		s.lists("/", "a/")
		s.lists("/a/", "b/", "x.txt")
		s.lists("/a/b/", "c/")
		s.lists("/a/b/c/", "d.txt")
	}},
	{"Create makes no file of a directory", func(s fixture) {
		s.with("/d/e/a.txt")
		for _, p := range []string{"/d", "/d/e", "/d/", "/d/e/", "/"} {
			s.fails("Create of "+p, s.create(p, "x"), store.ErrIsDirectory)
		}
		s.lists("/d/", "e/")
	}},
	{"Create makes no directory of a file and leaves none behind", func(s fixture) {
		s.with("/a.txt", "/d/b.txt")
		for _, p := range []string{"/a.txt/x.txt", "/a.txt/e/x.txt", "/d/b.txt/x.txt", "/d/b.txt/e/f/x.txt"} {
			s.fails("Create of "+p, s.create(p, "x"), store.ErrInTheWay)
		}
		s.lists("/", "a.txt", "d/")
		s.lists("/d/", "b.txt")
		s.holds("/a.txt", "/a.txt")
	}},
	{"Update replaces what a file holds", func(s fixture) {
		s.with("/a.txt", "/d/b.txt")
		for _, text := range []string{strings.Repeat("long", 40), "short", "", "again"} {
			s.succeeds("Update", s.update("/d/b.txt", text))
			s.holds("/d/b.txt", text)
		}
		s.holds("/a.txt", "/a.txt")
		s.lists("/d/", "b.txt")
	}},
	{"Update makes nothing that was not there", func(s fixture) {
		s.with("/a.txt", "/d/b.txt")
		s.fails("Update of a missing file", s.update("/x.txt", "x"), store.ErrNotFound)
		s.fails("Update of a missing file", s.update("/d/x.txt", "x"), store.ErrNotFound)
		s.fails("Update in a missing directory", s.update("/e/x.txt", "x"), store.ErrPathNotFound)
		s.fails("Update below a file", s.update("/a.txt/x.txt", "x"), store.ErrPathNotFound)
		s.fails("Update of a directory", s.update("/d", "x"), store.ErrIsDirectory)
		s.fails("Update of a directory", s.update("/d/", "x"), store.ErrIsDirectory)
		s.fails("Update of the root", s.update("/", "x"), store.ErrIsDirectory)
		s.lists("/", "a.txt", "d/")
		s.lists("/d/", "b.txt")
	}},
	{"a deleted file is gone and can be created again", func(s fixture) {
		s.with("/a.txt", "/b.txt")
		s.succeeds("Delete", s.delete("/a.txt"))
		s.lists("/", "b.txt")
		s.fails("Delete of a deleted file", s.delete("/a.txt"), store.ErrNotFound)
		s.fails("Update of a deleted file", s.update("/a.txt", "x"), store.ErrNotFound)
		s.succeeds("Create", s.create("/a.txt", "new"))
		s.holds("/a.txt", "new")
	}},
	{"Delete tells what is missing", func(s fixture) {
		s.with("/a.txt", "/d/b.txt")
		s.fails("Delete of a missing file", s.delete("/d/x.txt"), store.ErrNotFound)
		s.fails("Delete in a missing directory", s.delete("/e/x.txt"), store.ErrPathNotFound)
		s.fails("Delete below a file", s.delete("/a.txt/x.txt"), store.ErrPathNotFound)
		s.fails("Delete of a directory", s.delete("/d"), store.ErrIsDirectory)
		s.fails("Delete of a directory", s.delete("/d/"), store.ErrIsDirectory)
		s.fails("Delete of the root", s.delete("/"), store.ErrIsDirectory)
		s.lists("/d/", "b.txt")
	}},
	{"directories go with the last file below them", func(s fixture) {
		s.with("/a/b/c/1.txt", "/a/b/c/2.txt", "/a/x/3.txt")
		s.succeeds("Delete", s.delete("/a/b/c/1.txt"))
		s.lists("/a/b/c/", "2.txt")
		s.succeeds("Delete", s.delete("/a/b/c/2.txt"))
		s.lists("/a/", "x/")
		s.fails("Delete where the directory has gone", s.delete("/a/b/c/2.txt"), store.ErrPathNotFound)
		s.succeeds("Delete", s.delete("/a/x/3.txt"))
		s.lists("/")
	}},
	{"a name can be a file, then a directory, then a file again", func(s fixture) {
		for range 3 {
			s.with("/n")
			s.succeeds("Delete", s.delete("/n"))
			s.with("/n/n/n")
			s.succeeds("Delete", s.delete("/n/n/n"))
		}
		s.lists("/")
	}},
	{"what is passed in is not kept", func(s fixture) {
		pathBytes, textBytes := []byte("/d/e/a.txt"), []byte("first")
		file := path(s.t, unsafe.String(&pathBytes[0], len(pathBytes)))
		text := contents(s.t, unsafe.String(&textBytes[0], len(textBytes)))
		s.succeeds("Create", s.Create(s.t.Context(), file, text))
		again := s.Create(s.t.Context(), file, text)
		s.fails("Create of a file that exists", again, store.ErrExists)
		message := strings.Clone(again.Error())
		copy(pathBytes, "/x/y/z.txt")
		copy(textBytes, "other")
		if again.Error() != message {
			s.t.Errorf("an error changed with the caller's bytes: %q, before %q", again, message)
		}
		s.lists("/", "d/")
		s.holds("/d/e/a.txt", "first")
		s.succeeds("Delete", s.delete("/d/e/a.txt"))
		s.with("/d/e/a.txt", "/x/y/z.txt")
		s.lists("/", "d/", "x/")
	}},
}
