package check

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Which system calls strace is asked for. A ? stands before those that not
// every machine has.
const (
	nameCalls  = "?open,?openat,?openat2,?creat,?rename,?renameat,?renameat2,?link,?linkat,?mkdir,?mkdirat,?unlink,?unlinkat,?rmdir"
	writeCalls = "?write,?writev,?pwrite64,?pwritev,?pwritev2,?sendto,?sendmsg,?sendmmsg"
	syncCalls  = "?fsync,?fdatasync,?syncfs"
	otherCalls = "?sync,?io_uring_enter"
)

// Tracer is strace, attached to all processes of the server.
type Tracer struct {
	t    *T
	cmd  *exec.Cmd
	file string
	said notices
	done chan struct{}
	once sync.Once
}

// notices is what strace says of itself.
type notices struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func (n *notices) Write(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.text.Write(p)
	select {
	case n.more <- struct{}{}:
	default:
	}
	return len(p), nil
}

func (n *notices) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.String()
}

// Trace attaches strace to the server, with these arguments as well. It is
// detached when the case ends, at the latest.
func (t *T) Trace(p *Process, args ...string) *Tracer {
	if _, err := exec.LookPath("strace"); err != nil {
		t.Untested("strace is needed to see the system calls of the server: install the package strace")
	}
	pids := p.running().members()
	if len(pids) == 0 {
		t.Untested("the server's processes are not found")
	}
	tr := &Tracer{t: t, file: filepath.Join(p.dir, "trace.txt"), done: make(chan struct{}), said: notices{more: make(chan struct{}, 1)}}
	os.Remove(tr.file)
	all := append([]string{"-f", "-y", "-s", "400", "-o", tr.file}, args...)
	for _, pid := range pids {
		all = append(all, "-p", strconv.Itoa(pid))
	}
	tr.cmd = exec.Command("strace", all...)
	tr.cmd.Stderr = &tr.said
	if err := tr.cmd.Start(); err != nil {
		t.Untested("strace does not start: %v", err)
	}
	go func() {
		defer close(tr.done)
		tr.cmd.Wait()
	}()
	t.Cleanup(tr.detach)
	if err := tr.attached(len(pids)); err != nil {
		t.Untested("%v", err)
	}
	return tr
}

// attached waits until strace has all processes.
func (tr *Tracer) attached(processes int) error {
	timer := time.NewTimer(2 * time.Second)
	defer timer.Stop()
	for strings.Count(tr.said.String(), " attached") < processes {
		select {
		case <-tr.said.more:
		case <-timer.C:
			return errors.New("strace could not attach to the server within 2s" + lastLines(tr.said.String()))
		case <-tr.done:
			if strings.Contains(tr.said.String(), "not permitted") {
				return errors.New("strace may not look at the server: run sttp-check as root, or allow it with: sysctl kernel.yama.ptrace_scope=0")
			}
			return errors.New("strace ended" + lastLines(tr.said.String()))
		}
	}
	return nil
}

// detach lets the server go on without strace.
func (tr *Tracer) detach() {
	tr.once.Do(func() {
		tr.cmd.Process.Signal(os.Interrupt)
		timer := time.NewTimer(2 * time.Second)
		defer timer.Stop()
		select {
		case <-tr.done:
		case <-timer.C:
			tr.cmd.Process.Kill()
			<-tr.done
		}
	})
}

// Calls detaches strace and returns what it has seen.
func (tr *Tracer) Calls() trace {
	tr.detach()
	text, err := os.ReadFile(tr.file)
	if err != nil {
		tr.t.Untested("strace has left no trace: %v", err)
	}
	return parseTrace(string(text))
}

// call is a system call as strace shows it.
type call struct {
	name   string
	args   string // between the parentheses
	result string // behind the =
	// start and end are its places among all starts and ends; end is 0 if it had
	// not ended when strace was detached.
	start, end int
}

type trace []call

// parseTrace reads what "strace -f -o FILE" has written.
func parseTrace(text string) trace {
	var calls trace
	open := map[string]int{} // by process, what has begun
	for at, line := range strings.Split(text, "\n") {
		pid, rest, _ := strings.Cut(line, " ")
		rest = strings.TrimLeft(rest, " ")
		if resumed, ok := strings.CutPrefix(rest, "<... "); ok {
			i, begun := open[pid]
			if !begun {
				continue // it began before strace came
			}
			delete(open, pid)
			_, tailOf, _ := strings.Cut(resumed, " resumed>")
			calls[i].close(calls[i].args+tailOf, at+1)
			continue
		}
		name, args, isCall := strings.Cut(rest, "(")
		if !isCall || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
			continue // a signal, or an end
		}
		calls = append(calls, call{name: name, start: at + 1})
		if begun, unfinished := strings.CutSuffix(args, " <unfinished ...>"); unfinished {
			calls[len(calls)-1].args = begun
			open[pid] = len(calls) - 1
			continue
		}
		calls[len(calls)-1].close(args, at+1)
	}
	return calls
}

// close splits what follows the opening parenthesis of a call that has ended.
func (c *call) close(text string, at int) {
	c.args, c.end = text, at
	if all := resultForm.FindAllStringIndex(text, -1); len(all) > 0 {
		last := all[len(all)-1]
		c.args, c.result = text[:last[0]], text[last[1]:]
	}
}

// resultForm is what stands between the arguments of a call and its result.
var resultForm = regexp.MustCompile(`\) += `)

func (c call) String() string { return c.name + "(" + c.args + ") = " + c.result }

// worked tells whether the call has ended without an error.
func (c call) worked() bool { return c.end > 0 && !strings.HasPrefix(c.result, "-") }

// injected tells whether strace has made the call fail.
func (c call) injected() bool { return strings.Contains(c.result, "(INJECTED)") }

// named tells whether an argument is a path with this last segment.
func (c call) named(base string) bool {
	return strings.Contains(c.args, `"`+base+`"`) || strings.Contains(c.args, `/`+base+`"`)
}

// file returns the path that strace shows for the descriptor that the call is
// about, its first argument, or "".
func (c call) file() string {
	first, _, _ := strings.Cut(c.args, ",")
	_, rest, found := strings.Cut(first, "<")
	path, _, closed := strings.Cut(rest, ">")
	if !found || !closed || !strings.HasPrefix(path, "/") {
		return ""
	}
	return path
}

// in tells whether the call is one of the names, which are as strace takes them.
func (c call) in(names ...string) bool {
	for _, list := range names {
		for _, name := range strings.Split(list, ",") {
			if strings.TrimPrefix(name, "?") == c.name {
				return true
			}
		}
	}
	return false
}

// last returns the last call for which ok holds.
func (tr trace) last(ok func(call) bool) (call, bool) {
	for i := len(tr) - 1; i >= 0; i-- {
		if ok(tr[i]) {
			return tr[i], true
		}
	}
	return call{}, false
}

// reply returns the call that begins to send a reply of the status.
func (tr trace) reply(status string) (call, bool) {
	for _, c := range tr {
		if c.in(writeCalls) && strings.Contains(c.args, "<socket:") && strings.Contains(c.args, `"`+status) {
			return c, true
		}
	}
	return call{}, false
}

// naming returns the last call that gave this name to something or took it
// away; from are the calls that can.
func (tr trace) naming(base string, from ...string) (call, bool) {
	return tr.last(func(c call) bool {
		if !c.in(from...) || !c.worked() || !c.named(base) {
			return false
		}
		return !c.in("open,openat,openat2") || strings.Contains(c.args, "O_CREAT")
	})
}

// wrote returns the call that wrote the text into a file below dir.
func (tr trace) wrote(dir, text string) (call, bool) {
	return tr.last(func(c call) bool {
		return c.in(writeCalls) && c.worked() && below(dir, c.file()) && strings.Contains(c.args, text)
	})
}

func below(dir, path string) bool { return strings.HasPrefix(path, dir+"/") }

// synced tells whether one of the paths is made durable after a call and before
// another one begins.
func (tr trace) synced(after, before call, paths ...string) bool {
	for _, c := range tr {
		if c.start <= after.end || c.end == 0 || c.end >= before.start || !c.worked() {
			continue
		}
		if c.in("sync,syncfs") {
			return true
		}
		for _, p := range paths {
			if c.in("fsync,fdatasync") && c.file() == p {
				return true
			}
		}
	}
	return false
}

// writtenThrough tells whether the file is one of which every write waits for
// the disk, or whether this write does.
func (tr trace) writtenThrough(write call) bool {
	if strings.Contains(write.args, "RWF_SYNC") || strings.Contains(write.args, "RWF_DSYNC") {
		return true
	}
	_, found := tr.last(func(c call) bool {
		return c.in("open,openat,openat2") && (strings.Contains(c.args, "O_SYNC") || strings.Contains(c.args, "O_DSYNC")) &&
			strings.Contains(c.result, "<"+write.file()+">")
	})
	return found
}
