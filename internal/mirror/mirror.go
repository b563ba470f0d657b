// Package mirror copies whole trees of snippets between a directory and a
// server, many requests in flight on a few connections. Only what differs is
// changed.
//
// What a server says is not trusted: names are validated before a file is made
// of them, what is written stays below the directory, and a listing has a bound.
package mirror

import (
	"context"
	"errors"
	"sync"
	"time"

	"sttp"
	"sttp/client"
)

// Options say how a tree is copied. The zero Options are good.
type Options struct {
	Address string         // of the server, host:port
	Client  client.Options // of the connections
	Delete  bool           // remove what the other side does not have
	DryRun  bool           // change nothing, tell what would be changed

	// Connections is how many there are at once, each with a batch of requests
	// in flight. Zero means DefaultConnections.
	Connections int

	// Grace is how long replies to what was sent are waited for when the context
	// has ended. Zero means DefaultGrace.
	Grace time.Duration

	// MaxListing bounds the memory that the names on the server take, in bytes;
	// more are ErrTooMany. Zero means DefaultMaxListing.
	MaxListing int

	// Stage is told when something begins, and of how many steps it consists if
	// that is known; Step that some are done; Tell what became of a file. They
	// are called by one goroutine at a time, and may be nil.
	Stage func(name string, total int)
	Step  func(n int)
	Tell  func(Event)
}

// What the zero Options mean.
const (
	DefaultConnections = 4
	DefaultGrace       = 2 * time.Second
	DefaultMaxListing  = 1 << 30
)

// batchSize is how many snippets a connection deals with at a time: enough for a
// server to share the syncs of durable changes, and few enough that little is in
// doubt when the connection is lost.
const batchSize = 128

// Outcome is what became of a file.
type Outcome int

// The outcomes.
const (
	Created   Outcome = iota // was not there and is now
	Updated                  // held something else
	Unchanged                // was right
	Deleted                  // was removed because the other side does not have it
	Hidden                   // its name begins with a dot, so it is none of ours
	Skipped                  // is no snippet, or has a name that no snippet has
	Failed                   // could not be copied
	Unknown                  // a change was sent, and it is not known whether it was carried out
	outcomes
)

// String returns the outcome in a word.
func (o Outcome) String() string {
	return [outcomes]string{"created", "updated", "unchanged", "deleted", "hidden", "skipped", "failed", "unknown"}[o]
}

// Event tells what became of one file or, if it is Hidden, Skipped or Failed, of
// one directory with all that is in it.
type Event struct {
	Outcome Outcome
	Name    string // below the directory, with slashes; not escaped
	Err     error  // why, if it is Hidden, Skipped, Failed or Unknown
}

// Result counts the outcomes.
type Result [outcomes]int

// run is one Push or Pull.
type run struct {
	opts   Options
	root   sttp.Path // the directory on the server, with its slash
	client *client.Client

	queries bool // whether the server has shown that it knows them
	batch   int  // snippets that a connection deals with at a time

	mu     sync.Mutex
	result Result
}

func newRun(dir sttp.Path, opts Options) *run {
	if opts.Connections <= 0 {
		opts.Connections = DefaultConnections
	}
	if opts.Grace <= 0 {
		opts.Grace = DefaultGrace
	}
	if opts.MaxListing <= 0 {
		opts.MaxListing = DefaultMaxListing
	}
	opts.Client.MaxConnections = opts.Connections
	return &run{opts: opts, root: dir.AsDir(), client: client.New(opts.Address, opts.Client), batch: batchSize}
}

func (r *run) stage(name string, total int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.opts.Stage != nil {
		r.opts.Stage(name, total)
	}
}

func (r *run) step(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.opts.Step != nil {
		r.opts.Step(n)
	}
}

func (r *run) tell(outcome Outcome, name string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result[outcome]++
	if r.opts.Tell != nil {
		r.opts.Tell(Event{outcome, name, err})
	}
}

// adapt finds out whether the server answers more than one request on a
// connection, which not every plain server does, by asking twice for a file. If
// it does not, each request gets a connection of its own.
func (r *run) adapt(ctx context.Context, name string) error {
	file, err := r.request(sttp.Show, name, "")
	if err != nil {
		return nil // nothing will be sent about it
	}
	_, err = r.client.Pipeline(ctx, []sttp.Request{file, file})
	var partial *client.PipelineError
	if !errors.As(err, &partial) || partial.Answered > 1 || given(err) {
		return err
	}
	r.client.Close()
	r.opts.Client.IdleTimeout = -1
	r.client = client.New(r.opts.Address, r.opts.Client)
	r.batch = 1
	resp, err := r.client.Do(ctx, file)
	if err == nil && resp.Path.IsZero() {
		err = resp.Err()
	}
	return err
}

// given tells whether err has another cause than a connection that the server
// has closed.
func given(err error) bool {
	for _, cause := range []error{client.ErrNoConnection, client.ErrProtocol, client.ErrTimeout, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, cause) {
			return true
		}
	}
	return false
}

// request makes a request for a file below the directory. The error says why
// there can be no such file; it is no reply of the server's.
func (r *run) request(action sttp.Action, name, contents string) (sttp.Request, error) {
	req, err := sttp.NewRequest(action, r.root.String()+name, contents, action.TakesContents())
	var refused *sttp.Error
	switch {
	case errors.Is(err, sttp.ErrFilenameTooLong):
		err = errNameTooLong
	case errors.As(err, &refused):
		err = errors.New(refused.Message)
	}
	return req, err
}
