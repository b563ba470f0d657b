// Package guide carries out the performance test of the guide to STTP: it creates
// 1,000 snippets one after the other, retrieves each of them and every tenth one
// twice, and deletes them, with pauses in between. Every reply is verified.
//
// # Whose snippets these are
//
// The names are given, so they may be somebody's. Before anything is created
// every name is asked for, and the run begins only if none is there. A CREATE
// makes a file that does not exist or fails, so one that is answered with success
// has made a snippet of this run; that is deleted, and no other. If a CREATE is
// refused and a snippet is there all the same, somebody else has made it
// meanwhile: the run deletes what it had made, and stops.
//
// What became of a CREATE that was sent and not answered is looked up. The
// snippet counts as made by this run if it is there with exactly the contents
// that were sent: it was not there before, and these contents belong to this test
// alone. Only another run of the test at the same time could have made it, and
// that shows at once, since both use the same names: if a snippet of somebody
// else was met, those in doubt are left where they are, and told.
package guide

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"sttp"
	"sttp/internal/bench"
)

// Snippets is how many snippets a run makes.
const Snippets = 1000

// again tells whether the snippet with that number, from 0, is retrieved twice
// in a row.
func again(number int) bool { return number%10 == 0 }

// Options are what a run can be told.
type Options struct {
	Address string // of the server, host:port

	// Interval is the pause after each CREATE and each DELETE, and between the
	// starts of two retrievals.
	Interval time.Duration

	// Concurrent is how many snippets are retrieved at once, each on a connection
	// of its own; at least 1.
	Concurrent int

	// ConnectionPerRequest opens a connection for each request and ends it with an
	// empty line, as netcat does. Else connections are kept.
	ConnectionPerRequest bool

	Timeout  time.Duration // for a reply, with the connection if one is opened
	Patience time.Duration // how long requests may fail, all of them, until the server counts as gone

	snippets int // fewer than Snippets, for tests
}

// DefaultOptions are those of the guide, without an address.
func DefaultOptions() Options {
	return Options{Interval: 100 * time.Millisecond, Concurrent: 1, Timeout: 5 * time.Second, Patience: 2 * time.Second}
}

// Pauses returns how long the pauses of a run take: one after each CREATE and
// each DELETE, and one between two retrievals.
func (o Options) Pauses() time.Duration { return (3*Snippets - 1) * o.Interval }

// run is one run of the test.
type run struct {
	o        Options
	observe  func(bench.Progress)
	asker    *asker
	snippets []snippet
	tally    *tally
	guide    *bench.Guide
	foreign  bool  // whether a snippet of somebody else was met
	complete bool  // whether all phases were gone through
	closes   bool  // whether the server closes every connection after one reply
	timeouts int64 // retrievals that were not answered in time
}

// Run carries out the test. observe, which may be nil, is called now and then by
// one goroutine at a time; the stages are "look", "create", "retrieve", "delete"
// and "clean up".
//
// When ctx ends, or the server goes away, what was made is deleted as far as the
// server answers, and the result says so and holds what was found until then. An
// error says that there is no result: it is a *NotOursError if snippets of
// somebody else are in the way, and bench.ErrNoServer if the server does not
// answer at the beginning.
func Run(ctx context.Context, o Options, observe func(bench.Progress)) (*bench.Guide, error) {
	if observe == nil {
		observe = func(bench.Progress) {}
	}
	r := &run{o: o, observe: observe, asker: newAsker(o), snippets: newSnippets(cmp.Or(o.snippets, Snippets)), tally: newTally(o.Patience)}
	r.guide = &bench.Guide{
		Snippets: len(r.snippets), Interval: o.Interval, Concurrent: o.Concurrent, ConnectionPerRequest: o.ConnectionPerRequest,
	}
	defer r.asker.close()
	if err := r.look(ctx); err != nil {
		return nil, err
	}
	notOurs := r.measure(ctx)
	r.clean(ctx)
	r.finish(ctx)
	if notOurs != nil {
		notOurs.Deleted, notOurs.Left = r.guide.Deleted, r.guide.Left
		return nil, notOurs
	}
	return r.guide, nil
}

// measure goes through the phases. It ends before its time if ctx ends, if the
// server goes away, or if somebody else's snippet is met, which it returns.
func (r *run) measure(ctx context.Context) (notOurs *NotOursError) {
	going, stop := context.WithCancel(ctx)
	defer stop()
	r.tally.start(stop)
	r.phase("create", len(r.snippets), func() { notOurs = r.create(ctx, going) })
	if going.Err() == nil && notOurs == nil {
		before := r.tally.errorsOf(bench.Timeout)
		r.phase("retrieve", retrievals(r.ours()), func() { r.retrieve(ctx, going) })
		r.timeouts = r.tally.errorsOf(bench.Timeout) - before
	}
	if going.Err() == nil && notOurs == nil {
		r.phase("delete", len(r.ours()), func() { r.remove(ctx, going) })
		r.complete = len(r.ours()) == 0
	}
	return notOurs
}

// phase measures what do does. About most requests will be sent.
func (r *run) phase(name string, most int, do func()) {
	r.tally.beginPhase(name)
	r.watched(name, most, do)
	phase := r.tally.endPhase()
	r.guide.Phases = append(r.guide.Phases, phase)
	r.guide.Total += phase.Elapsed
}

// create creates all snippets. It begins no request after going has ended.
func (r *run) create(ctx, going context.Context) *NotOursError {
	for i := range r.snippets {
		if going.Err() != nil {
			return nil
		}
		if !r.createOne(ctx, &r.snippets[i]) {
			r.foreign = true
			return &NotOursError{Paths: []string{r.snippets[i].path()}, Begun: true}
		}
		r.pause(going)
	}
	return nil
}

// createOne creates a snippet and finds out whether it is there then. It returns
// false if one is there that is not ours.
func (r *run) createOne(ctx context.Context, s *snippet) bool {
	answer := r.send(ctx, s, s.create)
	switch {
	case answer.right:
		s.state, s.made = ours, true
		return true
	case !answer.sent():
		return true
	}
	s.state = unsure
	there, found := r.lookAt(ctx, s)
	switch {
	case there == unknown:
	case answer.refused() && there == missing:
		s.state = absent
	case answer.refused() && there == present:
		s.state = absent
		return false
	case there == present && found.resp.Contents == s.contents():
		s.state, s.made = ours, true
	}
	return true
}

// retrievals returns how many requests it takes to retrieve them.
func retrievals(all []*snippet) int {
	n := len(all)
	for _, s := range all {
		if again(s.number) {
			n++
		}
	}
	return n
}

// retrieve retrieves the snippets that are there.
func (r *run) retrieve(ctx, going context.Context) {
	queue := make(chan *snippet)
	var workers sync.WaitGroup
	for range r.o.Concurrent {
		workers.Go(func() {
			for s := range queue {
				r.send(ctx, s, s.show)
				if again(s.number) && going.Err() == nil {
					r.send(ctx, s, s.show)
				}
			}
		})
	}
	for i, s := range r.ours() {
		if i > 0 {
			r.pause(going)
		}
		if going.Err() != nil {
			break
		}
		queue <- s
	}
	close(queue)
	workers.Wait()
}

// remove deletes the snippets that are there.
func (r *run) remove(ctx, going context.Context) {
	for _, s := range r.ours() {
		if going.Err() != nil {
			return
		}
		switch answer := r.send(ctx, s, s.delete); {
		case answer.right:
			s.state = absent
		case answer.sent():
			s.state = unsure
		}
		r.pause(going)
	}
}

// send sends a request of a phase, and counts what becomes of it.
func (r *run) send(ctx context.Context, s *snippet, req sttp.Request) answer {
	r.tally.beginRequest()
	a := r.asked(ctx, req)
	a.judge(s)
	if errors.Is(a.err, context.Canceled) {
		r.tally.dropRequest()
		return a
	}
	r.tally.endRequest(a)
	if !a.sent() {
		sleep(ctx, breath)
	}
	return a
}

// breath is how long is waited after there was no connection, so that the server
// can come back and nothing is tried thousands of times.
const breath = 100 * time.Millisecond

// asked sends a request.
func (r *run) asked(ctx context.Context, req sttp.Request) answer {
	start := time.Now()
	resp, err := r.asker.ask(ctx, req)
	return answer{req: req, resp: resp, err: err, took: time.Since(start)}
}

// ours returns the snippets that are there and ours.
func (r *run) ours() (all []*snippet) {
	for i := range r.snippets {
		if r.snippets[i].state == ours {
			all = append(all, &r.snippets[i])
		}
	}
	return all
}

// pause waits for the interval, or until going ends.
func (r *run) pause(going context.Context) {
	if r.o.Interval <= 0 {
		return
	}
	r.tally.beginPause()
	sleep(going, r.o.Interval)
	r.tally.endPause()
}

// sleep waits for d, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// glance is how often observe is called.
const glance = 100 * time.Millisecond

// watched does something that takes about most requests, and calls observe at the
// beginning, meanwhile and at the end.
func (r *run) watched(stage string, most int, do func()) {
	r.tally.beginStage(stage, most)
	r.observe(r.tally.progress())
	done, watcher := make(chan struct{}), sync.WaitGroup{}
	watcher.Go(func() {
		ticker := time.NewTicker(glance)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				r.observe(r.tally.progress())
			case <-done:
				return
			}
		}
	})
	do()
	close(done)
	watcher.Wait()
	r.observe(r.tally.progress())
}

// finish completes the result.
func (r *run) finish(ctx context.Context) {
	g := r.guide
	r.tally.result(g)
	for i := range r.snippets {
		s := &r.snippets[i]
		if s.made {
			g.Created++
		}
		if s.made && s.state == absent {
			g.Deleted++
		}
		if s.state != absent {
			g.Left = append(g.Left, s.path())
		}
	}
	g.Interrupted = ctx.Err() != nil && g.Gone == nil && !r.complete
	g.Notes = r.notes()
}
