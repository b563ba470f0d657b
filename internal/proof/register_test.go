package proof

import (
	"cmp"
	"hash/maphash"
	"math"
	"slices"
	"time"

	"github.com/anishathalye/porcupine"
)

// A file is a register that can be absent, and porcupine looks for an order of
// its changes that explains all replies. If it had to find a place for each read
// as well, it would try very many orders that differ in nothing else. But a read
// changes nothing, so that it is never wrong to let it be as early as it can be:
// the state has, beside what is in the file, which changes were made and which
// reads have been by then. That is exact, and takes milliseconds.

// Texts that nobody writes: of a file that is not there, and for all that nobody
// has read.
const absent, unseen = "\x00", "\x01"

// checkLimit is how long the checker may take for one file.
const checkLimit = time.Minute

// change is what porcupine is told of: a change, or the end of the history.
type change struct {
	op     *op // nil for the end
	out    outcome
	text   string // that it leaves
	number int    // among the changes
	call   int64  // as in the history
}

// register is what porcupine is told of a file.
type register struct {
	changes []porcupine.Operation
	reads   []read
}

// read is a SHOW, or what was refused.
type read struct {
	call, ret int64
	finds     func(text string) bool
	after     bits // the changes that had returned when it was called
	behind    bits // the reads that had
}

// state is a file at one moment, and what has been until then.
type state struct {
	text       string
	made, been bits
}

// bits is a set of small numbers.
type bits []uint64

func newBits(n int) bits { return make(bits, (n+63)/64) }

func (b bits) set(i int)      { b[i/64] |= 1 << (i % 64) }
func (b bits) has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }

// within tells whether all of b is in other.
func (b bits) within(other bits) bool {
	for i := range b {
		if b[i]&^other[i] != 0 {
			return false
		}
	}
	return true
}

// linearizable judges the history of a file that was absent at first.
func linearizable(ops []*op) porcupine.CheckResult {
	g := newRegister(ops)
	return porcupine.CheckOperationsTimeout(g.model(), g.changes, checkLimit)
}

// newRegister sorts out the history of a file. What has no effect and says nothing
// is left out. So is an UPDATE that may have been made and whose text
// nobody has seen: whether it was can make no difference to anybody.
func newRegister(ops []*op) *register {
	seen := map[string]int64{} // when a text was seen first
	for _, o := range ops {
		if o.Action == "SHOW" && o.outcome() == done {
			if at, ok := seen[o.Contents]; !ok || o.Return < at {
				seen[o.Contents] = o.Return
			}
		}
	}
	g := new(register)
	for _, o := range ops {
		out := o.outcome()
		at, isSeen := seen[o.Text]
		isSeen = isSeen && o.Text != ""
		switch {
		case out == refused || out == done && o.Action == "SHOW":
			g.reads = append(g.reads, read{call: o.Call, ret: o.Return, finds: finder(o)})
		case out == done || out == open && (o.Action != "UPDATE" || isSeen):
			until, text := max(o.Return, o.Until), o.Text
			if until == 0 {
				until = math.MaxInt64
			}
			switch {
			case isSeen: // nobody else has written that text
				out, until = done, min(until, max(at, o.Call))
			case o.Action == "DELETE":
				text = absent
			default:
				text = unseen
			}
			g.add(&change{op: o, out: out, text: text, call: o.Call}, until)
		}
	}
	g.prune()
	g.relate()
	g.add(&change{call: math.MaxInt64 - 1}, math.MaxInt64)
	return g
}

func (g *register) add(c *change, until int64) {
	c.number = len(g.changes)
	g.changes = append(g.changes, porcupine.Operation{Input: c, Call: c.call, Return: until})
}

// prune leaves out each UPDATE whose text nobody has seen and in whose time another
// change needs the file and replaces what is in it: right before that one it makes
// no difference, and can always be.
func (g *register) prune() {
	all := g.changes
	g.changes = nil
	for _, u := range all {
		c := u.Input.(*change)
		needless := c.out == done && c.op.Action == "UPDATE" && c.text == unseen && slices.ContainsFunc(all, func(w porcupine.Operation) bool {
			o := w.Input.(*change)
			inside := o != c && u.Call <= w.Call && w.Return <= u.Return
			return inside && o.out == done && o.op.Action != "CREATE"
		})
		if !needless {
			g.add(c, u.Return)
		}
	}
}

// relate sorts the reads by their calls, and sets what was before each.
func (g *register) relate() {
	slices.SortFunc(g.reads, func(a, b read) int { return cmp.Compare(a.call, b.call) })
	for i := range g.reads {
		r := &g.reads[i]
		r.after, r.behind = newBits(len(g.changes)), newBits(len(g.reads))
		for j, c := range g.changes {
			if c.Return < r.call {
				r.after.set(j)
			}
		}
		for j, other := range g.reads {
			if other.ret < r.call {
				r.behind.set(j)
			}
		}
	}
}

// finder returns what tells whether a read can have found a text.
func finder(o *op) func(text string) bool {
	switch {
	case o.outcome() == done:
		return func(text string) bool { return text == o.Contents }
	case o.Action == "CREATE":
		return func(text string) bool { return text != absent }
	}
	return func(text string) bool { return text == absent }
}

// step makes a change of the file, or ends its history. It returns how the file
// can be then: not at all if the change cannot have had its outcome, or if it is
// too late for a read.
func (g *register) step(s state, c *change) (next []any) {
	for i, r := range g.reads {
		if r.ret < c.call && !s.been.has(i) {
			return nil
		}
	}
	if c.op == nil {
		return []any{s}
	}
	for _, text := range c.texts(s.text) {
		n := state{text, slices.Clone(s.made), slices.Clone(s.been)}
		n.made.set(c.number)
		g.read(n)
		next = append(next, n)
	}
	return next
}

// texts returns what can be in a file after a change.
func (c *change) texts(now string) []string {
	switch fits := (now != absent) == (c.op.Action != "CREATE"); {
	case fits && c.out == open:
		return []string{c.text, now}
	case fits:
		return []string{c.text}
	case c.out == open:
		return []string{now}
	}
	return nil
}

// read lets all reads be that can be now.
func (g *register) read(s state) {
	for i, r := range g.reads {
		if !s.been.has(i) && r.finds(s.text) && r.after.within(s.made) && r.behind.within(s.been) {
			s.been.set(i)
		}
	}
}

func (g *register) model() porcupine.Model {
	seed := maphash.MakeSeed()
	model := porcupine.NondeterministicModel{
		Init: func() []any {
			s := state{absent, newBits(len(g.changes)), newBits(len(g.reads))}
			g.read(s)
			return []any{s}
		},
		Step: func(s, c, _ any) []any { return g.step(s.(state), c.(*change)) },
		Equal: func(a, b any) bool {
			x, y := a.(state), b.(state)
			return x.text == y.text && slices.Equal(x.made, y.made) && slices.Equal(x.been, y.been)
		},
		Hash: func(of any) uint64 {
			s := of.(state)
			hash := maphash.String(seed, s.text)
			for _, word := range slices.Concat(s.made, s.been) {
				hash = hash*1099511628211 ^ word
			}
			return hash
		},
	}
	return model.ToModel()
}
