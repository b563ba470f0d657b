package benchtest

import (
	"fmt"
	"slices"
)

// laterBy is after how many more requests a change is carried out that comes late.
const laterBy = 50

// show answers a SHOW, and wrong if something wrong is due.
func (s *Server) show(q *request) {
	n := s.find(q)
	if n == nil {
		return
	}
	if n.dead != nil {
		if n.dead.knownBy(q.sent) {
			s.counts.Undead++
		} else {
			s.counts.Excused++
		}
	}
	if !s.lie(q, n) {
		q.conn.succeed(q.path, n.now().contents)
	}
	s.previous = n.path
}

// lie answers a SHOW of n wrong if that is due, and possible. All that is due
// every Nth time counts this one; at most one of them gets it.
func (s *Server) lie(q *request, n *snippet) bool {
	o, c, lied := &s.options, q.conn, false
	for _, fault := range []struct {
		turns *turns
		every int
		count *int64
		do    func() bool
	}{
		{&s.turnsOf.stale, o.Stale, &s.counts.Stale, func() bool { return c.instead(q, n.stale(q.sent)) }},
		{&s.turnsOf.torn, o.Torn, &s.counts.Torn, func() bool { return c.instead(q, n.torn()) }},
		{&s.turnsOf.cut, o.Cut, &s.counts.Cut, func() bool { return c.instead(q, n.now().contents[:len(n.now().contents)/2]) }},
		{&s.turnsOf.foreign, o.Foreign, &s.counts.Foreign, func() bool { return c.instead(q, s.foreign(n)) }},
		{&s.turnsOf.astray, o.Astray, &s.counts.Astray, func() bool {
			if s.foreign(n) == nil {
				return false
			}
			c.succeed([]byte(s.previous), n.now().contents)
			return true
		}},
		{&s.turnsOf.missing, o.Missing, &s.counts.Missing, func() bool {
			c.out = fmt.Appendf(c.out, "400 %s NOT FOUND\n", q.path)
			return true
		}},
		{&s.turnsOf.garbled, o.Garbled, &s.counts.Garbled, func() bool {
			c.out = append(c.out, garbage[int(s.counts.Garbled)%len(garbage)]...)
			return true
		}},
	} {
		if fault.turns.next(fault.every) && !lied && fault.do() {
			fault.turns.done()
			*fault.count++
			lied = true
		}
	}
	return lied
}

// garbage are lines that are no replies.
var garbage = []string{
	"OK 200\n", "200\n", "\n", "999 /notes/a.txt FINE\n", "200 /notes/a.txt\n", "HTTP/1.1 400 Bad Request\n", "\x00\xff\x1b[2J\n",
}

// instead answers with contents that are not those which are right; nil is none.
func (c *conn) instead(q *request, contents []byte) bool {
	if len(contents) == 0 {
		return false
	}
	c.succeed(q.path, contents)
	return true
}

// foreign returns the contents of the snippet that was shown before n, nil if
// there is none.
func (s *Server) foreign(n *snippet) []byte {
	if other := s.snippets[s.previous]; other != nil && other != n {
		return other.now().contents
	}
	return nil
}

// cutOff decides whether the connection ends with this request, unanswered.
func (s *Server) cutOff(c *conn) bool {
	t, o := &s.turnsOf, &s.options
	switch {
	case o.DieAfter > 0 && s.since >= o.DieAfter:
		c.fate = dies
	case t.reset.next(o.Reset):
		t.reset.done()
		s.counts.Resets++
		c.fate = isReset
	case t.close.next(o.Close):
		t.close.done()
		s.counts.Closes++
		c.fate = isClosed
	case t.silent.next(o.Silent):
		t.silent.done()
		s.counts.Silenced++
		c.fate = isSilent
	default:
		return false
	}
	return true
}

// unanswered is what becomes of a change without a reply: nothing, or it is
// carried out, or later.
func (s *Server) unanswered(q *request) {
	if q.action == "SHOW" || q.action == "LIST" || q.refusal(&conn{}) {
		return
	}
	late := &request{action: q.action, path: slices.Clone(q.path), contents: slices.Clone(q.contents), sent: q.sent, conn: &conn{}}
	switch s.unknown++; s.unknown % 3 {
	case 0:
		s.counts.Dropped++
	case 1:
		s.carryOut(late)
	case 2:
		s.late = append(s.late, lateChange{s.counts.Requests + laterBy, func() { s.carryOut(late) }})
	}
}

// carryOut carries out a change that nobody hears of.
func (s *Server) carryOut(q *request) {
	n := s.snippets[string(q.path)]
	switch {
	case q.action == "CREATE" && n == nil && s.dirs[string(q.path)+"/"] == nil && !s.blocked(string(q.path)):
		s.make(q.path, q.contents).sent = q.sent
	case q.action == "UPDATE" && n != nil:
		n.write(&version{contents: q.contents, sent: q.sent})
	case q.action == "DELETE" && n != nil:
		s.remove(n)
	default:
		s.counts.Dropped++
		return
	}
	s.counts.Applied++
}

// runLate carries out the late changes that are due, or all of them.
func (s *Server) runLate(all bool) {
	for len(s.late) > 0 && (all || s.late[0].at <= s.counts.Requests) {
		s.late[0].do()
		s.late = s.late[1:]
	}
}
