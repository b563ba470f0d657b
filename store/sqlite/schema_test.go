package sqlite

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

func migrated(t *testing.T, migrations []string) *sqlite.Conn {
	t.Helper()
	conn, err := sqlite.OpenConn(filepath.Join(t.TempDir(), "s.db"), sqlite.OpenReadWrite|sqlite.OpenCreate)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := migrate(conn, migrations); err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestADatabaseIsBroughtToTheNewestVersionStepByStep(t *testing.T) {
	conn := migrated(t, migrations)
	id, err := storeID(conn)
	if err != nil {
		t.Fatal(err)
	}
	if err := sqlitex.ExecuteScript(conn, "INSERT INTO snippets (path, contents) VALUES ('/a.txt', 'milk')", nil); err != nil {
		t.Fatal(err)
	}
	later := append(slices.Clone(migrations),
		"ALTER TABLE snippets ADD COLUMN size INTEGER; UPDATE snippets SET size = length(contents);",
		"UPDATE snippets SET size = size * 10;")
	for range 2 { // the second time there is nothing to do
		if err := migrate(conn, later); err != nil {
			t.Fatal(err)
		}
	}
	size, err := number(conn, "SELECT size FROM snippets WHERE path = '/a.txt' AND contents = 'milk'")
	if err != nil || size != 40 {
		t.Errorf("the size is %d, %v; want 40", size, err)
	}
	if version, err := checkFormat(conn, len(later)); err != nil || version != len(later) {
		t.Errorf("the version is %d, %v; want %d", version, err, len(later))
	}
	if again, err := storeID(conn); err != nil || again != id {
		t.Errorf("the id is %q, %v; was %q", again, err, id)
	}
	if err := migrate(conn, migrations); !errors.Is(err, ErrNewer) {
		t.Errorf("for the program before it is %v, want %v", err, ErrNewer)
	}
}

func TestAMigrationThatFailsChangesNothing(t *testing.T) {
	conn := migrated(t, migrations)
	err := migrate(conn, append(slices.Clone(migrations), "CREATE TABLE more (x);", "CREATE TABLE most (x); DROP TABLE missing;"))
	if err == nil {
		t.Fatal("it succeeded")
	}
	tables, err := number(conn, "SELECT count(*) FROM sqlite_schema WHERE name IN ('more', 'most')")
	if err != nil || tables != 0 {
		t.Errorf("%d tables are left, %v", tables, err)
	}
	if version, err := checkFormat(conn, len(migrations)); err != nil || version != len(migrations) {
		t.Errorf("the version is %d, %v; want %d", version, err, len(migrations))
	}
	if !conn.AutocommitEnabled() {
		t.Error("a transaction is left open")
	}
}
