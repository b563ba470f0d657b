package bench

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
)

// perDirectory is how many snippets lie in one directory, so that a LIST is not
// the longer the more there are.
const perDirectory = 100

// snippet is what is known of one file on the server. Every change makes a new
// version, numbered from 1. Which versions a reply may show follows from two
// bounds: those that were certainly replaced before the request was sent, and
// those that had not been sent when the reply came.
type snippet struct {
	path   string
	floor  atomic.Uint32 // older versions were replaced, but for those in alive
	newest atomic.Uint32 // the last version that was sent, 0 for none
	// alive are versions below the floor that may be on the server nevertheless, in
	// order: they were under way together with what would have replaced them. What it
	// points to does not change; nil is none.
	alive atomic.Pointer[[]uint32]

	mu      sync.Mutex
	pending []change // that were sent and not answered yet, the oldest first
	unknown []uint32 // versions that were sent, will never be answered, and were not seen, in order
	blind   bool     // whether too much is unknown to say anything
	made    bool     // whether a CREATE of ours may have made the file
}

// change is one that is under way.
type change struct {
	version uint32
	// beside are older versions that were under way when it began, in order, so that
	// it need not replace them. It replaces all others that are older.
	beside []uint32
}

// maxUnknown bounds how many changes of one snippet may have no known end.
const maxUnknown = 1000

// begin makes a new version, which is about to be sent.
func (s *snippet) begin() (version uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := change{version: s.newest.Load() + 1}
	if n := len(s.pending) + len(s.unknown); n > 0 {
		c.beside = append(make([]uint32, 0, n), s.unknown...)
		for _, p := range s.pending {
			c.beside = append(c.beside, p.version)
		}
		slices.Sort(c.beside)
	}
	s.pending = append(s.pending, c)
	s.newest.Store(c.version)
	return c.version
}

// create is begin for a CREATE.
func (s *snippet) create() (version uint32) {
	s.mu.Lock()
	s.made = true
	s.mu.Unlock()
	return s.begin()
}

// answered says that a change was made.
func (s *snippet) answered(version uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.raise(s.drop(version))
}

// refused says that a change was not made.
func (s *snippet) refused(version uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(version)
}

// unanswered says that a change may have been made, or may yet be: whatever was
// on its way can take effect at any time.
func (s *snippet) unanswered(version uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(version)
	if floor, alive := s.bounds(); version == floor || version < floor && !contains(alive, version) {
		return // it was seen, or replaced
	}
	if s.blind = s.blind || len(s.unknown) == maxUnknown; !s.blind {
		i, _ := slices.BinarySearch(s.unknown, version)
		s.unknown = slices.Insert(s.unknown, i, version)
	}
}

// gone says that the file is not there any more.
func (s *snippet) gone() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made = false
}

// bounds returns which versions a SHOW that is sent from now on may be answered:
// those from floor on, and those in alive.
func (s *snippet) bounds() (floor uint32, alive []uint32) {
	floor = s.floor.Load() // before alive, which knows of all below any floor so far
	if p := s.alive.Load(); p != nil {
		alive = *p
	}
	return floor, alive
}

// seen says that a reply showed a version, which therefore took effect, and
// cannot do so again: what it replaced cannot come back.
func (s *snippet) seen(version uint32) {
	if version <= s.floor.Load() && s.alive.Load() == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if i, found := slices.BinarySearch(s.unknown, version); found {
		s.unknown = slices.Delete(s.unknown, i, i+1)
	}
	if i := s.find(version); i >= 0 {
		s.raise(s.pending[i])
	}
}

func (s *snippet) find(version uint32) int {
	return slices.IndexFunc(s.pending, func(c change) bool { return c.version == version })
}

// drop takes a change out of those under way.
func (s *snippet) drop(version uint32) (c change) {
	if i := s.find(version); i >= 0 {
		c = s.pending[i]
		s.pending = slices.Delete(s.pending, i, i+1)
	}
	return c
}

// raise says that a change has taken effect, and has replaced what it must have.
func (s *snippet) raise(c change) {
	floor, alive := s.bounds()
	if s.blind || c.version == 0 || c.version < floor && len(alive) == 0 {
		return
	}
	var left []uint32
	if c.version >= floor {
		for _, v := range c.beside {
			if v >= floor || contains(alive, v) {
				left = append(left, v)
			}
		}
	} else {
		for _, v := range alive {
			if v >= c.version || contains(c.beside, v) {
				left = append(left, v)
			}
		}
	}
	if len(left) > 0 {
		s.alive.Store(&left)
	} else if len(alive) > 0 {
		s.alive.Store(nil)
	}
	if c.version > floor {
		s.floor.Store(c.version)
	}
}

func contains(sorted []uint32, v uint32) bool {
	_, found := slices.BinarySearch(sorted, v)
	return found
}

// book is what is known of all snippets. The first ones are there all the time;
// the others come and go: their odd versions are contents, the even ones say
// that there is nothing, and 0 is what they begin with.
type book struct {
	dir    string
	script script
	stays  []snippet
	lists  []string // the directories of those that stay, for LIST

	mu      sync.Mutex
	absent  []int // of those that come and go: what can be created
	present []int // and what can be deleted
	goes    atomic.Pointer[[]*snippet]
	sharing int // how many of those that come and go lie beside those that stay
}

func newBook(dir string, w Workload) *book {
	b := &book{dir: dir, script: script{w.MinLength, w.MaxLength}, stays: make([]snippet, w.Snippets)}
	for i := range b.stays {
		b.stays[i].path = fmt.Sprintf("%s/%d/snippet_%d.txt", dir, i/perDirectory, i)
	}
	for i := 0; i < w.Snippets; i += perDirectory {
		b.lists = append(b.lists, fmt.Sprintf("%s/%d", dir, i/perDirectory))
	}
	b.sharing = len(b.lists) * perDirectory / 10
	b.goes.Store(new([]*snippet))
	return b
}

// snippet returns the one with that key.
func (b *book) snippet(key int) *snippet {
	if key < len(b.stays) {
		return &b.stays[key]
	}
	return (*b.goes.Load())[key-len(b.stays)]
}

// comesAndGoes tells whether a key is of a snippet that is created and deleted.
func (b *book) comesAndGoes(key int) bool { return key >= len(b.stays) }

// keys returns how many snippets there are of both sorts.
func (b *book) keys() int { return len(b.stays) + len(*b.goes.Load()) }

// maxGoes bounds how many snippets a run makes beside those that stay.
const maxGoes = 4 * MaxSnippets

// take returns a snippet to create, or to delete if create is false, which
// nobody else takes until it is put back. If there is none to delete it is one to
// create, and the other way round if there would be too many.
func (b *book) take(create bool) (key int, isCreate bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if create && len(b.absent) == 0 {
		create = b.grow()
	} else if !create && len(b.present) == 0 {
		create = len(b.absent) > 0 || b.grow()
	}
	from := &b.present
	if create {
		from = &b.absent
	}
	if len(*from) == 0 {
		return -1, false
	}
	// The one that lies longest comes first.
	key = (*from)[0]
	*from = (*from)[1:]
	return key, create
}

// grow adds snippets to create, unless there are too many.
func (b *book) grow() bool {
	old := *b.goes.Load()
	if len(old) >= maxGoes {
		return false
	}
	n := max(perDirectory, len(old)/2)
	all := make([]*snippet, len(old), len(old)+n)
	copy(all, old)
	for i := len(old); i < len(old)+n; i++ {
		s := &snippet{}
		if i < b.sharing {
			s.path = fmt.Sprintf("%s/%d/new_%d.txt", b.dir, i%len(b.lists), i)
		} else {
			s.path = fmt.Sprintf("%s/new_%d/new_%d.txt", b.dir, i/perDirectory, i)
		}
		all = append(all, s)
		b.absent = append(b.absent, len(b.stays)+i)
	}
	b.goes.Store(&all)
	return true
}

// put gives a snippet back that was taken, and is there now or not. One whose
// state is not known is not put back.
func (b *book) put(key int, there bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if there {
		b.present = append(b.present, key)
	} else {
		b.absent = append(b.absent, key)
	}
}

// floors appends the floors of those that come and go in the directory with
// that number, which verifyList needs.
func (b *book) floors(dst []uint32, directory int) []uint32 {
	goes := *b.goes.Load()
	for i := directory; i < min(len(goes), b.sharing); i += len(b.lists) {
		dst = append(dst, goes[i].floor.Load())
	}
	return dst
}

// verifyList tells what is wrong with the names that LIST of a directory was
// answered. floors is from before it was sent.
func (b *book) verifyList(directory int, names []byte, floors []uint32) string {
	stay := 0
	listed := make([]bool, len(floors))
	var before []byte
	for first := true; len(names) > 0; first = false {
		name, rest, _ := bytes.Cut(names, []byte(", "))
		names = rest
		if !first && bytes.Compare(before, name) >= 0 {
			return Wrong
		}
		before = name
		if i, ok := number(name, "snippet_"); ok {
			if i >= len(b.stays) || i/perDirectory != directory {
				return Wrong
			}
			stay++
			continue
		}
		i, ok := number(name, "new_")
		if !ok || i%len(b.lists) != directory || i >= min(b.sharing, len(*b.goes.Load())) {
			return Wrong
		}
		if n := i / len(b.lists); n < len(listed) {
			listed[n] = true
		}
	}
	if stay < min(perDirectory, len(b.stays)-directory*perDirectory) {
		return Lost
	}
	goes := *b.goes.Load()
	for n, floor := range floors {
		changing := goes[n*len(b.lists)+directory].newest.Load() != floor
		switch there := floor%2 == 1; {
		case changing || there == listed[n]:
		case there:
			return Lost
		default:
			return Stale
		}
	}
	return ""
}

// number reads N of a name such as "snippet_N.txt".
func number(name []byte, prefix string) (int, bool) {
	digits, ok := bytes.CutPrefix(name, []byte(prefix))
	if !ok {
		return 0, false
	}
	if digits, ok = bytes.CutSuffix(digits, []byte(".txt")); !ok || len(digits) > 9 || len(digits) > 1 && digits[0] == '0' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(digits), 10, 31)
	return int(n), err == nil
}
