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

	longContents = 4 << 10 // bytes of contents that are not copied at once
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
	out []byte // replies to be sent

	// The batch in hand: its first n requests, then perhaps a line that was
	// refused, then perhaps the end. The replies up to next are in out, but for
	// what is left of the contents of the last of them.
	n, next int
	long    string
	reqs    [batchSize]sttp.Request
	resps   [batchSize]sttp.Response
	refusal error
	end     reason
}

var workPool = sync.Pool{New: func() any { return &work{out: make([]byte, 0, 4<<10)} }}

// release gives w back to the pool.
func (w *work) release() {
	w.reset()
	workPool.Put(w)
}

// reset empties w, so that a long list is not kept alive by the pool. That the
// requests still point into an input buffer does no harm.
func (w *work) reset() {
	clear(w.resps[:w.n])
	w.n, w.next, w.long, w.refusal, w.end = 0, 0, "", nil, goesOn
	w.out = w.out[:0]
}

// feed answers the complete lines that in begins with and appends the replies
// to w.out. It returns the number of bytes it is done with and whether the
// connection ends after these replies. It stops early when flushAt bytes of
// replies are there: they are to be sent, and the rest is to be fed again
// before in changes, since replies that wait in w borrow from it.
func (s *session) feed(ctx context.Context, in []byte, w *work) (used int, end reason) {
	for s.emit(w) && w.end == goesOn && used < len(in) {
		size := s.collect(in[used:], w)
		if size == 0 {
			break // the line is not complete
		}
		used += size
		s.answer(ctx, w)
	}
	if len(w.out) >= flushAt {
		return used, goesOn
	}
	return used, w.end
}

// emit appends the replies that wait in w. It returns false if there are more
// than may be held. Long contents are copied piece by piece: they may be shared
// with a cache, and a client that does not read is not to have a copy of all.
func (s *session) emit(w *work) bool {
	for len(w.out) < flushAt {
		switch {
		case w.long != "":
			n := min(len(w.long), flushAt-len(w.out))
			w.out = append(w.out, w.long[:n]...)
			if w.long = w.long[n:]; w.long == "" {
				w.out = append(w.out, '\n')
			}
		case w.next < w.n:
			resp := &w.resps[w.next]
			w.next++
			if len(resp.Contents) <= longContents {
				w.out = wire.AppendResponse(w.out, *resp)
			} else {
				w.out = wire.AppendStatusLine(w.out, *resp)
				w.long = resp.Contents
			}
		case w.refusal != nil:
			s.refuse(w.refusal, w)
			w.refusal = nil
		default:
			return true
		}
	}
	return false
}

// collect parses requests into w up to a batch's end: the last complete line,
// batchSize requests, a LIST (its reply may be long), or a line that is no
// request. It returns the bytes used.
func (s *session) collect(in []byte, w *work) (used int) {
	clear(w.resps[:w.n]) // of the batch before, which may have been a larger one
	w.n, w.next = 0, 0
	for w.n < batchSize {
		size := bytes.IndexByte(in[used:], '\n')
		if size > sttp.MaxLine || (size < 0 && len(in)-used > sttp.MaxLine) {
			w.refusal, w.end = errLineTooLong, byLongLine
			return len(in)
		}
		if size < 0 {
			return used
		}
		line := in[used : used+size]
		used += size + 1
		if size > 0 && line[size-1] == '\r' {
			line = line[:size-1]
		}
		if len(line) == 0 {
			w.end = byEmptyLine
			return used
		}
		if wire.FromBrowser(line, !s.started) {
			w.refusal, w.end = errBrowser, byBrowser
			return used
		}
		s.started = true
		if w.refusal = wire.ParseRequest(&w.reqs[w.n], line); w.refusal != nil {
			return used
		}
		w.n++
		if w.reqs[w.n-1].Action == sttp.List {
			return used
		}
	}
	return used
}

// answer carries out the requests in w.
func (s *session) answer(ctx context.Context, w *work) {
	if w.n == 0 {
		return
	}
	var begun time.Time
	if s.observe != nil {
		begun = time.Now()
	}
	reqs, resps := w.reqs[:w.n], w.resps[:w.n]
	if len(reqs) == 1 {
		resps[0] = s.handler.Handle(ctx, reqs[0])
	} else {
		sttp.HandleBatch(ctx, s.handler, reqs, resps)
	}
	s.requests += uint64(len(reqs))
	if s.observe != nil {
		s.observe(reqs, resps, time.Since(begun))
	}
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
)
