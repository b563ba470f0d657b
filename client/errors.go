package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"sttp"
)

// The errors of a request that has no reply; use errors.Is.
var (
	ErrNoConnection   = errors.New("no connection")
	ErrOutcomeUnknown = errors.New("the change was sent, but it is not known whether it was carried out")
	ErrTimeout        = errors.New("the server took too long to answer")
	ErrProtocol       = errors.New("the server does not answer as STTP has it")
	ErrClosed         = errors.New("the client is closed")
)

// PipelineError says how far a Pipeline came before it failed. errors.Is finds
// ErrOutcomeUnknown in it if there is a change among the requests that were sent
// and not answered.
type PipelineError struct {
	Answered int   // how many requests, from the first on, were answered
	Sent     int   // how many of them, at least Answered, may have reached the server, the last perhaps in part
	Err      error // why there are no more replies
}

// Error says how many requests were answered, and why no more.
func (e *PipelineError) Error() string {
	return fmt.Sprintf("%d requests were answered and %d more sent: %v", e.Answered, e.Sent-e.Answered, e.Err)
}

// Unwrap returns e.Err.
func (e *PipelineError) Unwrap() error { return e.Err }

// progress is how far an exchange came.
type progress struct {
	answered int   // requests with a reply
	sent     int   // requests that may have reached the server, at least answered
	heard    bool  // whether any byte of a reply arrived
	err      error // nil if all were answered
}

// changes tells whether a request that was sent and not answered may have
// changed something.
func (p progress) changes(reqs []sttp.Request) bool {
	for _, req := range reqs[p.answered:p.sent] {
		if req.Action.Changes() {
			return true
		}
	}
	return false
}

// retryable tells whether the requests may be sent once more after an exchange
// on a used connection: the failure looks like that of a connection which the
// server had closed before, and nothing can be carried out twice
// (docs/protocol.md, section 5.9).
func (p progress) retryable(reqs []sttp.Request) bool {
	ended := errors.Is(p.err, context.Canceled) || errors.Is(p.err, context.DeadlineExceeded) || errors.Is(p.err, ErrClosed) || errors.Is(p.err, ErrTimeout)
	return !p.heard && !ended && !p.changes(reqs)
}

// error returns p.err, wrapped in ErrOutcomeUnknown where that is so.
func (p progress) error(reqs []sttp.Request) error {
	if p.err != nil && p.changes(reqs) {
		return fmt.Errorf("%w: %w", ErrOutcomeUnknown, p.err)
	}
	return p.err
}

// ended returns the context's error or ErrClosed if either has ended, which is
// why whatever failed then has failed. A context whose deadline has passed has
// ended even if it does not say so yet: a dialer sets the same deadline itself,
// and may be woken first.
func (c *Client) ended(ctx context.Context) error {
	deadline, limited := ctx.Deadline()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case limited && !time.Now().Before(deadline):
		return context.DeadlineExceeded
	case c.life.Err() != nil:
		return ErrClosed
	}
	return nil
}

// reason returns what to tell about err, with which an exchange failed.
func (c *Client) reason(ctx context.Context, err error) error {
	if errors.Is(err, ErrProtocol) {
		return err
	}
	if why := c.ended(ctx); why != nil {
		return why
	}
	if errors.Is(err, os.ErrDeadlineExceeded) && c.opts.ReplyTimeout > 0 {
		return fmt.Errorf("%w: %s has been silent for %v", ErrTimeout, c.address, c.opts.ReplyTimeout)
	}
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%s closed the connection before it answered: %w", c.address, io.ErrUnexpectedEOF)
	}
	return err
}
