package sqlite

import (
	"context"
	"errors"
	"math"

	"sttp"
)

// search returns the files below dir, which ends with a slash, that q asks for
// by their contents. It reads with r, which is in no snapshot yet.
func (s *Store) search(ctx context.Context, r *reader, dir string, q *sttp.Query) (names []string, err error) {
	end, err := r.snapshot()
	if err != nil {
		return nil, storageError(err)
	}
	defer func() { err = errors.Join(err, end()) }()
	scan := newScan(r, dir, q)
	defer scan.close()
	if _, err := scan.run(ctx, math.MaxInt); err != nil {
		return nil, err
	}
	return scan.found.names, nil
}
