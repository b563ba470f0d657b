package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"sttp"
	"sttp/client"
	"sttp/internal/cli"
	"sttp/internal/mirror"
)

const (
	maxConnections = 64
	maxTold        = 10_000 // files in one JSON object
)

// transfer is one push or pull.
type transfer struct {
	*program
	word     string
	dir      string
	call     call
	result   mirror.Result
	told     []toldFile
	err      error // why it stopped
	progress *cli.Progress
}

// toldFile is what the JSON object has of a file.
type toldFile struct {
	Name    string `json:"name"`
	Outcome string `json:"outcome"`
	Error   string `json:"error,omitempty"`
}

// transfer copies a tree, as the arguments after push or pull ask for.
func (p *program) transfer(ctx context.Context, word string, args []string) error {
	t := &transfer{program: p, word: word, call: call{word: word, action: sttp.List}}
	err := t.perform(ctx, args)
	var printed error
	switch {
	case p.opts.json:
		printed = t.printJSON(err)
	case t.result != mirror.Result{} || err == nil:
		printed = p.print(t.summary() + "\n")
	}
	if err != nil {
		return err
	}
	return printed
}

func (t *transfer) perform(ctx context.Context, args []string) error {
	path, err := t.parse(args)
	if err != nil {
		return err
	}
	t.progress = cli.NewProgress(t.stderr)
	opts := mirror.Options{
		Address: t.call.target.address(), Client: t.manyRequests(t.opts.connections), Connections: t.opts.connections,
		Delete: t.opts.delete, DryRun: t.opts.dryRun, Tell: t.tell,
	}
	if !t.opts.verbose && !t.opts.dryRun {
		opts.Stage, opts.Step = t.progress.Stage, t.progress.Add
	}
	start := time.Now()
	if t.word == "push" {
		t.result, t.err = mirror.Push(ctx, t.dir, path, opts)
	} else {
		t.result, t.err = mirror.Pull(ctx, path, t.dir, opts)
	}
	t.progress.Clear()
	t.call.took = time.Since(start)
	return t.outcome()
}

// parse finds the directory and the path in the arguments.
func (t *transfer) parse(args []string) (sttp.Path, error) {
	usage := "as in: " + name + " " + topics[t.word].use + ", with ./notes and sttp://localhost:8080/notes/"
	if len(args) != 2 {
		return sttp.Path{}, cli.Usagef(usage, "%s takes a directory and a URL", t.word)
	}
	url := args[1]
	t.dir = args[0]
	if t.word == "pull" {
		url, t.dir = args[0], args[1]
	}
	_, swapped := cutScheme(t.dir)
	switch {
	case swapped:
		return sttp.Path{}, cli.Usagef(usage, "%s takes them in the other order", t.word)
	case t.dir == "":
		return sttp.Path{}, cli.Usagef(usage, "the directory is empty")
	case t.opts.connections < 1 || t.opts.connections > maxConnections:
		return sttp.Path{}, cli.Usagef("as in --connections 8", "--connections is from 1 to %d", maxConnections)
	}
	var err error
	if t.call.target, err = findTarget(url, t.opts, t.getenv("STTP_SERVER")); err != nil {
		return sttp.Path{}, err
	}
	req, err := sttp.NewRequest(sttp.List, t.call.dir(), "", false)
	if err != nil {
		return sttp.Path{}, invalid(err)
	}
	return req.Path, nil
}

// tell shows what became of a file, if that is worth a line.
func (t *transfer) tell(e mirror.Event) {
	changed := e.Outcome == mirror.Created || e.Outcome == mirror.Updated || e.Outcome == mirror.Deleted
	if e.Outcome == mirror.Unchanged || changed && !t.opts.dryRun {
		return
	}
	file := toldFile{Name: e.Name, Outcome: e.Outcome.String()}
	line := file.Outcome + " " + cli.Escape(e.Name)
	if e.Err != nil {
		file.Error = e.Err.Error()
		if errors.Is(e.Err, context.Canceled) {
			file.Error = "interrupted before its reply came"
		}
		line += ": " + file.Error
	}
	if t.opts.json && len(t.told) < maxTold {
		t.told = append(t.told, file)
	}
	switch {
	case !changed:
		t.progress.Note(line)
	case !t.opts.json:
		fmt.Fprintf(t.stdout, "would be %s\n", line)
	}
}

// summary tells in one line what was done.
func (t *transfer) summary() string {
	var b strings.Builder
	if t.opts.dryRun {
		b.WriteString("WOULD HAVE ")
	}
	b.WriteString(strings.ToUpper(t.word) + "ED " + cli.Escape(t.call.target.path) + ":")
	always := map[mirror.Outcome]bool{
		mirror.Created: true, mirror.Updated: true, mirror.Unchanged: true, mirror.Skipped: true, mirror.Failed: true, mirror.Deleted: t.opts.delete,
	}
	separator := " "
	for o, n := range t.result {
		if outcome := mirror.Outcome(o); n > 0 || always[outcome] {
			fmt.Fprintf(&b, "%s%s %v", separator, cli.Thousands(n), outcome)
			separator = ", "
		}
	}
	fmt.Fprintf(&b, " in %.1f s", t.call.took.Seconds())
	return b.String()
}

// outcome returns the failure that the result and the error amount to.
func (t *transfer) outcome() error {
	var refused *sttp.Error
	var dir *mirror.DirError
	again := "do it again: what is right by then is left alone"
	switch unknown := t.result[mirror.Unknown]; {
	case unknown > 0:
		return &cli.Failure{Code: cli.ExitOutcomeUnknown, Hint: again,
			Err: fmt.Errorf("of %d changes it is not known whether they were carried out: %w", unknown, t.cause())}
	case errors.Is(t.err, context.Canceled):
		return &cli.Failure{Code: cli.ExitNoConnection, Err: errors.New("interrupted"), Hint: again}
	case errors.As(t.err, &dir):
		return &cli.Failure{Code: cli.ExitUsage, Err: dir, Hint: "nothing was changed"}
	case errors.Is(t.err, mirror.ErrTooMany):
		return &cli.Failure{Code: cli.ExitFailure, Err: t.err}
	case errors.As(t.err, &refused):
		t.call.resp = refused.Response()
		return t.call.refused()
	case t.err != nil:
		return t.call.unanswered(t.cause(), t.opts.timeout)
	}
	if n := t.result[mirror.Skipped] + t.result[mirror.Failed]; n > 0 {
		return &cli.Failure{Code: cli.ExitFailure, Err: fmt.Errorf("%s copied, for the reasons above", wereNot(n))}
	}
	return nil
}

// cause returns why it stopped, without how far it came, which is told already.
func (t *transfer) cause() error {
	var partial *client.PipelineError
	switch {
	case errors.Is(t.err, context.Canceled):
		return errors.New("interrupted")
	case errors.As(t.err, &partial):
		return partial.Err
	}
	return t.err
}

func wereNot(n int) string {
	if n == 1 {
		return "1 file was not"
	}
	return cli.Thousands(n) + " files were not"
}

// transferObject is what --json prints of a push or pull; the help describes it.
type transferObject struct {
	Action    string     `json:"action"`
	Server    string     `json:"server,omitempty"`
	Path      string     `json:"path,omitempty"`
	Directory string     `json:"directory,omitempty"`
	DryRun    bool       `json:"dry_run"`
	Created   int        `json:"created"`
	Updated   int        `json:"updated"`
	Unchanged int        `json:"unchanged"`
	Deleted   int        `json:"deleted"`
	Skipped   int        `json:"skipped"`
	Hidden    int        `json:"hidden"`
	Failed    int        `json:"failed"`
	Unknown   int        `json:"unknown"`
	Files     []toldFile `json:"files"`
	Error     string     `json:"error,omitempty"`
	Exit      int        `json:"exit"`
	MS        float64    `json:"ms"`
}

func (t *transfer) printJSON(err error) error {
	r := t.result
	o := transferObject{
		Action: strings.ToUpper(t.word), Path: t.call.target.path, Directory: t.dir, DryRun: t.opts.dryRun,
		Created: r[mirror.Created], Updated: r[mirror.Updated], Unchanged: r[mirror.Unchanged], Deleted: r[mirror.Deleted],
		Skipped: r[mirror.Skipped], Hidden: r[mirror.Hidden], Failed: r[mirror.Failed], Unknown: r[mirror.Unknown],
		Files: append([]toldFile{}, t.told...), MS: milliseconds(t.call.took),
	}
	if t.call.target.host != "" {
		o.Server = t.call.target.address()
	}
	o.Error, o.Exit = told(err)
	return t.encode(o)
}
