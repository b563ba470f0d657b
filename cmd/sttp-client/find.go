package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"path"
	"time"

	"sttp"
	"sttp/client"
	"sttp/internal/cli"
)

const (
	showAtOnce = 100      // snippets that are asked for at once
	maxJSON    = 64 << 20 // bytes of names and contents that one JSON object takes
)

// query returns the query that the options of list or search ask for; nil for
// none. text is what search looks for.
func (p *program) query(word, text string) (*sttp.Query, error) {
	o := p.opts
	q := sttp.Query{Contains: text, Name: o.name, Recursive: o.recursive, Limit: o.limit, After: o.after}
	if word == "search" && !p.given("recursive") {
		q.Recursive = true
	}
	switch {
	case word == "search" && text == "":
		return nil, cli.Usagef("list lists everything", "the text to search for is empty")
	case p.given("name") && o.name == "":
		return nil, cli.Usagef("as in --name '*.txt'", "the pattern of --name is empty")
	case !isPattern(o.name):
		return nil, cli.Usagef(`as in --name '*.txt' or '[ab]*'; \ takes the next character as it stands`, "--name %q is no pattern", o.name)
	case p.given("limit") && o.limit < 1:
		return nil, cli.Usagef("as in --limit 100", "--limit is at least 1")
	case word == "list" && !o.all && o.limit > sttp.MaxLimit:
		return nil, cli.Usagef("--all asks for more, page by page", "--limit is at most %d", sttp.MaxLimit)
	case q == sttp.Query{}:
		return nil, nil
	}
	if _, err := sttp.ParseContents(text); err != nil {
		return nil, cli.Usagef("what no snippet holds cannot be found", "%w", err)
	}
	q.Limit = min(q.Limit, sttp.MaxLimit)
	if _, err := sttp.ParseQuery(q.String()); err != nil {
		return nil, cli.Usagef("nothing was sent; see "+name+" "+word+" --help", "%w", err)
	}
	return &q, nil
}

func isPattern(text string) bool {
	_, err := path.Match(text, "")
	return err == nil
}

// finding is the work of search and of list --all.
type finding struct {
	*program
	call     *call
	client   *client.Client
	out      *bufio.Writer
	clean    func(string) string
	bytes    int
	waiting  []string // names whose contents are to be shown
	unshown  int
	snippets []snippet
}

// snippet is what search --show prints of a file.
type snippet struct {
	Name     string `json:"name"`
	Contents string `json:"contents"`
}

// find prints the names that the query asks for, page by page.
func (p *program) find(ctx context.Context, c *call) error {
	start := time.Now()
	f := &finding{program: p, call: c, out: bufio.NewWriter(p.stdout), clean: p.cleaner()}
	f.client = client.New(c.target.address(), p.manyRequests(1))
	defer f.client.Close()
	err := f.run(ctx)
	c.took = time.Since(start)
	if flushed := f.out.Flush(); flushed != nil && err == nil {
		err = cli.Unwritten(flushed)
	}
	return err
}

func (f *finding) run(ctx context.Context) error {
	c := f.call
	if f.opts.show {
		f.snippets = []snippet{}
		defer func() { c.snippets = &f.snippets }()
	} else {
		c.names = []string{}
	}
	q, n := sttp.Query{}, 0
	if c.query != nil {
		q = *c.query
	}
	var failed error
	for name, err := range f.client.Search(ctx, c.target.path, q) {
		if err != nil {
			failed = f.failure(ctx, err)
			break
		}
		if failed = f.found(ctx, name); failed != nil {
			return failed
		}
		if n++; n == f.opts.limit {
			break
		}
	}
	if err := f.showWaiting(ctx); err != nil && failed == nil {
		failed = err
	}
	if failed == nil && f.unshown > 0 {
		failed = &cli.Failure{Code: cli.ExitFailure, Err: fmt.Errorf("%d of %d files could not be shown", f.unshown, n)}
	}
	if failed == nil {
		c.resp.Status = sttp.StatusOK
	}
	return failed
}

// found takes the next name.
func (f *finding) found(ctx context.Context, name string) error {
	if f.opts.show {
		if f.waiting = append(f.waiting, name); len(f.waiting) < showAtOnce {
			return nil
		}
		return f.showWaiting(ctx)
	}
	if !f.opts.json {
		return unwritten(f.out.WriteString(f.clean(name) + "\n"))
	}
	f.call.names = append(f.call.names, name)
	return f.keep(len(name))
}

// keep bounds what one JSON object takes.
func (f *finding) keep(n int) error {
	const overhead = 64 // bytes, of what holds a name
	if f.bytes += n + overhead; f.bytes > maxJSON {
		return &cli.Failure{Code: cli.ExitFailure, Err: errors.New("there is more than one JSON object takes"),
			Hint: "leave --json out, or ask for less at a time with --limit and --after"}
	}
	return nil
}

// showWaiting shows what the files hold whose names were found.
func (f *finding) showWaiting(ctx context.Context) error {
	var reqs []sttp.Request
	var names []string
	for _, name := range f.waiting {
		req, err := sttp.NewRequest(sttp.Show, f.call.dir()+name, "", false)
		if err != nil {
			f.cannotShow(name, formError(err))
			continue
		}
		reqs, names = append(reqs, req), append(names, name)
	}
	f.waiting = f.waiting[:0]
	resps, err := f.client.Pipeline(ctx, reqs)
	for i, resp := range resps {
		if err := f.shown(names[i], resp); err != nil {
			return err
		}
	}
	if err != nil {
		return f.failure(ctx, err)
	}
	return nil
}

func (f *finding) shown(name string, resp sttp.Response) error {
	err := resp.Err()
	switch {
	case errors.Is(err, sttp.ErrNotFound), errors.Is(err, sttp.ErrPathNotFound):
		return nil // it was deleted meanwhile
	case err != nil:
		f.cannotShow(name, err)
		return nil
	case f.opts.json:
		f.snippets = append(f.snippets, snippet{name, resp.Contents})
		return f.keep(len(name) + len(resp.Contents))
	}
	return unwritten(f.out.WriteString(f.clean(name) + "\t" + f.clean(resp.Contents) + "\n"))
}

func (f *finding) cannotShow(file string, err error) {
	f.unshown++
	fmt.Fprintf(f.stderr, "%s: %s: %s\n", name, cli.Escape(file), cli.Escape(err.Error()))
}

// failure returns the failure of a request that err ended.
func (f *finding) failure(ctx context.Context, err error) error {
	var refused *sttp.Error
	var partial *client.PipelineError
	if errors.As(err, &partial) {
		err = partial.Err
	}
	if !errors.As(err, &refused) {
		return f.call.unanswered(err, f.opts.timeout)
	}
	f.call.resp = refused.Response()
	f.call.tryPlain(ctx, f.client)
	return f.call.refused()
}

// tryPlain finds out whether a query was refused because it is one.
func (c *call) tryPlain(ctx context.Context, cl *client.Client) {
	path, err := sttp.ParsePath(c.target.path)
	if err != nil || c.resp.Status != sttp.StatusClientError {
		return
	}
	resp, err := cl.Do(ctx, sttp.Request{Action: sttp.List, Path: path})
	c.plain = err == nil && resp.Status == sttp.StatusOK
}

// dir returns the call's path with a slash at its end.
func (c *call) dir() string {
	path, err := sttp.ParsePath(c.target.path)
	if err != nil {
		return c.target.path
	}
	return path.AsDir().String()
}

// manyRequests returns the options of a client for more than one request: not
// the whole work has a limit, but connecting and each reply.
func (p *program) manyRequests(connections int) client.Options {
	opts := client.Options{MaxConnections: connections, ReplyTimeout: p.opts.timeout}
	dial := new(net.Dialer).DialContext
	if p.opts.verbose {
		n := &narrator{w: p.stderr, start: time.Now()}
		dial, opts.Trace = n.dial, client.Trace{Sent: n.sent, Received: n.received}
	}
	opts.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		limited, cancel := context.WithTimeout(ctx, p.opts.timeout)
		defer cancel()
		return dial(limited, network, address)
	}
	return opts
}

func unwritten(_ int, err error) error {
	if err != nil {
		return cli.Unwritten(err)
	}
	return nil
}
