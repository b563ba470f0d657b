package sqlite

import (
	"errors"
	"log/slog"
	"slices"
	"time"

	"zombiezen.com/go/sqlite"

	"sttp"
	"sttp/store"
)

// How much a slice does. Writing what it has collected takes about as long as a
// third of collecting it, and cannot be interrupted: a change that comes in the
// middle waits some ten milliseconds.
const (
	sliceWalk   = 8                     // most snippets that the walk looks at, for each that is indexed
	sliceTime   = 5 * time.Millisecond  // what a slice may take at least
	mergeTime   = 20 * time.Millisecond // after which merging stops
	mergePages  = 16                    // of the index, merged before looking at the clock
	checkUrgent = 16                    // snippets, before looking at the clock
)

// builder indexes on the connection of the writer.
type builder struct {
	conn    *sqlite.Conn // that the statements belong to
	merging bool
	failing bool

	begin, commit, rollback *sqlite.Stmt
	walk, row, last         *sqlite.Stmt
	addDoc, addWords, known *sqlite.Stmt
	garbage                 *sqlite.Stmt
	drop                    [3]*sqlite.Stmt
	merge, written          *sqlite.Stmt

	paths []string
	ids   []int64
	text  []byte
	fold  []byte
}

func (b *builder) connect(conn *sqlite.Conn) error {
	if b.conn == conn {
		return nil
	}
	err := prepare(conn, []prepared{
		{&b.begin, "BEGIN IMMEDIATE"},
		{&b.commit, "COMMIT"},
		{&b.rollback, "ROLLBACK"},
		{&b.walk, "SELECT path, doc FROM snippets WHERE path >= ?1 ORDER BY path"},
		{&b.row, "SELECT contents, doc FROM snippets WHERE path = ?1"},
		{&b.last, "SELECT max(id) FROM docs"},
		{&b.addDoc, "INSERT INTO docs (id, path) VALUES (?1, ?2)"},
		{&b.addWords, "INSERT INTO words (rowid, text) VALUES (?1, ?2)"},
		{&b.known, "UPDATE snippets SET doc = ?1 WHERE path = ?2"},
		{&b.garbage, "SELECT id FROM garbage LIMIT ?1"},
		{&b.drop[0], "DELETE FROM words WHERE rowid = ?1"},
		{&b.drop[1], "DELETE FROM docs WHERE id = ?1"},
		{&b.drop[2], "DELETE FROM garbage WHERE id = ?1"},
		{&b.merge, "INSERT INTO words (words, rank) VALUES ('merge', ?1)"},
		{&b.written, "SELECT total_changes()"},
	})
	if err == nil {
		b.conn = conn
	}
	return err
}

// slice does a share of the work that is left, in a transaction of its own on
// the writer's connection, and tells whether there is more. It stops soon when
// urgent says that somebody waits. What fails is tried again by a later slice.
func (x *index) slice(conn *sqlite.Conn, urgent func() bool) (more bool) {
	b := &x.build
	err := b.connect(conn)
	if err == nil {
		more, err = x.work(urgent)
	}
	if err != nil && !conn.AutocommitEnabled() {
		_, undo := run(b.rollback)
		err = errors.Join(err, undo)
	}
	if failing := err != nil; failing != b.failing {
		b.failing = failing
		if failing {
			x.log.Error("the search index cannot be built; searches are slow", slog.Any("error", err))
		} else {
			x.log.Info("the search index can be built again")
		}
	}
	if !more && err == nil {
		x.hasNoWork()
	}
	return more && err == nil
}

// work merges what is there before it adds more, and adds what is pending before
// the walk looks for more.
func (x *index) work(urgent func() bool) (more bool, err error) {
	b := &x.build
	if b.merging {
		b.merging, err = b.mergeParts(urgent)
		return true, err
	}
	if paths := x.somePending(b.paths[:0]); len(paths) > 0 {
		b.paths = paths
		n, err := b.add(paths, urgent)
		if err == nil {
			x.indexed(paths[:n], false, "")
		}
		return true, err
	}
	if x.behind { // only this goroutine changes it
		return true, x.walkOn(urgent)
	}
	return b.purge(x.rows, urgent)
}

// somePending appends paths that are pending, in their order.
func (x *index) somePending(paths []string) []string {
	x.mu.Lock()
	for path := range x.pending {
		if paths = append(paths, path); len(paths) == x.rows {
			break
		}
	}
	x.mu.Unlock()
	slices.Sort(paths)
	return paths
}

// walkOn goes on with the walk: it indexes what is not indexed.
func (x *index) walkOn(urgent func() bool) error {
	b := &x.build
	paths, cursor, err := b.unindexed(x.cursor, x.rows, urgent)
	if err != nil {
		return err
	}
	n, err := b.add(paths, urgent)
	if err != nil {
		return err
	}
	if n < len(paths) {
		cursor = paths[n]
	}
	x.indexed(nil, true, cursor)
	return nil
}

// unindexed returns up to most of the next paths from start on that are not
// indexed, and where to go on: "" at the end.
func (b *builder) unindexed(start string, most int, urgent func() bool) (paths []string, next string, err error) {
	begun := time.Now()
	b.walk.BindText(1, start)
	defer func() { err = errors.Join(err, b.walk.Reset()) }()
	for n := 0; ; n++ {
		row, err := b.walk.Step()
		if err != nil || !row {
			return paths, "", err
		}
		if n == most*sliceWalk || len(paths) == most || n > 0 && n%256 == 0 && time.Since(begun) > sliceTime && urgent() {
			return paths, b.walk.ColumnText(0), nil
		}
		if b.walk.ColumnInt64(1) <= 0 && b.walk.ColumnLen(0) <= sttp.MaxPath {
			paths = append(paths, b.walk.ColumnText(0))
		}
	}
}

// add indexes snippets, and returns of how many the caller need not think again.
func (b *builder) add(paths []string, urgent func() bool) (n int, err error) {
	if len(paths) == 0 {
		return 0, nil
	}
	begun := time.Now()
	if _, err := run(b.begin); err != nil {
		return 0, err
	}
	id, err := b.lastID()
	if err != nil {
		return 0, err
	}
	first := id
	for n < len(paths) {
		if id, err = b.addOne(paths[n], id); err != nil {
			return 0, err
		}
		if n++; n%checkUrgent == 0 && time.Since(begun) > sliceTime && urgent() {
			break
		}
	}
	if _, err := run(b.commit); err != nil {
		return 0, err
	}
	b.merging = b.merging || id > first
	return n, nil
}

func (b *builder) lastID() (id int64, err error) {
	if _, err := b.last.Step(); err != nil {
		return 0, err
	}
	id = b.last.ColumnInt64(0)
	return id, b.last.Reset()
}

// addOne indexes the snippet at path, if one is there and is not indexed as it
// is. last is the last id that was given away, before and after.
func (b *builder) addOne(path string, last int64) (int64, error) {
	b.row.BindText(1, path)
	found, err := b.row.Step()
	if err != nil {
		return last, err
	}
	if !found {
		return last, b.row.Reset()
	}
	doc := b.row.ColumnInt64(1)
	valid := b.row.ColumnLen(0) <= maxContents
	if valid {
		b.text = slices.Grow(b.text[:0], maxContents)[:maxContents]
		b.text = b.text[:b.row.ColumnBytes(0, b.text)]
	}
	if err := b.row.Reset(); err != nil || doc > 0 {
		return last, err
	}
	if doc < 0 {
		if err := b.purgeOne(-doc); err != nil {
			return last, err
		}
	}
	if !valid { // no search returns it
		b.known.BindInt64(1, 0)
		b.known.BindText(2, path)
		return last, runAll(b.known)
	}
	last++
	b.fold = store.AppendFold(b.fold[:0], string(b.text))
	b.addDoc.BindInt64(1, last)
	b.addDoc.BindText(2, path)
	b.addWords.BindInt64(1, last)
	b.addWords.BindText(2, string(b.fold))
	b.known.BindInt64(1, last)
	b.known.BindText(2, path)
	return last, runAll(b.addDoc, b.addWords, b.known)
}

// purge takes out of the index what is no longer in the database.
func (b *builder) purge(most int, urgent func() bool) (more bool, err error) {
	ids, err := b.someGarbage(most)
	if err != nil || len(ids) == 0 {
		return false, err
	}
	begun := time.Now()
	if _, err := run(b.begin); err != nil {
		return false, err
	}
	for i, id := range ids {
		if err := b.purgeOne(id); err != nil {
			return false, err
		}
		if i%checkUrgent == 0 && time.Since(begun) > sliceTime && urgent() {
			break
		}
	}
	if _, err := run(b.commit); err != nil {
		return false, err
	}
	b.merging = true
	return true, nil
}

func (b *builder) someGarbage(most int) ([]int64, error) {
	b.ids = b.ids[:0]
	b.garbage.BindInt64(1, int64(most))
	for {
		row, err := b.garbage.Step()
		if err != nil {
			return nil, err
		}
		if !row {
			return b.ids, b.garbage.Reset()
		}
		b.ids = append(b.ids, b.garbage.ColumnInt64(0))
	}
}

func (b *builder) purgeOne(id int64) error {
	for _, stmt := range b.drop {
		stmt.BindInt64(1, id)
	}
	return runAll(b.drop[:]...)
}

// mergeParts merges parts of the index, each of which makes each search a little
// slower, and tells whether there is more to merge.
func (b *builder) mergeParts(urgent func() bool) (more bool, err error) {
	begun := time.Now()
	if _, err := run(b.begin); err != nil {
		return false, err
	}
	b.merge.BindInt64(1, mergePages)
	for {
		before, err := b.changes()
		if err != nil {
			return false, err
		}
		if _, err := run(b.merge); err != nil {
			return false, err
		}
		after, err := b.changes()
		if err != nil {
			return false, err
		}
		more = after-before >= 2 // SQLite's documentation says so
		if !more || urgent() || time.Since(begun) > mergeTime {
			_, err := run(b.commit)
			return more, err
		}
	}
}

func (b *builder) changes() (n int64, err error) {
	if _, err := b.written.Step(); err != nil {
		return 0, err
	}
	n = b.written.ColumnInt64(0)
	return n, b.written.Reset()
}

func runAll(stmts ...*sqlite.Stmt) error {
	for _, stmt := range stmts {
		if _, err := run(stmt); err != nil {
			return err
		}
	}
	return nil
}
