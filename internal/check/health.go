package check

import (
	"context"
	"errors"
	"net"
	"strings"
	"syscall"
	"time"
)

// comeBack is how long a server that accepts no connection may take to do so
// again before the run goes on without it.
const comeBack = 5 * time.Second

// lookAfter sees whether the server is still there after a case that did not
// hold. If not, the case is to blame, and the server gets some time to come
// back.
func (r *run) lookAfter(ctx context.Context, result *Result) {
	err := r.dial(ctx, r.opts.Timeout)
	if err == nil || ctx.Err() != nil {
		return
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		result.endsTheServer()
	}
	result.Says = strings.TrimSuffix(result.Says, ".") + "; after that the server accepts no connection"
	switch {
	case result.Problem != nil && result.Case.hint(result.Problem.Symptom) != "":
	case errors.Is(err, syscall.ECONNREFUSED):
		result.Hint = "the server has ended: what goes wrong on one connection (an error, a panic, an exception) must end that connection only"
	default:
		result.Hint = "the server does not get to accepting: its loop waits for something that one connection holds, or is busy with errors"
	}
	if r.proc != nil && r.proc.restart(ctx) == nil {
		return
	}
	if r.returns(ctx) {
		return
	}
	result.endsTheServer()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gone = result.Case.ID
}

// endsTheServer makes the result a failure, whatever the case was about: a
// server that has ended serves nobody.
func (r *Result) endsTheServer() { r.Level, r.Outcome = Must, Fail }

// returns waits for the server to accept connections again.
func (r *run) returns(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, comeBack)
	defer cancel()
	for {
		if r.dial(ctx, comeBack) == nil {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (r *run) reachable(ctx context.Context) bool { return r.dial(ctx, r.opts.Timeout) == nil }

// dial opens a connection to the server and closes it.
func (r *run) dial(ctx context.Context, wait time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	var dialer net.Dialer
	c, err := dialer.DialContext(ctx, "tcp", r.address())
	if err != nil {
		return err
	}
	return c.Close()
}
