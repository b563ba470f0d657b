package wire

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"sttp"
)

// MaxMessage is the number of bytes of a message, before quoting, that
// AppendResponse sends; what is longer is cut.
const MaxMessage = 1024

// AppendResponse appends resp as it goes over the wire: the status line and,
// after a 200, the contents line, each with its LF. resp.Contents must not hold
// an LF.
func AppendResponse(dst []byte, resp sttp.Response) []byte {
	dst = AppendStatusLine(dst, resp)
	if resp.Status.HasContents() {
		dst = append(dst, resp.Contents...)
		dst = append(dst, '\n')
	}
	return dst
}

// AppendStatusLine appends the first line of resp with its LF. What a message
// holds beyond printable characters is replaced by question marks.
func AppendStatusLine(dst []byte, resp sttp.Response) []byte {
	if resp.Status == sttp.StatusOK {
		dst = append(dst, "200 "...)
		dst = append(dst, resp.Path.String()...)
		return append(dst, " OK\n"...)
	}
	n := int(resp.Status)
	dst = append(dst, byte('0'+n/100%10), byte('0'+n/10%10), byte('0'+n%10), ' ')
	dst = append(dst, resp.Path.String()...)
	dst = append(dst, ' ')
	dst = append(dst, resp.Status.Text()...)
	if resp.Status.HasMessage() {
		dst = append(dst, ' ')
		dst = AppendQuoted(dst, printable(resp.Message))
	}
	return append(dst, '\n')
}

// printable returns s, bounded, with everything replaced that could disturb a
// terminal, a log or the framing.
func printable(s string) string {
	if len(s) > MaxMessage {
		end := MaxMessage
		for end > MaxMessage-utf8.UTFMax && !utf8.RuneStart(s[end]) {
			end--
		}
		s = s[:end]
	}
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}

// The error of ParseStatusLine.
var ErrStatusLine = errors.New("the reply is no STTP status line")

// ParseStatusLine parses the first line of a reply, given without its LF and
// the CR before it. Whether a contents line follows is told by the status. What
// it returns borrows line, and a message is unquoted. Anything that is no
// status line of the protocol is ErrStatusLine.
func ParseStatusLine(line []byte) (sttp.Response, error) {
	s := borrow(line)
	number, rest, ok := strings.Cut(s, " ")
	status, known := parseStatus(number)
	if !ok || !known {
		return sttp.Response{}, ErrStatusLine
	}
	raw, rest, ok := strings.Cut(rest, " ")
	if !ok {
		return sttp.Response{}, ErrStatusLine
	}
	resp := sttp.Response{Status: status}
	if raw != "-" {
		p, err := sttp.ParsePath(raw)
		if err != nil {
			return sttp.Response{}, ErrStatusLine
		}
		resp.Path = p
	}
	rest, ok = strings.CutPrefix(rest, status.Text())
	switch {
	case !ok:
		return sttp.Response{}, ErrStatusLine
	case rest == "":
		return resp, nil
	case !status.HasMessage() || rest[0] != ' ':
		return sttp.Response{}, ErrStatusLine
	}
	message, err := Unquote(strings.TrimSpace(rest))
	if err != nil {
		message = strings.TrimSpace(rest) // a plain server's own way of quoting
	}
	resp.Message = message
	return resp, nil
}

func parseStatus(number string) (sttp.Status, bool) {
	if len(number) != 3 {
		return 0, false
	}
	n := 0
	for i := range 3 {
		if number[i] < '0' || number[i] > '9' {
			return 0, false
		}
		n = n*10 + int(number[i]-'0')
	}
	status := sttp.Status(n)
	return status, status.Text() != ""
}

// Refusal returns the reply to a line that ParseRequest returned err for.
func Refusal(err error) sttp.Response {
	var refused *sttp.Error
	if errors.As(err, &refused) {
		return refused.Response()
	}
	return sttp.Response{Status: sttp.StatusServerError, Message: "internal error"}
}
