package check

import (
	"fmt"
	"slices"
	"strings"
)

var browserHints = []Hint{
	{StaysOpen, "the connection has to end at the first sign of HTTP: return after this 300, for the rest of the request comes next"},
	{ExtraBytes, "the connection has to end at the first sign of HTTP: the lines behind it are not to be answered, let alone carried out"},
	{WrongPath, "nothing of an HTTP request is repeated: the path in this 300 is always -"},
	{NoReply, "answer as soon as the line is there; a browser's request need not be read to its end"},
}

// methodCases are one for each HTTP method that [2.5-1] names.
func methodCases() []Case {
	var cases []Case
	for i, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "OPTIONS", "TRACE", "CONNECT"} {
		end := []string{"{0d}", ""}[i%2]
		cases = append(cases, Case{
			ID:         fmt.Sprintf("STTP-2.5-METHOD-%03d", i+1),
			Title:      fmt.Sprintf("A first line that begins with %s is answered 300 with - and ends the connection", method),
			Statements: []string{"2.5-1"}, Story: "robustness", Strict: Must, Hints: browserHints,
			Talk: "> " + method + " {d}/a.txt HTTP/1.1" + end + "\n< " + refusedReply + "\nend",
		})
	}
	return cases
}

func browserCases() []Case {
	const sends = `printf 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n\r\nDELETE /try/a.txt\r\n' | nc HOST PORT`
	return []Case{
		{
			ID: "STTP-2.5-HTTP-001", Title: "A first line that begins with Host: is answered 300 with - and ends the connection",
			Statements: []string{"2.5-2"}, Story: "robustness", Strict: Must, Hints: browserHints,
			Talk: "> Host: localhost{0d}\n< " + refusedReply + "\nend",
		},
		{
			ID: "STTP-2.5-HTTP-002", Title: "A later line that begins with Host: is answered 300 with - and ends the connection",
			Statements: []string{"2.5-2"}, Story: "robustness", Strict: Must, Hints: browserHints,
			Talk: `
				> X {d}/a.txt
				< 300 {d}/a.txt CLIENT ERROR "…"
				> Host: localhost{0d}
				> X {d}/b.txt
				< 300 - CLIENT ERROR "…"
				end`,
		},
		{
			ID: "STTP-2.5-HTTP-003", Title: "Host: is known in whatever mixture of upper and lower case",
			Statements: []string{"2.5-2"}, Story: "robustness", Strict: Must,
			Accepts: "300 with - and the end of the connection for Host:, HOST:, host: and hOsT:, as a first line and as a later one",
			Netcat:  `for h in HOST host hOsT; do printf "X /a.txt\n${h}: x\nX /b.txt\n\n" | nc HOST PORT; done`,
			Hints:   browserHints, Run: hostInAnyCase,
		},
		{
			ID: "STTP-2.5-HTTP-004", Title: "An HTTP DELETE is answered 300 and ends with its Host: line",
			Statements: []string{"2.5-3", "2.5-2", "4.3-2"}, Story: "robustness", Strict: Must, Hints: browserHints,
			Talk: `
				> DELETE {d}/a.txt HTTP/1.1{0d}
				> hOsT: localhost{0d}
				> CREATE {d}/b.txt x
				< 300 {d}/a.txt CLIENT ERROR "…"
				< 300 - CLIENT ERROR "…"
				end`,
		},
		{
			ID: "STTP-2.5-HTTP-005", Title: "The body of a browser's POST is not carried out",
			Statements: []string{"2.5-1", "2.4-3"}, Story: "robustness", Strict: Must, After: createAndShow,
			Accepts: "one 300 and the end; the file that the body wants to delete is there, the one it wants to create is not",
			Netcat:  sends, Hints: browserHints, Run: browserPost,
		},
		{
			ID: "STTP-2.5-HTTP-006", Title: "The 300 to a browser repeats nothing of its request",
			Statements: []string{"2.5-1"}, Story: "robustness", Strict: Robust,
			Accepts: "a reply without the words that the request holds",
			Netcat:  `printf 'GET /mark-one HTTP/1.1\r\nHost: mark-two\r\n\r\n' | nc HOST PORT`,
			Hints:   []Hint{{Unexpected, "a page can choose what stands in a request, so keep the message of this 300 a fixed text"}},
			Run:     repeatsNothing,
		},
		{
			ID: "STTP-2.5-HTTP-007", Title: "An HTTP method ends the connection only as the first word of the first line",
			Statements: []string{"2.5-1", "2.2-6", "6.3-3"}, Story: "robustness", Strict: Must, Hints: notBrowserHints,
			Talk: `
				> X {d}/a.txt
				< 300 {d}/a.txt CLIENT ERROR "…"
				> GET {d}/b.txt
				< 300 {d}/b.txt CLIENT ERROR "…"
				> POST {d}/c.txt
				< 300 {d}/c.txt CLIENT ERROR "…"
				quiet`,
		},
		{
			ID: "STTP-2.5-HTTP-008", Title: "A first line that only resembles HTTP leaves the connection open",
			Statements: []string{"2.5-1", "2.2-6"}, Story: "robustness", Strict: Must,
			Accepts: "300 with the path, if there is one, and then an answer to the next line",
			Netcat:  `printf 'GETS /a.txt\nX /b.txt\n\n' | nc HOST PORT`,
			Hints:   notBrowserHints, Run: onlyResemblesHTTP,
		},
		{
			ID: "STTP-2.5-HTTP-009", Title: "A first line that begins with DELETE is an action and no HTTP",
			Statements: []string{"2.5-3"}, Story: "robustness", Strict: Must,
			After: []string{"STTP-5.2-CREATE-001"},
			Hints: []Hint{{GotStatus(300), "DELETE is an HTTP method and an action: it must not be in the list of methods that end the connection"}},
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> DELETE {d}/a.txt
				< 600 {d}/a.txt DELETED`,
		},
	}
}

var notBrowserHints = []Hint{
	{ClosedEarly, "this is a wrong line like any other, so the connection goes on: look for the whole first word and the space after it, and only in the first line"},
	{WrongPath, "this is a wrong line like any other: its 300 names the path"},
}

func hostInAnyCase(t *T) {
	for _, host := range []string{"Host: x", "HOST: x", "host:", "hOsT:x"} {
		for _, before := range []string{"", t.Expand("X {d}/a.txt\n")} {
			want := []string{refusedReply}
			if before != "" {
				want = []string{t.Expand(`300 {d}/a.txt CLIENT ERROR "…"`), refusedReply}
			}
			c := t.Dial()
			c.Send(before + host + "\r\n")
			wantReplies(t, c, host, want...)
			c.Close()
		}
	}
}

func browserPost(t *T) {
	t.Want("CREATE {d}/keep.txt Buy milk", "100 {d}/keep.txt CREATED")
	body := t.Expand("DELETE {d}/keep.txt\r\nCREATE {d}/made.txt x\r\n")
	c := t.Dial()
	c.Send(t.Expand("POST {d}/keep.txt HTTP/1.1\r\n") + "Host: localhost:8080\r\nUser-Agent: Mozilla/5.0\r\n" +
		"Content-Type: text/plain;charset=UTF-8\r\nContent-Length: " + fmt.Sprint(len(body)) + "\r\n\r\n" + body)
	wantReplies(t, c, "POST", refusedReply)
	c.Close()
	t.Want("SHOW {d}/keep.txt", "200 {d}/keep.txt OK", "Buy milk")
	wantNotThere(t, "{d}/made.txt", "stood in the body of an HTTP request")
}

func repeatsNothing(t *T) {
	words := []string{"mark-one", "mark-two", "mark-three"}
	c := t.Dial()
	c.Send("GET /" + words[0] + " HTTP/1.1\r\nHost: " + words[1] + "\r\nReferer: " + words[2] + "\r\n\r\n")
	got, end := c.Rest(t.timeout)
	if got == "" {
		t.Judge("GET", got, end, refusedReply)
	}
	if i := slices.IndexFunc(words, func(w string) bool { return strings.Contains(got, w) }); i >= 0 {
		t.FailWith(&Problem{Symptom: Unexpected, Says: "the reply repeats " + words[i] + ", which came from a web page", Got: got, At: strings.Index(got, words[i])})
	}
}

func onlyResemblesHTTP(t *T) {
	lines := []struct{ line, path string }{
		{"GETS {d}/a.txt", "{d}/a.txt"},
		{"get {d}/a.txt HTTP/1.1", "{d}/a.txt"},
		{"GET", "-"},
		{"GET\t{d}/a.txt", "-"},
		{" Host: localhost", "-"},
		{"Host {d}/a.txt", "{d}/a.txt"},
		{"Hosts: localhost", "-"},
	}
	for _, l := range lines {
		c := t.Dial()
		c.Send(t.Expand(l.line + "\nX {d}/next.txt\n"))
		for _, path := range []string{l.path, "{d}/next.txt"} {
			got, end := c.Reply("X")
			t.Judge(t.Expand(l.line), got, end, t.Expand("300 "+path+` CLIENT ERROR "…"`))
		}
		c.Close()
	}
}
