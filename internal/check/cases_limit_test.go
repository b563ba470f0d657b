package check_test

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sttp/internal/check"
	"sttp/internal/check/zoo"
	"sttp/server"
)

// The times of the server that impatientServer starts, and what the checker is
// told of them.
const (
	shortLine = 800 * time.Millisecond
	shortIdle = 1200 * time.Millisecond
)

func TestAServerWithALimitOfConnectionsPasses(t *testing.T) {
	t.Parallel()
	address := ourServerWith(t, server.Options{Connections: 60})
	mustHold(t, checked(t, check.Options{Address: address, Profile: check.Strict, Only: []string{"STTP-2.6-FULL-*", "STTP-?.?-ROBUST-*", "STTP-?.?-JUNK-*", "STTP-5.2-CREATE-001", "STTP-5.3-SHOW-001"}}))
}

func TestLimitsAreNoPartOfTheGuide(t *testing.T) {
	all, err := check.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if strings.HasPrefix(c.ID, "STTP-2.5-") && c.Guide != check.Unchecked {
			t.Errorf("%s is checked in profile guide", c.ID)
		}
	}
}

// The faults that show only after a time limit, and in which case they do.
func TestAServerWithWrongTimeLimitsFails(t *testing.T) {
	long(t)
	t.Parallel()
	for _, f := range []struct {
		fault zoo.Fault
		fails string
		with  check.Symptom
	}{
		{zoo.LineTimePerByte, "STTP-2.6-TIME-001", check.StaysOpen},
		{zoo.IdleTold, "STTP-2.6-IDLE-001", check.ExtraBytes},
		{zoo.OneRead, "STTP-2.6-TIME-002", check.GotStatus(100)},
	} {
		t.Run(string(f.fault), func(t *testing.T) {
			t.Parallel()
			address := zooServer(t, zoo.Config{Fault: f.fault, LineTime: shortLine, IdleTime: shortIdle})
			report := checked(t, check.Options{
				Address: address, Profile: check.Strict, Only: []string{"STTP-2.6-TIME-00[12]", "STTP-2.6-IDLE-*"},
				LineTime: shortLine, IdleTime: shortIdle,
			})
			for _, r := range report.Results {
				held := r.Outcome == check.Pass
				if held == (r.Case.ID == f.fails) {
					t.Errorf("%s\n%s", told(r), exchanged(r))
				}
				if !held && (r.Problem == nil || r.Problem.Symptom != f.with || r.Hint == "") {
					t.Errorf("%s has symptom and hint %+v %q", told(r), r.Problem, r.Hint)
				}
			}
		})
	}
}

func TestTimesThatARunCannotWaitForAreUntestedAndSayWhatToDo(t *testing.T) {
	t.Parallel()
	report := checked(t, check.Options{
		Address: zooServer(t, zoo.Config{}), Profile: check.Strict, LineTime: time.Minute,
		Only: []string{"STTP-2.6-TIME-*", "STTP-2.6-IDLE-002"},
	})
	for _, r := range report.Results {
		option := "--line-time"
		if strings.Contains(r.Case.ID, "IDLE") {
			option = "--idle-time"
		}
		if r.Outcome != check.Untested || !strings.Contains(r.Says, option) {
			t.Error(told(r))
		}
	}
}

// A full server that says nothing, and one that resets, are told apart from one
// that does as it should.
func TestAConnectionTooManyIsToldSo(t *testing.T) {
	t.Parallel()
	for _, f := range []struct {
		name   string
		refuse func(net.Conn)
		says   string
	}{
		{"without a word", func(net.Conn) {}, "without a reply"},
		{"with a wrong reply", func(c net.Conn) { c.Write([]byte("300 - CLIENT ERROR \"too many\"\n")) }, "a 300 instead of a 500"},
	} {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			report := checked(t, check.Options{
				Address: fullAt(t, 70, f.refuse), Profile: check.Strict, Only: []string{"STTP-2.6-FULL-001"},
			})
			r := report.Results[0]
			if r.Outcome != check.Warn || !strings.Contains(r.Says, f.says) {
				t.Errorf("%s\n%s", told(r), exchanged(r))
			}
		})
	}
}

// fullAt returns the address of a server that answers everything with 400, and
// refuses connections beyond room.
func fullAt(t *testing.T, room int64, refuse func(net.Conn)) string {
	t.Helper()
	front, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var open atomic.Int64
	var running sync.WaitGroup
	running.Go(func() {
		for {
			c, err := front.Accept()
			if err != nil {
				return
			}
			if open.Add(1) > room {
				refuse(c)
				c.Close()
				open.Add(-1)
				continue
			}
			running.Go(func() {
				defer open.Add(-1)
				defer c.Close()
				for lines := bufio.NewScanner(c); lines.Scan() && lines.Text() != ""; {
					_, path, _ := strings.Cut(lines.Text(), " ")
					fmt.Fprintf(c, "400 %s NOT FOUND\n", path)
				}
			})
		}
	})
	t.Cleanup(func() {
		front.Close()
		running.Wait()
	})
	return front.Addr().String()
}
