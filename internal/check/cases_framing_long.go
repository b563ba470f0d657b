package check

import (
	"cmp"
	"strings"
	"sync"
)

// maxLine is how many bytes a request line may have before its LF [2.2-4].
const maxLine = 8192

// padded returns the line with spaces at its end, so that it has n bytes.
func padded(line string, n int) string { return line + strings.Repeat(" ", n-len(line)) }

// longLineCases are of the longest line and of longer ones. The guide does not
// know them.
func longLineCases() []Case {
	long := func(c Case) Case {
		c.Story, c.Strict, c.Guide = "framing", cmp.Or(c.Strict, Must), Unchecked
		return c
	}
	short := []Hint{
		{GotStatus(300), "the buffer for a line is too small, or it counts the LF: a line of 8,192 bytes before its LF is right, and spaces at its end are dropped"},
		{NoReply, "the buffer for a line is too small, or it waits for more: a line of 8,192 bytes before its LF is right"},
		{ClosedEarly, "the buffer for a line is too small: a line of 8,192 bytes before its LF is right"},
		{WasReset, "the buffer for a line is too small: a line of 8,192 bytes before its LF is right"},
	}
	refused := []Hint{
		{NoReply, "as soon as 8,193 bytes have come without an LF the line is known to be too long: answer 300 then"},
		{WasReset, "the refused rest of the line was still unread when the connection was closed, which destroys the reply: end the sending side, read and drop what comes, and only then close"},
		{GotStatus(400), "the line is too long and has to be refused whatever it says: count its bytes before its LF, spaces and a CR included"},
		{GotStatus(410), "the line is too long and has to be refused whatever it says: count its bytes before its LF, spaces and a CR included"},
		{WrongPath, "nothing of a line that is too long is repeated: its 300 has - for the path"},
		{StaysOpen, "after a line that is too long nobody knows where the next one begins: close the connection after the 300"},
		{ExtraBytes, "after a line that is too long nobody knows where the next one begins: answer nothing more"},
		{ClosedEarly, "a line that is too long is answered before the connection is closed"},
	}
	return []Case{
		long(Case{
			ID: "STTP-2.2-LONG-001", Title: "A line of 8,192 bytes before its LF is read and answered",
			Statements: []string{"2.2-4", "5.1-4"}, After: []string{"STTP-5.3-SHOW-001", "STTP-2.2-LINE-005"},
			Run: longestLine, Accepts: "the same reply as to the line without the spaces at its end",
			Netcat: `printf '%-8192s\n\n' 'SHOW /try/a.txt' | nc HOST PORT`, Hints: short,
		}),
		long(Case{
			ID: "STTP-2.2-LONG-002", Title: "A CR counts among the 8,192 bytes of a line",
			Statements: []string{"2.2-4", "2.2-2", "2.2-5"}, After: []string{"STTP-2.2-LINE-002", "STTP-2.2-LONG-001", "STTP-2.2-LONG-005"},
			Run: longestWithCR, Accepts: "the usual reply with 8,191 bytes before the CR, 300 and the end with 8,192",
			Netcat: `printf '%-8191s\r\n\n' 'SHOW /try/a.txt' | nc HOST PORT; printf '%-8192s\r\n\n' 'SHOW /try/a.txt' | nc HOST PORT`,
			Hints:  append([]Hint{{GotStatus(410), "count the bytes of a line before a CR is dropped"}}, refused...),
		}),
		long(Case{
			ID: "STTP-2.2-LONG-003", Title: "A wrong line of 8,192 bytes is judged by its form, and the connection goes on",
			Statements: []string{"2.2-4", "2.2-6"}, Needs: KeptOpen, After: []string{"STTP-2.2-LINE-009", "STTP-2.2-LONG-001"},
			Talk: `
				> {x*8192}
				< 300 - CLIENT ERROR "…"
				> LIST {d}/one
				< 400 {d}/one NOT FOUND
				> { *8192}
				< 300 - CLIENT ERROR "…"
				> LIST {d}/two
				< 400 {d}/two NOT FOUND`,
			Hints: goesOnHints(),
		}),
		long(Case{
			ID: "STTP-2.2-LONG-004", Title: "Ten lines of 8,192 bytes in one go are all answered",
			Statements: []string{"2.2-4", "2.1-3"}, Needs: KeptOpen, After: []string{"STTP-2.1-PIPE-001", "STTP-2.2-LONG-001"},
			Run: longestLines, Accepts: "400 for each, in order",
			Netcat: `(for i in 1 2 3 4 5 6 7 8 9 10; do printf '%-8192s\n' "LIST /try/$i"; done; echo) | nc HOST PORT`, Hints: short,
		}),
		long(Case{
			ID: "STTP-2.2-LONG-005", Title: "A line of 8,193 bytes is answered 300, and the server closes",
			Statements: []string{"2.2-5", "2.4-1"}, After: []string{"STTP-2.1-TCP-003"},
			Run: func(t *T) { t.tooLong(padded(t.Expand("SHOW {d}/a.txt"), maxLine+1) + "\n") }, Accepts: "one 300 with - for the path, and the end of the connection",
			Netcat: `printf '%-8193s\n' 'SHOW /try/a.txt' | nc HOST PORT`, Hints: refused,
		}),
		long(Case{
			ID: "STTP-2.2-LONG-006", Title: "A line is refused as soon as 8,193 bytes of it have come without an LF",
			Statements: []string{"2.2-10", "2.2-5", "2.4-1"}, After: []string{"STTP-2.2-LONG-005"},
			Run: func(t *T) { t.tooLong(padded(t.Expand("SHOW {d}/a.txt"), maxLine+1)) }, Accepts: "one 300 with - for the path, and the end of the connection",
			Netcat: `(printf '%-8193s' 'SHOW /try/a.txt'; sleep 3) | nc HOST PORT`, Hints: refused,
		}),
		long(Case{
			ID: "STTP-2.2-LONG-007", Title: "Nothing after a line that is too long is answered or carried out",
			Statements: []string{"2.2-5", "2.4-3", "2.4-1"}, After: []string{"STTP-2.2-LONG-005"},
			Run: nothingAfterTooLong, Accepts: "one 300 with - for the path, and the end of the connection; then the file is not there",
			Netcat: `(printf '%-8193s\n' 'SHOW /try/a.txt'; printf 'CREATE /try/b.txt x\n\n') | nc HOST PORT; printf 'SHOW /try/b.txt\n\n' | nc HOST PORT`,
			Hints:  append([]Hint{{GotStatus(200), "what follows a line that is too long was taken for a request: drop it"}}, refused...),
		}),
		long(Case{
			ID: "STTP-2.2-LONG-008", Title: "The requests before a line that is too long are answered",
			Statements: []string{"2.2-5", "2.1-3"}, Needs: KeptOpen, After: []string{"STTP-2.1-PIPE-001", "STTP-2.2-LONG-005"},
			Talk: `
				> LIST {d}/one
				> LIST {d}/two
				> {x*8193}
				> LIST {d}/three
				< 400 {d}/one NOT FOUND
				< 400 {d}/two NOT FOUND
				< 300 - CLIENT ERROR "…"
				end`,
			Hints: refused,
		}),
		long(Case{
			ID: "STTP-2.2-LONG-009", Title: "A line of 40,000 bytes is answered 300, and the reply arrives",
			// How much a server drops before it closes is only recommended [2.4-2].
			Statements: []string{"2.2-5", "2.4-1"}, After: []string{"STTP-2.2-LONG-005"}, Strict: Should,
			Run: func(t *T) { t.tooLong(strings.Repeat("x", 40000) + "\n") }, Accepts: "one 300 with - for the path, and the end of the connection",
			Netcat: `printf '%-40000s\n' 'SHOW /try/a.txt' | nc HOST PORT`, Hints: refused,
		}),
		long(Case{
			ID: "STTP-2.2-LONG-010", Title: "A line without an end is not read for ever",
			Statements: []string{"2.2-5"}, After: []string{"STTP-2.2-LONG-005"},
			Run: endlessLine, Accepts: "one 300 with - for the path, or a reset if more was sent than the server drops", Limit: 2 * caseLimit,
			Netcat: `head -c 8000000 /dev/zero | tr '\0' x | nc HOST PORT`, Hints: refused,
		}),
	}
}

const noRoom = `300 - CLIENT ERROR "…"`

// longestLine sends the longest line in one piece, and in two.
func longestLine(t *T) {
	line := padded(t.Expand("SHOW {d}/a.txt"), maxLine)
	t.Want(line, "410 {d}/ PATH NOT FOUND")
	t.inPieces(line, 5000)
	t.inPieces(line, maxLine)
	t.Want(padded(t.Expand("CREATE {d}/a.txt Buy milk"), maxLine), "100 {d}/a.txt CREATED")
	t.Want("SHOW {d}/a.txt", "200 {d}/a.txt OK", "Buy milk")
}

func longestWithCR(t *T) {
	t.Want(padded(t.Expand("SHOW {d}/a.txt"), maxLine-1)+"\r", "410 {d}/ PATH NOT FOUND")
	t.tooLong(padded(t.Expand("SHOW {d}/a.txt"), maxLine) + "\r\n")
}

func longestLines(t *T) {
	xs := t.missing(10)
	for i := range xs {
		xs[i].request = padded(xs[i].request, maxLine)
	}
	t.pipeline(t.Dial(), xs)
}

// tooLong ends the case unless text is answered by one 300, and the connection
// closed.
func (t *T) tooLong(text string) {
	c := t.Dial()
	defer c.Close()
	c.Send(text)
	got, end := c.Reply("")
	t.Judge("", got, end, noRoom)
	t.WantEnd(c)
}

func nothingAfterTooLong(t *T) {
	t.tooLong(padded(t.Expand("SHOW {d}/a.txt"), maxLine+1) + t.Expand("\nCREATE {d}/b.txt x\nLIST {d}\n"))
	t.Want("SHOW {d}/b.txt", "410 {d}/ PATH NOT FOUND")
}

// endlessLine sends until the server answers or breaks off. It may break off
// before its reply has been read, since lingering is bounded [2.4-2].
func endlessLine(t *T) {
	const most = 8 << 20
	c := t.Dial()
	var sender sync.WaitGroup
	t.Go(&sender, func() {
		piece := []byte(strings.Repeat("x", 64<<10))
		for range most / len(piece) {
			c.tcp.SetWriteDeadline(t.deadline(t.timeout))
			if _, err := c.tcp.Write(piece); err != nil {
				return
			}
		}
	})
	t.Note("up to %d bytes are sent without an LF", most)
	got, end := c.Reply("")
	c.Abort()
	sender.Wait()
	if end != Reset {
		t.Judge("", got, end, noRoom)
	}
}
