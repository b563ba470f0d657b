package sqlite

import (
	"errors"
	"log/slog"
	"time"

	"zombiezen.com/go/sqlite"

	"sttp"
	"sttp/store"
)

// maxBatch is the most changes that are committed together. More would make the
// first of them wait longer than they save.
const maxBatch = 512

// writer makes all changes, in one goroutine: those that wait at one time are
// one transaction (group commit).
type writer struct {
	queue *queue
	index *index
	log   *slog.Logger
	open  func() (*sqlite.Conn, error)
	conn  *sqlite.Conn // nil while the database cannot be opened again
	dirs  knownDirs

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
	return prepare(conn, []prepared{
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
	})
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
			w.make(batch)
			if more = w.index.enabled; more && time.Now().After(due) && w.index.backlog() {
				begun := time.Now()
				w.index.slice(w.conn, w.queue.wanted)
				now := time.Now()
				due = now.Add(indexShare * now.Sub(begun))
			}
		case !open:
			return
		case !more:
			<-w.queue.wake
		case w.silent():
			for more && !w.queue.wanted() {
				more = w.index.slice(w.conn, w.queue.wanted)
			}
		}
	}
}

// indexShare is how many times as long as a slice of the index took it waits at
// least for the next one while there are changes to make.
const indexShare = 20

// indexAfter is for how long there have to be no changes before the index gets
// all the time: a client that makes one after the other is not to wait each time
// for what the one before made to do.
const indexAfter = 20 * time.Millisecond

// silent waits for changes, and tells whether there were none for that long.
func (w *writer) silent() bool {
	timer := time.NewTimer(indexAfter)
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
	err := w.transact(batch)
	if err != nil {
		clear(w.dirs)
	}
	for _, c := range batch {
		if err != nil {
			c.err = err // also if it was refused, for what is undone now
		}
		c.done <- struct{}{}
	}
	clear(batch)
}

// transact makes the changes of a batch and commits. A change that is refused
// has its own error then. If all have failed, err says why.
func (w *writer) transact(batch []*change) error {
	if _, err := run(w.begin); err != nil {
		return storageError(err)
	}
	made := false
	for _, c := range batch {
		if c.err = w.change(c); c.err == nil {
			made = true
		} else if !refusal(c.err) {
			return errors.Join(storageError(c.err), w.undo())
		}
	}
	if !made {
		return w.undo()
	}
	if _, err := run(w.commit); err != nil {
		return errors.Join(commitError(err), w.undo())
	}
	return nil
}

// undo ends a transaction, unless SQLite has done so.
func (w *writer) undo() error {
	if w.conn.AutocommitEnabled() {
		return nil
	}
	_, err := run(w.rollback)
	return err
}

// refusal tells whether err is an answer to one change, and no failure.
func refusal(err error) bool {
	for _, r := range []error{store.ErrExists, store.ErrNotFound, store.ErrPathNotFound, store.ErrIsDirectory, store.ErrInTheWay} {
		if errors.Is(err, r) {
			return true
		}
	}
	return false
}

// change makes one change in the transaction, or returns why it is refused
// before anything is written.
func (w *writer) change(c *change) error {
	switch c.action {
	case sttp.Create:
		return w.makeFile(c.path, c.contents)
	case sttp.Update:
		return w.replace(c.path, c.contents)
	}
	return w.remove(c.path)
}

func (w *writer) makeFile(path, contents string) error {
	dir, err := w.tree.isDir(path)
	if err != nil {
		return err
	}
	if dir {
		return store.ErrIsDirectory
	}
	if err := w.makeDir(parent(path)); err != nil {
		return err
	}
	w.insert.BindText(1, path)
	w.insert.BindText(2, contents)
	if _, err := run(w.insert); err != nil {
		return err
	}
	w.dirs.add(parent(path))
	if w.conn.Changes() == 0 {
		return store.ErrExists
	}
	w.index.changed(path, contents)
	return nil
}

// makeDir makes sure that no file has the name of dir or of a directory above
// it.
func (w *writer) makeDir(dir string) error {
	for ; dir != "" && !w.dirs.has(dir); dir = parent(dir) {
		w.exists.BindText(1, dir)
		switch file, err := run(w.exists); {
		case err != nil:
			return err
		case file:
			return store.ErrInTheWay
		}
	}
	return nil
}

func (w *writer) replace(path, contents string) error {
	w.update.BindText(1, path)
	w.update.BindText(2, contents)
	if _, err := run(w.update); err != nil {
		return err
	}
	if w.conn.Changes() == 0 {
		return w.tree.missing(path)
	}
	w.index.changed(path, contents)
	return nil
}

func (w *writer) remove(path string) error {
	w.doc.BindText(1, path)
	found, err := w.doc.Step()
	if err != nil {
		return err
	}
	doc := int64(0)
	if found {
		doc = w.doc.ColumnInt64(0)
	}
	if err := w.doc.Reset(); err != nil {
		return err
	}
	if !found {
		return w.tree.missing(path)
	}
	w.dirs.drop(path)
	w.delete.BindText(1, path)
	if _, err := run(w.delete); err != nil || doc == 0 {
		return err
	}
	w.garbage.BindInt64(1, doc)
	_, err = run(w.garbage)
	return err
}
