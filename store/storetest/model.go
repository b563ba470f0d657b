package storetest

import (
	"context"
	"errors"
	"slices"
	"strings"

	"pgregory.net/rapid"

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

// list returns what List of dir returns.
func (m model) list(dir string) ([]string, error) {
	if _, ok := m[strings.TrimSuffix(dir, "/")]; ok {
		return nil, store.ErrNotDirectory
	}
	if !m.isDir(strings.TrimSuffix(dir, "/")) {
		return nil, store.ErrNotFound
	}
	var names []string
	for file := range m {
		if below, ok := strings.CutPrefix(file, dir); ok {
			name, rest, isDir := strings.Cut(below, "/")
			if isDir && rest != "" {
				name += "/"
			}
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// behavesLikeAMap does at random what the model says how it should end.
func behavesLikeAMap(s fixture) {
	segment := rapid.SampledFrom([]string{"a", "b", "a.txt", "é"})
	file := rapid.Custom(func(t *rapid.T) string {
		return "/" + strings.Join(rapid.SliceOfN(segment, 1, 3).Draw(t, "names"), "/")
	})
	text := rapid.StringOfN(rapid.RuneFrom([]rune{'x', ' ', '"', '\t', '𝄞'}), 0, 5, -1)
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
				want, wantErr := m.list(dir)
				got, err := s.List(ctx, path(s.t, dir), nil)
				check("List "+dir, err, wantErr)
				if !slices.Equal(got, want) {
					t.Fatalf("List %s: got %q, want %q", dir, got, want)
				}
			},
		})
	})
}
