package storetest

import (
	"context"
	"errors"
	paths "path"
	"slices"
	"strings"
	"unicode/utf8"

	"pgregory.net/rapid"

	"sttp"
	"sttp/store"
)

// model is what a store should be: files by path. A directory is there as long
// as a file is below it.
type model map[string]string

func (m model) isDir(p string) bool {
	if p == "" || p == "/" {
		return true
	}
	for file := range m {
		if strings.HasPrefix(file, p+"/") {
			return true
		}
	}
	return false
}

// find returns what Show, Update and Delete of file fail with.
func (m model) find(file string) error {
	_, ok := m[file]
	switch {
	case ok:
		return nil
	case m.isDir(file):
		return store.ErrIsDirectory
	case !m.isDir(file[:strings.LastIndexByte(file, '/')]):
		return store.ErrPathNotFound
	}
	return store.ErrNotFound
}

// create returns what Create of file fails with.
func (m model) create(file string) error {
	if _, ok := m[file]; ok {
		return store.ErrExists
	}
	if m.isDir(file) {
		return store.ErrIsDirectory
	}
	for i := range len(file) {
		if _, ok := m[file[:i]]; ok && file[i] == '/' {
			return store.ErrInTheWay
		}
	}
	return nil
}

// list returns what List of dir returns. It is made to be obviously right: it
// looks at everything.
func (m model) list(dir string, q *sttp.Query) ([]string, error) {
	if _, ok := m[strings.TrimSuffix(dir, "/")]; ok {
		return nil, store.ErrNotDirectory
	}
	if !m.isDir(strings.TrimSuffix(dir, "/")) {
		return nil, store.ErrNotFound
	}
	if q == nil {
		q = &sttp.Query{}
	}
	var names []string
	for file, text := range m {
		below, ok := strings.CutPrefix(file, dir)
		if !ok {
			continue
		}
		name, _, isDir := strings.Cut(below, "/")
		switch {
		case isDir && !q.FilesOnly():
			names = append(names, name+"/")
		case isDir && !q.Recursive:
		case isAskedFor(below[strings.LastIndexByte(below, '/')+1:], text, q):
			names = append(names, below)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	names = slices.DeleteFunc(names, func(name string) bool { return name <= q.After })
	if q.Limit > 0 && len(names) > q.Limit {
		names = names[:q.Limit]
	}
	return names, nil
}

// isAskedFor tells whether a file with that name and text is among the results.
func isAskedFor(name, text string, q *sttp.Query) bool {
	if ok, err := paths.Match(q.Name, name); q.Name != "" && (!ok || err != nil) {
		return false
	}
	runes, n := []rune(text), utf8.RuneCountInString(q.Contains)
	for i := range len(runes) - n + 1 {
		if strings.EqualFold(string(runes[i:i+n]), q.Contains) {
			return true
		}
	}
	return false
}

// behavesLikeAMap does at random what the model says how it should end.
func behavesLikeAMap(s fixture) {
	segment := rapid.SampledFrom([]string{"a", "b", "a.txt", "é"})
	file := rapid.Custom(func(t *rapid.T) string {
		return "/" + strings.Join(rapid.SliceOfN(segment, 1, 3).Draw(t, "names"), "/")
	})
	text := rapid.StringOfN(rapid.RuneFrom([]rune{'x', 'X', 'k', '\u212a', ' ', '"', '\t', '𝄞'}), 0, 5, -1)
	query := rapid.Custom(func(t *rapid.T) *sttp.Query {
		return &sttp.Query{
			Contains:  rapid.OneOf(rapid.Just(""), text).Draw(t, "q"),
			Name:      rapid.SampledFrom([]string{"", "", "*", "a*", "*.txt", "?", "[^a]*"}).Draw(t, "name"),
			Recursive: rapid.Bool().Draw(t, "recursive"),
			Limit:     rapid.SampledFrom([]int{0, 0, 1, 2, 3, sttp.MaxLimit}).Draw(t, "limit"),
			After:     rapid.OneOf(rapid.Just(""), rapid.Map(file, func(f string) string { return f[1:] }), rapid.Map(segment, func(s string) string { return s + "/" })).Draw(t, "after"),
		}
	})
	ctx := context.Background()

	rapid.Check(s.t, func(t *rapid.T) {
		m := model{}
		check := func(what string, got, want error) {
			if !errors.Is(got, want) {
				t.Fatalf("%s: got %v, want %v", what, got, want)
			}
		}
		defer func() {
			for f := range m {
				check("Delete "+f, s.Delete(ctx, path(s.t, f)), nil)
			}
		}()
		t.Repeat(map[string]func(*rapid.T){
			"create": func(t *rapid.T) {
				f, c := file.Draw(t, "file"), text.Draw(t, "text")
				want := m.create(f)
				check("Create "+f, s.Create(ctx, path(s.t, f), contents(s.t, c)), want)
				if want == nil {
					m[f] = c
				}
			},
			"update": func(t *rapid.T) {
				f, c := file.Draw(t, "file"), text.Draw(t, "text")
				want := m.find(f)
				check("Update "+f, s.Update(ctx, path(s.t, f), contents(s.t, c)), want)
				if want == nil {
					m[f] = c
				}
			},
			"delete": func(t *rapid.T) {
				f := file.Draw(t, "file")
				check("Delete "+f, s.Delete(ctx, path(s.t, f)), m.find(f))
				delete(m, f)
			},
			"show": func(t *rapid.T) {
				f := file.Draw(t, "file")
				got, err := s.Show(ctx, path(s.t, f))
				check("Show "+f, err, m.find(f))
				if got.String() != m[f] {
					t.Fatalf("Show %s: got %q, want %q", f, got, m[f])
				}
			},
			"list": func(t *rapid.T) {
				dir := rapid.OneOf(rapid.Just("/"), rapid.Map(file, func(f string) string { return f + "/" })).Draw(t, "dir")
				q := rapid.OneOf(rapid.Just((*sttp.Query)(nil)), query, query).Draw(t, "query")
				want, wantErr := m.list(dir, q)
				got, err := s.List(ctx, path(s.t, dir), q)
				check("List "+dir, err, wantErr)
				if !slices.Equal(got, want) {
					t.Fatalf("List %s?%s: got %q, want %q", dir, q, got, want)
				}
			},
		})
	})
}
