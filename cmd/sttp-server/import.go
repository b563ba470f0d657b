package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sttp"
	"sttp/internal/cli"
	"sttp/internal/config"
	"sttp/store"
	"sttp/store/sqlite"
)

func newImport(stdout, stderr io.Writer) *cobra.Command {
	var from, to string
	cmd := &cobra.Command{
		Use:   "import --from ENGINE:PATH --to ENGINE:PATH",
		Short: "Copies all snippets from one storage to another, and compares both",
		Long: `import copies all snippets from one storage to another one, of the same engine or
the other, and compares both at the end, name by name and text by text.

A storage is files:DIR, a docroot, or sqlite:FILE, a database. No server may run
on either of them. The one that is copied to has to be empty, and is made if it is
missing. No snippet is changed in the one that is copied from, but it is opened as
a server opens it, and so has to be writable. A search index is not copied: a
server that has storage.sqlite.search_index builds it.

What no request can name, and what holds no snippet, is listed with the reason.

Exit codes: 0 when everything was copied, 1 when something was not or the copy is
not complete, 2 when the command line is wrong, 3 after an interrupt.`,
		Example: `  sttp-server import --from files:./sttp-files --to sqlite:./sttp.db
  sttp-server import --from sqlite:./sttp.db --to files:./sttp-files`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return cli.Usagef("as in: sttp-server import --from files:./sttp-files --to sqlite:./sttp.db", "unexpected argument %q", args[0])
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "`storage` that is copied: files:DIR or sqlite:FILE")
	cmd.Flags().StringVar(&to, "to", "", "`storage` that it is copied to: empty, or not there yet")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		ctx, stop := signal.NotifyContext(cmd.Context(), cli.EndSignals()...)
		defer stop()
		return importAll(ctx, from, to, stdout, stderr)
	}
	return cmd
}

// storage is one that import copies from or to.
type storage struct {
	store.Store
	place place
}

// place says where a storage is.
type place struct{ engine, path string }

func (p place) String() string { return p.engine + ":" + p.path }

// paths yields the paths of all files in a storage, sorted bytewise.
func (s storage) paths(ctx context.Context) iter.Seq2[sttp.Path, error] {
	if database, ok := s.Store.(*sqlite.Store); ok {
		return rows(ctx, database)
	}
	return walk(ctx, s.place.path)
}

// importAll copies everything from one storage to another.
func importAll(ctx context.Context, fromText, toText string, stdout, stderr io.Writer) (err error) {
	from, err := parsePlace("--from", fromText)
	if err != nil {
		return err
	}
	to, err := parsePlace("--to", toText)
	if err != nil {
		return err
	}
	log := newLogger(stderr, config.Log{Level: slog.LevelWarn, Format: config.LogText})
	source, err := openSource(from, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	target, err := openTarget(ctx, from, to, log)
	switch {
	case err != nil && ctx.Err() != nil:
		return &cli.Failure{Code: cli.ExitNoConnection, Err: errors.New("interrupted before anything was copied")}
	case err != nil:
		return err
	}
	begun := time.Now()
	c := &copying{from: source, to: target, fromNames: source.paths, toNames: target.paths, progress: cli.NewProgress(stderr)}
	err = c.run(ctx)
	if database, ok := target.Store.(*sqlite.Store); ok && err == nil {
		err = database.Flush()
	}
	c.progress.Clear()
	if closing := target.Close(); err == nil {
		err = closing
	}
	switch {
	case ctx.Err() != nil:
		return incomplete(cli.ExitNoConnection, to, errors.New("interrupted"))
	case err != nil:
		return incomplete(cli.ExitFailure, to, err)
	}
	return c.summary(stdout, to, time.Since(begun))
}

// incomplete returns the Failure of a copy that did not come to its end.
func incomplete(code int, to place, err error) error {
	return &cli.Failure{Code: code, Err: fmt.Errorf("%s is not a complete copy: %w", to, err),
		Hint: "remove what was made of it, and begin anew; what was to be copied is as it was"}
}

// summary says what was done.
func (c *copying) summary(stdout io.Writer, to place, took time.Duration) error {
	copied := int(c.copied.Load())
	_, err := fmt.Fprintf(stdout, "%s copied to %s in %s\n", count(copied, "snippet"), cli.Escape(to.String()), took.Round(time.Millisecond))
	switch {
	case c.differ > 0:
		return &cli.Failure{Code: cli.ExitFailure, Err: fmt.Errorf("the copy differs in %s", count(c.differ, "snippet")),
			Hint: "something else has changed one of them meanwhile; remove the copy, and begin anew"}
	case len(c.unfit) > 0:
		return &cli.Failure{Code: cli.ExitFailure, Err: fmt.Errorf("%s not copied, as told above; everything else is the same in both", count(len(c.unfit), "name"))}
	case err != nil:
		return cli.Unwritten(err)
	}
	_, err = fmt.Fprintln(stdout, "verified: all names and texts are the same in both")
	if err != nil {
		return cli.Unwritten(err)
	}
	return nil
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return cli.Thousands(n) + " " + what
}

// parsePlace parses what a flag says, such as files:DIR.
func parsePlace(flag, text string) (place, error) {
	hint := "as in " + flag + "=files:./sttp-files or " + flag + "=sqlite:./sttp.db"
	engine, path, found := strings.Cut(text, ":")
	switch {
	case text == "":
		return place{}, cli.Usagef(hint, "%s is missing", flag)
	case engine != config.EngineFiles && engine != config.EngineSQLite:
		return place{}, cli.Usagef(hint, "%s: %q names no engine", flag, text)
	case !found || path == "":
		return place{}, cli.Usagef(hint, "%s: %q names no place", flag, text)
	case path[0] == ':': // as names do for SQLite that are no files
		path = "./" + path
	}
	return place{engine, path}, nil
}

// openSource opens what is to be copied, which has to be there.
func openSource(p place, log *slog.Logger) (storage, error) {
	if _, err := os.Stat(p.path); errors.Is(err, fs.ErrNotExist) {
		return storage{}, fmt.Errorf("%s is not there", p)
	}
	return openPlace(p, log)
}

// openTarget opens what is to be copied to, which has to be empty.
func openTarget(ctx context.Context, from, to place, log *slog.Logger) (storage, error) {
	if same(from.path, to.path) {
		return storage{}, cli.Usagef("choose another place with --to", "%s and %s are the same place", from, to)
	}
	if from.engine == config.EngineFiles && within(from.path, to.path) {
		return storage{}, cli.Usagef("choose another place with --to", "%s lies in %s, which is to be copied", to, from)
	}
	s, err := openPlace(to, log)
	if err != nil {
		return storage{}, err
	}
	if err := empty(ctx, s); err != nil {
		return storage{}, errors.Join(err, s.Close())
	}
	return s, nil
}

// empty returns an error if there is something in a storage.
func empty(ctx context.Context, s storage) error {
	for path, err := range s.paths(ctx) {
		name := path.String()
		var u *unfit
		switch {
		case errors.As(err, &u):
			name = u.name
		case err != nil:
			return err
		}
		return &cli.Failure{Code: cli.ExitFailure, Err: fmt.Errorf("%s is not empty: %s is there", s.place, name),
			Hint: "choose a place that is not there yet, or remove what is in it"}
	}
	return nil
}

// same tells whether two names lead to one file or directory.
func same(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return a == b || errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

// within tells whether a file or directory, there already or not, lies below dir.
func within(dir, name string) bool {
	top, err := os.Stat(dir)
	if err != nil {
		return false
	}
	if name, err = filepath.Abs(name); err != nil {
		return false
	}
	for {
		if real, err := filepath.EvalSymlinks(name); err == nil {
			name = real
		}
		if info, err := os.Stat(name); err == nil && os.SameFile(top, info) {
			return true
		}
		above := filepath.Dir(name)
		if above == name {
			return false
		}
		name = above
	}
}

// openPlace opens a storage as its only owner. A search index is left to the
// server. In a database changes are not made durable one by one, since a copy that
// is not complete is worth nothing, but all at once at the end. A file is durable only
// if it is synced itself.
func openPlace(p place, log *slog.Logger) (storage, error) {
	settings := config.Default()
	settings.Storage.Engine = p.engine
	if p.engine == config.EngineSQLite {
		settings.Storage.Durability = config.DurabilityAsync
	}
	settings.Docroot, settings.Storage.SQLite.Path = p.path, p.path
	settings.Storage.SQLite.SearchIndex = false
	e, err := openEngine(settings, 0, log)
	return storage{e, p}, err
}
