package peers

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// startTime is how long a server may take until it listens, versionTime until it
// has told its version.
const (
	startTime   = 15 * time.Second
	versionTime = 5 * time.Second
)

// StartError says that a server did not start, or went away. Its text may hold
// what the server wrote, which is to be escaped for a terminal.
type StartError struct {
	System string
	What   string
	Output []string // the last lines that it wrote
}

// Error returns it all in one line.
func (e *StartError) Error() string {
	s := e.System + " " + e.What
	if len(e.Output) == 0 {
		return s + "; it wrote nothing"
	}
	return s + "; it wrote: " + strings.Join(e.Output, " | ")
}

// server is a system that runs.
type server struct {
	System
	process *process
	behind  *server // that it is a proxy of, nil if there is none
	dir     string
	address string
}

// start starts a system in a directory of its own below parent, and waits until
// it listens. What is missing in s is added. If the port has been taken meanwhile,
// another one is tried.
func (sys System) start(ctx context.Context, parent string, s setup) (*server, error) {
	program, err := sys.found()
	if err != nil {
		return nil, err
	}
	v := &server{System: sys}
	if sys.upstream != nil {
		if v.behind, err = sys.upstream.start(ctx, parent, s); err != nil {
			return nil, err
		}
		s.upstream = v.behind.address
	}
	s.program = program
	if v.dir, err = os.MkdirTemp(parent, "sttp-bench-"); err == nil {
		s.dir = v.dir
		for range 3 {
			var taken bool
			if taken, err = v.try(ctx, s); !taken {
				break
			}
		}
	}
	if err != nil {
		return nil, errors.Join(err, v.stop())
	}
	return v, nil
}

// try starts the server once. If it did not listen because somebody else does,
// taken is true.
func (v *server) try(ctx context.Context, s setup) (taken bool, err error) {
	if s.port, err = freePort(); err != nil {
		return false, err
	}
	v.address = net.JoinHostPort("127.0.0.1", s.port)
	argv, err := v.command(s)
	if err != nil {
		return false, err
	}
	if v.process, err = startProcess(argv, environment(), v.dir); err != nil {
		return false, &StartError{System: v.Name, What: fmt.Sprintf("did not start: %v", err)}
	}
	if err = v.await(ctx); err == nil {
		return false, nil
	}
	if ctx.Err() == nil && v.process.ended() {
		taken = listens(ctx, v.address)
	}
	v.process.end()
	return taken, err
}

// environment is that of this program, but for settings of sttp-server, which
// would change what is measured.
func environment() []string {
	return slices.DeleteFunc(os.Environ(), func(entry string) bool { return strings.HasPrefix(entry, "STTP_") })
}

// freePort returns a port that nobody listens on. It is none of those that
// systems give to clients: who dials such a one until somebody listens can end up
// connected to itself.
func freePort() (port string, err error) {
	for range 100 {
		port = strconv.Itoa(20000 + rand.IntN(12000))
		var l net.Listener
		if l, err = net.Listen("tcp", net.JoinHostPort("127.0.0.1", port)); err == nil {
			return port, l.Close()
		}
	}
	return "", fmt.Errorf("there is no free port: %w", err)
}

// await waits until the server accepts connections.
func (v *server) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	pause := time.NewTicker(5 * time.Millisecond)
	defer pause.Stop()
	for {
		up := listens(ctx, v.address)
		switch {
		case v.process.ended():
			return v.failed("ended (" + v.process.state() + ") before it listened on " + v.address)
		case up:
			return nil
		}
		select {
		case <-v.process.done:
		case <-pause.C:
		case <-ctx.Done():
			if context.Cause(ctx) == context.DeadlineExceeded {
				return v.failed(fmt.Sprintf("did not listen on %s within %v", v.address, startTime))
			}
			return ctx.Err()
		}
	}
}

func (v *server) failed(what string) *StartError {
	return &StartError{System: v.Name, What: what, Output: v.process.out.lastLines()}
}

// listens tells whether a connection is accepted.
func listens(ctx context.Context, address string) bool {
	dialer := net.Dialer{Timeout: time.Second}
	c, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return false
	}
	c.Close()
	return true
}

// stop ends the server and what is behind it, and removes their directories.
func (v *server) stop() error {
	if v.process != nil {
		v.process.end()
	}
	var err error
	if v.dir != "" {
		err = os.RemoveAll(v.dir)
	}
	if v.behind != nil {
		err = errors.Join(err, v.behind.stop())
	}
	return err
}

// cpu returns the processor time that the server itself took so far, and that of
// what is behind it as well.
func (v *server) cpu() (own, all time.Duration, ok bool) {
	own, ok = cpuTime(v.process.cmd.Process.Pid)
	all = own
	if v.behind != nil && ok {
		var more time.Duration
		more, ok = cpuTime(v.behind.process.cmd.Process.Pid)
		all += more
	}
	return own, all, ok
}

// put writes a snippet as a page.
func (v *server) put(path, contents string) error {
	file := filepath.Join(v.dir, "pages", filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(contents), 0o644)
}

var number = regexp.MustCompile(`\d+\.\d+[0-9A-Za-z.+-]*`)

// tellVersion asks the program for its version: a number as in "7.0.15", and of
// sttp-server all that it says. It is "" if that cannot be had.
func (sys System) tellVersion() string {
	program, err := sys.found()
	if err != nil || sys.version == nil {
		return ""
	}
	p, err := startProcess(append([]string{program}, sys.version...), environment(), "")
	if err != nil {
		return ""
	}
	timer := time.NewTimer(versionTime)
	defer timer.Stop()
	select {
	case <-p.done:
	case <-timer.C:
	}
	p.end()
	lines := p.out.lastLines()
	if len(lines) == 0 {
		return ""
	}
	if sys.dialect == nil {
		_, version, _ := strings.Cut(lines[0], " ")
		return version
	}
	return number.FindString(lines[0])
}
