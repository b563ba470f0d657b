package sqlite

import "zombiezen.com/go/sqlite"

// index is what searches use. Its methods are called by the writer's goroutine.
type index struct{ enabled bool }

func newIndex(enabled bool) *index { return &index{enabled: enabled} }

// changed tells that the snippet at path gets new contents. It is called before
// the commit, so that nobody who sees them finds them missing here; the commit
// may fail yet. Path and contents are the caller's.
func (x *index) changed(path, contents string) {}

// deleted tells that the snippet at path is gone. It is called after the commit.
func (x *index) deleted(path string) {}

// slice does a share of the work that is left, in a transaction of its own on
// the writer's connection, and tells whether there is more.
func (x *index) slice(conn *sqlite.Conn) (more bool) { return false }
