package check_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sttp/internal/check"
)

func TestEveryOutcomeComesToBe(t *testing.T) {
	t.Parallel()
	fails := func(t *check.T) { t.Fail(check.Unexpected, "it is wrong") }
	with := func(c *check.Case, level check.Level, after ...string) *check.Case {
		c.Strict, c.Guide, c.After = level, level, after
		return c
	}
	asks := record("010", nil)
	asks.Run, asks.Accepts, asks.Netcat = nil, "", ""
	asks.Ask = "> SHOW {d}/a\n< 400 {d}/a NOT FOUND"
	cases := []*check.Case{
		record("001", func(*check.T) {}),
		record("002", fails),
		with(record("003", fails), check.Should),
		with(record("004", fails), check.Robust),
		with(record("005", func(t *check.T) { t.Chose("this") }), check.Choice),
		with(record("006", func(*check.T) {}), check.Must, "STTP-5.3-TEST-002"),
		record("007", func(t *check.T) { t.Untested("no room") }),
		record("008", func(t *check.T) { t.Undecided("who knows") }),
		record("009", func(*check.T) { var none []int; none[0]++ }),
		asks,
		with(record("011", func(*check.T) {}), check.Must, "STTP-5.3-TEST-005"),
	}
	want := []check.Outcome{check.Pass, check.Fail, check.Warn, check.Warn, check.Chose, check.Depends,
		check.Untested, check.Undecided, check.CheckerError, check.Pass, check.Pass}
	report := outcomes(t, check.Options{}, cases...)
	for i, r := range report.Results {
		if r.Outcome != want[i] {
			t.Errorf("%s: %v (%s), want %v", r.Case.ID, r.Outcome, r.Says, want[i])
		}
	}
	if says := report.Results[8].Says; !strings.Contains(says, "run_test.go:") {
		t.Errorf("an error of the checker does not say where it is: %s", says)
	}
	if next := report.Next(); next == nil || next.Case.ID != "STTP-5.3-TEST-002" {
		t.Errorf("next is %+v", next)
	}
}

func TestTheVerdictIsThatOfTheMustsAlone(t *testing.T) {
	t.Parallel()
	fails := func(t *check.T) { t.Fail(check.Unexpected, "it is wrong") }
	should := record("001", fails)
	should.Guide = check.Should
	for about, c := range map[string]struct {
		c    *check.Case
		want check.Verdict
	}{
		"a pass":                   {record("001", func(*check.T) {}), check.AllHold},
		"a failure":                {record("001", fails), check.SomeFail},
		"a warning":                {should, check.AllHold},
		"what could not be tested": {record("001", func(t *check.T) { t.Untested("no") }), check.SomeFail},
		"what proves nothing":      {record("001", func(t *check.T) { t.Undecided("no") }), check.Unknown},
		"an error of the checker":  {record("001", func(*check.T) { panic("oh") }), check.Unknown},
	} {
		if got := outcomes(t, check.Options{}, c.c).Verdict(); got != c.want {
			t.Errorf("%s: the verdict is %v, want %v", about, got, c.want)
		}
	}
}

func TestARunWithoutACaseIsAnError(t *testing.T) {
	t.Parallel()
	address := startFake(t, missing).address()
	for about, opts := range map[string]check.Options{
		"no case of that ID":    {Only: []string{"STTP-9.9-NONE-*"}},
		"no case of the story":  {Until: "tcp"},
		"only cases for --exec": {Only: []string{"STTP-5.3-TEST-002"}},
	} {
		opts.Address = address
		needsExec := record("002", func(*check.T) {})
		needsExec.Needs = check.Exec
		_, err := check.RunCases(t.Context(), opts, []*check.Case{record("001", func(*check.T) {}), needsExec})
		if !errors.Is(err, check.ErrNoCase) {
			t.Errorf("%s: %v", about, err)
		}
	}
}

func TestAServerThatIsNotThereIsUnreachable(t *testing.T) {
	t.Parallel()
	f := startFake(t, missing)
	f.stop()
	_, err := check.RunCases(t.Context(), check.Options{Address: f.address()}, []*check.Case{record("001", func(*check.T) {})})
	var unreachable *check.UnreachableError
	if !errors.As(err, &unreachable) || unreachable.Address != f.address() {
		t.Errorf("the error is %v", err)
	}
}

func TestACaseIsRunAgainAndItsWorstResultCounts(t *testing.T) {
	t.Parallel()
	runs := 0
	flaky := record("001", func(t *check.T) {
		if runs++; runs == 3 {
			t.Fail(check.Unexpected, "only now")
		}
	})
	r := outcomes(t, check.Options{Repeat: 5}, flaky).Results[0]
	if r.Outcome != check.Fail || r.Runs != 5 || r.Held != 4 || runs != 5 {
		t.Errorf("%v, held %d of %d, ran %d times", r.Outcome, r.Held, r.Runs, runs)
	}
}

func TestAServerThatNeverAnswersCostsABoundedTime(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	asks := record("001", nil)
	asks.Run, asks.Accepts, asks.Netcat = nil, "", ""
	asks.Ask = "> SHOW {d}/a\n< 400 {d}/a NOT FOUND\n> SHOW {d}/b\n< 400 {d}/b NOT FOUND"
	began := time.Now()
	r := outcomes(t, check.Options{Address: silent.Addr().String(), Timeout: 100 * time.Millisecond}, asks).Results[0]
	if r.Outcome != check.Fail || r.Problem.Symptom != check.NoReply {
		t.Errorf("%v: %+v", r.Outcome, r.Problem)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestASlowServerIsNotSaidToBeSilent(t *testing.T) {
	t.Parallel()
	f := startFake(t, func(line string) string {
		if !strings.Contains(line, "/1/") { // which is the probe's
			time.Sleep(300 * time.Millisecond)
		}
		return missing(line)
	})
	asks := record("001", func(t *check.T) {
		for range 20 {
			t.Want("SHOW {d}/a", "400 {d}/a NOT FOUND")
		}
	})
	asks.Limit = time.Second
	r := outcomes(t, check.Options{Address: f.address(), Timeout: 800 * time.Millisecond}, asks).Results[0]
	if r.Outcome != check.Untested || strings.Contains(r.Says, "no reply") {
		t.Errorf("%v: %s", r.Outcome, r.Says)
	}
}

func TestAServerThatIsSlowWithEachRequestGetsMoreTime(t *testing.T) {
	t.Parallel()
	f := startFake(t, func(line string) string {
		time.Sleep(40 * time.Millisecond)
		return missing(line)
	})
	asks := record("001", func(t *check.T) {
		for range 14 {
			t.Want("SHOW {d}/a", "400 {d}/a NOT FOUND")
		}
	})
	asks.Limit = 400 * time.Millisecond
	if r := outcomes(t, check.Options{Address: f.address(), Timeout: 2 * time.Second}, asks).Results[0]; r.Outcome != check.Pass {
		t.Errorf("%v: %s", r.Outcome, r.Says)
	}
}

func TestADeleteThatIsNeverAnsweredIsWaitedForOnce(t *testing.T) {
	t.Parallel()
	f := startFake(t, func(line string) string {
		action, rest, _ := strings.Cut(line, " ")
		switch path, _, _ := strings.Cut(rest, " "); action {
		case "CREATE":
			return "100 " + path + " CREATED\n"
		case "DELETE":
			time.Sleep(1500 * time.Millisecond)
			return ""
		}
		return missing(line)
	})
	makes := func(t *check.T) { t.Want("CREATE {d}/a x", "100 {d}/a CREATED") }
	began := time.Now()
	outcomes(t, check.Options{Address: f.address(), Timeout: time.Second}, record("001", makes), record("002", makes), record("003", makes), record("004", makes))
	if took := time.Since(began); took > 3500*time.Millisecond {
		t.Errorf("it took %v", took)
	}
}

func TestAServerThatNeverStopsSendingCostsABoundedTime(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			// A reply to whatever is asked, and then a byte now and then for ever.
			go func() {
				defer c.Close()
				for _, err := io.WriteString(c, "400 / NOT FOUND\n"); err == nil; _, err = io.WriteString(c, "x") {
					time.Sleep(time.Millisecond)
				}
			}()
		}
	}()
	began := time.Now()
	r := outcomes(t, check.Options{Address: l.Addr().String()}, record("001", func(t *check.T) {
		t.Want("SHOW {d}/a", "400 {d}/a NOT FOUND")
	})).Results[0]
	if took := time.Since(began); r.Outcome != check.Fail || took > 4*time.Second {
		t.Errorf("%v after %v: %+v", r.Outcome, took, r.Problem)
	}
}

func TestARunThatIsEndedBlamesNobodyAndEndsAtOnce(t *testing.T) {
	t.Parallel()
	f := startFake(t, func(line string) string {
		if strings.Contains(line, "/silence") {
			return ""
		}
		return missing(line)
	})
	ctx, cancel := context.WithCancel(t.Context())
	waits := record("001", func(t *check.T) {
		c := t.Dial()
		c.Send(t.Expand("SHOW {d}/silence\n"))
		time.AfterFunc(50*time.Millisecond, cancel)
		got, end := c.Reply("SHOW")
		t.Judge("SHOW", got, end, "200 / OK", "text")
	})
	began := time.Now()
	report, err := check.RunCases(ctx, check.Options{Address: f.address(), Timeout: 20 * time.Second}, []*check.Case{waits, record("002", func(*check.T) {})})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Results {
		if r.Outcome != check.Undecided {
			t.Errorf("%s: %v: %s", r.Case.ID, r.Outcome, r.Says)
		}
	}
	if took := time.Since(began); report.Verdict() != check.Unknown || took > 10*time.Second {
		t.Errorf("the verdict is %d after %v", report.Verdict(), took)
	}
}

func TestACaseThatWouldChangeWhatIsNotTheCheckersSendsNothing(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"DELETE /etc/passwd", "CREATE /a.txt x", "UPDATE /../../a.txt x", "delete /a.txt", "SHOW /a\nDELETE /b", "  DELETE  /a",
	} {
		f := startFake(t, missing)
		r := outcomes(t, check.Options{Address: f.address()}, record("001", func(t *check.T) { t.TryAsk(line) })).Results[0]
		if r.Outcome != check.CheckerError {
			t.Errorf("%q: %v", line, r.Outcome)
		}
		for _, got := range f.received() {
			if !strings.Contains(got, "/sttp-check-") {
				t.Errorf("%q was sent", got)
			}
		}
	}
}

func TestAServerThatDiesIsToldOnce(t *testing.T) {
	long(t)
	t.Parallel()
	f := startFake(t, missing)
	report := outcomes(t, check.Options{Address: f.address()},
		record("001", func(t *check.T) { t.Want("SHOW {d}/a", "400 {d}/a NOT FOUND") }),
		record("002", func(t *check.T) {
			f.stop()
			t.Want("SHOW {d}/a", "400 {d}/a NOT FOUND")
		}),
		record("003", func(t *check.T) { t.Want("SHOW {d}/a", "400 {d}/a NOT FOUND") }),
	)
	for i, want := range []check.Outcome{check.Pass, check.Fail, check.Untested} {
		if r := report.Results[i]; r.Outcome != want {
			t.Errorf("%s: %v (%s), want %v", r.Case.ID, r.Outcome, r.Says, want)
		}
	}
	if says := report.Results[2].Says; !strings.Contains(says, "STTP-5.3-TEST-002") {
		t.Errorf("the rest does not say when the server died: %s", says)
	}
}

func TestWhatTheServerDoesWithConnectionsIsFoundOut(t *testing.T) {
	t.Parallel()
	keeps := startFake(t, missing)
	report := outcomes(t, check.Options{Address: keeps.address()}, record("001", func(*check.T) {}))
	if f := report.Facts; !f.KeepsOpen || f.Closes != check.ClosesAfterEmpty || f.Waits != check.WaitsForLine {
		t.Errorf("of a server that goes on: %+v", f)
	}
	updates := startFake(t, func(line string) string {
		if strings.HasPrefix(line, "UPDATE ") {
			_, rest, _ := strings.Cut(line, " ")
			path, contents, _ := strings.Cut(rest, " ")
			return "200 " + path + " OK\n" + contents + "\n"
		}
		return missing(line)
	})
	if f := outcomes(t, check.Options{Address: updates.address()}, record("001", func(*check.T) {})).Facts; !f.UpdateContents {
		t.Errorf("of a server with contents after UPDATE: %+v", f)
	}
}

func TestNothingIsLeftOnTheServer(t *testing.T) {
	t.Parallel()
	address := ourServer(t)
	makes := record("001", func(t *check.T) {
		t.Want("CREATE {d}/a.txt x", "100 {d}/a.txt CREATED")
		t.Want("CREATE {d}/b/c/d.txt x", "100 {d}/b/c/d.txt CREATED")
	})
	report := outcomes(t, check.Options{Address: address}, makes)
	if report.Results[0].Outcome != check.Pass || len(report.LeftBehind) > 0 {
		t.Errorf("%+v, left behind %v", report.Results[0], report.LeftBehind)
	}
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, "LIST /\n\n")
	if got, err := io.ReadAll(c); err != nil || string(got) != "200 / OK\n\n" {
		t.Errorf("%q, %v", got, err)
	}
}

// What a list may invent is not deleted by its name; what a case has made is, even
// if the server was busy when the case had ended.
func TestWhatACaseHasMadeIsRemovedAtTheEndIfItWasNotBefore(t *testing.T) {
	t.Parallel()
	ours := ourServer(t)
	var silent atomic.Bool
	f := startFake(t, func(line string) string {
		if strings.HasPrefix(line, "DELETE") && !silent.Swap(true) {
			return "" // once
		}
		return askServer(ours, line)
	})
	makes := func(t *check.T) { t.Want("CREATE {d}/a*[b] x", "100 {d}/a*[b] CREATED") }
	report := outcomes(t, check.Options{Address: f.address()}, record("001", makes), record("002", makes))
	if !silent.Load() || len(report.LeftBehind) > 0 {
		t.Errorf("left behind %v", report.LeftBehind)
	}
}

func TestWhatAListInventsLeadsTheSweepNowhereElse(t *testing.T) {
	t.Parallel()
	invented := []string{
		".", "..", "./", "../", "../../etc", "%2e%2e", "%2e%2e/", "..%2f", `..\`, `a\..`, "..;", "....", "\uff0e\uff0e", "\u2025",
		"..\u200b", "\xc0\xae\xc0\xae", "a\x00b", "a b", "~", "C:", "/", "", "*", "?x",
	}
	f := startFake(t, func(line string) string {
		if path, is := strings.CutPrefix(line, "LIST "); is {
			return "200 " + path + " OK\n" + strings.Join(append(invented, "left.txt", "über"), ", ") + "\n"
		}
		return missing(line)
	})
	outcomes(t, check.Options{Address: f.address()}, record("001", func(*check.T) {}))
	deleted := map[string]bool{}
	for _, line := range f.received() {
		if path, is := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "DELETE "); is {
			for _, name := range strings.Split(path, "/")[2:] {
				deleted[name] = true
			}
		}
	}
	if len(deleted) != 2 || !deleted["left.txt"] || !deleted["über"] {
		t.Errorf("what was deleted goes by the names %q", slices.Collect(maps.Keys(deleted)))
	}
}

func TestTheSeedDecidesWhatIsRandom(t *testing.T) {
	t.Parallel()
	numbers := func(seed uint64) (n uint64) {
		outcomes(t, check.Options{Seed: seed}, record("001", func(t *check.T) { n = t.Rand().Uint64() }))
		return n
	}
	one, again, two := numbers(1), numbers(1), numbers(2)
	if one != again || one == two {
		t.Error("the same seed gives other numbers, or another one the same")
	}
}

func TestAPanicOnAGoroutineOfACaseIsAnErrorOfTheCheckerInThatCaseAlone(t *testing.T) {
	t.Parallel()
	report := outcomes(t, check.Options{},
		record("001", func(t *check.T) {
			var group sync.WaitGroup
			t.Go(&group, func() { panic("oh") })
			group.Wait()
			t.Fail(check.Unexpected, "nobody has answered")
		}),
		record("002", func(*check.T) {}),
	)
	if r := report.Results[0]; r.Outcome != check.CheckerError || !strings.Contains(r.Says, "oh at run_test.go:") {
		t.Errorf("%v: %s", r.Outcome, r.Says)
	}
	if r := report.Results[1]; r.Outcome != check.Pass {
		t.Errorf("the next case: %v", r.Outcome)
	}
}
