package proof

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"

	"sttp/cache/redis/redistest"
)

// combo is a storage engine and a cache in front of it.
type combo struct{ engine, cache string }

func (c combo) String() string { return c.engine + "/" + c.cache }

// redis tells whether the combination has a Redis.
func (c combo) redis() bool { return c.cache == "redis" || c.cache == "tiered" }

// flags are what sttp-server is told for the combination, with what it keeps in
// dir.
func (c combo) flags(dir string, redis *redistest.Server) []string {
	args := []string{"--listen-address=127.0.0.1", "--port=0", "--log-level=info", "--docroot=" + filepath.Join(dir, "files"), "--storage-engine=" + c.engine}
	if c.engine == "sqlite" {
		args = append(args, "--storage-sqlite-path="+filepath.Join(dir, "store.db"))
	}
	switch {
	case c.cache == "off":
		return append(args, "--cache-enabled=false")
	case c.redis():
		args = append(args, "--cache-redis-address="+redis.Address())
	}
	most := "8" // so that some are evicted
	if c.cache == "tiered" {
		most = "2" // so that Redis is asked for what it was given
	}
	return append(args, "--cache-backend="+c.cache, "--cache-max-files="+most)
}

// rig is a server process, with its Redis, that can be killed and started again.
type rig struct {
	t       testing.TB
	combo   combo
	dir     string
	program string
	env     []string
	durable bool              // it never runs with async
	redis   *redistest.Server // nil for none
	made    int               // histories
	kills   int
	other   int // things that happened to Redis

	mu     sync.Mutex
	more   sync.Cond // life has grown, or broken is set
	life   int       // how often the server was started
	now    *process  // nil while it is down
	broken error     // nothing will come any more
}

// newRig starts what a combination needs, until the test ends, with more
// environment variables for the server.
func newRig(t testing.TB, c combo, program string, env ...string) *rig {
	r := &rig{t: t, combo: c, dir: t.TempDir(), program: program, env: env}
	if c.redis() {
		r.redis = redistest.Start(t, redistest.Options{})
	}
	return r.begin()
}

// begin starts the server of a rig for the first time.
func (r *rig) begin() *rig {
	r.env = append(r.env, "GORACE=atexit_sleep_ms=0")
	r.more.L = &r.mu
	if err := r.start(); err != nil {
		r.t.Fatal(err)
	}
	return r
}

// start starts the server.
func (r *rig) start() error {
	durability := "sync"
	if r.life%2 == 1 && !r.durable { // it is to survive a kill, too, and makes other races
		durability = "async"
	}
	p, err := startProcess(r.t, r.env, r.program, append(r.combo.flags(r.dir, r.redis), "--storage-durability="+durability)...)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.broken = cmp.Or(r.broken, err)
	}
	r.now, r.life = p, r.life+1
	r.more.Broadcast()
	return err
}

// restart ends the server with a signal, and starts it again.
func (r *rig) restart(s syscall.Signal) error {
	r.mu.Lock()
	p := r.now
	r.now = nil
	r.mu.Unlock()
	if err := p.end(s); err != nil {
		return err
	}
	r.kills++
	return r.start()
}

// address returns where the server listens, and in which life. It waits for one
// that is being started.
func (r *rig) address() (string, int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.now == nil && r.broken == nil {
		r.more.Wait()
	}
	if r.broken != nil {
		return "", 0, r.broken
	}
	return r.now.address, r.life, nil
}

// outlived waits until the server has another life than the one in which err
// came from it. If nobody takes that life, the error is one.
func (r *rig) outlived(life int, err error) error {
	late := time.AfterFunc(replyLimit, func() { r.giveUp(fmt.Errorf("%w: %w", errHangs, err)) })
	defer late.Stop()
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.life == life && r.broken == nil {
		r.more.Wait()
	}
	return r.broken
}

// giveUp lets nobody wait any longer.
func (r *rig) giveUp(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.broken = cmp.Or(r.broken, err)
	r.more.Broadcast()
}

// process is a running sttp-server.
type process struct {
	cmd            *exec.Cmd
	address        string
	stdout, stderr *output
	ended          chan struct{} // closed when it has
}

// startProcess starts a program and waits until it listens. It ends with the
// test at the latest.
func startProcess(t testing.TB, env []string, program string, args ...string) (*process, error) {
	p := &process{cmd: exec.Command(program, args...), stdout: newOutput(), stderr: newOutput(), ended: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = p.stdout, p.stderr
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(p.ended)
		p.cmd.Wait()
		p.stdout.close()
		p.stderr.close()
	}()
	t.Cleanup(func() { p.end(syscall.SIGKILL) })
	p.address = p.stdout.waitFor(regexp.MustCompile(`listening on  (\S+)`), startLimit)
	if p.address == "" {
		p.end(syscall.SIGKILL)
		return nil, fmt.Errorf("the server does not start:\n%s", p.stderr)
	}
	return p, nil
}

// startLimit is how long a server may take to start, or to end.
const startLimit = 20 * time.Second

// end sends a signal to the process and waits until it has ended.
func (p *process) end(s syscall.Signal) error {
	p.cmd.Process.Signal(s)
	timer := time.NewTimer(startLimit)
	defer timer.Stop()
	select {
	case <-p.ended:
		return nil
	case <-timer.C:
		p.cmd.Process.Kill()
		<-p.ended
		return errors.New("the server does not end")
	}
}

// output keeps what a process prints and lets others wait for some of it.
type output struct {
	mu   sync.Mutex
	b    bytes.Buffer
	more chan struct{} // closed, and replaced, when there is more
	over bool
}

func newOutput() *output { return &output{more: make(chan struct{})} }

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.b.Write(p)
	close(o.more)
	o.more = make(chan struct{})
	return len(p), nil
}

func (o *output) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.over {
		o.over = true
		close(o.more)
	}
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// waitFor returns the first group of what pattern matches, as soon as it has
// been printed, and "" if that takes longer than limit or the process ends.
func (o *output) waitFor(pattern *regexp.Regexp, limit time.Duration) string {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		o.mu.Lock()
		m, more, over := pattern.FindSubmatch(o.b.Bytes()), o.more, o.over
		text := ""
		if m != nil {
			text = string(m[1])
		}
		o.mu.Unlock()
		if m != nil || over {
			return text
		}
		select {
		case <-more:
		case <-timer.C:
			return ""
		}
	}
}

// tail returns the end of what has been printed.
func (o *output) tail() string {
	s := o.String()
	return s[max(0, len(s)-2000):]
}
