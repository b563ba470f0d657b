// Command sttp-check tells whether a server of the Short Text Transfer Protocol
// is right, and what to mend first.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"

	"sttp/internal/cli"
)

const name = "sttp-check"

// Exit codes beside those that all programs share.
const (
	exitSomeFail    = cli.ExitFailure
	exitUnreachable = cli.ExitNoConnection
	exitUndecided   = 4
)

func main() {
	// A terminal that is closed must not leave a server running that was started
	// here, nor what was made on one.
	ctx, stop := signal.NotifyContext(context.Background(), cli.EndSignals()...)
	code := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is main without the process: it returns the exit code. When ctx ends, so
// does the run of the cases; what has been found out until then is reported.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	p := &program{environ: environ, stdout: stdout, stderr: stderr}
	cmd := newCommand(p)
	cmd.SetArgs(args)
	cmd.SetOut(stdout)
	cmd.SetErr(stderr)
	cli.AddCompletion(cmd, args)
	return cli.Report(stderr, name, cmd.ExecuteContext(ctx))
}
