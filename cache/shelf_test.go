package cache_test

import (
	"context"
	"strconv"
	"strings"
	"sync"

	"sttp/cache"
)

// shelf is a Remote in memory that keeps the contract, unless it is told to
// break it. Its hook runs before and after each step of a call, as messages are
// under way, and may block.
type shelf struct {
	step   func(point string)
	fails  func() bool // whether a Remove does not come through
	broken bug
	late   sync.WaitGroup // of removesLate

	mu     sync.Mutex
	epoch  uint64
	tokens int
	slots  map[string]slot
	gets   []string // the keys of each Get
	filled int
	hits   int
}

// slot holds a text, or the token of a lease.
type slot struct {
	text  string
	found bool
	token string
}

// bug is a promise of Remote that a shelf breaks.
type bug string

const (
	fillsBlindly bug = "a fill ignores its lease"
	fillsOld     bug = "a fill ignores the epoch of its lease"
	removesLate  bug = "a Remove has its effect after it has returned"
	removesNot   bug = "a Remove has no effect"
	keepsLeases  bug = "a Remove leaves leases valid"
	keepsEpoch   bug = "a Remove that does not come through leaves everything"
)

func newShelf() *shelf {
	return &shelf{
		step: func(string) {}, fails: func() bool { return false },
		epoch: 1, slots: make(map[string]slot),
	}
}

func (s *shelf) Get(_ context.Context, keys []string, entries []cache.Entry) {
	s.mu.Lock()
	s.gets = append(s.gets, strings.Clone(strings.Join(keys, " ")))
	s.mu.Unlock()
	for i, key := range keys {
		s.step("get")
		entries[i] = s.get(key)
	}
	s.step("got")
}

func (s *shelf) get(key string) cache.Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch kept := s.slots[key]; {
	case kept.found:
		s.hits++
		return cache.Entry{Text: kept.text, Found: true}
	case kept.token != "":
		return cache.Entry{}
	}
	s.tokens++
	token := strconv.Itoa(s.tokens)
	s.slots[strings.Clone(key)] = slot{token: token}
	return cache.Entry{Lease: cache.Lease{Epoch: s.epoch, Token: token}}
}

func (s *shelf) Fill(_ context.Context, fills []cache.Fill) {
	for _, f := range fills {
		s.step("fill")
		s.fill(f)
	}
	s.step("filled")
}

func (s *shelf) fill(f cache.Fill) {
	s.mu.Lock()
	defer s.mu.Unlock()
	valid := s.slots[f.Key].token == f.Lease.Token && s.epoch == f.Lease.Epoch
	switch {
	case s.broken == fillsBlindly, s.broken == fillsOld && s.epoch != f.Lease.Epoch:
	case !valid:
		return
	}
	s.filled++
	s.slots[strings.Clone(f.Key)] = slot{text: strings.Clone(f.Text), found: true}
}

func (s *shelf) Remove(_ context.Context, keys []string) {
	s.step("remove")
	defer s.step("removed")
	if s.fails() {
		s.forget()
		return
	}
	if s.broken == removesLate {
		s.late.Go(func() {
			s.step("late")
			s.remove(keys)
		})
		return
	}
	s.remove(keys)
}

func (s *shelf) remove(keys []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range keys {
		switch kept := s.slots[key]; {
		case s.broken == removesNot:
		case s.broken == keepsLeases && kept.token != "":
		default:
			delete(s.slots, key)
		}
	}
}

// forget begins a new epoch, as after a reconnection.
func (s *shelf) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != keepsEpoch {
		s.epoch++
		clear(s.slots)
	}
}
