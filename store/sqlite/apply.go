package sqlite

import (
	"errors"

	"sttp"
	"sttp/store"
)

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
