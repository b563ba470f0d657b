package files

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
)

var scenarios = []scenario{
	{
		name:    "create in the root",
		clients: [][]call{{{"CREATE", "/a.txt", "a new snippet"}}},
	},
	{
		name:    "create in a directory that is there",
		before:  map[string]string{"/d/old": "o"},
		clients: [][]call{{{"CREATE", "/d/a.txt", "a new snippet"}}},
	},
	{
		name:    "create in new directories",
		before:  map[string]string{"/d/old": "o"},
		clients: [][]call{{{"CREATE", "/d/e/f/g/a.txt", "a new snippet"}}},
	},
	{
		name:    "update",
		before:  map[string]string{"/d/a.txt": "an old snippet"},
		clients: [][]call{{{"UPDATE", "/d/a.txt", "a new snippet"}, {"UPDATE", "/d/a.txt", "a newer snippet"}}},
	},
	{
		name:    "delete of one of two",
		before:  map[string]string{"/d/a.txt": "a", "/d/b.txt": "b"},
		clients: [][]call{{{"DELETE", "/d/a.txt", ""}}},
	},
	{
		name:    "delete of the last file in directories",
		before:  map[string]string{"/d/e/f/a.txt": "a", "/d/b.txt": "b"},
		clients: [][]call{{{"DELETE", "/d/e/f/a.txt", ""}, {"DELETE", "/d/b.txt", ""}}},
	},
	{
		name:    "a directory that goes and comes back",
		clients: [][]call{{{"CREATE", "/d/a", "1"}, {"DELETE", "/d/a", ""}, {"CREATE", "/d/b", "2"}, {"UPDATE", "/d/b", "3"}}},
	},

	{
		name:    "two create the same file in a new directory",
		clients: [][]call{{{"CREATE", "/d/e/a", "1"}}, {{"CREATE", "/d/e/a", "2"}}},
	},
	{
		name:    "two create files in the same new directory",
		clients: [][]call{{{"CREATE", "/d/e/a", "1"}}, {{"CREATE", "/d/e/b", "2"}}},
	},
	{
		name:    "two create, and one updates then, in new directories",
		clients: [][]call{{{"CREATE", "/d/a", "1"}, {"UPDATE", "/d/a", "2"}}, {{"CREATE", "/d/e/b", "3"}, {"DELETE", "/d/e/b", ""}}},
	},
	{
		name:    "two update a file",
		before:  map[string]string{"/d/a": "0"},
		clients: [][]call{{{"UPDATE", "/d/a", "1"}}, {{"UPDATE", "/d/a", "2"}}},
	},
	{
		name:    "update and delete",
		before:  map[string]string{"/d/a": "0"},
		clients: [][]call{{{"UPDATE", "/d/a", "1"}}, {{"DELETE", "/d/a", ""}}},
	},
	{
		name:    "delete of the last file and a create beside it",
		before:  map[string]string{"/d/e/a": "0"},
		clients: [][]call{{{"DELETE", "/d/e/a", ""}}, {{"CREATE", "/d/e/b", "1"}}},
	},
	{
		name:    "a file takes the name of a directory",
		before:  map[string]string{"/n/a": "0"},
		clients: [][]call{{{"DELETE", "/n/a", ""}}, {{"CREATE", "/n", "1"}}},
	},
	{
		name:    "two deletes and a create while the directory goes",
		before:  map[string]string{"/d/e/a": "0", "/d/e/b": "1"},
		clients: [][]call{{{"DELETE", "/d/e/a", ""}}, {{"DELETE", "/d/e/b", ""}}, {{"CREATE", "/d/e/c", "2"}}},
	},
	{
		name:    "create, delete and create in a directory that goes",
		before:  map[string]string{"/d/a": "0"},
		clients: [][]call{{{"CREATE", "/d/b", "1"}}, {{"DELETE", "/d/a", ""}, {"DELETE", "/d/b", ""}}, {{"CREATE", "/d/c", "2"}}},
	},

	{
		name:    "a delete that syncs the successor of the directory it was in",
		before:  map[string]string{"/p/keep": "0", "/p/s/x": "1", "/p/s/y": "2"},
		clients: [][]call{{{"DELETE", "/p/s/x", ""}}, {{"DELETE", "/p/s/y", ""}}, {{"CREATE", "/p/s/z", "3"}}},
		starts:  []string{"", "rmdir p/s#1", "rmdir p/s#2"},
		after:   map[string]string{"opendir p/s#1": "link p/s/z#1", "opendir p#1": "sync p/s#1"},
	},
	{
		name:    "a create that syncs the parent of a directory that is made again",
		before:  map[string]string{"/p/keep": "0"},
		clients: [][]call{{{"CREATE", "/p/n/a", "1"}}, {{"DELETE", "/p/n/a", ""}, {"CREATE", "/p/n/b", "2"}}, {{"CREATE", "/p/n/c", "3"}}},
		starts:  []string{"", "sync p#1", "sync .#1"},
		after:   map[string]string{"opendir .#1": "link p/n/b#1", "opendir p#3": "sync p/n#3"},
	},
	{
		name:    "a create in a directory that was durable and is made again",
		clients: [][]call{{{"CREATE", "/d/a", "1"}, {"DELETE", "/d/a", ""}, {"CREATE", "/d/c", "2"}}, {{"CREATE", "/d/b", "3"}}},
		starts:  []string{"", "sync .#1"},
		after:   map[string]string{"unlink d/a#1": "lstat d#5", "link d/b#1": "mkdir d#2", "opendir .#3": "as late as possible"},
	},
	{
		name:    "a create that comes while its directory is synced",
		before:  map[string]string{"/d/keep": "0"},
		clients: [][]call{{{"CREATE", "/d/a", "1"}}, {{"CREATE", "/d/b", "2"}}},
		starts:  []string{"", "create .sttp/tmp-1#1"},
		after:   map[string]string{"link d/b#1": "opendir d#1", "sync d#1": "unlink .sttp/tmp-2#1"},
	},
	{
		name:    "a create that joins the sync after the one that mattered",
		before:  map[string]string{"/d/keep": "0"},
		clients: [][]call{{{"CREATE", "/d/a", "1"}}, {{"CREATE", "/d/b", "2"}}},
		starts:  []string{"", "create .sttp/tmp-1#1"},
		after:   map[string]string{"opendir d#1": "link d/b#1", "unlink .sttp/tmp-2#1": "sync d#1"},
	},
}

// schedules is how many orders a scenario with several clients is run in. More
// find more: go test ./store/files -run 'Cut|Kill|Fail' -schedules 200.
var schedules = flag.Uint64("schedules", 3, "orders of operations to try for each crash scenario")

func (sc scenario) schedules() uint64 {
	if len(sc.clients) == 1 || sc.after != nil {
		return 1
	}
	return *schedules
}

// eachSchedule runs a test of every scenario in every schedule, in a bubble of
// synctest.
func eachSchedule(t *testing.T, f func(t *testing.T, sc scenario, schedule uint64)) {
	for _, sc := range scenarios {
		t.Run(sc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for schedule := range sc.schedules() {
					f(t, sc, schedule)
				}
			})
		})
	}
}

// from is the fault that fails every operation from number n on.
func from(n int, err error) fault {
	return func(number int, _ string) error {
		if number >= n {
			return err
		}
		return nil
	}
}

// only is the fault that fails operation n alone.
func only(n int, err error) fault {
	return func(number int, _ string) error {
		if number == n {
			return err
		}
		return nil
	}
}

// Shows [5.8-2] of docs/protocol.md.
func TestChangesAtOnceAreLinearizable(t *testing.T) {
	eachSchedule(t, func(t *testing.T, sc scenario, schedule uint64) {
		for i := range uint64(10) {
			schedule := 10*schedule + i
			r := play(t, sc, schedule, noFault, nil)
			if err := r.check(r.disk, true); err != nil {
				t.Fatalf("schedule %d: %v\n%s", schedule, err, strings.Join(r.ops, "\n"))
			}
		}
	})
}

// Shows [5.9-1] [9.3-2] of docs/protocol.md.
func TestAPowerCutAtAnyOperationLosesNothingThatWasAcknowledged(t *testing.T) {
	eachSchedule(t, func(t *testing.T, sc scenario, schedule uint64) {
		ops := len(play(t, sc, schedule, noFault, nil).ops)
		for n := range ops + 1 {
			r := play(t, sc, schedule, from(n, errPowerCut), nil)
			seed := schedule<<32 + uint64(n)<<8
			err := r.cutPower(t, nothingMore, everythingMore, randomlyMore(seed), randomlyMore(seed+1), randomlyMore(seed+2))
			if err != nil {
				t.Fatalf("schedule %d, operation %d of %d: %v", schedule, n, ops, err)
			}
		}
	})
}

// A process that is killed leaves what it has not synced to the next one, which
// does not know, and must not take it for durable.
// Shows [9.3-2] [9.3-3] of docs/protocol.md.
func TestAKillAtAnyOperationLeavesAStoreThatCanGoOn(t *testing.T) {
	eachSchedule(t, func(t *testing.T, sc scenario, schedule uint64) {
		ops := len(play(t, sc, schedule, noFault, nil).ops)
		for n := range ops + 1 {
			r := play(t, sc, schedule, from(n, errPowerCut), nil)
			s, err := r.restart(t, r.disk, true)
			if err == nil && n%2 == 0 { // else the leftovers are cleared away and no more
				err = r.goOn(s)
			}
			if err == nil {
				err = s.Close()
			}
			if err == nil {
				err = r.cutPower(t, nothingMore, randomlyMore(schedule<<32+uint64(n)))
			}
			if err != nil {
				t.Fatalf("schedule %d, operation %d of %d: %v", schedule, n, ops, err)
			}
		}
	})
}

// Shows [5.10-2] of docs/protocol.md.
func TestAFailureOfAnyOperationIsToldAndLeavesNothingHalfDone(t *testing.T) {
	errnos := []error{syscall.EIO, syscall.ENOSPC, syscall.EROFS, syscall.EACCES}
	eachSchedule(t, func(t *testing.T, sc scenario, schedule uint64) {
		ops := len(play(t, sc, schedule, noFault, nil).ops)
		for n := range ops {
			each := errnos
			if len(sc.clients) > 1 { // there are enough of these
				i := (n + int(schedule)) % len(errnos)
				each = errnos[i : i+1]
			}
			for _, err := range each {
				if verr := failOnce(t, sc, schedule, n, err); verr != nil {
					t.Fatalf("schedule %d, %v at operation %d: %v", schedule, err, n, verr)
				}
			}
		}
	})
}

// A server that could not clear away everything tells the next one, also when
// it was closed in order.
func TestWhatAFailureLeavesIsClearedAwayByTheNextStart(t *testing.T) {
	eachSchedule(t, func(t *testing.T, sc scenario, schedule uint64) {
		ops := len(play(t, sc, schedule, noFault, nil).ops)
		for n := range ops {
			r := play(t, sc, schedule, only(n, []error{syscall.EIO, syscall.EACCES}[n%2]), nil)
			if err := r.store.Close(); err != nil {
				t.Fatal(err)
			}
			for seed := range uint64(6) {
				if err := r.cutPower(t, randomlyMore(uint64(n)<<8+seed)); err != nil {
					t.Fatalf("schedule %d, operation %d of %d: %v", schedule, n, ops, err)
				}
			}
			s, err := r.restart(t, r.disk, true)
			if err == nil {
				err = s.Close()
			}
			if err != nil {
				t.Fatalf("schedule %d, operation %d of %d: %v", schedule, n, ops, err)
			}
		}
	})
}

// failOnce fails one operation, checks what was answered against what is there,
// goes on, and checks again after a power cut.
func failOnce(t *testing.T, sc scenario, schedule uint64, n int, err error) error {
	r := play(t, sc, schedule, only(n, err), nil)
	failed := ""
	if n < len(r.ops) {
		failed = r.ops[n]
	}
	untidy := strings.HasPrefix(failed, "unlink .sttp/") || strings.HasPrefix(failed, "rmdir ")
	if err := r.check(r.disk, true); err != nil && !untidy {
		return fmt.Errorf("%s: %w", failed, err)
	}
	if err := r.goOn(r.store, suspicion(failed)...); err != nil {
		return fmt.Errorf("%s: %w", failed, err)
	}
	if err := r.store.Close(); err != nil {
		return err
	}
	if err := r.cutPower(t, nothingMore, everythingMore, randomlyMore(uint64(n))); err != nil {
		return fmt.Errorf("%s: %w", failed, err)
	}
	return nil
}

// suspicion returns what changes may be refused with once op has failed: after
// the sync of a directory, that what it holds may be lost.
func suspicion(op string) []error {
	if strings.HasPrefix(op, "sync ") {
		return []error{errSuspect}
	}
	return nil
}

func TestADiskThatFailsForGoodIsToldAndLosesNothingThatWasAcknowledged(t *testing.T) {
	eachSchedule(t, func(t *testing.T, sc scenario, schedule uint64) {
		ops := len(play(t, sc, schedule, noFault, nil).ops)
		for n := range ops {
			r := play(t, sc, schedule, from(n, []error{syscall.EIO, syscall.ENOSPC}[n%2]), nil)
			if err := r.cutPower(t, nothingMore, everythingMore, randomlyMore(uint64(n))); err != nil {
				t.Fatalf("schedule %d, operation %d of %d: %v", schedule, n, ops, err)
			}
		}
	})
}

// Someone who removes a directory by hand does not tell the engine, which has
// to notice when it makes it again.
func TestADirectoryRemovedByHandIsNotTakenForTheDurableOneThatItWas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := play(t, scenario{clients: [][]call{{{"CREATE", "/d/a", "1"}, {"CREATE", "/d/b", "1"}}}}, 0, noFault, nil)
		r.disk.root.set("d", nil)
		r.disk.root.write(len(r.disk.root.since))
		r.calls = nil
		if err := r.do(r.store, call{"CREATE", "/d/c", "2"}); err != nil {
			t.Fatal(err)
		}
		if err := r.cutPower(t, nothingMore); err != nil {
			t.Error(err)
		}
	})
}

// The tests above are worth something only if they notice a sync that is not
// done. So every kind of sync is left out in turn.
// Shows [5.9-2] of docs/protocol.md.
func TestACrashTestNoticesEverySyncThatIsLeftOut(t *testing.T) {
	for what, lies := range map[string]func(op string) bool{
		"of a new file":           func(op string) bool { return strings.HasPrefix(op, "fsync ") },
		"of a file's directory":   func(op string) bool { return op == "sync d" || op == "sync d/e/f/g" },
		"of a directory's parent": func(op string) bool { return op == "sync d/e" },
		"of the docroot":          func(op string) bool { return op == "sync ." },
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				noticed := slices.ContainsFunc(scenarios, func(sc scenario) bool { return !survives(t, sc, lies) })
				if !noticed {
					t.Error("nothing was noticed")
				}
			})
		})
	}
}

// survives tells whether a power cut at the end of a scenario loses nothing
// that was acknowledged.
func survives(t *testing.T, sc scenario, lies func(op string) bool) bool {
	r := play(t, sc, 0, noFault, lies)
	for _, c := range r.calls {
		if c.err != nil && !errors.Is(c.err, errPowerCut) && len(sc.clients) == 1 {
			t.Fatal(c.err)
		}
	}
	return r.cutPower(t, nothingMore) == nil
}
