package check_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sttp"
	"sttp/internal/check"
	"sttp/internal/check/zoo"
	"sttp/internal/service"
	"sttp/internal/wire"
	"sttp/store/files"
)

// loop serves a connection by reading lines, and writing what answer returns
// for each.
type loop func(conn *net.TCPConn, answer func(line string) string)

// plain is a loop that is right as far as the cases here can see.
func plain(conn *net.TCPConn, answer func(string) string) {
	lines := bufio.NewReader(conn)
	for {
		line, err := lines.ReadString('\n')
		if err != nil || line == "\n" {
			return
		}
		io.WriteString(conn, answer(line))
	}
}

// unbounded reads in one goroutine and writes in another, with a queue between
// them that has no end.
func unbounded(conn *net.TCPConn, answer func(string) string) {
	var mu sync.Mutex
	var queue []string
	more := make(chan struct{}, 1)
	var writer sync.WaitGroup
	writer.Go(func() {
		for range more {
			mu.Lock()
			text := strings.Join(queue, "")
			queue = nil
			mu.Unlock()
			io.WriteString(conn, text)
		}
	})
	lines := bufio.NewReader(conn)
	for {
		line, err := lines.ReadString('\n')
		if err != nil || line == "\n" {
			break
		}
		mu.Lock()
		queue = append(queue, answer(line))
		mu.Unlock()
		select {
		case more <- struct{}{}:
		default:
		}
	}
	close(more)
	writer.Wait()
}

// faithless does not carry out what a client has sent that has gone by then.
func faithless(conn *net.TCPConn, answer func(string) string) {
	lines := bufio.NewReader(conn)
	for {
		line, err := lines.ReadString('\n')
		if err != nil || line == "\n" {
			return
		}
		conn.SetReadDeadline(time.Now().Add(5 * time.Millisecond))
		if _, err := lines.Peek(1); errors.Is(err, io.EOF) {
			return
		}
		conn.SetReadDeadline(time.Time{})
		io.WriteString(conn, answer(line))
	}
}

// halfhearted makes the directories of a file and then sees that the client has
// gone.
func halfhearted(conn *net.TCPConn, answer func(string) string) {
	faithless(conn, func(line string) string {
		if dir, _, deep := strings.Cut(line, "/y/"); deep && strings.HasPrefix(line, "CREATE ") {
			answer(dir + "/left.txt x\n")
			return ""
		}
		return answer(line)
	})
}

// holding sends replies only when there is nothing left that has been received.
func holding(conn *net.TCPConn, answer func(string) string) {
	lines, replies := bufio.NewReader(conn), bufio.NewWriter(conn)
	for {
		if lines.Buffered() == 0 {
			replies.Flush()
		}
		line, err := lines.ReadString('\n')
		if err != nil || line == "\n" {
			replies.Flush()
			return
		}
		replies.WriteString(answer(line))
	}
}

// backwards carries out what has come together from the last line to the first,
// and answers in the right order.
func backwards(conn *net.TCPConn, answer func(string) string) {
	lines := bufio.NewReaderSize(conn, 64<<10)
	for {
		line, err := lines.ReadString('\n')
		if err != nil || line == "\n" {
			return
		}
		batch := []string{line}
		for lines.Buffered() > 0 && line != "\n" {
			if line, err = lines.ReadString('\n'); err != nil {
				return
			}
			batch = append(batch, line)
		}
		for i, line := range slices.Backward(batch) {
			if batch[i] = ""; line != "\n" {
				batch[i] = answer(line)
			}
		}
		io.WriteString(conn, strings.Join(batch, ""))
		if line == "\n" {
			return
		}
	}
}

// forgetful sends of much only the beginning, as a program does that does not
// look at how much was written.
func forgetful(conn *net.TCPConn, answer func(string) string) {
	lines := bufio.NewReaderSize(conn, 64<<10)
	var held strings.Builder
	for {
		line, err := lines.ReadString('\n')
		ends := err != nil || line == "\n"
		if !ends {
			held.WriteString(answer(line))
		}
		if ends || lines.Buffered() == 0 || held.Len() > 100<<10 {
			io.WriteString(conn, held.String()[:min(held.Len(), 80<<10)])
			held.Reset()
		}
		if ends {
			return
		}
	}
}

// patient serves nobody else until a client has said something.
func patient(conn *net.TCPConn, answer func(string) string) {
	lines := bufio.NewReader(conn)
	for {
		line, err := lines.ReadString('\n')
		if err != nil && line == "" {
			time.Sleep(time.Second)
			return
		}
		if err != nil || line == "\n" {
			return
		}
		io.WriteString(conn, answer(line))
	}
}

// looped starts a server that has the loop for each connection, and serves so
// many at once, or any number if that is 0.
func looped(t *testing.T, serve loop, atOnce int) string {
	t.Helper()
	st, err := files.Open(t.TempDir(), files.Options{Durability: files.Async})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	handler := service.New(st, slog.New(slog.DiscardHandler))
	var conns sync.WaitGroup
	turns := make(chan struct{}, max(atOnce, 1))
	conns.Go(func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			if atOnce > 0 {
				turns <- struct{}{}
			}
			conns.Go(func() {
				defer nc.Close()
				serve(nc.(*net.TCPConn), func(line string) string { return answered(handler, line) })
				if atOnce > 0 {
					<-turns
				}
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		conns.Wait()
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

func answered(h sttp.Handler, line string) string {
	var req sttp.Request
	if err := wire.ParseRequest(&req, []byte(strings.TrimSuffix(line, "\n"))); err != nil {
		return string(wire.AppendResponse(nil, wire.Refusal(err)))
	}
	return string(wire.AppendResponse(nil, h.Handle(context.Background(), req)))
}

// anySymptom stands for one that depends on how bytes happen to fall into
// packets.
const anySymptom check.Symptom = ""

func TestWhatIsWrongWithALoopIsFound(t *testing.T) {
	long(t)
	t.Parallel()
	tests := []struct {
		name   string
		serve  loop
		atOnce int
		// fails are the cases that must fail, each with its symptom, and holds are
		// those that must hold.
		fails map[string]check.Symptom
		holds []string
	}{
		{"right", plain, 0, nil, []string{
			"STTP-2.1-TCP-*", "STTP-2.1-PARALLEL-*", "STTP-2.1-CONN-*", "STTP-2.1-PIPE-*", "STTP-2.2-HOLD-*", "STTP-2.3-EOF-*", "STTP-2.3-GONE-*",
		}},
		{"keeps what is not read", unbounded, 0, map[string]check.Symptom{"STTP-2.2-HOLD-002": "reads on"}, []string{"STTP-2.2-HOLD-001"}},
		{"gives up what a client has sent that has gone", faithless, 0, map[string]check.Symptom{
			"STTP-2.3-GONE-001": "change lost", "STTP-2.3-EOF-001": check.ClosedEarly,
		}, []string{"STTP-2.1-PIPE-002", "STTP-2.3-GONE-002"}},
		{"gives up in the middle of a change", halfhearted, 0, map[string]check.Symptom{"STTP-2.3-GONE-002": "change lost"}, nil},
		{"holds replies back", holding, 0, map[string]check.Symptom{
			"STTP-2.1-CONN-005": check.NoReply, "STTP-2.1-PIPE-009": check.NoReply,
		}, []string{"STTP-2.1-CONN-001", "STTP-2.1-PIPE-003"}},
		{"carries out in another order", backwards, 0, map[string]check.Symptom{
			"STTP-2.1-PIPE-006": anySymptom, "STTP-2.1-PIPE-007": anySymptom,
		}, []string{"STTP-2.1-PIPE-002", "STTP-2.1-PIPE-003"}},
		{"forgets the rest of a write", forgetful, 0, map[string]check.Symptom{"STTP-2.2-HOLD-001": anySymptom}, []string{"STTP-2.1-PIPE-002"}},
		{"has four workers", plain, 4, map[string]check.Symptom{"STTP-2.1-PARALLEL-004": check.NotServed},
			[]string{"STTP-2.1-PARALLEL-001", "STTP-2.1-PARALLEL-002", "STTP-2.1-PARALLEL-003", "STTP-2.1-PARALLEL-005"}},
		{"waits for a client that has left", patient, 1, map[string]check.Symptom{"STTP-2.1-TCP-005": check.NotServed},
			[]string{"STTP-2.1-TCP-001", "STTP-2.1-TCP-004"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			only := slices.Clone(test.holds)
			for id := range test.fails {
				only = append(only, id)
			}
			report := checked(t, check.Options{
				Address: looped(t, test.serve, test.atOnce), Profile: check.Strict, Only: only,
			})
			for _, r := range report.Results {
				want, fails := test.fails[r.Case.ID]
				switch held := r.Outcome == check.Pass || r.Outcome == check.Chose; {
				case held == fails:
					t.Errorf("%s\n%s", told(r), exchanged(r))
				case fails && (r.Problem == nil || want != anySymptom && r.Problem.Symptom != want || r.Hint == ""):
					t.Errorf("%s: not the symptom %q, or no hint: %+v, %q", told(r), want, r.Problem, r.Hint)
				}
			}
		})
	}
}

func TestALineThatIsReadForEverIsFound(t *testing.T) {
	t.Parallel()
	report := checked(t, check.Options{
		Address: looped(t, plain, 0), Profile: check.Strict,
		Only: []string{"STTP-2.2-LONG-010"},
	})
	if r := report.Results[0]; r.Outcome != check.Fail || r.Problem.Symptom != check.NoReply {
		t.Errorf("%s", told(r))
	}
}

func TestAServerTellsWhatItDoesWithAConnection(t *testing.T) {
	t.Parallel()
	for fault, want := range map[zoo.Fault]string{
		zoo.None:             "it answers further requests on the connection, and closes it: after an empty line",
		zoo.OneRequest:       "it closes the connection after the reply",
		zoo.EmptyLineIgnored: "it answers further requests on the connection, and closes it: when the client ends its sending side",
	} {
		report := checked(t, check.Options{
			Address: zooServer(t, zoo.Config{Fault: fault}), Profile: check.Guide, Only: []string{"STTP-2.1-TCP-007"},
		})
		if r := report.Results[0]; r.Outcome != check.Chose || r.Says != want {
			t.Errorf("%q: %s", fault, told(r))
		}
	}
}
