package guide

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sttp/internal/bench"
)

// ErrUntold is in the error of a run that has not begun because the server's
// answer does not tell whether a snippet is there.
var ErrUntold = errors.New("whether the test's snippets are there cannot be told")

// ErrNoReply is in the error of a run that has not begun because the server takes
// connections and does not answer in time. It comes with bench.ErrNoServer.
var ErrNoReply = errors.New("no reply")

// NotOursError says that there are snippets with the names of the test which the
// run has not made. They are as they were.
type NotOursError struct {
	Paths []string // of them, as far as they were met
	Begun bool     // whether the run had begun, else nothing was changed at all

	Deleted int      // snippets that the run had made and has deleted again
	Left    []string // paths of snippets that it has perhaps made, and left
}

// Error names the first of them.
func (e *NotOursError) Error() string {
	switch {
	case e.Begun:
		return fmt.Sprintf("%s is there although CREATE was refused: somebody else has made it meanwhile", e.Paths[0])
	case len(e.Paths) > 1:
		return fmt.Sprintf("%s and %d more of the test's snippets are there already", e.Paths[0], len(e.Paths)-1)
	}
	return e.Paths[0] + " is there already"
}

// presence is whether a snippet is there.
type presence uint8

const (
	unknown presence = iota
	missing
	present
)

// lookAt finds out whether a snippet is there. The answer holds what it is, and
// whether the server answers.
func (r *run) lookAt(ctx context.Context, s *snippet) (presence, answer) {
	a := r.asked(ctx, s.show)
	switch {
	case a.err != nil:
		return unknown, a
	case a.isMissing():
		return missing, a
	case a.resp.Status.Success():
		return present, a
	}
	return unknown, a
}

// look makes sure that no snippet of the test is there, before anything is made.
// It also finds out whether the server keeps connections.
func (r *run) look(ctx context.Context) (err error) {
	r.watched("look", len(r.snippets), func() { err = r.lookAtAll(ctx) })
	if err == nil && r.asker.kept != nil && int(r.asker.dials.Load()) >= len(r.snippets) {
		r.asker.keepNone(r.o.Concurrent)
		r.closes = true
	}
	return err
}

func (r *run) lookAtAll(ctx context.Context) error {
	var there []string
	for i := range r.snippets {
		s := &r.snippets[i]
		p, a := r.lookAt(ctx, s)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case p == present:
			there = append(there, s.path())
		case p == unknown && a.answered():
			return fmt.Errorf("%w: %s", ErrUntold, a)
		case p == unknown:
			return fmt.Errorf("%w: %w", bench.ErrNoServer, a.reason(r.o))
		}
		r.tally.step()
	}
	if there != nil {
		return &NotOursError{Paths: there}
	}
	return nil
}

// cleaning is how long is taken at most to delete what the phases have left.
const cleaning = time.Minute

// clean deletes what this run has made and not deleted yet, without pauses, also
// after ctx has ended. It goes through it twice, since a DELETE whose outcome is
// not known is looked up.
func (r *run) clean(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleaning)
	defer cancel()
	left := r.left()
	if len(left) == 0 {
		return
	}
	r.watched("clean up", len(left), func() {
		tries := 2 // requests without a reply, one after the other
		if r.tally.hasGone() {
			tries = 1
		}
		for range 2 {
			failed := 0
			for _, s := range r.left() {
				if ctx.Err() != nil || failed == tries {
					return
				}
				if failed++; r.deleteOne(ctx, s) {
					failed = 0
				}
			}
		}
	})
}

// left returns the snippets that may be there because of this run.
func (r *run) left() (all []*snippet) {
	for i := range r.snippets {
		if r.snippets[i].state != absent {
			all = append(all, &r.snippets[i])
		}
	}
	return all
}

// deleteOne deletes a snippet if it is certain that this run made it. It returns
// false if the server does not answer.
func (r *run) deleteOne(ctx context.Context, s *snippet) bool {
	if s.state == unsure {
		there, a := r.lookAt(ctx, s)
		switch {
		case there == missing:
			s.state = absent
			return true
		case there == unknown, a.resp.Contents != s.contents(), r.foreign:
			return a.answered()
		}
		s.made = true
	}
	a := r.asked(ctx, s.delete)
	a.judge(s)
	switch {
	case a.right:
		s.state = absent
		r.tally.step()
	case a.sent():
		s.state = unsure
	}
	return a.answered()
}

// notes tells what else there is to know of the run.
func (r *run) notes() []string {
	dials := int(r.asker.dials.Load())
	switch {
	case r.closes:
		return []string{"the server closes the connection after each reply, so every request had a connection of its own"}
	case r.asker.netcat || r.guide.Gone != nil:
		return nil
	case r.timeouts > 0 && r.o.Concurrent > 1:
		return []string{fmt.Sprintf("%d retrievals had no reply within %v: if the server serves fewer than %d connections at a time, "+
			"try -c 1, or --connection-per-request", r.timeouts, r.o.Timeout, r.o.Concurrent)}
	case dials > r.o.Concurrent:
		return []string{fmt.Sprintf("%d connections were opened where %d would have been enough: they did not stay open", dials, r.o.Concurrent)}
	}
	return nil
}
