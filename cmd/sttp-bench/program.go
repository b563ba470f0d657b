package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
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
		flags.StringVar(f.to, f.name, "", f.what)
		flags.Lookup(f.name).NoOptDefVal = stdoutName
	}
	flags.StringVar(&p.out.color, "color", "auto", "`WHEN` to use colours: auto, always or never")
	flags.BoolVarP(&p.out.quiet, "quiet", "q", false, "show the summary only, not how the run goes on")
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
	return nil
}

// document returns a Document to put a result in.
func (p *program) document(target string) *bench.Document {
	return &bench.Document{
		Tool: name, Version: cli.Version(name), Started: time.Now(), Machine: bench.ThisMachine(), Target: target,
	}
}

// emit writes the reports that were asked for, and the summary for people unless
// another one has standard output for itself.
func (p *program) emit(doc *bench.Document) error {
	text := true
	for _, out := range []struct {
		file  string
		write func(io.Writer, *bench.Document) error
	}{{p.out.json, report.JSON}, {p.out.html, report.HTML}} {
		if out.file == "" {
			continue
		}
		var b bytes.Buffer
		if err := out.write(&b, doc); err != nil {
			return fmt.Errorf("a report cannot be made: %w", err)
		}
		if out.file == stdoutName {
			text = false
			if err := p.print(b.String()); err != nil {
				return err
			}
		} else if err := os.WriteFile(out.file, b.Bytes(), 0o644); err != nil {
			return cli.Unwritten(err)
		}
	}
	if !text {
		return nil
	}
	var b bytes.Buffer
	if err := report.Text(&b, doc, p.style(p.stdout)); err != nil {
		return err
	}
	return p.print(b.String())
}

// live returns what shows on standard error how a run goes on.
func (p *program) live() *report.Live {
	if p.out.quiet {
		return report.NewLive(io.Discard, report.Style{})
	}
	return report.NewLive(p.stderr, p.style(p.stderr))
}

func (p *program) style(w io.Writer) report.Style {
	colored := p.out.color == "always" || p.out.color == "auto" && cli.IsTerminal(w) && p.getenv("NO_COLOR") == "" && p.getenv("TERM") != "dumb"
	return report.Style{Color: colored}
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

// noServer returns the failure of a run that could not begin.
func noServer(err error) error {
	return &cli.Failure{Code: exitGone, Err: err, Hint: "start the server first, as with: sttp-server"}
}

// flagError adds to an option's error what would be right.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var wrong *pflag.InvalidValueError
	switch {
	case errors.As(err, &wrong) && wrong.GetFlag().Value.Type() == "duration":
		return cli.Usagef("as in --"+wrong.GetFlag().Name+" 5s or 500ms", "%q is no duration", wrong.GetValue())
	case errors.As(err, &wrong):
		return cli.Usagef("as in --"+wrong.GetFlag().Name+" 3", "--%s needs a number, not %q", wrong.GetFlag().Name, wrong.GetValue())
	case errors.As(err, &unknown):
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if meant, ok := cli.DidYouMean(unknown.GetSpecifiedName(), names); ok {
			return cli.Usagef("did you mean --"+meant+"?", "%w", err)
		}
	}
	return cli.Usagef("see "+cmd.CommandPath()+" --help", "%w", err)
}
