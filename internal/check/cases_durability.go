package check

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// durabilityCases are those of sections 5.9 and 5.10, and others about what is
// left after a crash.
func durabilityCases() []Case {
	return slices.Concat(crashCases(), ownerCases(), syncCases(), failCases(), spaceCases())
}

func crashCases() []Case {
	return []Case{
		{
			ID: "STTP-9.3-CRASH-001", Title: "A server that is killed while files change has everything acknowledged when it starts again, and the rest as before or after",
			Statements: []string{"9.3-2", "5.9-1", "5.9-3"}, Story: "durability", Strict: Must, Needs: Files | Linux, Limit: execLimit, Run: crash,
			Accepts: "for each file the contents of its last acknowledged change, or of the one that was under way",
			Netcat:  `printf 'CREATE /try/a.txt Buy milk\n\n' | nc HOST PORT; kill -9 PID # start the server again; then: printf 'SHOW /try/a.txt\n\n' | nc HOST PORT`,
			Hints: []Hint{
				{Unexpected, "write the new contents to another file (with a name that begins with a dot), sync it, and give it the name in one step with rename or link; answer only then"},
				{DoesNotStart, "a server has to start on what a crash has left: a lock should be one that the system frees when the process ends (flock), not a file whose mere existence counts"},
			},
		},
		{
			ID: "STTP-9.3-CRASH-002", Title: "A server that starts again removes what a crash has left over of its own files",
			Statements: []string{"9.3-3"}, Story: "durability", Strict: Should, Needs: Files | Linux, Limit: execLimit, After: []string{"STTP-9.3-CRASH-001"}, Run: leftovers,
			Accepts: "as many files that begin with a dot, or lie below a directory that does, as before", Netcat: `kill -9 PID # while files change; start the server again; then: find DOCROOT -name '.*'`,
			Hints: []Hint{{Unexpected, "when the server starts it can remove all of its temporary files: nobody else uses them"}},
		},
	}
}

// ledger is what one client of a storm knows of its files.
type ledger struct {
	acked   map[string]string // contents, or gone
	pending map[string]string // what the change under way would make of it
	odd     *Problem          // a reply that cannot be right
}

const gone = "\x00"

func newLedger() *ledger { return &ledger{acked: map[string]string{}, pending: map[string]string{}} }

// client changes files of its own, one after the other, until the server does
// not answer any more or ctx ends. It calls done after each change.
func (l *ledger) client(ctx context.Context, t *T, number int, random *rand.Rand, done func()) {
	for i := 0; ctx.Err() == nil; i++ {
		path := fmt.Sprintf("%s/%d/%d.txt", t.dir, number, random.IntN(5))
		now, known := l.acked[path]
		text := strings.Repeat(string(rune('a'+i%26)), 40+random.IntN(120))
		line, want, after := "CREATE "+path+" "+text, []string{"100 " + path + " CREATED"}, text
		if known && now != gone && i%3 != 0 {
			line, want = "UPDATE "+path+" "+text, []string{"200 " + path + " OK", text}
		} else if known && now != gone {
			line, want, after = "DELETE "+path, []string{"600 " + path + " DELETED"}, gone
		}
		l.pending[path] = after
		got, end, err := t.TryAsk(line)
		switch p := t.problem(exchange{request: line, want: want}, got, end); {
		case err != nil || got == "" || !strings.HasSuffix(got, "\n"):
			return // it stays pending
		case p != nil && splitStatusLine(got).status == 500:
			return // it is shutting down, perhaps; so this is pending, too
		case p != nil:
			l.odd = p
			return
		}
		l.acked[path] = after
		delete(l.pending, path)
		done()
	}
}

// stormTime is how long a storm may take to have enough changes acknowledged.
const stormTime = 2 * time.Second

// storm lets four clients change files until enough changes are acknowledged,
// and then ends the server in the midst of others.
func (t *T) storm(ledgers []*ledger, end func()) {
	ctx, cancel := context.WithCancel(t.ctx)
	defer cancel()
	seed := t.Rand().Uint64()
	left := atomic.Int64{}
	left.Store(20 + t.Rand().Int64N(60))
	enough := make(chan struct{})
	var clients sync.WaitGroup
	for i, l := range ledgers {
		t.Go(&clients, func() {
			l.client(ctx, t, i, rand.New(rand.NewPCG(seed, uint64(i))), func() {
				if left.Add(-1) == 0 {
					close(enough)
				}
			})
		})
	}
	select {
	case <-enough:
	case <-time.After(stormTime):
	case <-ctx.Done():
	}
	// Not just behind a reply, when the next change has hardly begun.
	t.sleep(time.Duration(t.Rand().IntN(8_000)) * time.Microsecond)
	end()
	cancel()
	clients.Wait()
	for _, l := range ledgers {
		if l.odd != nil {
			t.FailWith(l.odd)
		}
	}
}

// check ends the case unless each file is as its ledger has it, and goes on
// from there.
func (t *T) check(l *ledger) {
	for _, path := range sortedKeys(l.acked, l.pending) {
		got, end := t.Ask("SHOW " + path)
		acked, known := l.acked[path]
		if !known {
			acked = gone
		}
		pending, underWay := l.pending[path]
		now := shownContents(path, got)
		switch {
		case now == acked, underWay && now == pending:
		case got == "":
			t.Judge("SHOW "+path, got, end, "200 "+path+" OK", acked)
		default:
			t.lostChange(path, acked, pending, underWay, got)
		}
		l.acked[path] = now
		delete(l.pending, path)
	}
}

// lostChange ends the case because a file is as it cannot be.
func (t *T) lostChange(path, acked, pending string, underWay bool, got string) {
	expected := "200 " + path + " OK\n" + acked + "\n"
	if acked == gone {
		expected = "400 " + path + " NOT FOUND\n"
	}
	p := &Problem{Symptom: Unexpected, Says: "after the server has been started again, a file is not as its last acknowledged change has left it", Expected: expected, Got: got}
	if underWay && pending != gone {
		p.Also = append(p.Also, "200 "+path+" OK\n"+pending+"\n")
	} else if underWay {
		p.Also = append(p.Also, "400 "+path+" NOT FOUND\n")
	}
	t.FailWith(p)
}

// shownContents returns what the reply to a SHOW says of the file.
func shownContents(path, got string) string {
	switch status := splitStatusLine(got).status; {
	case status == 400 || status == 410:
		return gone
	case status == 200:
		return strings.TrimSuffix(strings.TrimPrefix(got, "200 "+path+" OK\n"), "\n")
	}
	return "\x00" + got // nothing that anybody has stored
}

func sortedKeys(maps ...map[string]string) (keys []string) {
	for _, m := range maps {
		for k := range m {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func fourLedgers() []*ledger {
	return []*ledger{newLedger(), newLedger(), newLedger(), newLedger()}
}

func crash(t *T) { t.crashes(t.FilesProcess()) }

// crashes kills the server three times while files change, and looks each time
// whether they are as they have to be.
func (t *T) crashes(p *Process) {
	ledgers := fourLedgers()
	for range 3 {
		t.storm(ledgers, p.Kill)
		t.Note("the server has been killed (SIGKILL)")
		t.StartAgain(p)
		for _, l := range ledgers {
			t.check(l)
		}
	}
}

func leftovers(t *T) {
	p := t.FilesProcess()
	before := ownFiles(p)
	t.crashes(p)
	after := slices.DeleteFunc(ownFiles(p), func(name string) bool { return slices.Contains(before, name) })
	if len(after) > len(before) { // some servers name what they always have anew
		t.Fail(Unexpected, "%d files of the server's own are left, such as %q", len(after), after[0])
	}
}

// ownFiles returns the files in the docroot that no request can name.
func ownFiles(p *Process) (own []string) {
	filepath.WalkDir(p.Docroot(), func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.Contains(strings.TrimPrefix(name, p.Docroot()), "/.") {
			own = append(own, strings.TrimPrefix(name, p.Docroot()))
		}
		return nil
	})
	return own
}

func ownerCases() []Case {
	return []Case{
		{
			ID: "STTP-5.10-OWNER-001", Title: "A second server on the same docroot refuses to start",
			Statements: []string{"5.10-3"}, Story: "durability", Strict: Must, Needs: Files | Linux, Limit: execLimit, Run: secondOwner,
			Accepts: "the second one ends, or answers nothing while the first one runs; the first one goes on", Netcat: "start the server twice with the same docroot and different ports",
			Hints: []Hint{{Unexpected, "take a lock on the docroot before you listen, one that the system frees when the process ends: flock on the directory or on a file in it whose name begins with a dot"}},
		},
		{
			ID: "STTP-10.2-LOG-001", Title: "What a client sends cannot break or forge a line of what the server writes",
			Statements: []string{"10.2-1"}, Story: "durability", Strict: Must, Needs: Exec, Limit: execLimit, Run: logForging,
			Accepts: "anything on standard output and standard error in which no control character, and no line, comes from a client; also nothing", Netcat: `printf 'SHOW /a\033[2J\rFORGED line\nFORGED level=error\n\n' | nc HOST PORT # then look at the log with cat -v`,
			Hints: []Hint{{Unexpected, "quote what comes from a client before it is logged, so that control characters, U+0085 and U+2028 are escaped (%q in Go, repr in Python, JSON elsewhere)"}},
		},
	}
}

func secondOwner(t *T) {
	p := t.FilesProcess()
	t.Want("CREATE {d}/a.txt Buy milk", "100 {d}/a.txt CREATED")
	second, err := p.second()
	t.must(err)
	defer second.stop()
	ctx, cancel := context.WithTimeout(t.ctx, time.Second+3*p.took)
	defer cancel()
	err = second.start(ctx, launch{})
	t.Note("the second server: %v", cmp.Or(err, errors.New("it listens")))
	if err == nil && second.serves(t.deadline(t.timeout)) {
		t.Fail(Unexpected, "a second server on the same docroot has started, and answers requests")
	}
	t.Want("SHOW {d}/a.txt", "200 {d}/a.txt OK", "Buy milk")
	t.Want("CREATE {d}/b.txt Buy milk", "100 {d}/b.txt CREATED")
}

// serves tells whether the server answers a request. One may listen first and
// then find that it cannot serve.
func (p *Process) serves(until time.Time) bool {
	c, err := net.DialTimeout("tcp", p.Address(), time.Until(until))
	if err != nil {
		return false
	}
	defer c.Close()
	c.SetDeadline(until)
	io.WriteString(c, "LIST /\n\n")
	n, _ := c.Read(make([]byte, 100))
	return n > 0
}

// forged are what log lines can be broken with, and what comes right behind.
var forged = []string{"\x1b", "\r", "\b", "\x7f", "\u0085", "\u2028", "\u2029", "\u202e"}

func logForging(t *T) {
	p := t.Process()
	t.StartAgain(p) // so that nothing else is in its output
	mark := "FORGED-" + t.run.name
	for i, c := range forged {
		word := fmt.Sprintf("%s%s-%d", c, mark, i)
		for _, line := range []string{
			"SHOW " + t.dir + "/" + word, "CREATE " + t.dir + "/a.txt x" + word, "CREATE " + t.dir + "/missing" + word, word + " level=ERROR msg=" + mark,
			`CREATE ` + t.dir + `/b.txt "x\` + word + `"`, "LIST " + t.dir + word + "\r", "Host: " + word, "GET / " + word,
		} {
			t.TryAsk(line)
		}
	}
	for _, line := range []string{"SHOW " + t.dir + "/a%0a" + mark + "-a", `CREATE ` + t.dir + `/c.txt "x\n` + mark + `-n"`, mark + " level=ERROR", "SHOW /\n" + mark + " level=ERROR\n" + mark} {
		t.TryAsk(line)
	}
	if _, _, ended := p.Terminate(endTime); !ended {
		p.Kill() // what it has written is there, but for what it keeps in a buffer
	}
	output := "\n" + p.Output()
	if !strings.Contains(output, mark) {
		t.Note("the server has written nothing of what was sent")
	}
	for _, c := range append(forged, "\n") {
		if i := strings.Index(output, c+mark); i >= 0 {
			t.FailWith(&Problem{Symptom: Unexpected, Says: fmt.Sprintf("what the server writes has %+q from a client, as it was sent or decoded", c),
				Got: output[max(0, i-100):min(len(output), i+100)]})
		}
	}
}
