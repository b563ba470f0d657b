package files

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"sttp/store"
)

// errPowerCut is what every operation returns once the power is gone, or the
// process killed.
var errPowerCut = errors.New("there is no power")

// scenario is what is there before, and what clients then ask for at once, each
// one call after the other.
type scenario struct {
	name    string
	before  map[string]string
	clients [][]call

	// For a race that is too rare to be found by chance: which operation each
	// client waits for before it begins, and which operation waits for which
	// other. "sync d#2" is the second sync of d.
	starts []string
	after  map[string]string
}

// fault decides what becomes of the operation with that number: nil is that it
// is carried out.
type fault func(number int, op string) error

func noFault(int, string) error { return nil }

// run is one run of a scenario on a simulated disk.
type run struct {
	scenario
	disk  *simDisk
	store *Store
	history
	ops []string // all that the disk was asked for, in order
}

// play runs a scenario, in a bubble of synctest. The schedule says which of the clients that want
// something of the disk gets it: the same number, the same order, as far as the
// scheduler of Go plays no part in it.
func play(t *testing.T, sc scenario, schedule uint64, f fault, lies func(op string) bool) *run {
	r := &run{scenario: sc, disk: newSimDisk()}
	s := openOn(t, r.disk)
	for p, text := range sc.before {
		if err := (call{"CREATE", p, text}).do(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	r.store = openOn(t, r.disk)
	r.disk.lies = lies
	r.clientsAtOnce(schedule, f)
	r.disk.gate = nil
	return r
}

func openOn(t *testing.T, d *simDisk) *Store {
	t.Helper()
	s, err := Open("simulated", Options{disk: d})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// clientsAtOnce lets each client run until it wants something of the disk, then
// one of them go on, and so forth.
func (r *run) clientsAtOnce(schedule uint64, f fault) {
	type waiting struct {
		op string
		on chan error
	}
	var mu sync.Mutex
	var queue []waiting
	r.disk.gate = func(op string) error {
		w := waiting{op, make(chan error)}
		mu.Lock()
		queue = append(queue, w)
		mu.Unlock()
		return <-w.on
	}
	var wg sync.WaitGroup
	done := map[string]bool{"": true}
	begin := func(trigger string) {
		for i, calls := range r.clients {
			if i < len(r.starts) && r.starts[i] != trigger || i >= len(r.starts) && trigger != "" {
				continue
			}
			wg.Go(func() {
				for _, c := range calls {
					r.do(r.store, c)
				}
			})
			synctest.Wait()
		}
	}
	begin("")
	count := map[string]int{}
	numbered := func(op string) string { return fmt.Sprint(op, "#", count[op]+1) }
	rnd := rand.New(rand.NewPCG(schedule, 2))
	for ; len(queue) > 0; synctest.Wait() {
		i := len(queue) - 1 // every other schedule prefers who was at it
		if schedule%2 == 0 || rnd.IntN(5) == 0 {
			i = rnd.IntN(len(queue))
		}
		for range queue { // until one need not wait, or all do
			if done[r.after[numbered(queue[i].op)]] {
				break
			}
			i = (i + 1) % len(queue)
		}
		w := queue[i]
		queue = slices.Delete(queue, i, i+1)
		err := f(len(r.ops), w.op)
		r.ops = append(r.ops, w.op)
		w.on <- err
		this := numbered(w.op)
		count[w.op]++
		done[this] = true
		synctest.Wait()
		begin(this)
	}
	wg.Wait()
}

// check returns an error unless d, a disk that nothing has been lost from or
// one after a power cut, holds what it should.
func (r *run) check(d *simDisk, lossless bool) error {
	found, empty := d.files()
	for name := range found {
		if strings.HasPrefix(name, "/.sttp") {
			if name != "/"+markerName {
				return fmt.Errorf("left behind: %s", name)
			}
			delete(found, name)
		}
	}
	if len(empty) > 0 {
		return fmt.Errorf("empty directories: %q", empty)
	}
	return r.explains(r.before, found, lossless)
}

// restart opens the engine on d and checks what is there then.
func (r *run) restart(t *testing.T, d *simDisk, lossless bool) (*Store, error) {
	s := openOn(t, d)
	return s, r.check(d, lossless)
}

// cutPower checks what is found after power cuts, each with other survivors.
func (r *run) cutPower(t *testing.T, all ...survivors) error {
	for _, sv := range all {
		s, err := r.restart(t, r.disk.afterPowerCut(sv), false)
		if err != nil {
			return fmt.Errorf("survivors: %s: %w\noperations:\n\t%s", sv.name, err, strings.Join(r.ops, "\n\t"))
		}
		if err := s.Close(); err != nil {
			return err
		}
	}
	return nil
}

// goOn makes or replaces every file of the scenario, and a new one beside each,
// and returns an error if one of these fails for another reason than those
// allowed.
func (r *run) goOn(s *Store, allowed ...error) error {
	allowed = append(allowed, store.ErrIsDirectory, store.ErrInTheWay, store.ErrCannotCreatePath)
	var paths []string
	for p := range r.before {
		paths = append(paths, p)
	}
	for _, c := range r.calls {
		paths = append(paths, c.path)
	}
	slices.Sort(paths)
	for i, p := range slices.Compact(paths) {
		text := fmt.Sprint("later ", i)
		err := r.do(s, call{"UPDATE", p, text})
		if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrPathNotFound) {
			err = r.do(s, call{"CREATE", p, text})
		}
		beside := r.do(s, call{"CREATE", path.Join(path.Dir(p), fmt.Sprint("new", i)), text})
		for _, err := range []error{err, beside} {
			if err != nil && !slices.ContainsFunc(allowed, func(a error) bool { return errors.Is(err, a) }) {
				return fmt.Errorf("%s: once the fault is gone: %w", p, err)
			}
		}
	}
	return nil
}
