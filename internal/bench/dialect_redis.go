package bench

import (
	"strconv"

	"sttp"
)

// Redis is the protocol RESP 2 of Redis and its kin, with GET for SHOW, SET for
// CREATE and UPDATE, and DEL for DELETE. A key is a snippet's whole path. SET
// makes no difference between a key that is there and one that is not.
type Redis struct{}

// Append implements Dialect. Behind a last request stands QUIT.
func (Redis) Append(dst []byte, op Op, last bool) []byte {
	switch op.Action {
	case sttp.Show:
		dst = append(dst, "*2\r\n$3\r\nGET\r\n"...)
	case sttp.Create, sttp.Update:
		dst = append(dst, "*3\r\n$3\r\nSET\r\n"...)
	case sttp.Delete:
		dst = append(dst, "*2\r\n$3\r\nDEL\r\n"...)
	}
	dst = appendBulk(dst, op.Path)
	if op.Action.TakesContents() {
		dst = appendBulk(dst, op.Contents)
	}
	if last {
		dst = append(dst, "*1\r\n$4\r\nQUIT\r\n"...)
	}
	return dst
}

// Farewell is the reply to QUIT.
func (Redis) Farewell() string { return "+OK\r\n" }

func appendBulk[text string | []byte](dst []byte, s text) []byte {
	dst = append(dst, '$')
	dst = strconv.AppendInt(dst, int64(len(s)), 10)
	dst = append(dst, "\r\n"...)
	dst = append(dst, s...)
	return append(dst, "\r\n"...)
}

// Parse implements Dialect.
func (Redis) Parse(b []byte, op Op) (Reply, int, error) {
	line, n, err := cutCRLF(b)
	if n == 0 || err != nil {
		return Reply{}, 0, err
	}
	switch {
	case len(line) == 0:
	case line[0] == '-':
		return Reply{Outcome: Failure}, n, nil
	case op.Action == sttp.Show && line[0] == '$':
		return parseBulk(b, line, n)
	case op.Action.TakesContents() && string(line) == "+OK", op.Action == sttp.Delete && string(line) == ":1":
		return Reply{Outcome: Success}, n, nil
	case op.Action == sttp.Delete && string(line) == ":0":
		return Reply{Outcome: Missing}, n, nil
	}
	return Reply{}, 0, errReplyStart
}

// parseBulk takes a reply to GET, whose first line, with n bytes, is line.
func parseBulk(b, line []byte, n int) (Reply, int, error) {
	if string(line) == "$-1" {
		return Reply{Outcome: Missing}, n, nil
	}
	length, err := replyLength(line[1:])
	if err != nil {
		return Reply{}, 0, err
	}
	text, more, err := cutText(b[n:], length, "\r\n")
	if more == 0 || err != nil {
		return Reply{}, 0, err
	}
	return Reply{Outcome: Success, Contents: text}, n + more, nil
}

// Speaks implements Dialect.
func (Redis) Speaks(a sttp.Action) bool { return a != sttp.List }
