package proof

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"time"

	"sttp"
	"sttp/internal/wire"
)

// replyLimit is how long a batch of requests may take: far more than a server
// that is paused for a moment needs, so that what takes longer hangs.
const replyLimit = 30 * time.Second

// client is one of those who ask at once.
type client struct {
	number int
	storm  *storm
	random *rand.Rand
	texts  int // made so far

	conn  net.Conn
	read  *bufio.Reader
	lived int // in which of the server's lives conn was made

	ops []*op
}

// keys are the files of a history, below its directory. The first two are asked
// for most. Directories come and go with their files.
var keys = []string{"/a.txt", "/d/b.txt", "/c", "/d/e/a.txt", "/d/e/f.md", "/g/a.txt", "/g/ä.txt", "/z.md"}

// mixes are how many of a hundred requests are an UPDATE, that or a CREATE, and
// so on; the rest are LISTs. Many changes make many races, and what is stale
// stays so for long where there are few.
var mixes = []struct{ update, create, remove, show int }{{22, 36, 46, 86}, {4, 8, 9, 92}}

// words begin the texts: cases that fold, also beyond ASCII and into other
// lengths (the long s, the sign for Kelvin).
var words = []string{"milk", "MILK", "Käse", "KÄSE", "ſalt", "Salt", "2 \u212A", "2 k"}

// queries are what the LISTs of a history ask for; CLIENT stands for the number of one.
var queries = []string{
	"q=milk&recursive=true", "q=k%C3%84se&recursive=true", "q=salt", "q=2%20k&recursive=true", "q=%20CLIENT.&recursive=true",
	"q=s&recursive=true", "q=ml&recursive=true", "name=*.txt", "name=a*&recursive=true", "recursive=true", "recursive=true&limit=2",
	"recursive=true&limit=3&after=d/b.txt", "limit=2", "limit=1&after=c", "q=milk&name=*.txt&recursive=true&limit=2",
}

// run asks for n things, one or a few at a time.
func (c *client) run(n int) error {
	defer c.hangUp()
	for n > 0 {
		size := 1
		if c.random.IntN(4) == 0 {
			size = min(n, 2+c.random.IntN(7))
		}
		batch := make([]*op, size)
		for i := range batch {
			batch[i] = c.next()
		}
		c.storm.gate.RLock()
		err := c.do(batch)
		c.storm.gate.RUnlock()
		if err != nil {
			return err
		}
		n -= size
		c.storm.progress(size)
	}
	return nil
}

// next makes up a request.
func (c *client) next() *op {
	key := keys[c.random.IntN(len(keys))]
	if c.random.IntN(3) > 0 {
		key = keys[c.random.IntN(2)]
	}
	o := &op{Client: c.number, Path: c.storm.dir + key}
	m := mixes[c.storm.seed%uint64(len(mixes))]
	switch n := c.random.IntN(100); {
	case n < m.update:
		o.Action, o.Text = "UPDATE", c.text()
	case n < m.create:
		o.Action, o.Text = "CREATE", c.text()
	case n < m.remove:
		o.Action = "DELETE"
	case n < m.show:
		o.Action = "SHOW"
	default:
		o.Action = "LIST"
		o.Path = c.storm.dir + []string{"/", "", "/d/", "/d/e/", "/g/"}[c.random.IntN(5)]
		if c.random.IntN(2) == 0 {
			o.Query = strings.Replace(queries[c.random.IntN(len(queries))], "CLIENT", strconv.Itoa(c.random.IntN(clients)), 1)
		}
	}
	return o
}

// text makes up contents that nobody else has. Some are as long as can be, so
// that a part of one shows.
func (c *client) text() string {
	c.texts++
	s := fmt.Sprintf("%s %d.%d", words[c.random.IntN(len(words))], c.number, c.texts)
	if c.random.IntN(4) == 0 {
		s += strings.Repeat(".", sttp.MaxContents-len([]rune(s)))
	}
	return s
}

// do asks for a batch with one write. What is not answered when the server dies
// stays without a reply. An error means that the server has failed although
// nobody has killed it.
func (c *client) do(batch []*op) error {
	if err := c.dial(); err != nil {
		return err
	}
	var out strings.Builder
	for _, o := range batch {
		out.WriteString(o.line() + "\n")
	}
	c.conn.SetDeadline(time.Now().Add(replyLimit))
	for _, o := range batch {
		o.Call = c.storm.tick()
	}
	c.ops = append(c.ops, batch...)
	_, err := c.conn.Write([]byte(out.String()))
	for _, o := range batch {
		if err == nil {
			err = c.reply(o)
		}
	}
	if err == nil {
		return nil
	}
	c.hangUp()
	err = c.storm.rig.outlived(c.lived, err)
	for _, o := range batch {
		if o.Status == 0 {
			o.Until = c.storm.tick()
		}
	}
	return err
}

// reply reads what answers o.
func (c *client) reply(o *op) error {
	line, err := c.read.ReadSlice('\n')
	if err != nil {
		return err
	}
	resp, err := wire.ParseStatusLine([]byte(strings.TrimSuffix(string(line), "\n")))
	if err != nil {
		return fmt.Errorf("%w: %q", err, line)
	}
	contents := ""
	if resp.Status.HasContents() {
		if contents, err = c.read.ReadString('\n'); err != nil {
			return err
		}
	}
	o.Return = c.storm.tick()
	o.Status, o.Message, o.Contents = resp.Status, resp.Message, strings.TrimSuffix(contents, "\n")
	echo := o.Path
	if o.Status == sttp.StatusPathNotFound || o.Status == sttp.StatusCannotCreatePath {
		echo = o.Path[:strings.LastIndexByte(o.Path, '/')+1]
	}
	if resp.Path.String() != echo {
		o.Status, o.Message = mixedUp, "the reply to another path: "+string(line)
	}
	return nil
}

// mixedUp is the status of a reply that is not the one to its request.
const mixedUp sttp.Status = 999

func (c *client) dial() error {
	for c.conn == nil {
		address, life, err := c.storm.rig.address()
		if err != nil {
			return err
		}
		conn, err := net.Dial("tcp", address)
		if err == nil {
			c.conn, c.read, c.lived = conn, bufio.NewReader(conn), life
		} else if err := c.storm.rig.outlived(life, err); err != nil {
			return err
		}
	}
	return nil
}

func (c *client) hangUp() {
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
}

var errHangs = errors.New("the server has ended, or hangs, although nobody has killed it")
