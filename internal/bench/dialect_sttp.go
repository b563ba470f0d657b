package bench

import (
	"bytes"
	"errors"

	"sttp"
	"sttp/internal/wire"
)

// STTP is the protocol itself (docs/protocol.md). The zero value is ready.
type STTP struct {
	// BareUpdate: the server answers an UPDATE without the contents line that
	// belongs to a 200, as plain servers do.
	BareUpdate bool
}

var (
	errNoStatusLine = errors.New("what came is no status line")
	errTooLong      = errors.New("a line of the reply is too long")
)

// Append appends the request. After the last one stands an empty line, which
// asks the server to close [2.3-1].
func (STTP) Append(dst []byte, op Op, last bool) []byte {
	dst = append(dst, op.Action.String()...)
	dst = append(dst, ' ')
	dst = append(dst, op.Path...)
	if op.Action.TakesContents() {
		dst = append(dst, ' ')
		dst = append(dst, op.Contents...) // never in need of quotes: they begin with a letter and hold no space at their ends
	}
	dst = append(dst, '\n')
	if last {
		dst = append(dst, '\n')
	}
	return dst
}

// Parse takes a status line and, after a 200, the contents line.
func (d STTP) Parse(b []byte, op Op) (Reply, int, error) {
	line, n, err := sttpLine(b, sttp.MaxLine)
	if n == 0 {
		return Reply{}, 0, err
	}
	reply, err := parseStatusLine(line, op)
	if err != nil || reply.Outcome != Success {
		return reply, n, err
	}
	if reply.Status != int(sttp.StatusOK) || d.BareUpdate && op.Action == sttp.Update {
		return reply, n, nil
	}
	contents, m, err := sttpLine(b[n:], sttp.MaxList)
	if m == 0 {
		return Reply{}, 0, err
	}
	reply.Contents = contents
	return reply, n + m, nil
}

// sttpLine returns the line that b begins with, without its end, and how many
// bytes it has with it; 0 if b does not hold all of it.
func sttpLine(b []byte, most int) ([]byte, int, error) {
	n := bytes.IndexByte(b, '\n')
	switch {
	case n > most+1 || n < 0 && len(b) > most+1:
		return nil, 0, errTooLong
	case n < 0:
		return nil, 0, nil
	}
	return bytes.TrimSuffix(b[:n], []byte{'\r'}), n + 1, nil
}

// parseStatusLine reads a status line. The one that is nearly always expected is
// only compared.
func parseStatusLine(line []byte, op Op) (Reply, error) {
	if n := len("200 ") + len(op.Path); len(line) == n+len(" OK") &&
		string(line[:4]) == "200 " && string(line[4:n]) == op.Path && string(line[n:]) == " OK" {
		return Reply{Outcome: Success, Status: int(sttp.StatusOK), Path: line[4:n]}, nil
	}
	resp, err := wire.ParseStatusLine(line)
	if err != nil {
		return Reply{}, errNoStatusLine
	}
	reply := Reply{Outcome: Failure, Status: int(resp.Status)}
	if !resp.Path.IsZero() {
		reply.Path = line[4 : 4+len(resp.Path.String())]
	}
	switch resp.Status {
	case sttp.StatusCreated, sttp.StatusOK, sttp.StatusDeleted:
		if !succeeds(op.Action, resp.Status) {
			return Reply{}, errNoStatusLine
		}
		reply.Outcome = Success
	case sttp.StatusNotFound:
		reply.Outcome = Missing
	case sttp.StatusPathNotFound:
		reply.Outcome, reply.Path = Missing, nil // names the directory
	case sttp.StatusCannotCreatePath:
		reply.Path = nil
	case sttp.StatusServerError:
		reply.Unknown = op.Action.Changes()
	}
	return reply, nil
}

// succeeds tells whether status is the success of action.
func succeeds(action sttp.Action, status sttp.Status) bool {
	switch action {
	case sttp.Create:
		return status == sttp.StatusCreated
	case sttp.Delete:
		return status == sttp.StatusDeleted
	}
	return status == sttp.StatusOK
}

// Speaks tells that the protocol has all actions.
func (STTP) Speaks(sttp.Action) bool { return true }
