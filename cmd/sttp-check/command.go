package main

import (
	"errors"
	"math/rand/v2"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"sttp/internal/check"
	"sttp/internal/cli"
)

const long = `sttp-check talks to a server of the Short Text Transfer Protocol (STTP) as clients
do, good ones and bad ones, and tells whether the server is right. For what is
wrong it shows what was sent, what had to come and what came, says what the
reason may be, and gives a line with netcat to try it. The server can be written
in any language.

There are two profiles. guide (the default) asks for what the guide to STTP says;
where that is silent, everything is right. strict asks for every statement of
docs/protocol.md; queries, which a server may do without, it asks for where the
server has them, or with --require queries. Whoever is half-way through the guide
says how far with --until; --list shows the stories.

All that the checker makes lies below one directory, /sttp-check-xxxxx, and is
removed at the end.

With --exec the checker starts the server itself, and also looks at what lies on
disk, ends the server with kill -9, and changes its settings. COMMAND is a line
of shell, run in the current directory, in which
  {config}   is a settings file in YAML: listen_address, port, docroot and cache
  {docroot}  is the docroot
  {port}     is the port to listen on, at 127.0.0.1
With --client a client is checked instead: COMMAND is called with an action, a
URL and contents as arguments.

Exit codes:
  0  every MUST holds
  1  some do not, or could not be tested
  2  the command line is wrong, or no case matches it
  3  there is no server at the address, or the command did not start one
  4  undecided: nothing failed, but of some MUST nothing is known`

const examples = `  sttp-check sttp://localhost:8080
  sttp-check --until delete sttp://localhost:8080
  sttp-check --only 'STTP-5.4-*' -v sttp://localhost:8080
  sttp-check --profile strict --exec 'bin/sttp-server --config {config}'
  sttp-check --profile strict --require queries sttp://localhost:8080
  sttp-check --exec 'python3 server.py --port {port} --docroot {docroot}' --html=report.html
  sttp-check --client bin/sttp-client
  sttp-check --json=before.json sttp://localhost:8080
  sttp-check --baseline before.json sttp://localhost:8080
  sttp-check --list --until update`

// options are what the flags say.
type options struct {
	check    check.Options
	profile  string
	settings []string
	require  []string
	baseline string
	json     string
	junit    string
	html     string
	color    string
	list     bool
	schema   bool
	verbose  bool
	quiet    bool
	version  bool
}

func newCommand(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:                   name + " [OPTIONS] sttp://HOST[:PORT] | --exec COMMAND | --client COMMAND",
		Short:                 "Tells whether a server of the Short Text Transfer Protocol is right",
		Long:                  long,
		Example:               examples,
		Args:                  cobra.ArbitraryArgs,
		ValidArgsFunction:     cobra.NoFileCompletions,
		DisableFlagsInUseLine: true,
		SilenceErrors:         true,
		SilenceUsage:          true,
	}
	addFlags(cmd.Flags(), &p.opts)
	cmd.SetFlagErrorFunc(flagError)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case p.opts.version:
			return p.print(cli.Version(name) + "\n")
		case len(args) > 0 && args[0] == "help":
			return cmd.Help()
		}
		if !cmd.Flags().Changed("seed") {
			p.opts.check.Seed = rand.Uint64N(1e6)
		}
		return p.main(cmd.Context(), args)
	}
	return cmd
}

func addFlags(flags *pflag.FlagSet, o *options) {
	flags.SortFlags = false
	flags.StringVar(&o.profile, "profile", check.Guide.String(), "`NAME` of the profile: guide or strict")
	flags.StringVar(&o.check.Until, "until", "", "only the stories of the guide up to this `STORY`, as in --until delete")
	flags.StringSliceVar(&o.check.Only, "only", nil, "only the cases of these `ID`s or patterns, as in 'STTP-5.4-*'")
	flags.StringSliceVar(&o.require, "require", nil, "ask for this `EXTENSION`, too, of a server that may do without it: queries")
	flags.BoolVar(&o.list, "list", false, "list the stories and cases and exit; with -v the whole records")
	flags.StringVar(&o.check.Exec, "exec", "", "start the server with this `COMMAND`")
	flags.StringArrayVar(&o.settings, "settings", nil, "with --exec: one more `LINE` for the settings file, as in 'storage: {durability: async}'")
	flags.BoolVar(&o.check.NoFiles, "no-files", false, "with --exec: the server does not keep snippets as files")
	flags.StringVar(&o.check.Client, "client", "", "check a client, called with this `COMMAND`, instead of a server")
	flags.Uint64Var(&o.check.Seed, "seed", 0, "`NUMBER` that decides what is random, to repeat a run (default: another one each time)")
	flags.IntVar(&o.check.Repeat, "repeat", 1, "run each case `N` times, to find what fails only sometimes")
	flags.DurationVar(&o.check.Timeout, "timeout", 2*time.Second, "`TIME` that the server may take for a reply")
	flags.DurationVar(&o.check.LineTime, "line-time", 10*time.Second, "`TIME` that the server gives a client for one line")
	flags.DurationVar(&o.check.IdleTime, "idle-time", 5*time.Minute, "`TIME` that the server lets a connection be silent")
	for _, f := range []struct {
		to         *string
		name, what string
	}{
		{&o.json, "json", "write the report as JSON to standard output, or to a file with --json=`FILE`"},
		{&o.junit, "junit", "the same as JUnit XML, with --junit=`FILE`"},
		{&o.html, "html", "the same as a page of HTML, with --html=`FILE`"},
	} {
		flags.StringVar(f.to, f.name, "", f.what)
		flags.Lookup(f.name).NoOptDefVal = stdoutName
	}
	flags.BoolVar(&o.schema, "schema", false, "print the JSON Schema of --json and exit")
	flags.StringVar(&o.baseline, "baseline", "", "`FILE` that --json wrote: only what got worse since then fails")
	flags.StringVar(&o.color, "color", "auto", "`WHEN` to use colours: auto, always or never")
	flags.BoolVarP(&o.verbose, "verbose", "v", false, "show the cases that hold, too")
	flags.BoolVarP(&o.quiet, "quiet", "q", false, "show only the verdict")
	flags.BoolVar(&o.version, "version", false, "print the version and exit")
	flags.BoolP("help", "h", false, "print this help and exit")
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
	return cli.Usagef("see "+name+" --help", "%w", err)
}
