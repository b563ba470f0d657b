package redis

import (
	"errors"
	"net"
	"sync/atomic"
)

// guard is a connection of which only so much is believed as is safe. What
// arrives is looked at before rueidis sees it, which makes room for whatever
// length it is told, and gives up the process where a reply comes that nobody
// has asked for.
type guard struct {
	net.Conn
	raw  net.Conn // beneath TLS
	lost func(error)

	in   framing       // of Read alone
	out  framing       // of Write alone
	sent atomic.Uint64 // commands
	got  uint64        // replies
}

func newGuard(conn, raw net.Conn, maxText int, lost func(error)) *guard {
	return &guard{
		Conn: conn, raw: raw, lost: lost,
		in:  framing{maxBlob: int64(maxText) + 1, maxItems: maxInvalidations},
		out: framing{maxBlob: 1 << 40, maxItems: 1 << 40},
	}
}

// maxInvalidations is how many keys one message may name.
const maxInvalidations = 1 << 18

var (
	errUnasked = errors.New("there was a reply to nothing")
	errTooLong = errors.New("there was something longer than all that is kept there")
	errSyntax  = errors.New("what came is not Redis' protocol")
	errMessage = errors.New("there was a message of a kind that was not asked for")
)

func (g *guard) Read(p []byte) (int, error) {
	n, err := g.Conn.Read(p)
	if n > 0 {
		replies, bad := g.in.feed(p[:n])
		if g.got += replies; bad == nil && g.got > g.sent.Load() {
			bad = errUnasked
		}
		if bad != nil {
			n, err = 0, bad
		}
	}
	if err != nil {
		g.lost(err)
	}
	return n, err
}

func (g *guard) Write(p []byte) (int, error) {
	commands, err := g.out.feed(p)
	if err != nil {
		g.lost(err)
		return 0, err
	}
	g.sent.Add(commands)
	n, err := g.Conn.Write(p)
	if err != nil {
		g.lost(err)
	}
	return n, err
}

// Close closes the connection without a farewell, which could wait. rueidis calls
// it by itself where a PING has no answer.
func (g *guard) Close() error {
	g.lost(errLate)
	return g.raw.Close()
}

// Bounds of what is not a value.
const (
	maxDepth = 6       // of arrays in arrays
	maxLine  = 1 << 14 // bytes of an error
)

// framing goes through a stream of Redis' protocol, RESP3, in whatever pieces it
// comes. It takes what a cache is sent: no attributes and no streamed types.
type framing struct {
	maxBlob  int64 // bytes
	maxItems int64 // in an array

	kind   byte // of the line that is being read; 0 between lines
	length int  // of that line so far, without kind
	number int64
	minus  bool
	last   byte // of that line

	skip  int64 // left of a blob, with its CR LF
	name  string
	open  [maxDepth]int64 // items that are to come, in the arrays that are open
	depth int
	push  bool // the message is none that answers something
}

// invalidate is the first item of the one push message that may come.
const invalidate = "invalidate"

// feed takes the next bytes. It returns how many messages ended that answer
// something.
func (f *framing) feed(p []byte) (messages uint64, err error) {
	for len(p) > 0 {
		switch {
		case f.skip > 0:
			n := min(f.skip, int64(len(p)))
			if !f.named(p[:n]) {
				return messages, errMessage
			}
			p, f.skip = p[n:], f.skip-n
			if f.skip == 0 && f.complete() {
				messages++
			}
		case f.kind == 0:
			if err := f.begin(p[0]); err != nil {
				return messages, err
			}
			p = p[1:]
		default:
			c := p[0]
			p = p[1:]
			if c != '\n' {
				if err := f.char(c); err != nil {
					return messages, err
				}
				continue
			}
			ended, err := f.line()
			if err != nil {
				return messages, err
			}
			if ended && f.complete() {
				messages++
			}
		}
	}
	return messages, nil
}

// begin takes the first byte of a line.
func (f *framing) begin(kind byte) error {
	switch kind {
	case '+', '-', ':', '$', '*', '_', ',', '#', '!', '=', '(', '%', '~':
		if f.push && f.name != "" && kind != '$' {
			return errMessage
		}
	case '>':
		if f.depth > 0 {
			return errSyntax
		}
	default:
		return errSyntax
	}
	if f.depth == 0 {
		f.push = kind == '>'
		if f.push {
			f.name = invalidate
		}
	}
	f.kind, f.length, f.number, f.minus, f.last = kind, 0, 0, false, 0
	return nil
}

// char takes a byte of a line before its LF.
func (f *framing) char(c byte) error {
	f.length++
	if f.length > maxLine {
		return errTooLong
	}
	if f.counts() && f.last == '\r' {
		return errSyntax
	}
	switch {
	case !f.counts() || c == '\r':
	case c == '-' && f.length == 1:
		f.minus = true
	case c < '0' || c > '9':
		return errSyntax
	case f.kind == ':':
	default:
		if f.number = f.number*10 + int64(c-'0'); f.number > max(f.maxBlob, f.maxItems) {
			return errTooLong
		}
	}
	f.last = c
	return nil
}

// counts tells whether the line holds a number.
func (f *framing) counts() bool {
	switch f.kind {
	case '$', '!', '=', '*', '~', '%', '>', ':':
		return true
	}
	return false
}

// line takes the end of a line. It tells whether an item has ended with it.
func (f *framing) line() (ended bool, err error) {
	kind, digits := f.kind, f.length-1
	if f.minus {
		digits--
	}
	if f.last != '\r' || f.counts() && digits < 1 || kind == '_' && f.length != 1 || kind == '#' && f.length != 2 {
		return false, errSyntax
	}
	f.kind = 0
	switch kind {
	case '$', '!', '=':
		return f.blob(kind)
	case '*', '~', '%', '>':
		return f.items(kind)
	}
	return true, nil
}

// blob begins a text of the length that was read.
func (f *framing) blob(kind byte) (ended bool, err error) {
	named := f.push && f.name != ""
	switch {
	case f.minus && (f.number != 1 || kind != '$' || named):
		return false, errSyntax
	case f.minus:
		return true, nil
	case f.number > f.maxBlob:
		return false, errTooLong
	case named && f.number != int64(len(f.name)):
		return false, errMessage
	}
	f.skip = f.number + 2
	return false, nil
}

// items begins an array of the length that was read.
func (f *framing) items(kind byte) (ended bool, err error) {
	n := f.number
	if kind == '%' {
		n *= 2
	}
	switch {
	case f.minus && (f.number != 1 || kind != '*'), kind == '>' && n < 2:
		return false, errSyntax
	case f.minus, n == 0:
		return true, nil
	case n > f.maxItems, f.depth == maxDepth:
		return false, errTooLong
	}
	f.open[f.depth] = n
	f.depth++
	return false, nil
}

// named tells whether what comes next of a blob is, where a name has to come,
// what is left of that.
func (f *framing) named(p []byte) bool {
	if !f.push || f.name == "" {
		return true
	}
	n := min(len(p), len(f.name))
	if string(p[:n]) != f.name[:n] {
		return false
	}
	f.name = f.name[n:]
	return true
}

// complete takes the end of an item. It tells whether a message has ended with
// it that answers something.
func (f *framing) complete() bool {
	for f.depth > 0 {
		if f.open[f.depth-1]--; f.open[f.depth-1] > 0 {
			return false
		}
		f.depth--
	}
	return !f.push
}
