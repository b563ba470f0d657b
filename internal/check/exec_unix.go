//go:build unix

package check

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// execPossible tells why no server can be started on this system, if so.
func execPossible() error { return nil }

// group is a command under way, with everything that it has started.
type group struct {
	cmd  *exec.Cmd
	env  []string // by which those are known that have left the group
	out  tail
	read *os.File      // the end of the pipe that the output comes from
	eof  chan struct{} // closed when there is no more output
	done chan struct{} // closed when the command itself has ended
}

// startGroup runs a command in a process group of its own.
func startGroup(command string, env []string) (*group, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer write.Close()
	cmd := exec.Command("/bin/sh", "-c", command)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = write, write
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, read.Close())
	}
	g := &group{cmd: cmd, env: env, read: read, eof: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(g.eof)
		g.out.copyFrom(read)
	}()
	go func() {
		defer close(g.done)
		cmd.Wait()
	}()
	return g, nil
}

// kill ends the group by force and waits for its end.
func (g *group) kill() {
	g.signal(syscall.SIGKILL)
	<-g.done
	for until := time.Now().Add(2 * time.Second); g.left() && time.Now().Before(until); time.Sleep(2 * time.Millisecond) {
		g.signal(syscall.SIGKILL)
	}
	g.killStrays()
	g.lastOutput()
}

// killStrays ends by force what the command has started and what has left the
// group since, as a server does that makes itself a daemon. It needs Linux.
func (g *group) killStrays() {
	for until := time.Now().Add(2 * time.Second); time.Now().Before(until); time.Sleep(2 * time.Millisecond) {
		strays := g.strays()
		for _, pid := range strays {
			syscall.Kill(pid, syscall.SIGKILL)
		}
		if len(strays) == 0 {
			return
		}
	}
}

// strays returns the processes that have inherited the environment that the
// command was given; it names a directory that no other run has.
func (g *group) strays() (pids []int) {
	names, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, name := range names {
		text, err := os.ReadFile(name) // of a process that has ended it is empty
		if err != nil || len(g.env) == 0 || !slices.Contains(strings.Split(string(text), "\x00"), g.env[0]) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name))); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// terminate tells the group to end, and tells whether it has within the limit.
func (g *group) terminate(limit time.Duration) bool {
	g.signal(syscall.SIGTERM)
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-g.done:
	case <-timer.C:
		return false
	}
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for g.left() {
		select {
		case <-tick.C:
		case <-timer.C:
			return false
		}
	}
	g.lastOutput()
	return true
}

// lastOutput waits until the output of a group that has ended is all there.
// Somebody who has left the group may still hold the pipe.
func (g *group) lastOutput() {
	g.read.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	<-g.eof
	g.read.Close()
}

func (g *group) signal(s syscall.Signal) { syscall.Kill(-g.cmd.Process.Pid, s) }

// state returns how the command ended.
func (g *group) state() string {
	select {
	case <-g.done:
		return g.cmd.ProcessState.String()
	default:
		return "it still runs"
	}
}

// left tells whether anything of the group still runs.
func (g *group) left() bool {
	if syscall.Kill(-g.cmd.Process.Pid, 0) != nil {
		return false
	}
	// What has ended may not have been waited for by whoever has to.
	return runtime.GOOS != "linux" || len(g.members()) > 0
}

// members returns the processes of the group. It needs Linux.
func (g *group) members() (pids []int) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range stats {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		// pid (name) state parent group …, where the name may hold anything
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		if len(fields) < 3 || fields[0] == "Z" || fields[0] == "X" || fields[2] != strconv.Itoa(g.cmd.Process.Pid) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name))); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

func makeFIFO(name string) error { return unix.Mkfifo(name, 0o644) }
