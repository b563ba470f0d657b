package benchtest

import (
	"slices"
	"strings"
)

// store holds snippets in memory.
type store struct {
	snippets  map[string]*snippet
	dirs      map[string]*directory // by path, with "/" at its end
	made      int                   // snippets that were ever made
	forgotten map[string]*version   // CREATEs that were answered and not carried out
	previous  string                // path of the snippet shown last
}

// directory is what lies directly in a directory.
type directory struct {
	names map[string]bool
	list  []byte // the names as LIST shows them, nil if they changed since
}

// snippet is a text and what it was before.
type snippet struct {
	path     string
	number   int // of all that were made
	versions []*version
	dead     *version // the DELETE that was answered and not carried out
}

func newStore() store {
	return store{
		snippets: map[string]*snippet{}, forgotten: map[string]*version{},
		dirs: map[string]*directory{"/": {names: map[string]bool{}}},
	}
}

// now is the version that is right.
func (n *snippet) now() *version { return n.versions[len(n.versions)-1] }

// make stores a new snippet, with its directories.
func (st *store) make(path, contents []byte) *version {
	st.made++
	v := &version{contents: slices.Clone(contents)}
	n := &snippet{path: string(path), number: st.made, versions: []*version{v}}
	st.snippets[n.path] = n
	delete(st.forgotten, n.path)
	for p := n.path; p != "/"; {
		dir, name := split(p)
		d := st.dirs[dir]
		if d == nil {
			d = &directory{names: map[string]bool{}}
			st.dirs[dir] = d
		}
		d.names[name], d.list = true, nil
		p = dir
	}
	return v
}

// remove takes a snippet out, and the directories that are empty then.
func (st *store) remove(n *snippet) {
	delete(st.snippets, n.path)
	for p := n.path; p != "/"; {
		dir, name := split(p)
		d := st.dirs[dir]
		delete(d.names, name)
		d.list = nil
		if len(d.names) > 0 || dir == "/" {
			return
		}
		delete(st.dirs, dir)
		p = dir
	}
}

// blocked tells whether a snippet stands where a directory of the path is needed.
func (st *store) blocked(path string) bool {
	for dir, _ := split(path); dir != "/"; dir, _ = split(dir) {
		if st.snippets[strings.TrimSuffix(dir, "/")] != nil {
			return true
		}
	}
	return false
}

// shown returns the names in a directory as LIST shows them.
func (d *directory) shown() []byte {
	if d.list == nil {
		names := make([]string, 0, len(d.names))
		for name := range d.names {
			names = append(names, name)
		}
		slices.Sort(names)
		d.list = append([]byte{}, strings.Join(names, ", ")...)
	}
	return d.list
}

// split splits a path into its directory, with "/" at its end, and the name in it,
// which has a "/" at its end if the path has.
func split(path string) (dir, name string) {
	i := strings.LastIndexByte(path[:len(path)-1], '/')
	return path[:i+1], path[i+1:]
}
