package bench

import (
	"fmt"
	"math/rand/v2"

	"sttp"
)

// source says what is asked for next. It is used by one goroutine at a time.
type source interface {
	// next fills in the action and what it is about, and returns false if there is
	// nothing more to ask for.
	next(f *flight) bool
}

// chooser is the source of a measurement: requests at random.
type chooser struct {
	book *book
	w    Workload
	rng  *rand.Rand
	zipf *rand.Zipf // nil for an even choice

	upTo   [sttp.Delete + 1]float64 // cumulated weights
	churns bool                     // whether snippets come and go
}

func newChooser(b *book, w Workload, seed, stream uint64) *chooser {
	c := &chooser{book: b, w: w, rng: rand.New(rand.NewPCG(seed, stream)), churns: w.Mix.Weight(sttp.Create) > 0}
	var sum float64
	for _, a := range sttp.Actions() {
		sum += w.Mix.Weight(a)
		c.upTo[a] = sum
	}
	if w.Zipf > 0 && w.Snippets > 1 {
		c.zipf = rand.NewZipf(c.rng, w.Zipf, 1, uint64(w.Snippets-1))
	}
	return c
}

func (c *chooser) next(f *flight) bool {
	*f = flight{action: c.action(), floors: f.floors[:0]}
	switch f.action {
	case sttp.Show:
		c.show(f)
	case sttp.Update:
		f.key = c.stay()
		c.change(f)
	case sttp.List:
		f.key = c.rng.IntN(len(c.book.lists))
		f.path = c.book.lists[f.key]
		f.floors = c.book.floors(f.floors, f.key)
	default:
		c.createOrDelete(f)
	}
	return true
}

func (c *chooser) action() sttp.Action {
	x := c.rng.Float64() * c.upTo[sttp.Delete]
	for a := sttp.Create; a < sttp.Delete; a++ {
		if x < c.upTo[a] {
			return a
		}
	}
	return sttp.Delete
}

// stay chooses one of the snippets that stay.
func (c *chooser) stay() int {
	if c.zipf == nil {
		return c.rng.IntN(c.w.Snippets)
	}
	// The snippets that are chosen often lie apart.
	const prime = 1_000_003 // above all numbers of snippets, so that no two ranks meet
	return int(c.zipf.Uint64() * prime % uint64(c.w.Snippets))
}

func (c *chooser) show(f *flight) {
	if c.w.HitRatio < 1 && c.rng.Float64() >= c.w.HitRatio {
		c.miss(f)
		return
	}
	f.key = c.stay()
	s := c.book.snippet(f.key)
	f.path = s.path
	f.floor, f.alive = s.bounds()
}

// miss asks for a snippet that comes and goes, or for a name that never is there.
func (c *chooser) miss(f *flight) {
	if goes := *c.book.goes.Load(); c.churns && len(goes) > 0 {
		i := c.rng.IntN(len(goes))
		f.key = len(c.book.stays) + i
		f.path = goes[i].path
		f.floor, f.alive = goes[i].bounds()
		return
	}
	f.key = -1
	f.path = fmt.Sprintf("%s/missing_%d.txt", c.book.lists[c.rng.IntN(len(c.book.lists))], c.rng.IntN(c.w.Snippets))
}

func (c *chooser) change(f *flight) {
	s := c.book.snippet(f.key)
	f.path = s.path
	if f.action == sttp.Create {
		f.version = s.create()
	} else {
		f.version = s.begin()
	}
}

// createOrDelete takes a snippet to create or to delete. Where there is none to
// delete it creates one, and the other way round; on the average that evens out.
func (c *chooser) createOrDelete(f *flight) {
	key, create := c.book.take(f.action == sttp.Create)
	if key < 0 { // all that there may be are on their way
		f.action = sttp.Show
		c.show(f)
		return
	}
	f.action = sttp.Delete
	if create {
		f.action = sttp.Create
	}
	f.key = key
	c.change(f)
}

// making is the source that creates all snippets that stay, deleting the one that
// deletes all that may be there.
type making struct {
	book *book
	key  int
}

func (m *making) next(f *flight) bool {
	if m.key >= len(m.book.stays) {
		return false
	}
	s := &m.book.stays[m.key]
	if s.made { // the probe made it
		m.key++
		return m.next(f)
	}
	*f = flight{action: sttp.Create, key: m.key, path: s.path}
	f.version = s.create()
	m.key++
	return true
}

type deleting struct {
	book *book
	key  int
}

func (d *deleting) next(f *flight) bool {
	for ; d.key < d.book.keys(); d.key++ {
		if s := d.book.snippet(d.key); s.made {
			*f = flight{action: sttp.Delete, key: d.key, path: s.path}
			d.key++
			return true
		}
	}
	return false
}
