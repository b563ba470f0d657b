package sqlite

import (
	"crypto/rand"
	"errors"
	"fmt"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// applicationID stands in the header of every database of this engine: "STTP".
const applicationID = 0x53545450

// migrations bring a database from each version of the schema to the next; the
// first one makes version 1 of an empty database. They are only ever added to.
//
// A path begins with a slash and is compared byte by byte, so that what is below
// a directory stands together, in the order in which a LIST shows it.
// Directories have no rows: one is there as long as something is below it.
//
// snippets.doc is 0 for a snippet that the index does not know. Else it is the
// id in docs, negative if the index still has what the snippet held before.
//
// By itself the index would merge its parts in the middle of a commit, for half a
// second at times. So it never does; the writer does it in bounded steps, as soon
// as eight parts are of one size.
var migrations = []string{`
CREATE TABLE snippets (
	path     TEXT PRIMARY KEY,
	contents TEXT NOT NULL,
	doc      INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;

CREATE TABLE docs (id INTEGER PRIMARY KEY, path TEXT NOT NULL);

CREATE TABLE garbage (id INTEGER PRIMARY KEY);

CREATE VIRTUAL TABLE words USING fts5(
	text, content='', contentless_delete=1, tokenize='trigram case_sensitive 1', detail=none
);
INSERT INTO words (words, rank) VALUES ('automerge', 0);
INSERT INTO words (words, rank) VALUES ('crisismerge', 1999);
INSERT INTO words (words, rank) VALUES ('usermerge', 8);
`}

// checkFormat tells whether a database is empty or one of this engine's, of a
// version that the program knows. It returns one of the errors of FileError.
func checkFormat(conn *sqlite.Conn, newest int) (version int, err error) {
	id, err := number(conn, "PRAGMA application_id")
	if err != nil {
		return 0, err
	}
	user, err := number(conn, "PRAGMA user_version")
	if err != nil {
		return 0, err
	}
	objects, err := number(conn, "SELECT count(*) FROM (SELECT 1 FROM sqlite_schema LIMIT 1)")
	if err != nil {
		return 0, err
	}
	switch {
	case id == 0 && user == 0 && objects == 0:
		return 0, nil
	case id != applicationID || user < 1:
		return 0, ErrForeign
	case user > int64(newest):
		return 0, ErrNewer
	}
	return int(user), nil
}

// migrate brings a database to the version after the last of the migrations, all
// of it or, if something fails, nothing.
func migrate(conn *sqlite.Conn, migrations []string) (err error) {
	end, err := sqlitex.ImmediateTransaction(conn)
	if err != nil {
		return err
	}
	defer end(&err)
	version, err := checkFormat(conn, len(migrations))
	if err != nil {
		return err
	}
	for i, script := range migrations[version:] {
		if err := sqlitex.ExecuteScript(conn, script, nil); err != nil {
			return fmt.Errorf("migrating to version %d: %w", version+i+1, err)
		}
	}
	if version == 0 {
		const insert = "INSERT INTO meta (key, value) VALUES ('id', ?)"
		if err := sqlitex.Execute(conn, insert, &sqlitex.ExecOptions{Args: []any{rand.Text()}}); err != nil {
			return err
		}
	}
	if version == len(migrations) {
		return nil
	}
	header := fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d;", applicationID, len(migrations))
	return sqlitex.ExecuteScript(conn, header, nil)
}

// tryToWrite returns an error if nothing can be written to the database, which
// SQLite tells no sooner. It changes nothing.
func tryToWrite(conn *sqlite.Conn) error {
	err := execute(conn, "BEGIN", fmt.Sprintf("PRAGMA user_version = %d", len(migrations)))
	return errors.Join(err, execute(conn, "ROLLBACK"))
}

// storeID returns the random name that the database was given when it was made.
func storeID(conn *sqlite.Conn) (id string, err error) {
	err = sqlitex.ExecuteTransient(conn, "SELECT value FROM meta WHERE key = 'id'", &sqlitex.ExecOptions{
		ResultFunc: func(stmt *sqlite.Stmt) error {
			if stmt.ColumnLen(0) <= maxID {
				id = stmt.ColumnText(0)
			}
			return nil
		},
	})
	if err == nil && id == "" {
		err = errNoID
	}
	return id, err
}

// maxID bounds the id that is read from a database.
const maxID = 64

// number returns the one number that a query returns.
func number(conn *sqlite.Conn, query string) (n int64, err error) {
	err = sqlitex.ExecuteTransient(conn, query, &sqlitex.ExecOptions{
		ResultFunc: func(stmt *sqlite.Stmt) error {
			n = stmt.ColumnInt64(0)
			return nil
		},
	})
	return n, err
}
