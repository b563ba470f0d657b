package check

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// snippetFileCases are those about the files of snippets, and a directory
// without any.
func snippetFileCases() []Case {
	return []Case{
		{
			ID: "STTP-5.4-EMPTY-001", Title: "LIST of an empty directory is answered 200 with an empty line",
			Statements: []string{"5.4-6", "6.1-2"}, Story: "disk", Strict: Must, Needs: Files, Run: emptyDirectory,
			Accepts: "200 and an empty contents line, with and without a slash at the end of the path", Netcat: `mkdir DOCROOT/empty; printf 'LIST /empty\n\n' | nc HOST PORT`,
			Hints: []Hint{
				{MissingContents, "the contents line is there also when it is empty: a 200 is always two lines"},
				{GotStatus(400), "a directory that exists is there also when nothing is in it; 400 is for one that does not exist"},
			},
		},
		{
			ID: "STTP-9.2-FILE-001", Title: "The file of a snippet holds exactly the contents",
			Statements: []string{"9.2-1"}, Story: "disk", Strict: Must, Needs: Files | Linux, Run: exactFiles,
			Accepts: "the bytes of the contents, and nothing else", Netcat: `printf 'CREATE /try/a.txt "Buy milk"\n\n' | nc HOST PORT; od -c DOCROOT/try/a.txt`,
			Hints: []Hint{
				{ExtraNewline, "write the contents without a newline at the end; Println and its like add one"},
				{QuotesKept, "the quotes around contents are for the line only: store what is between them"},
				{Unexpected, "the file of /notes/a.txt is notes/a.txt below the docroot"},
			},
		},
		{
			ID: "STTP-9.2-FILE-002", Title: "The newline that an editor leaves at the end of a file is not served",
			Statements: []string{"9.2-2"}, Story: "disk", Strict: Must, Needs: Files | Linux, Run: editedFiles,
			Accepts: "the contents without one LF or CR LF at the end", Netcat: `printf 'Buy milk\r\n' > DOCROOT/try/a.txt; printf 'SHOW /try/a.txt\n\n' | nc HOST PORT`,
			Hints: []Hint{
				{ExtraBytes, "take one LF from the end of what the file holds, and one CR before it"},
				{GotStatus(500), "take one LF from the end of what the file holds, and one CR before it, before you check that it is a snippet"},
				{CutShort, "take away no more than one LF and one CR: spaces at the end belong to the contents"},
			},
		},
		{
			ID: "STTP-9.2-FILE-003", Title: "SHOW of a file that is no snippet is answered 500",
			Statements: []string{"9.2-3", "6.3-4", "6.4-4"}, Story: "disk", Strict: Must, Needs: Files | Linux, Run: spoiltFiles,
			Accepts: "500 for two lines, 161 characters, bytes that are not UTF-8, a CR, control characters, or 8 MiB", Netcat: `printf 'one\ntwo\n' > DOCROOT/try/a.txt; printf 'SHOW /try/a.txt\n\n' | nc HOST PORT`,
			Hints: []Hint{
				{GotStatus(200), "check what a file holds by the rules for contents before you serve it: others may have written it"},
				{CutShort, "what is too long is not cut: it is a 500"},
			},
		},
		{
			ID: "STTP-9.2-FILE-004", Title: "UPDATE, DELETE, LIST and CREATE treat a file that is no snippet like any other",
			Statements: []string{"9.2-4"}, Story: "disk", Strict: Must, Needs: Files | Linux, Run: changedSpoiltFiles,
			Accepts: "200 to UPDATE and LIST, 600 to DELETE, 300 to CREATE", Netcat: `printf 'one\ntwo\n' > DOCROOT/try/a.txt; printf 'UPDATE /try/a.txt Buy milk\n\n' | nc HOST PORT`,
			Hints: []Hint{{GotStatus(500), "UPDATE and DELETE need not read the file that they replace or remove"}},
		},
	}
}

func emptyDirectory(t *T) {
	p := t.FilesProcess()
	t.must(os.MkdirAll(t.file(p, "empty"), 0o755))
	t.Want("LIST {d}/empty", "200 {d}/empty OK", "")
	t.Want("LIST {d}/empty/", "200 {d}/empty/ OK", "")
	t.Want("LIST {d}", "200 {d} OK", "empty/")
}

func exactFiles(t *T) {
	p := t.FilesProcess()
	for i, c := range [][2]string{
		{"Buy milk", "Buy milk"}, {`"Buy milk"`, "Buy milk"}, {`""`, ""}, {`"  two spaces  "`, "  two spaces  "},
		{`"say \"hi\""`, `say "hi"`}, {"a\ttab", "a\ttab"}, {"{é*160}", strings.Repeat("é", 160)},
	} {
		name := fmt.Sprintf("%d.txt", i)
		t.Want("CREATE {d}/"+name+" "+c[0], "100 {d}/"+name+" CREATED")
		t.wantFile(p, name, c[1])
	}
	t.Want("UPDATE {d}/6.txt short", "200 {d}/6.txt OK", "short")
	t.wantFile(p, "6.txt", "short")
}

func editedFiles(t *T) {
	p := t.FilesProcess()
	files := [][2]string{
		{"Buy milk\n", "Buy milk"}, {"Buy milk\r\n", "Buy milk"}, {"Buy milk", "Buy milk"}, {"", ""}, {"\n", ""}, {"\r\n", ""},
		{"  spaces  \n", "  spaces  "}, {"tab\t\n", "tab\t"}, {`"quoted"` + "\n", `"quoted"`},
		{strings.Repeat("é", 160) + "\r\n", strings.Repeat("é", 160)},
	}
	for i, f := range files {
		t.write(p, fmt.Sprintf("%d.txt", i), f[0])
	}
	for i, f := range files {
		name := fmt.Sprintf("{d}/%d.txt", i)
		t.Want("SHOW "+name, "200 "+name+" OK", f[1])
	}
}

// notSnippets are what files can hold that is no snippet.
var notSnippets = []string{
	"one\ntwo", "one\ntwo\n", "one\n\n", "a CR at the end\r", "two CRs\r\r\n", "a CR\rwithin", strings.Repeat("x", 161), strings.Repeat("é", 161) + "\n",
	"not \xff UTF-8", "cut short \xe2\x82", "\xed\xa0\x80", "a NUL \x00", "an \x1b[31mescape", "a C1 \u0085", strings.Repeat("x", 8<<20),
}

func spoiltFiles(t *T) {
	p := t.FilesProcess()
	for i, text := range notSnippets {
		t.write(p, fmt.Sprintf("%d.txt", i), text)
	}
	for i := range notSnippets {
		name := fmt.Sprintf("%s/%d.txt", t.dir, i)
		got, end := t.Ask("SHOW " + name)
		t.Judge("SHOW "+name, got, end, "500 "+name+" SERVER ERROR "+anyMessage)
		t.tellsNoInternals(p, got)
	}
}

func changedSpoiltFiles(t *T) {
	p := t.FilesProcess()
	var names []string
	for i, text := range notSnippets {
		names = append(names, fmt.Sprintf("%02d.txt", i))
		t.write(p, names[i], text)
	}
	t.Want("LIST {d}", "200 {d} OK", strings.Join(names, ", "))
	for i, name := range names {
		file := "{d}/" + name
		t.Want("CREATE "+file+" Buy milk", "300 "+file+" CLIENT ERROR "+anyMessage)
		if i%2 == 0 {
			t.Want("UPDATE "+file+" Buy milk", "200 "+file+" OK", "Buy milk")
			t.Want("SHOW "+file, "200 "+file+" OK", "Buy milk")
		}
		t.Want("DELETE "+file, "600 "+file+" DELETED")
	}
}

// ownFileCases are those about what else lies in the docroot.
func ownFileCases() []Case {
	return []Case{
		{
			ID: "STTP-9.3-OWN-001", Title: "While and after files change, the docroot holds snippets, and else only names that begin with a dot",
			Statements: []string{"9.3-1", "9.2-1"}, Story: "disk", Strict: Must, Needs: Files | Linux, Limit: execLimit, Run: ownFilesHaveDots,
			Accepts: "anything whose name, or that of a directory it lies in, begins with a dot", Netcat: `ls -AR DOCROOT # while clients change files`,
			Hints: []Hint{{Unexpected, "give the files that the server writes for itself names with a dot at the front, such as .sttp-tmp-17: no request can reach those, and no LIST shows them"}},
		},
		{
			ID: "STTP-9.4-FILESYSTEM-001", Title: "The docroot lies on a file system that compares names byte by byte",
			Statements: []string{"9.4-1"}, Story: "disk", Strict: Should, Needs: Files, Run: namesAreBytes,
			Accepts: "two files for Milk and milk, and two for the forms of é", Netcat: "touch DOCROOT/Milk DOCROOT/milk; ls DOCROOT",
			Hints: []Hint{{Unexpected, "this is about the disk, not about the server: put the docroot on a file system such as ext4, XFS, Btrfs or tmpfs; the checker makes its docroot in the directory that the variable TMPDIR names"}},
		},
	}
}

func namesAreBytes(t *T) {
	p := t.FilesProcess()
	names := []string{"Milk.txt", "milk.txt", "\u00e9.txt", "e\u0301.txt"}
	for _, name := range names {
		t.write(p, name, name)
	}
	for _, name := range names {
		if got, err := os.ReadFile(t.file(p, name)); err != nil || string(got) != name {
			t.Fail(Unexpected, "on this file system %+q is the name of another file, too", name)
		}
	}
}

// ownFilesHaveDots looks again and again at the docroot while clients change
// files.
func ownFilesHaveDots(t *T) {
	p := t.FilesProcess()
	ctx, cancel := context.WithCancel(t.ctx)
	var stray []string
	var looking sync.WaitGroup
	t.Go(&looking, func() {
		for ctx.Err() == nil && len(stray) == 0 {
			stray = t.strays(p)
		}
	})
	var clients sync.WaitGroup
	for i := range 4 {
		t.Go(&clients, func() {
			for j := range 8 {
				file := fmt.Sprintf("%s/%d/%d.txt", t.dir, i, j%3)
				for _, line := range []string{"CREATE " + file + " old", "UPDATE " + file + " new", "DELETE " + file} {
					t.TryAsk(line)
				}
				t.TryAsk(fmt.Sprintf("CREATE %s/%d/kept-%d.txt old", t.dir, i, j))
			}
		})
	}
	clients.Wait()
	cancel()
	looking.Wait()
	stray = append(stray, t.strays(p)...)
	if len(stray) > 0 {
		t.Fail(Unexpected, "%q lies in the docroot, and nobody has created it", stray[0])
	}
}

// strays returns the files in the docroot that are no snippets of the checker
// and do not begin with a dot. A docroot that is not the checker's own may hold
// others outside the checker's directory.
func (t *T) strays(p *Process) (stray []string) {
	top := p.Docroot()
	if !below(p.dir, top) {
		top = p.File("/" + t.run.name)
	}
	filepath.WalkDir(top, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // it has just gone
		}
		if name != top && strings.HasPrefix(d.Name(), ".") {
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		path := filepath.ToSlash(strings.TrimPrefix(name, p.Docroot()))
		if !d.IsDir() && !t.mayHaveMade(path) {
			stray = append(stray, path)
		}
		return nil
	})
	slices.Sort(stray)
	return stray
}

// mayHaveMade tells whether a path is one that a case may have created: this
// one, or one before, whose directory is not this one's.
func (t *T) mayHaveMade(path string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.made[path] || strings.HasPrefix(path, "/"+t.run.name+"/") && !strings.HasPrefix(path, t.dir+"/")
}
