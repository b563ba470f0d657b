package storetest

import (
	"fmt"
	"slices"
	"sync/atomic"

	"sttp"
)

var searchRaceCases = []testCase{
	{"what was acknowledged before a search is in it, and what was deleted is not", func(s fixture) {
		const workers, rounds = 8, 12
		s.with("/d/always")
		s.together(workers, func(i int) {
			dir := []string{"/d/", fmt.Sprintf("/d/s%d/", i)}[i%2]
			for j := range rounds {
				name, word := fmt.Sprintf("f%d", i), fmt.Sprintf("word%dx%dx", i, j)
				s.succeeds("Create", s.create(dir+name, "a "+word))
				s.finds(dir, &sttp.Query{Contains: word}, name)
				s.succeeds("Update", s.update(dir+name, "another "+word+"y"))
				s.finds(dir, &sttp.Query{Contains: "A " + word})
				s.finds("/d/", &sttp.Query{Contains: word + "Y", Recursive: true}, dir[len("/d/"):]+name)
				s.succeeds("Update", s.update(dir+name, "neither"))
				s.finds("/", &sttp.Query{Contains: word, Recursive: true})
				s.succeeds("Update", s.update(dir+name, word))
				s.finds("/d/", &sttp.Query{Name: name, Contains: word, Recursive: true, Limit: 3}, dir[len("/d/"):]+name)
				s.succeeds("Delete", s.delete(dir+name))
				s.finds("/d/", &sttp.Query{Contains: word, Recursive: true})
				s.finds("/d/", &sttp.Query{Name: name, Recursive: true})
			}
		})
		s.finds("/", &sttp.Query{Recursive: true}, "d/always")
	}},
	{"what is there all the time is in every page and every search", func(s fixture) {
		const n = 40
		var kept []string
		for i := range n {
			kept = append(kept, fmt.Sprintf("k%02d", i))
			s.succeeds("Create", s.create("/d/"+kept[i], "needle"))
		}
		var changing atomic.Int32
		changing.Store(4)
		s.together(8, func(i int) {
			if i < 4 {
				for j := range 15 {
					name := fmt.Sprintf("/d/%s%d%d", []string{"a", "k1", "z", "s/"}[i], i, j%7)
					s.succeeds("Create", s.create(name, "needle too"))
					s.succeeds("Update", s.update("/d/"+kept[(i*10+j)%n], fmt.Sprint("NEEDLE ", j)))
					s.succeeds("Delete", s.delete(name))
				}
				changing.Add(-1)
				return
			}
			q := &sttp.Query{Contains: []string{"", "needle"}[i%2], Recursive: i < 6}
			for changing.Load() > 0 {
				names := s.pages("/d/", q, 7)
				if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
					s.t.Errorf("the pages with %s are out of order or overlap: %q", q, names)
				}
				for _, name := range kept {
					if _, found := slices.BinarySearch(names, name); !found {
						s.t.Errorf("%s is not in the pages with %s: %q", name, q, names)
						return
					}
				}
			}
		})
	}},
}
