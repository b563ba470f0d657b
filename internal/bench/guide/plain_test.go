package guide_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sttp/internal/bench"
	"sttp/internal/bench/guide"
)

// plain is a server as a learner may write it: it serves one connection at a time.
type plain struct {
	address string
	closes  bool // each connection after one reply

	mu       sync.Mutex
	snippets map[string]string
	asked    []string // what came at once: a line, and what stood behind it
	// instead, if there is one, may carry out a request otherwise: what it returns is
	// the whole reply, none if it is empty. The lock is held.
	instead func(action, path, contents string) (reply string, taken bool)
}

func startPlain(t *testing.T, closes bool) *plain {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &plain{address: l.Addr().String(), closes: closes, snippets: map[string]string{}}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.serve(c)
		}
	})
	t.Cleanup(func() {
		l.Close()
		running.Wait()
	})
	return s
}

func (s *plain) serve(c net.Conn) {
	defer c.Close()
	for in := bufio.NewReader(c); ; {
		line, err := in.ReadString('\n')
		if err != nil || line == "\n" {
			return
		}
		rest, _ := in.Peek(in.Buffered())
		reply := s.reply(line, string(rest))
		if c.Write([]byte(reply)); s.closes || reply == "" {
			return
		}
	}
}

func (s *plain) reply(line, rest string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, line+rest)
	action, argument, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
	path, contents, _ := strings.Cut(argument, " ")
	if s.instead != nil {
		if reply, taken := s.instead(action, path, contents); taken {
			return reply
		}
	}
	return s.answer(action, path, contents)
}

func (s *plain) answer(action, path, contents string) string {
	found, there := s.snippets[path]
	switch {
	case action == "CREATE" && there:
		return fmt.Sprintf("300 %s CLIENT ERROR \"it is there\"\n", path)
	case action == "CREATE":
		s.snippets[path] = contents
		return fmt.Sprintf("100 %s CREATED\n", path)
	case !there:
		return fmt.Sprintf("400 %s NOT FOUND\n", path)
	case action == "SHOW":
		return fmt.Sprintf("200 %s OK\n%s\n", path, found)
	case action == "DELETE":
		delete(s.snippets, path)
		return fmt.Sprintf("600 %s DELETED\n", path)
	}
	return "300 - CLIENT ERROR \"no such action\"\n"
}

// paths returns the paths of all snippets, sorted.
func (s *plain) paths() (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for path := range s.snippets {
		all = append(all, path)
	}
	slices.Sort(all)
	return all
}

// only returns what to do instead with the first request of that action on that
// path.
func only(action, path string, do func(contents string) string) func(string, string, string) (string, bool) {
	done := false
	return func(a, p, contents string) (string, bool) {
		if done || a != action || p != path {
			return "", false
		}
		done = true
		return do(contents), true
	}
}

func TestAServerThatClosesAfterEachReplyIsNoFault(t *testing.T) {
	t.Parallel()
	for _, concurrent := range []int{1, 4} {
		s := startPlain(t, true)
		o := quick(s.address)
		o.Concurrent = concurrent
		g := carriedOut(t, o, nil)
		allRight(t, g)
		if len(g.Notes) != 1 || !strings.Contains(g.Notes[0], "closes the connection after each reply") {
			t.Errorf("notes: %q", g.Notes)
		}
		if n := len(s.asked); n != 820 {
			t.Errorf("%d connections, want 820", n)
		}
	}
}

func TestAConnectionPerRequestIsThatOfNetcat(t *testing.T) {
	t.Parallel()
	s := startPlain(t, true)
	o := quick(s.address)
	o.Concurrent, o.ConnectionPerRequest = 4, true // to a server of one connection at a time
	allRight(t, carriedOut(t, o, nil))
	for _, asked := range s.asked {
		if strings.Count(asked, "\n") != 2 || !strings.HasSuffix(asked, "\n\n") {
			t.Fatalf("what came at once is %q, want a request and an empty line", asked)
		}
	}
}

func TestACreateWithoutAReplyIsLookedUp(t *testing.T) {
	t.Parallel()
	const path = "/snippets/snippet_50.txt"
	const contents = "This is pre-defined snippet number 51"
	for _, c := range []struct {
		name    string
		instead func(s *plain) (reply string)
		left    []string // on the server
		told    []string // that may be left
		created int
		kind    string
	}{
		{"carried out", func(s *plain) string { s.snippets[path] = contents; return "" }, nil, nil, 200, bench.Closed},
		{"not carried out", func(*plain) string { return "" }, nil, nil, 199, bench.Closed},
		{"garbled", func(s *plain) string { s.snippets[path] = contents; return "done\n" }, nil, nil, 200, bench.Garbled},
		{"500", func(s *plain) string {
			s.snippets[path] = contents
			return "500 " + path + " SERVER ERROR \"unknown\"\n"
		}, nil, nil, 200, "status 500"},
		{"other contents", func(s *plain) string { s.snippets[path] = "mine"; return "" }, []string{path}, []string{path}, 199, bench.Closed},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := startPlain(t, false)
			s.instead = only("CREATE", path, func(string) string { return c.instead(s) })
			g := carriedOut(t, quick(s.address), nil)
			if left := s.paths(); !slices.Equal(left, c.left) || !slices.Equal(g.Left, c.told) {
				t.Errorf("left: %q, want %q; told: %q, want %q", left, c.left, g.Left, c.told)
			}
			if g.Created != c.created || g.Deleted != c.created {
				t.Errorf("created %d, deleted %d, want %d", g.Created, g.Deleted, c.created)
			}
			if n := g.Errors[c.kind] + g.Wrong[c.kind]; n != 1 || g.Errors.Total()+g.Wrong.Total() != 1 {
				t.Errorf("errors %v, wrong %v; want one %s", g.Errors, g.Wrong, c.kind)
			}
		})
	}
}

func TestWhatIsInDoubtStaysIfSomebodyElseIsAtWork(t *testing.T) {
	t.Parallel()
	s := startPlain(t, false)
	unanswered := only("CREATE", "/snippets/snippet_3.txt", func(string) string { return "" })
	refused := only("CREATE", "/snippets/snippet_5.txt", func(contents string) string {
		// Meanwhile another run of the test has made both.
		s.snippets["/snippets/snippet_3.txt"] = "This is pre-defined snippet number 4"
		s.snippets["/snippets/snippet_5.txt"] = contents
		return "300 /snippets/snippet_5.txt CLIENT ERROR \"it is there\"\n"
	})
	s.instead = func(action, path, contents string) (string, bool) {
		if reply, taken := unanswered(action, path, contents); taken {
			return reply, true
		}
		return refused(action, path, contents)
	}
	_, err := guide.Run(t.Context(), quick(s.address), nil)
	var notOurs *guide.NotOursError
	if !errors.As(err, &notOurs) || !notOurs.Begun || notOurs.Deleted != 4 || !slices.Equal(notOurs.Left, []string{"/snippets/snippet_3.txt"}) {
		t.Errorf("the error is %+v", err)
	}
	if left := s.paths(); !slices.Equal(left, []string{"/snippets/snippet_3.txt", "/snippets/snippet_5.txt"}) {
		t.Errorf("left: %q", left)
	}
}

func TestADeleteThatIsDeniedIsAWrongReplyAndIsTriedAgain(t *testing.T) {
	t.Parallel()
	const path = "/snippets/snippet_7.txt"
	s := startPlain(t, false)
	s.instead = only("DELETE", path, func(string) string { return "400 " + path + " NOT FOUND\n" })
	g := carriedOut(t, quick(s.address), nil)
	if g.Wrong[bench.Lost] != 1 || g.Wrong.Total() != 1 || g.Deleted != 200 || len(g.Left) != 0 || len(s.paths()) != 0 {
		t.Errorf("wrong %v, deleted %d, left %q, there %q", g.Wrong, g.Deleted, g.Left, s.paths())
	}
}

func TestAChangeUnderWayIsCarriedThroughAfterAnInterrupt(t *testing.T) {
	t.Parallel()
	const path = "/snippets/snippet_7.txt"
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	s := startPlain(t, false)
	s.instead = only("CREATE", path, func(contents string) string {
		interrupt()
		<-time.After(50 * time.Millisecond) // a request that ends with the run does so meanwhile
		return s.answer("CREATE", path, contents)
	})
	g, err := guide.Run(ctx, quick(s.address), nil)
	if err != nil {
		t.Fatal(err)
	}
	if g.Phases[0].Done != 8 {
		t.Errorf("%d CREATEs were answered, want 8", g.Phases[0].Done)
	}
	if !g.Interrupted || g.Created != 8 || g.Deleted != 8 || g.Errors.Total() != 0 || len(s.paths()) != 0 {
		t.Errorf("interrupted %v, created %d, deleted %d, errors %v, there %q", g.Interrupted, g.Created, g.Deleted, g.Errors, s.paths())
	}
}
