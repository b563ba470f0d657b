package check_test

import (
	"bufio"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sttp/internal/check"
)

// faulty is a small server that keeps snippets in memory and makes one mistake,
// if it is told to. It knows nothing of quotes and limits.
type faulty struct {
	fault string

	mu    sync.Mutex
	files map[string]string
	cache map[string]string // only some faults fill it
}

// faultyServer returns the address of a server with that fault.
func faultyServer(t *testing.T, fault string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &faulty{fault: fault, files: map[string]string{}, cache: map[string]string{}}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { s.serve(c) })
		}
	})
	t.Cleanup(func() { l.Close(); serving.Wait() })
	return l.Addr().String()
}

func (s *faulty) serve(c net.Conn) {
	defer c.Close()
	lines := bufio.NewScanner(c)
	for lines.Scan() && lines.Text() != "" {
		words := strings.SplitN(lines.Text(), " ", 3)
		fmt.Fprint(c, s.reply(words[0], words[1], strings.Join(words[2:], "")))
		if s.fault == "one request" {
			return
		}
	}
}

// meanwhile lets others have the lock for a moment.
func (s *faulty) meanwhile() {
	s.mu.Unlock()
	time.Sleep(50 * time.Microsecond) // which lets others come in on one processor, too
	s.mu.Lock()
}

func (s *faulty) reply(action, path, contents string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, exists := s.files[path]
	missing := "400 " + path + " NOT FOUND\n"
	if dir := path[:strings.LastIndex(path, "/")+1]; !s.isDirectory(dir) {
		missing = "410 " + dir + " PATH NOT FOUND\n"
	}
	wrong := "300 " + path + " CLIENT ERROR \"no\"\n"
	switch action {
	case "CREATE":
		if s.fault == "two creates" {
			s.meanwhile()
		}
		if exists || s.isDirectory(path) {
			return wrong
		}
		s.files[path] = contents
		return "100 " + path + " CREATED\n"
	case "SHOW":
		if shown, ok := s.show(path); ok {
			return "200 " + path + " OK\n" + shown + "\n"
		}
	case "UPDATE":
		if exists {
			s.update(path, old, contents)
			return "200 " + path + " OK\n" + contents + "\n"
		}
	case "DELETE":
		if s.fault == "recursive" && s.isDirectory(path) {
			maps.DeleteFunc(s.files, func(name, _ string) bool { return strings.HasPrefix(name, path) })
			return "600 " + path + " DELETED\n"
		}
		if exists {
			delete(s.files, path)
			delete(s.cache, path)
			return "600 " + path + " DELETED\n"
		}
	case "LIST":
		if s.isDirectory(path) {
			return "200 " + path + " OK\n" + s.list(path) + "\n"
		}
		if !exists {
			return "400 " + path + " NOT FOUND\n"
		}
		return wrong
	}
	if s.isDirectory(path) {
		return wrong
	}
	return missing
}

func (s *faulty) isDirectory(path string) bool {
	dir := strings.TrimSuffix(path, "/") + "/"
	for name := range s.files {
		if strings.HasPrefix(name, dir) {
			return true
		}
	}
	return dir == "/"
}

func (s *faulty) list(path string) string {
	dir := strings.TrimSuffix(path, "/") + "/"
	var names []string
	for name := range s.files {
		if rest, below := strings.CutPrefix(name, dir); below {
			first, _, more := strings.Cut(rest, "/")
			if more && s.fault != "directories first" {
				first += "/"
			}
			names = append(names, first)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if s.fault == "directories first" {
		for i, name := range names {
			if s.isDirectory(dir + name) {
				names[i] += "/"
			}
		}
	}
	return strings.Join(names, ", ")
}

func (s *faulty) show(path string) (string, bool) {
	key := path
	if s.fault == "keyed by name" {
		key = path[strings.LastIndex(path, "/")+1:]
	}
	contents, exists := s.files[path]
	switch s.fault {
	case "keyed by name", "never removed", "filled late":
		if cached, ok := s.cache[key]; ok {
			return cached, true
		}
		for n := 0; s.fault == "filled late" && n < 20 && s.files[path] == contents; n++ {
			s.meanwhile() // until an UPDATE has come in between
		}
		if exists {
			s.cache[key] = contents
		}
	}
	return contents, exists
}

func (s *faulty) update(path, old, contents string) {
	switch s.fault {
	case "in place":
		s.files[path] = ""
		s.meanwhile()
	case "comes back":
		s.mu.Unlock()
		time.Sleep(2 * time.Millisecond) // long enough for the one DELETE of a round
		s.mu.Lock()
	}
	if s.fault == "not truncated" && len(contents) < len(old) {
		contents += old[len(contents):]
	}
	s.files[path] = contents
	if s.fault == "keyed by name" {
		s.cache[path[strings.LastIndex(path, "/")+1:]] = contents
	} else if s.fault != "never removed" {
		delete(s.cache, path)
	}
}

func TestAServerWithAFaultIsToldWhatIsWrong(t *testing.T) {
	for _, test := range []struct {
		fault, id string
		symptom   check.Symptom
		hint      string
	}{
		{"not truncated", "STTP-5.5-UPDATE-003", check.WrongContents, "truncate the file"},
		{"recursive", "STTP-5.7-DIR-004", check.GotStatus(600), "never use a function that removes recursively"},
		{"directories first", "STTP-5.4-LIST-005", check.WrongContents, "after the / has been put behind"},
		{"never removed", "STTP-5.8-CACHE-001", check.WrongContents, "still in the cache"},
		{"keyed by name", "STTP-5.8-CACHE-004", check.WrongContents, "keyed by the whole path"},
		{"keyed by name", "STTP-5.8-CACHE-005", check.GotStatus(200), "keyed by the whole path"},
		{"two creates", "STTP-5.2-RACE-001", check.GotStatus(100), "os.O_EXCL"},
		{"in place", "STTP-5.8-RACE-002", check.Torn, "rename it over the old one"},
		{"in place", "STTP-5.8-RACE-013", check.Torn, "rename it over the old one"},
		{"comes back", "STTP-5.8-RACE-005", check.GotStatus(200), "hold one lock from looking to writing"},
		{"filled late", "STTP-5.8-RACE-009", check.Stale, "fill the cache under the lock"},
		{"filled late", "STTP-5.8-RACE-013", check.Stale, "filled with the old contents"},
		{"two creates", "STTP-5.8-RACE-012", "", ""}, // it can show in several ways
	} {
		t.Run(test.fault+" "+test.id, func(t *testing.T) {
			report, err := check.Run(t.Context(), check.Options{Address: faultyServer(t, test.fault), Profile: check.Strict, Only: []string{test.id}, Repeat: 4})
			if err != nil {
				t.Fatal(err)
			}
			r := report.Results[0]
			if r.Outcome != check.Fail || test.symptom != "" && r.Problem.Symptom != test.symptom || !strings.Contains(r.Hint, test.hint) {
				t.Errorf("%v: %s\n%+v\nhint: %s", r.Outcome, r.Says, r.Problem, r.Hint)
			}
			t.Logf("%s\n\thint: %s", r.Says, r.Hint)
		})
	}
}

func TestAServerWithoutSuchAFaultPasses(t *testing.T) {
	ids := []string{"STTP-5.5-*", "STTP-5.6-*", "STTP-5.7-DIR-008", "STTP-5.4-LIST-00*", "STTP-5.8-CACHE-*", "STTP-5.8-RACE-*", "STTP-5.2-RACE-*"}
	for fault, profile := range map[string]check.Profile{"": check.Strict, "one request": check.Guide} {
		report, err := check.Run(t.Context(), check.Options{Address: faultyServer(t, fault), Profile: profile, Only: ids})
		if err != nil {
			t.Fatal(err)
		}
		if report.Facts.KeepsOpen != (fault == "") {
			t.Errorf("%q: %+v", fault, report.Facts)
		}
		for _, r := range report.Results {
			limits := r.Case.ID == "STTP-5.8-CACHE-007" || r.Case.ID == "STTP-5.5-UPDATE-002" || r.Case.ID == "STTP-5.4-LIST-007"
			if r.Outcome != check.Pass && !limits {
				t.Errorf("%q: %s: %v: %s", fault, r.Case.ID, r.Outcome, r.Says)
			}
		}
	}
}

func TestAServerThatStopsAnsweringDuringAHugeListIsNotWaitedForLong(t *testing.T) {
	long(t)
	t.Parallel()
	var lines atomic.Int64
	block := make(chan struct{})
	address := front(t, func(line string) string {
		if strings.HasPrefix(line, "CREATE") && lines.Add(1) > 20 {
			<-block
		}
		return ""
	})
	t.Cleanup(func() { close(block) })
	report := checked(t, check.Options{Address: address, Profile: check.Strict, Only: []string{"STTP-5.4-LIST-017"}})
	if r := report.Results[0]; r.Outcome != check.Fail || r.Elapsed > 8*time.Second {
		t.Errorf("%s after %v", told(r), r.Elapsed)
	}
}
