package sqlite

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"

	"sttp"
	"sttp/internal/fault"
	"sttp/store"
)

// A search has two ways. The scan looks at the directory row by row, in the
// order of the result, and stops when that is full; that is best for what many
// snippets have, and right for everything. The index gives candidates from the
// whole store, in no order; that is best for what few have. So a search begins
// with the scan, and how much that finds tells how far it would have to go.

// plan is what tells the two ways apart. A row of the scan costs about 0.6 µs, a
// candidate 1 to 3 µs.
type plan struct {
	sample     int // rows that are scanned before anything is decided
	scan       int // rows, in all, up to which it goes on if they seem to be enough
	candidates int // least candidates at which the index is given up
	most       int // and most
}

var defaultPlan = plan{sample: 2048, scan: 25_000, candidates: 8192, most: 65_536}

// search returns the files below dir, which ends with a slash, that q asks for
// by their contents. It reads with r, which is in no snapshot yet.
func (s *Store) search(ctx context.Context, r *reader, dir string, q *sttp.Query) (names []string, err error) {
	if ctx.Done() != nil {
		r.conn.SetInterrupt(ctx.Done())
		defer r.conn.SetInterrupt(nil)
	}
	scan := newScan(r, dir, q)
	start := string(scan.next)
	waiting, useful := s.index.view(start, scan.end) // before the snapshot
	end, err := r.snapshot()
	if err != nil {
		return nil, searchError(ctx, err)
	}
	defer func() {
		r.conn.SetInterrupt(nil)
		err = errors.Join(err, end())
	}()
	defer scan.close()

	terms := trigrams(scan.filter.Contains())
	if useful && len(terms) > 0 {
		done, err := scan.run(ctx, s.index.plan.sample)
		if done || err != nil {
			return scan.found.names, searchError(ctx, err)
		}
		if most, ok := s.index.plan.candidatesFor(scan); ok {
			c := candidates{scan: scan, query: q, start: start, most: most}
			names, complete, err := c.search(ctx, waiting, terms)
			if complete || err != nil {
				return names, searchError(ctx, err)
			}
		}
	}
	if _, err := scan.run(ctx, math.MaxInt); err != nil {
		return nil, searchError(ctx, err)
	}
	return scan.found.names, nil
}

// candidatesFor returns how many candidates are worth a try, or false if the scan
// is to go on.
func (p plan) candidatesFor(s *scan) (most int, ok bool) {
	found, limit := len(s.found.names), s.found.limit
	switch {
	case found == 0: // what is so rare here is rare elsewhere, or the index does not help
		return p.candidates, true
	case limit == 0:
		return p.most, true
	}
	rows := s.rows * limit / found // that the scan would have looked at in the end
	return max(p.candidates, min(rows/8, p.most)), rows > p.scan
}

// searchError says that a search failed; one that was stopped has the error of
// its context.
func searchError(ctx context.Context, err error) error {
	if err == nil || errors.Is(err, store.ErrListTooLong) {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return storageError(err)
}

// candidates searches with the index, in the snapshot of a scan and from start on.
type candidates struct {
	scan  *scan
	query *sttp.Query
	start string
	most  int
	names []string
}

// The candidates of the index, as far as they are in a directory, with what they
// hold. One elsewhere is a row too, so that they can be counted.
const candidatesSQL = `
SELECT s.path, s.contents FROM words AS w
LEFT JOIN docs AS d ON d.id = w.rowid AND d.path >= ?2 AND d.path < ?3
LEFT JOIN snippets AS s ON s.path = d.path
WHERE w.words MATCH ?1`

// search returns what the scan would return, or complete is false if it would
// take too long.
func (c *candidates) search(ctx context.Context, waiting []unindexed, terms []string) (names []string, complete bool, err error) {
	if terms, err = c.rarest(terms); err != nil {
		return nil, false, err
	}
	if complete, err := c.lookUp(terms); !complete || err != nil {
		return nil, false, err
	}
	if fault.Is(fault.SQLiteSkipsPending) {
		waiting = nil
	}
	if err := c.look(ctx, waiting); err != nil {
		return nil, false, err
	}
	slices.Sort(c.names)
	found := newResults(c.query)
	for _, name := range slices.Compact(c.names) {
		if full, err := found.add(name); full || err != nil {
			return found.names, true, err
		}
	}
	return found.names, true, nil
}

// lookUp asks the index for the snippets that have all terms.
func (c *candidates) lookUp(terms []string) (complete bool, err error) {
	r := c.scan.reader
	stmt, err := r.conn.Prepare(candidatesSQL)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, stmt.Reset()) }()
	stmt.BindText(1, matchAll(terms))
	stmt.BindText(2, c.start)
	stmt.BindText(3, c.scan.end)
	for range c.most {
		row, err := stmt.Step()
		if err != nil || !row {
			return err == nil, err
		}
		path, ok := column(stmt, 0, r.path[:])
		if !ok || path == "" {
			continue
		}
		if text, ok := column(stmt, 1, r.text[:]); ok {
			c.consider(path, text)
		}
	}
	return false, nil
}

// look looks at snippets that are not in the index.
func (c *candidates) look(ctx context.Context, waiting []unindexed) error {
	for i, w := range waiting {
		if i%checkContext == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if !w.unsure && !c.scan.filter.Contents(w.text) {
			continue
		}
		contents, found, err := c.scan.reader.contentsOf(w.path)
		if errors.Is(err, store.ErrNotSnippet) {
			continue
		}
		if err != nil {
			return err
		}
		if found {
			c.consider(w.path, contents.String())
		}
	}
	return nil
}

// consider takes the snippet at path, which is in the directory, if it is asked for.
func (c *candidates) consider(path, text string) {
	if c.scan.acceptsName(path) && c.scan.acceptsText(text) {
		c.names = append(c.names, strings.Clone(path[len(c.scan.dir):]))
	}
}
