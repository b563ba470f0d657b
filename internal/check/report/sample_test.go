package report_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sttp/internal/check"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is another one (see with -update what changes):\n%s", path, got)
	}
}

const dir = "/sttp-check-x7k2m/"

// aCase returns a case of a story.
func aCase(id, story, title string, statements ...string) *check.Case {
	return &check.Case{ID: id, Story: story, Title: title, Statements: statements, Strict: check.Must, Guide: check.Must}
}

// after lets c depend on another case.
func after(id string, c *check.Case) *check.Case {
	c.After = []string{id}
	return c
}

func events(pairs ...string) []check.Event {
	var all []check.Event
	for i := 0; i+1 < len(pairs); i += 2 {
		all = append(all,
			check.Event{Kind: "sent", Conn: i/2 + 1, Text: pairs[i], At: time.Duration(i) * time.Millisecond},
			check.Event{Kind: "received", Conn: i/2 + 1, Text: pairs[i+1], At: time.Duration(i+1) * time.Millisecond})
	}
	return all
}

// sample returns a report in which all outcomes are there, and bytes that no
// terminal, page or XML file should get.
func sample() *check.Report {
	results := []check.Result{
		{
			Case: aCase("STTP-2.1-ANSWER-001", "tcp", "A request line is answered with one reply", "2.1-3"), Level: check.Must,
			Exchange: events("SHOW "+dir+"1/nobody.txt\n\n", "400 "+dir+"1/nobody.txt NOT FOUND\n"), Elapsed: 2 * time.Millisecond,
		},
		{
			Case: aCase("STTP-5.1-ACTION-001", "requests", "An action in lower case is answered 300", "5.1-1", "6.3-3"), Level: check.Must,
			Outcome: check.Fail, Says: "what came is not a reply", Hint: "a reply begins with a status line: three digits, one space, the path, one space, the words",
			Problem: &check.Problem{
				Symptom: check.NotAReply, Says: "what came is not a reply",
				Expected: "300 " + dir + "2/a.txt CLIENT ERROR \"…\"\n", Got: "\x1b[31mpanic: \xff\xfe\u202e世界\\n\t \n", Also: []string{"100", "200"},
			},
			Netcat:   `printf 'show /try/a.txt\n\n' | nc 127.0.0.1 8080`,
			Exchange: events("show "+dir+"2/a.txt\n\n", "\x1b[31mpanic: \xff\xfe\u202e世界\\n\t \n"), Elapsed: 3 * time.Millisecond,
		},
		{
			Case: aCase("STTP-5.2-CREATE-001", "create", "CREATE of a new file is answered 100 with its path", "5.2-1", "5.2-2", "6.3-1"), Level: check.Must,
			Exchange: events("CREATE "+dir+"3/a.txt Buy milk\n\n", "100 "+dir+"3/a.txt CREATED\n"), Elapsed: 2 * time.Millisecond,
		},
		{
			Case: aCase("STTP-5.3-SHOW-001", "show", "SHOW is answered 200 with the contents on a line of their own", "5.3-1"), Level: check.Must,
			Outcome: check.Fail, Says: "the quotes are still around the contents",
			Hint: "the quotes around contents are not part of them: CREATE /a.txt \"Buy milk\" stores Buy milk",
			Problem: &check.Problem{
				Symptom: check.QuotesKept, Expected: "200 " + dir + "4/a.txt OK\nBuy milk\n", Got: "200 " + dir + "4/a.txt OK\n\"Buy milk\"\n",
				At: len("200 " + dir + "4/a.txt OK\n"),
			},
			Netcat: `printf 'CREATE /try/a.txt "Buy milk"\n\n' | nc 127.0.0.1 8080; printf 'SHOW /try/a.txt\n\n' | nc 127.0.0.1 8080`,
			Exchange: events("CREATE "+dir+"4/a.txt \"Buy milk\"\n\n", "100 "+dir+"4/a.txt CREATED\n",
				"SHOW "+dir+"4/a.txt\n\n", "200 "+dir+"4/a.txt OK\n\"Buy milk\"\n"),
			Elapsed: 5 * time.Millisecond, Runs: 5, Held: 2,
		},
		{
			Case: aCase("STTP-5.4-LIST-001", "list", "LIST is answered 200 with the names in the directory", "5.4-1", "5.4-3"), Level: check.Must,
			Outcome: check.Untested, Says: "no connection: connection refused",
			Netcat: `printf 'LIST /try\n\n' | nc 127.0.0.1 8080`, Elapsed: time.Millisecond,
			Exchange: []check.Event{{Kind: "note", Text: "the server did not accept the connection"}},
		},
		{
			Case: after("STTP-5.3-SHOW-001", aCase("STTP-5.5-UPDATE-001", "update", "UPDATE replaces the contents and is answered 200 with the new ones", "5.5-1")), Level: check.Must,
			Outcome: check.Depends, Says: "not tried, since STTP-5.3-SHOW-001 does not hold",
		},
		{
			Case: after("STTP-5.5-UPDATE-001", aCase("STTP-5.5-UPDATE-002", "update", "UPDATE of a missing file makes nothing", "5.5-2")), Level: check.Must,
			Outcome: check.Depends, Says: "not tried, since STTP-5.5-UPDATE-001 does not hold",
		},
		{
			Case: aCase("STTP-5.2-RACE-001", "races", "Of many CREATEs of one file at the same time exactly one wins", "5.2-4"), Level: check.Must,
			Outcome: check.Undecided, Says: "none of the 200 rounds had two requests at the same time", Elapsed: 1200 * time.Millisecond,
		},
		{
			Case: aCase("STTP-2.1-PARALLEL-001", "parallel", "A silent client keeps no other waiting", "2.1-8"), Level: check.Should,
			Outcome: check.Warn, Says: "another client gets no answer within 2s", Hint: "does each connection have its own goroutine, thread or task?",
			Problem: &check.Problem{Symptom: check.NotServed, Says: "another client gets no answer within 2s"},
			Netcat:  `(sleep 5) | nc 127.0.0.1 8080 & printf 'SHOW /try/a.txt\n\n' | nc 127.0.0.1 8080`,
			Exchange: []check.Event{
				{Kind: "note", Conn: 1, Text: "is silent"},
				{Kind: "sent", Conn: 2, Text: "SHOW " + dir + "9/nobody.txt\n\n", At: time.Millisecond},
				{Kind: "note", Text: "nothing came", At: 2001 * time.Millisecond},
			},
			Elapsed: 2003 * time.Millisecond,
		},
		{
			Case: aCase("STTP-4.1-CONTENTS-001", "contents", "Contents of 160 characters are stored, whatever the language", "4.1-1", "4.1-6", "4.4-1"), Level: check.Must,
			Outcome: check.Fail, Says: "the contents are cut short", Hint: "only the beginning is there: len(s) counts bytes; count runes",
			Problem: &check.Problem{
				Symptom: check.CutShort, Expected: "200 " + dir + "10/a.txt OK\n" + strings.Repeat("漢字", 40) + strings.Repeat("😀é", 40) + "\n",
				Got: "200 " + dir + "10/a.txt OK\n" + strings.Repeat("漢字", 40) + strings.Repeat("😀é", 12) + "\xf0\x9f\n",
				At:  len("200 "+dir+"10/a.txt OK\n") + 80*3 + 12*6 + 2,
			},
			Netcat:   `printf 'SHOW /try/a.txt\n\n' | nc 127.0.0.1 8080`,
			Exchange: events("SHOW "+dir+"10/a.txt\n\n", "200 "+dir+"10/a.txt OK\n"+strings.Repeat("漢字", 40)+strings.Repeat("😀é", 12)+"\xf0\x9f\n"),
		},
		{
			Case: aCase("STTP-6.3-PATH-001", "replies", "A reply repeats the path as it was sent, byte for byte", "6.3-1"), Level: check.Must,
			Outcome: check.Fail, Says: "the 400 names another path", Hint: "a reply repeats the path as it was sent; only 410 and 510 name the directory instead",
			Problem: &check.Problem{
				Symptom: check.WrongPath, Expected: "400 " + dir + "11/cafe\u0301.txt NOT FOUND\n", Got: "400 " + dir + "11/café.txt NOT FOUND\r\n",
				At: len("400 " + dir + "11/caf"),
			},
			Netcat:   `printf 'SHOW /try/cafe\314\201.txt\n\n' | nc 127.0.0.1 8080`,
			Exchange: events("SHOW "+dir+"11/cafe\u0301.txt\n\n", "400 "+dir+"11/café.txt NOT FOUND\r\n"),
		},
		{
			Case: aCase("STTP-2.2-LONG-001", "robustness", "A line that never ends does no harm", "2.2-5"), Level: check.Robust,
			Outcome: check.Warn, Says: "something comes that nobody asked for",
			Problem:  &check.Problem{Symptom: check.ExtraBytes, Got: strings.Repeat("nothing to see here ", 500) + "\n"},
			Exchange: []check.Event{{Kind: "sent", Conn: 1, Text: strings.Repeat("x", 2048) + "…"}, {Kind: "note", Conn: 1, Text: "the client ends its sending side"}},
		},
		{
			Case: aCase("STTP-5.9-SYNC-001", "durability", "A change that was answered survives kill -9", "5.9-1"), Level: check.Choice,
			Outcome: check.Chose, Says: "a change survives a crash of the server, but not a loss of power",
		},
		{
			Case: aCase("STTP-9.2-FILE-001", "disk", "A file is exactly the contents", "9.2-1"), Level: check.Must,
			Outcome: check.CheckerError, Says: "the checker failed: index out of range at cases_disk.go:17",
		},
	}
	return &check.Report{
		Target: "sttp://127.0.0.1:8080", Profile: check.Guide,
		Options: check.Options{Address: "127.0.0.1:8080", Seed: 42, Repeat: 5, Timeout: 2 * time.Second},
		Facts:   check.Facts{KeepsOpen: true, UpdateContents: true, Waits: check.WaitsForLine, Closes: check.ClosesAfterEmpty},
		Began:   time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC), Elapsed: 4200 * time.Millisecond,
		Results:    results,
		LeftOut:    []check.LeftOut{{Needs: "--exec", Cases: 12}, {Needs: "--exec and a server on files", Cases: 1}},
		LeftBehind: []string{"/sttp-check-x7k2m/3", "/sttp-check-x7k2m/\x1b[2Jevil"},
	}
}

// allHold returns a report in which nothing is wrong.
func allHold() *check.Report {
	r := sample()
	for i := range r.Results {
		c := *r.Results[i].Case
		r.Results[i] = check.Result{Case: &c, Level: r.Results[i].Level, Runs: 1, Held: 1, Elapsed: time.Millisecond}
	}
	r.LeftOut, r.LeftBehind, r.Options.Repeat = nil, nil, 1
	return r
}
