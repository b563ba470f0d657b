// Package store says what a storage engine is: the Store interface, its
// contract and the errors that every engine returns. The contract is also a
// test suite, store/storetest, which every engine passes.
package store

import (
	"context"
	"errors"

	"sttp"
)

// Store keeps snippets. All methods may be called by many goroutines at once.
//
// Each path is linearizable: a method takes effect at one moment between its
// call and its return, and a reader sees the contents before a change or after
// it, never a mix. A List need not be a snapshot of a directory that changes
// meanwhile.
//
// A change that returns nil is as durable as the engine was told to make it.
// One that returns ErrOutcomeUnknown may or may not have taken effect; with any
// other error nothing has changed.
//
// Paths and contents that are passed in are the caller's and are not kept after
// the method returns; what is returned is the caller's to keep.
//
// A context that ends before a change has begun stops it with the context's
// error; a change that has begun is carried through.
type Store interface {
	// Create makes a file. ErrExists, ErrIsDirectory, ErrOccupied, ErrInTheWay,
	// ErrCannotCreatePath. The directories that it needs are made with it, and
	// are not left behind empty when it fails.
	Create(ctx context.Context, file sttp.Path, contents sttp.Contents) error

	// Show returns what a file holds. ErrNotFound, ErrPathNotFound,
	// ErrIsDirectory, ErrNotSnippet.
	Show(ctx context.Context, file sttp.Path) (sttp.Contents, error)

	// List returns the names in a directory that ends with a slash: files as
	// they are named, directories with a slash at their end, sorted bytewise;
	// of those the ones that q asks for (Filter), all if q is nil. The root is
	// always there. A search stops with the context's error when that ends.
	// ErrNotFound, ErrNotDirectory, ErrListTooLong.
	List(ctx context.Context, dir sttp.Path, q *sttp.Query) ([]string, error)

	// Update replaces what a file holds, at once. ErrNotFound, ErrPathNotFound,
	// ErrIsDirectory. Only a file is replaced, whatever it holds.
	Update(ctx context.Context, file sttp.Path, contents sttp.Contents) error

	// Delete removes a file, and every directory above it that is empty then
	// except the root. ErrNotFound, ErrPathNotFound, ErrIsDirectory.
	Delete(ctx context.Context, file sttp.Path) error

	// Close waits for methods that are running, makes what they did durable as
	// far as was promised, and gives up the ownership of the storage. A method
	// called after Close returns ErrClosed.
	Close() error
}

// What a Store returns, possibly wrapped, one of them at a time: use errors.Is.
// Any other error is a failure of the storage, and nothing has changed.
var (
	ErrExists           = errors.New("the file exists already")
	ErrNotFound         = errors.New("the file or directory does not exist")
	ErrPathNotFound     = errors.New("the directory that should hold the file does not exist")
	ErrIsDirectory      = errors.New("the path names a directory")
	ErrNotDirectory     = errors.New("the path names a file")
	ErrOccupied         = errors.New("something that is not served has the name")
	ErrInTheWay         = errors.New("a file has the name of a directory that is needed")
	ErrCannotCreatePath = errors.New("the directory cannot be made")
	ErrNotSnippet       = errors.New("the file is no snippet")
	ErrListTooLong      = errors.New("the list has more than 1 MiB")
	ErrNoSpace          = errors.New("no space is left")
	ErrOutcomeUnknown   = errors.New("the change may or may not have taken effect")
	ErrClosed           = errors.New("the store is closed")
)
