package benchtest_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sttp/internal/bench/benchtest"
	"sttp/internal/check"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestTheServerIsRight(t *testing.T) {
	t.Parallel()
	s := benchtest.Start(t, benchtest.Options{InFlight: 1000})
	report, err := check.Run(t.Context(), check.Options{
		Address: s.Address(), Profile: check.Guide,
		// What clients of a bench do; not what nobody of them ever sends.
		Only: []string{"STTP-*-CREATE-*", "STTP-*-SHOW-*", "STTP-*-LIST-*", "STTP-*-UPDATE-*", "STTP-*-DELETE-*",
			"STTP-*-CACHE-*", "STTP-*-RACES-*", "STTP-*-PARALLEL-*", "STTP-*-CONNECTIONS-*", "STTP-*-PATH-ERRORS-*"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Results) < 50 {
		t.Errorf("only %d cases ran", len(report.Results))
	}
	for _, r := range report.Results {
		if r.Outcome == check.Fail || r.Outcome == check.Warn {
			t.Errorf("%s: %v: %s", r.Case.ID, r.Outcome, r.Says)
		}
	}
}

// client is one connection with one request under way at a time.
type client struct {
	t *testing.T
	c net.Conn
	r *bufio.Reader
}

func dial(t *testing.T, s *benchtest.Server) *client {
	t.Helper()
	c, err := net.Dial("tcp", s.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(10 * time.Second))
	return &client{t, c, bufio.NewReader(c)}
}

// ask sends a line and returns the lines of the reply, or how the connection
// ended.
func (c *client) ask(line string) string {
	fmt.Fprintf(c.c, "%s\n", line)
	reply, err := c.r.ReadString('\n')
	if err == nil && strings.HasPrefix(reply, "200 ") {
		var contents string
		contents, err = c.r.ReadString('\n')
		reply += contents
	}
	if err != nil {
		return reply + err.Error()
	}
	return strings.TrimSuffix(reply, "\n")
}

// filled is a server with /d/a.txt, which was twice changed, and /d/b.txt.
func filled(t *testing.T) (*benchtest.Server, *client) {
	s := benchtest.Start(t, benchtest.Options{})
	c := dial(t, s)
	for _, line := range []string{"CREATE /d/a.txt 1aaaaa1", "CREATE /d/b.txt b", "UPDATE /d/a.txt 2aaaaa2", "UPDATE /d/a.txt 3aaaaa3"} {
		if reply := c.ask(line); reply[0] != '1' && reply[0] != '2' {
			t.Fatalf("%s: %s", line, reply)
		}
	}
	return s, c
}

func TestAServerIsWrongAsItsOptionsSay(t *testing.T) {
	t.Parallel()
	const right = "200 /d/a.txt OK\n3aaaaa3"
	for _, test := range []struct {
		name    string
		options benchtest.Options
		asked   []string
		replies []string
		count   func(benchtest.Counts) int64
	}{
		{"stale", benchtest.Options{Stale: 2}, []string{"SHOW /d/a.txt", "SHOW /d/a.txt"},
			[]string{right, "200 /d/a.txt OK\n2aaaaa2"}, func(c benchtest.Counts) int64 { return c.Stale }},
		{"stale is only what was changed", benchtest.Options{Stale: 1}, []string{"SHOW /d/b.txt", "SHOW /d/a.txt"},
			[]string{"200 /d/b.txt OK\nb", "200 /d/a.txt OK\n2aaaaa2"}, func(c benchtest.Counts) int64 { return c.Stale }},
		{"torn", benchtest.Options{Torn: 2}, []string{"SHOW /d/a.txt", "SHOW /d/a.txt"},
			[]string{right, "200 /d/a.txt OK\n3aaaaa2"}, func(c benchtest.Counts) int64 { return c.Torn }},
		{"cut", benchtest.Options{Cut: 2}, []string{"SHOW /d/a.txt", "SHOW /d/a.txt"},
			[]string{right, "200 /d/a.txt OK\n3aa"}, func(c benchtest.Counts) int64 { return c.Cut }},
		{"foreign", benchtest.Options{Foreign: 1}, []string{"SHOW /d/b.txt", "SHOW /d/a.txt"},
			[]string{"200 /d/b.txt OK\nb", "200 /d/a.txt OK\nb"}, func(c benchtest.Counts) int64 { return c.Foreign }},
		{"astray", benchtest.Options{Astray: 1}, []string{"SHOW /d/b.txt", "SHOW /d/a.txt"},
			[]string{"200 /d/b.txt OK\nb", "200 /d/b.txt OK\n3aaaaa3"}, func(c benchtest.Counts) int64 { return c.Astray }},
		{"missing", benchtest.Options{Missing: 2}, []string{"SHOW /d/a.txt", "SHOW /d/a.txt"},
			[]string{right, "400 /d/a.txt NOT FOUND"}, func(c benchtest.Counts) int64 { return c.Missing }},
		{"garbled", benchtest.Options{Garbled: 2}, []string{"SHOW /d/a.txt", "SHOW /d/a.txt"},
			[]string{right, "OK 200"}, func(c benchtest.Counts) int64 { return c.Garbled }},
		{"failing", benchtest.Options{Failing: 2}, []string{"SHOW /d/a.txt", "UPDATE /d/a.txt x", "SHOW /d/a.txt"},
			[]string{right, "500 /d/a.txt SERVER ERROR \"not now\"", right}, func(c benchtest.Counts) int64 { return c.Failed }},
		{"forgets a CREATE", benchtest.Options{ForgetCreate: 1}, []string{"CREATE /d/c.txt x", "SHOW /d/c.txt", "LIST /d"},
			[]string{"100 /d/c.txt CREATED", "400 /d/c.txt NOT FOUND", "200 /d OK\na.txt, b.txt"}, func(c benchtest.Counts) int64 { return c.Denied }},
		{"keeps a snippet", benchtest.Options{KeepDeleted: 1}, []string{"DELETE /d/b.txt", "SHOW /d/b.txt"},
			[]string{"600 /d/b.txt DELETED", "200 /d/b.txt OK\nb"}, func(c benchtest.Counts) int64 { return c.Undead }},
		{"lists not all", benchtest.Options{ShortList: 2}, []string{"LIST /d", "LIST /d/"},
			[]string{"200 /d OK\na.txt, b.txt", "200 /d/ OK\nb.txt"}, func(c benchtest.Counts) int64 { return c.ShortLists }},
		{"closes", benchtest.Options{Close: 2}, []string{"SHOW /d/a.txt", "SHOW /d/a.txt"},
			[]string{right, "EOF"}, func(c benchtest.Counts) int64 { return c.Closes }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, c := filled(t)
			s.Set(test.options)
			for i, line := range test.asked {
				if got := c.ask(line); got != test.replies[i] {
					t.Errorf("%s was answered %q, not %q", line, got, test.replies[i])
				}
			}
			if n := test.count(s.Counts()); n != 1 {
				t.Errorf("the server counts %d", n)
			}
		})
	}
}

func TestOldContentsAreStaleOnlyOnceTheClientMustKnow(t *testing.T) {
	t.Parallel()
	s, a := filled(t)
	b := dial(t, s)
	s.Set(benchtest.Options{Stale: 1, InFlight: 2})
	a.ask("UPDATE /d/b.txt c")
	// Whether a has read the reply cannot be known here.
	if got := b.ask("SHOW /d/b.txt"); got != "200 /d/b.txt OK\nc" {
		t.Errorf("before the client must know: %q", got)
	}
	a.ask("LIST /d")
	a.ask("LIST /d") // not sent before the reply to the UPDATE was read
	b.ask("SHOW /d/b.txt")
	b.ask("LIST /d")
	if got := b.ask("SHOW /d/b.txt"); got != "200 /d/b.txt OK\nb" {
		t.Errorf("when the client must know: %q", got)
	}
}

func TestAChangeWithoutAReplyIsMadeOrNotOrLater(t *testing.T) {
	t.Parallel()
	s, _ := filled(t)
	s.Set(benchtest.Options{Reset: 1})
	for _, contents := range []string{"now", "later", "never"} {
		if got := dial(t, s).ask("UPDATE /d/b.txt " + contents); !strings.Contains(got, "reset") {
			t.Errorf("answered %q", got)
		}
	}
	if got, _ := s.Get("/d/b.txt"); got != "now" {
		t.Errorf("before the late change it holds %q", got)
	}
	s.Set(benchtest.Options{})
	if got, _ := s.Get("/d/b.txt"); got != "later" {
		t.Errorf("at the end it holds %q", got)
	}
	if c := s.Counts(); c.Applied != 2 || c.Dropped != 1 || c.Resets != 3 {
		t.Errorf("it counts %+v", c)
	}
}

func TestAServerThatDiesClosesEverything(t *testing.T) {
	t.Parallel()
	s, c := filled(t)
	idle := dial(t, s)
	s.Set(benchtest.Options{DieAfter: 2})
	c.ask("SHOW /d/a.txt")
	if got := c.ask("SHOW /d/a.txt"); !strings.Contains(got, "EOF") && !strings.Contains(got, "reset") {
		t.Errorf("the last request was answered %q", got)
	}
	if _, err := idle.r.ReadByte(); err == nil {
		t.Error("another connection is still open")
	}
	if nc, err := net.Dial("tcp", s.Address()); err == nil {
		nc.Close()
		t.Error("somebody still listens")
	}
	if _, died := s.Died(); !died {
		t.Error("it does not know that it died")
	}
}

func TestTooManyConnectionsAreToldSo(t *testing.T) {
	t.Parallel()
	s, c := filled(t)
	s.Set(benchtest.Options{MaxConnections: 1})
	if got, _ := io.ReadAll(dial(t, s).r); !strings.HasPrefix(string(got), "500 - SERVER ERROR ") {
		t.Errorf("the second one was told %q", got)
	}
	if got := c.ask("LIST /d"); !strings.HasPrefix(got, "200") {
		t.Errorf("the first one was told %q", got)
	}
}

func TestAServerTakesItsTime(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		options benchtest.Options
		least   time.Duration
	}{
		{"a delay", benchtest.Options{Delay: 50 * time.Millisecond}, 50 * time.Millisecond},
		{"a stall", benchtest.Options{Stall: benchtest.Stall{For: 80 * time.Millisecond, Every: time.Hour}}, 60 * time.Millisecond},
		{"two requests, one after the other", benchtest.Options{Service: 40 * time.Millisecond, InFlight: 2}, 80 * time.Millisecond},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, c := filled(t)
			s.Set(test.options)
			start := time.Now()
			io.WriteString(c.c, "LIST /d\nLIST /d\n\n")
			if got, err := io.ReadAll(c.r); err != nil || strings.Count(string(got), "200 /d OK") != 2 {
				t.Errorf("it answered %q, %v", got, err)
			}
			if took := time.Since(start); took < test.least {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func TestOneConnectionAtATimeWaitsForTheOneBefore(t *testing.T) {
	t.Parallel()
	s := benchtest.Start(t, benchtest.Options{OneAtATime: true})
	first, second := dial(t, s), dial(t, s)
	first.ask("LIST /")
	asked := s.After(1)
	io.WriteString(second.c, "LIST /\n")
	select {
	case <-asked:
		t.Error("the second one was served beside the first")
	case <-time.After(50 * time.Millisecond):
	}
	first.c.Close()
	<-asked
}

func TestRequestsAreCountedAndRecorded(t *testing.T) {
	t.Parallel()
	s, c := filled(t)
	s.Set(benchtest.Options{Record: 2})
	two := s.After(2)
	for range 3 {
		c.ask("SHOW /d/a.txt")
	}
	<-two
	got := s.Arrivals()
	if len(got) != 2 || got[0].Line != "SHOW /d/a.txt" || got[1].At.Before(got[0].At) {
		t.Errorf("it recorded %v", got)
	}
	if n := s.Counts(); n.Requests != 7 || n.ByAction["SHOW"] != 3 || n.Refused != 0 || n.MaxBatch != 1 {
		t.Errorf("it counts %+v", n)
	}
	s.Put("/x/y.txt", "z")
	if want := []string{"/d/a.txt", "/d/b.txt", "/x/y.txt"}; !slices.Equal(s.Paths(), want) {
		t.Errorf("it holds %q", s.Paths())
	}
}
