package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// writer creates snippets one after the other and counts those that were
// acknowledged.
type writer struct {
	name string
	mu   sync.Mutex
	n    int
}

func (w *writer) path(i int) string { return fmt.Sprintf("/%s/%d.txt", w.name, i) }
func (w *writer) text(i int) string { return fmt.Sprintf("snippet %d of %s", i, w.name) }

func (w *writer) acknowledged() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.n
}

// write creates snippets until the connection is closed; each time one was
// acknowledged it says so.
func (w *writer) write(nc net.Conn, said chan<- struct{}) {
	r := bufio.NewReader(nc)
	for i := 0; ; i++ {
		if _, err := fmt.Fprintf(nc, "CREATE %s %s\n", w.path(i), w.text(i)); err != nil {
			return
		}
		if line, err := r.ReadString('\n'); err != nil || !strings.HasPrefix(line, "100 ") {
			return
		}
		w.mu.Lock()
		w.n++
		w.mu.Unlock()
		select {
		case said <- struct{}{}:
		default:
		}
	}
}

func TestABackupUnderLoadHoldsAllThatWasAcknowledgedBeforeItBegan(t *testing.T) {
	const writers = 8
	dir := t.TempDir()
	settings := combination{"sqlite", "memory"}.args(dir, "")
	p := spawn(t, "", append(settings, "--log-level=warn")...)
	var all [writers]writer
	var writing sync.WaitGroup
	said := make(chan struct{}, 1000)
	for i := range all {
		all[i].name = string(rune('a' + i))
		nc, err := net.Dial("tcp", p.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		nc.SetDeadline(time.Now().Add(time.Minute))
		writing.Go(func() { all[i].write(nc, said) })
	}
	for range 300 {
		<-said
	}
	var before [writers]int
	for i := range all {
		before[i] = all[i].acknowledged()
	}
	copied := filepath.Join(dir, "copy.db")
	out, err := exec.Command(program, append([]string{"backup", copied}, settings...)...).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "snippets backed up to "+copied+" and checked") {
		t.Errorf("the backup says %v:\n%s", err, out)
	}
	after := all[0].acknowledged()
	p.cmd.Process.Kill()
	p.wait()
	writing.Wait()
	if after == before[0] {
		t.Log("nothing was acknowledged during the backup") // which may be on a busy machine
	}

	restored := spawn(t, "", "--storage-engine=sqlite", "--storage-sqlite-path="+copied, "--log-level=warn")
	for i := range all {
		var asked, want strings.Builder
		for n := range before[i] {
			fmt.Fprintf(&asked, "SHOW %s\n", all[i].path(n))
			fmt.Fprintf(&want, "200 %s OK\n%s\n", all[i].path(n), all[i].text(n))
		}
		if got, err := ask(restored.addr, asked.String()); err != nil || got != want.String() {
			t.Errorf("of %d snippets that were acknowledged before the backup are there, %v\n%s", before[i], err, got)
		}
	}
}

// whenWritten calls do when something is written to it for the first time.
type whenWritten struct {
	text strings.Builder
	do   func()
}

func (w *whenWritten) Write(p []byte) (int, error) {
	w.do()
	return w.text.Write(p)
}

func (w *whenWritten) String() string { return w.text.String() }

// An import that is interrupted says so, with what to do, and leaves the source
// as it was. Here that comes when it has found what is no snippet, while it looks
// at the names or copies what they name.
func TestAnImportThatIsInterruptedSaysWhatToDo(t *testing.T) {
	for _, odd := range []struct{ name, text, reason string }{
		{".odd", "", "the names in a path do not begin with a dot"},
		{"odd", "two\nlines", "the file is no snippet: contents hold no control characters but tabs"},
	} {
		dir := t.TempDir()
		source, target := filepath.Join(dir, "files"), filepath.Join(dir, "sttp.db")
		if err := os.Mkdir(source, 0o755); err != nil {
			t.Fatal(err)
		}
		for i := range 500 {
			if err := os.WriteFile(filepath.Join(source, fmt.Sprint(i)), []byte("x"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(source, odd.name), []byte(odd.text), 0o644); err != nil {
			t.Fatal(err)
		}
		ctx, interrupt := context.WithCancel(t.Context())
		stdout, stderr := new(strings.Builder), &whenWritten{do: interrupt}
		code := run(ctx, []string{"import", "--from=files:" + source, "--to=sqlite:" + target}, nil, stdout, stderr)
		want := "not copied: /" + odd.name + ": " + odd.reason + "\nsttp-server: sqlite:" + target +
			" is not a complete copy: interrupted\nhint: remove what was made of it, and begin anew; what was to be copied is as it was\n"
		if code != 3 || stderr.String() != want || stdout.String() != "" {
			t.Errorf("it exits with %d and says\n%s%s, not\n%s", code, stdout, stderr, want)
		}
		stdout.Reset()
		code = run(t.Context(), []string{"import", "--from=files:" + source, "--to=sqlite:" + target + "2"}, nil, stdout, stderr)
		if code != 1 || !strings.HasPrefix(stdout.String(), "500 snippets copied") {
			t.Errorf("another one exits with %d and says\n%s%s", code, stdout, stderr)
		}
	}
}

func TestAnImportThatIsInterruptedBeforeItBeginsSaysSo(t *testing.T) {
	dir := t.TempDir()
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	var stdout, stderr strings.Builder
	code := run(ctx, []string{"import", "--from=files:" + dir, "--to=sqlite:" + dir + "/sttp.db"}, nil, &stdout, &stderr)
	if want := "sttp-server: interrupted before anything was copied\n"; code != 3 || stderr.String() != want || stdout.String() != "" {
		t.Errorf("it exits with %d and says\n%s%s", code, stdout.String(), stderr.String())
	}
}

// What another program has written into a database, and no request can name, is
// told as what stands so in a docroot is.
func TestAnImportTellsWhatADatabaseHoldsThatNoRequestCanName(t *testing.T) {
	dir := t.TempDir()
	source, target := filepath.Join(dir, "a.db"), filepath.Join(dir, "files")
	var stdout, stderr strings.Builder
	if code := run(t.Context(), []string{"import", "--from=files:" + t.TempDir(), "--to=sqlite:" + source}, nil, &stdout, &stderr); code != 0 {
		t.Fatal(code, stderr.String())
	}
	conn, err := sqlite.OpenConn(source, sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	const insert = "INSERT INTO snippets (path, contents) VALUES ('/a.txt', 'x'), ('/sp ace', 'x'), ('/tab	', 'x'), ('none', 'x')"
	if err := errors.Join(sqlitex.ExecuteTransient(conn, insert, nil), conn.Close()); err != nil {
		t.Fatal(err)
	}
	stdout.Reset()
	code := run(t.Context(), []string{"import", "--from=sqlite:" + source, "--to=files:" + target}, nil, &stdout, &stderr)
	if code != 1 || !strings.HasPrefix(stdout.String(), "1 snippet copied") {
		t.Errorf("it exits with %d and says\n%s", code, stdout.String())
	}
	for _, want := range []string{"not copied: /sp ace: ", `not copied: /tab\t: `, "not copied: none: ", "3 names not copied, as told above"} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("it does not say %q, but\n%s", want, stderr.String())
		}
	}
}
