package check

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// diskCases are those of section 9.
func diskCases() []Case {
	return slices.Concat(hiddenCases(), snippetFileCases(), ownFileCases())
}

// write puts a file into the directory of the case by hand.
func (t *T) write(p *Process, name, contents string) {
	t.Note("%s/%s is written by hand: %.60q", t.dir, name, contents)
	t.must(os.WriteFile(t.file(p, name), []byte(contents), 0o644))
}

// link puts a symbolic link into the directory of the case.
func (t *T) link(p *Process, name, target string) {
	t.Note("%s/%s is made a symbolic link to %s", t.dir, name, target)
	t.must(os.Symlink(target, t.file(p, name)))
}

// fifo puts a FIFO into the directory of the case.
func (t *T) fifo(p *Process, name string) {
	t.Note("%s/%s is made a FIFO", t.dir, name)
	t.must(makeFIFO(t.file(p, name)))
}

// file returns where a file in the directory of the case is, which is made if
// it is missing.
func (t *T) file(p *Process, name string) string {
	t.must(os.MkdirAll(p.File(t.dir), 0o755))
	return p.File(t.dir + "/" + name)
}

// must ends the case if something could not be prepared.
func (t *T) must(err error) {
	if err != nil {
		t.Untested("what the case needs could not be prepared: %v", err)
	}
}

// wantLeft ends the case unless the file is still of this type.
func (t *T) wantLeft(p *Process, name string, kind fs.FileMode) {
	info, err := os.Lstat(t.file(p, name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		t.Fail(Unexpected, "%s has been removed", name)
	case err != nil:
		t.Untested("%s cannot be looked at: %v", name, err)
	case info.Mode().Type() != kind:
		t.Fail(Unexpected, "%s has been replaced: it is now of type %v", name, info.Mode().Type())
	}
}

// wantFile ends the case unless a file holds exactly this.
func (t *T) wantFile(p *Process, name, contents string) {
	got, err := os.ReadFile(t.file(p, name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		t.Fail(Unexpected, "%s is not below the docroot, where it has to be", name)
	case err != nil:
		t.Untested("%s cannot be read: %v", name, err)
	case string(got) != contents:
		t.FailWith(&Problem{Symptom: fileSymptom(contents, string(got)), Says: "the file " + name + " does not hold exactly the contents",
			Expected: contents, Got: string(got), At: commonPrefix(contents, string(got))})
	}
}

func fileSymptom(want, got string) Symptom {
	switch {
	case got == want+"\n" || got == want+"\r\n":
		return ExtraNewline
	case got == `"`+want+`"`:
		return QuotesKept
	}
	return WrongContents
}

// wantRefused ends the case unless the request is answered with one of the
// errors.
func (t *T) wantRefused(line string) {
	line = t.Expand(line)
	got, end := t.Ask(line)
	if status := splitStatusLine(got).status; status >= 300 && status < 600 {
		return
	}
	p := difference("500 "+exchange{request: line}.path()+" SERVER ERROR "+anyMessage+"\n", got)
	if got == "" {
		p.blame(end, t.timeout)
	} else {
		p.Says = fmt.Sprintf("%q is not answered with an error", line)
	}
	t.FailWith(p)
}

// notThere ends the case unless a name in the directory of the case is treated
// as one that is not there, by every action that would not make it.
func (t *T) notThere(name string) {
	file := t.dir + "/" + name
	t.Want("SHOW "+file, "400 "+file+" NOT FOUND")
	t.Want("UPDATE "+file+" new contents", "400 "+file+" NOT FOUND")
	t.Want("DELETE "+file, "400 "+file+" NOT FOUND")
	t.Want("LIST "+file, "400 "+file+" NOT FOUND")
	t.Want("LIST {d}", "200 {d} OK", "visible.txt")
}

const lstatHint = "look with lstat, which does not follow links, and take only what is a regular file or a directory; open with O_NOFOLLOW and O_NONBLOCK, and look again with fstat at what was opened"

var hiddenHints = []Hint{
	{GotStatus(100), "make a file in a way that fails if the name is taken: link, or open with O_CREAT and O_EXCL, not rename"},
	{GotStatus(200), lstatHint}, {GotStatus(300), lstatHint}, {GotStatus(500), lstatHint}, {GotStatus(600), lstatHint},
	{WrongContents, "LIST has to leave out what is neither a regular file nor a directory: look at the type of each entry, without following links"},
	{NoReply, "opening a FIFO waits until somebody writes to it: open with O_NONBLOCK, or look with lstat before"},
	{Unexpected, lstatHint},
}

// hiddenCases are those about what is treated as not there.
func hiddenCases() []Case {
	hidden := func(id, title string, run func(*T), netcat string, statements ...string) Case {
		return Case{
			ID: id, Title: title, Statements: statements, Story: "disk", Strict: Must, Needs: Files | Linux, Run: run,
			Accepts: "400 to SHOW, UPDATE, DELETE and LIST of it; LIST of its directory does not show it; it stays as it is", Hints: hiddenHints, Netcat: netcat,
		}
	}
	return []Case{
		hidden("STTP-9.1-LINK-001", "A symbolic link to a file is not there", linkToFile,
			`ln -s visible.txt DOCROOT/try/link; printf 'SHOW /try/link\n\n' | nc HOST PORT`, "9.1-2", "9.1-1"),
		hidden("STTP-9.1-LINK-002", "A symbolic link to a directory is not there, nor is anything below it", linkToDirectory,
			`ln -s dir DOCROOT/try/link; printf 'SHOW /try/link/a.txt\n\n' | nc HOST PORT`, "9.1-2", "5.7-2"),
		hidden("STTP-9.1-LINK-003", "A symbolic link that leads nowhere is not there", danglingLink,
			`ln -s nowhere DOCROOT/try/link; printf 'SHOW /try/link\n\n' | nc HOST PORT`, "9.1-2", "9.1-5"),
		hidden("STTP-9.1-LINK-004", "A symbolic link that leads out of the docroot is not there", linkOutside,
			`ln -s /proc/sys/kernel/ostype DOCROOT/try/link; printf 'SHOW /try/link\n\n' | nc HOST PORT`, "9.1-2"),
		hidden("STTP-9.1-FIFO-001", "A FIFO is not there and makes no request wait", fifoIsNotThere,
			`mkfifo DOCROOT/try/fifo; printf 'SHOW /try/fifo\n\n' | nc HOST PORT`, "9.1-4", "9.1-1"),
		{
			ID: "STTP-9.1-OCCUPIED-001", Title: "CREATE does not replace what is treated as not there, nor write to what it leads to",
			Statements: []string{"9.1-5"}, Story: "disk", Strict: Must, Needs: Files | Linux, Run: createOverHidden,
			Accepts: "any error; what has the name stays as it is", Hints: hiddenHints,
			Netcat: `mkfifo DOCROOT/try/fifo; printf 'CREATE /try/fifo Buy milk\n\n' | nc HOST PORT`,
		},
		{
			ID: "STTP-9.1-HIDDEN-001", Title: "DELETE of the last snippet of a directory leaves alone what is treated as not there",
			Statements: []string{"9.1-1", "9.1-3"}, Story: "disk", Strict: Must, Needs: Files | Linux, Run: deleteLeavesHidden,
			Accepts: "600; the hidden files stay", Hints: []Hint{{Unexpected, "remove a directory with rmdir, which fails if anything is in it, and never with everything below it"}},
			Netcat: `touch DOCROOT/try/.hidden; printf 'DELETE /try/a.txt\n\n' | nc HOST PORT; ls -A DOCROOT/try`,
		},
		{
			ID: "STTP-9.1-HIDDEN-002", Title: "A directory with nothing but hidden things in it stays as an empty one, or goes",
			Statements: []string{"9.1-6"}, Story: "disk", Strict: Choice, Needs: Files | Linux, Run: directoryOfHidden,
			Accepts: "LIST of it: 200 with an empty line, or 400",
			Netcat:  `touch DOCROOT/try/.hidden; printf 'DELETE /try/a.txt\n\n' | nc HOST PORT; printf 'LIST /try\n\n' | nc HOST PORT`,
		},
		{
			ID: "STTP-9.1-NAMES-001", Title: "What no request can name is not listed",
			Statements: []string{"9.1-3"}, Story: "disk", Strict: Must, Needs: Files | Linux, Run: namesThatCannotBeNamed,
			Accepts: "a LIST of exactly what can be named", Hints: []Hint{{WrongContents, "LIST has to leave out names that no request could have: check each with the rules for paths, and those of files for their 32 characters"}},
			Netcat: `touch DOCROOT/try/.hidden DOCROOT/try/'a b'; printf 'LIST /try\n\n' | nc HOST PORT`,
		},
		{
			ID: "STTP-9.1-HARDLINK-001", Title: "Two hard links are two files, which an UPDATE of one separates",
			Statements: []string{"9.1-1", "5.5-1"}, Story: "disk", Strict: Robust, Needs: Files | Linux, Run: hardLinks,
			Accepts: "both are served; after UPDATE of one the other has the old contents", Hints: []Hint{{WrongContents, "UPDATE has to put a new file in place of the name (write another file, then rename) rather than to write into the old one"}},
			Netcat: `ln DOCROOT/try/a.txt DOCROOT/try/b.txt; printf 'UPDATE /try/a.txt new\n\n' | nc HOST PORT; printf 'SHOW /try/b.txt\n\n' | nc HOST PORT`,
		},
	}
}

func linkToFile(t *T) {
	p := t.FilesProcess()
	t.write(p, "visible.txt", "Buy milk")
	t.link(p, "link.txt", "visible.txt")
	t.notThere("link.txt")
	t.wantLeft(p, "link.txt", fs.ModeSymlink)
	t.wantFile(p, "visible.txt", "Buy milk")
}

func linkToDirectory(t *T) {
	p := t.FilesProcess()
	t.write(p, "visible.txt", "Buy milk")
	t.must(os.MkdirAll(t.file(p, ".target"), 0o755))
	t.write(p, ".target/a.txt", "Buy milk")
	t.link(p, "link", ".target")
	t.notThere("link")
	for _, line := range []string{"SHOW {d}/link/a.txt", "UPDATE {d}/link/a.txt new contents", "DELETE {d}/link/a.txt"} {
		t.Want(line, "410 {d}/link/ PATH NOT FOUND")
	}
	t.Want("LIST {d}/link/", "400 {d}/link/ NOT FOUND")
	t.wantRefused("CREATE {d}/link/b.txt new contents")
	t.wantRefused("CREATE {d}/link/below/b.txt new contents")
	t.wantLeft(p, "link", fs.ModeSymlink)
	t.wantFile(p, ".target/a.txt", "Buy milk")
	if left, err := os.ReadDir(t.file(p, ".target")); err == nil && len(left) != 1 {
		t.Fail(Unexpected, "CREATE has made a file through the link")
	}
}

func danglingLink(t *T) {
	p := t.FilesProcess()
	t.write(p, "visible.txt", "Buy milk")
	t.link(p, "link.txt", ".nowhere")
	t.notThere("link.txt")
	t.wantRefused("CREATE {d}/link.txt new contents")
	t.wantLeft(p, "link.txt", fs.ModeSymlink)
	if _, err := os.Lstat(t.file(p, ".nowhere")); err == nil {
		t.Fail(Unexpected, "CREATE has made a file through the link")
	}
}

func linkOutside(t *T) {
	p := t.FilesProcess()
	t.write(p, "visible.txt", "Buy milk")
	t.link(p, "link.txt", "/proc/sys/kernel/ostype")
	t.link(p, "link", "/proc/sys")
	t.Want("SHOW {d}/link.txt", "400 {d}/link.txt NOT FOUND")
	t.Want("SHOW {d}/link/kernel/ostype", "410 {d}/link/kernel/ PATH NOT FOUND")
	t.Want("LIST {d}/link/kernel", "400 {d}/link/kernel NOT FOUND")
	t.Want("LIST {d}", "200 {d} OK", "visible.txt")
}

func fifoIsNotThere(t *T) {
	p := t.FilesProcess()
	t.write(p, "visible.txt", "Buy milk")
	t.fifo(p, "fifo.txt")
	t.notThere("fifo.txt")
	t.Want("SHOW {d}/fifo.txt/a.txt", "410 {d}/fifo.txt/ PATH NOT FOUND")
	t.wantLeft(p, "fifo.txt", fs.ModeNamedPipe)
	t.Want("SHOW {d}/visible.txt", "200 {d}/visible.txt OK", "Buy milk")
}

func createOverHidden(t *T) {
	p := t.FilesProcess()
	t.write(p, ".target", "Buy milk")
	t.link(p, "link.txt", ".target")
	t.fifo(p, "fifo.txt")
	for _, line := range []string{"CREATE {d}/link.txt new contents", "CREATE {d}/fifo.txt new contents", "CREATE {d}/link.txt/a.txt new contents", "CREATE {d}/fifo.txt/a.txt new contents"} {
		t.wantRefused(line)
	}
	t.wantLeft(p, "link.txt", fs.ModeSymlink)
	t.wantLeft(p, "fifo.txt", fs.ModeNamedPipe)
	t.wantFile(p, ".target", "Buy milk")
}

func deleteLeavesHidden(t *T) {
	p := t.FilesProcess()
	t.write(p, "a.txt", "Buy milk")
	t.write(p, ".hidden", "not the server's")
	t.fifo(p, "fifo")
	t.Want("DELETE {d}/a.txt", "600 {d}/a.txt DELETED")
	t.wantFile(p, ".hidden", "not the server's")
	t.wantLeft(p, "fifo", fs.ModeNamedPipe)
}

func directoryOfHidden(t *T) {
	p := t.FilesProcess()
	t.write(p, "a.txt", "Buy milk")
	t.write(p, ".hidden", "not the server's")
	t.Want("DELETE {d}/a.txt", "600 {d}/a.txt DELETED")
	got, end := t.Ask("LIST {d}")
	switch got {
	case t.Expand("200 {d} OK\n\n"):
		t.Chose("a directory with nothing but hidden things in it stays as an empty one")
	case t.Expand("400 {d} NOT FOUND\n"):
		t.Chose("a directory with nothing but hidden things in it is not there")
	}
	t.Judge(t.Expand("LIST {d}"), got, end, t.Expand("200 {d} OK"), "")
}

func namesThatCannotBeNamed(t *T) {
	p := t.FilesProcess()
	t.write(p, "visible.txt", "Buy milk")
	t.must(os.MkdirAll(t.file(p, "dir-"+strings.Repeat("x", 40)), 0o755))
	t.write(p, "dir-"+strings.Repeat("x", 40)+"/a.txt", "Buy milk")
	for _, name := range []string{".hidden", strings.Repeat("x", 33), `back\slash`, "bad\xffutf8", "a space", "a\ttab", "a\x1bescape", "question?", "soft\u00adhyphen", "no\u00a0break", "a\nline"} {
		t.write(p, name, "hidden")
	}
	for _, name := range []string{".hiddendir", "dir with space", `dir\back`} {
		t.must(os.MkdirAll(t.file(p, name), 0o755))
		t.write(p, name+"/a.txt", "hidden")
	}
	t.Want("LIST {d}", "200 {d} OK", "dir-{x*40}/, visible.txt")
	t.Want("SHOW {d}/visible.txt", "200 {d}/visible.txt OK", "Buy milk")
}

func hardLinks(t *T) {
	p := t.FilesProcess()
	t.write(p, "a.txt", "old contents")
	t.must(os.Link(t.file(p, "a.txt"), t.file(p, "b.txt")))
	t.Want("SHOW {d}/b.txt", "200 {d}/b.txt OK", "old contents")
	t.Want("UPDATE {d}/a.txt new contents", "200 {d}/a.txt OK", "new contents")
	t.Want("SHOW {d}/a.txt", "200 {d}/a.txt OK", "new contents")
	t.Want("SHOW {d}/b.txt", "200 {d}/b.txt OK", "old contents")
}
