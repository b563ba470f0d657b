package bench

import "sttp"

// Op is one request, whatever the protocol.
type Op struct {
	Action   sttp.Action
	Path     string // as STTP has it
	Contents []byte // of CREATE and UPDATE; borrowed
}

// Outcome is what a reply says of its request.
type Outcome uint8

// The outcomes.
const (
	Success Outcome = iota + 1
	Missing         // what was asked for is not there
	Failure         // anything else that is a reply
)

// Reply is a reply, whatever the protocol. It borrows the bytes it was read from.
type Reply struct {
	Outcome  Outcome
	Status   int    // the protocol's number for it, 0 if it has none
	Path     []byte // that the reply names, nil if the protocol names none
	Contents []byte // of a Success of SHOW, LIST and UPDATE; nil if the protocol sends none back
	// Unknown: whether a change was made is not known although there is a reply.
	Unknown bool
}

// Dialect is a protocol that a kind of server speaks. Its methods are called by
// many goroutines at once.
type Dialect interface {
	// Append appends the request. If last is true it is the last one on its
	// connection, and the server is asked to close it if there is a way to.
	Append(dst []byte, op Op, last bool) []byte

	// Parse takes the reply to op from the beginning of b. It returns how many
	// bytes the reply has, and 0 if b does not hold all of it yet. An error says
	// that what b begins with is no reply; what follows cannot be read then.
	Parse(b []byte, op Op) (reply Reply, n int, err error)

	// Speaks tells whether the protocol has something like this action.
	Speaks(a sttp.Action) bool
}

// farewell is what a Dialect has, too, if the server answers that it is asked to
// close.
type farewell interface {
	Farewell() string
}
