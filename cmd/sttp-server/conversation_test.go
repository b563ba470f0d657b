package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"sttp/cache/redis/redistest"
)

// A conversation is what a client and the server say to each other, written
// down as in docs/protocol.md. testdata/conversations holds them, one server of
// its own for each:
//
//	== a title, with the [statements] that it shows
//	> a line that is sent, with its LF      >> one that is sent without
//	< a line that must come, with its LF    <~ a line that must begin so
//	end      the server must close and have sent nothing more
//	close    the client ends its sending side
//	conn B   from here on, connection B, which is opened when first named
//	write, mkdir, symlink, link, fifo       change the docroot behind the server's back
//	holds PATH TEXT, gone PATH              what must be in the docroot
//
// {x*33} stands for 33 times x, {0d} and such for a byte.
type conversation struct {
	t       *testing.T
	docroot string
	addr    string
	conns   map[string]*peer
	now     *peer
}

type peer struct {
	*net.TCPConn
	r *bufio.Reader
}

func TestConversations(t *testing.T) {
	scripts, err := filepath.Glob("testdata/conversations/*.txt")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no conversations found: %v", err)
	}
	redis := redistest.Start(t, redistest.Options{})
	for _, combined := range []combination{{"files", "memory"}, {"files", "no cache"}, {"sqlite", "no cache"}, {"sqlite", "tiered"}} {
		for _, script := range scripts {
			for title, lines := range conversationsIn(t, script) {
				if combined.engine != "files" && onDisk(lines) {
					continue
				}
				t.Run(combined.String()+"/"+filepath.Base(script)+"/"+title, func(t *testing.T) {
					t.Parallel()
					dir := t.TempDir()
					s := startServer(t, append(combined.args(dir, redis.Address()), "--storage-durability=async")...)
					c := &conversation{t: t, docroot: dir + "/files", addr: s.addr, conns: map[string]*peer{}}
					c.play(lines)
				})
			}
		}
	}
}

// onDisk tells whether a conversation is about the docroot as well.
func onDisk(lines []string) bool {
	return slices.ContainsFunc(lines, func(line string) bool {
		verb := strings.Fields(line)[1]
		return slices.Contains([]string{"write", "mkdir", "symlink", "link", "fifo", "holds", "gone"}, verb)
	})
}

// conversationsIn yields the titles and numbered lines of a script.
func conversationsIn(t *testing.T, script string) func(yield func(string, []string) bool) {
	text, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	return func(yield func(string, []string) bool) {
		title, lines := "", []string(nil)
		for i, line := range strings.Split(string(text)+"\n== end", "\n") {
			if next, found := strings.CutPrefix(line, "== "); found {
				if title != "" && !yield(title, lines) {
					return
				}
				title, lines = next, nil
			} else if line != "" && !strings.HasPrefix(line, "#") {
				lines = append(lines, fmt.Sprintf("%s:%d %s", filepath.Base(script), i+1, line))
			}
		}
	}
}

func (c *conversation) play(lines []string) {
	c.connect("A")
	for _, line := range lines {
		where, rest, _ := strings.Cut(line, " ")
		verb, arg, _ := strings.Cut(rest, " ")
		if err := c.do(verb, expand(arg)); err != nil {
			c.t.Fatalf("%s: %s\n%v", where, rest, err)
		}
	}
}

func (c *conversation) connect(name string) {
	if c.now = c.conns[name]; c.now != nil {
		return
	}
	nc, err := net.Dial("tcp", c.addr)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { nc.Close() })
	nc.SetDeadline(time.Now().Add(20 * time.Second))
	c.now = &peer{nc.(*net.TCPConn), bufio.NewReader(nc)}
	c.conns[name] = c.now
}

func (c *conversation) do(verb, arg string) error {
	name, rest, _ := strings.Cut(arg, " ")
	disk := filepath.Join(c.docroot, name)
	switch verb {
	case ">":
		return c.send(arg + "\n")
	case ">>":
		return c.send(arg)
	case "<", "<~":
		return c.expect(arg, verb == "<~")
	case "end":
		return c.expectEnd()
	case "close":
		return c.now.CloseWrite()
	case "conn":
		c.connect(arg)
		return nil
	case "write":
		return os.WriteFile(disk, []byte(rest), 0o644)
	case "mkdir":
		return os.MkdirAll(disk, 0o755)
	case "symlink":
		return os.Symlink(rest, disk)
	case "link":
		return os.Link(filepath.Join(c.docroot, rest), disk)
	case "fifo":
		return syscall.Mkfifo(disk, 0o644)
	case "holds":
		return holds(disk, rest)
	case "gone":
		if _, err := os.Lstat(disk); !os.IsNotExist(err) {
			return fmt.Errorf("it is there: %v", err)
		}
		return nil
	}
	return fmt.Errorf("a conversation has no %q", verb)
}

func (c *conversation) send(text string) error {
	_, err := io.WriteString(c.now, text)
	return err
}

func (c *conversation) expect(want string, beginning bool) error {
	got, err := c.now.r.ReadString('\n')
	got, complete := strings.CutSuffix(got, "\n")
	if !complete || (got != want && !(beginning && strings.HasPrefix(got, want))) {
		return fmt.Errorf("got %q, %v", got, err)
	}
	return nil
}

func (c *conversation) expectEnd() error {
	rest, err := io.ReadAll(c.now.r)
	if err == nil && len(rest) > 0 {
		return fmt.Errorf("got %q before the end", rest)
	}
	return err
}

func holds(file, want string) error {
	got, err := os.ReadFile(file)
	if err == nil && string(got) != want {
		err = fmt.Errorf("it holds %q", got)
	}
	return err
}

var macro = regexp.MustCompile(`\{([^{}]+)\*([0-9]+)\}|\{([0-9a-f]{2})\}`)

func expand(s string) string {
	return macro.ReplaceAllStringFunc(s, func(m string) string {
		parts := macro.FindStringSubmatch(m)
		if parts[3] != "" {
			b, _ := strconv.ParseUint(parts[3], 16, 8)
			return string([]byte{byte(b)})
		}
		n, _ := strconv.Atoi(parts[2])
		return strings.Repeat(parts[1], n)
	})
}
