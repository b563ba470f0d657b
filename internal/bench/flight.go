package bench

import (
	"time"

	"sttp"
)

// flight is a request on its way. Times are since the clock's start.
type flight struct {
	action  sttp.Action
	key     int // of the snippet; the number of the directory for a LIST; below 0 a name that is not there
	path    string
	version uint32 // of a change
	floor   uint32 // of a SHOW, with alive the bounds when it was sent
	alive   []uint32
	floors  []uint32 // of a LIST

	counted bool          // whether it was due after the warm-up
	due     time.Duration // in an open loop
	free    time.Duration // when there was a connection for it
	sent    time.Duration
}

// op returns the request as a Dialect takes it; contents go into scratch.
func (f *flight) op(b *book, scratch []byte) (Op, []byte) {
	op := Op{Action: f.action, Path: f.path}
	if f.action.TakesContents() {
		scratch = b.script.append(scratch[:0], f.key, f.version)
		op.Contents = scratch
	}
	return op, scratch
}

// ended is what became of a request, for the recorder.
type ended struct {
	action   sttp.Action
	counted  bool
	at       time.Duration
	response time.Duration
	service  time.Duration
	lag      time.Duration // below 0 if there is none
	wrong    string        // kind of a wrong reply
	err      string        // kind of an error
	waited   bool          // whether an error's response time is a lower bound to count
}

// judge tells what is wrong with a reply, and takes notice in the book of what
// it says: a kind of wrong replies, a kind of errors, or neither.
func (b *book) judge(f *flight, r Reply, scratch []byte) (wrong, failed string, _ []byte) {
	if r.Path != nil && string(r.Path) != f.path {
		b.lose(f)
		return Garbled, "", scratch
	}
	if r.Outcome == Failure {
		if r.Unknown {
			b.lose(f)
		} else {
			b.fail(f)
		}
		if f.action == sttp.Create && f.version > 1 && r.Status == int(sttp.StatusClientError) {
			return Stale, "", scratch // its DELETE was answered, and the path is taken
		}
		return "", statusKind(r.Status), scratch
	}
	switch f.action {
	case sttp.Show:
		return b.judgeShow(f, r, scratch)
	case sttp.List:
		if r.Outcome == Missing {
			return Lost, "", scratch
		}
		return b.verifyList(f.key, r.Contents, f.floors), "", scratch
	}
	return b.judgeChange(f, r, scratch)
}

func (b *book) judgeShow(f *flight, r Reply, scratch []byte) (wrong, failed string, _ []byte) {
	if f.key < 0 {
		if r.Outcome != Missing {
			return Wrong, "", scratch
		}
		return "", "", scratch
	}
	s := b.snippet(f.key)
	newest := s.newest.Load()
	if r.Outcome == Missing {
		if !b.comesAndGoes(f.key) || f.floor == newest && len(f.alive) == 0 && newest%2 == 1 {
			return Lost, "", scratch
		}
		return "", "", scratch
	}
	wrong, version, scratch := b.script.kindOf(f.key, r.Contents, f.floor, newest, scratch)
	if wrong == Stale && contains(f.alive, version) {
		wrong = ""
	}
	switch {
	case wrong != "":
	case b.comesAndGoes(f.key) && version%2 == 0:
		wrong = Wrong // nobody ever wrote that
	default:
		s.seen(version)
	}
	return wrong, "", scratch
}

func (b *book) judgeChange(f *flight, r Reply, scratch []byte) (wrong, failed string, _ []byte) {
	if r.Outcome == Missing {
		b.fail(f)
		if f.action == sttp.Create {
			return "", statusKind(r.Status), scratch
		}
		return Lost, "", scratch
	}
	if r.Contents != nil && f.action == sttp.Update {
		wrong, _, scratch = b.script.kindOf(f.key, r.Contents, f.version, f.version, scratch)
	}
	s := b.snippet(f.key)
	s.answered(f.version)
	if f.action == sttp.Delete {
		s.gone()
	}
	if b.comesAndGoes(f.key) {
		b.put(f.key, f.action == sttp.Create)
	}
	return wrong, "", scratch
}

// fail takes notice that a request changed nothing.
func (b *book) fail(f *flight) {
	if !f.action.Changes() {
		return
	}
	s := b.snippet(f.key)
	s.refused(f.version)
	if f.action == sttp.Create {
		s.gone() // what there is somebody else has made
	}
}

// lose takes notice that a request has no answer that says whether it changed
// something.
func (b *book) lose(f *flight) {
	if f.action.Changes() {
		b.snippet(f.key).unanswered(f.version)
	}
}
