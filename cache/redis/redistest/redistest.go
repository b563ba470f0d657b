//go:build unix

// Package redistest runs real redis-servers for tests, as many at once as a test
// wants: each has a directory, and a socket or a port, of its own, and ends with
// its test.
package redistest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/rueidis"
)

// limit is how long a start, an end and a command may take.
const limit = 10 * time.Second

// Options say what is special about a server.
type Options struct {
	Args     []string    // for redis-server, such as "--maxmemory", "3mb"
	TCP      bool        // it listens on a free port instead of a socket
	TLS      *tls.Config // of Do; it listens on a free port for TLS alone. Args name the certificates
	Password string      // of Do, for the default user
}

// Server is a redis-server that keeps nothing on the disk unless it is told to
// SAVE. Its methods fail the test, and are for one goroutine at a time.
type Server struct {
	tb      testing.TB
	options Options
	dir     string
	port    int // 0: it listens on a socket
	cmd     *exec.Cmd
	exited  chan struct{} // closed when the process has ended, and what it said has been read
	said    bytes.Buffer  // by the process; to be read after exited
}

// Start starts a server and waits until it is ready. Without redis-server the
// test is skipped, and fails where CI is set.
func Start(tb testing.TB, o Options) *Server {
	tb.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("CI") != "" {
			tb.Fatalf("the test needs redis-server: %v", err)
		}
		tb.Skip("the test needs redis-server")
	}
	dir, err := os.MkdirTemp("", "redis") // tb.TempDir may be too long for a socket
	if err != nil {
		tb.Fatal(err)
	}
	s := &Server{tb: tb, options: o, dir: dir}
	tb.Cleanup(func() {
		s.Kill()
		os.RemoveAll(dir)
	})
	for attempt := 1; ; attempt++ { // another process may take the port before it does
		if o.TCP || o.TLS != nil {
			s.port = freePort(tb)
		}
		err := s.start()
		if err == nil {
			return s
		}
		if s.port == 0 || attempt == 5 {
			tb.Fatal(err)
		}
	}
}

func freePort(tb testing.TB) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// Address is where it listens: the path of a socket, or a host and a port.
func (s *Server) Address() string {
	if s.port != 0 {
		return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port))
	}
	return filepath.Join(s.dir, "redis.sock")
}

func (s *Server) start() error {
	args := []string{"--dir", s.dir, "--save", "", "--appendonly", "no", "--bind", "127.0.0.1"}
	switch {
	case s.options.TLS != nil:
		args = append(args, "--port", "0", "--tls-port", strconv.Itoa(s.port))
	case s.port != 0:
		args = append(args, "--port", strconv.Itoa(s.port))
	default:
		args = append(args, "--port", "0", "--unixsocket", s.Address())
	}
	cmd := exec.Command("redis-server", append(args, s.options.Args...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		return err
	}
	s.cmd, s.exited = cmd, make(chan struct{})
	s.said.Reset()
	ready := make(chan struct{})
	go s.listen(out, cmd, ready, s.exited)
	late := time.NewTimer(limit)
	defer late.Stop()
	select {
	case <-ready:
		return nil
	case <-s.exited:
		s.cmd = nil
		return fmt.Errorf("redis-server did not start:\n%s", s.said.String())
	case <-late.C:
		s.Kill()
		return errors.New("redis-server does not get ready")
	}
}

// listen reads what a process says until it ends.
func (s *Server) listen(out io.Reader, cmd *exec.Cmd, ready, exited chan struct{}) {
	defer close(exited)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if s.said.Len() < 1<<16 {
			fmt.Fprintln(&s.said, lines.Text())
		}
		// Of all the ways in which it says so, the last part is the same.
		if ready != nil && (strings.Contains(lines.Text(), "Ready to accept connections") ||
			strings.Contains(lines.Text(), "ready to accept connections at")) {
			close(ready)
			ready = nil
		}
	}
	cmd.Wait()
}

// Pid is the process, 0 for none.
func (s *Server) Pid() int {
	if s.cmd == nil {
		return 0
	}
	return s.cmd.Process.Pid
}

// Kill ends the process at once, like kill -9, also one that is paused. What it
// had in memory is lost.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	s.cmd.Process.Kill()
	<-s.exited
	s.cmd = nil
}

// Restart kills the process, if there is one, and starts it again where it was:
// empty, or with what it had when it was told to SAVE.
func (s *Server) Restart() {
	s.tb.Helper()
	s.Kill()
	if err := s.start(); err != nil {
		s.tb.Fatal(err)
	}
}

// Pause stops the process: it stays connected, and answers nothing until Resume.
func (s *Server) Pause() {
	s.tb.Helper()
	s.signal(syscall.SIGSTOP)
	// A signal has its effect a moment later. Where the system says what a
	// process does, that is waited for.
	stat := fmt.Sprintf("/proc/%d/stat", s.Pid())
	for end := time.Now().Add(limit); time.Now().Before(end); {
		text, err := os.ReadFile(stat)
		if err != nil || strings.Contains(string(text), ") T ") {
			return
		}
	}
	s.tb.Fatal("redis-server does not stop")
}

// Resume continues a process that was paused.
func (s *Server) Resume() {
	s.tb.Helper()
	s.signal(syscall.SIGCONT)
}

func (s *Server) signal(sig syscall.Signal) {
	s.tb.Helper()
	if s.cmd == nil {
		s.tb.Fatalf("%v: redis-server does not run", sig)
	}
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.tb.Fatal(err)
	}
}

// Do sends a command over a connection of its own, and returns the reply as
// text: "" for nothing, "[a b]" for several.
func (s *Server) Do(command ...string) string {
	s.tb.Helper()
	reply, err := s.Try(command...)
	if err != nil {
		s.tb.Fatalf("%q: %v", command, err)
	}
	return reply
}

// Try does as Do, and returns the error.
func (s *Server) Try(command ...string) (string, error) {
	network := "unix"
	if s.port != 0 {
		network = "tcp"
	}
	client, err := rueidis.NewClient(rueidis.ClientOption{
		InitAddress:       []string{s.Address()},
		Password:          s.options.Password,
		ForceSingleClient: true, PipelineMultiplex: -1, DisableCache: true, DisableRetry: true,
		ClientSetInfo: rueidis.DisableClientSetInfo,
		DialCtxFn: func(ctx context.Context, address string, d *net.Dialer, _ *tls.Config) (net.Conn, error) {
			if s.options.TLS != nil {
				return (&tls.Dialer{NetDialer: d, Config: s.options.TLS}).DialContext(ctx, network, address)
			}
			return d.DialContext(ctx, network, address)
		},
	})
	if err != nil {
		if client != nil {
			client.Close()
		}
		return "", err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	reply, err := client.Do(ctx, client.B().Arbitrary(command[0]).Args(command[1:]...).Build()).ToAny()
	if rueidis.IsRedisNil(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return fmt.Sprint(reply), nil
}

// Calls returns how many commands of each kind the server has carried out since
// it started or was told CONFIG RESETSTAT, such as "get" or "client|kill".
func (s *Server) Calls() map[string]int {
	s.tb.Helper()
	calls := make(map[string]int)
	for line := range strings.Lines(s.Do("INFO", "commandstats")) {
		name, rest, ok := strings.Cut(strings.TrimPrefix(line, "cmdstat_"), ":calls=")
		number, _, _ := strings.Cut(rest, ",")
		if n, err := strconv.Atoi(number); ok && err == nil {
			calls[name] = n
		}
	}
	return calls
}
