package sqlite

import (
	"errors"
	"log/slog"
	"time"

	"zombiezen.com/go/sqlite"

	"sttp/internal/fault"
)

// maxBatch is the most changes that are committed together. More would make the
// first of them wait longer than they save.
const maxBatch = 512

// writer makes all changes, in one goroutine: those that wait at one time are
// one transaction (group commit).
type writer struct {
	queue       *queue
	index       *index
	readers     *pool
	checkpoints *checkpoints
	log         *slog.Logger
	open        func() (*sqlite.Conn, error)
	conn        *sqlite.Conn // nil while the database cannot be opened again
	suspect     bool         // the database has to be opened again
	dirs        knownDirs

	begin, commit, rollback *sqlite.Stmt
	insert, update, delete  *sqlite.Stmt
	doc, garbage            *sqlite.Stmt
	exists                  *sqlite.Stmt
	tree                    tree

	batch []*change
}

// connect takes a connection into use.
func (w *writer) connect(conn *sqlite.Conn) error {
	w.conn = conn
	return errors.Join(w.checkpoints.connect(conn), prepare(conn, []prepared{
		{&w.begin, "BEGIN IMMEDIATE"},
		{&w.commit, "COMMIT"},
		{&w.rollback, "ROLLBACK"},
		{&w.insert, "INSERT INTO snippets (path, contents) VALUES (?1, ?2) ON CONFLICT DO NOTHING"},
		{&w.update, "UPDATE snippets SET contents = ?2, doc = -abs(doc) WHERE path = ?1"},
		{&w.doc, "SELECT abs(doc) FROM snippets WHERE path = ?1"},
		{&w.delete, "DELETE FROM snippets WHERE path = ?1"},
		{&w.garbage, "INSERT OR IGNORE INTO garbage (id) VALUES (?1)"},
		{&w.exists, "SELECT 1 FROM snippets WHERE path = ?1"},
		{&w.tree.below, belowSQL},
	}))
}

// run makes changes until the queue is closed and empty. The index gets the time
// that is left, and a small share of what is not.
func (w *writer) run() {
	more := w.index.enabled // the index has work
	var due time.Time       // when it gets its share
	for {
		batch, open := w.queue.take(w.batch[:0], maxBatch)
		w.batch = batch
		switch {
		case len(batch) > 0:
			more = w.index.hasWork()
			w.make(batch)
			if more && time.Now().After(due) && w.index.backlog() {
				begun := time.Now()
				w.slice()
				now := time.Now()
				due = now.Add(indexShare * now.Sub(begun))
			}
		case !open:
			return
		case !more:
			<-w.queue.wake
		case w.silent():
			for more && !w.queue.wanted() {
				more = w.slice()
			}
		}
	}
}

// slice gives the index a share of the time, and tells whether it wants more.
func (w *writer) slice() (more bool) {
	if w.suspect {
		return false
	}
	w.checkpoints.writing.Lock()
	more = w.index.slice(w.conn, w.queue.wanted)
	w.checkpoints.writing.Unlock()
	w.checkpoints.committed(checkAfter)
	return more
}

// indexShare is how many times as long as a slice of the index took it waits at
// least for the next one while there are changes to make.
const indexShare = 20

// silent waits for changes, and tells whether there were none for so long that
// the index gets all the time.
func (w *writer) silent() bool {
	timer := time.NewTimer(w.index.after)
	defer timer.Stop()
	select {
	case <-w.queue.wake:
		return false
	case <-timer.C:
		return true
	}
}

// make carries out changes in one transaction and answers them.
func (w *writer) make(batch []*change) {
	err := w.ready()
	if err == nil {
		if err = w.transact(batch); w.suspect {
			// What opening it again finds is the outcome of a commit that failed.
			// It is settled before anybody hears of it: a cache may keep what is
			// read from then on.
			err = errors.Join(err, w.ready())
		}
	}
	if err != nil {
		clear(w.dirs)
	}
	for _, c := range batch {
		if err != nil {
			c.err = err // also if it was refused, for what is undone now
		}
	}
	if !fault.Is(fault.SQLiteAnswersEarly) {
		answer(batch)
	}
	if !w.suspect {
		w.checkpoints.committed(len(batch))
	}
	clear(batch)
}

// answer tells those who wait for changes that they have their outcomes.
func answer(batch []*change) {
	for _, c := range batch {
		c.done <- struct{}{}
	}
}

// transact makes the changes of a batch and commits. A change that is refused
// has its own error then. If all have failed, err says why.
func (w *writer) transact(batch []*change) (err error) {
	w.checkpoints.writing.Lock()
	defer w.checkpoints.writing.Unlock()
	defer func() {
		if err != nil {
			err = errors.Join(err, w.undo(err))
		}
	}()
	if _, err := run(w.begin); err != nil {
		return storageError(err)
	}
	made := false
	for _, c := range batch {
		if c.err = w.change(c); c.err == nil {
			made = true
		} else if !refusal(c.err) {
			return storageError(c.err)
		}
	}
	end := w.commit
	if !made {
		end = w.rollback
	}
	if fault.Is(fault.SQLiteAnswersEarly) {
		answer(batch)
	}
	if _, err := run(end); err != nil && !fault.Is(fault.SQLiteIgnoresCommit) {
		return commitError(err)
	}
	return nil
}

// undo ends a transaction that has failed, unless SQLite has done so. Only if the
// disk is full is that all: after any other failure the database is not used any
// more as it is.
func (w *writer) undo(failure error) (err error) {
	if !w.conn.AutocommitEnabled() {
		_, err = run(w.rollback)
	}
	code := sqlite.ErrCode(failure).ToPrimary()
	w.suspect = err != nil || code != sqlite.ResultFull && code != sqlite.ResultBusy
	return err
}
