package cache_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"sttp"
	"sttp/cache"
	"sttp/cache/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// backend is the Handler behind the cache in these tests: a map of files. Its
// hooks run before and after a request takes effect, and may block, change the
// response, or panic.
type backend struct {
	before func(ctx context.Context, req sttp.Request)
	after  func(ctx context.Context, req sttp.Request, resp *sttp.Response)

	mu    sync.Mutex
	files map[string]string
	calls map[string]int // by request, such as "SHOW /a.txt"
}

func newBackend(files ...string) *backend {
	b := &backend{files: make(map[string]string), calls: make(map[string]int)}
	for _, file := range files {
		b.files[file] = "old"
	}
	return b
}

func (b *backend) Handle(ctx context.Context, req sttp.Request) sttp.Response {
	if b.before != nil {
		b.before(ctx, req)
	}
	b.mu.Lock()
	b.calls[strings.Clone(req.Action.String()+" "+req.Path.String())]++
	resp := b.answer(req)
	b.mu.Unlock()
	if b.after != nil {
		b.after(ctx, req, &resp)
	}
	return resp
}

func (b *backend) answer(req sttp.Request) sttp.Response {
	path := req.Path.String()
	contents, exists := b.files[path]
	switch {
	case req.Action == sttp.List:
		names := b.names(req.Path.AsDir().String())
		if names == nil && req.Path.AsDir() != sttp.Root {
			return sttp.Response{Status: sttp.StatusNotFound, Path: req.Path}
		}
		return sttp.Response{Status: sttp.StatusOK, Path: req.Path, Contents: strings.Join(names, ", ")}
	case req.Action == sttp.Create && exists:
		return sttp.Response{Status: sttp.StatusClientError, Path: req.Path, Message: "use UPDATE"}
	case req.Action == sttp.Create:
		b.files[strings.Clone(path)] = strings.Clone(req.Contents.String())
		return sttp.Response{Status: sttp.StatusCreated, Path: req.Path}
	case !exists && b.names(req.Path.Dir().String()) == nil:
		return sttp.Response{Status: sttp.StatusPathNotFound, Path: req.Path.Dir()}
	case !exists:
		return sttp.Response{Status: sttp.StatusNotFound, Path: req.Path}
	case req.Action == sttp.Show:
		return sttp.Response{Status: sttp.StatusOK, Path: req.Path, Contents: contents}
	case req.Action == sttp.Update:
		b.files[strings.Clone(path)] = strings.Clone(req.Contents.String())
		return sttp.Response{Status: sttp.StatusOK, Path: req.Path, Contents: req.Contents.String()}
	}
	delete(b.files, path)
	return sttp.Response{Status: sttp.StatusDeleted, Path: req.Path}
}

// names returns what LIST answers for dir, which ends with a slash.
func (b *backend) names(dir string) (names []string) {
	for file := range b.files {
		if rest, ok := strings.CutPrefix(file, dir); ok {
			name, _, deeper := strings.Cut(rest, "/")
			if deeper {
				name += "/"
			}
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// called returns how often the backend was asked, such as "SHOW /a.txt".
func (b *backend) called(request string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.calls[request]
}

// newHandler returns a Handler with an empty cache before next.
func newHandler(tb testing.TB, next sttp.Handler) *cache.Handler {
	c := memory.New(memory.Options{})
	tb.Cleanup(func() { c.Close() })
	return cache.NewHandler(next, c)
}

// request makes a request such as "SHOW /a.txt" or "UPDATE /a.txt new".
func request(line string) sttp.Request {
	name, rest, _ := strings.Cut(line, " ")
	path, contents, has := strings.Cut(rest, " ")
	action, _ := sttp.ParseAction(name)
	req, err := sttp.NewRequest(action, path, contents, has)
	if err != nil {
		panic(err)
	}
	return req
}

func requests(lines ...string) (reqs []sttp.Request) {
	for _, line := range lines {
		reqs = append(reqs, request(line))
	}
	return reqs
}

// do sends one request and returns the reply as text such as "200 /a.txt OK new".
func do(h sttp.Handler, line string) string {
	return text(h.Handle(context.Background(), request(line)))
}

// doAll sends a batch.
func doAll(h sttp.Handler, lines ...string) (replies []string) {
	resps := make([]sttp.Response, len(lines))
	sttp.HandleBatch(context.Background(), h, requests(lines...), resps)
	for _, resp := range resps {
		replies = append(replies, text(resp))
	}
	return replies
}

func text(r sttp.Response) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s %s %s%s", int(r.Status), r.Path, r.Status.Text(), r.Contents, r.Message))
}

func want(tb testing.TB, got, want string) {
	tb.Helper()
	if got != want {
		tb.Errorf("got %q, want %q", got, want)
	}
}

// on returns a hook that calls f for the first request that reads like line.
func on(line string, f func()) func(context.Context, sttp.Request) {
	var done atomic.Bool
	return func(_ context.Context, req sttp.Request) {
		if req == request(line) && done.CompareAndSwap(false, true) {
			f()
		}
	}
}

// after makes a hook for after of one for before.
func after(f func(context.Context, sttp.Request)) func(context.Context, sttp.Request, *sttp.Response) {
	return func(ctx context.Context, req sttp.Request, _ *sttp.Response) { f(ctx, req) }
}
