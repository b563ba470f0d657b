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
	floor  atomic.Uint32 // no older version can be on the server
	newest atomic.Uint32 // the last version that was sent, 0 for none

	mu      sync.Mutex
	pending []uint32 // versions that were sent and not answered yet, the oldest first
	unknown uint32   // the oldest version that was sent and will never be answered, 0 for none
	base    uint32   // what floor becomes when newest is answered
	made    bool     // whether a CREATE of ours may have made the file
}

// begin makes a new version, which is about to be sent, and returns it with its
// base: all versions below that are certainly replaced once it is answered.
func (s *snippet) begin() (version, base uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	version = s.newest.Load() + 1
	base = version
	if len(s.pending) > 0 {
		base = min(base, s.pending[0])
	}
	if s.unknown > 0 {
		base = min(base, s.unknown)
	}
	s.pending = append(s.pending, version)
	s.base = base
	s.newest.Store(version)
	return version, base
}

// create is begin for a CREATE.
func (s *snippet) create() (version, base uint32) {
	s.mu.Lock()
	s.made = true
	s.mu.Unlock()
	return s.begin()
}

// answered says that a change was made.
func (s *snippet) answered(version, base uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(version)
	s.raise(base)
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
	if s.unknown == 0 || version < s.unknown {
		s.unknown = version
	}
}

// gone says that the file is not there any more.
func (s *snippet) gone() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made = false
}

// seen says that a reply showed a version: what that one replaced cannot come
// back.
func (s *snippet) seen(version uint32) {
	if version <= s.floor.Load() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if version == s.newest.Load() {
		s.raise(s.base)
	}
}

func (s *snippet) drop(version uint32) {
	if i := slices.Index(s.pending, version); i >= 0 {
		s.pending = slices.Delete(s.pending, i, i+1)
	}
}

func (s *snippet) raise(base uint32) {
	if base > s.floor.Load() {
		s.floor.Store(base)
	}
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
