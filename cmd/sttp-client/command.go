package main

import (
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"sttp"
	"sttp/internal/cli"
	"sttp/internal/mirror"
)

// options are what the flags say.
type options struct {
	address string
	port    int
	timeout time.Duration
	verbose bool
	json    bool
	version bool

	addressed bool // whether the address or the port was given

	// of list and search
	name      string
	recursive bool
	limit     int
	after     string
	all       bool
	show      bool

	// of push and pull
	dryRun      bool
	delete      bool
	connections int
}

func newCommand(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:                   name + " [OPTIONS] ACTION URL [CONTENT]",
		Short:                 "Talks to a server of the Short Text Transfer Protocol",
		Args:                  cobra.ArbitraryArgs,
		ValidArgsFunction:     complete,
		DisableFlagsInUseLine: true,
		SilenceErrors:         true,
		SilenceUsage:          true,
	}
	p.groups = p.opts.groups()
	flags := cmd.Flags()
	for _, g := range p.groups {
		flags.AddFlagSet(g.flags)
	}
	p.setHelp(cmd)
	cmd.SetFlagErrorFunc(flagError)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case p.opts.version:
			return p.print(cli.Version(name) + "\n")
		case len(args) > 0 && args[0] == "help":
			return p.help(args[1:])
		}
		p.opts.addressed = flags.Changed("address") || flags.Changed("port")
		return p.main(cmd.Context(), args, cmd.ArgsLenAtDash())
	}
	return cmd
}

// groups returns the options, by the actions that have them.
func (o *options) groups() []optionGroup {
	group := func(words ...string) optionGroup {
		g := optionGroup{flags: pflag.NewFlagSet("", pflag.ContinueOnError), words: words}
		g.flags.SortFlags = false
		return g
	}
	list, listOnly, searchOnly, copies, all := group("list", "search"), group("list"), group("search"), group("push", "pull"), group()

	list.flags.StringVar(&o.name, "name", "", "only files whose names match `PATTERN`, as in '*.txt'")
	list.flags.BoolVarP(&o.recursive, "recursive", "r", false, "files in the whole tree (search: unless it is --recursive=false)")
	list.flags.IntVar(&o.limit, "limit", 0, "`N` names at most")
	list.flags.StringVar(&o.after, "after", "", "only names that are sorted behind `NAME`")
	listOnly.flags.BoolVar(&o.all, "all", false, "ask page by page, however long the list is")
	searchOnly.flags.BoolVar(&o.show, "show", false, "print what the files hold, too")

	copies.flags.BoolVar(&o.dryRun, "dry-run", false, "change nothing, tell what would be changed")
	copies.flags.BoolVar(&o.delete, "delete", false, "delete what the other side does not have, without asking")
	copies.flags.IntVar(&o.connections, "connections", mirror.DefaultConnections, "use `N` connections at once")

	all.flags.StringVarP(&o.address, "address", "a", "localhost", "host of the server, for a path without one")
	all.flags.IntVarP(&o.port, "port", "p", sttp.DefaultPort, "port of the server, for a path without one")
	all.flags.DurationVar(&o.timeout, "timeout", 5*time.Second, "how long the call may take, as in 500ms or 1m; with many requests, each")
	all.flags.BoolVar(&o.json, "json", false, "print one JSON object")
	all.flags.BoolVarP(&o.verbose, "verbose", "v", false, "tell on standard error what happens, step by step")
	all.flags.BoolVar(&o.version, "version", false, "print the version and exit")
	all.flags.BoolP("help", "h", false, "print this help and exit")
	return []optionGroup{list, listOnly, searchOnly, copies, all}
}

// actionNames are the actions as the command line has them.
func actionNames() []string {
	var names []string
	for _, a := range sttp.Actions() {
		names = append(names, strings.ToLower(a.String()))
	}
	return names
}

// words are all that the first argument may be.
func words() []string { return append(actionNames(), "search", "push", "pull") }

func complete(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	switch {
	case len(args) == 0:
		return words(), cobra.ShellCompDirectiveNoFileComp
	case args[0] == "push" && len(args) == 1, args[0] == "pull" && len(args) == 2:
		return nil, cobra.ShellCompDirectiveFilterDirs
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
	case errors.As(err, &wrong) && wrong.GetFlag().Value.Type() == "int":
		return cli.Usagef("as in --"+wrong.GetFlag().Name+" 10", "%q is no number", wrong.GetValue())
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
