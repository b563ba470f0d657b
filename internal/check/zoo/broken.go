package zoo

import (
	"path"
	"strings"
	"time"
)

// What only servers with a fault have: a cache, changes that others see half
// done, and a way out of the docroot.

// meanwhile gives others the lock while f runs.
func (s *store) meanwhile(f func()) {
	s.mu.Unlock()
	defer s.mu.Lock()
	f()
}

// update replaces contents, by a fault in a wrong way.
func (s *store) update(q *request) {
	old := s.contents(q.key)
	switch s.Fault {
	case UpdateAppends:
		q.contents = old + q.contents
	case TornUpdate:
		half := min(len(old), len(q.contents)) / 2
		s.create(q.key, q.contents[:half]+old[half:])
		s.meanwhile(func() { time.Sleep(2 * time.Millisecond) })
		if k, _, _ := s.find(q.key); k != isFile {
			return
		}
	case LateUpdate:
		s.server.running.Go(func() {
			time.Sleep(200 * time.Millisecond)
			s.mu.Lock()
			defer s.mu.Unlock()
			if k, _, _ := s.find(q.key); k == isFile {
				s.create(q.key, q.contents)
			}
		})
		return
	case UpdateGap:
		s.hidden[q.key] = true
		s.meanwhile(func() { time.Sleep(2 * time.Millisecond) })
		delete(s.hidden, q.key)
		if k, _, _ := s.find(q.key); k != isFile {
			return
		}
	}
	s.create(q.key, q.contents)
}

func (s *store) contents(path string) string {
	_, way, name := s.find(path)
	return way[len(way)-1].files[name]
}

// fromOutside answers a SHOW by what lies outside of the docroot.
func (s *store) fromOutside(q *request) (reply, bool) {
	real, out := strings.CutPrefix(q.key, "/..")
	if !out || q.action != "SHOW" || s.Outside == nil {
		return reply{}, false
	}
	contents, found := s.Outside(real)
	return reply{status: 200, path: q.path, contents: contents}, found
}

// cacheKey returns under which key the cache keeps the answer to a request, or
// "" for none.
func (s *store) cacheKey(q *request) string {
	if q.query != nil {
		return ""
	}
	switch s.Fault {
	case CacheByName:
		if q.action != "LIST" {
			return "SHOW " + path.Base(q.key)
		}
	case StaleUpdate, StaleDelete, NegativeCache:
		if q.action != "LIST" {
			return "SHOW " + q.key
		}
	case StaleListCreate, StaleListDelete:
		if q.action == "LIST" {
			return "LIST " + strings.TrimSuffix(q.key, "/")
		}
	}
	return ""
}

// cached returns what the cache knows of a request.
func (s *store) cached(q *request) (reply, bool) {
	if q.action != "SHOW" && q.action != "LIST" {
		return reply{}, false
	}
	r, found := s.cache[s.cacheKey(q)]
	r.path = q.path
	return r, found
}

// remember puts an answer into the cache, and takes out what a change has made
// stale: by a fault not all of it.
func (s *store) remember(q *request, r reply) {
	key := s.cacheKey(q)
	changed := r.status == 100 || r.status == 600 || r.status == 200 && q.action == "UPDATE"
	switch {
	case changed && q.action == "CREATE" && (s.is(NegativeCache) || s.is(StaleListCreate)):
	case changed && q.action == "UPDATE" && s.is(StaleUpdate):
	case changed && q.action == "DELETE" && (s.is(StaleDelete) || s.is(StaleListDelete)):
	case changed && key != "":
		delete(s.cache, key)
	case changed:
		clear(s.cache)
	case key == "" || q.action != "SHOW" && q.action != "LIST":
	case s.is(NegativeCache) == (r.status != 200):
		s.cache[key] = r
	}
}
