package main

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sttp"
	"sttp/internal/wire"
)

// 200 clients at once, with mixed actions, alone on files of their own and
// together on a few that all share, under the race detector.
func TestManyClientsAtOnce(t *testing.T) { // [2.1-8] [5.2-4] [5.8-1] [5.8-2]
	const clients, requests, shared = 200, 40, 5
	s := startServer(t, "--docroot", t.TempDir(), "--storage-durability=async", "--cache-max-files=20", "--log-level=warn")
	var created [shared]counter
	var running sync.WaitGroup
	for id := range clients {
		running.Go(func() {
			c := &stressed{t: t, id: id, random: rand.New(rand.NewPCG(1, uint64(id)))}
			c.connect(s.addr)
			for range requests {
				c.own()
				c.together(id%shared, &created[id%shared])
			}
			c.nc.Close()
		})
	}
	running.Wait()
	for i := range created {
		if n := created[i].n; n != 1 {
			t.Errorf("of all CREATEs of a file that is never deleted %d were answered 100", n)
		}
	}
}

type counter struct {
	sync.Mutex
	n int
}

// stressed is a client that knows what its own file holds.
type stressed struct {
	t      *testing.T
	id     int
	random *rand.Rand
	nc     net.Conn
	r      *bufio.Reader
	known  string
}

func (c *stressed) connect(addr string) {
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		c.t.Error(err)
		return
	}
	nc.SetDeadline(time.Now().Add(60 * time.Second))
	c.nc, c.r = nc, bufio.NewReader(nc)
}

// ask sends lines together and returns the replies, contents after a space.
func (c *stressed) ask(lines ...string) []string {
	if _, err := io.WriteString(c.nc, strings.Join(lines, "\n")+"\n"); err != nil {
		c.t.Error(err)
	}
	replies := make([]string, len(lines))
	for i := range replies {
		line, err := c.r.ReadString('\n')
		if err != nil {
			c.t.Errorf("%s: %v", lines[i], err)
			break
		}
		if replies[i] = strings.TrimSuffix(line, "\n"); strings.HasPrefix(line, "200") {
			contents, _ := c.r.ReadString('\n')
			replies[i] += " " + strings.TrimSuffix(contents, "\n")
		}
	}
	return replies
}

// own makes one change to the client's own file, and looks at it with the next
// request of the same batch.
func (c *stressed) own() {
	path := fmt.Sprintf("/own/%d/%d.txt", c.id%50, c.id)
	text := strconv.Itoa(c.random.IntN(1000))
	var lines, want []string
	switch {
	case c.known == "":
		lines, want = []string{"CREATE " + path + " " + text}, []string{"100 " + path + " CREATED"}
	case c.random.IntN(3) == 0:
		lines, want, text = []string{"DELETE " + path}, []string{"600 " + path + " DELETED"}, ""
	default:
		lines, want = []string{"UPDATE " + path + " " + text}, []string{"200 " + path + " OK " + text}
	}
	show := "200 " + path + " OK " + text
	if text == "" {
		show = "4"
	}
	for i, got := range c.ask(append(lines, "SHOW "+path)...) {
		if want := append(want, show)[i]; !strings.HasPrefix(got, want) {
			c.t.Errorf("client %d: got %q, want %q", c.id, got, want)
		}
	}
	c.known = text
}

// together works on a file that many clients share: one creates it, all update
// it to all of one letter, nobody ever sees a mix.
func (c *stressed) together(file int, created *counter) {
	path := fmt.Sprintf("/shared/%d.txt", file)
	text := strings.Repeat(string(rune('a'+c.random.IntN(26))), sttp.MaxContents)
	replies := c.ask("CREATE "+path+" "+text, "UPDATE "+path+" "+text, "SHOW "+path, "LIST /shared")
	if strings.HasPrefix(replies[0], "100") {
		created.Lock()
		created.n++
		created.Unlock()
	}
	contents, found := strings.CutPrefix(replies[2], "200 "+path+" OK ")
	if !found || len(contents) != sttp.MaxContents || strings.Trim(contents, contents[:1]) != "" {
		c.t.Errorf("a shared file is answered %q", replies[2])
	}
	if !strings.Contains(replies[3], fmt.Sprintf("%d.txt", file)) {
		c.t.Errorf("the list lacks %s: %q", path, replies[3])
	}
}

// One client with 50 CREATEs in flight beside 50 clients with one each.
func BenchmarkDurableCreate(b *testing.B) {
	for _, shape := range []struct{ clients, inFlight int }{{1, 1}, {1, 50}, {50, 1}} {
		b.Run(fmt.Sprintf("%d clients with %d in flight", shape.clients, shape.inFlight), func(b *testing.B) {
			addr := startServer(b, "--docroot", b.TempDir(), "--log-level=warn").addr
			var next counter
			b.ResetTimer()
			var running sync.WaitGroup
			for range shape.clients {
				running.Go(func() { createMany(b, addr, shape.inFlight, &next) })
			}
			running.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "creates/s")
		})
	}
}

// createMany creates files in batches until b.N have been created by all.
func createMany(b *testing.B, addr string, batch int, next *counter) {
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		b.Error(err)
		return
	}
	defer nc.Close()
	r := bufio.NewReader(nc)
	for {
		next.Lock()
		from := next.n
		next.n += batch
		next.Unlock()
		if from >= b.N {
			return
		}
		var out []byte
		for i := from; i < from+batch; i++ {
			req, err := sttp.NewRequest(sttp.Create, fmt.Sprintf("/w/%d", i), "text", true)
			if err != nil {
				b.Error(err)
			}
			out = wire.AppendRequest(out, req)
		}
		nc.Write(out)
		for range batch {
			if line, err := r.ReadString('\n'); err != nil || !strings.HasPrefix(line, "100 ") {
				b.Errorf("got %q, %v", line, err)
				return
			}
		}
	}
}
