package cachetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sttp/cache"
)

func (s Suite) leastRecentlyUsed(t *testing.T) {
	c := s.open(t, Bounds{MaxEntries: 3})
	for _, key := range []string{"/a", "/b", "/c"} {
		c.Put(key, key)
	}
	c.Get("/a")
	c.Put("/b", "again")
	c.Put("/d", "/d") // evicts /c
	wantMiss(t, c, "/c")
	c.Put("/e", "/e") // evicts /a
	wantMiss(t, c, "/a")
	wantText(t, c, "/b", "again")
	if n := c.Stats().Evicted; n != 2 {
		t.Errorf("%d entries were evicted, want 2", n)
	}
}

// model is what a cache should be, written for clarity.
type model struct {
	bounds  Bounds
	cost    func(key, text string) int64
	entries []pair // most recently used first
	stats   cache.Stats
}

type pair struct{ key, text string }

func (m *model) find(key string) int {
	return slices.IndexFunc(m.entries, func(p pair) bool { return p.key == key })
}

func (m *model) get(key string) (string, bool) {
	i := m.find(key)
	if i < 0 {
		m.stats.Misses++
		return "", false
	}
	m.stats.Hits++
	p := m.entries[i]
	m.entries = slices.Insert(slices.Delete(m.entries, i, i+1), 0, p)
	return p.text, true
}

func (m *model) remove(key string) {
	if i := m.find(key); i >= 0 {
		m.entries = slices.Delete(m.entries, i, i+1)
	}
}

func (m *model) put(key, text string) {
	m.remove(key)
	if m.bounds.MaxBytes > 0 && m.cost(key, text) > m.bounds.MaxBytes {
		return
	}
	m.entries = slices.Insert(m.entries, 0, pair{key, text})
	for m.full() {
		m.entries = m.entries[:len(m.entries)-1]
		m.stats.Evicted++
	}
}

func (m *model) full() bool {
	return m.bounds.MaxEntries > 0 && len(m.entries) > m.bounds.MaxEntries ||
		m.bounds.MaxBytes > 0 && m.bytes() > m.bounds.MaxBytes
}

func (m *model) bytes() (n int64) {
	for _, p := range m.entries {
		n += m.cost(p.key, p.text)
	}
	return n
}

func (m *model) want() cache.Stats {
	stats := m.stats
	stats.Entries, stats.Bytes = len(m.entries), m.bytes()
	return stats
}

// model does the same to a cache and to the model, and sees no difference.
func (s Suite) model(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &model{cost: s.Cost, bounds: Bounds{
			MaxEntries: rapid.IntRange(0, 6).Draw(t, "MaxEntries"),
			MaxBytes:   rapid.Int64Range(0, 5).Draw(t, "MaxBytes") * s.Cost("/a", strings.Repeat("x", 40)),
		}}
		c := s.New(m.bounds)
		defer c.Close()
		key := rapid.Custom(func(t *rapid.T) string { return fmt.Sprintf("/%c", rapid.IntRange('a', 'j').Draw(t, "key")) })
		t.Repeat(map[string]func(*rapid.T){
			"get": func(t *rapid.T) {
				key := key.Draw(t, "key")
				got, ok := c.Get(key)
				if want, wantOK := m.get(key); got != want || ok != wantOK {
					t.Fatalf("Get(%q) = %q, %v, want %q, %v", key, got, ok, want, wantOK)
				}
			},
			"put": func(t *rapid.T) {
				key, text := key.Draw(t, "key"), strings.Repeat("x", rapid.IntRange(0, 400).Draw(t, "length"))
				c.Put(key, text)
				m.put(key, text)
			},
			"remove": func(t *rapid.T) {
				key := key.Draw(t, "key")
				c.Remove(key)
				m.remove(key)
			},
			"clear": func(t *rapid.T) {
				if rapid.IntRange(0, 4).Draw(t, "seldom") == 0 {
					c.Clear()
					m.entries = nil
				}
			},
			"": func(t *rapid.T) {
				if got, want := c.Stats(), m.want(); got != want {
					t.Fatalf("Stats() = %+v, want %+v", got, want)
				}
			},
		})
	})
}
