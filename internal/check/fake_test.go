package check_test

import (
	"bufio"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"sttp/internal/check"
)

// fake is a server that answers each line with what reply returns; if that is
// empty, with nothing.
type fake struct {
	net.Listener
	reply func(line string) string

	mu    sync.Mutex
	lines []string
	open  map[net.Conn]bool
	done  sync.WaitGroup
}

func startFake(t *testing.T, reply func(line string) string) *fake {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{Listener: l, reply: reply, open: map[net.Conn]bool{}}
	f.done.Go(f.accept)
	t.Cleanup(f.stop)
	return f
}

func (f *fake) address() string { return f.Addr().String() }

func (f *fake) accept() {
	for {
		c, err := f.Accept()
		if err != nil {
			return
		}
		f.mu.Lock()
		f.open[c] = true
		f.mu.Unlock()
		f.done.Go(func() { f.serve(c) })
	}
}

func (f *fake) serve(c net.Conn) {
	defer c.Close()
	for r := bufio.NewReader(c); ; {
		line, err := r.ReadString('\n')
		if err != nil || line == "\n" {
			return
		}
		f.mu.Lock()
		f.lines = append(f.lines, line)
		f.mu.Unlock()
		if _, err := io.WriteString(c, f.reply(strings.TrimSuffix(line, "\n"))); err != nil {
			return
		}
	}
}

func (f *fake) stop() {
	f.Close()
	f.mu.Lock()
	for c := range f.open {
		c.Close()
	}
	f.mu.Unlock()
	f.done.Wait()
}

func (f *fake) received() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lines
}

// missing answers everything with 400.
func missing(line string) string {
	_, path, _ := strings.Cut(line, " ")
	path, _, _ = strings.Cut(path, " ")
	return "400 " + path + " NOT FOUND\n"
}

// record returns a valid record of a case with that number.
func record(number string, run func(*check.T)) *check.Case {
	return &check.Case{
		ID: "STTP-5.3-TEST-" + number, Title: "T", Statements: []string{"5.3-1"}, Story: "show",
		Strict: check.Must, Guide: check.Must, Run: run, Accepts: "a", Netcat: "nc HOST PORT",
	}
}

// outcomes runs the cases against a server that answers 400, and returns what
// came of each.
func outcomes(t *testing.T, opts check.Options, cases ...*check.Case) *check.Report {
	t.Helper()
	if opts.Address == "" {
		opts.Address = startFake(t, missing).address()
	}
	if opts.Timeout == 0 {
		opts.Timeout = 200 * time.Millisecond
	}
	report, err := check.RunCases(t.Context(), opts, cases)
	if err != nil {
		t.Fatal(err)
	}
	return report
}
