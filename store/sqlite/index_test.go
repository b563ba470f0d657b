package sqlite

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"sttp"
)

func openIndexed(t testing.TB, file string, most int, p plan) *Store {
	t.Helper()
	s, err := Open(file, Options{Durability: Async, SearchIndex: true})
	if err != nil {
		t.Fatal(err)
	}
	s.index.mu.Lock()
	s.index.plan, s.index.most = p, most
	s.index.mu.Unlock()
	return s
}

// always is a plan that asks the index first.
var always = plan{sample: 0, scan: -1, candidates: 1 << 20, most: 1 << 20}

func parsePath(t testing.TB, s string) sttp.Path {
	t.Helper()
	p, err := sttp.ParsePath(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func parseContents(t testing.TB, s string) sttp.Contents {
	t.Helper()
	c, err := sttp.ParseContents(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func indexed(t testing.TB, s *Store) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := s.Indexed(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestX(t *testing.T) {
	s := openIndexed(t, filepath.Join(t.TempDir(), "a.db"), 10, always)
	for _, n := range []string{"a", "b", "c"} {
		if err := s.Create(t.Context(), parsePath(t, "/d/"+n+".txt"), parseContents(t, "Buy Milk "+n)); err != nil {
			t.Fatal(err)
		}
	}
	indexed(t, s)
	got, err := s.List(t.Context(), parsePath(t, "/d/"), &sttp.Query{Contains: "milk b"})
	if err != nil || !slices.Equal(got, []string{"b.txt"}) {
		t.Fatal(got, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
