package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// ErrBackup says that a backup, as it was written, is not what it should be.
var ErrBackup = errors.New("the backup is damaged, and was removed")

// Backup copies the database file, as it is at one moment, into a file that must
// not be there yet (fs.ErrExist). It may be called while a server, of this
// process or another, uses the database, and keeps nobody waiting; only the log
// cannot shrink meanwhile. The copy is one file, is smaller than the database
// where things were deleted, and has the database's ID.
//
// It appears under its name when it is whole, checked and durable. Until then it
// stands beside that, in a file that is removed when something fails. Backup
// returns how many snippets it holds.
func Backup(ctx context.Context, file, to string) (snippets int64, err error) {
	if err := vacant(to); err != nil {
		return 0, err
	}
	temp, err := os.CreateTemp(filepath.Dir(to), "."+filepath.Base(to)+"-*") // with mode 0600
	if err != nil {
		if cause := new(fs.PathError); errors.As(err, &cause) { // whose name nobody has given
			cause.Op, cause.Path = "making a file in", filepath.Dir(to)
		}
		return 0, err
	}
	defer func() {
		err = errors.Join(err, temp.Close())
		if removed := os.Remove(temp.Name()); !errors.Is(removed, fs.ErrNotExist) {
			err = errors.Join(err, removed)
		}
	}()
	if err := vacuumInto(ctx, file, temp.Name()); err != nil {
		return 0, err
	}
	if snippets, err = inspect(ctx, temp.Name()); err != nil {
		return 0, err
	}
	if err := temp.Sync(); err != nil { // SQLite need not have done it
		return 0, err
	}
	if err := publish(temp.Name(), to); err != nil {
		return 0, err
	}
	return snippets, syncDir(filepath.Dir(to))
}

// publish gives a file its name. A link, unlike a rename, replaces nothing; but
// some file systems, such as those of memory sticks, have none.
func publish(temp, to string) error {
	err := os.Link(temp, to)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := vacant(to); err != nil {
		return err
	}
	return os.Rename(temp, to)
}

// vacant returns an error if something stands at a name.
func vacant(name string) error {
	_, err := os.Lstat(name)
	if err == nil {
		return &fs.PathError{Op: "backup", Path: name, Err: fs.ErrExist}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// vacuumInto copies a database into an empty file.
func vacuumInto(ctx context.Context, file, to string) (err error) {
	if info, err := os.Lstat(file); err != nil {
		return fileError(file, ErrUnreadable, err)
	} else if !info.Mode().IsRegular() {
		return fileError(file, ErrNotFile, nil)
	} else if err := checkFile(file, info); err != nil {
		return err
	}
	conn, err := connect(file)
	if err != nil {
		return fileError(file, reasonOf(err), err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	version, err := checkFormat(conn, len(migrations))
	if err == nil && version == 0 {
		err = ErrForeign
	}
	if err != nil {
		return fileError(file, reasonOf(err), err)
	}
	conn.SetInterrupt(ctx.Done())
	err = sqlitex.ExecuteTransient(conn, "VACUUM INTO ?", &sqlitex.ExecOptions{Args: []any{to}})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("copying the database: %w", storageError(err))
	}
	return nil
}

// inspect reads a whole database that nobody else uses, and returns how many
// snippets it holds.
func inspect(ctx context.Context, file string) (snippets int64, err error) {
	conn, err := sqlite.OpenConn(file, sqlite.OpenReadOnly)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	conn.SetInterrupt(ctx.Done())
	found := ""
	err = sqlitex.ExecuteTransient(conn, "PRAGMA integrity_check(1)", &sqlitex.ExecOptions{
		ResultFunc: func(stmt *sqlite.Stmt) error {
			found = stmt.ColumnText(0)
			return nil
		},
	})
	if err == nil && found != "ok" {
		err = errors.New(found)
	}
	if err == nil {
		_, err = checkFormat(conn, len(migrations))
	}
	if err == nil {
		snippets, err = number(conn, "SELECT count(*) FROM snippets")
	}
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrBackup, err)
	}
	return snippets, nil
}
