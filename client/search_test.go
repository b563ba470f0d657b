package client_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sttp"
	"sttp/client"
)

// lister answers LISTs with a query from a sorted list of names, and keeps the
// requests.
type lister struct {
	names    []string
	requests []string
}

func (l *lister) serve(nc net.Conn, _ int) {
	in := bufio.NewReader(nc)
	for {
		line, err := in.ReadString('\n')
		if err != nil || line == "\n" {
			return
		}
		l.requests = append(l.requests, strings.TrimSpace(line))
		path, query, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(line, "LIST ")), "?")
		q, err := sttp.ParseQuery(query)
		if err != nil {
			fmt.Fprintf(nc, "300 %s CLIENT ERROR \"%v\"\n", path, err)
			continue
		}
		first, found := slices.BinarySearch(l.names, q.After)
		if found {
			first++
		}
		fmt.Fprintf(nc, "200 %s OK\n%s\n", path, strings.Join(l.names[first:min(first+q.Limit, len(l.names))], ", "))
	}
}

// found collects what a search yields.
func found(t *testing.T, c *client.Client, dir string, q sttp.Query) ([]string, error) {
	t.Helper()
	var names []string
	for name, err := range c.Search(within(t), dir, q) {
		if err != nil {
			return names, err
		}
		names = append(names, name)
	}
	return names, nil
}

func TestASearchGoesFromPageToPage(t *testing.T) {
	l := &lister{}
	for i := range 7 {
		l.names = append(l.names, fmt.Sprintf("%d+é.txt", i))
	}
	c := connect(t, respond(t, l.serve), client.Options{})
	got, err := found(t, c, "/notes/", sttp.Query{Contains: "Buy milk", Limit: 3, After: "0+é.txt"})
	if diff := cmp.Diff(l.names[1:], got); diff != "" || err != nil {
		t.Errorf("%v, error %v", diff, err)
	}
	if diff := cmp.Diff([]string{
		"LIST /notes/?q=Buy%20milk&limit=3&after=0%2B%C3%A9.txt",
		"LIST /notes/?q=Buy%20milk&limit=3&after=3%2B%C3%A9.txt",
		"LIST /notes/?q=Buy%20milk&limit=3&after=6%2B%C3%A9.txt",
	}, l.requests); diff != "" {
		t.Error(diff)
	}
	for name, err := range c.Search(within(t), "/notes", sttp.Query{}) {
		if name != "0+é.txt" || err != nil {
			t.Errorf("%q, %v", name, err)
		}
		break
	}
	if last := l.requests[len(l.requests)-1]; last != "LIST /notes?limit=1000" {
		t.Errorf("without a limit the request is %s", last)
	}
}

func TestASearchThatIsNotValidIsNotSent(t *testing.T) {
	l := &lister{}
	c := connect(t, respond(t, l.serve), client.Options{})
	for dir, q := range map[string]sttp.Query{
		"/n/":      {Limit: sttp.MaxLimit + 1},
		"/":        {Name: "[a"},
		"/o/":      {Contains: "two\nlines"},
		"/n/?q=x":  {},
		"relative": {},
	} {
		if _, err := found(t, c, dir, q); !errors.Is(err, sttp.ErrClient) {
			t.Errorf("%s %+v: error %v, want a 300", dir, q, err)
		}
	}
	if len(l.requests) > 0 {
		t.Errorf("it sent %q", l.requests)
	}
}

func TestNamesThatWereNotAskedForEndASearch(t *testing.T) {
	long := strings.Repeat("x", sttp.MaxPath+1)
	for _, test := range []struct {
		names string
		q     sttp.Query
		right int
	}{
		{"a, b", sttp.Query{Limit: 2}, 2}, // and the same page again
		{"b, a", sttp.Query{}, 1},
		{"a, a", sttp.Query{}, 1},
		{"a", sttp.Query{After: "a"}, 0},
		{", a", sttp.Query{}, 0},
		{"a, b", sttp.Query{Limit: 1}, 0},
		{"a, " + long, sttp.Query{}, 1},
		{"a, b/", sttp.Query{Contains: "x"}, 1},
		{"a, b/", sttp.Query{Recursive: true}, 1},
		{"a, b/c", sttp.Query{Contains: "x"}, 1},
		{"../b/", sttp.Query{}, 0},
		{"/", sttp.Query{Recursive: true}, 0},
		{"a.txt, b", sttp.Query{Name: "*.txt"}, 1},
		{"a/b.txt, b.txt/c", sttp.Query{Name: "*.txt", Recursive: true}, 1},
	} {
		r := respond(t, func(nc net.Conn, _ int) {
			for answer(nc, "200 / OK\n"+test.names+"\n") {
			}
		})
		names, err := found(t, connect(t, r, client.Options{}), "/", test.q)
		if !errors.Is(err, client.ErrProtocol) || len(names) != test.right {
			t.Errorf("%.30s for %v: %q, error %v", test.names, &test.q, names, err)
		}
	}
}

func TestAServerWithoutQueriesRefusesASearchInItsOwnWay(t *testing.T) {
	for reply, want := range map[string]error{
		"300 - CLIENT ERROR \"a path holds no ?\"\n":   sttp.ErrClient,
		"300 /n/ CLIENT ERROR \"no\"\n":                sttp.ErrClient,
		"300 /n/?limit=1000 CLIENT ERROR \"no\"\n":     sttp.ErrClient,
		"400 /n/?limit=1000 NOT FOUND\n":               sttp.ErrNotFound,
		"410 /n/ PATH NOT FOUND\n":                     sttp.ErrPathNotFound,
		"400 /n/?limit=100 NOT FOUND\n":                client.ErrProtocol,
		"400 /x/?limit=1000 NOT FOUND\n":               client.ErrProtocol,
		"300 /n/?limit=1000?limit=1000 CLIENT ERROR\n": client.ErrProtocol,
	} {
		r := respond(t, func(nc net.Conn, _ int) { answer(nc, reply) })
		if _, err := found(t, connect(t, r, client.Options{}), "/n/", sttp.Query{}); !errors.Is(err, want) {
			t.Errorf("%s: error %v, want %v", reply, err, want)
		}
	}
}

func TestAReplyThatTakesTooLongEndsTheCall(t *testing.T) {
	const patience = 5 * time.Second
	show := func(n int) (reqs []sttp.Request) {
		for range n {
			reqs = append(reqs, request(t, sttp.Show, "/a.txt"))
		}
		return reqs
	}
	for name, test := range map[string]struct {
		reqs     []sttp.Request
		answers  int // so many replies come, one every 4 s
		want     time.Duration
		unread   bool
		changing bool
	}{
		"no reply":                           {reqs: show(1), want: patience},
		"some replies of many":               {reqs: show(4), answers: 3, want: 3*4*time.Second + patience},
		"a change":                           {reqs: []sttp.Request{request(t, sttp.Delete, "/a.txt")}, want: patience, changing: true},
		"one that is not read":               {reqs: []sttp.Request{request(t, sttp.Delete, "/a.txt")}, want: patience + time.Second, unread: true},
		"many that are not read":             {reqs: show(4), want: patience, unread: true},
		"all replies, in more than patience": {reqs: show(4), answers: 4, want: 16 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			c, server := pipe(client.Options{ReplyTimeout: patience})
			defer c.Close()
			defer server.Close()
			go func() {
				if test.unread {
					return
				}
				in := bufio.NewReader(server)
				go io.Copy(io.Discard, in)
				for range test.answers {
					time.Sleep(4 * time.Second)
					io.WriteString(server, "200 /a.txt OK\nx\n")
				}
			}()
			start := time.Now()
			resps, err := c.Pipeline(context.Background(), test.reqs)
			late := test.answers < len(test.reqs)
			if errors.Is(err, client.ErrTimeout) != late || errors.Is(err, client.ErrOutcomeUnknown) != test.changing || len(resps) != test.answers {
				t.Errorf("%s: %d replies, error %v", name, len(resps), err)
			}
			if took := time.Since(start); took > test.want || took < min(test.want, patience) {
				t.Errorf("%s: it took %v, want %v", name, took, test.want)
			}
		})
	}
}

func TestARequestThatTookTooLongIsNotSentOnceMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, server := pipe(client.Options{ReplyTimeout: 5 * time.Second})
		defer c.Close()
		defer server.Close()
		go func() {
			if answer(server, "200 /a.txt OK\nx\n") {
				io.Copy(io.Discard, server)
			}
		}()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := c.Show(ctx, "/a.txt"); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Show(ctx, "/a.txt"); !errors.Is(err, client.ErrTimeout) {
			t.Errorf("error %v, want ErrTimeout", err)
		}
	})
}

func TestAConnectionOutlivesTheTimeThatAReplyMayTake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, server := pipe(client.Options{ReplyTimeout: 5 * time.Second})
		defer c.Close()
		defer server.Close()
		go func() {
			for answer(server, "200 /a.txt OK\nx\n") {
			}
		}()
		for _, reqs := range []int{1, 1, 3, 1} {
			var all []sttp.Request
			for range reqs {
				all = append(all, request(t, sttp.Show, "/a.txt"))
			}
			if _, err := c.Pipeline(context.Background(), all); err != nil {
				t.Fatal(err)
			}
			time.Sleep(20 * time.Second)
		}
	})
}
