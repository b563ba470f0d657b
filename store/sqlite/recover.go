package sqlite

import (
	"errors"
	"fmt"
)

// What is known of a database after a commit has failed is what SQLite had in
// memory, and the system may not be able to tell any more what has reached the
// disk. So all connections are closed; whatever opens the database first reads
// it as after a crash, with the failed commit in it or without; and all that is
// there is brought from the log into the database, which writes it anew. Only
// then are changes made again.

// ready makes sure that changes can be made: it opens the database again after a
// failure. While it cannot, the error says why.
func (w *writer) ready() error {
	if !w.suspect {
		return nil
	}
	if w.conn != nil { // for the first time
		w.log.Error("the database has failed and is opened again; changes are refused until that succeeds")
		resume := w.readers.disconnect()
		err := w.disconnect()
		resume()
		if err != nil {
			w.log.Error("closing the failed database", "error", err)
		}
	}
	if err := w.reconnect(); err != nil {
		return storageError(fmt.Errorf("sqlite: opening the database again: %w", err))
	}
	w.suspect = false
	w.log.Info("the database has been opened again; changes are made")
	return nil
}

func (w *writer) reconnect() error {
	conn, err := w.open()
	if err != nil {
		return err
	}
	if err = emptyLog(conn); err == nil {
		err = w.connect(conn)
	}
	if err != nil {
		w.conn = nil
		return errors.Join(err, conn.Close())
	}
	return nil
}

// disconnect closes the connections for changes and checkpoints.
func (w *writer) disconnect() error {
	err := w.checkpoints.disconnect()
	if w.conn != nil {
		err = errors.Join(err, w.conn.Close())
		w.conn = nil
	}
	return err
}
