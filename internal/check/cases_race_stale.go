package check

import (
	"fmt"
	"strings"
	"sync/atomic"
)

// staleCases are those of readers beside somebody who changes what they read:
// what was acknowledged before a request was sent has to be in its reply.
func staleCases() []Case {
	const filled = "a reader has read the old contents, the change has removed the cache's entry, and then the reader has put the old contents into the cache: fill the cache under the lock that the change holds, or note that a change came in between and do not fill it"
	return []Case{
		{
			ID: "STTP-5.8-RACE-009", Title: "SHOW never answers what was there before an acknowledged UPDATE, though many read meanwhile",
			Statements: []string{"5.8-3", "5.8-2"}, Story: "races", Strict: Must, Guide: Must, Limit: raceLimit, After: afterUpdate,
			Accepts: "in every reply to SHOW the contents of the last UPDATE that was answered before, or of one that is on its way",
			Netcat:  `for n in $(seq 60); do printf "UPDATE /try/a.txt $n\n\n" | nc HOST PORT & printf 'SHOW /try/a.txt\n\n' | nc HOST PORT & done; wait`,
			Run:     raceStale,
			Hints:   []Hint{{Stale, filled}},
		},
		{
			ID: "STTP-5.8-RACE-010", Title: "SHOW never finds a file again that was deleted, though many read meanwhile",
			Statements: []string{"5.8-3", "5.8-2"}, Story: "races", Strict: Must, Guide: Must, Limit: raceLimit,
			After:   []string{"STTP-5.6-DELETE-002"},
			Accepts: "after each DELETE that was answered, SHOW is answered 400 until the next CREATE, and after that with its contents",
			Netcat:  `for n in $(seq 30); do printf "CREATE /try/a.txt $n\n\n" | nc HOST PORT; printf 'SHOW /try/a.txt\n\n' | nc HOST PORT & printf 'DELETE /try/a.txt\n\n' | nc HOST PORT; printf 'SHOW /try/a.txt\n\n' | nc HOST PORT; done`,
			Run:     raceGone,
			Hints:   []Hint{{Stale, filled}, {GotStatus(400), "the file is there, as its CREATE was answered 100: is it remembered that a file is missing, and not forgotten when it is made?"}},
		},
		{
			ID: "STTP-5.8-RACE-011", Title: "LIST never misses a file whose CREATE was answered, though many list meanwhile",
			Statements: []string{"5.8-3", "5.4-1"}, Story: "races", Strict: Must, Guide: Must, Limit: raceLimit,
			After:   []string{"STTP-5.4-LIST-011"},
			Accepts: "every list holds all files whose CREATE was answered before the LIST was sent",
			Netcat:  `for n in $(seq 40); do printf "CREATE /try/$n.txt x\n\n" | nc HOST PORT; printf 'LIST /try\n\n' | nc HOST PORT & printf 'LIST /try\n\n' | nc HOST PORT; done`,
			Run:     raceListStale,
			Hints:   []Hint{{Stale, "a reader has read the directory, a CREATE has removed the cached list, and then the reader has put the old list into the cache: fill the cache under the lock that changes hold, or note that a change came in between and do not fill it"}},
		},
	}
}

// numbers says how far one client has come with what it writes.
type numbers struct {
	sent, acked atomic.Int64
	over        atomic.Bool
}

func raceStale(t *T) {
	path := t.dir + "/a.txt"
	t.Want("CREATE "+path+" number 0", "100 "+path+" CREATED")
	var n numbers
	clients := t.crowd()
	clients.join(func(c *client) {
		defer n.over.Store(true)
		for i := int64(1); i <= raceRounds && !c.done(); i++ {
			contents := fmt.Sprint("number ", i)
			n.sent.Store(i)
			if c.want("UPDATE "+path+" "+contents, "200 "+path+" OK", contents) {
				n.acked.Store(i)
				n.look(c, path)
			}
		}
	})
	for range 4 {
		clients.join(func(c *client) {
			for i := 0; i < 1000 && !n.over.Load() && !c.done(); i++ {
				n.look(c, path)
			}
		})
	}
	clients.wait()
}

// look reads the file and judges what it holds by what was sent and
// acknowledged.
func (n *numbers) look(c *client, path string) {
	least := n.acked.Load()
	contents, ok := c.show(path)
	most := n.sent.Load()
	var got int64
	if _, err := fmt.Sscanf(contents, "number %d", &got); !ok {
		return
	} else if err != nil || got > most || contents != fmt.Sprint("number ", got) {
		c.fail(&Problem{Symptom: Torn, Says: "a SHOW beside UPDATEs is answered with contents that nobody has sent", Got: contents})
	} else if got < least {
		says := fmt.Sprintf("SHOW is answered with the contents of UPDATE %d, though UPDATE %d had been answered before the SHOW was sent", got, least)
		c.fail(&Problem{Symptom: Stale, Says: says, Expected: fmt.Sprint("number ", least), Got: contents})
	}
}

func raceGone(t *T) {
	path := t.dir + "/a.txt"
	t.Want("CREATE {d}/other.txt I stay", "100 {d}/other.txt CREATED")
	clients := t.crowd()
	var over atomic.Bool
	for range 4 {
		clients.join(func(c *client) {
			for i := 0; i < 1000 && !over.Load() && !c.done(); i++ {
				if _, p := c.ask("SHOW " + path); p != nil {
					c.fail(p)
				}
			}
		})
	}
	clients.join(func(c *client) {
		defer over.Store(true)
		for i := 0; i < raceRounds/2 && !c.done(); i++ {
			contents := fmt.Sprint("number ", i)
			c.want("CREATE "+path+" "+contents, "100 "+path+" CREATED")
			c.want("SHOW "+path, "200 "+path+" OK", contents)
			c.want("DELETE "+path, "600 "+path+" DELETED")
			if got, p := c.ask("SHOW " + path); p != nil {
				c.fail(p)
			} else if splitStatusLine(got).status == 200 {
				c.fail(&Problem{Symptom: Stale, Says: "SHOW is answered 200 after the DELETE of the file was answered 600, and nobody has made it again", Expected: "400 " + path + " NOT FOUND\n", Got: got})
			}
		}
	})
	clients.wait()
}

func raceListStale(t *T) {
	const files = 40
	name := func(i int64) string { return fmt.Sprintf("%03d.txt", i) }
	t.Want("CREATE {d}/"+name(0)+" text", "100 {d}/"+name(0)+" CREATED")
	var n numbers
	look := func(c *client) {
		least := n.acked.Load()
		names, ok := c.list(t.dir)
		there := map[string]bool{}
		for _, s := range names {
			there[s] = true
		}
		for i := int64(0); ok && i <= least; i++ {
			if !there[name(i)] {
				c.fail(&Problem{Symptom: Stale, Says: "LIST does not show " + name(i) + ", whose CREATE had been answered before the LIST was sent", Got: strings.Join(names, ", ")})
				return
			}
		}
	}
	clients := t.crowd()
	clients.join(func(c *client) {
		defer n.over.Store(true)
		for i := int64(1); i <= files && !c.done(); i++ {
			path := t.dir + "/" + name(i)
			if c.want("CREATE "+path+" text", "100 "+path+" CREATED") {
				n.acked.Store(i)
				look(c)
			}
		}
	})
	for range 4 {
		clients.join(func(c *client) {
			for i := 0; i < 1000 && !n.over.Load() && !c.done(); i++ {
				look(c)
			}
		})
	}
	clients.wait()
}
