package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"sttp/internal/bench/guide"
	"sttp/internal/bench/report"
	"sttp/internal/cli"
)

const long = `sttp-bench measures how fast a server of the Short Text Transfer Protocol (STTP)
answers, whether it answers right, and where it breaks.

Without a command it carries out the performance test of the guide: it creates
1,000 snippets, /snippets/snippet_0.txt to snippet_999.txt, one after the other,
retrieves each and every tenth one twice, -c at once, and deletes them. After each
CREATE and each DELETE, and between the starts of the retrievals, it pauses for -i
milliseconds: with 100, the default, the pauses alone take five minutes. The
summary has the time with and without them. Every reply is verified, and a time
counts from when a request was sent until its reply was read.

Connections are kept, one for each of -c; a server that closes them after each
reply gets a new one for each request. With --connection-per-request it is done as
netcat does: a connection, the request, an empty line, and then read until the
server has closed it.

It deletes exactly what it has made, also after Ctrl-C (the second Ctrl-C ends it at
once, and leaves the snippets there). If a snippet with one of these names is on the
server already, nothing is changed. If somebody else makes one meanwhile, what was
made is deleted, and the run ends. What became of a CREATE without a reply is looked
up: the snippet is deleted only if it holds exactly what was sent.

Exit codes:
  0  every reply was right
  1  some were wrong, or requests of the guide's test failed; of compare: a
     regression
  2  the command line is wrong, or there are snippets with the names of the guide's
     test already
  3  there is no server, it went away, or the guide's test was interrupted`

const examples = `  sttp-bench
  sttp-bench -p 8080 -i 0 -c 10
  sttp-bench -i 0 --connection-per-request --html=guide.html
  sttp-bench run --rate 20k --duration 30s sttp://localhost:8080
  sttp-bench break --until 'p99<5ms,errors<0.1%' sttp://localhost:8080
  sttp-bench compare before.json now.json
  sttp-bench peers
  source <(sttp-bench completion bash)`

func newCommand(p *program) *cobra.Command {
	o := guideOptions{Options: guide.DefaultOptions()}
	cmd := &cobra.Command{
		Use:                   name + " [OPTIONS]",
		Short:                 "Measures a server of the Short Text Transfer Protocol",
		Long:                  long,
		Example:               examples,
		Args:                  cobra.ArbitraryArgs,
		ValidArgsFunction:     cobra.NoFileCompletions,
		DisableFlagsInUseLine: true,
		SilenceErrors:         true,
		SilenceUsage:          true,
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	o.addFlags(flags)
	p.addOutputFlags(flags)
	schema := flags.Bool("schema", false, "print the JSON Schema of --json and exit")
	version := flags.Bool("version", false, "print the version and exit")
	flags.BoolP("help", "h", false, "print this help and exit")
	cmd.SetFlagErrorFunc(flagError)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case *version:
			return p.print(cli.Version(name) + "\n")
		case *schema:
			return p.print(string(report.Schema()))
		case len(args) > 0:
			return unknownCommand(cmd, args)
		}
		return p.guide(cmd.Context(), o)
	}
	cmd.AddCommand(newRunCommand(p), newBreakCommand(p), newCompareCommand(p), newPeersCommand(p))
	cmd.SetHelpCommand(newHelpCommand(cmd))
	return cmd
}

// newHelpCommand returns the command that is another way to ask for --help.
func newHelpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:                   "help [COMMAND]",
		Short:                 "Print the help of a command",
		DisableFlagsInUseLine: true,
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return commandNames(root), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			asked, rest, err := root.Find(args)
			switch {
			case err == nil && len(rest) > 0 && asked != root:
				return cli.Usagef("as in: "+name+" help "+asked.Name(), "there is help for one command at a time, and %q is one too many", rest[0])
			case err != nil || len(rest) > 0:
				return unknownCommand(root, args)
			}
			return asked.Help()
		},
	}
}

// commandNames returns the names of the commands that measure.
func commandNames(root *cobra.Command) (names []string) {
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() && c.Name() != "help" && c.Name() != "completion" {
			names = append(names, c.Name())
		}
	}
	return names
}

// unknownCommand returns the error of arguments that begin with no command.
func unknownCommand(root *cobra.Command, args []string) error {
	word, names := args[0], commandNames(root)
	if i := slices.IndexFunc(args, func(arg string) bool { return strings.Contains(arg, "://") }); i >= 0 {
		return cli.Usagef("as in: "+name+" run "+cli.ShellQuote(args[i]), "a command stands before the URL, and %q is none", word)
	}
	if meant, ok := cli.DidYouMean(word, append(names, "help", "completion")); ok {
		return cli.Usagef("did you mean "+meant+"?", "there is no command %q", word)
	}
	if strings.HasSuffix(word, ".json") {
		return cli.Usagef("as in: "+name+" compare before.json now.json", "a command stands before the files, and %q is none", word)
	}
	if host, _, ok := strings.Cut(word, ":"); ok || host == "localhost" {
		return cli.Usagef("as in: "+name+" run sttp://localhost:8080; without a command the server is named as in: "+name+" -a localhost -p 8080",
			"there is no command %q", word)
	}
	return cli.Usagef("the commands are "+strings.Join(names, ", ")+"; without one it is the guide's test", "there is no command %q", word)
}
