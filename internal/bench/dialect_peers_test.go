package bench_test

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"sttp"
	"sttp/internal/bench"
)

const snippetPath = "/snippets/snippet_1.txt"

func op(a sttp.Action) bench.Op {
	o := bench.Op{Action: a, Path: snippetPath}
	if a.TakesContents() {
		o.Contents = []byte("Buy milk")
	}
	return o
}

func TestADialectAsksAsItsProtocolDoes(t *testing.T) {
	last := func(o bench.Op, d bench.Dialect) string { return string(d.Append(nil, o, true)) }
	more := func(o bench.Op, d bench.Dialect) string { return string(d.Append([]byte("before "), o, false)) }
	for _, c := range []struct{ got, want string }{
		{more(op(sttp.Show), bench.Redis{}), "before *2\r\n$3\r\nGET\r\n$23\r\n" + snippetPath + "\r\n"},
		{last(op(sttp.Show), bench.Redis{}), "*2\r\n$3\r\nGET\r\n$23\r\n" + snippetPath + "\r\n*1\r\n$4\r\nQUIT\r\n"},
		{more(op(sttp.Create), bench.Redis{}), "before *3\r\n$3\r\nSET\r\n$23\r\n" + snippetPath + "\r\n$8\r\nBuy milk\r\n"},
		{more(op(sttp.Update), bench.Redis{}), "before *3\r\n$3\r\nSET\r\n$23\r\n" + snippetPath + "\r\n$8\r\nBuy milk\r\n"},
		{more(op(sttp.Delete), bench.Redis{}), "before *2\r\n$3\r\nDEL\r\n$23\r\n" + snippetPath + "\r\n"},

		{more(op(sttp.Show), bench.Memcached{}), "before get " + snippetPath + "\r\n"},
		{last(op(sttp.Show), bench.Memcached{}), "get " + snippetPath + "\r\nquit\r\n"},
		{more(op(sttp.Create), bench.Memcached{}), "before set " + snippetPath + " 0 0 8\r\nBuy milk\r\n"},
		{last(op(sttp.Update), bench.Memcached{}), "set " + snippetPath + " 0 0 8\r\nBuy milk\r\nquit\r\n"},
		{more(op(sttp.Delete), bench.Memcached{}), "before delete " + snippetPath + "\r\n"},

		{more(op(sttp.Show), bench.HTTP{}), "before GET " + snippetPath + " HTTP/1.1\r\nHost: localhost\r\n\r\n"},
		{last(op(sttp.Show), bench.HTTP{}), "GET " + snippetPath + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"},
		{last(bench.Op{Action: sttp.Show, Path: "/a#b%/ü.txt"}, bench.HTTP{}), "GET /a%23b%25/%C3%BC.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"},
	} {
		if c.got != c.want {
			t.Errorf("sent\n%q, not\n%q", c.got, c.want)
		}
	}
}

// page returns a reply of HTTP.
func page(status, fields, text string) string {
	return "HTTP/1.1 " + status + "\r\nServer: x\r\n" + fields + "\r\n" + text
}

// replies are what servers send, and what it says.
var replies = []struct {
	dialect bench.Dialect
	action  sttp.Action
	text    string
	want    bench.Reply
}{
	{bench.Redis{}, sttp.Show, "$8\r\nBuy milk\r\n", shown("Buy milk")},
	{bench.Redis{}, sttp.Show, "$0\r\n\r\n", shown("")},
	{bench.Redis{}, sttp.Show, "$4\r\na\r\nb\r\n", shown("a\r\nb")},
	{bench.Redis{}, sttp.Show, "$-1\r\n", bench.Reply{Outcome: bench.Missing}},
	{bench.Redis{}, sttp.Show, "-WRONGTYPE no\r\n", bench.Reply{Outcome: bench.Failure}},
	{bench.Redis{}, sttp.Create, "+OK\r\n", bench.Reply{Outcome: bench.Success}},
	{bench.Redis{}, sttp.Update, "+OK\r\n", bench.Reply{Outcome: bench.Success}},
	{bench.Redis{}, sttp.Delete, ":1\r\n", bench.Reply{Outcome: bench.Success}},
	{bench.Redis{}, sttp.Delete, ":0\r\n", bench.Reply{Outcome: bench.Missing}},

	{bench.Memcached{}, sttp.Show, "VALUE " + snippetPath + " 0 8\r\nBuy milk\r\nEND\r\n", named(shown("Buy milk"))},
	{bench.Memcached{}, sttp.Show, "VALUE " + snippetPath + " 0 0\r\n\r\nEND\r\n", named(shown(""))},
	{bench.Memcached{}, sttp.Show, "END\r\n", bench.Reply{Outcome: bench.Missing}},
	{bench.Memcached{}, sttp.Show, "SERVER_ERROR no\r\n", bench.Reply{Outcome: bench.Failure}},
	{bench.Memcached{}, sttp.Create, "STORED\r\n", bench.Reply{Outcome: bench.Success}},
	{bench.Memcached{}, sttp.Update, "STORED\r\n", bench.Reply{Outcome: bench.Success}},
	{bench.Memcached{}, sttp.Update, "SERVER_ERROR out of memory\r\n", bench.Reply{Outcome: bench.Failure, Unknown: true}},
	{bench.Memcached{}, sttp.Update, "CLIENT_ERROR bad data chunk\r\n", bench.Reply{Outcome: bench.Failure}},
	{bench.Memcached{}, sttp.Delete, "DELETED\r\n", bench.Reply{Outcome: bench.Success}},
	{bench.Memcached{}, sttp.Delete, "NOT_FOUND\r\n", bench.Reply{Outcome: bench.Missing}},
	{bench.Memcached{}, sttp.Delete, "ERROR\r\n", bench.Reply{Outcome: bench.Failure}},

	{bench.HTTP{}, sttp.Show, page("200 OK", "Content-Length: 8\r\n", "Buy milk"), served(200, shown("Buy milk"))},
	{bench.HTTP{}, sttp.Show, page("200", "CONTENT-length:0\r\nConnection: close\r\n", ""), served(200, shown(""))},
	{bench.HTTP{}, sttp.Show, page("404 Not Found", "Content-Length: 2\r\n", "no"), served(404, bench.Reply{Outcome: bench.Missing})},
	{bench.HTTP{}, sttp.Show, page("410 Gone", "Content-Length: 0\r\n", ""), served(410, bench.Reply{Outcome: bench.Missing})},
	{bench.HTTP{}, sttp.Show, page("503 Busy", "Content-Length: 2\r\n", "no"), served(503, bench.Reply{Outcome: bench.Failure})},
	{bench.HTTP{}, sttp.Show, page("204 No Content", "", ""), served(204, bench.Reply{Outcome: bench.Failure})},
	{bench.HTTP{}, sttp.Show, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", served(200, shown("x"))},
}

func shown(text string) bench.Reply {
	return bench.Reply{Outcome: bench.Success, Contents: []byte(text)}
}

func named(r bench.Reply) bench.Reply {
	r.Path = []byte(snippetPath)
	return r
}

func served(status int, r bench.Reply) bench.Reply {
	r.Status = status
	return r
}

func TestADialectReadsTheRepliesOfItsProtocol(t *testing.T) {
	for _, c := range replies {
		const next = "the next reply"
		got, n, err := c.dialect.Parse([]byte(c.text+next), op(c.action))
		if err != nil || n != len(c.text) || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%T: %q to %v is %+v with %d bytes (%v), not %+v with %d", c.dialect, c.text, c.action, got, n, err, c.want, len(c.text))
		}
		for cut := range c.text {
			if _, n, err := c.dialect.Parse([]byte(c.text[:cut]), op(c.action)); n != 0 || err != nil {
				t.Errorf("%T: %q has %d bytes (%v) before it is whole", c.dialect, c.text[:cut], n, err)
			}
		}
	}
}

func TestADialectRefusesWhatIsNoReplyToItsRequest(t *testing.T) {
	long := strings.Repeat("x", 20<<10)
	for _, c := range []struct {
		dialect bench.Dialect
		action  sttp.Action
		text    string
	}{
		{bench.Redis{}, sttp.Show, "\r\n"}, {bench.Redis{}, sttp.Show, "\n"}, {bench.Redis{}, sttp.Show, "+OK\n"},
		{bench.Redis{}, sttp.Show, "+OK\r\n"}, {bench.Redis{}, sttp.Show, ":1\r\n"}, {bench.Redis{}, sttp.Update, "$1\r\nx\r\n"},
		{bench.Redis{}, sttp.Update, ":1\r\n"}, {bench.Redis{}, sttp.Delete, "+OK\r\n"}, {bench.Redis{}, sttp.Delete, ":2\r\n"},
		{bench.Redis{}, sttp.Show, "$2\r\nxyz\r\n"}, {bench.Redis{}, sttp.Show, "$\r\n\r\n"}, {bench.Redis{}, sttp.Show, "$-2\r\n"},
		{bench.Redis{}, sttp.Show, "$99999999999999999999\r\n"}, {bench.Redis{}, sttp.Show, "$+1\r\nx\r\n"}, {bench.Redis{}, sttp.Show, "$" + long},

		{bench.Memcached{}, sttp.Show, "VALUE k 0 3\r\nxxEND\r\n"}, {bench.Memcached{}, sttp.Show, "VALUE k 0 2\r\nxx\r\nVALUE j 0 1\r\n"},
		{bench.Memcached{}, sttp.Show, "VALUE k\r\n"}, {bench.Memcached{}, sttp.Show, "VALUE k 0 many\r\n"}, {bench.Memcached{}, sttp.Show, "STORED\r\n"},
		{bench.Memcached{}, sttp.Update, "END\r\n"}, {bench.Memcached{}, sttp.Update, "NOT_STORED\r\n"}, {bench.Memcached{}, sttp.Show, "END\n"},

		{bench.HTTP{}, sttp.Show, "HTTP/1.0 200 OK\n"}, {bench.HTTP{}, sttp.Show, "HTTP/2.0 200 OK\r\n"}, {bench.HTTP{}, sttp.Show, "HTTP/1.1 20 OK\r\n"},
		{bench.HTTP{}, sttp.Show, "HTTP/1.1 2000 OK\r\n"}, {bench.HTTP{}, sttp.Show, page("100 Continue", "", "")}, {bench.HTTP{}, sttp.Show, "200 /a.txt OK\r\n"},
		{bench.HTTP{}, sttp.Show, page("200 OK", "", "")}, {bench.HTTP{}, sttp.Show, page("200 OK", "Transfer-Encoding: chunked\r\n", "")},
		{bench.HTTP{}, sttp.Show, page("200 OK", "Content-Length: 1\r\nContent-Length: 2\r\n", "xx")}, {bench.HTTP{}, sttp.Show, page("200 OK", "no colon\r\n", "")},
		{bench.HTTP{}, sttp.Show, page("200 OK", "Content-Length: -1\r\n", "")}, {bench.HTTP{}, sttp.Show, page("200 OK", long, "")}, {bench.HTTP{}, sttp.Show, long},
	} {
		if r, n, err := c.dialect.Parse([]byte(c.text), op(c.action)); err == nil || n != 0 {
			t.Errorf("%T: %.60q to %v is %+v with %d bytes", c.dialect, c.text, c.action, r, n)
		}
	}
}

func TestADialectSpeaksOfWhatItsProtocolHas(t *testing.T) {
	for _, c := range []struct {
		dialect bench.Dialect
		want    string
	}{
		{bench.Redis{}, "[CREATE SHOW UPDATE DELETE]"},
		{bench.Memcached{}, "[CREATE SHOW UPDATE DELETE]"},
		{bench.HTTP{}, "[SHOW]"},
	} {
		var spoken []sttp.Action
		for _, a := range sttp.Actions() {
			if c.dialect.Speaks(a) {
				spoken = append(spoken, a)
			}
		}
		if got := fmt.Sprint(spoken); got != c.want {
			t.Errorf("%T speaks %s, not %s", c.dialect, got, c.want)
		}
	}
}

func TestADialectAllocatesNothing(t *testing.T) {
	for _, c := range replies {
		request, reply, o := make([]byte, 0, 1024), []byte(c.text), op(c.action)
		allocations := testing.AllocsPerRun(10, func() {
			c.dialect.Append(request, o, true)
			if _, n, err := c.dialect.Parse(reply, o); n == 0 || err != nil {
				t.Error(n, err)
			}
		})
		if allocations > 0 {
			t.Errorf("%T: %q makes %v allocations", c.dialect, c.text, allocations)
		}
	}
}

// Whatever comes, a reply is no longer than what there is, lies in it, and does
// not change when more comes.
func FuzzPeersParse(f *testing.F) {
	for _, c := range replies {
		f.Add([]byte(c.text), uint8(c.action))
	}
	f.Fuzz(func(t *testing.T, b []byte, action uint8) {
		actions := sttp.Actions()
		o := op(actions[int(action)%len(actions)])
		for _, d := range []bench.Dialect{bench.Redis{}, bench.Memcached{}, bench.HTTP{}} {
			whole, n, err := d.Parse(b, o)
			if n < 0 || n > len(b) || err != nil && n != 0 {
				t.Fatalf("%T: %d bytes of %d (%v)", d, n, len(b), err)
			}
			if n > 0 && (whole.Outcome < bench.Success || whole.Outcome > bench.Failure || !bytes.Contains(b[:n], whole.Contents) || !bytes.Contains(b[:n], whole.Path)) {
				t.Fatalf("%T: %q is %+v", d, b[:n], whole)
			}
			for cut := range b {
				part, m, err := d.Parse(b[:cut], o)
				switch {
				case n > 0 && cut < n && (m != 0 || err != nil):
					t.Fatalf("%T: %d bytes of a reply of %d are %+v with %d bytes (%v)", d, cut, n, part, m, err)
				case n > 0 && cut >= n && m != n, m > 0 && (m != n || !reflect.DeepEqual(part, whole)):
					t.Fatalf("%T: %+v with %d bytes becomes %+v with %d", d, part, m, whole, n)
				}
			}
		}
	})
}
