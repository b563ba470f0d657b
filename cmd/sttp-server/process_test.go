package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// process is a server in a process of its own.
type process struct {
	t        *testing.T
	cmd      *exec.Cmd
	addr     string
	greeting string // all of stdout, once the server is ready
	stderr   *output
}

// spawn starts a server on a free port. shell, unless it is "", is what a shell
// does before it becomes the server.
func spawn(t *testing.T, shell string, args ...string) *process {
	t.Helper()
	args = append([]string{program, "--port=0"}, args...)
	if shell != "" {
		args = append([]string{"sh", "-c", shell + `; exec "$@"`, "sh"}, args...)
	}
	p := &process{t: t, cmd: exec.Command(args[0], args[1:]...), stderr: newOutput()}
	stdout := newOutput()
	p.cmd.Stdout, p.cmd.Stderr = stdout, p.stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		p.cmd.Wait()
	})
	giveUp := time.AfterFunc(20*time.Second, stdout.close)
	defer giveUp.Stop()
	if p.addr = stdout.waitFor(regexp.MustCompile(`listening on  (\S+)`)); p.addr == "" {
		t.Fatalf("the server did not start:\n%s", p.stderr)
	}
	stdout.waitFor(regexp.MustCompile(`(Ctrl-C stops it)`))
	p.greeting = stdout.String()
	return p
}

// wait returns the exit code, within a time limit.
func (p *process) wait() int {
	p.t.Helper()
	giveUp := time.AfterFunc(20*time.Second, func() { p.cmd.Process.Kill() })
	defer giveUp.Stop()
	p.cmd.Wait()
	return p.cmd.ProcessState.ExitCode()
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// ask sends one request on a connection of its own and returns the reply.
func ask(addr, line string) (string, error) {
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		return "", err
	}
	defer nc.Close()
	nc.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := fmt.Fprintf(nc, "%s\n\n", line); err != nil {
		return "", err
	}
	reply, err := io.ReadAll(nc)
	return string(reply), err
}

func TestASignalDrainsTheServerAndExitsWithZero(t *testing.T) {
	for _, s := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		p := spawn(t, "", "--docroot", t.TempDir())
		idle, err := net.Dial("tcp", p.addr)
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() {
			_, err := idle.Read(make([]byte, 1))
			idle.Close()
			ended <- err
		}()
		if reply, err := ask(p.addr, "CREATE /a.txt x"); reply != "100 /a.txt CREATED\n" {
			t.Fatalf("got %q, %v", reply, err)
		}
		p.signal(s)
		if code := p.wait(); code != 0 {
			t.Errorf("after %v it exits with %d:\n%s", s, code, p.stderr)
		}
		if err := <-ended; err != io.EOF {
			t.Errorf("after %v an idle client sees %v", s, err)
		}
	}
}

// A client that asks for much and reads nothing keeps a server from draining.
func TestASecondSignalLeavesAtOnce(t *testing.T) {
	docroot := t.TempDir()
	for i := range 2000 {
		if err := os.WriteFile(filepath.Join(docroot, fmt.Sprintf("a-name-of-thirty-characters-%04d", i)), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p := spawn(t, "", "--docroot", docroot, "--limits-drain-timeout=1h", "--limits-write-timeout=1h")
	nc, err := net.Dial("tcp", p.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	go io.WriteString(nc, strings.Repeat("LIST /\n", 1000))
	if _, err := io.ReadFull(nc, make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	p.signal(syscall.SIGTERM)
	p.stderr.waitFor(regexp.MustCompile(`(shutting down)`))
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != 0 {
		t.Errorf("it exits with %d:\n%s", code, p.stderr)
	}
	if !strings.Contains(p.stderr.String(), "1 connections were cut off") {
		t.Errorf("the log has\n%s", p.stderr)
	}
}

func TestASecondServerOnADocrootRefusesToStart(t *testing.T) { // [5.10-3]
	docroot := t.TempDir()
	p := spawn(t, "", "--docroot", docroot)
	out, err := exec.Command(program, "--port=0", "--docroot", docroot).CombinedOutput()
	if err == nil || !strings.Contains(string(out), fmt.Sprintf("owned by another running server (pid %d)", p.cmd.Process.Pid)) {
		t.Errorf("a second server says %v:\n%s", err, out)
	}
	if code := err.(*exec.ExitError).ExitCode(); code != 1 {
		t.Errorf("it exits with %d", code)
	}
	p.cmd.Process.Kill()
	p.wait()
	spawn(t, "", "--docroot", docroot) // the lock of a dead server is none
}

func TestFewFileDescriptorsLimitConnectionsAndNotTheFiles(t *testing.T) {
	p := spawn(t, "ulimit -n 80", "--docroot", t.TempDir(), "--cache-enabled=false")
	if !strings.Contains(p.stderr.String(), "limits.connections=10000 open_files=80 connections=40") {
		t.Errorf("the log has\n%s", p.stderr)
	}
	var served []*bufio.ReadWriter
	for range 100 {
		nc, err := net.Dial("tcp", p.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		nc.SetDeadline(time.Now().Add(20 * time.Second))
		rw := bufio.NewReadWriter(bufio.NewReader(nc), bufio.NewWriter(nc))
		rw.WriteString("SHOW /a.txt\n")
		rw.Flush()
		if line, _ := rw.ReadString('\n'); line == "400 /a.txt NOT FOUND\n" {
			served = append(served, rw)
		}
	}
	if len(served) != 40 {
		t.Fatalf("%d connections are served", len(served))
	}
	for i, rw := range served {
		fmt.Fprintf(rw, "CREATE /dir%d/a.txt x\nSHOW /dir%d/a.txt\n", i, i)
		rw.Flush()
	}
	for i, rw := range served {
		for _, want := range []string{fmt.Sprintf("100 /dir%d/a.txt CREATED\n", i), fmt.Sprintf("200 /dir%d/a.txt OK\n", i), "x\n"} {
			if line, err := rw.ReadString('\n'); line != want {
				t.Fatalf("got %q, %v, want %q", line, err, want)
			}
		}
	}
}

func TestItListensOnIPv4AndIPv6AndOnAllAddressesOfAName(t *testing.T) {
	for address, hosts := range map[string][]string{
		"127.0.0.1": {"127.0.0.1"},
		"::1":       {"::1"},
		"0.0.0.0":   {"127.0.0.1"},
		"::":        {"127.0.0.1", "::1"},
		"localhost": addressesOf(t, "localhost"),
	} {
		s := startServer(t, "--docroot", t.TempDir(), "--listen-address", address)
		_, port, err := net.SplitHostPort(s.addr)
		if err != nil {
			t.Fatal(err)
		}
		for _, host := range hosts {
			reply, err := ask(net.JoinHostPort(host, port), "SHOW /a")
			if reply != "400 /a NOT FOUND\n" {
				t.Errorf("with --listen-address %s, %s answers %q, %v", address, host, reply, err)
			}
		}
		if code := s.stop(); code != 0 {
			t.Errorf("with --listen-address %s it exits with %d:\n%s", address, code, s.stderr)
		}
	}
}

func addressesOf(t *testing.T, name string) []string {
	t.Helper()
	addresses, err := net.LookupHost(name)
	if err != nil {
		t.Fatal(err)
	}
	return addresses
}
