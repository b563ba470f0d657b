package storetest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"sttp"
	"sttp/store"
)

var raceCases = []testCase{
	{"of many that create a file at once exactly one wins", func(s fixture) {
		const n = 50
		for round, dir := range []string{"/", "/new/", "/new/and/deep/"} {
			file := fmt.Sprintf("%s%d.txt", dir, round)
			var errs [n]error
			s.together(n, func(i int) { errs[i] = s.create(file, fmt.Sprint("writer ", i)) })
			winner := -1
			for i, err := range errs {
				if err == nil && winner >= 0 {
					s.t.Errorf("%s: both %d and %d have created it", file, winner, i)
				}
				if err == nil {
					winner = i
				} else {
					s.fails("Create by a loser", err, store.ErrExists)
				}
			}
			s.holds(file, fmt.Sprint("writer ", winner))
		}
	}},
	{"a reader sees all of an update or nothing of it", func(s fixture) {
		texts := []string{strings.Repeat("a", sttp.MaxContents), strings.Repeat("b", 3), strings.Repeat("ç", sttp.MaxContents)}
		if err := s.create("/d/a.txt", texts[0]); err != nil {
			s.t.Fatal(err)
		}
		var writing atomic.Int32
		writing.Store(int32(len(texts)))
		s.together(len(texts)+2, func(i int) {
			if i < len(texts) {
				for range 40 {
					s.succeeds("Update", s.update("/d/a.txt", texts[i]))
				}
				writing.Add(-1)
				return
			}
			for writing.Load() > 0 {
				got, err := s.show("/d/a.txt")
				if err != nil || got != texts[0] && got != texts[1] && got != texts[2] {
					s.t.Errorf("Show: got %q, %v", got, err)
					return
				}
				s.lists("/d/", "a.txt")
			}
		})
	}},
	{"a file created while its directory is being removed is not lost", func(s fixture) {
		const rounds = 60
		for round := range rounds {
			s.with("/p/d/old.txt")
			s.together(3, func(i int) {
				switch i {
				case 0:
					s.succeeds("Delete", s.delete("/p/d/old.txt"))
				case 1:
					s.succeeds("Create", s.create("/p/d/new.txt", fmt.Sprint(round)))
				case 2:
					s.succeeds("Create", s.create("/p/other.txt", fmt.Sprint(round)))
					s.succeeds("Delete", s.delete("/p/other.txt"))
				}
			})
			s.holds("/p/d/new.txt", fmt.Sprint(round))
			s.lists("/p/", "d/")
			s.lists("/p/d/", "new.txt")
			s.succeeds("Delete", s.delete("/p/d/new.txt"))
			s.lists("/")
		}
	}},
	{"a file that takes the name of a removed directory is not lost", func(s fixture) {
		const rounds = 60
		for round := range rounds {
			s.with("/n/1", "/n/2")
			s.together(3, func(i int) {
				switch i {
				case 2:
					err := s.create("/n", fmt.Sprint(round))
					for errors.Is(err, store.ErrIsDirectory) {
						err = s.create("/n", fmt.Sprint(round))
					}
					s.succeeds("Create", err)
				default:
					s.succeeds("Delete", s.delete(fmt.Sprint("/n/", i+1)))
				}
			})
			s.holds("/n", fmt.Sprint(round))
			s.succeeds("Delete", s.delete("/n"))
		}
	}},
	{"an update never brings back a deleted file", func(s fixture) {
		const rounds = 60
		for range rounds {
			s.with("/d/a.txt")
			s.together(3, func(i int) {
				if i == 0 {
					s.succeeds("Delete", s.delete("/d/a.txt"))
					return
				}
				err := s.update("/d/a.txt", "new")
				if err != nil && !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrPathNotFound) {
					s.t.Errorf("Update: %v", err)
				}
			})
			s.lists("/")
		}
	}},
	{"creations and deletions of a path take turns", func(s fixture) {
		var created, deleted atomic.Int64
		s.together(8, func(i int) {
			for range 25 {
				if i%2 == 0 {
					err := s.create("/d/a.txt", "x")
					if err == nil {
						created.Add(1)
					} else {
						s.fails("Create", err, store.ErrExists)
					}
					continue
				}
				err := s.delete("/d/a.txt")
				switch {
				case err == nil:
					deleted.Add(1)
				case !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrPathNotFound):
					s.t.Errorf("Delete: %v", err)
				}
			}
		})
		_, err := s.show("/d/a.txt")
		there := map[bool]int64{true: 1}[err == nil]
		if created.Load()-deleted.Load() != there {
			s.t.Errorf("%d creations and %d deletions succeeded, and then %d files are there", created.Load(), deleted.Load(), there)
		}
		if there == 0 {
			s.lists("/")
		}
	}},
	{"many work in one tree and leave nothing", func(s fixture) {
		s.together(16, func(i int) {
			for j := range 8 {
				file := fmt.Sprintf("/t/%d/%d/f%d.txt", j%2, i%4, i)
				s.succeeds("Create", s.create(file, "1"))
				s.succeeds("Update", s.update(file, "2"))
				s.holds(file, "2")
				s.succeeds("Delete", s.delete(file))
				if _, err := s.show(file); err == nil {
					s.t.Errorf("%s is there after it was deleted", file)
				}
			}
		})
		s.lists("/")
	}},
}

// together calls f with 0 to n-1, in a goroutine each that all begin at once,
// and waits for them.
func (s fixture) together(n int, f func(i int)) {
	var wg sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-begin
			f(i)
		})
	}
	close(begin)
	wg.Wait()
}
