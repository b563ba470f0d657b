package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/pflag"

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
	groups         []optionGroup // of the options
	printed        error         // why help could not be printed
}

// call is the one request that the program makes, as far as it is known.
type call struct {
	word   string // as the command line has it
	action sttp.Action
	target target
	query  *sttp.Query
	resp   sttp.Response // the zero Response if there was no reply
	plain  bool          // whether a LIST is answered without the query that was refused
	took   time.Duration

	names    []string   // of search and list --all; nil if they are in resp
	snippets *[]snippet // of search --show
}

// main does what the arguments ask for. Those from number dash on, if it is not
// negative, stood after --.
func (p *program) main(ctx context.Context, args []string, dash int) error {
	var c call
	err := p.prepare(&c, args)
	if err == nil && (c.word == "push" || c.word == "pull") {
		return p.transfer(ctx, c.word, args[1:])
	}
	if err == nil {
		err = p.perform(ctx, &c, args, dash)
	}
	var printed error
	switch {
	case p.opts.json:
		printed = p.printJSON(c, err)
	case err == nil && c.names == nil && c.snippets == nil:
		printed = p.printText(c)
	}
	if err != nil {
		return err
	}
	return printed
}

// prepare finds out which action is asked for, and whether the options go with
// it.
func (p *program) prepare(c *call, args []string) (err error) {
	if p.opts.timeout <= 0 {
		return cli.Usagef("as in --timeout 5s", "a timeout is more than zero")
	}
	if c.word, err = parseWord(args); err != nil {
		return err
	}
	c.action = sttp.List
	if action, ok := sttp.ParseAction(strings.ToUpper(c.word)); ok {
		c.action = action
	}
	for _, g := range p.groups {
		g.flags.VisitAll(func(f *pflag.Flag) {
			if f.Changed && !g.has(c.word) && err == nil {
				err = cli.Usagef("see "+name+" "+g.words[0]+" --help", "--%s goes with %s, not with %s", f.Name, strings.Join(g.words, " and "), c.word)
			}
		})
	}
	return err
}

// given tells whether an option was given.
func (p *program) given(option string) bool {
	for _, g := range p.groups {
		if f := g.flags.Lookup(option); f != nil {
			return f.Changed
		}
	}
	return false
}

// perform makes the call that the arguments ask for, and returns an error
// unless it was carried out.
func (p *program) perform(ctx context.Context, c *call, args []string, dash int) error {
	if len(args) < 2 {
		return cli.Usagef("as in: "+usage(c.word), "%s needs a URL", args[0])
	}
	var err error
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
	if c.action != sttp.List {
		return p.ask(ctx, c, req)
	}
	if c.query, err = p.query(c.word, contents); err != nil {
		return err
	}
	if c.word == "search" || p.opts.all {
		return p.find(ctx, c)
	}
	req.Query = c.query
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
	if c.query != nil {
		c.tryPlain(limited, cl)
	}
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

// parseWord returns what the first argument asks for, in whatever case it is
// written.
func parseWord(args []string) (string, error) {
	if len(args) == 0 {
		return "", cli.Usagef("as in: "+usage("show")+"; see "+name+" --help", "an action and a URL are needed")
	}
	word := strings.ToLower(args[0])
	if slices.Contains(words(), word) {
		return word, nil
	}
	hint := "the actions are create, show, list, update and delete; and search, push and pull"
	if strings.Contains(args[0], "/") {
		hint = "the action comes first, as in: " + usage("show")
	} else if meant, ok := cli.DidYouMean(args[0], words()); ok {
		hint = "did you mean " + meant + "?"
	}
	return "", cli.Usagef(hint, "unknown action %q", args[0])
}

// usage returns a right command line with that action.
func usage(word string) string {
	line := name + " " + word + " sttp://localhost:8080/notes/"
	switch word {
	case "list":
		return line
	case "search":
		return line + " milk"
	case "create", "update":
		return line + "a.txt 'Buy milk'"
	}
	return line + "a.txt"
}

// contents returns what the third argument says.
func (p *program) contents(ctx context.Context, c *call, args []string, dash int) (string, error) {
	words := args[2:]
	action := c.word
	takes := c.action.TakesContents() || action == "search"
	here := name + " " + action + " " + c.target.url(c.target.path)
	switch {
	case !takes && len(words) > 0:
		return "", cli.Usagef("it is: "+here, "%s takes no content", action)
	case !takes:
		return "", nil
	case len(words) == 0 && action == "search":
		return "", cli.Usagef("as in: "+here+" milk", "search needs a text")
	case len(words) > 1 && action == "search":
		return "", cli.Usagef("quote it: "+here+" "+cli.ShellQuote(strings.Join(words, " ")), "the text is one argument, and there are %d", len(words))
	case action == "search":
		return words[0], nil
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
	return cli.Usagef("nothing was sent; see "+name+" --help", "%w", formError(err))
}

// formError returns what is wrong with a request that could not be made, without
// the status that a server would answer.
func formError(err error) error {
	var refused *sttp.Error
	if errors.As(err, &refused) && refused.Message != "" {
		return errors.New(refused.Message)
	} else if errors.Is(err, sttp.ErrFilenameTooLong) {
		return fmt.Errorf("a file's name has at most %d characters", sttp.MaxFilename)
	}
	return err
}
