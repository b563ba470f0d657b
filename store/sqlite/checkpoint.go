package sqlite

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// How the log is emptied into the database (a checkpoint). While that goes on,
// on a connection and in a goroutine of its own, the writer adds to the log, so
// that it would never be empty and start again from its beginning. So when
// little is left, the writer does the rest itself, between two commits. When the
// log has grown long all the same, since the writer is faster, it does all itself;
// and if long reads need what is in the log, none begins until it is empty.
//
// Each page takes pageSize bytes and a little more.
const (
	logPages   = 4096 // in the log, from which on it is to be emptied
	restPages  = 256  // left, which the writer may do itself
	maxLogs    = 8    // times logPages in the log, when others have to wait for that
	checkAfter = 128  // changes, after which the writer looks at the log
)

// maxLog is to how many bytes the log's file is cut when it begins anew: it may
// have become longer, for a backup that took long.
const maxLog = 2 * logPages * pageSize

// patience is how long an emptying of a long log keeps the writer waiting for
// short reads, and for other processes, at most.
const patience = 100 * time.Millisecond

// checkpoints empties the log. All but work is called by the writer's goroutine.
type checkpoints struct {
	log     *slog.Logger
	pages   int64 // logPages, less in tests
	open    func() (*sqlite.Conn, error)
	turns   *turns
	writing sync.Mutex   // held by the writer in a transaction, else by workAlone
	conn    *sqlite.Conn // of the goroutine while busy
	busy    bool
	done    chan error
	quit    chan struct{} // closed when the goroutine is to wait for nobody
	long    int64         // pages in the log, from which on others wait
	changes int           // since the log was looked at
	failing bool

	look, empty *sqlite.Stmt // of the writer's connection
}

func newCheckpoints(log *slog.Logger, open func() (*sqlite.Conn, error), turns *turns) *checkpoints {
	return &checkpoints{log: log, pages: logPages, open: open, turns: turns, done: make(chan error, 1)}
}

// connect takes the writer's connection into use.
func (c *checkpoints) connect(writer *sqlite.Conn) error {
	return errors.Join(
		execute(writer, "PRAGMA wal_autocheckpoint = 0"),
		prepare(writer, []prepared{
			{&c.look, "PRAGMA wal_checkpoint(NOOP)"},
			{&c.empty, "PRAGMA wal_checkpoint(PASSIVE)"},
		}))
}

// committed is called after a commit of so many changes.
func (c *checkpoints) committed(changes int) {
	if c.busy {
		select {
		case err := <-c.done:
			c.finished(err)
		default:
			return
		}
	} else if c.changes += changes; c.changes < checkAfter {
		return
	}
	c.changes = 0
	pages, left, err := logState(c.look)
	if pages < maxLogs*c.pages {
		c.long = maxLogs * c.pages
	}
	switch {
	case err != nil || pages < c.pages || left == 0:
	case left <= restPages:
		_, _, err = logState(c.empty)
	case pages < c.long:
		c.start(c.work)
	default:
		if _, left, err = logState(c.empty); err == nil && left > 0 {
			c.long = pages + maxLogs*c.pages // a backup may need the log for long
			c.start(c.workAlone)
		}
	}
	if err != nil {
		c.report(err)
	}
}

// start has a goroutine work on the log.
func (c *checkpoints) start(work func() error) {
	c.busy, c.quit = true, make(chan struct{})
	go func() { c.done <- work() }()
}

// work empties the log as far as it has been written by now, and nobody reads
// what was there before.
func (c *checkpoints) work() (err error) {
	if c.conn == nil {
		if c.conn, err = c.open(); err != nil {
			return err
		}
		c.conn.SetBusyTimeout(patience)
	}
	return execute(c.conn, "PRAGMA wal_checkpoint(PASSIVE)")
}

// workAlone empties the whole log, if that is possible soon.
func (c *checkpoints) workAlone() error {
	return c.turns.alone(c.quit, func() error {
		if err := c.work(); err != nil { // most of it, while changes go on
			return err
		}
		// SQLite's own lock would be the writer's again each time it is tried.
		c.writing.Lock()
		defer c.writing.Unlock()
		return execute(c.conn, "PRAGMA wal_checkpoint(TRUNCATE)")
	})
}

func (c *checkpoints) finished(err error) {
	c.busy = false
	c.report(err)
}

// report tells when checkpoints begin to fail, and when they work again.
func (c *checkpoints) report(err error) {
	switch {
	case err != nil && !c.failing:
		c.log.Error("the log of the database cannot be emptied, and grows", "error", err)
	case err == nil && c.failing:
		c.log.Info("the log of the database can be emptied again")
	}
	c.failing = err != nil
}

// disconnect waits for the goroutine and closes its connection.
func (c *checkpoints) disconnect() error {
	if c.busy {
		close(c.quit)
		c.finished(<-c.done)
	}
	if c.conn == nil {
		return nil
	}
	conn := c.conn
	c.conn = nil
	return conn.Close()
}

// logState carries out a checkpoint statement and returns how many pages the log
// has then, and how many of them are not in the database yet.
func logState(stmt *sqlite.Stmt) (pages, left int64, err error) {
	row, err := stmt.Step()
	if err == nil && row {
		pages, left = stmt.ColumnInt64(1), stmt.ColumnInt64(1)-stmt.ColumnInt64(2)
	}
	return pages, left, errors.Join(err, stmt.Reset())
}

// emptyLog brings all that the log holds into the database, durably, and begins
// the log anew.
func emptyLog(conn *sqlite.Conn) error {
	busy := int64(0)
	err := sqlitex.ExecuteTransient(conn, "PRAGMA wal_checkpoint(TRUNCATE)", &sqlitex.ExecOptions{
		ResultFunc: func(stmt *sqlite.Stmt) error {
			busy = stmt.ColumnInt64(0)
			return nil
		},
	})
	if err == nil && busy != 0 {
		err = errors.New("another process reads the database")
	}
	if err != nil {
		return fmt.Errorf("emptying the log: %w", err)
	}
	return nil
}
