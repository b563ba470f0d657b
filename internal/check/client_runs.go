package check

import (
	"fmt"
	"math/rand/v2"
	"net"
	"runtime"
	"strings"
	"time"
)

// clientPath is the path that most cases of clients use.
const clientPath = "/notes/milk.txt"

// runSends calls the client in each of these ways, with HOST and PORT for those
// of the server, and wants this one request.
func runSends(want string, calls ...[]string) func(*T) {
	return func(t *T) {
		p := t.play(answering(obey))
		defer p.close()
		for _, args := range calls {
			t.wantRequest(p, t.call(p.fill(args)...), want)
		}
	}
}

// fill puts in where the server is.
func (p *played) fill(args []string) []string {
	var filled []string
	for _, arg := range args {
		filled = append(filled, strings.NewReplacer("HOST", "127.0.0.1", "PORT", p.port()).Replace(arg))
	}
	return filled
}

// runDefaultPort calls the client without a port, with HOST for an address at
// which a server listens on port 8080.
func runDefaultPort(args ...string) func(*T) {
	return func(t *T) {
		l := t.listenOnDefaultPort()
		p := t.playOn(answering(obey), l)
		defer p.close()
		t.wantRequest(p, t.call(p.fillHost(args, l)...), "SHOW "+clientPath)
	}
}

func (p *played) fillHost(args []string, l net.Listener) []string {
	host, _, _ := net.SplitHostPort(l.Addr().String())
	var filled []string
	for _, arg := range args {
		filled = append(filled, strings.ReplaceAll(arg, "HOST", host))
	}
	return filled
}

// listenOnDefaultPort listens on port 8080 of an address that nobody else uses:
// on Linux all of 127.0.0.0/8 is this machine.
func (t *T) listenOnDefaultPort() net.Listener {
	var failed error
	for range 8 {
		host := "127.0.0.1"
		if runtime.GOOS == "linux" {
			host = fmt.Sprintf("127.%d.%d.%d", 1+rand.IntN(254), rand.IntN(256), 1+rand.IntN(254))
		}
		l, err := net.Listen("tcp", host+":8080")
		if err == nil {
			return l
		}
		failed = err
	}
	t.Untested("the checker cannot listen on port 8080: %s; is a server running there?", plainError(failed))
	return nil
}

// runPipelining looks at what the client sends before it has the reply.
func runPipelining(t *T) {
	p := t.play(func(v *visit) {
		line, ok := v.line()
		if !ok {
			return
		}
		v.early = v.sessionEnd(settle)
		v.Send(obey(line))
		v.leave(patience)
	})
	defer p.close()
	c := t.call("show", p.url(clientPath))
	before := notAtAll
	for _, v := range p.heard() {
		if v.early != notAtAll && v.text() != "" {
			before = v.early
		}
	}
	t.wantGoodExit(c, "the server answers as it should")
	t.Chose("one request for each call; before the reply %s follows it", before)
}

// runNobody calls the client with a port where nobody listens.
func runNobody(t *T) {
	p := t.play(answering(obey))
	p.close()
	c := t.call("show", p.url(clientPath))
	t.wantBadExit(c, "nobody listens at that port")
	t.wantWord(c)
}

// silenceLimit is how long a client waits at most for a server that says nothing.
const silenceLimit = 15 * time.Second

func runSilence(t *T) {
	over := make(chan struct{})
	p := t.play(func(v *visit) {
		v.line()
		<-over
	})
	defer p.close()
	defer close(over)
	c := t.callWithin(silenceLimit, "show", p.url(clientPath))
	t.wantEnded(c, silenceLimit)
	t.wantBadExit(c, "no reply came")
}

func runHelp(t *T) {
	p := t.play(answering(obey))
	defer p.close()
	for _, flag := range []string{"-h", "--help"} {
		c := t.call(flag)
		if strings.TrimSpace(c.said()) == "" {
			t.Fail(NotShown, "%s prints nothing (%s)", flag, c.explain())
		}
		if t.Strict() {
			t.wantGoodExit(c, flag+" was all that was asked")
		}
	}
}

// wantWord ends the case unless the client tells of a failure. In profile guide
// it may do so on standard output.
func (t *T) wantWord(c called) {
	text := c.stderr
	if !t.Strict() {
		text = c.said()
	}
	if strings.TrimSpace(text) == "" {
		t.Fail(NothingSaid, "the client tells nothing of the failure on standard error")
	}
}

// runEnd looks at how the client ends its session.
func runEnd(t *T) {
	p := t.play(func(v *visit) {
		if line, ok := v.line(); ok {
			v.Send(obey(line))
			v.leave(t.timeout)
		}
	})
	defer p.close()
	c := t.call("show", p.url(clientPath))
	for _, v := range p.heard() {
		switch {
		case v.last == byReset:
			t.Fail(WasReset, "the client resets the connection")
		case v.last == notAtAll:
			t.Fail(LeftOpen, "the client sends neither an empty line nor the end of its side within %v", t.timeout)
		case v.last != "" && c.exit != 0:
			t.Fail(LeftOpen, "the client has the reply and fails, as one does that waits for the server to close and has not ended the session (%s)", c.explain())
		case v.last != "":
			return
		}
	}
	t.Fail(NothingSent, "no request came (%s)", c.explain())
}

// runStay looks whether the client is still there when the server closes.
func runStay(t *T) {
	p := t.play(func(v *visit) {
		line, ok := v.line()
		if !ok {
			return
		}
		v.Send(obey(line))
		v.sessionEnd(t.timeout)
		t.sleep(4 * settle)
		v.close()
	})
	defer p.close()
	c := t.call("show", p.url(clientPath))
	for _, v := range p.heard() {
		if !v.closed.IsZero() && c.ended.Before(v.closed) {
			t.Fail(LeftEarly, "the client had ended %v before the server closed the connection", v.closed.Sub(c.ended).Round(time.Millisecond))
		}
	}
}

// runBadPaths calls the client with URLs of paths that no request can hold.
func runBadPaths(action string, paths ...string) func(*T) {
	return func(t *T) {
		p := t.play(alwaysAnswering("300 - CLIENT ERROR \"this path is not valid\"\n"))
		defer p.close()
		for _, path := range paths {
			path = t.Expand(path)
			t.call(action, p.url(path))
			t.wantNoBadPath(p, path)
		}
	}
}

// runBadPathForm is runBadPaths for paths and for the older form, which could
// leave out the / at the beginning.
func runBadPathForm(t *T) {
	runBadPaths("show", "", "//milk.txt", "/notes//milk.txt", `/notes\milk.txt`, "/notes/%5Cmilk.txt",
		"/notes/milk.txt?q=1", "/notes/%3Fmilk.txt", "/.milk.txt", "/../milk.txt", "/notes/./milk.txt", "/notes/%2e%2e/milk.txt")(t)
	p := t.play(alwaysAnswering("300 - CLIENT ERROR \"this path is not valid\"\n"))
	defer p.close()
	t.call("-a", "127.0.0.1", "-p", p.port(), "show", "notes/milk.txt")
	t.wantNoBadPath(p, "notes/milk.txt")
}

func runBadLengths(t *T) {
	runBadPaths("show", "/{a*256}/milk.txt", "/{abcdefg/*128}milk.txt")(t)
	runBadPaths("list", "/{a*256}", "/{a*256}/", "/{abcdefg/*129}")(t)
}

// runBadContents calls the client with contents that no request can hold. In
// profile guide only the first of them is tried.
func runBadContents(rule string, texts ...string) func(*T) {
	return func(t *T) {
		p := t.play(alwaysAnswering("300 " + clientPath + " CLIENT ERROR \"these contents are not valid\"\n"))
		defer p.close()
		if !t.Strict() {
			texts = texts[:1]
		}
		for _, text := range texts {
			text = t.Expand(text)
			t.call("create", p.url(clientPath), text)
			t.wantNothingSent(p, text, rule)
		}
	}
}

// runShown wants to see the contents line that a server answers.
func runShown(contents ...string) func(*T) {
	return func(t *T) {
		for _, text := range contents {
			p := t.play(alwaysAnswering("200 " + clientPath + " OK\n" + text + "\n"))
			c := t.call("show", p.url(clientPath))
			p.close()
			t.wantShown(c, text)
		}
	}
}

func (t *T) wantShown(c called, text string) {
	if !strings.Contains(c.said(), text) {
		t.FailWith(&Problem{Symptom: NotShown, Says: fmt.Sprintf("the server answers %q, which the client does not print as it stands", text), Expected: text, Got: c.said()})
	}
}

func runPlainShown(t *T) {
	p := t.play(answering(obey))
	defer p.close()
	t.wantShown(t.call("show", p.url(clientPath)), obeyContents)
	c := t.call("list", p.url("/notes"))
	for _, name := range obeyNames {
		t.wantShown(c, name)
	}
}

func runSuccess(t *T) {
	p := t.play(answering(obey))
	defer p.close()
	for _, args := range [][]string{{"create", clientPath, "Buy milk"}, {"show", clientPath}, {"list", "/notes"}, {"update", clientPath, "Buy tea"}, {"delete", clientPath}} {
		args[1] = p.url(args[1])
		c := t.call(args...)
		t.wantGoodExit(c, "the server has carried out "+strings.ToUpper(args[0]))
		if args[0] == "show" && !strings.Contains(c.stdout, obeyContents) {
			t.Fail(NotShown, "the contents are not on standard output")
		}
	}
}

// runContents wants each of the texts to be sent so that it is stored exactly.
func runContents(texts ...string) func(*T) {
	return func(t *T) {
		p := t.play(answering(obey))
		defer p.close()
		for i, text := range texts {
			text = t.Expand(text)
			action := []string{"create", "update"}[i%2]
			c := t.call(action, p.url(clientPath), text)
			t.wantContents(p, c, strings.ToUpper(action), clientPath, text)
		}
	}
}

func runBare(t *T) {
	p := t.play(answering(obey))
	defer p.close()
	for _, text := range []string{"Buy milk", `say "hi"`, `it's`, `C:\temp\`, `5" disk"`, "milk, bread; tea"} {
		c := t.call("create", p.url(clientPath), text)
		if t.wantContents(p, c, "CREATE", clientPath, text) {
			t.Fail(Unexpected, "%q is sent in quotes, and could stand bare", text)
		}
	}
}

// runTerminal looks at what the client prints to a terminal.
func runTerminal(t *T) {
	shown := func(args []string, reply string, words, raw []string) {
		p := t.play(alwaysAnswering(reply))
		defer p.close()
		c := t.callOnTerminal(p.fill(args)...)
		for _, r := range raw {
			if at := strings.Index(c.stdout, r); at >= 0 {
				t.FailWith(&Problem{Symptom: PrintedRaw, Says: fmt.Sprintf("%+q is printed to the terminal as it came", r), Got: c.stdout, At: at})
			}
		}
		for _, w := range words {
			if !strings.Contains(c.stdout, w) {
				t.FailWith(&Problem{Symptom: NotShown, Says: fmt.Sprintf("%q is not printed to the terminal", w), Got: c.stdout})
			}
		}
	}
	show := []string{"show", "sttp://HOST:PORT" + clientPath}
	ok := "200 " + clientPath + " OK\n"
	shown(show, ok+"milk\u202etao\u200bbread\n", []string{"milk", "bread"}, []string{"\u202e", "\u200b"})
	shown(show, ok+"milk\x1b]2;owned\abread\u009b31mtea\x7f\n", nil, []string{"\x1b]2;owned", "\a", "\u009b31m", "tea\x7f"})
	shown([]string{"list", "sttp://HOST:PORT/notes"}, "200 /notes OK\nmilk\x1b[2Jbread.txt, \u202etxt.aet\n", nil, []string{"milk\x1b[2J", "\u202e"})
	shown(show, "300 "+clientPath+" CLIENT ERROR \"no \x1b]2;owned\aoat\u202e\"\n", nil, []string{"\x1b]2;owned", "\a", "\u202e"})
}

// runNoRepetition takes a change and gives no reply.
func runNoRepetition(t *T) {
	ends := map[string]func(*visit){
		"the connection was closed": func(v *visit) { v.close() },
		"the connection was reset":  func(v *visit) { v.Abort() },
	}
	for how, end := range ends {
		p := t.play(func(v *visit) {
			if _, ok := v.line(); ok {
				end(v)
			}
		})
		defer p.close()
		for _, args := range [][]string{{"create", p.url(clientPath), "Buy milk"}, {"update", p.url(clientPath), "Buy milk"}, {"delete", p.url(clientPath)}} {
			t.call(args...)
			n := 0
			for _, v := range p.heard() {
				n += strings.Count(v.text(), strings.ToUpper(args[0])+" ")
			}
			if n > 1 {
				t.Fail(SentAgain, "%s was sent %d times: %s before there was a reply", strings.ToUpper(args[0]), n, how)
			}
		}
	}
}

// runError wants the client to take each reply to a SHOW for an error.
func runError(replies ...string) func(*T) {
	return func(t *T) {
		for _, reply := range replies {
			p := t.play(alwaysAnswering(reply))
			c := t.call("show", p.url(clientPath))
			p.close()
			t.wantBadExit(c, fmt.Sprintf("%q came as the reply", reply))
		}
	}
}

// refusals are a request and its refusals.
var refusals = []struct{ action, reply string }{
	{"create", "300 " + clientPath + " CLIENT ERROR \"the file exists, UPDATE replaces it\"\n"},
	{"show", "310 " + clientPath + " FILENAME TOO LONG\n"},
	{"show", "400 " + clientPath + " NOT FOUND\n"},
	{"delete", "410 /notes/ PATH NOT FOUND\n"},
	{"update", "500 " + clientPath + " SERVER ERROR \"no space\"\n"},
	{"create", "510 /notes/ CANNOT CREATE PATH\n"},
	{"show", "500 - SERVER ERROR \"too many connections\"\n"},
}

func runRefusals(t *T) {
	for _, r := range refusals {
		p := t.play(alwaysAnswering(r.reply))
		args := []string{r.action, p.url(clientPath)}
		if r.action == "create" || r.action == "update" {
			args = append(args, "Buy milk")
		}
		c := t.call(args...)
		p.close()
		t.wantBadExit(c, "the server answers "+strings.TrimSpace(r.reply))
		t.wantWord(c)
	}
}

func runOutOfStep(t *T) {
	for _, x := range [][]string{
		{"200 /notes/other.txt OK\nnot yours\n", "show"},
		{"100 /notes/other.txt CREATED\n", "create", "Buy milk"},
		{"600 /milk.txt DELETED\n", "delete"},
	} {
		p := t.play(alwaysAnswering(x[0]))
		args := append([]string{x[1], p.url(clientPath)}, x[2:]...)
		c := t.call(args...)
		p.close()
		status, _, _ := strings.Cut(x[0], "\n")
		t.wantBadExit(c, fmt.Sprintf("%q answers a request about %s", status, clientPath))
	}
}

// runMessages wants the same exit code whatever the message is.
func runMessages(t *T) {
	for _, start := range []string{"300 " + clientPath + " CLIENT ERROR ", "500 " + clientPath + " SERVER ERROR "} {
		first := -1
		for _, message := range []string{`"the file exists, use UPDATE"`, `""`, `"Datei vorhanden"`, `"100 /a.txt CREATED"`, `"NOT FOUND"`, `"the outcome is unknown"`, `"say \"hi\" \\"`} {
			p := t.play(alwaysAnswering(start + message + "\n"))
			c := t.call("create", p.url(clientPath), "Buy milk")
			p.close()
			if first < 0 {
				first = c.exit
			}
			if c.exit != first {
				t.Fail(WrongExit, "the exit code is %d with the message %s, and %d with another one", c.exit, message, first)
			}
		}
	}
}

// floodMost is how much of a line without an end a client may take. It is far more
// than any reply has, since the buffers of the system take some of it.
const floodMost = 32 << 20

// runFlood sends lines without an end.
func runFlood(t *T) {
	for what, start := range map[string]string{"status line": "200 ", "contents line": "200 /notes OK\n"} {
		p := t.play(func(v *visit) {
			if _, ok := v.line(); ok {
				v.Send(start)
				v.flood("/notes/milk.txt,", floodMost)
			}
		})
		defer p.close()
		c := t.callWithin(callLimit, "list", p.url("/notes"))
		for _, v := range p.heard() {
			t.Note("the client took %d KiB of the %s", v.taken>>10, what)
			if v.taken >= floodMost {
				t.Fail(Unbounded, "the client took %d MiB of a %s without an end", floodMost>>20, what)
			}
		}
		t.wantEnded(c, callLimit)
		t.wantBadExit(c, "the "+what+" has no end")
	}
}

// runLongList answers a LIST with as much as a client has to accept.
func runLongList(t *T) {
	var names []string
	for i := range 30840 {
		names = append(names, fmt.Sprintf("snippet-number-%05d-of-many.txt", i))
	}
	names = append(names, "the-last-one.txt") // 1,048,576 bytes with commas and spaces
	p := t.play(alwaysAnswering("200 /notes OK\n" + strings.Join(names, ", ") + "\n"))
	defer p.close()
	c := t.call("list", p.url("/notes"))
	t.wantGoodExit(c, "the contents line has no more than 1 MiB")
	printed := map[string]bool{}
	for _, word := range strings.FieldsFunc(c.said(), func(r rune) bool { return r != '-' && !isPlain(r) }) {
		printed[word] = true
	}
	for i, name := range names {
		if !printed[name] {
			t.Fail(NotShown, "the list of %d names is not printed as a whole: number %d is missing", len(names), i+1)
		}
	}
}
