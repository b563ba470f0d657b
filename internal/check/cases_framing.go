package check

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// framingCases are those of sections 2.2 and 2.3: lines and the end of a session.
func framingCases() []Case {
	return slices.Concat(lineCases(), longLineCases(), heldReplyCases(), sessionCases(), goneCases())
}

const (
	hintPieces = "one read is not one line: TCP may deliver a line in pieces, so keep what has come and read on until there is an LF"
	hintCR     = "drop one CR if the line ends with it, before anything else is made of the line"
)

// lineCases are of what a line is.
func lineCases() []Case {
	return []Case{
		{
			ID: "STTP-2.2-LINE-001", Title: "Every line of a reply ends with LF alone",
			Statements: []string{"2.2-3", "2.2-1"}, Story: "framing", Strict: Must, Guide: Must,
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< Buy milk
				> FETCH {d}/a.txt
				< 300 {d}/a.txt CLIENT ERROR "…"
				> DELETE {d}/a.txt
				< 600 {d}/a.txt DELETED`,
		},
		{
			ID: "STTP-2.2-LINE-002", Title: "A CR before the LF of a request is dropped",
			Statements: []string{"2.2-2"}, Story: "framing", Strict: Must, Guide: Unchecked,
			After: []string{"STTP-5.3-SHOW-001", "STTP-2.2-LINE-001"},
			Ask: `
				> CREATE {d}/a.txt Buy milk{0d}
				< 100 {d}/a.txt CREATED
				> SHOW {d}/a.txt{0d}
				< 200 {d}/a.txt OK
				< Buy milk
				> SHOW {d}/a.txt
				< 200 {d}/a.txt OK
				< Buy milk`,
			Hints: onEach(hintCR, WrongContents, CarriageReturn, GotStatus(300), GotStatus(310), GotStatus(400)),
		},
		{
			ID: "STTP-2.2-LINE-003", Title: "Of two CRs before the LF only one is dropped",
			Statements: []string{"2.2-2", "2.2-7", "4.1-3"}, Story: "framing", Strict: Must, Guide: Unchecked,
			After: []string{"STTP-2.2-LINE-002"},
			Ask: `
				> CREATE {d}/a.txt Buy milk{0d}{0d}
				< 300 {d}/a.txt CLIENT ERROR "…"
				> SHOW {d}/a.txt{0d}{0d}
				< 300 - CLIENT ERROR "…"
				> {0d}{0d}
				< 300 - CLIENT ERROR "…"
				> SHOW {d}/a.txt
				< 410 {d}/ PATH NOT FOUND`,
			Hints: []Hint{
				{GotStatus(100), "a function that trims takes away all CRs, or all white space, where only one belongs to the end of the line; or contents may hold a CR, which is a control character"},
				{GotStatus(410), "a function that trims takes away all CRs, or all white space: only one belongs to the end of the line"},
				{NoReply, "two CRs before the LF are no empty line: only one of them belongs to its end"},
				{ClosedEarly, "two CRs before the LF are no empty line: only one of them belongs to its end"},
			},
		},
		{
			ID: "STTP-2.2-LINE-004", Title: "A CR and its LF may come in two packets",
			Statements: []string{"2.2-2", "2.2-4"}, Story: "framing", Strict: Must, Guide: Unchecked,
			After: []string{"STTP-2.2-LINE-002"},
			Run:   func(t *T) { t.inPieces("SHOW {d}/a.txt\r", len(t.Expand("SHOW {d}/a.txt\r"))) }, Accepts: "the reply to the line without its CR",
			Netcat: `(printf 'SHOW /try/a.txt\r'; sleep 1; printf '\n\n') | nc HOST PORT`,
			Hints:  []Hint{{GotStatus(300), hintCR}, {NoReply, "a CR does not end a line, and an LF that comes alone is not an empty line if a CR or a text waits before it"}},
		},
		{
			ID: "STTP-2.2-LINE-005", Title: "A line may come one byte at a time",
			Statements: []string{"2.2-4", "2.2-1"}, Story: "framing", Strict: Must, Guide: Must,
			After: []string{"STTP-2.1-TCP-001"},
			Run:   oneByteAtATime, Accepts: "the reply to the whole line",
			Netcat: `for c in S H O W ' ' / t r y / a; do printf "$c"; sleep 0.1; done | (cat; printf '.txt\n\n') | nc HOST PORT`,
			Hints:  onEach(hintPieces, GotStatus(300), NoReply, ClosedEarly, WasReset),
		},
		{
			ID: "STTP-2.2-LINE-006", Title: "A request may be cut into two packets at every place",
			Statements: []string{"2.2-4", "2.2-1"}, Story: "framing", Strict: Must, Guide: Must,
			After: []string{"STTP-2.2-LINE-005"},
			Run:   cutEverywhere, Accepts: "the reply to the whole line, wherever it is cut", Limit: 3 * caseLimit,
			Netcat: `(printf 'SHOW /tr'; sleep 1; printf 'y/a.txt\n\n') | nc HOST PORT`,
			Hints:  onEach(hintPieces, GotStatus(300), NoReply, ClosedEarly, WasReset),
		},
		{
			ID: "STTP-2.2-LINE-007", Title: "Contents that come in two packets are stored whole",
			Statements: []string{"2.2-1", "2.2-4"}, Story: "framing", Strict: Must, Guide: Must,
			After: []string{"STTP-5.3-SHOW-001", "STTP-2.2-LINE-005"},
			Run:   contentsInPieces, Accepts: "100, and a SHOW of the whole contents",
			Netcat: `(printf 'CREATE /try/a.txt Buy'; sleep 1; printf ' milk\n\n') | nc HOST PORT; printf 'SHOW /try/a.txt\n\n' | nc HOST PORT`,
			Hints:  onEach(hintPieces, CutShort, WrongContents, GotStatus(300)),
		},
		{
			ID: "STTP-2.2-LINE-008", Title: "A line of spaces is answered 300 and does not end the session",
			Statements: []string{"2.2-7", "2.2-6"}, Story: "framing", Strict: Must, Guide: Unchecked, Needs: KeptOpen,
			After: []string{"STTP-2.2-LINE-009"},
			Talk: `
				> { *1}
				< 300 - CLIENT ERROR "…"
				> { *100}
				< 300 - CLIENT ERROR "…"
				> { *3}{0d}
				< 300 - CLIENT ERROR "…"
				> LIST {d}/on
				< 400 {d}/on NOT FOUND`,
			Hints: []Hint{
				{ClosedEarly, "the line was trimmed before it was found to be empty: only a line of no bytes at all ends the session"},
				{NoReply, "a line of spaces is a wrong request, and every wrong request has a reply"},
			},
		},
		{
			ID: "STTP-2.2-LINE-009", Title: "The connection goes on after a wrong request",
			Statements: []string{"2.2-6", "2.1-3"}, Story: "framing", Strict: Must, Guide: Should, Needs: KeptOpen,
			After: []string{"STTP-2.1-CONN-001"},
			Talk: `
				> FETCH {d}/a.txt
				< 300 {d}/a.txt CLIENT ERROR "…"
				> SHOW
				< 300 - CLIENT ERROR "…"
				> CREATE {d}/a.txt
				< 300 {d}/a.txt CLIENT ERROR "…"
				> LIST {d}/on
				< 400 {d}/on NOT FOUND
				~ 410`,
			Hints: goesOnHints(),
		},
		{
			ID: "STTP-2.2-LINE-010", Title: "The connection goes on after lines that are wrong in every other way",
			Statements: []string{"2.2-6", "2.1-3", "3.1-11", "4.1-4"}, Story: "robustness", Strict: Must, Guide: Unchecked, Needs: KeptOpen,
			After: []string{"STTP-2.2-LINE-009"},
			Talk: `
				> hello
				< 300 - CLIENT ERROR "…"
				> show {d}/a.txt
				< 300 {d}/a.txt CLIENT ERROR "…"
				> SHOW  {d}/a.txt
				< 300 - CLIENT ERROR "…"
				> SHOW a.txt
				< 300 - CLIENT ERROR "…"
				> SHOW {d}/.hidden
				< 300 - CLIENT ERROR "…"
				> SHOW {d}/{ff}.txt
				< 300 - CLIENT ERROR "…"
				> SHOW {d}/a{00}.txt
				< 300 - CLIENT ERROR "…"
				> DELETE {d}/a.txt HTTP/1.1
				< 300 {d}/a.txt CLIENT ERROR "…"
				> CREATE {d}/a.txt {ff}
				< 300 {d}/a.txt CLIENT ERROR "…"
				> CREATE {d}/a.txt {x*161}
				< 300 {d}/a.txt CLIENT ERROR "…"
				> CREATE {d}/a.txt "a\n"
				< 300 {d}/a.txt CLIENT ERROR "…"
				> SHOW {d}/{x*33}
				< 310 {d}/{x*33} FILENAME TOO LONG
				> {00}{02}{ff}{fe}
				< 300 - CLIENT ERROR "…"
				> LIST {d}/on
				< 400 {d}/on NOT FOUND`,
			Hints: goesOnHints(),
		},
	}
}

func goesOnHints() []Hint {
	const hint = "a wrong request ends neither the connection nor the server: answer it 300 and read the next line"
	return onEach(hint, ClosedEarly, NoReply, WasReset)
}

// pause is long enough for what was sent to be a packet of its own, mostly.
const pause = 2 * time.Millisecond

// inPieces asks for a line that is cut before the byte at, on a connection of
// its own, and ends the case unless it is answered as a SHOW in a directory that
// is not there.
func (t *T) inPieces(line string, at int) {
	line = t.Expand(line)
	c := t.Dial()
	defer c.Close()
	c.Send(line[:at])
	t.sleep(pause)
	c.Send(line[at:] + "\n\n")
	t.judgeMissing(c, line, fmt.Sprintf("cut after byte %d of %d", at, len(line)+1))
}

// judgeMissing ends the case unless all that comes is the reply to a SHOW in the
// directory of the case, which is not there. It says how the line was sent.
func (t *T) judgeMissing(c *Conn, line, how string) {
	if t.facts.Waits == WaitsForEnd {
		c.Shut()
	}
	got, end := c.whole(line)
	x := t.exchange("", "410 {d}/ PATH NOT FOUND")
	x.request, x.also = strings.TrimSuffix(line, "\r"), []int{400}
	if p := t.problem(x, got, end); p != nil {
		p.Says = how + ": " + p.Says
		t.FailWith(p)
	}
}

func oneByteAtATime(t *T) {
	line := t.Expand("SHOW {d}/a.txt")
	c := t.Dial()
	c.SendSlowly(line+"\n", time.Millisecond)
	c.Send("\n")
	t.judgeMissing(c, line, "one byte at a time")
}

func cutEverywhere(t *T) {
	line := "SHOW {d}/a.txt"
	for at := 1; at <= len(t.Expand(line)); at++ {
		t.inPieces(line, at)
	}
}

// contentsInPieces cuts before a word, within it, at its end, and before the LF.
func contentsInPieces(t *T) {
	const contents = "Buy milk and bread"
	for i, at := range []int{1, 4, 6, 8, len(contents)} {
		path := "{d}/" + itoa(i) + ".txt"
		x := t.exchange("CREATE "+path+" "+contents, "100 "+path+" CREATED")
		cut := len(x.request) - len(contents) + at
		c := t.Dial()
		c.Send(x.request[:cut])
		t.sleep(pause)
		c.Send(x.request[cut:] + "\n\n")
		if t.facts.Waits == WaitsForEnd {
			c.Shut()
		}
		got, end := c.whole(x.request)
		c.Close()
		t.judge(x, got, end)
		t.Want("SHOW "+path, "200 "+path+" OK", contents)
	}
}
