// Package sttp holds the nouns of the Short Text Transfer Protocol: actions,
// paths, contents, statuses, requests, responses, errors, and the Handler that
// turns one into the other. Everything else in this module is built on it, and
// it is built on the standard library alone.
//
// A Path and a Contents can only be made by parsing, so whoever holds one knows
// that it is valid and never checks it again. docs/protocol.md says what valid
// means; the comments here name its sections.
package sttp

import "context"

// Limits of the protocol, which no setting changes.
const (
	DefaultPort = 8080    // the TCP port of a URL that names none
	MaxContents = 160     // code points in a snippet
	MaxFilename = 32      // code points in a file's name; more is a 310
	MaxSegment  = 255     // bytes in the name of a directory
	MaxPath     = 1024    // bytes in a path
	MaxLine     = 8192    // bytes in a request line before its LF
	MaxList     = 1 << 20 // bytes in a contents line that answers a LIST
)

// Action is what a request asks for. The zero Action is none of them.
type Action uint8

// The five actions (docs/protocol.md, section 5).
const (
	Create Action = iota + 1 // makes a file that does not exist
	Show                     // answers a file's contents
	List                     // answers the names in a directory
	Update                   // replaces the contents of a file that exists
	Delete                   // removes a file
)

var actionNames = [...]string{Create: "CREATE", Show: "SHOW", List: "LIST", Update: "UPDATE", Delete: "DELETE"}

// Actions returns the five actions in the order of the protocol's table.
func Actions() []Action { return []Action{Create, Show, List, Update, Delete} }

// ParseAction returns the action with that name. Names are upper case; for
// any other the second result is false.
func ParseAction(name string) (Action, bool) {
	for a := Create; a <= Delete; a++ {
		if actionNames[a] == name {
			return a, true
		}
	}
	return 0, false
}

// String returns the action's name as it stands on the wire, such as "SHOW",
// and "-" for none.
func (a Action) String() string {
	if a < Create || a > Delete {
		return "-"
	}
	return actionNames[a]
}

// TakesContents tells whether a request with this action has contents.
func (a Action) TakesContents() bool { return a == Create || a == Update }

// Changes tells whether a request with this action may change what is stored.
func (a Action) Changes() bool { return a == Create || a == Update || a == Delete }

// Request is one valid request. Make it with NewRequest, or let a parser make
// it from bytes.
//
// A request that a Handler is given may borrow the bytes of its connection's
// buffer: it is valid until Handle returns, and whoever keeps a Path or a
// Contents for longer clones it.
type Request struct {
	Action   Action
	Path     Path
	Contents Contents // of CREATE and UPDATE
	Query    *Query   // of LIST; nil for none
}

// Response is the answer to one request. It may borrow from that request.
type Response struct {
	Status   Status
	Path     Path   // as sent; the directory in 410 and 510; the zero Path is shown as "-"
	Message  string // of 300 and 500: what was wrong and what would be right
	Contents string // of 200: the contents line, perhaps empty
}

// Handler answers requests. It is called by many goroutines at once. The
// context ends when the server gives up waiting for running requests; until
// then a change that has begun is carried through, whatever its client does.
type Handler interface {
	Handle(ctx context.Context, req Request) Response
}

// BatchHandler is a Handler that can do better with requests that had arrived
// together. HandleBatch fills resps, which is as long as reqs, so that
// resps[i] answers reqs[i]. It may carry out requests on different paths side
// by side; it keeps the order of those on the same path, and a LIST stays in
// its place among all others.
type BatchHandler interface {
	Handler
	HandleBatch(ctx context.Context, reqs []Request, resps []Response)
}

// HandleBatch answers reqs with h, at once where h is a BatchHandler and one
// after the other where it is not.
func HandleBatch(ctx context.Context, h Handler, reqs []Request, resps []Response) {
	if b, ok := h.(BatchHandler); ok {
		b.HandleBatch(ctx, reqs, resps)
		return
	}
	for i, req := range reqs {
		resps[i] = h.Handle(ctx, req)
	}
}
