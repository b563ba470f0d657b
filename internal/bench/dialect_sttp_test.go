package bench

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sttp"
)

// Shows [2.3-1] of docs/protocol.md.
func TestARequestIsALineAndTheLastOneEndsTheSession(t *testing.T) {
	update := Op{Action: sttp.Update, Path: "/a.txt", Contents: []byte("s0.1 x")}
	for want, got := range map[string][]byte{
		"SHOW /a.txt\n":            STTP{}.Append(nil, Op{Action: sttp.Show, Path: "/a.txt"}, false),
		"UPDATE /a.txt s0.1 x\n":   STTP{}.Append(nil, update, false),
		"UPDATE /a.txt s0.1 x\n\n": STTP{}.Append(nil, update, true),
	} {
		if string(got) != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestAReplyIsReadAsWhatItSays(t *testing.T) {
	show, update, create := Op{Action: sttp.Show, Path: "/d/a.txt"}, Op{Action: sttp.Update, Path: "/d/a.txt"}, Op{Action: sttp.Create, Path: "/d/a.txt"}
	path := []byte("/d/a.txt")
	for _, c := range []struct {
		op   Op
		raw  string
		want Reply
	}{
		{show, "200 /d/a.txt OK\nBuy milk\n", Reply{Outcome: Success, Status: 200, Path: path, Contents: []byte("Buy milk")}},
		{show, "200 /d/a.txt OK\r\nBuy milk\r\n", Reply{Outcome: Success, Status: 200, Path: path, Contents: []byte("Buy milk")}},
		{show, "200 /d/b.txt OK\n\n", Reply{Outcome: Success, Status: 200, Path: []byte("/d/b.txt"), Contents: []byte{}}},
		{show, "400 /d/a.txt NOT FOUND\n", Reply{Outcome: Missing, Status: 400, Path: path}},
		{show, "410 /d/ PATH NOT FOUND\n", Reply{Outcome: Missing, Status: 410}},
		{show, "500 - SERVER ERROR \"full\"\n", Reply{Outcome: Failure, Status: 500}},
		{create, "100 /d/a.txt CREATED\n", Reply{Outcome: Success, Status: 100, Path: path}},
		{create, "510 /d/ CANNOT CREATE PATH\n", Reply{Outcome: Failure, Status: 510}},
		{create, "300 /d/a.txt CLIENT ERROR \"there\"\n", Reply{Outcome: Failure, Status: 300, Path: path}},
		{update, "500 /d/a.txt SERVER ERROR \"outcome unknown\"\n", Reply{Outcome: Failure, Status: 500, Path: path, Unknown: true}},
	} {
		got, n, err := STTP{}.Parse([]byte(c.raw+"200 /next OK\n"), c.op)
		if err != nil || n != len(c.raw) {
			t.Errorf("%q: %d bytes, error %v; want %d", c.raw, n, err, len(c.raw))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q:\n%s", c.raw, diff)
		}
	}
	if _, n, err := (STTP{BareUpdate: true}).Parse([]byte("200 /d/a.txt OK\n"), update); err != nil || n != 16 {
		t.Errorf("an UPDATE's reply without contents: %d bytes, error %v", n, err)
	}
}

func TestWhatIsNoReplyToTheRequestIsAnError(t *testing.T) {
	for name, raw := range map[string]string{
		"HTTP":                      "HTTP/1.1 400 Bad Request\r\n",
		"another action's success":  "100 /a.txt CREATED\n",
		"a status nobody knows":     "201 /a.txt FINE\n",
		"no words":                  "200 /a.txt\n",
		"a line without an end":     strings.Repeat("x", sttp.MaxLine+2),
		"contents without an end":   "200 /a.txt OK\n" + strings.Repeat("x", sttp.MaxList+2),
		"an empty line":             "\n",
		"a path that is not one":    "400 a.txt NOT FOUND\n",
		"a control character in it": "400 /a\x1b.txt NOT FOUND\n",
	} {
		if _, n, err := (STTP{}).Parse([]byte(raw), Op{Action: sttp.Show, Path: "/a.txt"}); err == nil {
			t.Errorf("%s: no error, %d bytes", name, n)
		}
	}
}

func FuzzSTTPReply(f *testing.F) {
	f.Add([]byte("200 /a.txt OK\nBuy milk\n400 /a.txt NOT FOUND\n"), uint8(sttp.Show))
	f.Add([]byte("500 - SERVER ERROR \"x\"\r\n"), uint8(sttp.Update))
	f.Fuzz(func(t *testing.T, b []byte, action uint8) {
		op := Op{Action: sttp.Action(action), Path: "/a.txt"}
		whole, n, err := STTP{}.Parse(b, op)
		if n < 0 || n > len(b) || err != nil && n > 0 && n > len(b) {
			t.Fatalf("%d of %d bytes", n, len(b))
		}
		if err != nil || n == 0 {
			return
		}
		if !bytes.HasSuffix(b[:n], []byte("\n")) {
			t.Fatalf("a reply does not end with its line: %q", b[:n])
		}
		for i := range n { // what arrives in parts is the same reply
			if _, m, err := (STTP{}).Parse(b[:i], op); err != nil || m != 0 {
				t.Fatalf("the first %d bytes of %q are %d bytes of a reply, error %v", i, b[:n], m, err)
			}
		}
		if again, _, _ := (STTP{}).Parse(b[:n], op); !cmp.Equal(whole, again) {
			t.Fatal("what comes after a reply changes it")
		}
	})
}

func TestPuttingARequestOnItsWayAndJudgingItsReplyAllocateNothing(t *testing.T) {
	b := newBook("/d", Workload{Snippets: 100, MinLength: 40, MaxLength: 40})
	for i := range b.stays {
		b.stays[i].answered(b.stays[i].begin())
	}
	w := DefaultWorkload()
	w.Snippets, w.Mix = 100, Mix{"SHOW": 1}
	c := newChooser(b, w, 1, 1)
	var f flight
	var out, text, spare, reply []byte
	record := newTally()
	cycle := func() {
		c.next(&f)
		var op Op
		op, text = f.op(b, text)
		out = STTP{}.Append(out[:0], op, false)
		reply = append(append(append(reply[:0], "200 "...), f.path...), " OK\n"...)
		reply = append(b.script.append(reply, f.key, 1), '\n')
		r, n, err := STTP{}.Parse(reply, op)
		var wrong, failed string
		wrong, failed, spare = b.judge(&f, r, spare)
		if err != nil || n != len(reply) || wrong+failed != "" {
			t.Fatal(err, n, wrong, failed)
		}
		record.add(&ended{action: f.action, counted: true, response: 1e6, service: 1e6, lag: 10})
	}
	cycle()
	if n := testing.AllocsPerRun(1000, cycle); n > 0 {
		t.Errorf("%v allocations, want none", n)
	}
}
