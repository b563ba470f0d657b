package check

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// spaceCases are about a disk that is full, and one that may not be written to.
func spaceCases() []Case {
	return []Case{
		{
			ID: "STTP-5.10-SPACE-001", Title: "Changes are answered 500 when the disk is full, and change nothing",
			Statements: []string{"5.10-1", "5.10-2", "6.4-4"}, Story: "durability", Strict: Must, Needs: Files | Linux, Limit: execLimit, Run: diskFull,
			Accepts: "500 to CREATE; UPDATE 500 with the old contents, or 200 with the new ones; DELETE works; directories of a CREATE that failed may be left",
			Netcat:  `for i in $(seq 100); do printf "CREATE /try/$i.txt Buy milk\n\n" | nc HOST PORT; done # on a docroot that is a tmpfs of 64 KiB`,
			Hints: []Hint{
				{GotStatus(100), "look at the error of every write and of close: a full disk is told there"},
				{GotStatus(200), "a CREATE that fails has to leave nothing: write the contents to another file first, give it the name when all is well, and remove it if not"},
				{GotStatus(510), "510 is for a directory that cannot be made because of permissions or a file in the way; a full disk is a 500"},
				{Unexpected, "write the new contents to another file first and give it the name when all is well; remove it if not"},
				{MissingContents, "look at the error of every write and of close: a full disk is told there"},
				{WrongContents, "look at the error of every write and of close; write the new contents to another file first and give it the name when all is well"},
			},
		},
		{
			ID: "STTP-5.2-LEFT-001", Title: "A CREATE that fails because the disk is full leaves no directory behind",
			Statements: []string{"5.2-6"}, Story: "durability", Strict: Should, Needs: Files | Linux, Limit: execLimit, Run: nothingLeft,
			Accepts: "400 to LIST of each directory that it would have made", Netcat: `printf 'CREATE /new/newer/a.txt Buy milk\n\n' | nc HOST PORT; printf 'LIST /new\n\n' | nc HOST PORT # on a disk that is full`,
			Hints: []Hint{{GotStatus(200), "when the file cannot be made, remove the directories that were made for it, as long as they are empty (rmdir does nothing to one that is not)"}},
		},
		{
			ID: "STTP-5.2-PERMISSION-001", Title: "CREATE is answered 510 with the directory if the permission to make it is missing",
			Statements: []string{"5.2-5", "6.3-2"}, Story: "path-errors", Strict: Must, Guide: Must, Needs: Files | Linux, Limit: execLimit, Run: noPermissionForDirectory,
			Accepts: "510 with the directory of the file; in profile guide 500 as well", Netcat: `chmod a-w DOCROOT/try; printf 'CREATE /try/new/a.txt Buy milk\n\n' | nc HOST PORT`,
			Hints: []Hint{{GotStatus(100), "look at the error of mkdir, and stop there"}, {GotStatus(410), "410 is for SHOW, UPDATE and DELETE; a CREATE whose directory cannot be made is a 510"}, {ClosedEarly, "an error of mkdir must be answered, not end the program"}},
		},
		{
			ID: "STTP-5.10-PERMISSION-001", Title: "Changes are answered 500 if the permission to make them is missing, and change nothing",
			Statements: []string{"5.10-1", "5.10-2", "6.4-4"}, Story: "server-errors", Strict: Must, Guide: Must, Needs: Files | Linux, Limit: execLimit, Run: noPermission,
			Accepts: "500 to CREATE and DELETE (in profile guide 510 as well); UPDATE 500 with the old contents, or 200 with the new ones; 500 to SHOW of a file that may not be read (strict)",
			Netcat:  `chmod a-w DOCROOT/try; printf 'DELETE /try/a.txt\n\n' | nc HOST PORT`,
			Hints:   []Hint{{GotStatus(400), "400 says that there is no such file: only the system's \"no such file\" means that, every other error is a 500"}, {GotStatus(600), "look at the error of the call that removes the file"}, {GotStatus(100), "look at the error of the call that makes the file"}, {ClosedEarly, "an error of the file system must be answered with 500, not end the program"}},
		},
	}
}

// smallDisk starts the server on a file system of 64 KiB. It is mounted in a
// name space of the server's own, so it goes with it.
func (t *T) smallDisk(p *Process) {
	unshare := "unshare -m"
	if os.Geteuid() != 0 {
		unshare = "unshare -U -r -m"
	}
	docroot := filepath.Join(p.dir, "small")
	t.must(os.MkdirAll(docroot, 0o755))
	mount := "mount -t tmpfs -o size=64k tmpfs " + shellWord(docroot)
	if out, err := exec.CommandContext(t.ctx, "/bin/sh", "-c", unshare+" "+mount).CombinedOutput(); err != nil {
		t.Untested("a small file system cannot be mounted, which root may do, or others where user name spaces are allowed: %v%s", err, lastLines(string(out)))
	}
	t.Note("the server is started on a file system of 64 KiB: %s", mount)
	t.launch(p, launch{settings: "docroot: " + docroot, wrap: func(command string) string {
		return "exec " + unshare + " /bin/sh -c " + shellWord(mount+" && "+command)
	}})
}

func nothingLeft(t *T) {
	p := t.FilesProcess()
	t.smallDisk(p)
	t.Want("CREATE {d}/a.txt old contents", "100 {d}/a.txt CREATED")
	t.fillDisk(p)
	t.wantRefused("CREATE {d}/new/newer/b.txt new contents")
	t.Want("LIST {d}/new/newer", "400 {d}/new/newer NOT FOUND")
	t.Want("LIST {d}/new", "400 {d}/new NOT FOUND")
}

func diskFull(t *T) {
	p := t.FilesProcess()
	t.smallDisk(p)
	t.Want("CREATE {d}/a.txt old contents", "100 {d}/a.txt CREATED")
	names := t.fillDisk(p)
	all := append([]string{"a.txt"}, names...)
	if t.createsFail(p) {
		all = append(all, "new/")
	}
	if got, _ := t.Ask("UPDATE {d}/a.txt new contents"); splitStatusLine(got).status == 200 {
		t.Want("SHOW {d}/a.txt", "200 {d}/a.txt OK", "new contents")
	} else {
		t.Judge(t.Expand("UPDATE {d}/a.txt new contents"), got, Open, t.Expand("500 {d}/a.txt SERVER ERROR "+anyMessage))
		t.Want("SHOW {d}/a.txt", "200 {d}/a.txt OK", "old contents")
	}
	t.Want("LIST {d}", "200 {d} OK", strings.Join(all, ", "))
	for _, name := range names[:len(names)/2] {
		t.Want("DELETE {d}/"+name, "600 {d}/"+name+" DELETED")
	}
	t.Want("CREATE {d}/b.txt new contents", "100 {d}/b.txt CREATED")
}

// fillDisk creates files until there is no more space, and returns their names.
func (t *T) fillDisk(p *Process) (names []string) {
	for i := range 200 {
		name := fmt.Sprintf("f%03d.txt", i)
		got, end := t.Ask("CREATE {d}/" + name + " {x*160}")
		if splitStatusLine(got).status == 100 {
			names = append(names, name)
			t.Want("SHOW {d}/"+name, "200 {d}/"+name+" OK", "{x*160}")
			continue
		}
		t.Judge(t.Expand("CREATE {d}/"+name+" {x*160}"), got, end, t.Expand("500 {d}/"+name+" SERVER ERROR "+anyMessage))
		t.tellsNoInternals(p, got)
		t.Want("SHOW {d}/"+name, "400 {d}/"+name+" NOT FOUND")
		return names
	}
	t.Undecided("200 snippets have not filled a file system of 64 KiB: the server keeps them elsewhere")
	return nil
}

// createsFail ends the case unless CREATE is refused and makes no file. It tells
// whether a directory of one that failed is left, which [5.2-6] advises against.
func (t *T) createsFail(p *Process) (left bool) {
	for _, file := range []string{"{d}/b.txt", "{d}/new/b.txt"} {
		got, end := t.Ask("CREATE " + file + " new contents")
		t.Judge(t.Expand("CREATE "+file), got, end, t.Expand("500 "+file+" SERVER ERROR "+anyMessage))
		t.tellsNoInternals(p, got)
		shown, _ := t.Ask("SHOW " + file)
		if status := splitStatusLine(shown).status; status != 400 && status != 410 {
			t.FailWith(&Problem{Symptom: Unexpected, Says: "a file is there whose CREATE was answered 500", Got: shown})
		}
	}
	shown, _ := t.Ask("LIST {d}/new")
	return splitStatusLine(shown).status == 200
}

// withoutRights starts the server so that the permissions of files bind it.
// They do not bind root.
func (t *T) withoutRights(p *Process) {
	if os.Geteuid() != 0 {
		return
	}
	const drop = "setpriv --inh-caps=-dac_override,-dac_read_search --bounding-set=-dac_override,-dac_read_search /bin/sh -c "
	if out, err := exec.CommandContext(t.ctx, "/bin/sh", "-c", drop+"true").CombinedOutput(); err != nil {
		t.Untested("permissions do not bind root: run sttp-check as another user, or install setpriv (of util-linux): %v%s", err, lastLines(string(out)))
	}
	t.Note("the server is started without root's right to pass by the permissions of files")
	t.launch(p, launch{wrap: func(command string) string { return "exec " + drop + shellWord(command) }})
}

// readOnly takes the permission to write away from a directory of the case,
// until the case ends.
func (t *T) readOnly(p *Process, dir string) {
	t.Note("%s/%s is made read-only", t.dir, dir)
	t.Cleanup(func() { os.Chmod(p.File(t.dir+"/"+dir), 0o755) })
	t.must(os.Chmod(p.File(t.dir+"/"+dir), 0o555))
}

func noPermissionForDirectory(t *T) {
	p := t.FilesProcess()
	t.withoutRights(p)
	t.Want("CREATE {d}/ro/a.txt old contents", "100 {d}/ro/a.txt CREATED")
	t.readOnly(p, "ro")
	t.WantOr([]int{500}, "CREATE {d}/ro/new/b.txt new contents", "510 {d}/ro/new/ CANNOT CREATE PATH")
	t.WantOr([]int{500}, "CREATE {d}/ro/new/newer/b.txt new contents", "510 {d}/ro/new/newer/ CANNOT CREATE PATH")
	t.Want("SHOW {d}/ro/a.txt", "200 {d}/ro/a.txt OK", "old contents")
}

func noPermission(t *T) {
	p := t.FilesProcess()
	t.withoutRights(p)
	t.Want("CREATE {d}/ro/a.txt old contents", "100 {d}/ro/a.txt CREATED")
	if t.Strict() {
		t.write(p, "secret.txt", "old contents")
		t.must(os.Chmod(t.file(p, "secret.txt"), 0))
		got, end := t.Ask("SHOW {d}/secret.txt")
		t.Judge(t.Expand("SHOW {d}/secret.txt"), got, end, t.Expand("500 {d}/secret.txt SERVER ERROR "+anyMessage))
		t.tellsNoInternals(p, got)
	}
	t.readOnly(p, "ro")
	t.WantOr([]int{510}, "CREATE {d}/ro/b.txt new contents", "500 {d}/ro/b.txt SERVER ERROR "+anyMessage)
	t.WantOr(nil, "DELETE {d}/ro/a.txt", "500 {d}/ro/a.txt SERVER ERROR "+anyMessage)
	t.Want("SHOW {d}/ro/a.txt", "200 {d}/ro/a.txt OK", "old contents")
	got, end := t.Ask("UPDATE {d}/ro/a.txt new contents")
	if splitStatusLine(got).status == 200 { // it has written into the file, which it may
		t.Want("SHOW {d}/ro/a.txt", "200 {d}/ro/a.txt OK", "new contents")
		return
	}
	t.Judge(t.Expand("UPDATE {d}/ro/a.txt"), got, end, t.Expand("500 {d}/ro/a.txt SERVER ERROR "+anyMessage))
	t.Want("SHOW {d}/ro/a.txt", "200 {d}/ro/a.txt OK", "old contents")
}
