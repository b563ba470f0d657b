package check

import (
	"path"
	"slices"
	"strings"
)

const straceHint = `is the server set to less durability, by its own settings or by those of the check? Otherwise, before the reply is sent: fsync the file, rename or link it to its name, fsync its directory, and the parents of directories just made`

var syncHints = []Hint{{Unexpected, straceHint}}

// syncCases look at the system calls that a server makes for a change.
func syncCases() []Case {
	const accepts = "fsync, fdatasync, syncfs, sync, or files opened with O_SYNC or O_DSYNC, in any order that has everything synced before the reply; undecided if the trace does not show the change"
	return []Case{
		{
			ID: "STTP-5.9-SYNC-001", Title: "CREATE is answered 100 when the file and its directory have been synced",
			Statements: []string{"5.9-1", "5.9-2"}, Story: "durability", Strict: Must, Needs: Files | Linux, Limit: execLimit,
			Run: createIsSynced, Accepts: accepts, Hints: syncHints,
			Netcat: `printf 'CREATE /try/a.txt Buy milk\n\n' | nc HOST PORT # while this runs: strace -f -y -p PID`,
		},
		{
			ID: "STTP-5.9-SYNC-002", Title: "CREATE in new directories is answered 100 when their parents have been synced, too",
			Statements: []string{"5.9-2", "5.9-1"}, Story: "durability", Strict: Must, Needs: Files | Linux, Limit: execLimit,
			Run: createInNewDirectoriesIsSynced, Accepts: accepts, Hints: syncHints,
			Netcat: `printf 'CREATE /try/new/newer/a.txt Buy milk\n\n' | nc HOST PORT # while this runs: strace -f -y -p PID`,
		},
		{
			ID: "STTP-5.9-SYNC-003", Title: "UPDATE is answered 200 when the new contents have been synced",
			Statements: []string{"5.9-1", "5.9-2"}, Story: "durability", Strict: Must, Needs: Files | Linux, Limit: execLimit,
			Run: updateIsSynced, Accepts: accepts + "; the directory only if the name was given to another file", Hints: syncHints,
			Netcat: `printf 'UPDATE /try/a.txt Buy oat milk\n\n' | nc HOST PORT # while this runs: strace -f -y -p PID`,
		},
		{
			ID: "STTP-5.9-SYNC-004", Title: "DELETE is answered 600 when the directory has been synced",
			Statements: []string{"5.9-2", "5.9-1"}, Story: "durability", Strict: Must, Needs: Files | Linux, Limit: execLimit,
			Run: deleteIsSynced, Accepts: accepts, Hints: syncHints,
			Netcat: `printf 'DELETE /try/a.txt\n\n' | nc HOST PORT # while this runs: strace -f -y -p PID`,
		},
	}
}

// traced is a change that strace has looked at.
type traced struct {
	t     *T
	p     *Process
	path  string
	calls trace
	reply call
}

// traceChange carries out a change under strace. The reply has to be a success.
func (t *T) traceChange(p *Process, line string, want ...string) traced {
	tr := t.Trace(p, "-e", "trace="+strings.Join([]string{nameCalls, writeCalls, syncCalls, otherCalls}, ","))
	t.Want(line, want...)
	action, rest, _ := strings.Cut(t.Expand(line), " ")
	name, _, _ := strings.Cut(rest, " ")
	c := traced{t: t, p: p, path: name, calls: tr.Calls()}
	c.note()
	if slices.ContainsFunc(c.calls, func(c call) bool { return c.in("io_uring_enter") }) {
		t.Undecided("the server uses io_uring, which strace does not look into")
	}
	var seen bool
	status := map[string]string{"CREATE": "100", "UPDATE": "200", "DELETE": "600"}[action]
	if c.reply, seen = c.calls.reply(status); !seen {
		t.Undecided("the trace does not show how the reply is sent")
	}
	return c
}

// note puts the calls that matter into the record of the case.
func (c traced) note() {
	for _, call := range c.calls {
		mine := call.in(syncCalls, otherCalls) || call.in(writeCalls) && (below(c.p.Docroot(), call.file()) || strings.Contains(call.args, "<socket:"))
		if mine || call.in(nameCalls) && call.worked() && !call.in("open,openat,openat2") {
			c.t.Note("strace: %s", call)
		}
	}
}

// contentsSynced ends the case unless the text has been written and synced
// before the reply. It returns the call that wrote it.
func (c traced) contentsSynced(text string) call {
	write, seen := c.calls.wrote(c.p.Docroot(), text)
	if !seen {
		c.t.Undecided("the trace does not show how the contents are written")
	}
	if write.start > c.reply.start {
		c.t.Fail(Unexpected, "the reply was sent before the contents were written to the file")
	}
	if !c.calls.writtenThrough(write) && !c.calls.synced(write, c.reply, write.file(), c.p.File(c.path)) {
		c.t.Fail(Unexpected, "the reply was sent, and the file with the new contents had not been synced")
	}
	return write
}

// directorySynced ends the case unless dir has been synced between the change
// of a name in it and the reply. Syncing one above does as well if dir is gone.
func (c traced) directorySynced(change call, dirs ...string) {
	paths := make([]string, len(dirs))
	for i, dir := range dirs {
		paths[i] = c.p.File(dir)
	}
	if change.start > c.reply.start {
		c.t.Fail(Unexpected, "the reply was sent before the change was made: %s", change)
	}
	if !c.calls.synced(change, c.reply, paths...) {
		c.t.Fail(Unexpected, "the reply was sent, and the directory had not been synced after: %s", change)
	}
}

// name returns the call that gave or took a name, or ends the case.
func (c traced) name(what, base string, from ...string) call {
	naming, seen := c.calls.naming(base, from...)
	if !seen {
		c.t.Undecided("the trace does not show how the %s", what)
	}
	return naming
}

const makesFile = "open,openat,openat2,creat,rename,renameat,renameat2,link,linkat"

func createIsSynced(t *T) {
	p := t.FilesProcess()
	t.Want("CREATE {d}/first.txt so that the directory is there", "100 {d}/first.txt CREATED")
	c := t.traceChange(p, "CREATE {d}/traced.txt made under strace", "100 {d}/traced.txt CREATED")
	c.contentsSynced("made under strace")
	c.directorySynced(c.name("file gets its name", "traced.txt", makesFile), t.dir)
}

func createInNewDirectoriesIsSynced(t *T) {
	p := t.FilesProcess()
	t.Want("CREATE {d}/first.txt so that the directory is there", "100 {d}/first.txt CREATED")
	c := t.traceChange(p, "CREATE {d}/new/newer/traced.txt made under strace", "100 {d}/new/newer/traced.txt CREATED")
	c.contentsSynced("made under strace")
	for what, dir := range map[string]string{"traced.txt": "/new/newer", "newer": "/new", "new": ""} {
		from := "mkdir,mkdirat,rename,renameat,renameat2"
		if what == "traced.txt" {
			from = makesFile
		}
		c.directorySynced(c.name(what+" gets its name", what, from), t.dir+dir)
	}
}

func updateIsSynced(t *T) {
	p := t.FilesProcess()
	t.Want("CREATE {d}/traced.txt old contents", "100 {d}/traced.txt CREATED")
	c := t.traceChange(p, "UPDATE {d}/traced.txt made under strace", "200 {d}/traced.txt OK", "made under strace")
	write := c.contentsSynced("made under strace")
	if write.file() == p.File(c.path) {
		return // the name is what it was
	}
	c.directorySynced(c.name("file gets its name", "traced.txt", makesFile), path.Dir(c.path))
}

func deleteIsSynced(t *T) {
	p := t.FilesProcess()
	t.Want("CREATE {d}/first.txt so that the directory stays", "100 {d}/first.txt CREATED")
	t.Want("CREATE {d}/traced.txt old contents", "100 {d}/traced.txt CREATED")
	t.Want("CREATE {d}/dir/traced2.txt old contents", "100 {d}/dir/traced2.txt CREATED")
	const takes = "unlink,unlinkat,rename,renameat,renameat2"
	c := t.traceChange(p, "DELETE {d}/traced.txt", "600 {d}/traced.txt DELETED")
	c.directorySynced(c.name("file is removed", "traced.txt", takes), t.dir)
	c = t.traceChange(p, "DELETE {d}/dir/traced2.txt", "600 {d}/dir/traced2.txt DELETED")
	c.directorySynced(c.name("file is removed", "traced2.txt", takes), t.dir+"/dir", t.dir)
}
