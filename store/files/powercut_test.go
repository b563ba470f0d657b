package files

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
)

// survivors decides what of the unsynced state survives a power cut.
type survivors struct {
	name string
	some func() int // of 4: 0 nothing, 1 and 2 a part of a file, 3 everything
}

var (
	nothingMore    = survivors{"only what was synced", func() int { return 0 }}
	everythingMore = survivors{"everything", func() int { return 3 }}
)

func randomlyMore(seed uint64) survivors {
	rnd := rand.New(rand.NewPCG(seed, 1))
	return survivors{fmt.Sprintf("random survivors %d", seed), func() int { return rnd.IntN(4) }}
}

// afterPowerCut returns the disk as it is found when the power is back.
func (d *simDisk) afterPowerCut(s survivors) *simDisk {
	d.mu.Lock()
	defer d.mu.Unlock()
	found := map[*inode]*inode{}
	var survive func(n *inode) *inode
	survive = func(n *inode) *inode {
		if after := found[n]; after != nil {
			return after
		}
		after := newDirInode()
		if found[n] = after; !n.dir {
			*after = inode{data: n.durable}
			if some := s.some(); n.dirty || some == 3 && len(n.durable) < len(n.data) {
				after.data = n.data[:len(n.data)*some/3]
			}
			after.durable = bytes.Clone(after.data)
			return after
		}
		names := maps.Clone(n.synced)
		for _, c := range n.since {
			if s.some() < 2 {
				continue
			}
			if names[c.name] = c.to; c.to == nil {
				delete(names, c.name)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(names)) {
			after.names[name] = survive(names[name])
		}
		after.synced = maps.Clone(after.names)
		return after
	}
	return &simDisk{lies: d.lies, root: survive(d.root)}
}

// files returns what every file holds, by its name, and the empty directories.
// The docroot's id, which is always there, is left out.
func (d *simDisk) files() (files map[string]string, empty []string) {
	files = map[string]string{}
	var walk func(name string, n *inode)
	walk = func(name string, n *inode) {
		if !n.dir {
			files[name] = string(n.data)
			return
		}
		if len(n.names) == 0 {
			empty = append(empty, name)
		}
		for below, n := range n.names {
			walk(name+"/"+below, n)
		}
	}
	for name, n := range d.root.names {
		walk("/"+name, n)
	}
	delete(files, "/"+idName)
	return files, empty
}
