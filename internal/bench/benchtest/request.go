package benchtest

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// request is one as it is carried out.
type request struct {
	action   string
	path     []byte
	contents []byte
	sent     moment
	conn     *conn
}

// request carries out a line and appends the reply, if there is one.
func (s *Server) request(c *conn, line []byte) {
	q := s.arrive(c, line)
	if s.options.Mute || c.fate == isSilent {
		s.counts.Silenced++
		return
	}
	if s.cutOff(c) {
		s.unanswered(q)
		return
	}
	if q.refusal(c) {
		s.counts.Refused++
		return
	}
	if s.turnsOf.failing.next(s.options.Failing) {
		s.turnsOf.failing.done()
		s.counts.Failed++
		c.out = fmt.Appendf(c.out, "500 %s SERVER ERROR \"not now\"\n", q.path)
		return
	}
	switch q.action {
	case "CREATE":
		s.create(q)
	case "SHOW":
		s.show(q)
	case "LIST":
		s.list(q)
	case "UPDATE":
		s.update(q)
	case "DELETE":
		s.delete(q)
	}
}

// arrive counts a request, takes it apart, and does what was due when it came.
func (s *Server) arrive(c *conn, line []byte) *request {
	q := &request{conn: c, sent: c.window.next(s.options.InFlight, s.clock, s.known)}
	action, rest, _ := bytes.Cut(line, []byte{' '})
	q.action = actionOf(action)
	q.path, q.contents, _ = bytes.Cut(bytes.TrimRight(rest, " "), []byte{' '})
	q.contents = bytes.TrimLeft(q.contents, " ")
	s.since++
	s.counts.Requests++
	s.counts.ByAction[q.action]++
	if len(s.arrived) < s.options.Record {
		s.arrived = append(s.arrived, Arrival{string(line), time.Now()})
	}
	if ready := s.waiting[s.counts.Requests]; ready != nil {
		close(ready)
		delete(s.waiting, s.counts.Requests)
	}
	s.runLate(false)
	return q
}

// actionOf returns the action's name, "" if it is none.
func actionOf(word []byte) string {
	for _, a := range []string{"SHOW", "UPDATE", "CREATE", "DELETE", "LIST"} {
		if string(word) == a {
			return a
		}
	}
	return ""
}

// refusal answers what is no right request, and takes contents out of their
// quotes.
func (q *request) refusal(c *conn) bool {
	takes := q.action == "CREATE" || q.action == "UPDATE"
	path := string(q.path)
	isDir := strings.HasSuffix(path, "/")
	name := path[strings.LastIndexByte(path, '/')+1:]
	right := strings.HasPrefix(path, "/") && !strings.Contains(path, "//") && len(path) <= 1024 &&
		utf8.ValidString(path) && !strings.Contains(path, "/.") && !strings.ContainsAny(path, "?\\\t")
	contents, quoted := unquote(q.contents)
	switch {
	case !right:
		c.out = append(c.out, "300 - CLIENT ERROR \"a path is needed, as in SHOW /notes/a.txt\"\n"...)
	case q.action == "" || takes == (len(q.contents) == 0) || isDir && q.action != "LIST":
		c.out = fmt.Appendf(c.out, "300 %s CLIENT ERROR \"as in SHOW /notes/a.txt or CREATE /notes/a.txt Buy milk\"\n", path)
	case q.action != "LIST" && utf8.RuneCountInString(name) > 32:
		c.out = fmt.Appendf(c.out, "310 %s FILENAME TOO LONG\n", path)
	case !quoted || !utf8.Valid(contents) || utf8.RuneCount(contents) > 160:
		c.out = fmt.Appendf(c.out, "300 %s CLIENT ERROR \"contents are at most 160 characters\"\n", path)
	default:
		q.contents = contents
		return false
	}
	return true
}

// unquote takes contents out of their quotes, if they are quoted as a whole.
func unquote(b []byte) (contents []byte, ok bool) {
	if len(b) < 2 || b[0] != '"' || b[len(b)-1] != '"' {
		return b, true
	}
	var out []byte
	ok = true
	for i := 1; i < len(b)-1; i++ {
		switch {
		case b[i] == '"':
			return b, true // a bare quote: all is taken as it stands
		case b[i] == '\\':
			i++
			ok = ok && i < len(b)-1 && (b[i] == '"' || b[i] == '\\')
		}
		out = append(out, b[i])
	}
	return out, ok
}

// find returns what a request asks for. If it is not there it answers so.
func (s *Server) find(q *request) *snippet {
	if n := s.snippets[string(q.path)]; n != nil {
		return n
	}
	dir, _ := split(string(q.path))
	switch {
	case s.dirs[string(q.path)+"/"] != nil:
		q.conn.out = fmt.Appendf(q.conn.out, "300 %s CLIENT ERROR \"that is a directory\"\n", q.path)
	case s.dirs[dir] != nil:
		q.conn.out = fmt.Appendf(q.conn.out, "400 %s NOT FOUND\n", q.path)
	default:
		q.conn.out = fmt.Appendf(q.conn.out, "410 %s PATH NOT FOUND\n", dir)
	}
	if v := s.forgotten[string(q.path)]; v != nil {
		if v.knownBy(q.sent) {
			s.counts.Denied++
		} else {
			s.counts.Excused++
		}
		if q.action == "DELETE" {
			delete(s.forgotten, string(q.path)) // from here on it is right that it is not there
		}
	}
	return nil
}

func (s *Server) create(q *request) {
	path, c := string(q.path), q.conn
	dir, _ := split(path)
	switch {
	case s.snippets[path] != nil || s.dirs[path+"/"] != nil:
		c.out = fmt.Appendf(c.out, "300 %s CLIENT ERROR \"it is there already, use UPDATE\"\n", path)
		s.counts.Refused++
		return
	case s.blocked(path):
		c.out = fmt.Appendf(c.out, "510 %s CANNOT CREATE PATH\n", dir)
		return
	}
	var v *version
	if s.turnsOf.forget.next(s.options.ForgetCreate) {
		s.turnsOf.forget.done()
		s.counts.Forgotten++
		v = &version{}
		s.forgotten[path] = v
	} else {
		v = s.make(q.path, q.contents)
	}
	v.sent = q.sent
	c.wrote(v)
	c.out = fmt.Appendf(c.out, "100 %s CREATED\n", path)
}

func (s *Server) update(q *request) {
	n := s.find(q)
	if n == nil {
		return
	}
	v := &version{contents: slices.Clone(q.contents), sent: q.sent}
	n.write(v)
	q.conn.wrote(v)
	q.conn.succeed(q.path, q.contents)
}

func (s *Server) delete(q *request) {
	n := s.find(q)
	if n == nil {
		return
	}
	if n.dead == nil && s.turnsOf.keep.next(s.options.KeepDeleted) {
		s.turnsOf.keep.done()
		s.counts.Kept++
		n.dead = &version{sent: q.sent}
		q.conn.wrote(n.dead)
	} else {
		s.remove(n)
	}
	q.conn.out = fmt.Appendf(q.conn.out, "600 %s DELETED\n", q.path)
}

func (s *Server) list(q *request) {
	path := strings.TrimSuffix(string(q.path), "/")
	d := s.dirs[path+"/"]
	switch {
	case d == nil && s.snippets[path] != nil:
		q.conn.out = fmt.Appendf(q.conn.out, "300 %s CLIENT ERROR \"that is a file\"\n", q.path)
	case d == nil:
		q.conn.out = fmt.Appendf(q.conn.out, "400 %s NOT FOUND\n", q.path)
	case s.turnsOf.short.next(s.options.ShortList):
		q.conn.succeed(q.path, s.shortened(path+"/", d))
	default:
		q.conn.succeed(q.path, d.shown())
	}
}

// shortened returns a list without the snippet in it that is there for longest.
func (s *Server) shortened(dir string, d *directory) []byte {
	var oldest *snippet
	for name := range d.names {
		if n := s.snippets[dir+name]; n != nil && (oldest == nil || n.number < oldest.number) {
			oldest = n
		}
	}
	if oldest == nil {
		return d.shown()
	}
	s.turnsOf.short.done()
	s.counts.ShortLists++
	_, left := split(oldest.path)
	names := strings.Split(string(d.shown()), ", ")
	return []byte(strings.Join(slices.DeleteFunc(names, func(name string) bool { return name == left }), ", "))
}

// wrote notes that a change is answered with success.
func (c *conn) wrote(v *version) { c.window.pending = append(c.window.pending, v) }

// succeed answers 200.
func (c *conn) succeed(path, contents []byte) {
	c.out = append(c.out, "200 "...)
	c.out = append(c.out, path...)
	c.out = append(c.out, " OK\n"...)
	c.out = append(c.out, contents...)
	c.out = append(c.out, '\n')
}
