package check

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// A client is checked the other way round: the checker plays a server, calls
// the client as the guide has it, and looks at what the server received and at
// what the client printed.

const (
	// callLimit is how long a client may take for one call.
	callLimit = 5 * time.Second
	// patience is how long a server that is played waits for a client to end its
	// session. It then closes by itself, since some clients wait for that.
	patience = 300 * time.Millisecond
	// maxPrinted bounds what is kept of what a client prints: four times what a
	// LIST may answer.
	maxPrinted = 4 << 20
	// maxNoted bounds what a report shows of it.
	maxNoted = 400
)

// called is what came of one call of the client.
type called struct {
	exit           int // -1 if a signal ended it
	stdout, stderr string
	inTime         bool // it ended by itself
	ended          time.Time
}

// said is all that the client printed.
func (c called) said() string { return c.stdout + c.stderr }

// explain tells for a report how the call ended.
func (c called) explain() string {
	text := fmt.Sprintf("exit code %d", c.exit)
	if first, _, _ := strings.Cut(strings.TrimSpace(c.stderr), "\n"); first != "" {
		text += fmt.Sprintf(", and it says %.200q", first)
	}
	return text
}

// call calls the client, and ends the case unless it ends by itself and in
// time.
func (t *T) call(args ...string) called {
	limit := max(callLimit, t.timeout)
	c := t.callWithin(limit, args...)
	t.wantEnded(c, limit)
	return c
}

func (t *T) wantEnded(c called, limit time.Duration) {
	switch {
	case !c.inTime:
		t.Fail(ClientHangs, "the client has not ended within %v", limit)
	case c.exit < 0:
		t.Fail(ClientCrashed, "the client was ended by a signal")
	}
}

// callWithin calls the client, and ends it by force if it takes longer.
func (t *T) callWithin(limit time.Duration, args ...string) called {
	var stdout, stderr printedText
	return t.start(limit, args, func(cmd *exec.Cmd) (func(), error) {
		ownGroup(cmd)
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		return func() {}, cmd.Start()
	}, &stdout, &stderr)
}

// callOnTerminal is call with a terminal for the client's standard input,
// output and error. What it prints is taken together.
func (t *T) callOnTerminal(args ...string) called {
	var printed, none printedText
	c := t.start(callLimit, args, func(cmd *exec.Cmd) (func(), error) {
		return startOnTerminal(cmd, &printed)
	}, &printed, &none)
	t.wantEnded(c, callLimit)
	return c
}

// start runs the client. begin starts the command and returns a function that
// waits for the rest of what is printed.
func (t *T) start(limit time.Duration, args []string, begin func(*exec.Cmd) (func(), error), stdout, stderr *printedText) called {
	ctx, cancel := context.WithTimeout(t.ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "/bin/sh", append([]string{"-c", "exec " + t.run.opts.Client + ` "$@"`, "sttp-check"}, args...)...)
	cmd.Cancel = func() error { return endGroup(cmd) }
	cmd.WaitDelay = time.Second
	t.Note("$ %s", commandLine("CLIENT", args))
	rest, err := begin(cmd)
	if err != nil {
		t.Untested("the client cannot be started: %v", err)
	}
	err = cmd.Wait()
	c := called{exit: cmd.ProcessState.ExitCode(), inTime: ctx.Err() == nil, ended: time.Now()}
	endGroup(cmd) // whatever it has left running
	rest()
	c.stdout, c.stderr = stdout.text(), stderr.text()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && c.inTime {
		t.Note("the client left a program running that kept its output open")
	}
	t.noteEnd(c)
	if c.exit == 126 || c.exit == 127 {
		t.Untested("the client cannot be started: %s", c.explain())
	}
	return c
}

func (t *T) noteEnd(c called) {
	text := fmt.Sprintf("exit code %d", c.exit)
	if !c.inTime {
		text = "the client was ended by force"
	}
	if c.stdout != "" {
		text += "; stdout: " + c.stdout[:min(len(c.stdout), maxNoted)]
	}
	if c.stderr != "" {
		text += "; stderr: " + c.stderr[:min(len(c.stderr), maxNoted)]
	}
	t.Note("%s", text)
}

// printedText keeps the beginning of what is written to it.
type printedText struct {
	mu  sync.Mutex
	buf []byte
}

func (b *printedText) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.buf = append(b.buf, p[:min(len(p), maxPrinted-len(b.buf))]...)
	return len(p), nil
}

func (b *printedText) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.buf)
}

// commandLine returns a command as it is typed into a shell.
func commandLine(command string, args []string) string {
	line := command
	for _, arg := range args {
		switch {
		case strings.ContainsFunc(arg, unicode.IsControl) || !utf8.ValidString(arg):
			arg = `"$(printf ` + printfQuote(arg) + `)"`
		case arg == "" || strings.ContainsFunc(arg, func(r rune) bool { return !isPlain(r) }):
			arg = "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
		}
		line += " " + arg
	}
	return line
}

// isPlain tells whether a shell takes r as it stands, wherever.
func isPlain(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-_./:", r)
}

// played is a server that the checker plays. Every connection has a goroutine,
// which carries out the script.
type played struct {
	t         *T
	script    func(*visit)
	listeners []net.Listener
	accepting sync.WaitGroup

	mu     sync.Mutex
	visits []*visit                 // those that heard has not taken yet
	all    []*visit                 // those of the whole case
	own    map[string]chan struct{} // connections of the checker's own, by their address
}

// play starts a server on a free port of this machine. Whoever calls it closes
// it.
func (t *T) play(script func(*visit)) *played {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Untested("no port to listen on: %s", plainError(err))
	}
	// A client that asks for localhost may try IPv6 first, and some try nothing
	// else.
	if six, err := net.Listen("tcp", fmt.Sprintf("[::1]:%d", l.Addr().(*net.TCPAddr).Port)); err == nil {
		return t.playOn(script, l, six)
	}
	return t.playOn(script, l)
}

// playOn is play with listeners that are there already.
func (t *T) playOn(script func(*visit), listeners ...net.Listener) *played {
	p := &played{t: t, script: script, listeners: listeners, own: map[string]chan struct{}{}}
	for _, l := range listeners {
		p.accepting.Go(func() { p.accept(l) })
	}
	return p
}

// url returns the URL of a path on the server.
func (p *played) url(path string) string { return "sttp://127.0.0.1:" + p.port() + path }

func (p *played) port() string {
	return strconv.Itoa(p.listeners[0].Addr().(*net.TCPAddr).Port)
}

func (p *played) accept(l net.Listener) {
	for {
		nc, err := l.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		if accepted, ours := p.own[nc.RemoteAddr().String()]; ours {
			p.mu.Unlock()
			nc.Close()
			close(accepted)
			continue
		}
		v := &visit{Conn: p.t.adopt(nc.(*net.TCPConn)), over: make(chan struct{})}
		p.visits, p.all = append(p.visits, v), append(p.all, v)
		p.mu.Unlock()
		go func() {
			defer close(v.over)
			defer v.Close()
			p.script(v)
		}()
	}
}

// adopt makes a Conn of a connection that a client has opened.
func (t *T) adopt(tcp *net.TCPConn) *Conn {
	c := &Conn{t: t, tcp: tcp}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.conns = append(t.conns, c)
	c.number = len(t.conns)
	return c
}

// heard returns what the client did on its connections since heard was called
// last. It is called when the client has ended.
func (p *played) heard() []*visit {
	for _, l := range p.listeners {
		p.drain(l)
	}
	p.mu.Lock()
	visits := p.visits
	p.visits = nil
	p.mu.Unlock()
	for _, v := range visits {
		<-v.over
	}
	return visits
}

// drain waits until every connection that was there before is accepted: it
// opens one of its own, which comes after them.
func (p *played) drain(l net.Listener) {
	p.mu.Lock()
	dialer := net.Dialer{Deadline: p.t.deadline(p.t.timeout)}
	nc, err := dialer.DialContext(p.t.ctx, "tcp", l.Addr().String())
	if err != nil {
		p.mu.Unlock()
		return
	}
	defer nc.Close()
	accepted := make(chan struct{})
	p.own[nc.LocalAddr().String()] = accepted
	p.mu.Unlock()
	select {
	case <-accepted:
	case <-p.t.ctx.Done():
	}
}

// close ends the server and waits for all its goroutines.
func (p *played) close() {
	for _, l := range p.listeners {
		l.Close()
	}
	p.accepting.Wait()
	for _, v := range p.all {
		v.Close()
		<-v.over
	}
}

// visit is a connection of a client to a server that is played. What it has
// received stays in got.
type visit struct {
	*Conn
	over   chan struct{} // closed when the script has been carried out
	last   string        // how the session ended: see sessionEnd
	early  string        // the same before there was a reply, if a case looks
	closed time.Time     // when the server ended its side
	taken  int           // how much of a flood it took
}

// text is all that the client sent. It is for use after the visit.
func (v *visit) text() string { return string(v.got) }

// line waits for a line and returns it without its LF.
func (v *visit) line() (string, bool) {
	until := v.t.deadline(callLimit)
	for {
		if line, _, found := strings.Cut(string(v.got), "\n"); found {
			return line, true
		}
		if v.fill(until) != nil {
			return "", false
		}
	}
}

// The ways in which a client ends its session.
const (
	byEmptyLine = "an empty line"
	byEnd       = "the end of what it sends"
	byReset     = "a reset"
	notAtAll    = "nothing"
)

// sessionEnd waits for the client to end its session, and tells how it does.
func (v *visit) sessionEnd(wait time.Duration) string {
	until := v.t.deadline(wait)
	for {
		if _, rest, _ := strings.Cut(string(v.got), "\n"); strings.HasPrefix(rest, "\n") || strings.HasPrefix(rest, "\r\n") {
			return byEmptyLine
		}
		if err := v.fill(until); err != nil {
			switch endOf(err) {
			case Closed:
				return byEnd
			case Reset:
				return byReset
			}
			return notAtAll
		}
	}
}

// leave ends the session in order: it waits for the client to end it, at most
// for so long, ends the server's side, and waits for the client to close.
func (v *visit) leave(wait time.Duration) {
	v.last = v.sessionEnd(wait)
	v.close()
}

// close ends the server's side and waits for the client to close.
func (v *visit) close() {
	v.closed = time.Now()
	v.tcp.CloseWrite()
	until := v.t.deadline(time.Second)
	for v.fill(until) == nil {
	}
}

// answering is the script of a server that answers the first line of a connection
// with what reply returns.
func answering(reply func(line string) string) func(*visit) {
	return func(v *visit) {
		line, ok := v.line()
		if !ok {
			return
		}
		v.Send(reply(line))
		v.leave(patience)
	}
}

// alwaysAnswering is answering with the same reply to whatever comes.
func alwaysAnswering(reply string) func(*visit) {
	return answering(func(string) string { return reply })
}

// obey answers as a server does that can do whatever it is asked, and on which
// every file holds the same.
func obey(line string) string {
	r := parseRequest(line)
	if r.fault != "" {
		return "300 - CLIENT ERROR \"this is no request\"\n"
	}
	switch r.action {
	case "CREATE":
		return "100 " + r.path + " CREATED\n"
	case "DELETE":
		return "600 " + r.path + " DELETED\n"
	case "UPDATE":
		return "200 " + r.path + " OK\n" + r.contents + "\n"
	case "LIST":
		return "200 " + r.path + " OK\n" + strings.Join(obeyNames, ", ") + "\n"
	}
	return "200 " + r.path + " OK\n" + obeyContents + "\n"
}

const obeyContents = "Buy oat milk"

var obeyNames = []string{"bread.txt", "milk.txt", "tea.txt"}

// flood sends text again and again until the client does not take it any more,
// or has taken that much.
func (v *visit) flood(text string, most int) {
	v.t.record(sent, v.number, text)
	v.t.record(note, v.number, "and so on, without an LF")
	block := strings.Repeat(text, 64<<10/len(text))
	for v.taken < most {
		v.tcp.SetWriteDeadline(v.t.deadline(callLimit))
		n, err := io.WriteString(v.tcp, block)
		if v.taken += n; err != nil {
			break
		}
	}
}

// reproduce returns the line for a shell that reproduces a case of the client
// that command starts.
func (c *Case) reproduce(command string) string {
	return strings.NewReplacer("CLIENT ERROR", "CLIENT ERROR", "CLIENT", command, "HOST", "127.0.0.1", "PORT", "9999").Replace(c.Netcat)
}
