package proof

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sttp"
	"sttp/cache"
	"sttp/cache/memory"
	"sttp/cache/redis"
	"sttp/cache/redis/redistest"
	"sttp/internal/service"
	"sttp/store"
	"sttp/store/files"
	"sttp/store/sqlite"
)

// model is what the server should be: texts by path. A directory is there as long
// as a file is below it.
type model map[string]string

func (m model) isDir(p string) bool {
	if p == "" {
		return true
	}
	for file := range m {
		if strings.HasPrefix(file, p+"/") {
			return true
		}
	}
	return false
}

// answer carries out a request, and returns the status and the contents that
// answer it.
func (m model) answer(req sttp.Request) (sttp.Status, string) {
	file := req.Path.String()
	switch {
	case req.Action == sttp.List:
		return m.list(strings.TrimSuffix(file, "/"), req.Query)
	case req.Action == sttp.Create:
		return m.create(file, req.Contents.String())
	case m.isDir(file):
		return sttp.StatusClientError, ""
	case !m.isDir(file[:strings.LastIndexByte(file, '/')]):
		return sttp.StatusPathNotFound, ""
	}
	text, there := m[file]
	switch {
	case !there:
		return sttp.StatusNotFound, ""
	case req.Action == sttp.Update:
		m[file] = req.Contents.String()
		return sttp.StatusOK, m[file]
	case req.Action == sttp.Delete:
		delete(m, file)
		return sttp.StatusDeleted, ""
	}
	return sttp.StatusOK, text
}

func (m model) create(file, text string) (sttp.Status, string) {
	if _, there := m[file]; there || m.isDir(file) {
		return sttp.StatusClientError, ""
	}
	for i := range file {
		if _, there := m[file[:i]]; there && file[i] == '/' {
			return sttp.StatusCannotCreatePath, ""
		}
	}
	m[file] = text
	return sttp.StatusCreated, ""
}

func (m model) list(dir string, q *sttp.Query) (sttp.Status, string) {
	if _, there := m[dir]; there {
		return sttp.StatusClientError, ""
	}
	if !m.isDir(dir) {
		return sttp.StatusNotFound, ""
	}
	var names []string
	matches := matcher(q)
	for file, text := range m {
		if name, ok := nameOf(dir, file, q); ok && matches(text) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if q != nil && q.Limit > 0 {
		names = names[:min(len(names), q.Limit)]
	}
	return sttp.StatusOK, strings.Join(names, ", ")
}

// stack is all of a server behind its connections, in this process.
type stack struct {
	combo
	t       testing.TB
	dir     string
	redis   *redistest.Server
	store   store.Store
	handler sttp.Handler
	closers []io.Closer
	runs    int
}

func newStack(t testing.TB, c combo) *stack {
	s := &stack{combo: c, t: t, dir: t.TempDir()}
	if c.redis() {
		s.redis = redistest.Start(t, redistest.Options{})
	}
	s.open()
	t.Cleanup(s.close)
	return s
}

func (s *stack) open() {
	var id string
	if s.engine == "files" {
		engine, err := files.Open(filepath.Join(s.dir, "files"), files.Options{Durability: files.Async, Logger: slog.New(slog.DiscardHandler)})
		s.must(err)
		s.store, id = engine, engine.ID()
	} else {
		engine, err := sqlite.Open(filepath.Join(s.dir, "store.db"), sqlite.Options{Durability: sqlite.Async, SearchIndex: true})
		s.must(err)
		s.store, id = engine, engine.ID()
	}
	s.handler, s.closers = service.New(s.store, slog.New(slog.DiscardHandler)), nil
	entries := cache.None
	if s.cache == "memory" || s.cache == "tiered" {
		m := memory.New(memory.Options{MaxEntries: 5, MaxBytes: 1 << 20}) // few, so that some are evicted
		entries, s.closers = m, append(s.closers, m)
	}
	var remote *redis.Cache
	if s.redis != nil {
		var err error
		remote, err = redis.Open(redis.Options{Address: s.redis.Address(), Prefix: "sttp:", StoreID: id, Logger: slog.New(slog.DiscardHandler)})
		s.must(err)
		s.handler, s.closers = cache.NewRemoteHandler(s.handler, remote), append(s.closers, remote)
	}
	if s.cache != "off" {
		front := cache.NewHandler(s.handler, entries)
		if remote != nil {
			remote.Tell(front)
		}
		s.handler = front
	}
	s.closers = append(s.closers, s.store)
}

func (s *stack) close() {
	for _, c := range s.closers {
		s.must(c.Close())
	}
	s.closers = nil
}

func (s *stack) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// ask has requests answered, together, and compares each with the model.
func (s *stack) ask(t *rapid.T, m model, reqs ...sttp.Request) {
	resps := make([]sttp.Response, len(reqs))
	sttp.HandleBatch(context.Background(), s.handler, reqs, resps)
	for i, req := range reqs {
		status, contents := m.answer(req)
		got := resps[i]
		if req.Action != sttp.List && missing(status) && missing(got.Status) {
			continue // which of them it is may depend on what is done beside it
		}
		if got.Status != status || got.Contents != contents {
			t.Fatalf("%v %v ?%v %v: got %v %q (%s), want %v %q", req.Action, req.Path, req.Query, req.Contents, got.Status, got.Contents, got.Message, status, contents)
		}
	}
}

func missing(s sttp.Status) bool { return s == sttp.StatusNotFound || s == sttp.StatusPathNotFound }

var (
	modelSegment = rapid.SampledFrom([]string{"a", "b", "a.txt", "é"})
	modelText    = rapid.SampledFrom([]string{"milk", "MILK and more", "ſalt", "Salt", "2 \u212A", "k", "x"})
	modelSearch  = rapid.SampledFrom([]string{"milk", "ilk a", "SALT", "k", " k", "2", "nowhere"})
	modelPattern = rapid.SampledFrom([]string{"*.txt", "?", "[ab]*", "b"})
)

func drawPath(t *rapid.T) string {
	return "/" + strings.Join(rapid.SliceOfN(modelSegment, 1, 3).Draw(t, "names"), "/")
}

// drawRequest makes up a request for something below a directory.
func drawRequest(t *rapid.T, root string) sttp.Request {
	action := rapid.SampledFrom([]sttp.Action{sttp.Create, sttp.Create, sttp.Show, sttp.Show, sttp.List, sttp.List, sttp.Update, sttp.Delete}).Draw(t, "action")
	file, text := root+drawPath(t), ""
	switch {
	case action.TakesContents():
		text = modelText.Draw(t, "text")
	case action == sttp.List:
		file = rapid.SampledFrom([]string{root, root + "/", file, file + "/", path.Dir(file)}).Draw(t, "directory")
		if q := drawQuery(t).String(); q != "" {
			file += "?" + q
		}
	}
	req, err := sttp.NewRequest(action, file, text, action.TakesContents())
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func drawQuery(t *rapid.T) *sttp.Query {
	q := new(sttp.Query)
	maybe := func(what string) bool { return rapid.IntRange(0, 2).Draw(t, what) == 0 }
	if maybe("q") {
		q.Contains = modelSearch.Draw(t, "text to look for")
	}
	if maybe("name") {
		q.Name = modelPattern.Draw(t, "pattern")
	}
	q.Recursive = maybe("recursive")
	if maybe("limit") {
		q.Limit = rapid.IntRange(1, 3).Draw(t, "most")
	}
	if maybe("after") {
		q.After = drawPath(t)[1:]
	}
	return q
}

func TestEveryCombinationBehavesLikeAMap(t *testing.T) {
	if brief() {
		flag.Set("rapid.checks", "20")
	}
	for _, c := range combos() {
		t.Run(c.String(), func(t *testing.T) {
			s := newStack(t, c)
			rapid.Check(t, func(t *rapid.T) { s.behavesLikeAMap(t) })
		})
	}
}

// behavesLikeAMap does things at random, in a directory of its own.
func (s *stack) behavesLikeAMap(t *rapid.T) {
	s.runs++
	m, root := model{}, fmt.Sprintf("/r%d", s.runs)
	one := func(t *rapid.T) { s.ask(t, m, drawRequest(t, root)) }
	t.Repeat(map[string]func(*rapid.T){
		"request":      one,
		"next request": one,
		"batch": func(t *rapid.T) {
			reqs := make([]sttp.Request, rapid.IntRange(2, 8).Draw(t, "requests"))
			for i := range reqs {
				reqs[i] = drawRequest(t, root)
			}
			s.ask(t, m, reqs...)
		},
		"mishap": s.mishap,
	})
}

// mishap is what must make no difference. Most times it is nothing, since it
// takes long.
func (s *stack) mishap(t *rapid.T) {
	switch what := rapid.IntRange(0, 40).Draw(t, "mishap"); {
	case what == 0:
		s.close()
		s.open()
	case s.redis == nil:
	case what == 1:
		s.redis.Restart()
	case what < 5:
		s.redis.Do("FLUSHALL")
	case what < 8:
		s.redis.Do("CLIENT", "KILL", "TYPE", "normal")
	}
}
