package check

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"
	"unicode/utf16"
)

// junkCases send what is no text at all.
func junkCases() []Case {
	record := func(number, title, netcat string, text func(*rand.Rand) string) Case {
		return Case{
			ID: "STTP-2.1-JUNK-" + number, Title: title,
			Statements: []string{"2.1-3", "2.2-6", "2.3-4"}, Story: "robustness", Strict: Must, Guide: Robust, After: createAndShow,
			Accepts: "others are served; in profile strict every line of it is answered 300 with -, and the connection goes on",
			Netcat:  netcat, Run: junk(text),
			Hints: []Hint{
				{NotServed, "bytes that are no text have ended the server: decoding can fail, and indexing can be out of range; answer 300 to what cannot be read"},
				{ClosedEarly, "bytes that are no text are a wrong line like any other: answer 300 and go on with what is behind its LF"},
				{StaysOpen, "when the client ends its side, answer what is there and close"},
			},
		}
	}
	return []Case{
		record("001", "Random bytes harm nobody", `head -c 4000 /dev/urandom | nc -N HOST PORT`, randomJunk),
		record("002", "NULs harm nobody", `head -c 4000 /dev/zero | nc -N HOST PORT`, repeatedByte("\x00")),
		record("003", "Bytes that are in no UTF-8 text harm nobody", `head -c 4000 /dev/zero | tr '\0' '\377' | nc -N HOST PORT`, repeatedByte("\xff")),
		record("004", "A client that speaks UTF-16 harms nobody", `printf 'SHOW /a.txt\n' | iconv -t UTF-16LE | nc -N HOST PORT`, inUTF16),
		record("005", "A client that speaks TLS harms nobody", `openssl s_client -connect HOST:PORT </dev/null`, clientHello),
	}
}

// junk returns a case that sends text, and a line behind it that can be
// answered, and ends its side.
func junk(text func(*rand.Rand) string) func(*T) {
	return func(t *T) {
		c := t.Dial()
		sent := text(t.rand)
		want := junkReplies(sent)
		c.Send(sent + t.Expand("\nX {d}/next.txt\n"))
		c.Shut()
		if !t.Strict() {
			c.Rest(5 * settle)
			c.Close()
			stillWorks(t)
			return
		}
		if c.fill(t.deadline(t.timeout)) != nil {
			t.StillServed() // if nobody is, that is the worse news
		}
		wantReplies(t, c, sent, append(want, t.Expand(`300 {d}/next.txt CLIENT ERROR "…"`))...)
		c.Close()
		stillWorks(t)
	}
}

// junkReplies are the replies to text, in which no line is empty and none names a
// path.
func junkReplies(text string) (want []string) {
	for range strings.Split(text, "\n") {
		want = append(want, refusedReply)
	}
	return want
}

// harmlessJunk makes text out of any bytes that junkReplies knows the replies to.
func harmlessJunk(text string) string {
	text = strings.NewReplacer("/", "?", "\r", "?", ":", "?").Replace(text)
	for strings.Contains(text, "\n\n") {
		text = strings.ReplaceAll(text, "\n\n", "\n")
	}
	return "?" + text + "?"
}

func randomJunk(r *rand.Rand) string {
	b := make([]byte, 4000)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return harmlessJunk(string(b))
}

func repeatedByte(s string) func(*rand.Rand) string {
	return func(*rand.Rand) string { return strings.Repeat(s, 4000) }
}

// inUTF16 returns a request as a client sends it that writes UTF-16 and marks
// that with the usual first two bytes.
func inUTF16(*rand.Rand) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune("\ufeffSHOW /sttp.txt\n")) {
		b.Write([]byte{byte(u), byte(u >> 8)})
	}
	return b.String()
}

// clientHello returns the first bytes of a TLS client.
func clientHello(r *rand.Rand) string {
	random := make([]byte, 32)
	for i := range random {
		random[i] = byte(r.Uint32())
	}
	const (
		version    = "\x03\x03"
		session    = "\x00"
		ciphers    = "\x00\x06\x13\x01\x13\x02\xc0\x2b"
		methods    = "\x01\x00"
		groups     = "\x00\x0a\x00\x06\x00\x04\x00\x1d\x00\x17"
		versions   = "\x00\x2b\x00\x03\x02\x03\x04"
		extensions = groups + versions
	)
	body := version + harmlessJunk(string(random))[:32] + session + ciphers + methods + "\x00" + string(rune(len(extensions))) + extensions
	shake := "\x01\x00\x00" + string(rune(len(body))) + body
	return "\x16\x03\x01\x00" + string(rune(len(shake))) + shake
}

func floodCases() []Case {
	hints := []Hint{{NotServed, "what one client sends must not keep the others waiting or end the server: bound what is read for one line, and give each connection its own goroutine, thread or task"}}
	return []Case{
		{
			ID: "STTP-2.2-ROBUST-001", Title: "A line of 1 MiB without an end harms nobody",
			Statements: []string{"2.2-5"}, Story: "robustness", Strict: Must, Guide: Robust, After: createAndShow,
			Accepts: "others are served; in profile strict the connection ends, with one 300 at most that the client still sees",
			Netcat:  `(head -c 1048576 /dev/zero | tr '\0' x; sleep 2) | nc HOST PORT`,
			Hints:   hints, Run: veryLongLine,
		},
		{
			ID: "STTP-2.3-ROBUST-005", Title: "Ten thousand newlines end a session like one",
			Statements: []string{"2.3-1", "2.4-3"}, Story: "robustness", Strict: Must, Guide: Robust, After: createAndShow,
			Accepts: "others are served; in profile strict nothing is answered and the connection ends",
			Netcat:  `yes '' | head -n 10000 | nc HOST PORT`,
			Hints:   hints, Run: onlyNewlines,
		},
		{
			ID: "STTP-2.1-ROBUST-005", Title: "Five thousand tiny lines are answered one by one",
			Statements: []string{"2.1-3", "2.2-6"}, Story: "robustness", Strict: Must, Guide: Robust, After: createAndShow,
			Accepts: "others are served; in profile strict 5,000 replies of 300 with -",
			Netcat:  `(yes x | head -n 5000; echo) | nc HOST PORT | wc -l`,
			Hints:   hints, Run: tinyLines,
		},
		{
			ID: "STTP-2.1-ROBUST-006", Title: "A good client is served while many bad ones do their worst",
			Statements: []string{"2.1-8"}, Story: "robustness", Strict: Robust, Guide: Robust, After: createAndShow,
			Accepts: "every request of the good client is answered as always",
			Netcat:  `for i in $(seq 30); do (head -c 9000 /dev/urandom | nc HOST PORT) & done; printf 'CREATE /try/a.txt x\n\n' | nc HOST PORT`,
			Hints:   hints, Run: amongBadOnes, Limit: 10 * time.Second,
		},
	}
}

func veryLongLine(t *T) {
	c := t.Dial()
	for range 16 {
		if c.Send(strings.Repeat("x", 64<<10)) != nil {
			break // it has been refused already
		}
	}
	if t.Strict() {
		got, end := c.Rest(t.timeout)
		switch {
		case end == Open:
			t.Fail(StaysOpen, "a line of 1 MiB has come, and the connection is still open after %v", t.timeout)
		case got != "":
			t.Judge("x", got, end, refusedReply)
		}
	}
	c.Close()
	stillWorks(t)
}

func onlyNewlines(t *T) {
	c := t.Dial()
	c.Send(strings.Repeat("\n", 10000))
	if t.Strict() {
		switch got, end := c.Rest(t.timeout); {
		case got != "":
			t.unexpected(got, end)
		case end == Open:
			t.Fail(StaysOpen, "an empty line has come, and the connection is still open after %v", t.timeout)
		}
	}
	c.Close()
	stillWorks(t)
}

func tinyLines(t *T) {
	const n = 5000
	c := t.Dial()
	c.Send(strings.Repeat("x\n", n))
	if t.Strict() {
		for i := range n {
			got, end := c.Reply("x")
			if p := (exchange{request: "x", want: []string{refusedReply}}).judge(Strict, t.facts, got); p != nil {
				t.Note("this was reply %d", i+1)
				t.Judge("x", got, end, refusedReply)
			}
		}
		c.Shut()
		t.WantEnd(c)
	}
	c.Close()
	stillWorks(t)
}

// amongBadOnes does ordinary work while others do what must not matter.
func amongBadOnes(t *T) {
	const clients, acts = 8, 10
	var bad sync.WaitGroup
	defer bad.Wait()
	for range clients {
		r := rand.New(rand.NewPCG(t.rand.Uint64(), t.rand.Uint64()))
		t.Go(&bad, func() {
			for range acts {
				misbehave(t, r)
			}
		})
	}
	for i := range 20 {
		path := fmt.Sprintf("{d}/good%d.txt", i)
		t.Want("CREATE "+path+" Buy milk", "100 "+path+" CREATED")
		t.Want("SHOW "+path, "200 "+path+" OK", "Buy milk")
	}
	bad.Wait()
	stillWorks(t)
}

// misbehave is what one bad client does with one connection.
func misbehave(t *T, r *rand.Rand) {
	c, err := t.TryDial()
	if err != nil {
		return
	}
	line := t.Expand("SHOW {d}/nobody.txt\n")
	switch r.IntN(7) {
	case 0:
		c.Send(randomJunk(r))
	case 1:
		c.Send(line[:r.IntN(len(line))])
	case 2:
		c.Send(strings.Repeat(line, 100))
	case 3:
		c.Send(strings.Repeat("x", 20<<10))
	case 4:
		c.Send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
	case 5:
		c.Send("\n\n\n\n" + line)
	}
	t.sleep(time.Duration(r.IntN(20)) * time.Millisecond)
	if r.IntN(2) == 0 {
		c.Abort()
	} else {
		c.Close()
	}
}
