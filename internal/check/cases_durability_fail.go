package check

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"
)

const syncFailHint = "when a sync fails, answer 500 with a message that says that the outcome is unknown; do not try the sync again, since the system may have thrown away what it could not write and reports success then; and drop the path from the cache"

// failCases make the disk fail.
func failCases() []Case {
	hints := []Hint{{GotStatus(100), syncFailHint}, {GotStatus(200), syncFailHint}, {GotStatus(600), syncFailHint}, {Unexpected, syncFailHint}}
	const accepts = `500 with a message; where the change shows all the same, the message has to say that the outcome is unknown ("unknown", "may", "might", "perhaps", "uncertain"; undecided with other words). Afterwards SHOW answers what is on disk. Undecided if the server makes no sync that strace can let fail`
	return []Case{
		{
			ID: "STTP-5.9-FAIL-001", Title: "CREATE is answered 500 when the sync of the directory fails",
			Statements: []string{"5.9-4", "5.9-6", "5.10-2"}, Story: "durability", Strict: Must, Needs: Files | Linux, Limit: execLimit,
			Run: func(t *T) { t.failingSync("CREATE {d}/b.txt new contents", "") }, Accepts: accepts, Hints: hints,
			Netcat: failNetcat("CREATE /try/b.txt new contents", ""),
		},
		{
			ID: "STTP-5.9-FAIL-002", Title: "UPDATE is answered 500 when the sync of the directory fails, and SHOW answers what is on disk then",
			Statements: []string{"5.9-4", "5.9-6", "5.10-2"}, Story: "durability", Strict: Must, Needs: Files | Linux, Limit: execLimit,
			Run: func(t *T) { t.failingSync("UPDATE {d}/a.txt new contents", "") }, Accepts: accepts, Hints: hints,
			Netcat: failNetcat("UPDATE /try/a.txt new contents", ""),
		},
		{
			ID: "STTP-5.9-FAIL-003", Title: "DELETE is answered 500 when the sync of the directory fails",
			Statements: []string{"5.9-4", "5.9-6", "5.10-2"}, Story: "durability", Strict: Must, Needs: Files | Linux, Limit: execLimit,
			Run: func(t *T) { t.failingSync("DELETE {d}/a.txt", "") }, Accepts: accepts, Hints: hints,
			Netcat: failNetcat("DELETE /try/a.txt", ""),
		},
		{
			ID: "STTP-5.9-FAIL-004", Title: "After a sync that failed another one that does not is no success",
			Statements: []string{"5.9-5", "5.9-4"}, Story: "durability", Strict: Must, Needs: Files | Linux, Limit: execLimit,
			Run: func(t *T) { t.failingSync("UPDATE {d}/a.txt new contents", ":when=1") }, Accepts: accepts, Hints: hints,
			Netcat: failNetcat("UPDATE /try/a.txt new contents", ":when=1"),
		},
		{
			ID: "STTP-5.10-FAIL-001", Title: "Changes are answered 500 when no sync works, and show only if the message says that the outcome is unknown",
			Statements: []string{"5.10-1", "5.10-2", "6.4-4"}, Story: "durability", Strict: Must, Needs: Files | Linux, Limit: execLimit,
			Run: everySyncFails, Accepts: accepts, Hints: hints,
			Netcat: `printf 'CREATE /try/b.txt new contents\n\n' | nc HOST PORT # while this runs: strace -f -p PID -e inject=fsync,fdatasync,syncfs:error=EIO`,
		},
		{
			ID: "STTP-5.10-READ-001", Title: "SHOW is answered 500 when the file cannot be read, and 200 as soon as it can",
			Statements: []string{"5.10-1", "6.4-4"}, Story: "durability", Strict: Must, Needs: Files | Linux, Limit: execLimit,
			Run: readingFails, Accepts: "500, then 200; undecided if the server makes no read that strace can let fail",
			Hints: []Hint{
				{GotStatus(400), "400 says that there is no such file: only the system's \"no such file\" means that, every other error is a 500"},
				{GotStatus(200), "an error of read is not the end of the file: look at both the error and the number of bytes"},
			},
			Netcat: `printf 'SHOW /try/a.txt\n\n' | nc HOST PORT # while this runs: strace -f -p PID -P DOCROOT/try/a.txt -e inject=read,pread64:error=EIO`,
		},
	}
}

func failNetcat(line, when string) string {
	return "printf '" + line + `\n\n' | nc HOST PORT # while this runs: strace -f -p PID -P DOCROOT/try -e inject=fsync,fdatasync,syncfs:error=EIO` + when
}

// failSyncs makes the syncs of the directories fail, or of everything if there
// are none.
func (t *T) failSyncs(p *Process, when string, dirs ...string) *Tracer {
	args := []string{"-e", "trace=" + syncCalls, "-e", "inject=" + syncCalls + ":error=EIO" + when}
	for _, dir := range dirs {
		args = append(args, "-P", p.File(dir))
	}
	t.Note("from now on strace makes syncs fail: %s", strings.Join(args, " "))
	p.unusual = true // it may trust its disk no more, and has to be started anew
	return t.Trace(p, args...)
}

// failingSync carries out a change while the directory cannot be synced.
func (t *T) failingSync(line, when string) {
	p := t.FilesProcess()
	t.Want("CREATE {d}/first.txt so that the directory stays", "100 {d}/first.txt CREATED")
	t.Want("CREATE {d}/a.txt old contents", "100 {d}/a.txt CREATED")
	t.Want("SHOW {d}/a.txt", "200 {d}/a.txt OK", "old contents")
	tr := t.failSyncs(p, when, t.dir, path.Dir(t.dir), "/")
	got, end := t.Ask(line)
	failed := 0
	for _, c := range tr.Calls() {
		failed += count(c.injected())
		t.Note("strace: %s", c)
	}
	if failed == 0 {
		t.Undecided("the server has made no sync of the directory that could fail")
	}
	t.wantFailure(p, line, got, end)
}

// everySyncFails carries out all changes while nothing can be synced.
func everySyncFails(t *T) {
	p := t.FilesProcess()
	lines := []string{"CREATE {d}/b.txt new contents", "UPDATE {d}/a.txt new contents", "DELETE {d}/c.txt"}
	t.Want("CREATE {d}/a.txt old contents", "100 {d}/a.txt CREATED")
	t.Want("CREATE {d}/c.txt old contents", "100 {d}/c.txt CREATED")
	t.Want("SHOW {d}/a.txt", "200 {d}/a.txt OK", "old contents")
	tr := t.failSyncs(p, "")
	replies := map[string]string{}
	for _, line := range lines {
		replies[line], _ = t.Ask(line)
	}
	failed := 0
	for _, c := range tr.Calls() {
		failed += count(c.injected())
	}
	if failed == 0 {
		t.Undecided("the server has made no sync that could fail")
	}
	for _, line := range lines {
		t.wantFailure(p, line, replies[line], Open)
	}
}

// wantFailure ends the case unless got is a 500 to a change, and what SHOW
// answers then agrees with it and with the disk.
func (t *T) wantFailure(p *Process, line, got string, end End) {
	line = t.Expand(line)
	action, rest, _ := strings.Cut(line, " ")
	name, contents, _ := strings.Cut(rest, " ")
	t.Judge(line, got, end, "500 "+name+" SERVER ERROR "+anyMessage)
	t.tellsNoInternals(p, got)
	onDisk, err := os.ReadFile(p.File(name))
	there := err == nil
	changed := there && string(onDisk) == contents
	if action == "DELETE" {
		changed = errors.Is(err, fs.ErrNotExist)
	}
	if changed && !saysUnknown(got) {
		t.Undecided("the change is on disk, so the message has to say that the outcome is unknown; whether it does, a human has to tell: %s", strings.TrimSpace(got))
	}
	shown, _ := t.Ask("SHOW " + name)
	switch status := splitStatusLine(shown).status; {
	case there && shown != "200 "+name+" OK\n"+string(onDisk)+"\n":
		t.FailWith(&Problem{Symptom: Unexpected, Says: "SHOW does not answer what is on disk after the " + action + " that failed",
			Expected: "200 " + name + " OK\n" + string(onDisk) + "\n", Got: shown})
	case !there && status != 400 && status != 410:
		t.FailWith(&Problem{Symptom: Unexpected, Says: "SHOW answers a file that is not on disk after the " + action + " that failed", Got: shown})
	}
}

// saysUnknown tells whether a message says, in English, that the outcome is
// unknown.
func saysUnknown(reply string) bool {
	reply = strings.ToLower(reply)
	for _, word := range []string{"unknown", "not known", "may ", "might", "perhaps", "maybe", "uncertain", "unclear", "not certain", "not sure", "not be certain"} {
		if strings.Contains(reply, word) {
			return true
		}
	}
	return false
}

// tellsNoInternals ends the case if a message tells where the server keeps its
// files.
func (t *T) tellsNoInternals(p *Process, reply string) {
	if strings.Contains(reply, p.Docroot()) {
		t.FailWith(&Problem{Symptom: TellsInternals, Says: "the message tells where the server keeps its files", Got: reply})
	}
}

// readingFails shows a file that the disk does not give.
func readingFails(t *T) {
	p := t.FilesProcess()
	t.Want("CREATE {d}/first.txt so that the directory is there", "100 {d}/first.txt CREATED")
	t.write(p, "a.txt", "Buy milk")
	const reads = "?read,?pread64,?readv,?preadv,?preadv2"
	tr := t.Trace(p, "-P", p.File(t.dir+"/a.txt"), "-e", "trace="+reads, "-e", "inject="+reads+":error=EIO")
	got, end := t.Ask("SHOW {d}/a.txt")
	failed := 0
	for _, c := range tr.Calls() {
		failed += count(c.injected())
	}
	if failed == 0 {
		t.Undecided("the server has made no read that could fail")
	}
	t.Judge(t.Expand("SHOW {d}/a.txt"), got, end, t.Expand("500 {d}/a.txt SERVER ERROR "+anyMessage))
	t.tellsNoInternals(p, got)
	t.Want("SHOW {d}/a.txt", "200 {d}/a.txt OK", "Buy milk")
}
