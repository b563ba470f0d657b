package sqlite_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	_ "modernc.org/sqlite"
	z "zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// BenchmarkDrivers compares two ways to use SQLite without cgo, which share
// their translation of it: modernc.org/sqlite through database/sql, and
// zombiezen.com/go/sqlite. What they do is what the engine does.
//
// The second took 36 % of the first's processor time for a commit of one row,
// 61 % for one of 50, 44 % to read one and 74 % for a page, and has a tenth of
// the allocations. That is why the engine uses it.
func BenchmarkDrivers(b *testing.B) {
	for name, connect := range map[string]func(b *testing.B, file string) driver{"modernc": connectModernc, "zombiezen": connectZombiezen} {
		for _, n := range []int{1, 50} {
			b.Run(fmt.Sprintf("insert=%d/%s", n, name), func(b *testing.B) {
				d := connect(b, filepath.Join(b.TempDir(), "s.db"))
				defer reportProcessorTime(b)()
				for i := 0; b.Loop(); i += n {
					d.insert(i, n)
				}
			})
		}
		d := connect(b, filepath.Join(b.TempDir(), "s.db"))
		d.insert(0, driverRows)
		b.Run("read/"+name, func(b *testing.B) {
			b.ReportAllocs()
			defer reportProcessorTime(b)()
			for i := 0; b.Loop(); i++ {
				if d.read(driverPath(i*7919%driverRows)) == "" {
					b.Fatal("nothing was read")
				}
			}
		})
		b.Run("page/"+name, func(b *testing.B) {
			b.ReportAllocs()
			defer reportProcessorTime(b)()
			for i := 0; b.Loop(); i++ {
				if d.page(driverPath(i*7919%(driverRows-100))) != 100 {
					b.Fatal("the page is not full")
				}
			}
		})
	}
}

// reportProcessorTime reports, when what it returns is called, how much time of
// a processor was used for each round since then. Unlike the time on the clock
// that hardly depends on what else the machine does, and on its disk.
func reportProcessorTime(b *testing.B) (report func()) {
	begun := processorTime(b)
	return func() {
		b.ReportMetric(float64(processorTime(b)-begun)/float64(b.N), "cpu-ns/op")
	}
}

func processorTime(b *testing.B) time.Duration {
	var used syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

const driverRows = 20_000

func driverPath(i int) string { return fmt.Sprintf("/notes/snippet_%08d.txt", i) }

const driverText = "This is a snippet of the usual length, which is about 64 bytes."

const driverSchema = `CREATE TABLE snippets (path TEXT PRIMARY KEY, contents TEXT NOT NULL) WITHOUT ROWID`

// driver does the same things by different packages.
type driver struct {
	insert func(first, n int) // in one transaction
	read   func(path string) (contents string)
	page   func(after string) (n int) // of 100 paths
}

func connectModernc(b *testing.B, file string) driver {
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	must(b, err)
	b.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	_, err = db.Exec(driverSchema)
	must(b, err)
	prepare := func(query string) *sql.Stmt {
		stmt, err := db.Prepare(query)
		must(b, err)
		b.Cleanup(func() { stmt.Close() })
		return stmt
	}
	insert := prepare("INSERT INTO snippets VALUES (?, ?) ON CONFLICT DO NOTHING")
	read := prepare("SELECT contents FROM snippets WHERE path = ?")
	page := prepare("SELECT path FROM snippets WHERE path > ? ORDER BY path LIMIT 100")
	return driver{
		insert: func(first, n int) {
			tx, err := db.Begin()
			must(b, err)
			stmt := tx.Stmt(insert)
			for i := range n {
				_, err := stmt.Exec(driverPath(first+i), driverText)
				must(b, err)
			}
			must(b, stmt.Close(), tx.Commit())
		},
		read: func(path string) (contents string) {
			must(b, read.QueryRow(path).Scan(&contents))
			return contents
		},
		page: func(after string) (n int) {
			rows, err := page.Query(after)
			must(b, err)
			for rows.Next() {
				var path string
				must(b, rows.Scan(&path))
				n++
			}
			must(b, rows.Err(), rows.Close())
			return n
		},
	}
}

func connectZombiezen(b *testing.B, file string) driver {
	conn, err := z.OpenConn(file, z.OpenReadWrite|z.OpenCreate|z.OpenWAL)
	must(b, err)
	b.Cleanup(func() { conn.Close() })
	must(b, sqlitex.ExecuteTransient(conn, "PRAGMA synchronous = FULL", nil), sqlitex.ExecuteTransient(conn, driverSchema, nil))
	begin, commit := conn.Prep("BEGIN IMMEDIATE"), conn.Prep("COMMIT")
	insert := conn.Prep("INSERT INTO snippets VALUES (?, ?) ON CONFLICT DO NOTHING")
	read := conn.Prep("SELECT contents FROM snippets WHERE path = ?")
	page := conn.Prep("SELECT path FROM snippets WHERE path > ? ORDER BY path LIMIT 100")
	run := func(stmt *z.Stmt) {
		_, err := stmt.Step()
		must(b, err, stmt.Reset())
	}
	return driver{
		insert: func(first, n int) {
			run(begin)
			for i := range n {
				insert.BindText(1, driverPath(first+i))
				insert.BindText(2, driverText)
				run(insert)
			}
			run(commit)
		},
		read: func(path string) (contents string) {
			read.BindText(1, path)
			_, err := read.Step()
			contents = read.ColumnText(0)
			must(b, err, read.Reset())
			return contents
		},
		page: func(after string) (n int) {
			page.BindText(1, after)
			for {
				row, err := page.Step()
				must(b, err)
				if !row {
					break
				}
				_ = page.ColumnText(0)
				n++
			}
			must(b, page.Reset())
			return n
		},
	}
}
