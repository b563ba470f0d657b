package check

import (
	"cmp"
	"fmt"
	"strings"
	"sync"
	"time"
)

// The case of a LIST of 1 MiB makes some four thousand directories with names
// as long as can be, which is the least that gives such a list. It leaves a
// server alone that would take too long for it.
const (
	hugeLimit  = 75 * time.Second
	hugeBudget = 25 * time.Second // for making them
	hugeList   = 1 << 20
	hugeConns  = 4
	hugeWindow = 32 // requests on the way on each connection
)

// listHuge fills a directory until its list has 1 MiB, and then some more.
func listHuge(t *T) {
	files := hugeFiles(t)
	last := t.dir + "/~/f"
	hangs := false
	defer func() {
		if !hangs { // else it would be waited for once more
			removeTogether(t, append(files, last))
		}
	}()
	began := time.Now()
	refused, done := pipelined(t, "CREATE", files, " x", began.Add(hugeBudget))
	if refused != "" {
		t.FailWith(&Problem{Symptom: GotStatus(splitStatusLine(refused).status), Says: "one of many pipelined CREATEs was not answered 100", Got: refused})
	}
	if hangs = refused == "" && done < len(files) && time.Since(began) < hugeBudget; hangs {
		t.Fail(NoReply, "one of many pipelined CREATEs got no reply within %v", hugeReply(t))
	}
	if done < len(files) {
		t.Undecided("the server made %d of %d files in %v, too few to see how it answers a LIST of 1 MiB", done, len(files), time.Since(began).Round(time.Second))
	}
	c := t.Dial()
	defer c.Close() // before removeTogether, which a server may serve only then
	line := t.Expand("LIST {d}")
	c.Send(line + "\n")
	got, end := c.ReplyWithin(line, 5*t.timeout)
	checkHuge(t, line, got, end)
	c.Send("CREATE " + last + " x\n" + line + "\n")
	got, end = c.Reply("CREATE")
	t.Judge("CREATE "+last+" x", got, end, "100 "+last+" CREATED")
	got, end = c.ReplyWithin(line, 5*t.timeout)
	if splitStatusLine(got).status == 200 {
		t.Fail(GotStatus(200), "LIST is answered 200 with %d bytes, though its contents line is longer than 1 MiB", len(got))
	}
	t.Judge(line, got, end, t.Expand(`300 {d} CLIENT ERROR "…"`))
}

// hugeFiles returns one file in each of so many directories that a list of
// them has 1 MiB to the byte.
func hugeFiles(t *T) []string {
	const name = 255
	var files []string
	for left := hugeList; left > 0; {
		n := name
		switch { // a name takes its bytes, the slash, and the comma and space before the next
		case left <= name+1:
			n = left - 1
		case left < 2*name:
			n = left/2 - 3
		}
		dir := fmt.Sprintf("%05d", len(files))
		dir += strings.Repeat("d", n-len(dir))
		files = append(files, t.dir+"/"+dir+"/f")
		left -= n + 1
		if left > 0 {
			left -= 2
		}
	}
	return files
}

// checkHuge judges the list of 1 MiB without showing all of it.
func checkHuge(t *T, line, got string, end End) {
	first, rest, _ := strings.Cut(got, "\n")
	if first != t.Expand("200 {d} OK") {
		t.Judge(line, got, end, t.Expand("200 {d} OK"), "…")
	}
	switch {
	case !strings.HasSuffix(rest, "\n"):
		symptom := map[End]Symptom{Open: NoReply, Closed: ClosedEarly, Reset: WasReset}[end]
		t.Fail(symptom, "only %d bytes came of a list of 1 MiB", len(rest))
	case len(rest) != hugeList+1:
		t.Fail(WrongContents, "the list should have %d bytes and has %d", hugeList, len(rest)-1)
	}
}

// hugeReply is how long one of so many requests may wait for its reply.
func hugeReply(t *T) time.Duration { return max(caseLimit, 2*t.timeout) }

// pipelined sends a request for each path, over a few connections and without
// waiting for every single reply, until the time is over. It returns a reply
// that is not the success of the action, if there is one, and how many
// succeeded.
func pipelined(t *T, action string, paths []string, contents string, until time.Time) (refused string, done int) {
	success := map[string]string{"CREATE": "100 ", "DELETE": "600 "}[action]
	var refusals [hugeConns]string
	var dones [hugeConns]int
	var senders sync.WaitGroup
	for i := range hugeConns {
		t.Go(&senders, func() {
			c, err := t.TryDial()
			if err != nil {
				return
			}
			defer c.Close()
			mine := paths[len(paths)*i/hugeConns : len(paths)*(i+1)/hugeConns]
			for len(mine) > 0 && time.Now().Before(until) {
				batch := mine[:min(hugeWindow, len(mine))]
				mine = mine[len(batch):]
				c.Send(action + " " + strings.Join(batch, contents+"\n"+action+" ") + contents + "\n")
				for range batch {
					got, _ := c.ReplyWithin(action, hugeReply(t))
					if strings.HasPrefix(got, success) {
						dones[i]++
						continue
					}
					refusals[i] = got
					if got == "" || action == "CREATE" {
						return
					}
				}
			}
		})
	}
	senders.Wait()
	for i := range hugeConns {
		done += dones[i]
		refused = cmp.Or(refused, refusals[i])
	}
	return refused, done
}

// removeTogether deletes files, and forgets those that are gone, so that they
// need not be cleaned up.
func removeTogether(t *T, files []string) {
	if _, done := pipelined(t, "DELETE", files, "", time.Now().Add(hugeBudget)); done < len(files)-hugeWindow {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, path := range files[:len(files)-1] {
		delete(t.made, path)
	}
}
