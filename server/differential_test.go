package server_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sttp"
	"sttp/internal/service"
	"sttp/server"
	"sttp/store/files"
)

// Random lines get the same replies from a session and from the reference,
// however their bytes are cut and although the buffer that they arrive in is
// used again. Shows [2.1-3] [2.1-5] [2.1-6] [2.4-3] [7.1-1] of docs/protocol.md.
func TestASessionAnswersAsTheReferenceDoes(t *testing.T) {
	store, err := files.Open(t.TempDir(), files.Options{Durability: files.Async})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	service := service.New(store, slog.New(slog.DiscardHandler))
	// One after the other: side by side, 400 and 410 may depend on neighbours.
	h := handlerFunc(func(req sttp.Request) sttp.Response { return service.Handle(t.Context(), req) })
	stored := map[string]string{}
	flushed, ended := 0, 0
	for seed := range uint64(30) {
		random := rand.New(rand.NewPCG(seed, 1))
		lines := randomLines(random, 1+random.IntN(300))
		if seed == 0 {
			lines = longNames(200) // what LISTs of /long are long with
		}
		ref := &reference{files: stored}
		for _, line := range lines {
			ref.answer(line)
		}
		f := &fed{session: server.NewSession(h), random: random}
		f.feed(strings.Join(lines, "\n") + "\n")
		got := repliesIn(t, f.out.String())
		for i, want := range ref.replies { // each answers the line with its number
			if i == len(got) || got[i] != want {
				t.Fatalf("seed %d: of\n%.1000q\nthe last is not answered as the reference does:\n%.1000q", seed, lines[max(0, i-20):i+1],
					slices.Concat(got[min(i, len(got)):min(i+1, len(got))], []string{want}))
			}
		}
		if len(got) != len(ref.replies) || (f.end != "") != ref.ended {
			t.Fatalf("seed %d: there are %d replies and the end %q, want %d and %v", seed, len(got), f.end, len(ref.replies), ref.ended)
		}
		flushed += f.flushed
		if ref.ended {
			ended++
		}
	}
	if flushed < 5 || ended < 5 {
		t.Errorf("only %d times there were more replies than are held, and only %d sessions ended", flushed, ended)
	}
}

// fed feeds a session as a connection does.
type fed struct {
	session *server.Session
	random  *rand.Rand
	out     strings.Builder
	end     string
	flushed int // how often replies had to be sent before all lines were answered
}

// feed lets data arrive in chunks of random sizes.
func (f *fed) feed(data string) {
	buffer, pending := make([]byte, 16<<10), 0
	most := []int{3, 100, 3000, len(buffer)}[f.random.IntN(4)]
	for f.end == "" && data != "" {
		n := copy(buffer[pending:], data[:min(len(data), 1+f.random.IntN(most))])
		data, pending = data[n:], pending+n
		used := f.answer(buffer[:pending])
		for i := range used {
			buffer[i] = '#' // nothing may borrow it any more
		}
		pending = copy(buffer, buffer[used:pending])
	}
}

// answer has the lines in pending answered. As long as there are replies that
// wait, the bytes stay as they are.
func (f *fed) answer(pending []byte) (used int) {
	for {
		out, n, end := f.session.Feed(pending[used:])
		f.out.Write(out)
		used += n
		f.end = end
		if len(out) < server.FlushAt || end != "" {
			return used
		}
		f.flushed++
	}
}

var statusLine = regexp.MustCompile(`^((?:[12346]00|[345]10) \S+) [A-Z ]+[A-Z]$|^([35]00 \S+) (?:CLIENT|SERVER) ERROR "(?:[^"\\\pC]|\\["\\])*"$`)

// repliesIn returns the replies in out as the reference has them.
func repliesIn(t *testing.T, out string) (replies []string) {
	for out != "" {
		line, rest, _ := strings.Cut(out, "\n")
		m := statusLine.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("this is no status line: %q", line)
		}
		reply := m[1] + m[2]
		if strings.HasPrefix(line, "200 ") {
			var contents string
			contents, rest, _ = strings.Cut(rest, "\n")
			reply += "\n" + contents
		}
		replies = append(replies, reply)
		out = rest
	}
	return replies
}

// longNames returns the lines that fill the directory /long.
func longNames(n int) (lines []string) {
	for i := range n {
		lines = append(lines, fmt.Sprintf("CREATE /long/%03d%s x", i, strings.Repeat("😀", 29)))
	}
	return lines
}

func randomLines(random *rand.Rand, n int) []string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = randomLine(random)
	}
	return lines
}

// randomLine returns a request, right more often than not; rarely it ends the session.
func randomLine(random *rand.Rand) string {
	pick := func(of []string) string { return of[random.IntN(len(of))] }
	switch n := random.IntN(200); {
	case n == 0:
		return pick(lastLines)
	case n < 6:
		return pick(oddLines)
	}
	action := pick([]string{"CREATE", "CREATE", "UPDATE", "SHOW", "SHOW", "LIST", "DELETE"})
	path := pick([]string{"/a", "/b", "/d/a", "/d/b", "/d/e/a", "/d/e/b", "/d/e", "/d", "/a/b"})
	switch n := random.IntN(100); {
	case n < 5:
		path = pick(oddPaths)
	case action == "LIST" && n < 60:
		path = pick([]string{"/long", "/long/", "/"})
	}
	line := action + " " + path
	if (action == "CREATE" || action == "UPDATE") != (random.IntN(20) == 0) {
		line += strings.Repeat(" ", 1+random.IntN(2)) + randomText(random)
	}
	return line + pick([]string{"", "", "", "", "\r", " ", "  \r"})
}

func randomText(random *rand.Rand) string {
	switch random.IntN(8) {
	case 0:
		return oddTexts[random.IntN(len(oddTexts))]
	case 1:
		parts := []string{`"`, `\`, `\"`, `\\`, " ", "x", "\t", "é", `\n`}
		text := `"`
		for range random.IntN(8) {
			text += parts[random.IntN(len(parts))]
		}
		return text + `"`
	}
	return fmt.Sprint("text ", random.IntN(1000))
}

var (
	lastLines = []string{"", "\r", "hOsT: x", "HOST:", strings.Repeat("x", 8193), "SHOW /a" + strings.Repeat(" ", 8185) + "\r"}
	oddLines  = []string{" ", "\r\r", "  \r", " SHOW /a", "show /a", "SHOW", "SHOW ", "SHOW  /a", "LIST", "Host", "FETCH /d/e x y",
		"GET / HTTP/1.1", "GETX /a", "PUT", "DELETE /a HTTP/1.1", "SHOW\t/a", "ſHOW /a", "Hosts: x", "\x00", "CREATE /a   ",
		strings.Repeat(" ", 8192), "SHOW /a" + strings.Repeat(" ", 8185), "SHOW /a" + strings.Repeat(" ", 8184) + "\r", "LIST /" + strings.Repeat("x", 8000)}
	oddPaths = []string{"//", "/d//b", "/.a", "/d/.b", "/d/../a", "/a?b", `/a\b`, "a", "", "-", "/a\u00a0b", "/\xff", "/a\x7f", "/\u200d", "/\u2028",
		"/\u180e", "/\U000e0001", "/\u0378", "/\ufffd", "/\u0085", "/\t", "/a\rb", "/...", "/a/", "/d/e/", "sttp://h/a", "/é/é", "/m%69lk", "/a-b",
		"/" + strings.Repeat("n", 33), "/" + strings.Repeat("é", 32), "/x/" + strings.Repeat("é", 33), "/" + strings.Repeat("d", 255) + "/a",
		"/" + strings.Repeat("d", 256), "/" + strings.Repeat("d", 256) + "/a", strings.Repeat("/ab", 341) + "/", strings.Repeat("/ab", 341) + "/a"}
	oddTexts = []string{strings.Repeat("é", 160), strings.Repeat("é", 161), `"` + strings.Repeat(`\"`, 160) + `"`, `"` + strings.Repeat(`\"`, 161) + `"`,
		"\x00", "x\ry", "\u0085", "\xff", "\xed\xa0\x80", "a\u202eb", "\ufffd", "\u2028", `"`, `""`, `"x`, `x"`, `"one" and "two"`, `"  x  "`}
)
