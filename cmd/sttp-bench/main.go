// Command sttp-bench measures how fast a server of the Short Text Transfer Protocol
// answers, whether it answers right, and where it breaks.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"sttp/internal/cli"
)

const name = "sttp-bench"

// Exit codes beside those that all programs share.
const (
	exitWrong = cli.ExitFailure      // wrong replies, errors in the guide's run, or a regression
	exitGone  = cli.ExitNoConnection // there is no server, or it went away, or an interrupt came first
)

func main() {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // so that writing fails instead
	ctx, stop := untilSignal()
	code := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// untilSignal returns a context that ends with the first signal to end: what was
// made on the server is deleted then, also when a terminal is closed. The second
// interrupt ends the program at once. That holds before the context ends, so that
// none is lost in between; a terminal that is closed may say so twice, which
// counts as once.
func untilSignal() (ctx context.Context, stop context.CancelFunc) {
	ctx, stop = context.WithCancel(context.Background())
	first := make(chan os.Signal, 1)
	signal.Notify(first, cli.EndSignals()...)
	go func() {
		select {
		case <-first:
			signal.Reset(os.Interrupt)
			stop()
		case <-ctx.Done():
		}
	}()
	return ctx, stop
}

// run is main without the process: it returns the exit code. When ctx ends, so
// does the measurement; what was made is deleted, and what was found is shown.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	p := &program{environ: environ, stdout: stdout, stderr: stderr}
	cmd := newCommand(p)
	cmd.SetArgs(args)
	cmd.SetOut(stdout)
	cmd.SetErr(stderr)
	cli.AddCompletion(cmd, args)
	return cli.Report(stderr, name, cmd.ExecuteContext(ctx))
}
