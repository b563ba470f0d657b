package bench

import (
	"bytes"
	"strconv"

	"sttp"
)

// Memcached is the text protocol of memcached, with get for SHOW, set for CREATE
// and UPDATE, and delete for DELETE. A key is a snippet's whole path, which may
// have 250 bytes. Like Redis's SET, set does not mind whether the key is there.
type Memcached struct{}

// Append implements Dialect.
func (Memcached) Append(dst []byte, op Op, last bool) []byte {
	switch op.Action {
	case sttp.Create, sttp.Update:
		dst = append(dst, "set "...)
		dst = append(dst, op.Path...)
		dst = append(dst, " 0 0 "...) // no flags, for ever
		dst = strconv.AppendInt(dst, int64(len(op.Contents)), 10)
		dst = append(dst, "\r\n"...)
		dst = append(dst, op.Contents...)
	case sttp.Delete:
		dst = append(dst, "delete "...)
		dst = append(dst, op.Path...)
	default:
		dst = append(dst, "get "...)
		dst = append(dst, op.Path...)
	}
	dst = append(dst, "\r\n"...)
	if last {
		dst = append(dst, "quit\r\n"...) // which is not answered
	}
	return dst
}

// Parse implements Dialect. An error of the server leaves open what became of a
// change: memcached drops the old value of what it cannot store.
func (Memcached) Parse(b []byte, op Op) (Reply, int, error) {
	line, n, err := cutCRLF(b)
	if n == 0 || err != nil {
		return Reply{}, 0, err
	}
	word, rest, _ := bytes.Cut(line, []byte(" "))
	switch string(word) {
	case "ERROR", "CLIENT_ERROR":
		return Reply{Outcome: Failure}, n, nil
	case "SERVER_ERROR":
		return Reply{Outcome: Failure, Unknown: op.Action != sttp.Show}, n, nil
	}
	switch {
	case op.Action == sttp.Show && string(word) == "VALUE":
		return parseValue(b, rest, n)
	case op.Action.TakesContents() && string(line) == "STORED", op.Action == sttp.Delete && string(line) == "DELETED":
		return Reply{Outcome: Success}, n, nil
	case op.Action == sttp.Show && string(line) == "END", op.Action == sttp.Delete && string(line) == "NOT_FOUND":
		return Reply{Outcome: Missing}, n, nil
	}
	return Reply{}, 0, errReplyStart
}

// parseValue takes a reply to get, whose first line has n bytes and holds key,
// flags and length.
func parseValue(b, line []byte, n int) (Reply, int, error) {
	key, rest, _ := bytes.Cut(line, []byte(" "))
	_, digits, _ := bytes.Cut(rest, []byte(" "))
	length, err := replyLength(digits)
	if err != nil {
		return Reply{}, 0, err
	}
	text, more, err := cutText(b[n:], length, "\r\nEND\r\n")
	if more == 0 || err != nil {
		return Reply{}, 0, err
	}
	return Reply{Outcome: Success, Path: key, Contents: text}, n + more, nil
}

// Speaks implements Dialect.
func (Memcached) Speaks(a sttp.Action) bool { return a != sttp.List }
