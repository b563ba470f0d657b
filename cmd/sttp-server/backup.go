package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/signal"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"sttp/internal/cli"
	"sttp/internal/config"
	"sttp/store/sqlite"
)

func newBackup(environ []string, stdout, stderr io.Writer) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Copies the database of the engine sqlite, also while a server runs on it",
		Long: `backup copies the database of the engine sqlite, as it is at one moment, into one
file. A server may run on the database meanwhile: it is not kept waiting, and what
it had acknowledged before the backup began is in the copy. FILE must not be there
yet; it appears when the copy is whole, has been checked, and is durable.

The settings say which database it is, as they do for the server itself; those of
the engine are enough. To restore a backup, stop the server, put the copy in the
place of the database, and remove the two files with -wal and -shm at their ends
that may stand beside it.

Exit codes: 0 when the copy is there, 1 when it could not be made, 2 when the
command line or the settings are wrong, 3 after an interrupt.`,
		Example: `  sttp-server backup --storage-engine sqlite sttp-2026-11-23.db
  sttp-server backup --config /etc/sttp-server.yaml /backups/sttp.db`,
		Args: func(_ *cobra.Command, args []string) error {
			const hint = "as in: sttp-server backup --storage-engine sqlite sttp-copy.db"
			switch {
			case len(args) == 0 || args[0] == "":
				return cli.Usagef(hint, "backup needs the name of the file to make")
			case len(args) > 1:
				return cli.Usagef(hint, "unexpected argument %q", args[1])
			}
			return nil
		},
	}
	flags := config.AddFlags(cmd.Flags())
	cmd.Flags().SortFlags = false
	cmd.Flags().VisitAll(func(f *pflag.Flag) { // all are taken, since serve takes them
		f.Hidden = f.Name != "config" && f.Name != "storage-engine" && f.Name != "storage-sqlite-path"
	})
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		loaded, err := load(flags, environ, stderr)
		if err != nil {
			return err
		}
		ctx, stop := signal.NotifyContext(cmd.Context(), cli.EndSignals()...)
		defer stop()
		return backup(ctx, loaded.Settings, args[0], stdout)
	}
	return cmd
}

// backup copies the database of the settings into a file.
func backup(ctx context.Context, settings config.Settings, to string, stdout io.Writer) error {
	if settings.Storage.Engine != config.EngineSQLite {
		return &cli.Failure{Code: cli.ExitUsage, Err: errors.New("backup copies a database, and storage.engine is " + settings.Storage.Engine),
			Hint: "a docroot is copied as any directory is, without .sttp in it, also while the server runs: tar -C " + cli.ShellQuote(settings.Docroot) +
				" --exclude=./.sttp -cf backup.tar . (for a database give --storage-engine=sqlite)"}
	}
	begun := time.Now()
	snippets, err := sqlite.Backup(ctx, settings.Storage.SQLite.Path, to)
	switch {
	case ctx.Err() != nil:
		return &cli.Failure{Code: cli.ExitNoConnection, Err: errors.New("interrupted; no backup was made")}
	case errors.Is(err, fs.ErrExist):
		return &cli.Failure{Code: cli.ExitFailure, Err: fmt.Errorf("%q is there already, and was left as it is", to), Hint: "choose another name"}
	case err != nil:
		return fmt.Errorf("no backup was made: %w", err)
	}
	_, err = fmt.Fprintf(stdout, "%s backed up to %s and checked, in %s\n",
		count(int(snippets), "snippet"), cli.Escape(to), time.Since(begun).Round(time.Millisecond))
	if err != nil {
		return cli.Unwritten(err)
	}
	return nil
}
