package server

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"time"

	"sttp"
	"sttp/internal/wire"
)

// Bounds of what one connection makes the server hold.
const (
	inputSize = 16 << 10 // bytes read at once; more than the longest line
	flushAt   = 64 << 10 // bytes of replies that are sent before more are made
	batchSize = 128      // requests handed to the Handler at once
)

// reason says why a connection ended, as it stands in the log. The zero reason
// means that it goes on.
type reason string

const (
	goesOn         reason = ""
	bySilence      reason = "silent" // it does not end, but waits
	byClient       reason = "end of stream"
	byEmptyLine    reason = "empty line"
	byLongLine     reason = "line too long"
	byBrowser      reason = "HTTP"
	byIdleTimeout  reason = "idle timeout"
	byRequestLimit reason = "request timeout"
	byWriteTimeout reason = "write timeout"
	byShutdown     reason = "shutdown"
	byPanic        reason = "internal error"
	byReadError    reason = "read error"
	byWriteError   reason = "write error"
)

// session is what a connection is to the protocol: it is fed bytes, it appends
// replies, and it says when the connection ends. It knows no sockets and no
// deadlines, so the same code runs behind a listener, in a fuzzer and in a test.
type session struct {
	handler  sttp.Handler
	observe  observer // nil unless somebody wants to know
	requests uint64   // answered, bad ones included
	started  bool     // the first line has been read
}

// observer is told of requests that were answered together, and of the time
// that the Handler took for them.
type observer func(reqs []sttp.Request, resps []sttp.Response, took time.Duration)

// work is what answering needs and a silent connection does not: it is taken
// from a pool for as long as there is something to answer.
type work struct {
	out   []byte
	reqs  [batchSize]sttp.Request
	resps [batchSize]sttp.Response
}

var workPool = sync.Pool{New: func() any { return &work{out: make([]byte, 0, 4<<10)} }}

func (w *work) release() {
	if cap(w.out) > 2*flushAt {
		w.out = make([]byte, 0, 4<<10) // a long LIST's buffer is not kept for everybody
	}
	w.out = w.out[:0]
	workPool.Put(w)
}

// feed answers the complete lines that in begins with and appends the replies
// to w.out. It returns the number of bytes it is done with and whether the
// connection ends after these replies. It stops early when flushAt bytes of
// replies are there: they are to be sent, and the rest is to be fed again.
func (s *session) feed(ctx context.Context, in []byte, w *work) (used int, end reason) {
	for used < len(in) && len(w.out) < flushAt && end == goesOn {
		var n, size int
		var refusal error
		n, size, end, refusal = s.collect(in[used:], w)
		if size == 0 {
			break // the line is not complete
		}
		used += size
		s.answer(ctx, n, w)
		if refusal != nil {
			s.refuse(refusal, w)
		}
	}
	return used, end
}

// collect parses requests into w.reqs up to a batch's end: the last complete
// line, batchSize requests, a LIST (its reply may be long), or a line that is
// no request. It returns the number of requests, the bytes used, whether the
// connection ends there, and what is wrong with that bad line if there is one.
func (s *session) collect(in []byte, w *work) (n, used int, end reason, refusal error) {
	for n < batchSize {
		size := bytes.IndexByte(in[used:], '\n')
		if size > sttp.MaxLine || (size < 0 && len(in)-used > sttp.MaxLine) {
			return n, len(in), byLongLine, errLineTooLong
		}
		if size < 0 {
			return n, used, goesOn, nil
		}
		line := in[used : used+size]
		used += size + 1
		if size > 0 && line[size-1] == '\r' {
			line = line[:size-1]
		}
		if len(line) == 0 {
			return n, used, byEmptyLine, nil
		}
		if wire.FromBrowser(line, !s.started) {
			return n, used, byBrowser, errBrowser
		}
		s.started = true
		if err := wire.ParseRequest(&w.reqs[n], line); err != nil {
			return n, used, goesOn, err
		}
		n++
		if w.reqs[n-1].Action == sttp.List {
			return n, used, goesOn, nil
		}
	}
	return n, used, goesOn, nil
}

// answer carries out the first n requests of w and appends their replies.
func (s *session) answer(ctx context.Context, n int, w *work) {
	if n == 0 {
		return
	}
	var begun time.Time
	if s.observe != nil {
		begun = time.Now()
	}
	switch n {
	case 1:
		w.resps[0] = s.handler.Handle(ctx, w.reqs[0])
	default:
		sttp.HandleBatch(ctx, s.handler, w.reqs[:n], w.resps[:n])
	}
	for i := range w.resps[:n] {
		w.out = wire.AppendResponse(w.out, w.resps[i])
	}
	s.requests += uint64(n)
	if s.observe != nil {
		s.observe(w.reqs[:n], w.resps[:n], time.Since(begun))
	}
	clear(w.resps[:n]) // long lists are not kept alive by the pool
}

// refuse appends the reply to a line that was no request.
func (s *session) refuse(err error, w *work) {
	resp := wire.Refusal(err)
	w.out = wire.AppendResponse(w.out, resp)
	s.requests++
	if s.observe != nil {
		s.observe([]sttp.Request{{Path: resp.Path}}, []sttp.Response{resp}, 0)
	}
}

var (
	errLineTooLong = sttp.ClientError(sttp.Path{}, fmt.Sprintf("a request line has at most %d bytes", sttp.MaxLine))
	errBrowser     = sttp.ClientError(sttp.Path{}, "this is an STTP server, it does not speak HTTP; try SHOW /notes/a.txt")
	errCutShort    = sttp.ClientError(sttp.Path{}, "the last line did not end with a newline and was not carried out")
	errTooSlow     = sttp.ClientError(sttp.Path{}, "the request did not arrive in time; send the whole line at once")
	errStopping    = &sttp.Error{Status: sttp.StatusServerError, Message: "the server is shutting down; the request was not carried out"}
	errInternal    = &sttp.Error{Status: sttp.StatusServerError, Message: "internal error"}
)
