// Command sttp-client sends a request to a server of the Short Text Transfer
// Protocol and prints the reply, searches there, and copies whole trees.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"sttp/internal/cli"
)

const name = "sttp-client"

func main() {
	// Whoever reads the output may go away first. A change is then carried out
	// all the same, and the exit code says that its result was not written.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is main without the process: it returns the exit code, one of those in
// internal/cli. When ctx ends, so does the request that is under way.
func run(ctx context.Context, args, environ []string, stdin io.Reader, stdout, stderr io.Writer) int {
	p := &program{environ: environ, stdin: stdin, stdout: stdout, stderr: stderr}
	cmd := newCommand(p)
	cmd.SetArgs(args)
	cmd.SetIn(stdin)
	cmd.SetOut(stdout)
	cmd.SetErr(stderr)
	cli.AddCompletion(cmd, args)
	err := cmd.ExecuteContext(ctx)
	if err == nil {
		err = p.printed
	}
	return cli.Report(stderr, name, err)
}
