package peers

import (
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"
)

// Bounds of a program that was started.
const (
	maxOutput  = 8 << 10                // bytes of its output that are kept
	mildTime   = 5 * time.Second        // from SIGTERM until it is killed
	outputTime = 500 * time.Millisecond // how long others may hold its output open when it has ended
)

// process is a server that runs, with everything that it has started.
type process struct {
	cmd  *exec.Cmd
	out  tail
	done chan struct{} // closed when it has ended
	mild time.Duration // from SIGTERM until it is killed
}

// startProcess runs argv in a process group of its own, in the directory dir.
func startProcess(argv, environ []string, dir string) (*process, error) {
	p := &process{cmd: exec.Command(argv[0], argv[1:]...), done: make(chan struct{}), mild: mildTime}
	p.cmd.Dir, p.cmd.Env = dir, environ
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	p.cmd.WaitDelay = outputTime
	p.cmd.SysProcAttr = ownGroup()
	started := make(chan error)
	go func() {
		defer close(p.done)
		// On Linux a process ends with the thread that has started it.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			p.cmd.Wait() // how it ended is in ProcessState
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// end ends the process and its group, in order if they do so in time.
func (p *process) end() {
	terminateGroup(p.cmd.Process)
	timer := time.NewTimer(p.mild)
	defer timer.Stop()
	select {
	case <-p.done:
	case <-timer.C:
	}
	killGroup(p.cmd.Process)
	<-p.done
}

// ended tells whether the process itself has ended.
func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// state returns how the process ended.
func (p *process) state() string {
	if !p.ended() || p.cmd.ProcessState == nil {
		return "it still runs"
	}
	return p.cmd.ProcessState.String()
}

// tail keeps the end of what is written to it. Many goroutines may use it.
type tail struct {
	mu  sync.Mutex
	end []byte
}

// Write never fails.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.end = append(t.end, b[max(0, len(b)-maxOutput):]...)
	if over := len(t.end) - maxOutput; over > 0 {
		t.end = append(t.end[:0], t.end[over:]...)
	}
	return len(b), nil
}

// lastLines returns the last few lines, each cut to what fits on a screen.
func (t *tail) lastLines() []string {
	const most, width = 8, 300
	t.mu.Lock()
	defer t.mu.Unlock()
	text := strings.TrimSpace(string(t.end))
	if text == "" {
		return nil
	}
	lines := strings.Split(text, "\n")
	lines = lines[max(0, len(lines)-most):]
	for i, line := range lines {
		lines[i] = line[:min(len(line), width)]
	}
	return lines
}
