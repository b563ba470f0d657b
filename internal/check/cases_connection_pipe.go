package check

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// outOfOrder is the symptom of a reply that belongs to another request.
const outOfOrder Symptom = "out of order"

func itoa(n int) string { return strconv.Itoa(n) }

// judgeNth returns what is wrong with the reply to the request i of xs, or nil.
func (t *T) judgeNth(xs []exchange, i int, got string, end End) *Problem {
	p := t.problem(xs[i], got, end)
	if p == nil {
		return nil
	}
	other := slices.IndexFunc(xs, func(x exchange) bool { return x.want[0] != xs[i].want[0] && matches(x.strict(), got) })
	if other >= 0 && p.Symptom == WrongPath {
		p.Symptom = outOfOrder
		p.Says = fmt.Sprintf("the reply to request %d of %d comes where that to request %d belongs", other+1, len(xs), i+1)
		return p
	}
	p.Says = fmt.Sprintf("request %d of %d: %s", i+1, len(xs), p.Says)
	return p
}

// linesOf returns the requests as they are sent in one piece.
func linesOf(xs []exchange) string {
	var text strings.Builder
	for _, x := range xs {
		text.WriteString(x.request + "\n")
	}
	return text.String()
}

// tryReplies receives the replies to all requests and returns what is wrong with
// them, or nil.
func (t *T) tryReplies(c *Conn, xs []exchange) *Problem {
	for i, x := range xs {
		got, end := c.Reply(x.request)
		if p := t.judgeNth(xs, i, got, end); p != nil {
			return p
		}
	}
	return nil
}

// tryPipeline sends all requests and what comes after them in one piece,
// receives meanwhile, and returns what is wrong with the replies, or nil.
func (t *T) tryPipeline(c *Conn, xs []exchange, after string) *Problem {
	var sender sync.WaitGroup
	t.Go(&sender, func() { c.Send(linesOf(xs) + after) })
	defer sender.Wait()
	return t.tryReplies(c, xs)
}

// pipeline is tryPipeline that ends the case unless all is right.
func (t *T) pipeline(c *Conn, xs []exchange) {
	if p := t.tryPipeline(c, xs, ""); p != nil {
		t.FailWith(p)
	}
}

// onEach returns the same hint for several symptoms.
func onEach(say string, symptoms ...Symptom) []Hint {
	var hints []Hint
	for _, s := range symptoms {
		hints = append(hints, Hint{s, say})
	}
	return hints
}

// pipelineCases are of requests that are sent before earlier ones have been
// answered. The guide does not know them.
func pipelineCases() []Case {
	hints := []Hint{
		{NoReply, "one read may bring many lines: answer all that are complete before you read again, and keep the rest for the next time"},
		{ClosedEarly, hintOneRequest},
		{GotStatus(300), "one read may bring many lines: take it apart at every LF"},
		{outOfOrder, "replies carry no number, so they have to come in the order of the requests: wait for each reply before you write the next"},
		{WrongWords, "every reply ends with LF, also when another one follows at once"},
	}
	// pipe fills in what all these cases have in common.
	pipe := func(c Case) Case {
		c.Story, c.Strict, c.Guide, c.Needs = "connections", Must, Unchecked, KeptOpen
		c.Hints = append(c.Hints, hints...)
		if c.ID != "STTP-2.1-PIPE-001" {
			c.After = append(c.After, "STTP-2.1-PIPE-001")
		} else {
			c.After = append(c.After, "STTP-2.1-CONN-001")
		}
		return c
	}
	return []Case{
		pipe(Case{
			ID: "STTP-2.1-PIPE-001", Title: "Two requests in one packet are both answered",
			Statements: []string{"2.1-3", "2.1-4", "2.1-10"},
			Run:        func(t *T) { t.pipeline(t.Dial(), t.missing(2)) }, Accepts: "a 400 for each, in the order of the requests",
			Netcat: `printf 'LIST /try/one\nLIST /try/two\n\n' | nc HOST PORT`,
		}),
		pipe(Case{
			ID: "STTP-2.1-PIPE-002", Title: "A hundred requests in one go are answered in order",
			Statements: []string{"2.1-3", "2.1-4"},
			Run:        func(t *T) { t.pipeline(t.Dial(), t.missing(100)) }, Accepts: "a 400 for each, in the order of the requests",
			Netcat: `(seq -f 'LIST /try/%g' 100; echo) | nc HOST PORT`,
		}),
		pipe(Case{
			ID: "STTP-2.1-PIPE-003", Title: "A thousand requests in one go are answered in order",
			Statements: []string{"2.1-3", "2.1-4"},
			Run:        func(t *T) { t.pipeline(t.Dial(), t.missing(1000)) }, Accepts: "a 400 for each, in the order of the requests",
			Netcat: `(seq -f 'LIST /try/%g' 1000; echo) | nc HOST PORT`, Limit: 2 * caseLimit,
			Hints: []Hint{{GotStatus(300), "a line may begin in one read and end in the next: keep what comes after the last LF for the next read"}},
		}),
		pipe(Case{
			ID: "STTP-2.1-PIPE-004", Title: "Each of many lines, right or wrong, has exactly one reply",
			Statements: []string{"2.1-3", "2.2-6"},
			Run:        func(t *T) { t.pipeline(t.Dial(), t.mixture(200)) }, Accepts: "300, 310 and 400 as each line deserves, in the order of the lines",
			Netcat: `printf 'LIST /try/1\nFETCH /try/2\nSHOW a\n  \nLIST /try/3 more\nLIST /try/4\n\n' | nc HOST PORT`,
			Hints: []Hint{
				{NoReply, "a wrong line needs a reply, too, or all replies after it are taken for those to earlier requests"},
				{ClosedEarly, "a wrong request does not end the connection: answer it 300 and go on with the next line"},
			},
		}),
		pipe(Case{
			ID: "STTP-2.1-PIPE-005", Title: "CREATEs of a hundred files in one go are all carried out and answered in order",
			Statements: []string{"2.1-3", "2.1-7", "5.2-1"}, After: []string{"STTP-5.3-SHOW-001"},
			Run: createsSideBySide, Accepts: "100 for each in order; then 200 and its own contents for each", Limit: 3 * caseLimit,
			Netcat: `(seq -f 'CREATE /try/%g.txt Snippet %g' 100; seq -f 'SHOW /try/%g.txt' 100; echo) | nc HOST PORT`,
		}),
		pipe(Case{
			ID: "STTP-2.1-PIPE-006", Title: "Requests on one path take effect in the order in which they came",
			Statements: []string{"2.1-5", "2.1-3"}, After: []string{"STTP-2.1-CONN-003"},
			Run: inOrderOnOnePath, Accepts: "to each request the reply that the ones before it on its path leave", Limit: 3 * caseLimit,
			Netcat: `printf 'CREATE /try/a.txt 1\nUPDATE /try/a.txt 2\nSHOW /try/a.txt\nDELETE /try/a.txt\nSHOW /try/a.txt\nCREATE /try/a.txt 3\nSHOW /try/a.txt\n\n' | nc HOST PORT`,
			Hints: onEach("requests on the same path were not carried out in the order in which they came: those of one connection on one path go one after the other",
				WrongContents, GotStatus(100), GotStatus(200), GotStatus(300), GotStatus(400), GotStatus(410), GotStatus(500), GotStatus(600)),
		}),
		pipe(Case{
			ID: "STTP-2.1-PIPE-007", Title: "A LIST among changes sees those before it and none after it",
			Statements: []string{"2.1-6", "2.1-3"}, After: []string{"STTP-2.1-CONN-003", "STTP-5.4-LIST-002"},
			Run: listsAmongChanges, Accepts: "to each LIST the names that are there at its place", Limit: 3 * caseLimit,
			Netcat: `printf 'CREATE /try/a.txt 1\nLIST /try\nCREATE /try/b.txt 2\nLIST /try\nDELETE /try/a.txt\nLIST /try\nDELETE /try/b.txt\n\n' | nc HOST PORT`,
			Hints: onEach("a LIST waits until all changes before it have been carried out, and those after it wait for the LIST",
				WrongContents, GotStatus(300), GotStatus(400), GotStatus(410)),
		}),
		pipe(Case{
			ID: "STTP-2.1-PIPE-008", Title: "Ten connections on which much is sent at once each get their own replies",
			Statements: []string{"2.1-3", "2.1-8"}, After: []string{"STTP-2.1-PARALLEL-001"},
			Run: tenPipelines, Accepts: "on each connection the replies to its own requests, in order", Limit: 2 * caseLimit,
			Netcat: `for c in 1 2 3 4 5 6 7 8 9 10; do (seq -f "LIST /try/$c-%g" 100; echo) | nc HOST PORT & done; wait`,
			Hints:  []Hint{{WrongPath, "is there something that all connections share, such as a buffer or a variable that should belong to one?"}},
		}),
		pipe(Case{
			ID: "STTP-2.1-PIPE-009", Title: "All replies to complete lines come while the last line has come in half",
			Statements: []string{"2.1-10", "2.1-3"},
			Talk: `
				> LIST {d}/one
				> LIST {d}/two
				>> LIST {d}/thr
				< 400 {d}/one NOT FOUND
				< 400 {d}/two NOT FOUND
				> ee
				< 400 {d}/three NOT FOUND`,
			Hints: []Hint{{NoReply, "replies wait for the rest of the last line: flush what is written before every read that may have to wait"}},
		}),
	}
}

// mixture returns n lines of all kinds that change nothing.
func (t *T) mixture(n int) []exchange {
	xs := make([]exchange, n)
	for i := range xs {
		path := "{d}/" + itoa(i)
		kinds := []exchange{
			t.exchange("LIST "+path, "400 "+path+" NOT FOUND"),
			t.exchange("FETCH "+path, "300 "+path+` CLIENT ERROR "…"`),
			t.exchange("SHOW "+itoa(i), `300 - CLIENT ERROR "…"`),
			t.exchange("LIST "+path+" more", "300 "+path+` CLIENT ERROR "…"`),
			t.exchange("  ", `300 - CLIENT ERROR "…"`),
			t.exchange("SHOW "+path+"{x*40}", "310 "+path+"{x*40} FILENAME TOO LONG"),
			t.exchange("SHOW  "+path, `300 - CLIENT ERROR "…"`),
		}
		xs[i] = kinds[t.rand.IntN(len(kinds))]
	}
	return xs
}

func createsSideBySide(t *T) {
	var creates, shows []exchange
	for i := range 100 {
		path, contents := fmt.Sprintf("{d}/%d.txt", i), fmt.Sprintf("Snippet number %d", i)
		creates = append(creates, t.exchange("CREATE "+path+" "+contents, "100 "+path+" CREATED"))
		shows = append(shows, t.exchange("SHOW "+path, "200 "+path+" OK", contents))
	}
	c := t.Dial()
	t.pipeline(c, creates)
	t.pipeline(c, shows)
}

// inOrderOnOnePath sends requests drawn at random to three paths of a directory
// that a fourth file keeps. That one is made before: otherwise a 410 would be as
// right as a 400, since different paths may be served side by side [2.1-7].
func inOrderOnOnePath(t *T) {
	t.Want("CREATE {d}/keep.txt kept", "100 {d}/keep.txt CREATED")
	var xs []exchange
	stored := map[string]string{}
	for i := range 120 {
		path := "{d}/" + string(rune('a'+t.rand.IntN(3))) + ".txt"
		contents, there := stored[path]
		text := "Snippet number " + itoa(i)
		notFound := "400 " + path + " NOT FOUND"
		switch action := []string{"CREATE", "SHOW", "UPDATE", "DELETE", "SHOW", "UPDATE"}[t.rand.IntN(6)]; {
		case action == "CREATE" && !there:
			xs = append(xs, t.exchange("CREATE "+path+" "+text, "100 "+path+" CREATED"))
			stored[path] = text
		case action == "UPDATE" && there:
			xs = append(xs, t.exchange("UPDATE "+path+" "+text, "200 "+path+" OK", text))
			stored[path] = text
		case action == "UPDATE":
			xs = append(xs, t.exchange("UPDATE "+path+" "+text, notFound))
		case action == "DELETE" && there:
			xs = append(xs, t.exchange("DELETE "+path, "600 "+path+" DELETED"))
			delete(stored, path)
		case there:
			xs = append(xs, t.exchange("SHOW "+path, "200 "+path+" OK", contents))
		default:
			xs = append(xs, t.exchange(action+" "+path, notFound))
		}
	}
	t.pipeline(t.Dial(), xs)
}

// listsAmongChanges makes and removes five files of a directory that a sixth
// one keeps, with LISTs in between.
func listsAmongChanges(t *T) {
	xs := []exchange{t.exchange("CREATE {d}/keep.txt kept", "100 {d}/keep.txt CREATED")}
	names := map[string]bool{"keep.txt": true}
	for range 80 {
		name := string(rune('a'+t.rand.IntN(5))) + ".txt"
		switch path := "{d}/" + name; {
		case t.rand.IntN(3) == 0:
			list := strings.Join(slices.Sorted(maps.Keys(names)), ", ")
			xs = append(xs, t.exchange("LIST {d}", "200 {d} OK", list))
		case names[name]:
			xs = append(xs, t.exchange("DELETE "+path, "600 "+path+" DELETED"))
			delete(names, name)
		default:
			xs = append(xs, t.exchange("CREATE "+path+" x", "100 "+path+" CREATED"))
			names[name] = true
		}
	}
	t.pipeline(t.Dial(), xs)
}

func tenPipelines(t *T) {
	problems := make([]*Problem, 10)
	var clients sync.WaitGroup
	for i := range problems {
		c := t.Dial()
		var xs []exchange
		for n := range 100 {
			path := fmt.Sprintf("{d}/%d-%d", i, n)
			xs = append(xs, t.exchange("LIST "+path, "400 "+path+" NOT FOUND"))
		}
		t.Go(&clients, func() { problems[i] = t.tryPipeline(c, xs, "") })
	}
	clients.Wait()
	for i, p := range problems {
		if p != nil {
			p.Says = fmt.Sprintf("connection %d, %s", i+1, p.Says)
			t.FailWith(p)
		}
	}
}
