package proof

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync/atomic"

	"sttp"
)

// op is one request of a history and what came of it.
type op struct {
	Client int
	Action string
	Path   string
	Query  string // of a LIST: what stands behind the ?
	Text   string // of a CREATE or UPDATE; no two in a history have the same
	Call   int64  // the moment before it was sent
	Return int64  // the moment after its reply was read; 0 for none
	Until  int64  // without a reply, a moment when the server that it was sent to was no more

	Status   sttp.Status // 0 for no reply
	Message  string
	Contents string
}

// outcome is what a reply, or its absence, says about a request.
type outcome int

const (
	done    outcome = iota // it was carried out
	refused                // it was not, because of what is there: it exists, or it does not
	failed                 // it was not, because something broke
	open                   // a change that may have been made or not, until it returned or its server was no more
	silent                 // a read without an answer
	odd                    // no reply that the request can have
)

func (o *op) outcome() outcome {
	change := o.Action != "SHOW" && o.Action != "LIST"
	switch {
	case o.Status == 0 && change, o.Status == sttp.StatusServerError && strings.Contains(o.Message, "outcome unknown"):
		return open
	case o.Status == 0:
		return silent
	case o.Status == sttp.StatusServerError:
		return failed
	case o.Status == success[o.Action] && (o.Action != "UPDATE" || o.Contents == o.Text):
		return done
	case o.Action == "CREATE" && o.Status == sttp.StatusClientError && strings.Contains(o.Message, "exists"):
		return refused
	case o.Action != "CREATE" && (o.Status == sttp.StatusNotFound || o.Status == sttp.StatusPathNotFound):
		return refused
	}
	return odd
}

var success = map[string]sttp.Status{
	"CREATE": sttp.StatusCreated, "SHOW": sttp.StatusOK, "LIST": sttp.StatusOK,
	"UPDATE": sttp.StatusOK, "DELETE": sttp.StatusDeleted,
}

// line is the request as it is sent, without its LF.
func (o *op) line() string {
	s := o.Action + " " + o.Path
	if o.Query != "" {
		s += "?" + o.Query
	}
	if o.Text != "" {
		s += " " + o.Text
	}
	return s
}

// query returns the query of a LIST, nil for none.
func (o *op) query() *sttp.Query {
	if o.Query == "" {
		return nil
	}
	q, err := sttp.ParseQuery(o.Query)
	if err != nil {
		panic(err) // it comes from a Query
	}
	return q
}

func (o *op) String() string {
	reply := "no reply"
	if o.Status != 0 {
		reply = strings.TrimSpace(fmt.Sprintf("%v %s%s", o.Status, o.Contents, o.Message))
	}
	return fmt.Sprintf("[%d,%d] client %d: %s → %s", o.Call, o.Return, o.Client, o.line(), reply)
}

// clock counts the moments of a history. Two that it has given are never the
// same, and their order is the one in which they were.
type clock struct{ now atomic.Int64 }

func (c *clock) tick() int64 { return c.now.Add(1) }

// write writes a history as JSON, an operation in each line.
func write(file string, ops []*op) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	enc := json.NewEncoder(f)
	enc.SetEscapeHTML(false)
	for _, o := range ops {
		if err := enc.Encode(o); err != nil {
			return err
		}
	}
	return f.Close()
}

// load reads what write has written.
func load(file string) (ops []*op, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for dec := json.NewDecoder(f); dec.More(); {
		o := new(op)
		if err := dec.Decode(o); err != nil {
			return nil, err
		}
		ops = append(ops, o)
	}
	return ops, nil
}
