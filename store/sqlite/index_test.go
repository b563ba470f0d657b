package sqlite

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"sttp"
	"sttp/store"
)

// testing.TB or rapid.TB.
type tester interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// eager is a tuning that indexes at once and asks the index first.
var eager = tuning{
	plan:       plan{sample: 0, scan: -1, candidates: 1 << 20, most: 1 << 20},
	maxPending: 1 << 15,
	rows:       1024,
}

func openTuned(t tester, file string, indexed bool, how tuning) *Store {
	t.Helper()
	s, err := Open(file, Options{Durability: Async, SearchIndex: indexed, tuning: &how, Logger: slog.New(noErrors{slog.DiscardHandler})})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// noErrors is a log that nothing may be written to.
type noErrors struct{ slog.Handler }

func (noErrors) Enabled(context.Context, slog.Level) bool { return true }

func (noErrors) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		r.Message += "; " + a.String()
		return true
	})
	panic(r.Message)
}

func copyFile(t tester, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func closeStore(t tester, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func parsePath(t tester, s string) sttp.Path {
	t.Helper()
	p, err := sttp.ParsePath(s)
	if err != nil {
		t.Fatalf("ParsePath(%q): %v", s, err)
	}
	return p
}

func parseContents(t tester, s string) sttp.Contents {
	t.Helper()
	c, err := sttp.ParseContents(s)
	if err != nil {
		t.Fatalf("ParseContents(%q): %v", s, err)
	}
	return c
}

func create(t tester, s *Store, file, text string) {
	t.Helper()
	if err := s.Create(context.Background(), parsePath(t, file), parseContents(t, text)); err != nil {
		t.Fatalf("Create(%q): %v", file, err)
	}
}

func update(t tester, s *Store, file, text string) {
	t.Helper()
	if err := s.Update(context.Background(), parsePath(t, file), parseContents(t, text)); err != nil {
		t.Fatalf("Update(%q): %v", file, err)
	}
}

func remove(t tester, s *Store, file string) {
	t.Helper()
	if err := s.Delete(context.Background(), parsePath(t, file)); err != nil {
		t.Fatalf("Delete(%q): %v", file, err)
	}
}

// finds checks what a search in dir returns.
func finds(t tester, s *Store, dir string, q sttp.Query, want ...string) {
	t.Helper()
	got, err := s.List(context.Background(), parsePath(t, dir), &q)
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("List(%q, %v): got %q, %v; want %q", dir, &q, got, err, want)
	}
}

func waitIndexed(t tester, s *Store) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := s.Indexed(ctx); err != nil {
		t.Fatal("Indexed:", err)
	}
}

// model is what a store is to hold.
type model map[string]string

// search looks at everything, in the plainest way.
func (m model) search(dir string, q sttp.Query) (names []string, err error) {
	exists := dir == "/"
	names = []string{}
	for file, text := range m {
		name, below := strings.CutPrefix(file, dir)
		exists = exists || below
		if !below || !q.Recursive && strings.Contains(name, "/") || name <= q.After || !holds(text, q.Contains) {
			continue
		}
		if ok, _ := path.Match(q.Name, path.Base(name)); ok || q.Name == "" {
			names = append(names, name)
		}
	}
	if !exists {
		return nil, store.ErrNotFound
	}
	slices.Sort(names)
	if q.Limit > 0 && len(names) > q.Limit {
		names = names[:q.Limit]
	}
	return names, nil
}

// holds tells whether text has a part that differs from sub in case alone.
func holds(text, sub string) bool {
	runes, n := []rune(text), utf8.RuneCountInString(sub)
	for i := 0; i+n <= len(runes); i++ {
		if strings.EqualFold(string(runes[i:i+n]), sub) {
			return true
		}
	}
	return false
}

var (
	testFiles = []string{"/a.txt", "/b.txt", "/d/a.txt", "/d/b.md", "/d/c.txt", "/d/e/a.txt", "/d/e/b.txt", "/d.x/a.txt", "/d0/z.txt", "/z/é.txt"}
	testDirs  = []string{"/", "/d", "/d/", "/d/e/", "/z/", "/missing/"}

	// Characters that differ in case alone in unusual ways, and what a full-text
	// query or a pattern might take for something else.
	fragments = []string{
		"k", "K", "\u212a", "s", "S", "\u017f", "ß", "ẞ", "σ", "ς", "Σ", "\u13a0", "\uab70", "é", "É", "e\u0301", "ǆ", "ǅ", "日本", "😀", "\ufffe", "\uffff",
		"milk", "Milk", "mi", "lk", " ", "\t", `"`, `""`, "'", "%", "_", "*", "^", "-", ":", "(", " AND ", "OR", "NOT ", "NEAR(", `\`, "text:", ";",
	}
)

func drawText(t *rapid.T, label string, least, most int) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(fragments), least, most).Draw(t, label), "")
}

func drawQuery(t *rapid.T) sttp.Query {
	return sttp.Query{
		Contains:  drawText(t, "q", 1, 3),
		Name:      rapid.SampledFrom([]string{"", "", "*.txt", "a*", "?.md"}).Draw(t, "name"),
		Recursive: rapid.Bool().Draw(t, "recursive"),
		Limit:     rapid.SampledFrom([]int{0, 0, 1, 2, 1000}).Draw(t, "limit"),
		After:     rapid.SampledFrom([]string{"", "", "a.txt", "b", "e/a.txt", "e/"}).Draw(t, "after"),
	}
}

func drawTuning(t *rapid.T) tuning {
	how := eager
	how.maxPending = rapid.SampledFrom([]int{1, 3, 1 << 15}).Draw(t, "pending")
	how.rows = rapid.SampledFrom([]int{1, 2, 1024}).Draw(t, "rows")
	how.after = rapid.SampledFrom([]time.Duration{0, 0, time.Hour}).Draw(t, "after")
	switch rapid.IntRange(0, 4).Draw(t, "plan") {
	case 0:
		how.plan = defaultPlan
	case 1:
		how.plan.candidates, how.plan.most = 2, 2
	case 2:
		how.plan.sample, how.plan.scan = 3, 4
	}
	return how
}

func TestSearchesFindWhatLookingAtEverythingFinds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty")
	closeStore(t, openTuned(t, empty, false, eager))
	runs := 0
	rapid.Check(t, func(t *rapid.T) {
		// SQLite takes ten times as long under the race detector, which has
		// nothing to find in it.
		if (raceEnabled || testing.Short()) && rapid.IntRange(0, 9).Draw(t, "skip") > 0 {
			return
		}
		runs++
		file := filepath.Join(dir, fmt.Sprint(runs))
		copyFile(t, empty, file)
		m := model{}
		var how tuning
		var s *Store
		reopen := func(t *rapid.T) {
			if s != nil {
				closeStore(t, s)
			}
			how = drawTuning(t)
			s = openTuned(t, file, rapid.IntRange(0, 3).Draw(t, "off") > 0, how)
		}
		reopen(t)
		defer func() { s.Close() }()
		change := func(t *rapid.T) {
			name := rapid.SampledFrom(testFiles).Draw(t, "file")
			text := drawText(t, "text", 0, 6)
			switch _, found := m[name]; {
			case !found:
				create(t, s, name, text)
				m[name] = text
			case rapid.Bool().Draw(t, "delete"):
				remove(t, s, name)
				delete(m, name)
			default:
				update(t, s, name, text)
				m[name] = text
			}
		}
		search := func(t *rapid.T) {
			dir, q := rapid.SampledFrom(testDirs).Draw(t, "dir"), drawQuery(t)
			want, wrong := m.search(parsePath(t, dir).AsDir().String(), q)
			got, err := s.List(context.Background(), parsePath(t, dir), &q)
			if !errors.Is(err, wrong) || !slices.Equal(got, want) {
				t.Fatalf("List(%q, %v) of %q: got %q, %v; want %q, %v", dir, &q, m, got, err, want, wrong)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"change": change, "change too": change, "change again": change,
			"search": search, "search too": search, "search again": search,
			"wait": func(t *rapid.T) {
				if how.after == 0 {
					waitIndexed(t, s)
				}
			},
			"reopen": func(t *rapid.T) {
				if rapid.IntRange(0, 3).Draw(t, "rarely") == 0 {
					reopen(t)
				}
			},
		})
	})
}
