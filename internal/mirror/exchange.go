package mirror

import (
	"context"
	"errors"
	"sync"
	"time"

	"sttp"
	"sttp/client"
)

// job is what is to become of one snippet: request after request, until there is
// none. One goroutine has it at a time.
type job interface {
	// next returns the request to send, and false when the job is done. A job
	// that is done has told its outcome.
	next() (sttp.Request, bool)

	// answer takes the reply to the request.
	answer(sttp.Response)

	// lost is called when there will be no reply to a change that was sent.
	lost(err error)
}

// work is the jobs that are left, and why no more of them are begun.
type work struct {
	mu      sync.Mutex
	jobs    []job
	workers int
	err     error
}

// carryOut does all jobs on as many connections as there may be. It returns why
// it stopped before the end: the context's error, or that of a connection. What
// was sent until then is waited for, for a while.
func (r *run) carryOut(ctx context.Context, jobs []job) error {
	if len(jobs) == 0 {
		return ctx.Err()
	}
	sending, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(r.opts.Grace, cancel) })()
	w := &work{jobs: jobs, workers: min(r.opts.Connections, (len(jobs)+r.batch-1)/r.batch)}
	var all sync.WaitGroup
	for range w.workers {
		all.Go(func() {
			for r.oneBatch(ctx, sending, w) {
			}
		})
	}
	all.Wait()
	return w.err
}

// take returns the next jobs, none if there are no more or work has stopped.
func (w *work) take(ctx context.Context, n int) []job {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil && len(w.jobs) > 0 {
		w.err = ctx.Err()
	}
	if w.err != nil {
		return nil
	}
	n = min(n, len(w.jobs))
	taken := w.jobs[:n:n]
	w.jobs = w.jobs[n:]
	return taken
}

// stop ends the work.
func (w *work) stop(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
	}
}

// stopped returns why no more requests are sent, nil if they are.
func (w *work) stopped(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = ctx.Err()
	}
	return w.err
}

// leave gives jobs back whose connection the server had no room for, and goes on
// with one connection less. It returns false if there is no other.
func (w *work) leave(jobs []job) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.workers == 1 {
		return false
	}
	w.workers--
	w.jobs = append(w.jobs, jobs...)
	return true
}

// oneBatch does some jobs. It returns false when there is nothing more to do.
func (r *run) oneBatch(ctx, sending context.Context, w *work) bool {
	taken := w.take(ctx, r.batch)
	if len(taken) == 0 {
		return false
	}
	for {
		jobs, reqs := pending(taken)
		if len(jobs) == 0 {
			return true
		}
		if w.stopped(ctx) != nil {
			return false
		}
		resps, err := r.client.Pipeline(sending, reqs)
		if len(resps) > 0 && resps[0].Status == sttp.StatusServerError && resps[0].Path.IsZero() {
			if !w.leave(jobs) {
				w.stop(resps[0].Err())
			}
			return false
		}
		for i, resp := range resps {
			jobs[i].answer(resp)
		}
		if err != nil {
			lose(err, jobs, reqs)
			if ctx.Err() != nil {
				err = ctx.Err()
			}
			w.stop(err)
			return false
		}
		taken = jobs
	}
}

// pending returns the jobs that are not done, and the requests of each.
func pending(jobs []job) (left []job, reqs []sttp.Request) {
	for _, j := range jobs {
		if req, ok := j.next(); ok {
			left, reqs = append(left, j), append(reqs, req)
		}
	}
	return left, reqs
}

// lose tells the jobs whose changes were sent and not answered.
func lose(err error, jobs []job, reqs []sttp.Request) {
	var partial *client.PipelineError
	if !errors.As(err, &partial) {
		return
	}
	for i := partial.Answered; i < partial.Sent; i++ {
		if reqs[i].Action.Changes() {
			jobs[i].lost(partial.Err)
		}
	}
}
