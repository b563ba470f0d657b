package proof

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"sttp"
	"sttp/internal/fault"
)

// faultyDisks are weathers in which the system lets calls of the server fail, as
// a disk does that is broken or full, for a while. That an empty directory cannot
// be removed is not among them: it stays until the next start, and is listed.
func (c combo) faultyDisks() []weather {
	calls := []string{"fsync:error=EIO", "fsync:error=EIO:when=3+5", "?linkat,?renameat,?renameat2:error=EIO:when=2+5", "fsync,?linkat,?mkdirat:error=ENOSPC"}
	if c.engine == "sqlite" {
		calls = []string{"fsync,fdatasync:error=EIO", "fsync,fdatasync:error=EIO:when=3+5", "pwrite64:error=EIO:when=2+3", "pwrite64:error=ENOSPC", "pwrite64,fdatasync:error=ENOSPC:when=1+7"}
	}
	var all []weather
	for _, call := range calls {
		all = append(all, weather{name: call, plan: func(rnd *rand.Rand, total int64) []mishap {
			var detach func() error
			return []mishap{
				{at: between(rnd, total, 10, 30), quiet: true, what: func(r *rig) (err error) {
					detach, err = r.inject(call)
					return err
				}},
				{at: between(rnd, total, 60, 80), what: func(*rig) error { return detach() }},
				{at: total, what: kill},
			}
		}})
	}
	return all
}

// inject has strace let system calls of the server fail, until detach.
func (r *rig) inject(calls string) (detach func() error, err error) {
	names, _, _ := strings.Cut(calls, ":")
	said := newOutput()
	cmd := exec.Command("strace", "-f", "-o", "/dev/null", "-e", "trace="+names, "-e", "inject="+calls, "-p", strconv.Itoa(r.now.cmd.Process.Pid))
	cmd.Stderr = said
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		cmd.Wait()
		said.close()
	}()
	detach = func() error {
		cmd.Process.Signal(os.Interrupt)
		select {
		case <-ended:
			return nil
		case <-time.After(startLimit):
			cmd.Process.Kill()
			<-ended
			return errors.New("strace does not let go of the server")
		}
	}
	r.t.Cleanup(func() { detach() })
	if said.waitFor(regexp.MustCompile(`(attached)`), startLimit) == "" {
		return nil, fmt.Errorf("strace does not attach to the server: %s", said)
	}
	return detach, nil
}

func needStrace(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("strace"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("strace is needed to let the disk fail")
	}
}

func TestNothingIsLostAndServiceResumesWhenADiskFails(t *testing.T) {
	notShort(t)
	needStrace(t)
	program := build(t)
	from := firstSeed()
	t.Logf("the first seed is %d", from)
	for _, c := range []combo{{"files", "off"}, {"files", "memory"}, {"sqlite", "off"}, {"sqlite", "memory"}} {
		if *only != "" && *only != c.String() {
			continue
		}
		t.Run(c.String(), func(t *testing.T) {
			r := (&rig{t: t, combo: c, dir: t.TempDir(), program: program, durable: true}).begin()
			for i, w := range c.faultyDisks() {
				r.failing(t, w, from&^1+2*uint64(i)) // even ones change much
			}
		})
	}
}

// failing makes a history in weather that makes changes fail, and looks whether
// they work again after it.
func (r *rig) failing(t *testing.T, w weather, seed uint64) {
	t.Helper()
	ops, err := r.historyIn(w, seed, length())
	if err != nil {
		t.Fatalf("%s: %v\n%s", w.name, err, r.now.stderr.tail())
	}
	fails := map[outcome]int{}
	for _, o := range ops {
		if o.Status == sttp.StatusServerError {
			fails[o.outcome()]++
		}
	}
	t.Logf("%s: %d changes failed, the outcome of %d is unknown", w.name, fails[failed], fails[open])
	if fails[failed]+fails[open] == 0 {
		t.Errorf("%s: nothing has failed, so that nothing was tried", w.name)
	}
	if v := check(ops, true); len(v.violations)+v.unknown > 0 {
		t.Errorf("a history with seed %d (%s) violates what is promised:\n%s\n%s", seed, w.name, v.summary(), explain(v, ops, r.combo, seed))
	}
	r.works(t)
}

// works checks that changes are carried out, before and after another start.
func (r *rig) works(t *testing.T) {
	t.Helper()
	file := fmt.Sprintf("/after/%d.txt", r.made)
	want := func(line, reply string) {
		t.Helper()
		if got, err := ask(r.now.address, line); err != nil || got != reply {
			t.Errorf("%s: got %q, %v, want %q\n%s", line, got, err, reply, r.now.stderr.tail())
		}
	}
	want("CREATE "+file+" x", "100 "+file+" CREATED\n")
	want("UPDATE "+file+" y", "200 "+file+" OK\ny\n")
	if err := r.restart(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	want("SHOW "+file, "200 "+file+" OK\ny\n")
	want("DELETE "+file, "600 "+file+" DELETED\n")
}

func TestABugThatAFailingDiskShowsIsFound(t *testing.T) {
	notShort(t)
	needStrace(t)
	program := build(t, "sttpfaults")
	from := firstSeed()
	t.Logf("the first seed is %d", from)
	for bug, c := range map[fault.Bug]combo{fault.ServiceKnowsBetter: {"files", "off"}, fault.SQLiteIgnoresCommit: {"sqlite", "off"}} {
		hunt{bug: bug, combo: c, weathers: c.faultyDisks(), most: 20}.test(t, program, from)
	}
}

// A file system of its own that is full for a while, which only root can make.
func TestNothingIsLostAndServiceResumesWhenADiskIsFull(t *testing.T) {
	notShort(t)
	if os.Geteuid() != 0 {
		t.Skip("only root can mount a file system")
	}
	program := build(t)
	from := firstSeed()
	t.Logf("the first seed is %d", from)
	for _, c := range []combo{{"files", "memory"}, {"sqlite", "memory"}} {
		t.Run(c.String(), func(t *testing.T) {
			dir := t.TempDir()
			if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=6m"); err != nil {
				t.Skipf("mounting a tmpfs: %v", err)
			}
			t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
			r := (&rig{t: t, combo: c, dir: dir, program: program, durable: true}).begin()
			full := weather{name: "a full disk", plan: func(rnd *rand.Rand, total int64) []mishap {
				return []mishap{
					{at: between(rnd, total, 10, 30), what: (*rig).fillDisk, quiet: true},
					{at: between(rnd, total, 60, 80), what: (*rig).freeDisk},
					{at: total, what: kill},
				}
			}}
			r.failing(t, full, from&^1)
			r.failing(t, full, from&^1+2)
		})
	}
}

func (r *rig) filler() string { return filepath.Join(r.dir, "filler") }

// fillDisk writes until there is no more room, and leaves none for whoever frees
// a little.
func (r *rig) fillDisk() error {
	f, err := os.Create(r.filler())
	if err != nil {
		return err
	}
	defer f.Close()
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	if !errors.Is(err, syscall.ENOSPC) {
		return err
	}
	return nil
}

func (r *rig) freeDisk() error { return os.Remove(r.filler()) }
