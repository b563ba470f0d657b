package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"sttp/internal/bench/peers"
	"sttp/internal/cli"
)

const peersLong = `peers measures servers beside each other on this machine: each is started by it, in
a fresh directory and on a free port of 127.0.0.1, filled with the same 1,000
snippets, warmed up, measured and ended; then the next one has its turn, round after
round. Every reply is verified. It shows the processor time of the server (with its
children) for a request, requests per second, and the 99th percentile of the service
time, and the ratio of the first server's figure to each other's, round by round:
the median, the lowest and the highest. Trust a ratio as far as its range is narrow.

SYSTEM is one of these (default: all of them); the first is what the others are
compared with:
  sttp                sttp-server with its defaults, but room for all snippets in its
                      cache, and a log of warnings only
  sttp:KEY=VALUE,...  the same with settings of sttp-server
  redis               redis-server, in memory; where changes are durable, with
                      appendonly and appendfsync always
  memcached           memcached with 64 MiB and four threads
  nginx               nginx with a worker for each processor, which keeps the files open
What is not installed is left out. --add takes part with any other server, called
NAME and started by a line of shell in which are replaced
  {port}      the port to listen on, at 127.0.0.1
  {dir}       a directory of its own
  {upstream}  host:port of an sttp-server that is started behind it, for a proxy
COMMAND is for a server of STTP, and with redis:, memcached: or http: before it for one
of another protocol; one of HTTP serves the files below {dir}/pages. It is taken to
make changes durable.

--only takes these workloads:
  show       SHOW, one request in flight on each connection
  pipelined  SHOW, 16 in flight
  connect    SHOW, a connection for each request
  durable    UPDATE that is durable when it is answered
and, if they are named, these:
  create     CREATE that is durable when it is answered
  create-one the same on one connection
  update     UPDATE as each system is set up

Exit codes:
  0  every reply was right; errors such as timeouts are shown and are no failure
  1  some replies were wrong
  2  the command line is wrong, and nothing was done
  3  the first server is not installed, or one did not start, or failed, or an interrupt
     came first`

const peersExamples = `  sttp-bench peers
  sttp-bench peers --rounds 9 --only show,pipelined sttp redis
  sttp-bench peers sttp sttp:cache.enabled=false sttp:storage.durability=async
  sttp-bench peers --only create,create-one sttp:storage.engine=sqlite sttp redis
  sttp-bench peers --add 'proxy=my-proxy --listen {port} --to {upstream}' sttp
  sttp-bench peers --add 'valkey=redis:valkey-server --port {port} --dir {dir}' sttp redis`

// peersOptions are what the flags of peers say.
type peersOptions struct {
	peers.Options
	add      []string
	server   string
	markdown string
	verbose  bool
}

func newPeersCommand(p *program) *cobra.Command {
	var o peersOptions
	cmd := &cobra.Command{
		Use:                   "peers [OPTIONS] [SYSTEM...]",
		Short:                 "Measure sttp-server beside redis-server, memcached and nginx",
		Long:                  peersLong,
		Example:               peersExamples,
		Args:                  cobra.ArbitraryArgs,
		ValidArgs:             systemNames(),
		DisableFlagsInUseLine: true,
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.IntVar(&o.Rounds, "rounds", 5, "measure each `N` times")
	flags.DurationVarP(&o.Duration, "duration", "d", 2*time.Second, "how long each measurement takes")
	flags.IntVarP(&o.Connections, "connections", "c", 50, "`N` connections")
	flags.StringSliceVar(&o.Only, "only", nil, "only these `WORKLOAD`s, as in --only show,durable")
	flags.StringArrayVar(&o.add, "add", nil, "one more server: '`NAME=COMMAND` with {port}'")
	flags.StringVar(&o.server, "server", "", "the `FILE` of sttp-server (default: beside this program, else in the PATH)")
	flags.StringVar(&o.Directory, "dir", "", "`DIRECTORY` below which the servers keep their files (default: the system's own for such)")
	flags.StringVar(&o.markdown, "markdown", "", "write a table in Markdown to standard output, or with --markdown=`FILE` to its place in a document")
	flags.Lookup("markdown").NoOptDefVal = stdoutName
	flags.BoolVarP(&o.verbose, "verbose", "v", false, "show how each server is started")
	p.addOutputFlags(flags)
	flags.BoolP("help", "h", false, "print this help and exit")
	cmd.SetFlagErrorFunc(flagError)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := cmp.Or(p.checkOutput(), o.check(p.out), o.complete(args)); err != nil {
			return err
		}
		return p.peers(cmd.Context(), o)
	}
	return cmd
}

// peers measures and shows what was found.
func (p *program) peers(ctx context.Context, o peersOptions) error {
	live := p.live()
	o.Observe, o.Note = live.Show, live.Note
	if o.verbose {
		for _, s := range o.Systems {
			live.Note(s.Name + ": " + s.Describe())
		}
	}
	doc := p.document("")
	var err error
	doc.Peers, err = peers.Run(ctx, o.Options)
	live.Clear()
	failure := peersFailure(err)
	wrong := doc.Peers.Wrong.Total()
	switch {
	case wrong > 0:
		failure = &cli.Failure{Code: exitWrong, Err: fmt.Errorf("some replies were wrong (%d), so the figures are worth nothing", wrong)}
	case doc.Peers.Interrupted && len(doc.Peers.Tables) == 0:
		failure = &cli.Failure{Code: exitGone, Err: errInterrupted}
	}
	if len(doc.Peers.Tables) == 0 && wrong == 0 && failure != nil {
		return failure
	}
	whole := failure == nil && !doc.Peers.Interrupted
	stdout := p.stdout
	if o.markdown == stdoutName {
		p.stdout = io.Discard // it has standard output for itself
	}
	err = p.emit(doc)
	p.stdout = stdout
	switch {
	case err != nil || failure != nil:
		return cmp.Or(err, failure)
	case o.markdown == "":
		return nil
	case !whole:
		return &cli.Failure{Code: cli.ExitFailure, Err: errors.New("no Markdown was written: the comparison was interrupted")}
	case o.markdown == stdoutName:
		return p.print(peers.Markdown(doc))
	}
	return o.insert(peers.Markdown(doc))
}

// peersFailure returns the failure of a comparison that could not be finished.
func peersFailure(err error) error {
	switch failed := new(peers.StartError); {
	case err == nil:
		return nil
	case errors.Is(err, peers.ErrMissing):
		return &cli.Failure{Code: exitGone, Err: err, Hint: "the first server is what the others are compared with; name another one first to go without it"}
	case errors.As(err, &failed):
		return &cli.Failure{Code: exitGone, Err: err, Hint: "--verbose shows how each server is started"}
	}
	return &cli.Failure{Code: cli.ExitFailure, Err: err}
}

// insert puts the table into its place in a document.
func (o peersOptions) insert(markdown string) error {
	document, err := os.ReadFile(o.markdown)
	if err == nil {
		document, err = peers.Insert(document, markdown)
	}
	if err == nil {
		err = os.WriteFile(o.markdown, document, 0o644)
	}
	if err != nil {
		return cli.Unwritten(err)
	}
	return nil
}
