package benchtest

import "bytes"

// What a client knows. The clock counts the batches that were read and answered;
// all of it happens under the server's lock, so its order is that of real time.

// maxVersions is how many versions of a snippet are remembered.
const maxVersions = 256

// moment is when a request was sent, as far as the server knows.
type moment struct {
	window *window // of the connection
	number int     // of the request on it
	later  uint64  // the clock, after which it was sent
}

// version is one that a CREATE or UPDATE wrote, or a change that was only said to
// be made.
type version struct {
	contents []byte
	sent     moment
	acked    uint64 // its reply was read before this; 0 if that is not known
}

// knownBy tells whether whoever sent a request at m surely knew of v then.
func (v *version) knownBy(m moment) bool {
	if w := m.window; w != nil && w == v.sent.window && m.number-v.sent.number >= len(w.answered) {
		return true
	}
	return v.acked != 0 && v.acked <= m.later
}

// window knows for the requests of a connection after what they were sent, and
// when the replies to them were surely read.
type window struct {
	answered []uint64   // the clock before the reply to request i was written, at i % InFlight
	count    int        // requests until now
	pending  []*version // whose replies may not have been read yet
}

// next counts a request in, at the clock's now, and returns when it was sent: the
// client has read the reply to the one that came inFlight before.
func (w *window) next(inFlight int, now, known uint64) moment {
	if len(w.answered) != inFlight {
		w.answered, w.pending = make([]uint64, inFlight), nil
	}
	m := moment{w, w.count, max(w.answered[w.count%inFlight], known)}
	for len(w.pending) > 0 && w.pending[0].sent.number <= w.count-inFlight {
		w.pending[0].acked = now
		w.pending = w.pending[1:]
	}
	w.count++
	return m
}

// reply notes that the last n requests are answered later than now.
func (w *window) reply(n int, now uint64) {
	for i := max(0, w.count-n); i < w.count; i++ {
		w.answered[i%len(w.answered)] = now
	}
}

// acknowledgeAll notes that all that is there is known to the client.
func (st *store) acknowledgeAll(now uint64) {
	for _, n := range st.snippets {
		for _, v := range n.versions {
			if v.acked == 0 {
				v.acked = now
			}
		}
		if n.dead != nil {
			n.dead.acked = now
		}
	}
	for _, v := range st.forgotten {
		v.acked = now
	}
}

// write adds a version to a snippet.
func (n *snippet) write(v *version) {
	if len(n.versions) == maxVersions {
		n.versions = append(n.versions[:0], n.versions[maxVersions/2:]...)
	}
	n.versions = append(n.versions, v)
}

// stale returns contents that were replaced for sure before a request was sent: a
// version a such that the client knew of a before it sent b, and of b before it
// sent the request.
func (n *snippet) stale(sent moment) []byte {
	for i := len(n.versions) - 1; i > 0; i-- {
		b := n.versions[i]
		if !b.knownBy(sent) {
			continue
		}
		for j := i - 1; j >= 0; j-- {
			if a := n.versions[j]; a.knownBy(b.sent) && !n.holds(a.contents, j+1) {
				return a.contents
			}
		}
	}
	return nil
}

// torn returns the first half of what is there with the second half of what was
// there before, nil if that is nothing new.
func (n *snippet) torn() []byte {
	if len(n.versions) < 2 {
		return nil
	}
	now, before := n.now().contents, n.versions[len(n.versions)-2].contents
	if len(now) != len(before) {
		return nil
	}
	half := len(now) / 2
	mix := append(bytes.Clone(now[:half]), before[half:]...)
	if n.holds(mix, 0) {
		return nil
	}
	return mix
}

// holds tells whether a version from the given one on has these contents.
func (n *snippet) holds(contents []byte, from int) bool {
	for _, v := range n.versions[from:] {
		if bytes.Equal(v.contents, contents) {
			return true
		}
	}
	return false
}
