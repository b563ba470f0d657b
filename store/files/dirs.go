package files

import "sync"

// Bounds on what is remembered about directories.
const (
	dirStripes = 64
	maxDurable = 256  // directories known to be durable, per stripe
	maxSuspect = 4096 // directories on which a sync has failed
)

// dirs makes and removes directories, and remembers which of them are durable:
// those whose own name, and the names of all above them, were synced by this
// process since it first saw them. In any other directory, be it just made by
// this or another writer, or left by a process that was killed, a change syncs
// the directories above as well.
//
// A directory that is removed and made again is another one, although it has
// the same name. So both are counted, under the lock that also guards what is
// remembered, and what was learned about a name holds only as long as its count
// stands still.
type dirs struct {
	disk    disk
	stripes [dirStripes]dirStripe

	mu       sync.Mutex
	failures uint64            // syncs of any directory that failed
	failedIn map[string]uint64 // the same, by directory
	failedOn uint64            // the same, of directories that failedIn has no room for
}

type dirStripe struct {
	lock    lock
	changes uint64              // directories made and removed
	durable map[string]struct{} // known to survive a power cut
	made    map[string]uint64   // failedIn of the parent before it was made, where not 0
}

// lock is a mutex. It is held over operations on the disk, so waiting for it
// can take a while and can be given up, which a sync.Mutex has no way to do.
type lock chan struct{}

func newLock() lock    { return make(lock, 1) }
func (l lock) lock()   { l <- struct{}{} }
func (l lock) unlock() { <-l }

func newDirs(d disk) *dirs {
	ds := &dirs{disk: d, failedIn: map[string]uint64{}}
	for i := range ds.stripes {
		ds.stripes[i] = dirStripe{lock: newLock(), durable: map[string]struct{}{}, made: map[string]uint64{}}
	}
	return ds
}

// stripeOf spreads names over n stripes (FNV-1a).
func stripeOf(name string, n uint32) uint32 {
	h := uint32(2166136261)
	for i := range len(name) {
		h = (h ^ uint32(name[i])) * 16777619
	}
	return h % n
}

func (ds *dirs) locked(dir string, f func(st *dirStripe)) {
	st := &ds.stripes[stripeOf(dir, dirStripes)]
	st.lock.lock()
	defer st.lock.unlock()
	f(st)
}

// mkdir makes a directory.
func (ds *dirs) mkdir(dir string) (err error) {
	ds.locked(dir, func(st *dirStripe) {
		failed := ds.failuresIn(parent(dir))
		if err = ds.disk.Mkdir(dir); err == nil {
			st.forget(dir)
			if failed > 0 && len(st.made) < maxSuspect/dirStripes {
				st.made[dir] = failed
			}
		}
	})
	return err
}

// rmdir removes an empty directory.
func (ds *dirs) rmdir(dir string) (err error) {
	ds.locked(dir, func(st *dirStripe) {
		if err = ds.disk.Rmdir(dir); err == nil {
			st.forget(dir)
		}
	})
	return err
}

// forget begins the life of another directory with that name.
func (st *dirStripe) forget(dir string) {
	st.changes++
	delete(st.durable, dir)
	delete(st.made, dir)
}

// moment is what was known about a directory, and those above it, before a
// change in it.
type moment struct {
	failures uint64
	changes  map[string]uint64
}

// now returns the present moment of dir.
func (ds *dirs) now(dir string) moment {
	m := moment{changes: map[string]uint64{}}
	for d := range upwards(dir) {
		ds.locked(d, func(st *dirStripe) { m.changes[d] = st.changes })
	}
	ds.mu.Lock()
	defer ds.mu.Unlock()
	m.failures = ds.failures
	return m
}

// same tells whether dir, which is in m, has certainly not been removed since.
func (ds *dirs) same(dir string, m moment) (same bool) {
	if dir == "." {
		return true
	}
	ds.locked(dir, func(st *dirStripe) { same = st.changes == m.changes[dir] })
	return same
}

// highest returns the lowest of dir and the directories above it that is known
// to be durable. From dir up to there everything has to be synced.
func (ds *dirs) highest(dir string) string {
	for d := range upwards(dir) {
		known := false
		ds.locked(d, func(st *dirStripe) { _, known = st.durable[d] })
		if known {
			return d
		}
	}
	return "."
}

// remember notes that dir, and the directories above it below top, are durable,
// as far as they are the ones they were at m.
func (ds *dirs) remember(dir, top string, m moment) {
	for d := range upwards(dir) {
		if d == top {
			return
		}
		ds.locked(d, func(st *dirStripe) {
			if st.changes != m.changes[d] {
				return
			}
			if len(st.durable) >= maxDurable {
				for other := range st.durable {
					delete(st.durable, other) // any: it is only synced again
					break
				}
			}
			st.durable[d] = struct{}{}
			delete(st.made, d)
		})
	}
}

// syncFailed notes that a sync of dir failed. The system may have dropped what
// it could not write, and a later sync that succeeds says nothing about it.
func (ds *dirs) syncFailed(dir string) {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	ds.failures++
	if _, ok := ds.failedIn[dir]; ok || len(ds.failedIn) < maxSuspect {
		ds.failedIn[dir]++
	} else {
		ds.failedOn++
	}
}

func (ds *dirs) failuresIn(dir string) uint64 {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	if n, ok := ds.failedIn[dir]; ok {
		return n + ds.failedOn
	}
	return ds.failedOn
}

// syncFailedSince tells whether any sync has failed since m. It may have been
// the one that a change made after m relied upon.
func (ds *dirs) syncFailedSince(m moment) bool {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	return ds.failures != m.failures
}

// suspect tells whether the name of dir, or of one above it, may have been
// dropped by a sync that failed after it was made: nothing that is stored in
// there can be made durable any more.
func (ds *dirs) suspect(dir string) bool {
	for d := range upwards(dir) {
		known, made := false, uint64(0)
		ds.locked(d, func(st *dirStripe) {
			_, known = st.durable[d]
			made = st.made[d]
		})
		if known {
			return false
		}
		if made != ds.failuresIn(parent(d)) {
			return true
		}
	}
	return false
}
