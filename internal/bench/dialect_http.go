package bench

import (
	"bytes"
	"errors"
	"net/http"

	"sttp"
)

// HTTP is HTTP/1.1 with GET for SHOW; a snippet is a page with its path. The
// server has to say how long a page is, and must not send it in chunks.
type HTTP struct{}

// maxHead bounds what may stand before a page.
const maxHead = 16 << 10

var (
	errHTTPHead    = errors.New("the head of the HTTP reply does not end")
	errHTTPHeader  = errors.New("the HTTP reply has a header field without a colon")
	errHTTPChunked = errors.New("the HTTP reply has a transfer encoding; only Content-Length is read")
	errHTTPLength  = errors.New("the HTTP reply has no Content-Length, or several")
)

// Append implements Dialect.
func (HTTP) Append(dst []byte, op Op, last bool) []byte {
	dst = append(dst, "GET "...)
	dst = appendEscaped(dst, op.Path)
	dst = append(dst, " HTTP/1.1\r\nHost: localhost\r\n"...)
	if last {
		dst = append(dst, "Connection: close\r\n"...)
	}
	return append(dst, "\r\n"...)
}

// appendEscaped appends a path as a URL has it.
func appendEscaped(dst []byte, path string) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(path) {
		c := path[i]
		switch {
		case c >= 'a' && c <= 'z', c >= '/' && c <= '9', c >= 'A' && c <= 'Z', c == '_', c == '.', c == '-', c == '~':
			dst = append(dst, c)
		default:
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		}
	}
	return dst
}

// Parse implements Dialect.
func (HTTP) Parse(b []byte, op Op) (Reply, int, error) {
	line, n, err := cutCRLF(b)
	if n == 0 || err != nil {
		return Reply{}, 0, err
	}
	reply, err := parseStatus(line)
	if err != nil {
		return Reply{}, 0, err
	}
	end := bytes.Index(b[:min(len(b), maxHead)], []byte("\r\n\r\n"))
	switch {
	case end < 0 && len(b) >= maxHead:
		return Reply{}, 0, errHTTPHead
	case end < 0:
		return Reply{}, 0, nil
	}
	length, err := pageLength(b[n : end+2])
	end += 4
	switch {
	case reply.Status == http.StatusNoContent || reply.Status == http.StatusNotModified:
		length = 0
	case err != nil:
		return Reply{}, 0, err
	case len(b)-end < length:
		return Reply{}, 0, nil
	}
	if reply.Outcome == Success {
		reply.Contents = b[end : end+length : end+length]
	}
	return reply, end + length, nil
}

// parseStatus takes a line such as "HTTP/1.1 200 OK".
func parseStatus(line []byte) (Reply, error) {
	const before = "HTTP/1.1 "
	if len(line) < len(before)+3 || string(line[:7]) != before[:7] || line[8] != ' ' {
		return Reply{}, errReplyStart
	}
	number, rest := line[len(before):len(before)+3], line[len(before)+3:]
	status, err := replyLength(number)
	if err != nil || status < 200 || len(rest) > 0 && rest[0] != ' ' { // what is below 200 is asked for only
		return Reply{}, errReplyStart
	}
	switch status {
	case http.StatusOK:
		return Reply{Outcome: Success, Status: status}, nil
	case http.StatusNotFound, http.StatusGone:
		return Reply{Outcome: Missing, Status: status}, nil
	}
	return Reply{Outcome: Failure, Status: status}, nil
}

// pageLength finds the length of the page in the header fields, each of which
// ends with CR LF.
func pageLength(fields []byte) (int, error) {
	length, found := 0, false
	for len(fields) > 0 {
		var field []byte
		field, fields, _ = bytes.Cut(fields, []byte("\r\n"))
		name, value, ok := bytes.Cut(field, []byte(":"))
		switch {
		case !ok:
			return 0, errHTTPHeader
		case isField(name, "transfer-encoding"):
			return 0, errHTTPChunked
		case !isField(name, "content-length"):
			continue
		case found:
			return 0, errHTTPLength
		}
		var err error
		if length, err = replyLength(bytes.TrimSpace(value)); err != nil {
			return 0, err
		}
		found = true
	}
	if !found {
		return 0, errHTTPLength
	}
	return length, nil
}

// isField tells whether name is the header field that is written lower in small
// letters.
func isField(name []byte, lower string) bool {
	if len(name) != len(lower) {
		return false
	}
	for i, c := range name {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// Speaks implements Dialect.
func (HTTP) Speaks(a sttp.Action) bool { return a == sttp.Show }
