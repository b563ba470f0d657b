package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
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

// An import that is interrupted says so, with what to do, and leaves the source
// as it was.
func TestAnImportThatIsInterruptedSaysWhatToDo(t *testing.T) {
	dir := t.TempDir()
	for i := range 20 {
		sub := filepath.Join(dir, "files", fmt.Sprint("d", i))
		if err := os.MkdirAll(sub, 0o755); err != nil {
			t.Fatal(err)
		}
		for j := range 100 {
			if err := os.WriteFile(filepath.Join(sub, fmt.Sprint(j)), []byte("x"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	target := filepath.Join(dir, "sttp.db")
	begun := time.Now()
	cmd := exec.Command(program, "import", "--from=files:"+dir+"/files", "--to=sqlite:"+target)
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for { // its log shows that it has begun to copy
		if info, err := os.Stat(target + "-wal"); err == nil && info.Size() > 300<<10 {
			break
		}
		if time.Since(begun) > 20*time.Second {
			t.Fatalf("it does not begin to copy:\n%s", out.String())
		}
		runtime.Gosched()
	}
	cmd.Process.Signal(os.Interrupt)
	cmd.Wait()
	want := "sttp-server: sqlite:" + target + " is not a complete copy: interrupted\nhint: remove what was made of it, and begin anew; what was to be copied is as it was\n"
	if code := cmd.ProcessState.ExitCode(); code != 3 || out.String() != want {
		t.Errorf("it exits with %d and says\n%s", code, out.String())
	}
	again, err := exec.Command(program, "import", "--from=files:"+dir+"/files", "--to=sqlite:"+target+"2").CombinedOutput()
	if err != nil || !strings.HasPrefix(string(again), "2,000 snippets copied") {
		t.Errorf("another one says %v\n%s", err, again)
	}
}
