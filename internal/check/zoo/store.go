package zoo

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// store keeps snippets in memory.
type store struct {
	Config
	server *Server

	mu    sync.Mutex
	root  *directory
	cache map[string]reply // used by faults only, like what follows
	// searches are what queries were answered, and hidden the files that searches
	// do not find yet.
	searches map[string]string
	hidden   map[string]bool
}

type directory struct {
	files map[string]string
	dirs  map[string]*directory
}

func newDirectory() *directory {
	return &directory{map[string]string{}, map[string]*directory{}}
}

func newStore(c Config, srv *Server) *store {
	return &store{Config: c, server: srv, root: newDirectory(), cache: map[string]reply{}, searches: map[string]string{}, hidden: map[string]bool{}}
}

func (s *store) is(f Fault) bool { return s.Fault == f }

// kind is what stands at a path.
type kind int

const (
	missing kind = iota // nothing, but the directory for it is there
	nowhere             // nothing, nor is there a directory for it
	blocked             // nothing, since a file stands where a directory is needed
	isFile
	isDirectory
)

// find returns what stands at a path, the directories down to it, and its name.
func (s *store) find(path string) (k kind, way []*directory, name string) {
	way = []*directory{s.root}
	names := strings.Split(strings.Trim(path, "/"), "/")
	for i, name := range names {
		at := way[i]
		name = s.known(at, name)
		_, file := at.files[name]
		next, dir := at.dirs[name]
		switch last := i == len(names)-1; {
		case name == "" && last:
			return isDirectory, way, ""
		case file && last:
			return isFile, way, name
		case file:
			return blocked, way, name
		case dir && last:
			return isDirectory, append(way, next), name
		case last:
			return missing, way, name
		case !dir:
			return nowhere, way, name
		}
		way = append(way, next)
	}
	panic("unreachable")
}

// known returns the name itself, but for the fault CaseIgnored.
func (s *store) known(d *directory, name string) string {
	if s.is(CaseIgnored) {
		for other := range maps.Keys(d.files) {
			if strings.EqualFold(other, name) {
				return other
			}
		}
		for other := range maps.Keys(d.dirs) {
			if strings.EqualFold(other, name) {
				return other
			}
		}
	}
	return name
}

// do carries out a request that has passed the checks of stages 1 to 4.
func (s *store) do(q *request) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, found := s.fromOutside(q); found {
		return r
	}
	if r, found := s.cached(q); found {
		return r
	}
	r := s.stored(q)
	if s.is(TwoWinners) && q.action == "CREATE" {
		s.meanwhile(func() { time.Sleep(5 * time.Millisecond) })
	}
	if r.status == 0 {
		r = s.carryOut(q)
	}
	s.remember(q, r)
	return r
}

// checkStored is stage 5 on its own, for the fault ReversedOrder.
func (s *store) checkStored(q *request) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stored(q)
}

// stored is stage 5: it tells why the request cannot be carried out, if so.
func (s *store) stored(q *request) reply {
	k, _, _ := s.find(q.key)
	dir := q.path[:strings.LastIndex(q.path, "/")+1]
	if s.is(FileIn410) {
		dir = q.path
	}
	notFound, noPath := reply{status: 400, path: q.path}, reply{status: 410, path: dir}
	if s.is(Swapped) {
		notFound, noPath = reply{status: 410, path: dir}, reply{status: 400, path: q.path}
	}
	switch q.action {
	case "LIST":
		switch k {
		case isFile:
			if s.is(ListOfFile) {
				return reply{status: 200, path: q.path, contents: q.path[len(dir):]}
			}
			return clientError(q.path, "this is a file; SHOW answers its contents")
		case isDirectory:
			return reply{}
		}
		if q.query != nil && s.is(QueryMissing) {
			return reply{status: 200, path: q.path}
		}
		return notFound
	case "CREATE":
		switch {
		case k == isFile && !s.is(CreateOverwrites):
			return clientError(q.path, "the file exists; UPDATE replaces its contents")
		case k == isDirectory:
			return clientError(q.path, "this is a directory")
		case k == blocked, k == nowhere && s.is(ShallowCreate) && strings.Count(q.key, "/") > 3:
			return reply{status: 510, path: dir}
		}
		return reply{}
	}
	switch k {
	case isDirectory:
		if s.is(ShowLists) && q.action == "SHOW" || s.is(DeleteSubtree) && q.action == "DELETE" {
			return reply{}
		}
		return clientError(q.path, "this is a directory")
	case isFile:
		return reply{}
	}
	switch {
	case s.is(UpdateCreates) && q.action == "UPDATE" && k != blocked:
		return reply{}
	case s.is(DeleteForgets) && q.action == "DELETE":
		return reply{status: 600, path: q.path}
	case k == missing:
		return notFound
	}
	return noPath
}

// carryOut does what nothing stands against.
func (s *store) carryOut(q *request) reply {
	k, way, name := s.find(q.key)
	dir := way[len(way)-1]
	switch q.action {
	case "CREATE":
		s.create(q.key, q.contents)
		s.changed(q)
		return reply{status: 100, path: q.path}
	case "SHOW":
		if k == isDirectory {
			return reply{status: 200, path: q.path, contents: s.list(dir)}
		}
		contents := dir.files[name]
		if s.is(QuotesInReplies) {
			contents = `"` + contents + `"`
		}
		return reply{status: 200, path: q.path, contents: contents}
	case "LIST":
		return s.answerList(q, dir)
	case "UPDATE":
		s.update(q)
		s.changed(q)
		return reply{status: 200, path: q.path, contents: q.contents, updated: true}
	default:
		if k == isDirectory {
			way = way[:len(way)-1]
		}
		s.remove(q.key, way, name)
		s.changed(q)
		return reply{status: 600, path: q.path}
	}
}

func (s *store) answerList(q *request, dir *directory) reply {
	if q.query == nil {
		names := s.list(dir)
		if len(names) > 1<<20 && !s.is(ListUnbounded) {
			return clientError(q.path, "the list is longer than 1 MiB")
		}
		return reply{status: 200, path: q.path, contents: names}
	}
	names, path := s.searched(q, dir), q.path
	if len(names) > 1<<20 && !s.is(DeepUnbounded) {
		return clientError(q.path, "the list is longer than 1 MiB; ask for pages, as in limit=1000")
	}
	if s.is(QueryInReply) {
		path += "?" + q.query.text
	}
	return reply{status: 200, path: path, contents: names}
}

// create makes a file and the directories for it.
func (s *store) create(path, contents string) {
	dir := s.root
	names := strings.Split(strings.Trim(path, "/"), "/")
	for _, name := range names[:len(names)-1] {
		name = s.known(dir, name)
		if dir.dirs[name] == nil {
			dir.dirs[name] = newDirectory()
		}
		dir = dir.dirs[name]
	}
	dir.files[s.known(dir, names[len(names)-1])] = contents
}

// remove takes a name away, and every directory that is empty then.
func (s *store) remove(path string, way []*directory, name string) {
	delete(way[len(way)-1].files, name)
	delete(way[len(way)-1].dirs, name)
	names := strings.Split(strings.Trim(path, "/"), "/")
	for i := len(way) - 1; i > 0 && !s.is(EmptyDirsStay); i-- {
		if len(way[i].files)+len(way[i].dirs) > 0 {
			return
		}
		delete(way[i-1].dirs, s.known(way[i-1], names[i-1]))
	}
}

// list returns the names in a directory.
func (s *store) list(d *directory) string {
	names := slices.Collect(maps.Keys(d.files))
	for name, dir := range d.dirs {
		if s.is(ListRecursive) {
			for _, below := range strings.Split(s.list(dir), ", ") {
				names = append(names, name+"/"+below)
			}
		} else if s.is(ListNoSlash) {
			names = append(names, name)
		} else {
			names = append(names, name+"/")
		}
	}
	slices.Sort(names)
	separator := ", "
	switch s.Fault {
	case ListUnsorted:
		slices.Reverse(names)
	case ListNoSpace:
		separator = ","
	}
	return strings.Join(names, separator)
}
