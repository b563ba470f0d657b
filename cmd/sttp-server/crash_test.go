package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// history is what a client knows of one file when its server is killed: the
// last state that was acknowledged, and the one it was asking for.
type history struct {
	path  string
	known string // the contents, "" for no file
	asked string
}

// change makes one change after the other until the server is gone. Each
// contents line is long, so that a torn one shows.
func (h *history) change(addr string, round int, acknowledged func()) {
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	defer nc.Close()
	nc.SetDeadline(time.Now().Add(20 * time.Second))
	r := bufio.NewReader(nc)
	for i := 0; ; i++ {
		text := strings.Repeat(fmt.Sprintf("%d.%d;", round, i), 20)
		line := "CREATE " + h.path + " " + text
		switch {
		case h.known != "" && i%3 == 2:
			line, text = "DELETE "+h.path, ""
		case h.known != "":
			line = "UPDATE " + h.path + " " + text
		}
		h.asked = text
		if _, err := fmt.Fprintln(nc, line); err != nil {
			return
		}
		status, err := r.ReadString('\n')
		if err == nil && strings.HasPrefix(status, "200 ") {
			_, err = r.ReadString('\n')
		}
		if err != nil {
			return
		}
		h.known = text
		acknowledged()
	}
}

func TestNothingAcknowledgedIsLostWhenTheServerIsKilled(t *testing.T) { // [9.3-2] [9.3-3]
	for _, engine := range []string{"files", "sqlite"} {
		t.Run(engine, func(t *testing.T) { killAndLook(t, engine) })
	}
}

func killAndLook(t *testing.T, engine string) {
	const clients, rounds, changes = 20, 4, 300
	dir := t.TempDir()
	args := append(combination{engine, "memory"}.args(dir, ""), "--log-level=warn")
	histories := make([]*history, clients)
	for i := range histories {
		// Some share a directory, and directories come and go.
		histories[i] = &history{path: fmt.Sprintf("/d%d/e/f%d", i%7, i)}
	}
	for round := range rounds {
		durability := []string{"sync", "async"}[round%2]
		p := spawn(t, "", append(args, "--storage-durability="+durability)...)
		var running sync.WaitGroup
		var made atomic.Int64
		for _, h := range histories {
			running.Go(func() {
				h.change(p.addr, round, func() {
					if made.Add(1) == changes {
						p.cmd.Process.Kill()
					}
				})
			})
		}
		p.wait()
		running.Wait()
		if made.Load() < changes {
			t.Errorf("only %d changes were made before the server was killed", made.Load())
		}

		after := spawn(t, "", args...)
		for _, h := range histories {
			h.check(t, after.addr)
		}
		if engine == "files" {
			checkLeftovers(t, dir+"/files", histories)
		}
		after.cmd.Process.Kill()
		after.wait()
	}
}

// check compares what is there with what was acknowledged, and makes that what
// is known.
func (h *history) check(t *testing.T, addr string) {
	t.Helper()
	reply, err := ask(addr, "SHOW "+h.path)
	if err != nil {
		t.Fatal(err)
	}
	_, contents, found := strings.Cut(reply, " OK\n")
	contents = strings.TrimSuffix(contents, "\n")
	if !found && !strings.HasPrefix(reply, "4") {
		t.Fatalf("SHOW %s is answered %q", h.path, reply)
	}
	if contents != h.known && contents != h.asked {
		t.Errorf("%s holds %q; %q was acknowledged, %q was asked for", h.path, contents, h.known, h.asked)
	}
	h.known, h.asked = contents, contents
}

// checkLeftovers looks for temporary files and for empty directories.
func checkLeftovers(t *testing.T, docroot string, histories []*history) {
	t.Helper()
	entries, err := os.ReadDir(docroot + "/.sttp")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if name := entry.Name(); name != "lock" && name != "running" && name != "id" {
			t.Errorf("%s is left in .sttp", entry.Name())
		}
	}
	dirs := map[string]bool{}
	for _, h := range histories {
		if h.known != "" {
			dirs[strings.Split(h.path, "/")[1]] = true
		}
	}
	entries, err = os.ReadDir(docroot)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if entry.Name() != ".sttp" && !dirs[entry.Name()] {
			t.Errorf("the directory %s is left and nothing is in it", entry.Name())
		}
	}
}
