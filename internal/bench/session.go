package bench

import "errors"

// ErrNoServer is in an error that says that no connection to the server could be
// opened when the work began.
var ErrNoServer = errors.New("the server cannot be reached")

// Target is a server.
type Target struct {
	Address string  // host:port
	Dialect Dialect // nil is STTP
	// Directory is where the snippets lie, as in "/bench"; a fresh name if it is
	// empty. Give one only if what lies there already is what Prepare would make.
	Directory string
}
