package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"sttp"
	"sttp/client"
	"sttp/internal/cli"
)

// program is one run of sttp-client.
type program struct {
	environ        []string
	stdin          io.Reader
	stdout, stderr io.Writer
	opts           options
}

// call is the one request that the program makes, as far as it is known.
type call struct {
	action sttp.Action
	target target
	resp   sttp.Response // the zero Response if there was no reply
	took   time.Duration
}

// main does what the arguments ask for. Those from number dash on, if it is not
// negative, stood after --.
func (p *program) main(ctx context.Context, args []string, dash int) error {
	var c call
	err := p.perform(ctx, &c, args, dash)
	var printed error
	switch {
	case p.opts.json:
		printed = p.printJSON(c, err)
	case err == nil:
		printed = p.printText(c)
	}
	if err != nil {
		return err
	}
	return printed
}

// perform makes the call that the arguments ask for, and returns an error
// unless it was carried out.
func (p *program) perform(ctx context.Context, c *call, args []string, dash int) error {
	if p.opts.timeout <= 0 {
		return cli.Usagef("as in --timeout 5s", "a timeout is more than zero")
	}
	var err error
	if c.action, err = parseAction(args); err != nil {
		return err
	}
	if len(args) < 2 {
		return cli.Usagef("as in: "+usage(c.action), "%s needs a URL", args[0])
	}
	if c.target, err = findTarget(args[1], p.opts, p.getenv("STTP_SERVER")); err != nil {
		return err
	}
	contents, err := p.contents(ctx, c, args, dash)
	if err != nil {
		return err
	}
	req, err := sttp.NewRequest(c.action, c.target.path, contents, c.action.TakesContents())
	if err != nil {
		return invalid(err)
	}
	return p.ask(ctx, c, req)
}

// ask sends the request and waits for the reply.
func (p *program) ask(ctx context.Context, c *call, req sttp.Request) error {
	start := time.Now()
	opts := client.Options{MaxConnections: 1}
	n := &narrator{w: p.stderr, start: start}
	if p.opts.verbose {
		opts.DialContext, opts.Trace = n.dial, client.Trace{Sent: n.sent, Received: n.received}
	}
	cl := client.New(c.target.address(), opts)
	defer cl.Close()
	limited, cancel := context.WithTimeout(ctx, p.opts.timeout)
	defer cancel()
	resp, err := cl.Do(limited, req)
	c.took = time.Since(start)
	if p.opts.verbose {
		n.step("total")
	}
	if err != nil {
		return c.unanswered(err, p.opts.timeout)
	}
	c.resp = resp
	return c.refused()
}

func (p *program) getenv(key string) string {
	for _, e := range p.environ {
		if value, ok := strings.CutPrefix(e, key+"="); ok {
			return value
		}
	}
	return ""
}

// parseAction returns the action that the first argument names, in whatever
// case it is written.
func parseAction(args []string) (sttp.Action, error) {
	if len(args) == 0 {
		return 0, cli.Usagef("as in: "+usage(sttp.Show)+"; see "+name+" --help", "an action and a URL are needed")
	}
	if action, ok := sttp.ParseAction(strings.ToUpper(args[0])); ok {
		return action, nil
	}
	hint := "the actions are create, show, list, update and delete"
	if strings.Contains(args[0], "/") {
		hint = "the action comes first, as in: " + usage(sttp.Show)
	} else if meant, ok := cli.DidYouMean(args[0], actionNames()); ok {
		hint = "did you mean " + meant + "?"
	}
	return 0, cli.Usagef(hint, "unknown action %q", args[0])
}

// usage returns a right command line with that action.
func usage(action sttp.Action) string {
	line := name + " " + strings.ToLower(action.String()) + " sttp://localhost:8080/notes/"
	if action == sttp.List {
		return line
	}
	if line += "a.txt"; action.TakesContents() {
		line += " 'Buy milk'"
	}
	return line
}

// contents returns what the third argument says.
func (p *program) contents(ctx context.Context, c *call, args []string, dash int) (string, error) {
	words := args[2:]
	takes := c.action.TakesContents()
	action := strings.ToLower(c.action.String())
	here := name + " " + action + " " + c.target.url(c.target.path)
	switch {
	case !takes && len(words) > 0:
		return "", cli.Usagef("it is: "+here, "%s takes no content", action)
	case !takes:
		return "", nil
	case len(words) == 0:
		return "", cli.Usagef("as in: "+here+" 'Buy milk'; with - it is read from standard input", "%s needs content", action)
	case len(words) > 1:
		quoted := cli.ShellQuote(strings.Join(words, " "))
		return "", cli.Usagef("quote it: "+here+" "+quoted, "content is one argument, and there are %d", len(words))
	case words[0] == "-" && (dash < 0 || dash > 2):
		return p.readContents(ctx)
	}
	return words[0], nil
}

// readContents reads contents from standard input and drops the newline at
// their end.
func (p *program) readContents(ctx context.Context) (string, error) {
	const most = utf8.UTFMax*sttp.MaxContents + len("\r\n")
	type input struct {
		b   []byte
		err error
	}
	// Nothing can interrupt a read from a terminal. If ctx ends first the
	// process does too, and the goroutine with it.
	read := make(chan input, 1)
	go func() {
		b, err := io.ReadAll(io.LimitReader(p.stdin, int64(most)+1))
		read <- input{b, err}
	}()
	var in input
	select {
	case in = <-read:
	case <-ctx.Done():
		return "", &cli.Failure{Code: cli.ExitNoConnection, Err: errors.New("interrupted before anything was sent")}
	}
	if in.err != nil {
		return "", cli.Usagef("", "standard input cannot be read: %w", in.err)
	}
	text, ended := strings.CutSuffix(string(in.b), "\n")
	if ended {
		text = strings.TrimSuffix(text, "\r")
	}
	switch {
	case len(in.b) == 0: // more often a command before the pipe that failed than meant
		return "", cli.Usagef(`an empty content is written ""`, "standard input is empty")
	case strings.Contains(text, "\n"):
		return "", cli.Usagef("a snippet is one line", "standard input has more than one line")
	case len(in.b) > most:
		return "", cli.Usagef("", "%w", sttp.ErrContentsTooLong)
	}
	return text, nil
}

// invalid returns the failure of a request that is refused before it is sent.
func invalid(err error) error {
	var refused *sttp.Error
	if errors.As(err, &refused) && refused.Message != "" {
		err = errors.New(refused.Message)
	} else if errors.Is(err, sttp.ErrFilenameTooLong) {
		err = fmt.Errorf("a file's name has at most %d characters", sttp.MaxFilename)
	}
	return cli.Usagef("nothing was sent; see "+name+" --help", "%w", err)
}
