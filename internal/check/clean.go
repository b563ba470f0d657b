package check

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// cleanUpLimit bounds how long is taken to remove what a case has made. What is
// left then is removed by sweep.
const cleanUpLimit = 2 * time.Second

// cleanUp removes what a case may have made.
func (r *run) cleanUp(t *T) {
	if len(t.made) == 0 || r.facts.Waits == WaitsForever || r.isGone() != "" {
		return
	}
	paths := slices.Sorted(maps.Keys(t.made))
	if r.cannotDelete.Load() {
		r.leave(paths)
		return
	}
	limit := r.stretched(cleanUpLimit)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.ctx), limit)
	defer cancel()
	cleaner, done := r.newT(ctx, &Case{ID: "cleaning up"}, limit)
	defer done()
	defer cleaner.end()
	remove := cleaner.deleteApart
	if r.facts.KeepsOpen {
		remove = cleaner.deleteTogether
	}
	r.leave(remove(paths))
}

// leave leaves paths to sweep.
func (r *run) leave(paths []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left = append(r.left, paths...)
}

// deleteApart deletes with a connection for each path, and returns the paths for
// which it has not come to that. If one is never answered, no further one is sent.
func (t *T) deleteApart(paths []string) (left []string) {
	for i, path := range paths {
		got, end, err := t.TryAsk("DELETE " + path)
		if t.run.cannotDelete.Store(err == nil && got == "" && end == Open); err != nil || t.run.cannotDelete.Load() {
			return paths[i:]
		}
	}
	return nil
}

// deleteTogether is deleteApart on one connection, one request after the other.
func (t *T) deleteTogether(paths []string) (left []string) {
	c, err := t.TryDial()
	if err != nil {
		return paths
	}
	for i, path := range paths {
		if c.Send("DELETE "+path+"\n") != nil {
			return paths[i:]
		}
		got, end := c.Reply("DELETE")
		if got == "" && end == Open {
			t.run.cannotDelete.Store(true)
			return paths[i:]
		}
		if end != Open {
			if c, err = t.TryDial(); err != nil {
				return paths[i:]
			}
		}
	}
	return nil
}

// sweep removes what is left in the checker's directory: what cases have not come
// to remove, and then what LIST says. It returns the directory if it is still
// there then, or if nobody can tell.
func (r *run) sweep(ctx context.Context) []string {
	root := []string{"/" + r.name}
	if r.facts.Waits == WaitsForever || r.isGone() != "" || !r.reachable(context.WithoutCancel(ctx)) {
		return root
	}
	t, cancel := r.newT(context.WithoutCancel(ctx), &Case{ID: "sweeping"}, r.stretched(sweepLimit))
	defer cancel()
	defer t.end()
	s := sweeper{t: t, budget: sweepNames}
	if _, there := s.names(root[0]); !there {
		return nil
	}
	for _, path := range r.left {
		s.ask("DELETE " + path)
	}
	s.directory(root[0], 0)
	if _, there := s.names(root[0]); there {
		return root
	}
	return nil
}

// sweeper bounds how much a server that lists what is not there can make the
// checker do.
type sweeper struct {
	t      *T
	budget int
	conn   *Conn // if the server keeps connections
	silent bool  // the server has not answered
}

// The bounds of a sweep. The longest list that a case makes has some 4,000
// directories, and on a busy machine it may not have come to removing them all.
const (
	sweepLimit = 20 * time.Second
	sweepNames = 20_000
	sweepDepth = 8
)

// directory empties a directory, and what is below it.
func (s *sweeper) directory(dir string, depth int) {
	names, _ := s.names(dir)
	for _, name := range names {
		if s.budget--; s.budget < 0 || s.t.ctx.Err() != nil {
			return
		}
		path := dir + "/" + strings.TrimSuffix(name, "/")
		deleted := !strings.HasSuffix(name, "/") && splitStatusLine(s.ask("DELETE "+path)).status == 600
		if !deleted && depth < sweepDepth {
			s.directory(path, depth+1)
		}
	}
}

// names returns what a LIST of dir answers, and whether the directory is there,
// as far as anybody can tell.
func (s *sweeper) names(dir string) ([]string, bool) {
	got := s.ask("LIST " + dir)
	if got == "" {
		return nil, true
	}
	line, rest, _ := strings.Cut(got, "\n")
	if splitStatusLine(line).status != 200 {
		return nil, false
	}
	names := splitNames(strings.TrimSuffix(rest, "\n"))
	return slices.DeleteFunc(names, func(n string) bool { return !staysBelow(strings.TrimSuffix(n, "/")) }), true
}

// ask returns the reply to the line, or nothing. A server that keeps connections
// is asked on one. One that does not answer is not waited for again.
func (s *sweeper) ask(line string) (got string) {
	if s.silent {
		return ""
	}
	if s.t.facts.KeepsOpen && s.conn == nil {
		s.conn, _ = s.t.TryDial()
	}
	if s.conn != nil && s.conn.Send(line+"\n") == nil {
		if got, end := s.conn.Reply(line); end == Open && got != "" {
			return got
		}
	}
	s.conn = nil
	got, _, _ = s.t.TryAsk(line)
	s.silent = got == ""
	return got
}

// staysBelow tells whether a name from a list leads nowhere but into the
// directory that was listed, however a server reads paths. Many list "." and
// "..", and whoever follows these deletes what is not his. So it is not asked
// what could lead upward (%2e, a full-width stop, a backslash), but what cannot.
func staysBelow(name string) bool {
	return name != "" && name[0] != '.' && utf8.ValidString(name) && !strings.ContainsFunc(name, func(r rune) bool {
		return !strings.ContainsRune("-_.", r) && !unicode.In(r, unicode.L, unicode.M, unicode.N)
	})
}
