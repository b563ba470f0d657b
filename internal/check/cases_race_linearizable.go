package check

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// linearizableCases are those in which many clients do anything to a few files,
// and all replies together are judged.
func linearizableCases() []Case {
	const accepts = "replies that the requests would have got in some order, one at a time, with each taking effect between its call and its reply"
	hints := []Hint{
		{Stale, "a SHOW answers what was there before a change that had been answered: the cache's entry has to be gone, and must not be filled with the old contents by a reader that was slower, when the reply to the change is sent"},
		{Torn, "contents were read while they were being written: write a new file and rename it over the old one, or hold a lock that SHOW takes as well"},
		{GotStatus(100), "a CREATE was answered 100 although the file was there: looking and making have to be one step"},
		{GotStatus(300), "a CREATE was answered 300 although the file was not there: is an old entry of a cache asked?"},
		{GotStatus(400), "a file is said to be missing although it was there: is it missing for a moment during an UPDATE, or is an old entry of a cache asked?"},
		{GotStatus(410), "a file is said to be missing although it was there: was its directory removed by a DELETE beside a CREATE?"},
		{GotStatus(200), "an UPDATE was answered 200 although the file was not there: looking and writing have to be one step that no DELETE comes between"},
		{GotStatus(600), "a DELETE was answered 600 although the file was not there: removing itself has to tell whether there was something"},
	}
	return []Case{
		{
			ID: "STTP-5.8-RACE-012", Title: "Whatever 8 clients do to 4 files at once, their replies are those of some order of their requests",
			Statements: []string{"5.8-2", "5.8-3"}, Story: "races", Strict: Must, Guide: Unchecked, Limit: raceLimit,
			After:   []string{"STTP-5.5-UPDATE-005", "STTP-5.6-DELETE-003", "STTP-5.2-CREATE-006"},
			Accepts: accepts, Hints: hints,
			Netcat: `for i in $(seq 8); do (for n in $(seq 10); do for c in "CREATE /try/a.txt $i-$n" 'SHOW /try/a.txt' "UPDATE /try/a.txt $i+$n" 'DELETE /try/a.txt'; do printf '%s\n\n' "$c" | nc HOST PORT; done; done) & done; wait`,
			Run:    func(t *T) { judgeHistory(t, mixedHistory(t, 8, raceRounds, 4)) },
		},
		{
			ID: "STTP-5.8-RACE-013", Title: "UPDATEs and SHOWs of one file by 6 clients at once give replies of some order of them",
			Statements: []string{"5.8-2", "5.8-3"}, Story: "races", Strict: Must, Guide: Unchecked, Limit: raceLimit,
			After:   []string{"STTP-5.5-UPDATE-001"},
			Accepts: accepts, Hints: hints,
			Netcat: `printf 'CREATE /try/a.txt 0\n\n' | nc HOST PORT; for i in $(seq 6); do (for n in $(seq 10); do printf "UPDATE /try/a.txt $i-$n\n\n" | nc HOST PORT; printf 'SHOW /try/a.txt\n\n' | nc HOST PORT; done) & done; wait`,
			Run:    func(t *T) { judgeHistory(t, readWriteHistory(t, 6, 40)) },
		},
	}
}

// recorder collects the history of many clients.
type recorder struct {
	began time.Time
	mu    sync.Mutex
	ops   []op
	asked int
}

// do carries out one request and adds it to the history.
func (r *recorder) do(c *client, action, path, contents string) {
	o := op{client: c.number, action: action, path: path, contents: contents}
	line := action + " " + path
	if contents != "" {
		line += " " + contents
	}
	o.call = time.Since(r.began)
	got, p := c.ask(line)
	o.ret = time.Since(r.began)
	if p == nil {
		o.status = splitStatusLine(got).status
	}
	if o.status == 200 && action == "SHOW" {
		o.shown, _ = contentsOf(path, got)
	}
	if !o.expected() {
		c.fail(&Problem{Symptom: GotStatus(o.status), Says: fmt.Sprintf("beside the requests of others, %s is answered with a status that it cannot have here", shortened(line)), Got: got})
	}
	if o.status == 0 || o.status == 500 {
		o = unknownOutcome(o)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked++
	if o.action != "SHOW" || o.status != 0 {
		r.ops = append(r.ops, o)
	}
}

// expected tells whether the status is one that the action can have on a path
// of files alone.
func (o op) expected() bool {
	statuses := map[string][]int{"CREATE": {100, 300}, "SHOW": {200, 400, 410}, "UPDATE": {200, 400, 410}, "DELETE": {600, 400, 410}}
	return o.status == 0 || o.status == 500 || slices.Contains(statuses[o.action], o.status)
}

// mixedHistory has clients do anything to a few files in one directory.
func mixedHistory(t *T, clients, requests, files int) *recorder {
	r := &recorder{began: time.Now()}
	cr := t.crowd()
	for range clients {
		cr.join(func(c *client) {
			for n := 0; n < requests && !c.done(); n++ {
				path := fmt.Sprintf("%s/all/%d.txt", t.dir, c.rand.IntN(files))
				switch value := fmt.Sprintf("%d-%d", c.number, n); c.rand.IntN(10) {
				case 0, 1:
					r.do(c, "CREATE", path, value)
				case 2:
					r.do(c, "DELETE", path, "")
				case 3, 4, 5:
					r.do(c, "UPDATE", path, value)
				default:
					r.do(c, "SHOW", path, "")
				}
			}
		})
	}
	cr.wait()
	return r
}

// readWriteHistory has clients update and show one file.
func readWriteHistory(t *T, clients, requests int) *recorder {
	r := &recorder{began: time.Now()}
	path := t.dir + "/a.txt"
	first := t.crowd()
	first.join(func(c *client) {
		c.number = 0 // none of those that follow
		r.do(c, "CREATE", path, "0-0")
	})
	first.wait()
	cr := t.crowd()
	for range clients {
		cr.join(func(c *client) {
			for n := 0; n < requests && !c.done(); n++ {
				if c.rand.IntN(3) == 0 {
					r.do(c, "UPDATE", path, fmt.Sprintf("%d-%d", c.number, n))
				} else {
					r.do(c, "SHOW", path, "")
				}
			}
		})
	}
	cr.wait()
	return r
}

// judgeHistory ends the case if the history is not linearizable.
func judgeHistory(t *T, r *recorder) {
	story, path, decided := checkHistory(r.ops)
	if story != nil {
		for _, o := range story {
			t.Note("from %v to %v: %v", o.call.Round(time.Microsecond), roundReturn(o.ret), o)
		}
		t.FailWith(storyProblem(story, path))
	}
	answered := len(slices.DeleteFunc(slices.Clone(r.ops), func(o op) bool { return o.status == 0 }))
	switch {
	case answered < r.asked/2:
		t.Fail(NoReply, "only %d of %d requests of many clients at once were answered", answered, r.asked)
	case !decided:
		t.Undecided("it would take too long to tell whether the replies are those of some order of the requests")
	}
}

// roundReturn rounds the time of a reply, if there is one.
func roundReturn(ret time.Duration) any {
	if ret == never {
		return "some time"
	}
	return ret.Round(time.Microsecond)
}
