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
	// What was made on the server is deleted also when a terminal is closed, or
	// whoever reads the output goes away; what is ignored, as by nohup, stays so.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // so that writing fails instead
	ends := []os.Signal{syscall.SIGTERM}
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			ends = append(ends, s)
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	// The second interrupt ends the program at once. A terminal that is closed
	// may say so twice, so that counts as once.
	context.AfterFunc(ctx, func() { signal.Reset(os.Interrupt) })
	code := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
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
