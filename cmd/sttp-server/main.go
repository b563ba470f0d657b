// Command sttp-server keeps short texts in files or in a database and serves them
// with the Short Text Transfer Protocol.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"sttp/internal/cli"
	"sttp/internal/config"
)

const program = "sttp-server"

func main() {
	// Whoever reads what the server prints may go away before the server does.
	signal.Ignore(syscall.SIGPIPE)
	os.Exit(run(context.Background(), os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}

// run is main without the process: it serves until ctx ends or a signal comes,
// and returns the exit code.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	cmd := newCommand(environ, stdout, stderr)
	cmd.SetOut(stdout)
	cmd.SetErr(stderr)
	if len(args) > 0 && args[0] == "help" {
		args = append(slices.Clone(args[1:]), "--help")
	}
	cmd.SetArgs(args)
	cli.AddCompletion(cmd, args)
	return report(stderr, cmd.ExecuteContext(ctx))
}

// report prints err, if there is one, and returns the exit code.
func report(stderr io.Writer, err error) int {
	var settings *config.Error
	if errors.As(err, &settings) {
		fmt.Fprintf(stderr, "%s: the settings are wrong, nothing was done\n%s\n", program, err) // an Error is safe to print
		return cli.ExitUsage
	}
	return cli.Report(stderr, program, err)
}

func newCommand(environ []string, stdout, stderr io.Writer) *cobra.Command {
	var check, print bool
	cmd := &cobra.Command{
		Use:   program + " [flags]",
		Short: "Serves short texts with the Short Text Transfer Protocol",
		Long: `sttp-server keeps texts of one line and at most 160 characters, each in a file,
and serves them with the Short Text Transfer Protocol (STTP).

Without any settings it listens on 127.0.0.1:8080 and keeps its files in
./sttp-files. A setting can be given as a flag, as an environment variable
(--cache-max-files is STTP_CACHE_MAX_FILES) or in a YAML file; the first of
these that says something counts.

Instead of files it can keep everything in one SQLite database
(--storage-engine sqlite); import goes from one to the other, and backup copies a
database.

Exit codes: 0 after SIGTERM or SIGINT, 1 when it cannot serve, 2 when the
settings are wrong.`,
		Example: `  sttp-server
  sttp-server --storage-engine sqlite --storage-sqlite-path /var/sttp/sttp.db
  sttp-server --port 8081 --docroot /var/sttp/files
  sttp-server --config configs/sttp-server.yaml --check-config
  STTP_LOG_LEVEL=debug sttp-server --cache-enabled=false`,
		Version:       cli.Version(program),
		Args:          noArguments,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	cmd.SetVersionTemplate("{{.Version}}\n")
	flags := config.AddFlags(cmd.Flags())
	cmd.Flags().SortFlags = false
	cmd.Flags().BoolVar(&check, "check-config", false, "say whether the settings are right, and exit")
	cmd.Flags().BoolVar(&print, "print-config", false, "print the settings in force as YAML, and exit")
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return cli.Usagef(flagHint(cmd, err), "%w", err)
	})
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		loaded, err := load(flags, environ, stderr)
		if err != nil {
			return err
		}
		switch {
		case print:
			return loaded.WriteYAML(stdout)
		case check:
			return checked(stdout, flags.File())
		}
		return serve(cmd.Context(), loaded.Settings, stdout, stderr)
	}
	cmd.AddCommand(newImport(stdout, stderr), newBackup(environ, stdout, stderr))
	return cmd
}

// load returns the settings in force, and prints what is strange about them.
func load(flags *config.Flags, environ []string, stderr io.Writer) (*config.Loaded, error) {
	loaded, err := flags.Load(environ)
	if err != nil {
		return nil, err
	}
	for _, warning := range loaded.Warnings {
		fmt.Fprintf(stderr, "%s: warning: %s\n", program, warning)
	}
	return loaded, nil
}

// flagHint says which flag was probably meant.
func flagHint(cmd *cobra.Command, err error) string {
	help := cmd.CommandPath() + " --help"
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return "see " + help
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if meant, ok := cli.DidYouMean(unknown.GetSpecifiedName(), names); ok {
		return fmt.Sprintf("did you mean --%s? See %s", meant, help)
	}
	return "see " + help
}

func noArguments(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := "a settings file is given with --config FILE; see sttp-server --help"
	if _, err := strconv.ParseBool(args[0]); err == nil {
		hint = fmt.Sprintf("a flag that is true or false takes its value behind =, as in --cache-enabled=%s", args[0])
	}
	return cli.Usagef(hint, "unexpected argument %q", args[0])
}

func checked(stdout io.Writer, file string) error {
	what := "the settings are"
	if file != "" {
		what = cli.Escape(file) + " is"
	}
	_, err := fmt.Fprintln(stdout, what, "good")
	return err
}
