package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"sttp/internal/bench"
	"sttp/internal/bench/report"
	"sttp/internal/cli"
)

// program is one call of sttp-bench.
type program struct {
	environ        []string
	stdout, stderr io.Writer
	out            output
}

// output says what is shown and written.
type output struct {
	json  string
	html  string
	color string
	quiet bool
}

// stdoutName stands for standard output where a file is named.
const stdoutName = "-"

// addOutputFlags adds the options that every measurement has.
func (p *program) addOutputFlags(flags *pflag.FlagSet) {
	for _, f := range []struct {
		to         *string
		name, what string
	}{
		{&p.out.json, "json", "write the result as JSON to standard output, or to a file with --json=`FILE`"},
		{&p.out.html, "html", "the same as a page of HTML, with --html=`FILE`"},
	} {
		flags.Var((*fileValue)(f.to), f.name, f.what)
		flags.Lookup(f.name).NoOptDefVal = stdoutName
	}
	flags.StringVar(&p.out.color, "color", "auto", "`WHEN` to use colours: auto, always or never")
	flags.BoolVarP(&p.out.quiet, "quiet", "q", false, "show the summary only, not how the run goes on")
}

// fileValue is a file to write. An empty name, as of a variable that is not set,
// is a mistake, and not no file.
type fileValue string

func (v *fileValue) String() string { return string(*v) }
func (v *fileValue) Type() string   { return "string" }
func (v *fileValue) Set(name string) error {
	if name == "" {
		return errors.New("it names no file")
	}
	*v = fileValue(name)
	return nil
}

// checkOutput finds what is wrong with the output's options before anything is
// done.
func (p *program) checkOutput() error {
	o := p.out
	if o.color != "auto" && o.color != "always" && o.color != "never" {
		return cli.Usagef("it is auto, always or never", "--color %q", o.color)
	}
	if o.json == stdoutName && o.html == stdoutName {
		return cli.Usagef("write the other one to a file, as in --html=report.html", "only one report can go to standard output")
	}
	return cmp.Or(checkFile("json", o.json), checkFile("html", o.html))
}

// checkFile finds out whether a report can be written, so that nobody learns only
// after a long run that it cannot. It leaves everything as it is. Pipes and the
// like are not tried, as whoever reads them would see it.
func checkFile(option, file string) error {
	if file == "" || file == stdoutName {
		return nil
	}
	info, err := os.Stat(file)
	if err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return nil
	}
	f, failed := os.OpenFile(file, os.O_WRONLY|os.O_CREATE, 0o644)
	if failed != nil {
		return cli.Usagef("name a file that can be written", "--%s: %w", option, failed)
	}
	f.Close()
	if errors.Is(err, fs.ErrNotExist) {
		os.Remove(file)
	}
	return nil
}

// document returns a Document to put a result in.
func (p *program) document(target string) *bench.Document {
	return &bench.Document{
		Tool: name, Version: cli.Version(name), Started: time.Now(), Machine: bench.ThisMachine(), Target: target,
	}
}

// emit writes the summary for people, unless a report has standard output for
// itself, and the reports that were asked for. If one cannot be written the others
// still are, as the measurement cannot be had again.
func (p *program) emit(doc *bench.Document) error {
	text := func(w io.Writer, doc *bench.Document) error { return report.Text(w, doc, p.style(p.stdout)) }
	var summary error
	if p.out.json != stdoutName && p.out.html != stdoutName {
		summary = p.write(stdoutName, doc, text)
	}
	return cmp.Or(summary, p.write(p.out.json, doc, report.JSON), p.write(p.out.html, doc, report.HTML))
}

// write writes what render makes of doc to a file, or to none if it has no name.
func (p *program) write(file string, doc *bench.Document, render func(io.Writer, *bench.Document) error) error {
	if file == "" {
		return nil
	}
	var b bytes.Buffer
	if err := render(&b, doc); err != nil {
		return fmt.Errorf("a report cannot be made: %w", err)
	}
	if file == stdoutName {
		return p.print(b.String())
	}
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		return cli.Unwritten(err)
	}
	return nil
}

// live returns what shows on standard error how a run goes on.
func (p *program) live() *report.Live {
	if p.out.quiet {
		return report.NewLive(io.Discard, report.Style{})
	}
	return report.NewLive(p.stderr, p.style(p.stderr))
}

func (p *program) style(w io.Writer) report.Style {
	dumb := p.getenv("TERM") == "dumb"
	colored := p.out.color == "always" || p.out.color == "auto" && cli.IsTerminal(w) && p.getenv("NO_COLOR") == "" && !dumb
	return report.Style{Color: colored, Plain: dumb}
}

func (p *program) getenv(key string) string {
	for _, entry := range p.environ {
		if value, ok := strings.CutPrefix(entry, key+"="); ok {
			return value
		}
	}
	return ""
}

// print writes text to standard output.
func (p *program) print(text string) error {
	if _, err := io.WriteString(p.stdout, text); err != nil {
		return cli.Unwritten(err)
	}
	return nil
}

// failed returns the error of a run that the summary has told of already.
func failed(code int, what string) error {
	return &cli.Failure{Code: code, Silent: true, Err: errors.New(what)}
}

// outcome returns the error of a measurement that the summary has told of: nil
// if every reply was right and the server is there still. Errors beside wrong
// replies, such as timeouts, are what is measured, and no failure.
func outcome(wrong int64, gone *bench.Gone) error {
	switch {
	case wrong > 0:
		return failed(exitWrong, "some replies were wrong")
	case gone != nil:
		return failed(exitGone, "the server went away")
	}
	return nil
}

// cleanTime is how long, after an interrupt, what was made is deleted.
const cleanTime = 30 * time.Second

// withSession makes the snippets of a workload on the server at address, calls
// work, and deletes what was made, also if work failed or ctx has ended. The
// error is work's if it has one; else it says that something was left behind.
func (p *program) withSession(ctx context.Context, address string, o *loadOptions, live *report.Live, work func(*bench.Session) error) error {
	s, err := bench.NewSession(bench.Target{Address: address}, o.workload, o.seed)
	if err != nil {
		return err
	}
	if err = s.Prepare(ctx, live.Show); err == nil {
		err = work(s)
	}
	if ctx.Err() != nil {
		live.Note("interrupted: deleting what was made below " + s.Directory() + "; Ctrl-C again leaves it")
	}
	last, cancel := outlive(ctx, cleanTime)
	defer cancel()
	left, cleaning := s.Clean(last, live.Show)
	live.Clear()
	if left > 0 {
		fmt.Fprintf(p.stderr, "%s: %s may be left below %s: %s\n", name, count(int64(left), "snippet"), s.Directory(), cli.Escape(cmp.Or(cleaning, errUnknown).Error()))
	}
	switch {
	case err != nil:
		return p.explain(ctx, err)
	case left > 0:
		return failed(exitGone, "snippets are left behind")
	}
	return nil
}

var (
	errUnknown     = errors.New("the reason is not known")
	errInterrupted = errors.New("interrupted before anything was measured")
)

// outlive returns a context that ends so long after ctx.
func outlive(ctx context.Context, after time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(after)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel()
		case <-longer.Done():
		}
	})
	return longer, func() { stop(); cancel() }
}

// explain returns err as the failure of a measurement that found nothing.
func (p *program) explain(ctx context.Context, err error) error {
	var known *cli.Failure
	var shape *bench.ShapeError
	switch {
	case errors.As(err, &known):
		return err
	case ctx.Err() != nil:
		return &cli.Failure{Code: exitGone, Err: errInterrupted}
	case errors.Is(err, bench.ErrNoServer):
		return noServer(err)
	case errors.As(err, &shape):
		return cli.Usagef(shape.Hint, "%w", err)
	}
	return &cli.Failure{Code: cli.ExitFailure, Err: err, Hint: "sttp-check tells whether the server is right"}
}

// noServer returns the failure of a run that could not begin.
func noServer(err error) error {
	return &cli.Failure{Code: exitGone, Err: err, Hint: "start the server first, as with: sttp-server; it listens where its --listen-address and --port say"}
}

// flagError adds to an option's error its name and what would be right.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var wrong *pflag.InvalidValueError
	var number *strconv.NumError
	switch {
	case errors.As(err, &wrong):
		f := wrong.GetFlag()
		switch {
		case f.Value.Type() == "duration":
			return cli.Usagef("as in --"+f.Name+" 5s or 500ms", "--%s: %q is no duration", f.Name, wrong.GetValue())
		case f.Value.Type() == "bool":
			return cli.Usagef("as in --"+f.Name, "--%s is given or not, and %q is neither", f.Name, wrong.GetValue())
		case errors.As(err, &number):
			return cli.Usagef(example(f), "--%s needs a number, not %q", f.Name, wrong.GetValue())
		}
		return cli.Usagef(example(f), "--%s: %w", f.Name, wrong.Unwrap())
	case errors.As(err, &unknown):
		if ours := elsewhere(unknown.GetSpecifiedName()); ours != "" && cmd.Flags().Lookup(ours) != nil {
			return cli.Usagef("here it is --"+ours, "%w", err)
		}
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if meant, ok := cli.DidYouMean(unknown.GetSpecifiedName(), names); ok {
			return cli.Usagef("did you mean --"+meant+"?", "%w", err)
		}
	}
	return cli.Usagef("see "+cmd.CommandPath()+" --help", "%w", err)
}

// elsewhere returns the option that is called by that name in another tool.
func elsewhere(option string) string {
	switch option {
	case "pipeline":
		return "in-flight"
	case "clients", "workers", "concurrency", "c":
		return "connections"
	case "requests", "number", "n":
		return "count"
	case "R", "q", "qps", "rps":
		return "rate"
	case "ratio":
		return "mix"
	case "data-size", "size":
		return "length"
	case "key-maximum", "keys":
		return "snippets"
	case "test-time", "time", "t", "z":
		return "duration"
	case "warmup", "warmup-time":
		return "warm-up"
	case "disable-keepalive", "no-keepalive":
		return "connection-per-request"
	}
	return ""
}
