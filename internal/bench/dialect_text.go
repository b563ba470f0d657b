package bench

import (
	"bytes"
	"errors"
	"unicode/utf8"

	"sttp"
)

// Bounds of a reply in the protocols that lines end with CR LF in. What is
// longer is none of a snippet's.
const (
	maxReplyLine = 8 << 10
	maxReplyText = sttp.MaxContents*utf8.UTFMax + 1<<10 // what is too long is told apart from what is no reply
)

var (
	errReplyLine  = errors.New("a line of the reply does not end with CR LF, or is too long")
	errReplyStart = errors.New("it does not begin as a reply does")
	errReplyEnd   = errors.New("the text of the reply does not end where it has to")
	errReplyText  = errors.New("the length of the reply's text is no number, or too high")
)

// cutCRLF returns the line that b begins with, and its length with the CR LF at
// its end, 0 if that is still to come.
func cutCRLF(b []byte) (line []byte, n int, err error) {
	end := bytes.IndexByte(b[:min(len(b), maxReplyLine)], '\n')
	switch {
	case end < 0 && len(b) >= maxReplyLine, end == 0, end > 0 && b[end-1] != '\r':
		return nil, 0, errReplyLine
	case end < 0:
		return nil, 0, nil
	}
	return b[:end-1], end + 1, nil
}

// cutText returns the first length bytes of b, and how many they are with end
// behind them, 0 if b does not have all of it yet.
func cutText(b []byte, length int, end string) (text []byte, n int, err error) {
	rest := b[min(length, len(b)):]
	have := min(len(rest), len(end))
	switch {
	case string(rest[:have]) != end[:have]:
		return nil, 0, errReplyEnd
	case have < len(end):
		return nil, 0, nil
	}
	return b[:length:length], length + len(end), nil
}

// replyLength reads a length in decimal digits.
func replyLength(digits []byte) (int, error) {
	n := 0
	for _, c := range digits {
		if c < '0' || c > '9' || n > maxReplyText {
			return 0, errReplyText
		}
		n = 10*n + int(c-'0')
	}
	if len(digits) == 0 || n > maxReplyText {
		return 0, errReplyText
	}
	return n, nil
}
