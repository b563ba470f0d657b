package sqlite

import (
	"context"
	"errors"
	"iter"

	"sttp"
	"sttp/store"
)

// pathsSQL has a bound on what is read of a path that another program wrote.
const pathsSQL = "SELECT substr(CAST(path AS TEXT), 1, ?1) FROM snippets ORDER BY path"

// Paths yields the paths of all snippets at one moment, sorted bytewise, also
// those that no request can name, which List leaves out: the database holds them
// if another program has written them. What goes wrong is yielded as the last.
func (s *Store) Paths(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		switch err := s.paths(ctx, yield); {
		case err == nil, errors.Is(err, errEnough):
		default:
			yield("", err)
		}
	}
}

var errEnough = errors.New("no more is wanted")

func (s *Store) paths(ctx context.Context, yield func(string, error) bool) (err error) {
	if s.closed.Load() {
		return store.ErrClosed
	}
	r, err := s.readers.get(ctx)
	if err != nil {
		return err
	}
	defer s.readers.put(r)
	stmt, err := r.conn.Prepare(pathsSQL)
	if err != nil {
		return storageError(err)
	}
	defer func() { err = errors.Join(err, stmt.Reset()) }()
	stmt.BindInt64(1, 2*sttp.MaxPath)
	for {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		row, err := stmt.Step()
		if err != nil || !row {
			return storageError(err)
		}
		if !yield(stmt.ColumnText(0), nil) {
			return errEnough
		}
	}
}
