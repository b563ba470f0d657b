package redis

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
)

// reading is what a plain reader makes of a stream, to compare with.
type reading struct {
	rest     []byte
	messages uint64
	short    bool // the stream ends within a message
	wrong    bool
}

const (
	testBlob  = 20
	testItems = 30
)

// read reads messages until the stream ends, or is not what may come.
func read(b []byte) *reading {
	r := &reading{rest: b}
	for len(r.rest) > 0 && !r.short && !r.wrong {
		push := r.rest[0] == '>'
		r.item(0, "")
		if !push && !r.short && !r.wrong {
			r.messages++
		}
	}
	return r
}

func (r *reading) fail() { r.wrong = true }

// line takes a line, without its CR LF.
func (r *reading) line() (kind byte, text string) {
	end := bytes.IndexByte(r.rest, '\n')
	if end < 0 {
		r.short = true
		return
	}
	line := r.rest[:end]
	r.rest = r.rest[end+1:]
	if len(line) < 2 || line[len(line)-1] != '\r' || len(line) > maxLine {
		r.fail()
		return
	}
	return line[0], string(line[1 : len(line)-1])
}

// item takes an item; where name is set, that blob.
func (r *reading) item(depth int, name string) {
	kind, text := r.line()
	if r.short || r.wrong {
		return
	}
	number, err := strconv.ParseInt(text, 10, 64)
	plain := err == nil && !strings.HasPrefix(text, "+")
	switch {
	case name != "" && (kind != '$' || int(number) != len(name)):
		r.fail()
	case kind == '_' && text != "", kind == '#' && len(text) != 1:
		r.fail()
	case strings.IndexByte("+-_,#(", kind) >= 0:
	case kind == ':':
		if strings.Trim(strings.TrimPrefix(text, "-"), "0123456789") != "" || strings.Trim(text, "-") == "" {
			r.fail()
		}
	case !plain, kind == 0:
		r.fail()
	case strings.IndexByte("$!=", kind) >= 0:
		r.blob(kind, number, name)
	case strings.IndexByte("*~%>", kind) >= 0:
		r.items(kind, number, depth)
	default:
		r.fail()
	}
}

func (r *reading) blob(kind byte, n int64, name string) {
	switch {
	case n == -1 && kind == '$' && name == "":
	case n < 0 || n > testBlob:
		r.fail()
	case int64(len(r.rest)) < n+2:
		r.short = true
		if !strings.HasPrefix(name, string(r.rest[:min(len(r.rest), len(name))])) {
			r.fail()
		}
	default:
		if name != "" && string(r.rest[:n]) != name {
			r.fail()
		}
		r.rest = r.rest[n+2:]
	}
}

func (r *reading) items(kind byte, n int64, depth int) {
	if kind == '%' {
		n *= 2
	}
	switch {
	case n == -1 && kind == '*':
		return
	case n < 0, n > testItems, kind == '>' && (depth > 0 || n < 2), depth == maxDepth && n > 0:
		r.fail()
		return
	}
	for i := range n {
		name := ""
		if kind == '>' && i == 0 {
			name = invalidate
		}
		if len(r.rest) == 0 {
			r.short = true
		}
		if r.item(depth+1, name); r.short || r.wrong {
			return
		}
	}
}

var streams = []string{
	"+OK\r\n-ERR no\r\n:12\r\n:-1\r\n$5\r\nhello\r\n$0\r\n\r\n$-1\r\n_\r\n#t\r\n,3.14\r\n(123\r\n",
	"*2\r\n$1\r\na\r\n*1\r\n:5\r\n%1\r\n+key\r\n*0\r\n*-1\r\n~1\r\n_\r\n=5\r\ntxt:x\r\n!3\r\nERR\r\n",
	">2\r\n$10\r\ninvalidate\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n+OK\r\n>2\r\n$10\r\ninvalidate\r\n_\r\n:1\r\n",
	">2\r\n$10\r\ninvalidatX\r\n_\r\n", ">2\r\n$3\r\nfoo\r\n_\r\n", ">1\r\n$10\r\ninvalidate\r\n", "*1\r\n>2\r\n$10\r\ninvalidate\r\n_\r\n",
	"$21\r\n", "*31\r\n", "%16\r\n", "$-2\r\n", "%-1\r\n", "~-1\r\n", "$--1\r\n", "$\r\n", "*\r\n", "$1\n", "_x\r\n", "#tt\r\n", "\r\n", "?",
	"*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", "$5\r\nhelloXY+OK\r\n", "$1\r\r\na\r\n",
	"$99999999999999999999\r\n", ":99999999999999999999999\r\n", "+a\rb\r\n",
}

// compare compares a framing with the reader, for a stream in two pieces.
func compare(t *testing.T, stream []byte, cut int) {
	f := framing{maxBlob: testBlob, maxItems: testItems}
	cut = max(0, min(cut, len(stream)))
	messages, err := f.feed(stream[:cut])
	if err == nil {
		var more uint64
		more, err = f.feed(stream[cut:])
		messages += more
	}
	want := read(stream)
	switch {
	case want.wrong && err == nil && !want.short:
		t.Errorf("%q is taken", stream)
	case !want.wrong && !want.short && err != nil:
		t.Errorf("%q: %v", stream, err)
	case !want.wrong && !want.short && messages != want.messages:
		t.Errorf("%q: %d messages, want %d", stream, messages, want.messages)
	case messages > want.messages:
		t.Errorf("%q: %d messages, want at most %d", stream, messages, want.messages)
	}
}

func TestAStreamIsReadAsAPlainReaderDoes(t *testing.T) {
	for _, stream := range streams {
		for cut := range len(stream) + 1 {
			compare(t, []byte(stream), cut)
		}
	}
}

func FuzzStream(f *testing.F) {
	for _, stream := range streams {
		f.Add([]byte(stream), 5)
	}
	f.Fuzz(compare)
}

// A text of the longest length is let through, and one byte more is not, before
// it has come.
func TestAGuardLetsThroughWhatIsBounded(t *testing.T) {
	const longest = 100
	read := func(stream string, asked int) error {
		here, there := net.Pipe()
		defer here.Close()
		var lost error
		g := newGuard(here, here, longest-1, func(err error) { lost = err })
		go func() {
			io.Copy(io.Discard, io.LimitReader(there, int64(14*asked)))
			io.WriteString(there, stream)
			there.Close()
		}()
		for range asked {
			if _, err := g.Write([]byte("*1\r\n$4\r\nPING\r\n")); err != nil {
				t.Fatal(err)
			}
		}
		got, err := io.ReadAll(g)
		if err == nil && string(got) != stream {
			t.Errorf("%q became %q", stream, got)
		}
		if err != nil && lost == nil {
			t.Errorf("%v was not told", err)
		}
		return err
	}
	tests := []struct {
		stream string
		asked  int
		want   error
	}{
		{"$100\r\n" + strings.Repeat("x", 100) + "\r\n", 1, nil},
		{"$101\r\n", 1, errTooLong},
		{"+PONG\r\n+PONG\r\n", 2, nil},
		{"+PONG\r\n+PONG\r\n", 1, errUnasked},
		{">2\r\n$10\r\ninvalidate\r\n_\r\n", 0, nil},
		{">2\r\n$9\r\nsubscribe\r\n_\r\n", 1, errMessage},
	}
	for _, test := range tests {
		if err := read(test.stream, test.asked); !errors.Is(err, test.want) {
			t.Errorf("%.30q: %v, want %v", test.stream, err, test.want)
		}
	}
}

// Most of what passes is values, which are not looked at byte by byte.
func BenchmarkGuard(b *testing.B) {
	stream := []byte("$40\r\nVThis is pre-defined snippet number 1...\r\n")
	f := framing{maxBlob: 1000, maxItems: 1000}
	b.ReportAllocs()
	for b.Loop() {
		if n, err := f.feed(stream); n != 1 || err != nil {
			b.Fatal(n, err)
		}
	}
}
