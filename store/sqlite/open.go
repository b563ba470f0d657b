package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// busyTimeout bounds how long a statement waits for another process, such as one
// that makes a backup, which locks a database for moments only.
const busyTimeout = 5 * time.Second

// makeFile makes the database file ready to be opened, and makes it if it is
// missing, with the directories that it needs. Their names are durable then.
func makeFile(file string) error {
	info, err := os.Lstat(file)
	missing := errors.Is(err, fs.ErrNotExist)
	switch {
	case err != nil && !missing:
		return fileError(file, ErrUnreadable, err)
	case missing:
	case info.Mode()&fs.ModeSymlink != 0:
		return fileError(file, ErrLink, nil)
	case !info.Mode().IsRegular():
		return fileError(file, ErrNotFile, nil)
	case info.Size() > 0:
		return checkFile(file, info)
	}
	if log, err := os.Lstat(file + "-wal"); err == nil && log.Size() > 0 {
		return fileError(file, ErrLogLeft, nil) // SQLite would remove it
	}
	if !missing {
		return nil
	}
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE|os.O_EXCL, fileMode)
	if err == nil {
		err = errors.Join(f.Close(), syncDir(filepath.Dir(file)))
	}
	if err != nil {
		return fileError(file, ErrNotMade, err)
	}
	return nil
}

// checkFile returns an error if a database that SQLite would open has a log that
// is not its own. SQLite does not see it, takes the log for the database's, and
// would write what it holds over what is there.
func checkFile(file string, info fs.FileInfo) error {
	if links(info) > 1 {
		return fileError(file, ErrLinked, nil) // under each name it has another log
	}
	if log, err := os.Lstat(file + "-wal"); err != nil || log.Size() == 0 {
		return nil
	}
	var header [20]byte
	f, err := os.Open(file)
	if err == nil {
		_, err = f.ReadAt(header[:], 0)
		err = errors.Join(err, f.Close())
	}
	if err == nil && header[18] == 1 && header[19] == 1 { // a file with a log says 2
		return fileError(file, ErrLogOfOther, nil)
	}
	return nil // SQLite says what else is wrong
}

// makeDir makes the directory that is to hold the database, and those above it.
func makeDir(file string) error {
	abs, err := filepath.Abs(file)
	if err != nil {
		return fileError(file, ErrNotMade, err)
	}
	var missing []string
	dir := filepath.Dir(abs)
	for ; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err == nil && !info.IsDir() {
			err = &fs.PathError{Op: "stat", Path: dir, Err: syscall.ENOTDIR}
		}
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir) {
			return fileError(file, ErrNotMade, err)
		}
		missing = append(missing, dir)
	}
	for i := len(missing) - 1; i >= 0; i-- {
		err := os.Mkdir(missing[i], dirMode)
		if err == nil {
			err = syncDir(filepath.Dir(missing[i]))
		}
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return fileError(file, ErrNotMade, err)
		}
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// connect opens a connection. A schema that somebody else has prepared can do
// little with it. (Conn.SetDefensive would be for that too, but passes SQLite one
// argument too few: SQLite takes what lies behind it in memory for the address
// at which to put its answer.)
func connect(file string) (*sqlite.Conn, error) {
	conn, err := sqlite.OpenConn(file, sqlite.OpenReadWrite)
	if err != nil {
		return nil, err
	}
	conn.SetBusyTimeout(busyTimeout)
	err = execute(conn,
		"PRAGMA trusted_schema = OFF",
		"PRAGMA fullfsync = ON", // what a sync has to be on macOS to survive a power cut
		"PRAGMA checkpoint_fullfsync = ON")
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// pageSize is that of a new database, in bytes: SQLite's default, and what systems
// and disks mostly read and write at once. Bounds on the log are counted in it.
const pageSize = 4096

// connectWriter opens the connection that makes the changes, and brings the
// database to the newest version. synchronous is FULL or NORMAL.
func connectWriter(file, synchronous string) (*sqlite.Conn, error) {
	conn, err := connect(file)
	if err != nil {
		return nil, err
	}
	_, err = checkFormat(conn, len(migrations)) // before anything is written
	if err == nil {
		err = execute(conn,
			fmt.Sprintf("PRAGMA page_size = %d", pageSize),
			"PRAGMA journal_mode = WAL",
			fmt.Sprintf("PRAGMA journal_size_limit = %d", maxLog),
			"PRAGMA synchronous = "+synchronous,
			fmt.Sprintf("PRAGMA cache_size = -%d", writerCache))
	}
	if err == nil {
		err = migrate(conn, migrations)
	}
	if err == nil {
		err = tryToWrite(conn)
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// execute carries out statements one after the other, none of them twice.
func execute(conn *sqlite.Conn, statements ...string) error {
	for _, statement := range statements {
		if err := sqlitex.ExecuteTransient(conn, statement, nil); err != nil {
			return err
		}
	}
	return nil
}

// Memory for pages at most, in KiB. A reader's is emptied by each commit; then
// it reads pages from the system's cache. They could be mapped into memory,
// which takes a third off the time of a read, but then a disk that fails to read
// ends the process instead of the request.
const (
	writerCache = 32 << 10
	readerCache = 8 << 10
)

// connectReader opens a connection that only reads.
func connectReader(file string) (*sqlite.Conn, error) {
	conn, err := connect(file)
	if err != nil {
		return nil, err
	}
	err = execute(conn, "PRAGMA query_only = ON", fmt.Sprintf("PRAGMA cache_size = -%d", readerCache))
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}
