package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"sttp/internal/check"
	"sttp/internal/check/report"
	"sttp/internal/cli"
)

const exampleTarget = "as in: " + name + " sttp://localhost:8080"

// program is one call of sttp-check.
type program struct {
	opts           options
	environ        []string
	stdout, stderr io.Writer
}

// main does what the options say.
func (p *program) main(ctx context.Context, args []string) error {
	if p.opts.schema {
		return p.print(string(report.Schema()))
	}
	if err := p.checkOptions(args); err != nil {
		return err
	}
	if p.opts.list {
		cases, err := check.Select(p.opts.check)
		if err != nil {
			return p.noCase(err)
		}
		return p.print(listText(cases, p.opts.check.Profile, p.opts.verbose))
	}
	baseline, err := p.baseline()
	if err != nil {
		return err
	}
	r, err := p.carryOut(ctx)
	if err != nil {
		return err
	}
	if baseline != nil {
		if err := baseline.Compare(r); err != nil {
			return cli.Usagef("make the baseline with the same --profile", "--baseline %s: %w", p.opts.baseline, err)
		}
	}
	if err := p.writeReports(r); err != nil {
		return err
	}
	return verdict(r.Verdict())
}

// verdict returns the error of a run that ends with that verdict. It says
// nothing, since the report has said it all.
func verdict(v check.Verdict) error {
	switch v {
	case check.AllHold:
		return nil
	case check.SomeFail:
		return &cli.Failure{Code: exitSomeFail, Silent: true, Err: errors.New("some MUSTs do not hold")}
	default:
		return &cli.Failure{Code: exitUndecided, Silent: true, Err: errors.New("of some MUSTs nothing is known")}
	}
}

// checkOptions finds what is wrong with the command line before anything is
// done, and completes the options of the check.
func (p *program) checkOptions(args []string) error {
	o := &p.opts
	var err error
	if o.check.Profile, err = check.ParseProfile(o.profile); err != nil {
		return cli.Usagef("as in --profile strict", "%w", err)
	}
	if err := p.checkSelection(); err != nil {
		return err
	}
	if o.color != "auto" && o.color != "always" && o.color != "never" {
		return cli.Usagef("it is auto, always or never", "--color %q", o.color)
	}
	if o.check.Repeat < 1 || o.check.Timeout <= 0 || o.check.LineTime <= 0 || o.check.IdleTime <= 0 {
		return cli.Usagef("--repeat is at least 1, and a time is more than 0", "a number is too small")
	}
	toStdout := 0
	for _, file := range []string{o.json, o.junit, o.html} {
		if file == stdoutName {
			toStdout++
		}
	}
	if toStdout > 1 {
		return cli.Usagef("write the others to files, as in --html=report.html", "only one report can go to standard output")
	}
	if err := p.checkRequired(); err != nil {
		return err
	}
	return p.checkTarget(args)
}

// checkRequired checks --require.
func (p *program) checkRequired() error {
	for _, extension := range p.opts.require {
		if extension != "queries" {
			return cli.Usagef("as in --require queries", "there is no extension %q", extension)
		}
		p.opts.check.RequireQueries = true
	}
	if p.opts.check.RequireQueries && p.opts.check.Profile != check.Strict {
		return cli.Usagef("add --profile strict", "profile guide asks for no extension")
	}
	return nil
}

// checkSelection checks --until and --only.
func (p *program) checkSelection() error {
	o := p.opts.check
	var names []string
	for _, s := range check.Stories() {
		names = append(names, s.Name)
		if s.Name == o.Until {
			names = nil
			break
		}
	}
	if o.Until != "" && names != nil {
		hint := "the stories are " + strings.Join(names, ", ")
		if meant, ok := cli.DidYouMean(o.Until, names); ok {
			hint = "did you mean " + meant + "? " + hint
		}
		return cli.Usagef(hint, "there is no story %q", o.Until)
	}
	for _, pattern := range o.Only {
		if _, err := path.Match(pattern, ""); err != nil {
			return cli.Usagef("as in --only 'STTP-5.4-*'; * and ? stand for anything", "--only %q is no pattern", pattern)
		}
	}
	return nil
}

// checkTarget finds out what is to be checked: exactly one thing, unless cases
// are only listed.
func (p *program) checkTarget(args []string) error {
	o := &p.opts
	o.check.Settings = strings.Join(o.settings, "\n")
	targets := len(args)
	for _, command := range []string{o.check.Exec, o.check.Client} {
		if command != "" {
			targets++
		}
	}
	switch {
	case o.list && targets == 0:
		return nil
	case targets == 0:
		return cli.Usagef(exampleTarget, "there is nothing to check")
	case targets > 1 && (o.json == stdoutName || o.junit == stdoutName || o.html == stdoutName):
		return cli.Usagef("a file is named as in --json=report.json", "there is more than one thing to check: %s", strings.Join(args, ", "))
	case targets > 1:
		return cli.Usagef("one URL, or --exec, or --client", "there is more than one thing to check")
	case o.check.Exec == "" && (len(o.settings) > 0 || o.check.NoFiles):
		return cli.Usagef("as in: "+name+" --exec 'bin/sttp-server --config {config}'", "--settings and --no-files are for --exec")
	case len(args) == 0:
		return nil
	}
	var err error
	o.check.Address, err = cli.ServerAddress(name, args[0])
	return err
}

// carryOut runs the cases.
func (p *program) carryOut(ctx context.Context) (*check.Report, error) {
	progress := report.NewProgress(p.stderr, 0)
	p.opts.check.Progress = progress.Show
	r, err := check.Run(ctx, p.opts.check)
	progress.Clear()
	var unreachable *check.UnreachableError
	switch {
	case err == nil:
		return r, nil
	case errors.Is(err, check.ErrNoCase):
		return nil, p.noCase(err)
	case errors.As(err, &unreachable):
		return nil, &cli.Failure{Code: exitUnreachable, Err: err, Hint: "start the server first, or let " + name + " start it with --exec"}
	case errors.Is(err, check.ErrCommand):
		return nil, cli.Usagef("write {config} where the server takes its settings file, or {port}, as in --exec './my-server --config {config}'", "%w", check.ErrCommand)
	case errors.Is(err, check.ErrNoServer):
		return nil, &cli.Failure{Code: exitUnreachable, Err: err, Hint: "try the command by hand; see " + name + " --help for what {config}, {docroot} and {port} become"}
	}
	return nil, &cli.Failure{Code: cli.ExitUsage, Err: err}
}

// noCase returns the failure of a selection that leaves nothing.
func (p *program) noCase(err error) error {
	hint := "--list shows the cases; with --exec, --client and --profile strict there are others"
	if len(p.opts.check.Only) > 0 {
		if cases, err := check.Catalogue(); err == nil {
			var ids []string
			for _, c := range cases {
				ids = append(ids, c.ID)
			}
			if meant, ok := cli.DidYouMean(p.opts.check.Only[0], ids); ok {
				hint = "did you mean " + meant + "? " + hint
			}
		}
	}
	return cli.Usagef(hint, "%w", err)
}

// baseline reads the report that this one is to be compared with, if any.
func (p *program) baseline() (*report.Baseline, error) {
	if p.opts.baseline == "" {
		return nil, nil
	}
	f, err := os.Open(p.opts.baseline)
	if err != nil {
		return nil, cli.Usagef("make one with --json="+p.opts.baseline, "--baseline: %w", err)
	}
	defer f.Close()
	b, err := report.ReadBaseline(f)
	if err != nil {
		return nil, cli.Usagef("make one with --json="+p.opts.baseline, "--baseline %s: %w", p.opts.baseline, err)
	}
	return b, nil
}

// stdoutName stands for standard output where a file is named.
const stdoutName = "-"

// writeReports writes the reports that were asked for, and the one for people
// unless another one has standard output for itself.
func (p *program) writeReports(r *check.Report) error {
	text := true
	for _, out := range []struct {
		file  string
		write func(io.Writer, *check.Report) error
	}{{p.opts.json, report.JSON}, {p.opts.junit, report.JUnit}, {p.opts.html, report.HTML}} {
		if out.file == "" {
			continue
		}
		var b bytes.Buffer
		if err := out.write(&b, r); err != nil {
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
	if err := report.Text(&b, r, p.textOptions()); err != nil {
		return err
	}
	return p.print(b.String())
}

func (p *program) textOptions() report.Options {
	colored := p.opts.color == "always" || p.opts.color == "auto" && report.Colored(p.stdout, p.getenv)
	return report.Options{Verbose: p.opts.verbose, Quiet: p.opts.quiet, Color: colored}
}

// print writes text to standard output.
func (p *program) print(text string) error {
	if _, err := io.WriteString(p.stdout, text); err != nil {
		return cli.Unwritten(err)
	}
	return nil
}

// getenv returns a variable of the environment.
func (p *program) getenv(variable string) string {
	for _, v := range p.environ {
		if value, ok := strings.CutPrefix(v, variable+"="); ok {
			return value
		}
	}
	return ""
}
