package zoo

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"regexp"
	"strings"
	"time"
)

// maxLine is how many bytes a line may have, LF included.
const maxLine = 8193

// Why there is no further line.
var (
	errSilent  = errors.New("nothing more came in time")
	errHalf    = errors.New("the last line has no LF")
	errSlow    = errors.New("a line took too long")
	errTooLong = errors.New("a line is longer than 8,192 bytes")
)

// session serves one connection.
type session struct {
	*store
	conn *net.TCPConn
	in   *bufio.Reader
	out  *bufio.Writer
	held string // replies of OutOfOrder
}

func newSession(st *store, conn *net.TCPConn) *session {
	s := &session{store: st, conn: conn}
	size := maxLine
	switch s.Fault {
	case ShortLines:
		size = 4097
	case LongLines:
		size = 1 << 20
	}
	s.in = bufio.NewReaderSize(reader{s}, size)
	s.out = bufio.NewWriter(writer{s})
	return s
}

// reader reads from the connection, and sends all replies before it waits.
type reader struct{ *session }

func (r reader) Read(p []byte) (int, error) {
	if !r.is(WaitsForEmpty) {
		if err := r.out.Flush(); err != nil {
			return 0, err
		}
	}
	if r.is(LineTimePerByte) {
		r.conn.SetReadDeadline(time.Now().Add(r.LineTime))
	}
	return r.conn.Read(p)
}

// writer gives the client its time for each 64 KiB.
type writer struct{ *session }

func (w writer) Write(p []byte) (n int, err error) {
	for len(p) > n && err == nil {
		var wrote int
		if !w.is(WaitsForReader) {
			w.conn.SetWriteDeadline(time.Now().Add(w.WriteTime))
		}
		wrote, err = w.conn.Write(p[n:min(len(p), n+64<<10)])
		n += wrote
	}
	return n, err
}

// run answers lines until something ends the session, and closes.
func (s *session) run() {
	defer s.close()
	if s.is(OneRead) {
		s.runByReads()
		return
	}
	s.begin()
	for first := true; ; first = false {
		line, err := s.line()
		if err != nil {
			s.refuse(line, err)
			return
		}
		if line == "" && !s.is(EmptyLineIgnored) && !s.is(HTTPBody) {
			if s.is(EmptyLineAnswered) {
				s.send(clientError("-", "the line is empty"))
			}
			return
		}
		if s.isHTTP(line, first) {
			s.send(clientError("-", "this is not an HTTP server"))
			return
		}
		if line != "" {
			r := s.answer(line)
			s.send(r)
			if s.is(OneRequest) || s.is(ClosesOnError) && r.status == 300 {
				return
			}
		}
		if s.is(FirstOfPacket) {
			s.in.Discard(s.in.Buffered())
		}
	}
}

// begin does what faults do before the first line.
func (s *session) begin() {
	switch s.Fault {
	case Greets:
		s.out.WriteString("Welcome to STTP\n")
	case WaitsForEnd:
		s.conn.SetReadDeadline(time.Now().Add(s.IdleTime))
		all, _ := io.ReadAll(s.conn)
		s.in.Reset(bytes.NewReader(all))
	}
}

// runByReads takes whatever a read returns for one request.
func (s *session) runByReads() {
	buf := make([]byte, maxLine)
	for {
		s.conn.SetReadDeadline(time.Now().Add(s.IdleTime))
		n, err := s.conn.Read(buf)
		line := strings.TrimRight(string(buf[:n]), "\r\n")
		if err != nil || line == "" {
			return
		}
		s.send(s.answer(line))
		s.out.Flush()
	}
}

// line returns the next line without its end; with errHalf, what there is of
// it.
func (s *session) line() (string, error) {
	s.conn.SetReadDeadline(time.Now().Add(s.IdleTime))
	if _, err := s.in.Peek(1); errors.Is(err, os.ErrDeadlineExceeded) {
		return "", errSilent
	} else if err != nil {
		return "", err
	}
	if s.is(HalfLineLocks) && !bytes.Contains(s.buffered(), []byte("\n")) {
		s.mu.Lock()
		defer s.mu.Unlock()
	}
	s.conn.SetReadDeadline(time.Now().Add(s.LineTime))
	raw, err := s.in.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return "", errTooLong
	case errors.Is(err, io.EOF):
		return string(raw), errHalf
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "", errSlow
	case err != nil:
		return "", err
	}
	line := string(raw[:len(raw)-1])
	switch s.Fault {
	case CarriageKept:
	case CarriagesDropped:
		line = strings.TrimRight(line, "\r")
	default:
		line = strings.TrimSuffix(line, "\r")
	}
	return line, nil
}

// buffered returns what has been read from the connection and not been taken.
func (s *session) buffered() []byte {
	b, _ := s.in.Peek(s.in.Buffered())
	return b
}

// more tells whether another request has already come.
func (s *session) more() bool { return bytes.IndexByte(s.buffered(), '\n') > 0 }

// refuse answers what is no line, if there is anything to say.
func (s *session) refuse(line string, err error) {
	switch err {
	case errHalf:
		if s.is(HalfLine) {
			s.send(s.answer(line))
		} else if !s.is(HalfLineSilent) {
			s.send(clientError("-", err.Error()))
		}
	case errSlow, errTooLong:
		s.send(clientError("-", err.Error()))
	case errSilent:
		if s.is(IdleTold) {
			s.send(clientError("-", err.Error()))
		}
	}
}

var (
	httpMethod = regexp.MustCompile(`^(GET|HEAD|POST|PUT|PATCH|OPTIONS|TRACE|CONNECT) `)
	httpHost   = regexp.MustCompile(`(?i)^Host:`)
)

func (s *session) isHTTP(line string, first bool) bool {
	if s.is(HTTPBody) {
		return false
	}
	return first && httpMethod.MatchString(line) || httpHost.MatchString(line) && !s.is(HostIgnored)
}

// send puts a reply into the buffer of those that are sent before the next
// wait.
func (s *session) send(r reply) {
	text := s.format(r)
	if s.is(OutOfOrder) {
		s.held = text + s.held
		if s.more() {
			return
		}
		text, s.held = s.held, ""
	}
	if s.is(GluedReplies) && s.more() {
		text = strings.TrimSuffix(text, "\n")
	}
	s.out.WriteString(text)
}

// close sends what is left and closes the connection so that all of it arrives.
func (s *session) close() {
	if err := s.out.Flush(); err != nil || s.is(NoLinger) {
		s.conn.Close()
		return
	}
	if s.is(LingersOn) {
		s.conn.CloseWrite()
		s.conn.SetReadDeadline(time.Time{})
		io.Copy(io.Discard, s.conn)
	}
	linger(s.conn)
}

// linger closes a connection, but reads first what is still on its way: a
// bounded amount, for a bounded time.
func linger(conn *net.TCPConn) {
	defer conn.Close()
	if conn.CloseWrite() == nil {
		conn.SetReadDeadline(time.Now().Add(time.Second))
		io.CopyN(io.Discard, conn, 64<<10)
	}
}
