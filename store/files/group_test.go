package files

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"

	"sttp/store"
)

// crowd is a store whose syncs of the directory d each wait for the test, and
// the writers that create a file in there each, all at once.
type crowd struct {
	*Store
	syncs chan chan error // each sync that is to begin, waiting for its outcome
	errs  []error         // by writer, valid after wait
	begun Stats           // before any writer
	wait  func()
}

func newCrowd(t *testing.T, writers int) *crowd {
	disk := newSimDisk()
	s := openOn(t, disk)
	if err := (call{"CREATE", "/d/first", "x"}).do(s); err != nil {
		t.Fatal(err)
	}
	c := &crowd{Store: s, syncs: make(chan chan error, writers), errs: make([]error, writers), begun: s.Stats()}
	disk.gate = func(op string) error {
		if op != "sync d" {
			return nil
		}
		outcome := make(chan error)
		c.syncs <- outcome
		return <-outcome
	}
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() { c.errs[i] = call{"CREATE", fmt.Sprint("/d/", i), "x"}.do(s) })
	}
	c.wait = wg.Wait
	return c
}

// next lets the next sync end with err, once all that can wait for it do.
func (c *crowd) next(err error) {
	synctest.Wait()
	<-c.syncs <- err
}

func TestFiftyWritersInADirectoryNeedTwoSyncsOfIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t, 50)
		c.next(nil)
		c.next(nil)
		c.wait()
		for i, err := range c.errs {
			if err != nil {
				t.Errorf("writer %d: %v", i, err)
			}
		}
		ended := c.Stats()
		if changes, syncs := ended.Changes-c.begun.Changes, ended.Syncs-c.begun.Syncs; changes != 50 || syncs != 2 {
			t.Errorf("%d changes took %d syncs, want 50 and 2", changes, syncs)
		}
	})
}

// Shows [5.9-4] of docs/protocol.md.
func TestAFailedSyncIsToldToEveryoneWhoSharedIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t, 50)
		c.next(nil)
		c.next(syscall.EIO)
		c.wait()
		succeeded := 0
		for i, err := range c.errs {
			switch {
			case err == nil:
				succeeded++
			case !errors.Is(err, store.ErrOutcomeUnknown) || !errors.Is(err, syscall.EIO):
				t.Errorf("writer %d: got %v, want an unknown outcome because of an I/O error", i, err)
			}
		}
		if succeeded != 1 {
			t.Errorf("%d writers succeeded, want the one that did not share the failed sync", succeeded)
		}
	})
}

// What was there when a sync failed may never be written: a sync that succeeds
// afterwards must not be believed by those who had changed something before.
// Shows [5.9-5] of docs/protocol.md.
func TestASyncThatSucceedsAfterOneThatFailedIsNotBelieved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t, 50)
		c.next(syscall.EIO)
		c.next(nil)
		c.wait()
		for i, err := range c.errs {
			if !errors.Is(err, store.ErrOutcomeUnknown) {
				t.Errorf("writer %d: got %v, want %v", i, err, store.ErrOutcomeUnknown)
			}
		}
		c.disk.(*simDisk).gate = nil
		if err := (call{"CREATE", "/d/later", "x"}).do(c.Store); err != nil {
			t.Errorf("a change after the failed sync: %v", err)
		}
	})
}

// failing returns a store on a disk of which every operation fails that begins
// with op, as long as *on.
func failing(t *testing.T, op string, err error) (s *Store, on *bool) {
	disk := newSimDisk()
	s, on = openOn(t, disk), new(bool)
	disk.gate = func(o string) error {
		if *on && strings.HasPrefix(o, op) {
			return err
		}
		return nil
	}
	return s, on
}

func TestADirectoryThatCouldNotBeMadeDurableIsNotWrittenToUntilItIsMadeAgain(t *testing.T) {
	s, on := failing(t, "sync .", syscall.EIO)
	*on = true
	if err := (call{"CREATE", "/d/a", "1"}).do(s); !errors.Is(err, store.ErrOutcomeUnknown) {
		t.Fatalf("Create: got %v, want %v", err, store.ErrOutcomeUnknown)
	}
	*on = false
	for _, c := range []call{{"UPDATE", "/d/a", "2"}, {"CREATE", "/d/b", "2"}, {"CREATE", "/d/e/b", "2"}} {
		if err := c.do(s); err == nil || errors.Is(err, store.ErrOutcomeUnknown) {
			t.Errorf("%v: got %v, want a failure that has changed nothing", c, err)
		}
	}
	for _, c := range []call{{"CREATE", "/other/a", "3"}, {"DELETE", "/d/a", ""}, {"CREATE", "/d/b", "3"}, {"UPDATE", "/d/b", "4"}} {
		if err := c.do(s); err != nil {
			t.Errorf("%v: %v", c, err)
		}
	}
}

// Shows [5.2-5] [5.2-6] [5.10-1] of docs/protocol.md.
func TestWhatStandsInTheWayOfAChangeIsToldApart(t *testing.T) {
	for _, c := range []struct {
		op    string
		errno error
		call  call
		want  error
	}{
		{"create .sttp/", syscall.ENOSPC, call{"CREATE", "/a", "x"}, store.ErrNoSpace},
		{"write .sttp/", syscall.EDQUOT, call{"CREATE", "/a", "x"}, store.ErrNoSpace},
		{"fsync .sttp/", syscall.ENOSPC, call{"UPDATE", "/d/old", "x"}, store.ErrNoSpace},
		{"link ", syscall.ENOSPC, call{"CREATE", "/a", "x"}, store.ErrNoSpace},
		{"rename ", syscall.EDQUOT, call{"UPDATE", "/d/old", "x"}, store.ErrNoSpace},
		{"mkdir ", syscall.ENOSPC, call{"CREATE", "/e/a", "x"}, store.ErrNoSpace},
		{"mkdir ", syscall.EACCES, call{"CREATE", "/e/a", "x"}, store.ErrCannotCreatePath},
		{"mkdir ", syscall.EPERM, call{"CREATE", "/e/a", "x"}, store.ErrCannotCreatePath},
		{"mkdir ", syscall.EROFS, call{"CREATE", "/e/a", "x"}, store.ErrCannotCreatePath},
		{"mkdir ", syscall.EMLINK, call{"CREATE", "/e/a", "x"}, store.ErrCannotCreatePath},
		{"mkdir ", syscall.ENAMETOOLONG, call{"CREATE", "/e/a", "x"}, store.ErrCannotCreatePath},
		{"mkdir ", syscall.EIO, call{"CREATE", "/e/a", "x"}, syscall.EIO},
		{"create .sttp/", syscall.EROFS, call{"CREATE", "/e/a", "x"}, store.ErrCannotCreatePath},
		{"create .sttp/", syscall.EROFS, call{"CREATE", "/d/a", "x"}, syscall.EROFS},
		{"link ", syscall.EIO, call{"CREATE", "/e/a", "x"}, store.ErrOutcomeUnknown},
		{"rename ", syscall.EIO, call{"UPDATE", "/d/old", "x"}, store.ErrOutcomeUnknown},
		{"unlink d/", syscall.EIO, call{"DELETE", "/d/old", ""}, store.ErrOutcomeUnknown},
		{"unlink d/", syscall.EACCES, call{"DELETE", "/d/old", ""}, syscall.EACCES},
		{"opendir d", syscall.EMFILE, call{"DELETE", "/d/old2", ""}, store.ErrOutcomeUnknown},
		{"sync d", syscall.ENOSPC, call{"CREATE", "/d/a", ""}, store.ErrOutcomeUnknown},
	} {
		s, on := failing(t, c.op, c.errno)
		for _, f := range []string{"/d/old", "/d/old2"} {
			if err := (call{"CREATE", f, "o"}).do(s); err != nil {
				t.Fatal(err)
			}
		}
		*on = true
		err := c.call.do(s)
		if !errors.Is(err, c.want) || !errors.Is(err, c.errno) {
			t.Errorf("%v when %q fails with %v: got %v, want %v", c.call, c.op, c.errno, err, c.want)
		}
		if c.want == c.errno && (errors.Is(err, store.ErrCannotCreatePath) || errors.Is(err, store.ErrNoSpace)) {
			t.Errorf("%v when %q fails with %v: got %v", c.call, c.op, c.errno, err)
		}
		*on = false
		files, empty := s.disk.(*simDisk).files()
		delete(files, "/"+markerName)
		if len(empty) > 0 || !errors.Is(err, store.ErrOutcomeUnknown) && len(files) != 2 {
			t.Errorf("%v when %q fails with %v: left %q and the empty %q", c.call, c.op, c.errno, files, empty)
		}
	}
}

// No DELETE can make a CREATE try again for ever, and nothing else may either.
func TestACreateWhoseTemporaryFileVanishesGivesUp(t *testing.T) {
	disk := newSimDisk()
	s := openOn(t, disk)
	disk.gate = func(op string) error {
		if strings.HasPrefix(op, "link ") {
			clear(disk.root.names[stateDir].names)
		}
		return nil
	}
	if err := (call{"CREATE", "/d/e/a", "x"}).do(s); err == nil {
		t.Error("a file was created from nothing")
	}
	disk.gate = nil
	if _, empty := disk.files(); len(empty) != 1 || empty[0] != "/"+stateDir {
		t.Errorf("empty directories: %q", empty)
	}
}

func TestADocrootThatCannotBeUsedIsToldApart(t *testing.T) {
	for _, c := range []struct {
		op    string
		errno error
		want  error
	}{
		{"mkdir .sttp", syscall.EACCES, ErrDocrootNotWritable},
		{"create .sttp/", syscall.EROFS, ErrDocrootNotWritable},
		{"link ", syscall.EPERM, ErrNoHardLinks},
		{"link ", syscall.EOPNOTSUPP, ErrNoHardLinks},
		{"link ", syscall.EACCES, ErrDocrootNotWritable},
		{"sync ", syscall.EINVAL, ErrNoDirectorySync},
	} {
		disk := newSimDisk()
		disk.gate = func(op string) error {
			if strings.HasPrefix(op, c.op) {
				return c.errno
			}
			return nil
		}
		s, err := Open("the docroot", Options{disk: disk})
		if !errors.Is(err, c.want) || !errors.Is(err, c.errno) || s != nil {
			t.Errorf("when %q fails with %v: got %v, want %v", c.op, c.errno, err, c.want)
			continue
		}
		if !strings.Contains(err.Error(), `docroot "the docroot" `) {
			t.Errorf("the message does not name the docroot: %v", err)
		}
	}
}

// Shows [5.9-3] of docs/protocol.md.
func TestAsyncDurabilityNeverSyncs(t *testing.T) {
	disk := newSimDisk()
	disk.gate = func(op string) error {
		if strings.HasPrefix(op, "sync ") || strings.HasPrefix(op, "fsync ") {
			t.Errorf("%s", op)
		}
		return nil
	}
	s, err := Open("simulated", Options{Durability: Async, disk: disk})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []call{{"CREATE", "/d/a", "1"}, {"UPDATE", "/d/a", "2"}, {"DELETE", "/d/a", ""}} {
		if err := c.do(s); err != nil {
			t.Errorf("%v: %v", c, err)
		}
	}
	if got := s.Stats(); got != (Stats{Changes: 3}) {
		t.Errorf("Stats: got %+v, want 3 changes and no sync", got)
	}
}

// An UPDATE that waits for others on its path stops when its context ends.
func TestAChangeThatWaitsForItsPathStopsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := newSimDisk()
		s := openOn(t, disk)
		if err := (call{"CREATE", "/a", "old"}).do(s); err != nil {
			t.Fatal(err)
		}
		l, err := s.lockPath(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		for name, do := range map[string]func(ctx context.Context) error{
			"Update": func(ctx context.Context) error { return s.Update(ctx, mustPath("/a"), mustContents("new")) },
			"Delete": func(ctx context.Context) error { return s.Delete(ctx, mustPath("/a")) },
		} {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var wg sync.WaitGroup
			wg.Go(func() {
				if err := do(ctx); !errors.Is(err, context.Canceled) {
					t.Errorf("%s: got %v, want %v", name, err, context.Canceled)
				}
			})
			synctest.Wait()
			cancel()
			wg.Wait()
		}
		l.unlock()
		files, _ := disk.files()
		if files["/a"] != "old" || len(files) != 2 {
			t.Errorf("files: %q", files)
		}
	})
}

func TestNoMoreThanParallelMethodsWorkOnTheDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const parallel, writers = 3, 10
		disk := newSimDisk()
		s, err := Open("docroot", Options{disk: disk, Parallel: parallel})
		if err != nil {
			t.Fatal(err)
		}
		begun, leave := make(chan struct{}, writers), make(chan struct{})
		disk.gate = func(op string) error {
			if strings.HasPrefix(op, "create ") {
				begun <- struct{}{}
				<-leave
			}
			return nil
		}
		var wg sync.WaitGroup
		for i := range writers {
			wg.Go(func() {
				if err := (call{"CREATE", fmt.Sprint("/", i), "x"}).do(s); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		if len(begun) != parallel {
			t.Errorf("%d methods work on the disk at once, want %d", len(begun), parallel)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.Show(ctx, mustPath("/0")); !errors.Is(err, context.Canceled) {
			t.Errorf("one that need not wait any more returned %v", err)
		}
		close(leave)
		wg.Wait()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}
