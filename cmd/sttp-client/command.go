package main

import (
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"sttp"
	"sttp/internal/cli"
)

const long = `sttp-client asks a server of the Short Text Transfer Protocol (STTP) for one thing:

  create URL CONTENT   make a file, and the directories it needs
  show URL             print what a file holds, and a newline
  list URL             print the names in a directory, one a line
  update URL CONTENT   replace what a file holds
  delete URL           remove a file

URL is sttp://host[:port]/path; the port is 8080 if none is given. What a URL
cannot hold is percent-encoded (# is %23); %2F is not taken, because no name
holds a slash. An argument that begins with / is a path as it stands; then the
server is that of --address and --port or, if neither is given, of the variable
STTP_SERVER=sttp://host[:port].

CONTENT is one argument and exactly the text, so put it in quotes. With - it is
read from standard input, without the newline at its end. After --, content may
begin with -, and - is itself. On a terminal, control and format characters are
printed escaped.

Exit codes:
  0  success
  1  the server refused the request (300, 310), or the output cannot be written
  2  the command line is wrong; nothing was sent
  3  no connection, a lost one, a timeout or an interrupt; nothing was changed
  4  not found (400, 410)
  5  the server failed (500, 510), or does not speak STTP
  6  a change was sent, and whether it was carried out is not known
The message of a 500 to a change may say that its outcome is unknown; show tells.

With --json, standard output gets one object, also for a failure: "action",
"server", "path", "status" (if the server answered), "contents" (of show),
"names" (of list), "message" (of 300 and 500), "error" (of a failure), "exit"
(the exit code) and "ms" (how long the call took, in milliseconds). Only a wrong
option is told on standard error alone.`

const examples = `  sttp-client create sttp://localhost/notes/milk.txt 'Buy milk'
  sttp-client show sttp://localhost:8080/notes/milk.txt
  sttp-client -v list 'sttp://[::1]:8080/notes/'
  date | sttp-client update /notes/milk.txt - --address localhost --port 8080
  STTP_SERVER=sttp://localhost:8080 sttp-client delete /notes/milk.txt
  source <(sttp-client completion bash)`

// options are what the flags say.
type options struct {
	address string
	port    int
	timeout time.Duration
	verbose bool
	json    bool
	version bool

	addressed bool // whether the address or the port was given
}

func newCommand(p *program) *cobra.Command {
	o := &p.opts
	cmd := &cobra.Command{
		Use:                   name + " [OPTIONS] ACTION URL [CONTENT]",
		Short:                 "Talks to a server of the Short Text Transfer Protocol",
		Long:                  long,
		Example:               examples,
		Args:                  cobra.ArbitraryArgs,
		ValidArgsFunction:     complete,
		DisableFlagsInUseLine: true,
		SilenceErrors:         true,
		SilenceUsage:          true,
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVarP(&o.address, "address", "a", "localhost", "host of the server, for a path without one")
	flags.IntVarP(&o.port, "port", "p", sttp.DefaultPort, "port of the server, for a path without one")
	flags.DurationVar(&o.timeout, "timeout", 5*time.Second, "how long the whole call may take, as in 500ms or 1m")
	flags.BoolVar(&o.json, "json", false, "print one JSON object")
	flags.BoolVarP(&o.verbose, "verbose", "v", false, "tell on standard error what happens, step by step")
	flags.BoolVar(&o.version, "version", false, "print the version and exit")
	flags.BoolP("help", "h", false, "print this help and exit")
	cmd.SetFlagErrorFunc(flagError)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case o.version:
			return p.print(cli.Version(name) + "\n")
		case len(args) > 0 && args[0] == "help":
			return cmd.Help()
		}
		o.addressed = flags.Changed("address") || flags.Changed("port")
		return p.main(cmd.Context(), args, cmd.ArgsLenAtDash())
	}
	return cmd
}

// actionNames are the actions as the command line has them.
func actionNames() []string {
	var names []string
	for _, a := range sttp.Actions() {
		names = append(names, strings.ToLower(a.String()))
	}
	return names
}

func complete(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return actionNames(), cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// flagError adds to an option's error what would be right.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var wrong *pflag.InvalidValueError
	switch {
	case errors.As(err, &wrong) && wrong.GetFlag().Name == "port":
		return cli.Usagef("as in --port 8080", "%q is no port: it is a number from 1 to 65535", wrong.GetValue())
	case errors.As(err, &wrong) && wrong.GetFlag().Name == "timeout":
		return cli.Usagef("as in --timeout 5s or --timeout 500ms", "%q is no duration", wrong.GetValue())
	case errors.As(err, &unknown):
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if meant, ok := cli.DidYouMean(unknown.GetSpecifiedName(), names); ok {
			return cli.Usagef("did you mean --"+meant+"?", "%w", err)
		}
		return cli.Usagef("content that begins with - stands after --, as in: "+name+" create /notes/a.txt -- '-5 degrees'", "%w", err)
	}
	return cli.Usagef("see "+name+" --help", "%w", err)
}
