package service_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"sttp"
	"sttp/internal/service"
	"sttp/internal/wire"
	"sttp/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func request(t interface{ Fatal(...any) }, line string) sttp.Request {
	var req sttp.Request
	if err := wire.ParseRequest(&req, []byte(line)); err != nil {
		t.Fatal(line, err)
	}
	return req
}

func reply(resp sttp.Response) string { return string(wire.AppendResponse(nil, resp)) }

// failing is a store in which everything ends with one error.
type failing struct{ err error }

func (f failing) Create(context.Context, sttp.Path, sttp.Contents) error { return f.err }
func (f failing) Show(context.Context, sttp.Path) (sttp.Contents, error) {
	return sttp.Contents{}, f.err
}
func (f failing) List(context.Context, sttp.Path, *sttp.Query) ([]string, error) { return nil, f.err }
func (f failing) Update(context.Context, sttp.Path, sttp.Contents) error         { return f.err }
func (f failing) Delete(context.Context, sttp.Path) error                        { return f.err }
func (f failing) Close() error                                                   { return nil }

// Shows [5.4-9] [5.9-4] [5.10-1] [6.3-4] [6.4-4] of docs/protocol.md.
func TestEveryErrorOfAStoreHasItsReply(t *testing.T) {
	tests := []struct {
		line   string
		err    error
		want   string // the beginning of the reply
		logged bool
	}{
		{"SHOW /n/a", store.ErrNotFound, "400 /n/a NOT FOUND\n", false},
		{"LIST /n", store.ErrNotFound, "400 /n NOT FOUND\n", false},
		{"DELETE /n/a", store.ErrPathNotFound, "410 /n/ PATH NOT FOUND\n", false},
		{"CREATE /n/a x", store.ErrExists, `300 /n/a CLIENT ERROR "the file exists already; replace its contents with UPDATE"`, false},
		{"CREATE /n/a x", store.ErrCannotCreatePath, "510 /n/ CANNOT CREATE PATH\n", true},
		{"CREATE /n/a x", store.ErrOccupied, `500 /n/a SERVER ERROR "something that is not served has this name`, true},
		{"CREATE /n/a x", store.ErrInTheWay, "510 /n/ CANNOT CREATE PATH\n", false},
		{"SHOW /n", store.ErrIsDirectory, `300 /n CLIENT ERROR "this is a directory; list it with LIST"`, false},
		{"LIST /a", store.ErrNotDirectory, `300 /a CLIENT ERROR "this is a file; read it with SHOW"`, false},
		{"LIST /", store.ErrListTooLong, `300 / CLIENT ERROR "the list has more than 1 MiB`, false},
		{"SHOW /a", store.ErrNotSnippet, `500 /a SERVER ERROR "what is stored there is no line`, true},
		{"CREATE /a x", store.ErrNoSpace, `500 /a SERVER ERROR "no space is left on the server, and nothing was changed"`, true},
		{"UPDATE /a x", store.ErrOutcomeUnknown, `500 /a SERVER ERROR "outcome unknown: `, true},
		{"UPDATE /a x", fmt.Errorf("%w: %w", store.ErrOutcomeUnknown, store.ErrNoSpace), `500 /a SERVER ERROR "outcome unknown: `, true},
		{"DELETE /a", store.ErrClosed, `500 /a SERVER ERROR "the server is shutting down"`, false},
		{"DELETE /a", context.Canceled, `500 /a SERVER ERROR "the server is shutting down"`, false},
		{"SHOW /a", errors.New("/var/secret: input/output error"), `500 /a SERVER ERROR "the storage failed, and nothing was changed"`, true},
	}
	for _, test := range tests {
		var log bytes.Buffer
		h := service.New(failing{fmt.Errorf("wrapped: %w", test.err)}, slog.New(slog.NewTextHandler(&log, nil)))
		got := reply(h.Handle(context.Background(), request(t, test.line)))
		if !strings.HasPrefix(got, test.want) || strings.Contains(got, "secret") {
			t.Errorf("%s with %q is answered %q, want %q", test.line, test.err, got, test.want)
		}
		if logged := strings.Contains(log.String(), test.err.Error()); logged != test.logged {
			t.Errorf("%s with %q leaves in the log:\n%s", test.line, test.err, log.String())
		}
	}
}

// meeting is a store whose changes wait until a number of them have met.
type meeting struct {
	failing
	mu      sync.Mutex
	missing int
	all     chan struct{}
}

func (m *meeting) Create(ctx context.Context, _ sttp.Path, _ sttp.Contents) error {
	m.mu.Lock()
	if m.missing--; m.missing == 0 {
		close(m.all)
	}
	m.mu.Unlock()
	select {
	case <-m.all:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestChangesToDifferentPathsAreMadeSideBySide(t *testing.T) {
	const n = 50
	h := service.New(&meeting{missing: n, all: make(chan struct{})}, slog.New(slog.DiscardHandler))
	reqs := make([]sttp.Request, n)
	for i := range reqs {
		reqs[i] = request(t, fmt.Sprintf("CREATE /%d x", i))
	}
	resps := make([]sttp.Response, n)
	h.HandleBatch(t.Context(), reqs, resps) // hangs if they wait for each other
	for i, resp := range resps {
		if resp.Status != sttp.StatusCreated || resp.Path != reqs[i].Path {
			t.Errorf("%s is answered %s", reqs[i].Path, reply(resp))
		}
	}
}

type exploding struct{ failing }

func (exploding) Create(context.Context, sttp.Path, sttp.Contents) error { panic("boom") }

func TestAPanicInABatchReachesItsCaller(t *testing.T) {
	h := service.New(exploding{}, slog.New(slog.DiscardHandler))
	defer func() {
		if text := fmt.Sprint(recover()); !strings.HasPrefix(text, "boom\n") || !strings.Contains(text, "exploding") {
			t.Errorf("recovered %v", text)
		}
	}()
	h.HandleBatch(t.Context(), []sttp.Request{request(t, "CREATE /a x"), request(t, "CREATE /b x")}, make([]sttp.Response, 2))
}

// flat is a store over a map, with directories as prefixes of paths.
type flat struct {
	mu    sync.Mutex
	files map[string]string
}

func (f *flat) change(p sttp.Path, exists bool, err error, change func(key string)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, found := f.files[p.String()]; found != exists {
		return err
	}
	for i := 1; i < len(p.String()); i++ {
		if _, blocked := f.files[p.String()[:i]]; blocked && p.String()[i] == '/' {
			return store.ErrInTheWay
		}
	}
	for other := range f.files {
		if strings.HasPrefix(other, p.String()+"/") {
			return store.ErrIsDirectory
		}
	}
	change(p.Clone().String())
	return nil
}

func (f *flat) Create(_ context.Context, p sttp.Path, c sttp.Contents) error {
	return f.change(p, false, store.ErrExists, func(key string) { f.files[key] = c.Clone().String() })
}

func (f *flat) Update(_ context.Context, p sttp.Path, c sttp.Contents) error {
	return f.change(p, true, store.ErrNotFound, func(key string) { f.files[key] = c.Clone().String() })
}

func (f *flat) Delete(_ context.Context, p sttp.Path) error {
	return f.change(p, true, store.ErrNotFound, func(key string) { delete(f.files, key) })
}

func (f *flat) Show(_ context.Context, p sttp.Path) (sttp.Contents, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	text, found := f.files[p.String()]
	if !found {
		return sttp.Contents{}, store.ErrNotFound
	}
	return sttp.ParseContents(text)
}

func (f *flat) List(context.Context, sttp.Path, *sttp.Query) ([]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return []string{fmt.Sprint(f.files)}, nil // everything, to see what came before
}

func (f *flat) Close() error { return nil }

func TestABatchIsAnsweredAsIfItsRequestsCameOneByOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
			path := rapid.SampledFrom([]string{"/a", "/b", "/c", "/a/b", "/d/e"}).Draw(t, "path")
			switch action := rapid.SampledFrom(sttp.Actions()).Draw(t, "action"); action {
			case sttp.Create, sttp.Update:
				return fmt.Sprintf("%s %s %d", action, path, rapid.IntRange(0, 9).Draw(t, "contents"))
			default:
				return fmt.Sprintf("%s %s", action, path)
			}
		}), 1, 40).Draw(t, "lines")
		together := service.New(&flat{files: map[string]string{}}, slog.New(slog.DiscardHandler))
		oneByOne := service.New(&flat{files: map[string]string{}}, slog.New(slog.DiscardHandler))
		reqs := make([]sttp.Request, len(lines))
		for i, line := range lines {
			reqs[i] = request(t, line)
		}
		resps := make([]sttp.Response, len(lines))
		together.HandleBatch(context.Background(), reqs, resps)
		for i, req := range reqs {
			if want := reply(oneByOne.Handle(context.Background(), req)); reply(resps[i]) != want {
				t.Fatalf("request %d, %s, is answered %q, want %q", i, lines[i], reply(resps[i]), want)
			}
		}
	})
}
