package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"sttp/internal/bench"
	"sttp/internal/bench/compare"
	"sttp/internal/bench/report"
	"sttp/internal/cli"
)

const compareLong = `compare tells what changed from one measurement to another, and how sure that is.
A.json and B.json are what --json wrote: both of run, both of break, or both of the
guide's test.

A run is divided into slices of time. How much they differ says how much of a change
may be chance: the 95 % interval is where the true change lies in 95 of 100 cases.
  worse    by more than the tolerance, and the whole interval is on that side of no
           change: a regression
  better   the other way round
  same     the whole interval is within the tolerance
  unclear  none of these can be said; measure longer

What differs from run to run, such as what else the machine was doing, is not in the
interval, nor is all of what lasts for a good part of a run. Measure A twice and
compare these first: what is called worse then is the machine's doing.

Errors are compared as a share of all requests, with the tolerance in percentage
points. More wrong replies than before are always a regression.

Exit codes:
  0  no regression is known
  1  there is one
  2  the command line is wrong, or the files cannot be compared`

const compareExamples = `  sttp-bench run -d 60s --json=before.json sttp://localhost:8080
  sttp-bench run -d 60s --json=now.json sttp://localhost:8080
  sttp-bench compare before.json now.json
  sttp-bench compare --tolerance 10% --json=change.json before.json now.json`

// comparing are the options of compare.
type comparing struct {
	compare.Options
	schema bool
}

func newCompareCommand(p *program) *cobra.Command {
	o := comparing{Options: compare.Options{Tolerance: 0.05}}
	cmd := &cobra.Command{
		Use:                   "compare [OPTIONS] A.json B.json",
		Short:                 "Tell what changed from one measurement to another",
		Long:                  compareLong,
		Example:               compareExamples,
		Args:                  cobra.ArbitraryArgs,
		ValidArgsFunction:     jsonFiles,
		DisableFlagsInUseLine: true,
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.Var(shareValue{&o.Tolerance}, "tolerance", "`SHARE` by which a figure may get worse, as in 5%")
	flags.Lookup("tolerance").DefValue = "5%"
	flags.BoolVar(&o.Force, "force", false, "compare also what was measured with other settings")
	flags.StringVar(&p.out.json, "json", "", "write the result as JSON to standard output, or to a file with --json=`FILE`")
	flags.Lookup("json").NoOptDefVal = stdoutName
	flags.StringVar(&p.out.color, "color", "auto", "`WHEN` to use colours: auto, always or never")
	flags.BoolVar(&o.schema, "schema", false, "print the JSON Schema of compare --json and exit")
	flags.BoolP("help", "h", false, "print this help and exit")
	cmd.SetFlagErrorFunc(flagError)
	cmd.RunE = func(_ *cobra.Command, args []string) error { return p.compare(o, args) }
	return cmd
}

// jsonFiles completes the names of two files.
func jsonFiles(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) >= 2 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return []string{"json"}, cobra.ShellCompDirectiveFilterFileExt
}

// compare does what the options say.
func (p *program) compare(o comparing, args []string) error {
	if o.schema {
		return p.print(string(compare.Schema()))
	}
	if err := p.checkOutput(); err != nil {
		return err
	}
	if !(o.Tolerance >= 0 && o.Tolerance <= compare.MaxTolerance) {
		return cli.Usagef("as in --tolerance 5%", "--tolerance is from 0%% to 100%%, not %v%%", 100*o.Tolerance)
	}
	if len(args) != 2 {
		return cli.Usagef("as in: sttp-bench compare before.json now.json", "compare needs two files, not %d", len(args))
	}
	a, err := readReport(args[0])
	if err != nil {
		return err
	}
	b, err := readReport(args[1])
	if err != nil {
		return err
	}
	c, err := compare.Documents(a, b, args[0], args[1], o.Options)
	var settings *compare.SettingsError
	switch {
	case errors.As(err, &settings):
		return cli.Usagef("measure both with the same options, or compare them all the same with --force", "%s and %s cannot be compared: %w", args[0], args[1], err)
	case err != nil:
		return cli.Usagef("compare two reports of the same kind", "%w", err)
	}
	if err := p.emitComparison(c); err != nil {
		return err
	}
	if len(c.Regressions) > 0 {
		return failed(exitWrong, "there is a regression")
	}
	return nil
}

// readReport reads a file that --json wrote.
func readReport(name string) (*bench.Document, error) {
	hint := "make one with: sttp-bench run --json=" + cli.ShellQuote(name) + " sttp://localhost:8080"
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, cli.Usagef(hint, "there is no file %s", name)
	} else if err != nil {
		return nil, cli.Usagef("", "%w", err)
	}
	defer f.Close()
	doc, err := report.ReadJSON(f)
	if err != nil {
		return nil, cli.Usagef(hint, "%s: %w", name, err)
	}
	return doc, nil
}

// emitComparison writes the JSON if that was asked for, and the table for people
// unless the JSON has standard output for itself.
func (p *program) emitComparison(c *compare.Comparison) error {
	if p.out.json != "" {
		var b strings.Builder
		if err := report.WriteJSON(&b, compare.NewReport(c, cli.Version(name))); err != nil {
			return fmt.Errorf("a report cannot be made: %w", err)
		}
		if p.out.json == stdoutName {
			return p.print(b.String())
		}
		if err := os.WriteFile(p.out.json, []byte(b.String()), 0o644); err != nil {
			return cli.Unwritten(err)
		}
	}
	var b strings.Builder
	colored := p.style(p.stdout).Color
	for _, l := range c.Lines() {
		text := cli.Escape(l.Text)
		if sgr := colorOf(l); colored && sgr != "" && text != "" {
			text = "\x1b[" + sgr + "m" + text + "\x1b[0m"
		}
		b.WriteString(text + "\n")
	}
	return p.print(b.String())
}

// colorOf returns how a line looks in colour, as a parameter of terminals.
func colorOf(l compare.Line) string {
	switch {
	case l.Heading:
		return "1"
	case l.Verdict == compare.Worse:
		return "1;31"
	case l.Verdict == compare.Better:
		return "32"
	case l.Verdict == compare.Unclear:
		return "33"
	}
	return ""
}
