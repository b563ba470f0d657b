package sqlite

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"sttp"
)

func openEager(t *testing.T) *Store {
	t.Helper()
	s := openTuned(t, filepath.Join(t.TempDir(), "sttp.db"), true, eager)
	t.Cleanup(func() { s.Close() })
	return s
}

// count returns what a query on the store's database counts.
func count(t *testing.T, s *Store, query string) int64 {
	t.Helper()
	r, err := s.readers.get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.readers.put(r)
	n, err := number(r.conn, query)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// outside runs a script on a database that no store uses.
func outside(t *testing.T, file, script string) {
	t.Helper()
	conn, err := sqlite.OpenConn(file, sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(sqlitex.ExecuteScript(conn, script, nil), conn.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestNothingIsLeftInTheIndexOfWhatIsGone(t *testing.T) {
	s := openEager(t)
	for i := range 20 {
		create(t, s, fmt.Sprintf("/d/%02d.txt", i), "the first text")
	}
	waitIndexed(t, s)
	for i := range 20 {
		if i%2 == 0 {
			remove(t, s, fmt.Sprintf("/d/%02d.txt", i))
		} else {
			update(t, s, fmt.Sprintf("/d/%02d.txt", i), "another one")
		}
	}
	finds(t, s, "/d/", sttp.Query{Contains: "first"}, []string{}...)
	waitIndexed(t, s)
	finds(t, s, "/d/", sttp.Query{Contains: "first"}, []string{}...)
	finds(t, s, "/d/", sttp.Query{Contains: "ANOTHER", Limit: 2}, "01.txt", "03.txt")
	for query, want := range map[string]int64{
		"SELECT count(*) FROM docs":    10,
		"SELECT count(*) FROM garbage": 0,
		"SELECT count(*) FROM snippets AS s JOIN docs AS d ON d.path=s.path AND d.id=s.doc": 10,
		"SELECT count(*) FROM words WHERE words MATCH 'FIR'":                                0,
		"SELECT count(*) FROM words WHERE words MATCH 'ANO'":                                10,
	} {
		if n := count(t, s, query); n != want {
			t.Errorf("%s: got %d, want %d", query, n, want)
		}
	}
}

func TestWithoutASearchIndexNothingIsWrittenForIt(t *testing.T) {
	t.Parallel()
	s := openTuned(t, filepath.Join(t.TempDir(), "sttp.db"), false, eager)
	defer s.Close()
	create(t, s, "/d/a.txt", "some text")
	create(t, s, "/d/b.txt", "some text")
	update(t, s, "/d/a.txt", "some other text")
	remove(t, s, "/d/b.txt")
	waitIndexed(t, s)
	finds(t, s, "/d/", sttp.Query{Contains: "text"}, "a.txt")
	if n := count(t, s, "SELECT (SELECT count(*) FROM docs) + (SELECT count(*) FROM garbage) + (SELECT count(*) FROM words_idx)"); n != 0 {
		t.Errorf("%d rows were written", n)
	}
}

func TestAnIndexThatWasNotKeptForAWhileIsRightAgain(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sttp.db")
	s := openTuned(t, file, true, eager)
	for _, name := range []string{"/d/a.txt", "/d/b.txt", "/d/c.txt"} {
		create(t, s, name, "the first text")
	}
	waitIndexed(t, s)
	closeStore(t, s)

	s = openTuned(t, file, false, eager)
	update(t, s, "/d/a.txt", "the second")
	remove(t, s, "/d/b.txt")
	create(t, s, "/d/d.txt", "the second")
	finds(t, s, "/d/", sttp.Query{Contains: "second"}, "a.txt", "d.txt")
	closeStore(t, s)

	s = openTuned(t, file, true, eager)
	defer s.Close()
	for range 2 { // before and after it has caught up
		finds(t, s, "/d/", sttp.Query{Contains: "second"}, "a.txt", "d.txt")
		finds(t, s, "/d/", sttp.Query{Contains: "first"}, "c.txt")
		waitIndexed(t, s)
	}
}

func TestAnIndexWithTooManyCandidatesIsGivenUp(t *testing.T) {
	t.Parallel()
	how := eager
	how.plan.candidates, how.plan.most = 5, 5
	s := openTuned(t, filepath.Join(t.TempDir(), "sttp.db"), true, how)
	defer s.Close()
	for i := range 10 {
		create(t, s, fmt.Sprintf("/%d.txt", 9-i), "needle")
	}
	waitIndexed(t, s)
	finds(t, s, "/", sttp.Query{Contains: "needle", Limit: 3}, "0.txt", "1.txt", "2.txt")
}

func TestRowsThatAreNoSnippetsAreNotFound(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sttp.db")
	s := openTuned(t, file, false, eager)
	create(t, s, "/a.txt", "needle")
	closeStore(t, s)
	outside(t, file, `INSERT INTO snippets (path, contents) VALUES
		('/blob', x'6e6565646c65ff'), ('/lines', 'needle' || char(10) || 'needle'), ('/long', printf('%.*c', 2000, 'x') || 'needle'),
		('/.hidden', 'needle'), ('no path', 'needle'), (x'2f66', 'needle'), ('/number', 17), ('/`+strings.Repeat("n", 40)+`', 'needle'),
		('/`+strings.Repeat("p", 2000)+`', 'needle')`)
	s = openTuned(t, file, true, eager)
	defer s.Close()
	waitIndexed(t, s)
	finds(t, s, "/", sttp.Query{Contains: "needle"}, "a.txt")
	update(t, s, "/lines", "now a needle")
	finds(t, s, "/", sttp.Query{Contains: "needle"}, "a.txt", "lines")
	waitIndexed(t, s)
	finds(t, s, "/", sttp.Query{Contains: "needle"}, "a.txt", "lines")
}

func TestTermsOfASearch(t *testing.T) {
	for text, want := range map[string][]string{
		"":        nil,
		"AB":      nil,
		"日本":      nil,
		"ABC":     {"ABC"},
		"日本語A":    {"日本語", "本語A"},
		"AAAAA":   {"AAA"},
		`A"B" OR`: {`A"B`, `"B"`, `B" `, `" O`, ` OR`},
	} {
		if got := trigrams(text); !slices.Equal(got, want) {
			t.Errorf("trigrams(%q): got %q, want %q", text, got, want)
		}
	}
	if got, want := matchAll([]string{"ABC", `A"B`}), `"ABC" AND "A""B"`; got != want {
		t.Errorf("matchAll: got %s, want %s", got, want)
	}
}

func TestTheRarestTermsAreAskedFor(t *testing.T) {
	t.Parallel()
	s := openEager(t)
	for i := range 3 * commonText {
		create(t, s, fmt.Sprintf("/%03d.txt", i), "every second one has ABCD"[:20+i%2*5])
	}
	r, err := s.readers.get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.readers.put(r)
	q := &sttp.Query{Contains: "x"}
	c := candidates{scan: newScan(r, "/", q), query: q, start: "/"}
	for _, one := range []struct{ terms, want []string }{
		{[]string{"ERY"}, []string{"ERY"}},
		{[]string{"EVE", "QQQ", "ABC"}, []string{"QQQ"}},               // others are common
		{[]string{"EVE", "ABC", "VER"}, []string{"ABC", "EVE", "VER"}}, // all are
		{[]string{"QQA", "QQB", "QQC", "QQD", "QQE"}, []string{"QQA", "QQB", "QQC", "QQD"}},
	} {
		if got, err := c.rarest(one.terms); err != nil || !slices.Equal(got, one.want) {
			t.Errorf("rarest(%q): got %q, %v; want %q", one.terms, got, err, one.want)
		}
	}
}

// stopping is a context that ends when it has been asked a few times.
type stopping struct {
	context.Context
	left atomic.Int32
}

func (c *stopping) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

func TestASearchStopsWithItsContext(t *testing.T) {
	t.Parallel()
	s := openTuned(t, filepath.Join(t.TempDir(), "sttp.db"), false, eager)
	defer s.Close()
	var group sync.WaitGroup
	for c := range 4 {
		group.Go(func() {
			for i := range checkContext {
				create(t, s, fmt.Sprintf("/%d%d.txt", c, i), "text")
			}
		})
	}
	group.Wait()
	ctx := &stopping{Context: t.Context()}
	ctx.left.Store(3)
	if names, err := s.List(ctx, sttp.Root, &sttp.Query{Contains: "nothing"}); !errors.Is(err, context.Canceled) {
		t.Errorf("a search whose context ended in the middle: got %q, %v", names, err)
	}
	finds(t, s, "/", sttp.Query{Contains: "text", Limit: 1}, "00.txt")
}

func TestASearchWaitsForItsTurn(t *testing.T) {
	t.Parallel()
	s := openEager(t)
	create(t, s, "/a.txt", "needle")
	for range cap(s.index.slots) {
		if err := s.index.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if names, err := s.List(ctx, sttp.Root, &sttp.Query{Contains: "needle"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("one search more than may run: got %q, %v", names, err)
	}
	if _, err := s.List(t.Context(), sttp.Root, &sttp.Query{Recursive: true}); err != nil {
		t.Errorf("a LIST beside them: %v", err)
	}
	s.index.leave()
	finds(t, s, "/", sttp.Query{Contains: "needle"}, "a.txt")
}

func TestAListThatGoesThroughVeryManyRowsWaitsForItsTurn(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sttp.db")
	closeStore(t, openTuned(t, file, false, eager))
	outside(t, file, fmt.Sprintf(`
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < %d)
		INSERT INTO snippets (path, contents) SELECT '/d/' || i, 'text' FROM n;
		INSERT INTO snippets (path, contents) VALUES ('/e/last.txt', 'text');`, shortList))
	s := openTuned(t, file, false, eager)
	defer s.Close()
	through := sttp.Query{Name: "last.*", Recursive: true}
	finds(t, s, "/", through, "e/last.txt")

	for range cap(s.index.slots) {
		if err := s.index.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if names, err := s.List(ctx, sttp.Root, &through); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("one list more than may run: got %q, %v", names, err)
	}
	finds(t, s, "/", sttp.Query{}, "d/", "e/")
	finds(t, s, "/d/", sttp.Query{Limit: 2}, "1", "10")
	for range cap(s.index.slots) {
		s.index.leave()
	}
}

func TestAnIndexThatCannotBeWrittenIsBuiltLater(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sttp.db")
	s := openTuned(t, file, false, eager)
	for i := range 100 { // too much for the pages that are there
		create(t, s, fmt.Sprintf("/%d.txt", i), fmt.Sprint(i*i*7919, i*i*104729, i*i*1299709, strings.Repeat("needle ", i%10)))
	}
	closeStore(t, s)
	conn, err := connectWriter(file, "NORMAL")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var log strings.Builder
	x := newIndex(Options{SearchIndex: true, Logger: slog.New(slog.NewTextHandler(&log, nil)), tuning: &eager})
	pages, err := number(conn, "PRAGMA page_count")
	if err == nil {
		err = execute(conn, fmt.Sprintf("PRAGMA max_page_count = %d", pages))
	}
	if err != nil {
		t.Fatal(err)
	}
	idle := func() bool { return false }
	for range 2 {
		if x.slice(conn, idle) {
			t.Error("a slice that failed wants to go on at once")
		}
		if _, complete := x.view("/", "0"); complete || !conn.AutocommitEnabled() {
			t.Error("a slice that failed counts")
		}
	}
	if err := execute(conn, "PRAGMA max_page_count = 1000000"); err != nil {
		t.Fatal(err)
	}
	for x.slice(conn, idle) {
	}
	if n, err := number(conn, "SELECT count(*) FROM snippets WHERE doc > 0"); n != 100 || err != nil {
		t.Errorf("%d snippets are indexed, %v", n, err)
	}
	if waiting, complete := x.view("/", "0"); !complete || len(waiting) > 0 {
		t.Errorf("got %v, %v at the end", waiting, complete)
	}
	if n := strings.Count(log.String(), "\n"); n != 2 {
		t.Errorf("got %d lines of log, want one each way: %s", n, &log)
	}
}

// Each of several callers has a file that always matches, one that stops to match
// and one that comes and goes; all see at once what they did.
func TestSearchesBesideChangesAndIndexingMissNothing(t *testing.T) {
	t.Parallel()
	for _, pending := range []int{2, 1 << 15} {
		t.Run(fmt.Sprint("pending ", pending), func(t *testing.T) {
			t.Parallel()
			how := eager
			how.maxPending, how.rows = pending, 3
			s := openTuned(t, filepath.Join(t.TempDir(), "sttp.db"), true, how)
			defer s.Close()
			var group sync.WaitGroup
			for c := range 4 {
				group.Go(func() { searchBesideChanges(t, s, c) })
			}
			group.Wait()
		})
	}
}

func searchBesideChanges(t *testing.T, s *Store, caller int) {
	always, sometimes, comes := fmt.Sprintf("/%d/always", caller), fmt.Sprintf("/%d/sometimes", caller), fmt.Sprintf("/%d/zz", caller)
	create(t, s, always, "needle")
	create(t, s, sometimes, "needle")
	rounds := 60
	if raceEnabled || testing.Short() {
		rounds = 8
	}
	for i := range rounds {
		found := func(want ...string) {
			t.Helper()
			finds(t, s, fmt.Sprintf("/%d/", caller), sttp.Query{Contains: "NEEDLE"}, want...)
		}
		update(t, s, always, fmt.Sprint("a needle ", i))
		found("always", "sometimes")
		update(t, s, sometimes, fmt.Sprint("nothing ", i))
		create(t, s, comes, "Needle")
		found("always", "zz")
		remove(t, s, comes)
		found("always")
		if i%4 == caller {
			waitIndexed(t, s)
		}
		update(t, s, sometimes, "the needle again")
		// Of all callers, while they change them:
		names, err := s.List(t.Context(), sttp.Root, &sttp.Query{Contains: "needle", Recursive: true, Name: "always"})
		if err != nil || !slices.Contains(names, always[1:]) {
			t.Errorf("got %q, %v", names, err)
			return
		}
	}
}
