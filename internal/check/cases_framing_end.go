package check

import (
	"fmt"
	"time"
)

// sessionCases are of how a session ends: by an empty line, or with what the
// client sends.
func sessionCases() []Case {
	ends := []Hint{
		{StaysOpen, "an empty line ends the session: answer what came before it, then close the connection"},
		{ExtraBytes, "an empty line is no request and has no reply: just close"},
		{WasReset, "what the client has sent behind was still unread when the connection was closed, which may destroy replies: end the sending side, read and drop what comes, and only then close"},
	}
	atEnd := []Hint{
		{StaysOpen, "when a read says that the client has ended its sending side, answer what is complete and close the connection"},
		{ClosedEarly, "that the client sends no more does not mean that it reads no more: answer all complete lines, then close"},
		{ExtraBytes, "nothing is said to a client that has ended its sending side between two lines"},
	}
	session := func(c Case) Case {
		c.Story, c.Strict = "framing", Must
		return c
	}
	return []Case{
		session(Case{
			ID: "STTP-2.3-EMPTY-001", Title: "An empty line after a request ends the session",
			Statements: []string{"2.3-1"}, After: []string{"STTP-2.1-TCP-003"},
			Talk: `
				> LIST {d}/one
				>> {0a}
				< 400 {d}/one NOT FOUND
				end`,
			Hints: ends,
		}),
		session(Case{
			ID: "STTP-2.3-EMPTY-002", Title: "An empty line ends the session also as the first line, without a reply",
			Statements: []string{"2.3-1"}, After: []string{"STTP-2.3-EMPTY-001"},
			Talk: `
				>> {0a}
				end`,
			Hints: ends,
		}),
		session(Case{
			ID: "STTP-2.3-EMPTY-003", Title: "A line of a CR alone is an empty line",
			Statements: []string{"2.3-1", "2.2-2"}, After: []string{"STTP-2.3-EMPTY-001", "STTP-2.2-LINE-002"},
			Talk: `
				> LIST {d}/one{0d}
				> {0d}
				< 400 {d}/one NOT FOUND
				end`,
			Hints: append([]Hint{{ExtraBytes, hintCR}}, ends...),
		}),
		session(Case{
			ID: "STTP-2.3-EMPTY-004", Title: "An empty line after a while ends the session that its replies have left open",
			Statements: []string{"2.3-1", "2.1-2"}, Needs: KeptOpen, After: []string{"STTP-2.1-CONN-001", "STTP-2.3-EMPTY-001"},
			Talk: `
				> LIST {d}/one
				< 400 {d}/one NOT FOUND
				> FETCH {d}/two
				< 300 {d}/two CLIENT ERROR "…"
				>> {0a}
				end`,
			Hints: ends,
		}),
		session(Case{
			ID: "STTP-2.3-EMPTY-005", Title: "All requests before an empty line are answered before the server closes",
			Statements: []string{"2.3-1", "2.1-3"}, Needs: KeptOpen, After: []string{"STTP-2.1-PIPE-001", "STTP-2.3-EMPTY-001"},
			Run: answersBeforeEmptyLine, Accepts: "a hundred replies in order, and the end of the connection",
			Netcat: `(seq -f 'LIST /try/%g' 100; echo) | nc HOST PORT`, Hints: ends,
		}),
		session(Case{
			ID: "STTP-2.3-EMPTY-006", Title: "Nothing after an empty line is answered or carried out",
			Statements: []string{"2.3-1", "2.4-3", "2.4-1"}, After: []string{"STTP-5.3-SHOW-001", "STTP-2.3-EMPTY-001"},
			Run: nothingAfterEmptyLine, Accepts: "the reply to the first request and the end of the connection; then only its file is there",
			Netcat: `printf 'CREATE /try/a.txt 1\n\nCREATE /try/b.txt 2\nDELETE /try/a.txt\n' | nc HOST PORT; printf 'LIST /try\n\n' | nc HOST PORT`,
			Hints:  append([]Hint{{WrongContents, "what stands behind the empty line was carried out: the session is over, drop it"}, {GotStatus(400), "what stands behind the empty line was carried out: the session is over, drop it"}}, ends...),
		}),
		session(Case{
			ID: "STTP-2.3-EOF-001", Title: "A request is answered and the connection closed when the client ends its sending side",
			Statements: []string{"2.3-2"}, Guide: Should, After: []string{"STTP-2.1-TCP-001"},
			Talk: `
				> LIST {d}/one
				shut
				< 400 {d}/one NOT FOUND
				~ 410
				end`,
			Netcat: `printf 'LIST /try/one\n' | nc -N HOST PORT`,
			Hints:  atEnd,
		}),
		session(Case{
			ID: "STTP-2.3-EOF-002", Title: "A client that ends its sending side without a request is closed without a word",
			Statements: []string{"2.3-2"}, Guide: Should, After: []string{"STTP-2.3-EOF-001"},
			Talk: `
				shut
				end`,
			Netcat: `nc -N HOST PORT </dev/null`,
			Hints:  atEnd,
		}),
		session(Case{
			ID: "STTP-2.3-EOF-003", Title: "All complete lines before the end of the client's sending are answered",
			Statements: []string{"2.3-2", "2.1-3"}, Needs: KeptOpen, After: []string{"STTP-2.1-PIPE-001", "STTP-2.3-EOF-001"},
			Run: answersBeforeShut, Accepts: "a hundred replies in order, and the end of the connection",
			Netcat: `seq -f 'LIST /try/%g' 100 | nc -N HOST PORT`, Hints: atEnd,
		}),
		session(Case{
			ID: "STTP-2.3-EOF-004", Title: "A client may end its sending side when it has its replies",
			Statements: []string{"2.3-2", "2.1-2"}, Needs: KeptOpen, After: []string{"STTP-2.1-CONN-001", "STTP-2.3-EOF-001"},
			Talk: `
				> LIST {d}/one
				< 400 {d}/one NOT FOUND
				> LIST {d}/two
				< 400 {d}/two NOT FOUND
				shut
				end`,
			Hints: atEnd,
		}),
		session(Case{
			ID: "STTP-2.3-PART-001", Title: "A last line without LF is answered 300 without its path",
			Statements: []string{"2.3-4", "2.3-2"}, After: []string{"STTP-2.3-EOF-001"},
			Talk: `
				>> SHOW {d}/a.txt
				shut
				< 300 - CLIENT ERROR "…"
				end`,
			Netcat: `printf 'SHOW /try/a.txt' | nc -N HOST PORT`,
			Hints:  partHints(),
		}),
		session(Case{
			ID: "STTP-2.3-PART-002", Title: "A last line without LF is answered 300 after the replies to the lines before it",
			Statements: []string{"2.3-4", "2.3-2", "2.1-3"}, Needs: KeptOpen, After: []string{"STTP-2.1-PIPE-001", "STTP-2.3-PART-001"},
			Talk: `
				> LIST {d}/one
				> LIST {d}/two
				>> LIST {d}/three
				shut
				< 400 {d}/one NOT FOUND
				< 400 {d}/two NOT FOUND
				< 300 - CLIENT ERROR "…"
				end`,
			Hints: partHints(),
		}),
		session(Case{
			ID: "STTP-2.3-PART-003", Title: "A last line without LF is not carried out",
			Statements: []string{"2.3-3", "2.3-4"}, After: []string{"STTP-5.3-SHOW-001", "STTP-2.3-EOF-001"},
			Run: partIsNotCarriedOut, Accepts: "300 to each; then the file that was there is as it was, and the others are not there",
			Netcat: `printf 'CREATE /try/a.txt 10\n\n' | nc HOST PORT; printf 'UPDATE /try/a.txt 1' | nc -N HOST PORT; printf 'SHOW /try/a.txt\n\n' | nc HOST PORT`,
			Hints: append([]Hint{
				{WrongContents, "the line may have been cut short on its way, so that it says something else than was meant: carry out only what an LF has ended"},
				{GotStatus(400), "the line may have been cut short on its way, so that it names another file than was meant: carry out only what an LF has ended"},
			}, partHints()...),
		}),
		session(Case{
			ID: "STTP-2.3-PART-004", Title: "What a client that goes away has not completed is not carried out",
			Statements: []string{"2.3-3"}, After: []string{"STTP-2.3-EOF-001"},
			Run: goneAmidALine, Accepts: "none of the files is there",
			Netcat: `bash -c "printf 'CREATE /try/a.txt Buy' >/dev/tcp/HOST/PORT"; sleep 1; printf 'SHOW /try/a.txt\n\n' | nc HOST PORT`,
			Hints:  partHints(),
		}),
	}
}

// partHints are of a last line without LF.
func partHints() []Hint {
	const hint = "a function that reads lines often returns the last one without its LF, too, as if it were complete: look whether the LF is there before you carry it out"
	return append(onEach(hint, GotStatus(100), GotStatus(200), GotStatus(400), GotStatus(410), GotStatus(600)),
		Hint{WrongPath, "a path that may be cut short is not repeated: this 300 has - in its place"},
		Hint{ClosedEarly, "a last line without its LF is answered 300 before the connection is closed, since the client may still read"},
		Hint{StaysOpen, "the client has ended its sending side, so the LF that is waited for will never come"},
		Hint{NoReply, "the client has ended its sending side, so the LF that is waited for will never come"},
	)
}

func answersBeforeEmptyLine(t *T) {
	c := t.Dial()
	if p := t.tryPipeline(c, t.missing(100), "\n"); p != nil {
		t.FailWith(p)
	}
	t.WantEnd(c)
}

func answersBeforeShut(t *T) {
	c, xs := t.Dial(), t.missing(100)
	c.Send(linesOf(xs))
	c.Shut()
	if p := t.tryReplies(c, xs); p != nil {
		t.FailWith(p)
	}
	t.WantEnd(c)
}

func nothingAfterEmptyLine(t *T) {
	c := t.Dial()
	x := t.exchange("CREATE {d}/a.txt first", "100 {d}/a.txt CREATED")
	c.Send(x.request + t.Expand("\n\nCREATE {d}/b.txt second\nUPDATE {d}/a.txt third\nDELETE {d}/a.txt\nLIST {d}\n"))
	got, end := c.Reply(x.request)
	t.judge(x, got, end)
	t.WantEnd(c)
	c.Close()
	t.Want("SHOW {d}/b.txt", "400 {d}/b.txt NOT FOUND")
	t.Want("SHOW {d}/a.txt", "200 {d}/a.txt OK", "first")
}

// partIsNotCarriedOut looks when the server has closed, and so is done.
func partIsNotCarriedOut(t *T) {
	t.Want("CREATE {d}/a.txt 1000000", "100 {d}/a.txt CREATED")
	for _, part := range []string{"CREATE {d}/b.txt 1", "UPDATE {d}/a.txt 1000", "DELETE {d}/a.txt", "CREATE {d}/c.txt 1\r"} {
		c := t.Dial()
		c.Send(t.Expand(part))
		c.Shut()
		got, end := c.Reply("")
		t.Judge("", got, end, noRoom)
		t.WantEnd(c)
		c.Close()
	}
	t.Want("SHOW {d}/a.txt", "200 {d}/a.txt OK", "1000000")
	t.Want("SHOW {d}/b.txt", "400 {d}/b.txt NOT FOUND")
	t.Want("SHOW {d}/c.txt", "400 {d}/c.txt NOT FOUND")
}

// goneAmidALine closes and resets connections behind half a change. Nothing
// tells when the server has seen that, so it is given a moment.
func goneAmidALine(t *T) {
	for i := range 10 {
		c := t.Dial()
		c.Send(t.Expand(fmt.Sprintf("CREATE {d}/%d.txt Buy", i)))
		if i%2 == 0 {
			c.Close()
		} else {
			c.Abort()
		}
	}
	t.sleep(settle)
	for i := range 10 {
		t.Want(fmt.Sprintf("SHOW {d}/%d.txt", i), "410 {d}/ PATH NOT FOUND")
	}
}

// goneCases are of clients that are gone before their reply.
func goneCases() []Case {
	return []Case{
		{
			ID: "STTP-2.3-GONE-001", Title: "A change is carried out though the client has closed right behind it",
			Statements: []string{"2.3-6", "2.3-2"}, Story: "framing", Strict: Must, Guide: Should,
			After: []string{"STTP-5.3-SHOW-001"},
			Run:   carriesThrough, Accepts: "each of the files is there in the end", Limit: 3 * caseLimit,
			Netcat: `bash -c "printf 'CREATE /try/a.txt Buy milk\n' >/dev/tcp/HOST/PORT"; sleep 1; printf 'SHOW /try/a.txt\n\n' | nc HOST PORT`,
			Hints: []Hint{
				{changeLost, "that the client is gone is no reason to give up a request that is complete: carry it out, and let only the writing of its reply fail"},
				{NotServed, "writing to a client that is gone fails, and in some languages raises a signal (SIGPIPE) or an exception: it must end that connection only"},
			},
		},
		{
			ID: "STTP-2.3-GONE-002", Title: "A change of a client that resets its connection is carried out wholly or not at all",
			Statements: []string{"2.3-6", "5.8-1"}, Story: "framing", Strict: Must, Guide: Should,
			After: []string{"STTP-5.3-SHOW-001", "STTP-5.4-LIST-014"},
			Run:   wholeOrNot, Accepts: "of each, either the whole file or nothing, not even its directories", Limit: 3 * caseLimit,
			Netcat: `bash -c "printf 'CREATE /try/x/a.txt Buy milk\n' >/dev/tcp/HOST/PORT"; sleep 1; printf 'LIST /try/x\n\n' | nc HOST PORT`,
			Hints: []Hint{
				{changeLost, "the directories are there and the file is not: a change that has begun is carried through, whatever becomes of the connection"},
				{NotServed, "reading from and writing to a connection that was reset fails, and in some languages raises a signal (SIGPIPE) or an exception: it must end that connection only"},
			},
		},
	}
}

// changeLost is the symptom of a change that was not carried through.
const changeLost Symptom = "change lost"

// poll waits until done, or until the time for a reply is over.
func (t *T) poll(done func() bool) bool {
	for until := t.deadline(t.timeout); ; {
		if done() {
			return true
		}
		if time.Now().After(until) || t.sleep(pause) != nil {
			return false
		}
	}
}

// carriesThrough has one such client at a time, so that no limit of connections
// is in the way. Closing behind all that came is not a reset: a right server
// sees a complete line and then the end.
func carriesThrough(t *T) {
	for i := range 10 {
		path := t.Expand(fmt.Sprintf("{d}/%d.txt", i))
		c := t.Dial()
		c.Send("CREATE " + path + " Buy milk\n")
		c.Close()
		if !t.poll(func() bool { return t.isWhole(path) }) {
			t.Fail(changeLost, "client %d of 10 sent a whole CREATE and closed, and its file is not there %v later", i+1, t.timeout)
		}
	}
}

// isWhole tells whether the file is there with the contents of these cases; with
// other contents it ends the case.
func (t *T) isWhole(path string) bool {
	got := t.answer("SHOW " + path)
	if splitStatusLine(got).status != 200 {
		return false
	}
	t.Judge("SHOW "+path, got, Open, "200 "+path+" OK", "Buy milk")
	return true
}

// answer returns the reply to the line, or ends the case if another client is
// not served any more.
func (t *T) answer(line string) string {
	got, _, err := t.TryAsk(line)
	if err != nil {
		t.Fail(NotServed, "another client gets no connection: %s", plainError(err))
	}
	if got == "" {
		t.Fail(NotServed, "another client gets no answer")
	}
	return got
}

// wholeOrNot cannot ask for more: what a reset leaves of what was received and
// not read is up to the system.
func wholeOrNot(t *T) {
	const clients = 10
	for i := range clients {
		c := t.Dial()
		c.Send(t.Expand(fmt.Sprintf("CREATE {d}/%d/x/y/a.txt Buy milk\n", i)))
		if i%2 == 1 {
			t.sleep(time.Duration(i) * 100 * time.Microsecond)
		}
		c.Abort()
	}
	for i := range clients {
		dir := t.Expand(fmt.Sprintf("{d}/%d", i))
		if !t.poll(func() bool {
			return t.isWhole(dir+"/x/y/a.txt") || splitStatusLine(t.answer("LIST "+dir)).status != 200
		}) {
			t.Fail(changeLost, "client %d of %d: its directories are there and its file is not", i+1, clients)
		}
	}
}
