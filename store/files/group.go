package files

import "sync"

// group makes directories durable, and lets those who change the same directory
// at the same time share one sync (group commit). Whoever finds no sync waiting
// to start leads the next one; whoever comes until it starts joins it. The next
// sync of a directory starts when the running one has ended, so every change
// that waits for a sync was made before that sync began.
type group struct {
	disk   disk
	failed func(dir string) // called after a sync failed, before anyone learns of it

	mu      sync.Mutex
	running map[string]*round // the sync that runs, by directory
	next    map[string]*round // the sync that starts when that one has ended
	synced  uint64            // syncs so far
}

// round is one sync and those who wait for it.
type round struct {
	done chan struct{} // closed by the leader
	err  error         // valid once done is closed
}

func newGroup(d disk, failed func(dir string)) *group {
	return &group{disk: d, failed: failed, running: map[string]*round{}, next: map[string]*round{}}
}

// sync returns when a sync of dir that began after the call has ended, with
// that sync's error. The error is told to everyone who shared the sync.
func (g *group) sync(dir string) error {
	g.mu.Lock()
	if r := g.next[dir]; r != nil {
		g.mu.Unlock()
		<-r.done
		return r.err
	}
	r := &round{done: make(chan struct{})}
	if before := g.running[dir]; before != nil {
		g.next[dir] = r
		g.mu.Unlock()
		<-before.done
		g.mu.Lock()
		delete(g.next, dir)
	}
	g.running[dir] = r
	g.synced++
	g.mu.Unlock()

	r.err = g.syncNow(dir)

	g.mu.Lock()
	delete(g.running, dir)
	g.mu.Unlock()
	close(r.done)
	return r.err
}

// syncNow opens, syncs and closes dir. Only a sync that fails counts as failed:
// as long as a directory could not even be opened, a later sync makes up for it.
func (g *group) syncNow(dir string) error {
	d, err := g.disk.OpenDir(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		g.failed(dir)
		return err
	}
	return nil
}

// syncs returns how many syncs were begun.
func (g *group) syncs() uint64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.synced
}
