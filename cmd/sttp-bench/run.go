package main

import (
	"cmp"
	"context"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"sttp/internal/bench"
	"sttp/internal/cli"
)

const runLong = `run puts load on a server of the Short Text Transfer Protocol and measures how it
bears it. Every reply is verified.

By default it is an open loop: requests are due at a --rate that does not wait for
the server, as from many clients that know nothing of each other. Response time
counts from the moment a request was due, service time from the moment it was
sent. With --closed each connection sends a request when the reply to the one
before has come; then only service time is known.

What is made lies below one directory, /sttp-bench-xxxxx, and is deleted at the
end, also after Ctrl-C.

For those who know other tools:
  wrk2 -c 100 -d 30s -R 2000               -c 100 -d 30s -r 2000
  vegeta attack -rate 500 -duration 30s    -d 30s -r 500
  wrk -c 100 -d 30s                        -c 100 -d 30s --closed
  hey -c 50 -n 10000                       -c 50 -n 10000 --closed
  hey -c 50 -n 10000 -disable-keepalive    ... --connection-per-request
  memtier_benchmark --ratio 1:10           --closed --mix update=1,show=10
                    --pipeline 16               --in-flight 16

Exit codes:
  0  every reply was right, also if the run was interrupted; errors such as
     timeouts are shown and are no failure
  1  some replies were wrong
  2  the command line is wrong, or asks for what the server cannot do at all
  3  there is no server, or it went away, or an interrupt came first`

const runExamples = `  sttp-bench run sttp://localhost:8080
  sttp-bench run -r 20k -d 30s --arrivals poisson sttp://localhost
  sttp-bench run --mix show=70,update=20,list=5,create=3,delete=2 --zipf 1.1 sttp://localhost
  sttp-bench run --closed -c 50 --in-flight 16 -n 1M sttp://localhost
  sttp-bench run --length 20-160 --hit-ratio 90% --json=now.json --html=now.html sttp://localhost`

func newRunCommand(p *program) *cobra.Command {
	o := newLoadOptions()
	cmd := &cobra.Command{
		Use:     "run [OPTIONS] sttp://HOST[:PORT]",
		Short:   "Put load on a server, and measure how it bears it",
		Long:    runLong,
		Example: runExamples,
	}
	return p.loadCommand(cmd, o, o.addRunFlags, o.complete, func(ctx context.Context, address string) error {
		return p.runLoad(ctx, address, o)
	})
}

// loadCommand completes the command of what puts load on one server: the options
// and arguments that all such have. addOwn adds the command's own options, complete
// makes them consistent, and do does the work.
func (p *program) loadCommand(cmd *cobra.Command, o *loadOptions, addOwn func(*pflag.FlagSet), complete func(*pflag.FlagSet) error, do func(ctx context.Context, address string) error) *cobra.Command {
	cmd.Args, cmd.ValidArgsFunction, cmd.DisableFlagsInUseLine = cobra.ArbitraryArgs, cobra.NoFileCompletions, true
	flags := cmd.Flags()
	flags.SortFlags = false
	addOwn(flags)
	o.addConnectionFlags(flags)
	o.addWorkloadFlags(flags)
	p.addOutputFlags(flags)
	flags.BoolP("help", "h", false, "print this help and exit")
	cmd.SetFlagErrorFunc(flagError)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		address, err := p.server(cmd, args)
		if err != nil {
			return err
		}
		if err := cmp.Or(complete(cmd.Flags()), p.checkOutput()); err != nil {
			return err
		}
		return do(cmd.Context(), address)
	}
	return cmd
}

// runLoad measures the server at address.
func (p *program) runLoad(ctx context.Context, address string, o *loadOptions) error {
	doc := p.document("sttp://" + address)
	live := p.live()
	err := p.withSession(ctx, address, o, live, func(s *bench.Session) (err error) {
		doc.Run, err = s.Measure(ctx, o.load, live.Show)
		return err
	})
	switch {
	case doc.Run == nil:
		return err
	case doc.Run.Interrupted && doc.Run.Sent == 0:
		return &cli.Failure{Code: exitGone, Err: errInterrupted}
	}
	return cmp.Or(p.emit(doc), outcome(doc.Run.Wrong.Total(), doc.Run.Gone), err)
}

// server returns the host:port of the one server that the arguments name.
func (p *program) server(cmd *cobra.Command, args []string) (string, error) {
	switch {
	case len(args) == 0:
		return "", cli.Usagef("as in: "+cmd.CommandPath()+" sttp://localhost:8080", "there is no server to measure")
	case len(args) > 1 && (p.out.json == stdoutName || p.out.html == stdoutName):
		return "", cli.Usagef("a file is named as in --json=report.json", "there is more than one server to measure: %s", strings.Join(args, ", "))
	case len(args) > 1:
		return "", cli.Usagef("one URL, as in: "+cmd.CommandPath()+" sttp://localhost:8080", "there is more than one server to measure: %s", strings.Join(args, ", "))
	}
	return cli.ServerAddress(cmd.CommandPath(), args[0])
}
