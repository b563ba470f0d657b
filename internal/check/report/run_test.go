package report_test

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

	"sttp/internal/check"
	"sttp/internal/check/report"
)

// slightlyWrong starts a server that answers one request on a connection and
// stores of contents only what stands before their first space.
func slightlyWrong(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &wrongServer{stored: map[string]string{}}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer conn.Close()
				if line, err := bufio.NewReader(conn).ReadString('\n'); err == nil {
					fmt.Fprint(conn, s.answer(strings.TrimSuffix(line, "\n")))
				}
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		running.Wait()
	})
	return l.Addr().String()
}

type wrongServer struct {
	mu     sync.Mutex
	stored map[string]string
}

func (s *wrongServer) answer(line string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	words := append(strings.Split(line, " "), "", "")
	action, path, contents := words[0], words[1], words[2]
	old, there := s.stored[path]
	switch {
	case action == "CREATE" || action == "UPDATE" && there:
		s.stored[path] = contents
	case action == "LIST" || !there:
		return "400 " + path + " NOT FOUND\n"
	case action == "DELETE":
		delete(s.stored, path)
		return "600 " + path + " DELETED\n"
	}
	switch action {
	case "CREATE":
		return "100 " + path + " CREATED\n"
	case "UPDATE":
		return "200 " + path + " OK\n" + contents + "\n"
	}
	return "200 " + path + " OK\n" + old + "\n"
}

func TestTheReportOfARealRunTellsWhatIsWrong(t *testing.T) {
	r, err := check.Run(t.Context(), check.Options{
		Address: slightlyWrong(t), Only: []string{"STTP-5.2-CREATE-001", "STTP-5.3-SHOW-001", "STTP-5.5-UPDATE-001"},
	})
	if err != nil {
		t.Fatal(err)
	}
	all := text(t, r, report.Options{})
	for _, want := range []string{
		"It answers one request on a connection and closes after the reply.",
		"FAIL  STTP-5.3-SHOW-001  ",
		"    expected  Buy milk\\n\n    got       Buy\\n\n                 ^\n",
		"  hint  ",
		"  try   printf 'CREATE /try-",
		"DEPENDS  1 case not tried, since STTP-5.3-SHOW-001 does not hold\n  STTP-5.5-UPDATE-001\n",
		"NEXT  STTP-5.3-SHOW-001",
		"The server is not right yet: of 3 MUSTs 1 does not hold, and of 1 nothing is\nknown.\n",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("the text has not %q", want)
		}
	}
	if t.Failed() {
		t.Log(all)
	}
	doc := asJSON(t, r)
	validate(t, doc)
	if s := readSuites(t, asJUnit(t, r)); s.Tests != 3 || s.Failures != 1 {
		t.Errorf("JUnit counts %+v", s)
	}
	if page := asHTML(t, r); !strings.Contains(page, "Buy<mark> </mark>milk\\n") || !strings.Contains(page, "Buy<mark>\\n</mark>") {
		t.Error("the page does not mark the difference")
	}
	if err := baselineOf(t, r).Compare(r); err != nil || r.Verdict() != check.AllHold {
		t.Errorf("compared with itself: %v, verdict %d", err, r.Verdict())
	}
}
