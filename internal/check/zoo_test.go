package check_test

import (
	"context"
	"errors"
	"flag"
	"hash/fnv"
	"io"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sttp/internal/check"
	"sttp/internal/check/zoo"
)

// finding says which cases a fault has to show itself in. Each field holds IDs
// and patterns of path.Match with spaces between; "STTP-" is left out.
type finding struct {
	// shows is the symptom that one of the failing cases has to name, if it
	// matters which.
	shows check.Symptom
	// fails are the cases that must not hold, of a pattern one of its cases. One
	// of them must find a problem; the others may depend on it.
	fails string
	// also are those that need not hold.
	also string
	// only are the cases that run, if not all do: where a fault makes most of them
	// fail or wait, these tell enough.
	only string
	// queries: it is one of queries, and runs with cases of these.
	queries bool
	// slow: the cases wait for time limits, which the server has short.
	slow bool
	// long: finding it takes a quarter of a minute, which only -zoo.whole spends.
	long bool
}

// heavy are cases that open very many connections or wait on purpose. They run
// only for the faults that they are to find.
const heavy = "*-ROBUST-* *-RACE-* *-ACCEPT-* *-TRAVERSAL-* 2.2-HOLD-* 2.6-FULL-* 2.1-PIPE-003 2.1-PIPE-008 5.4-LIST-012 5.4-LIST-017 5.8-CACHE-014"

var wholeZoo = flag.Bool("zoo.whole", false, "check every server of the zoo with all cases, not with a share of those that should hold")

// runs tells whether a server with the fault is checked with the case. All that
// may fail is; of the others each fault has a share, another one for each.
func (f finding) runs(fault zoo.Fault, c *check.Case) bool {
	switch {
	case c.Slow != f.slow:
		return false
	case f.only != "":
		return matching(f.only, c.ID) || matching(f.fails, c.ID)
	case c.Needs&check.Queries != 0 != isOfQueries(fault) && !matching(f.fails, c.ID):
		return false // what a fault elsewhere does to them says nothing of it
	case isOfQueries(fault) && !*wholeZoo:
		return matching(f.fails, c.ID) || matching(queries, c.ID) && f.shared(fault, c)
	case isOfQueries(fault):
		return matching(f.fails+" "+queries, c.ID)
	case matching(heavy, c.ID):
		return slices.Contains(strings.Fields(f.fails), strings.TrimPrefix(c.ID, "STTP-"))
	case matching(f.fails+" "+f.also, c.ID), *wholeZoo:
		return true
	}
	return f.shared(fault, c)
}

// shared tells whether a case is in the share of those that should hold.
func (f finding) shared(fault zoo.Fault, c *check.Case) bool {
	share := fnv.New32()
	io.WriteString(share, string(fault)+c.ID)
	return share.Sum32()%5 == 0
}

// casesOf returns the wanted cases of those that need only the address of a
// server.
func casesOf(t *testing.T, wanted func(*check.Case) bool) (ids []string) {
	t.Helper()
	all, err := check.Catalogue()
	if err != nil {
		t.Error(err)
	}
	for _, c := range all {
		if c.Needs&(check.Exec|check.Files|check.Client) == 0 && wanted(c) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

func quick(c *check.Case) bool { return !c.Slow }

func slow(c *check.Case) bool { return c.Slow }

// matching tells whether one of the patterns, with spaces between, is the ID's.
func matching(patterns, id string) bool {
	return slices.ContainsFunc(strings.Fields(patterns), func(pattern string) bool {
		ok, err := path.Match("STTP-"+pattern, id)
		return ok && err == nil
	})
}

// zooServer starts a server with a fault.
func zooServer(t *testing.T, c zoo.Config) string {
	t.Helper()
	s, err := zoo.StartWith(c)
	return zooAddress(t, s, err)
}

func zooAddress(t *testing.T, s *zoo.Server, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s.Addr()
}

func checked(t *testing.T, opts check.Options) *check.Report {
	t.Helper()
	report, err := check.Run(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// mustHold complains of every case that does not hold.
func mustHold(t *testing.T, report *check.Report) {
	t.Helper()
	for _, r := range report.Results {
		if !itHolds(r) {
			t.Errorf("%s\n%s", told(r), exchanged(r))
		}
	}
	if report.Verdict() != check.AllHold {
		t.Errorf("the verdict is %d", report.Verdict())
	}
	if len(report.LeftBehind) > 0 && report.Profile == check.Strict {
		t.Errorf("left behind: %q", report.LeftBehind)
	}
}

func told(r check.Result) string {
	return r.Case.ID + " " + r.Outcome.String() + ": " + r.Says
}

func exchanged(r check.Result) string {
	var b strings.Builder
	for _, e := range r.Exchange {
		b.WriteString("\t" + e.Kind + " " + quoted(e.Text) + "\n")
	}
	return b.String()
}

func quoted(s string) string {
	if len(s) > 150 {
		s = s[:150] + "…"
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r", `\r`), "\n", `\n`)
}

func TestAServerWithoutAFaultPassesProfileStrict(t *testing.T) {
	long(t)
	t.Parallel()
	mustHold(t, checked(t, check.Options{
		Address: zooServer(t, zoo.Config{}), Profile: check.Strict, Only: casesOf(t, quick),
	}))
}

func TestTheTimeLimitsOfAServerWithoutAFaultPass(t *testing.T) {
	t.Parallel()
	config, opts := shortTimes(zoo.Config{}, check.Options{Profile: check.Strict, Only: casesOf(t, slow)})
	opts.Address = zooServer(t, config)
	mustHold(t, checked(t, opts))
}

func TestASmallServerThatFollowsTheGuidePassesItsProfile(t *testing.T) {
	long(t)
	t.Parallel()
	minimal, err := zoo.StartMinimal(t.TempDir())
	at := zooAddress(t, minimal, err)
	t.Run("minimal", func(t *testing.T) {
		t.Parallel()
		mustHold(t, checked(t, check.Options{Address: at, Profile: check.Guide, Only: casesOf(t, quick)}))
	})
	keeping, err := zoo.StartKeeping()
	at2 := zooAddress(t, keeping, err)
	t.Run("keeping", func(t *testing.T) {
		t.Parallel()
		mustHold(t, checked(t, check.Options{Address: at2, Profile: check.Guide, Only: casesOf(t, quick)}))
	})
}

func TestOfEveryFaultItIsSaidWhatFindsIt(t *testing.T) {
	for _, fault := range zoo.Faults() {
		if findings[fault].fails == "" {
			t.Errorf("no case is named that finds a server that %s", fault)
		}
	}
	if len(findings) != len(zoo.Faults()) {
		t.Errorf("there are %d findings of %d faults", len(findings), len(zoo.Faults()))
	}
}

func TestEveryFaultFailsItsOwnCasesAndNoOthers(t *testing.T) {
	long(t)
	t.Parallel()
	faults := slices.DeleteFunc(zoo.Faults(), func(f zoo.Fault) bool { return findings[f].long && !*wholeZoo })
	// Those that take longest come first.
	slices.SortStableFunc(faults, func(a, b zoo.Fault) int { return patience(findings[b]) - patience(findings[a]) })
	reports := checkedFaults(t, faults)
	for _, fault := range faults {
		t.Run(string(fault), func(t *testing.T) {
			t.Logf("%d cases in %v", len(reports[fault].Results), reports[fault].Elapsed.Round(time.Millisecond))
			findings[fault].check(t, reports[fault])
		})
	}
}

// leftOpen are the faults that are none in profile guide, by appendix B of
// docs/protocol.md.
var leftOpen = []zoo.Fault{
	zoo.GluedReplies, zoo.UpdateBare, zoo.EchoesAnyPath, zoo.WaitsForEmpty, zoo.OneRequest, zoo.FirstOfPacket,
	zoo.OutOfOrder, zoo.EmptyLineIgnored, zoo.HalfLine, zoo.HalfLineSilent, zoo.NoLinger, zoo.LingersOn, zoo.WaitsForReader,
	zoo.CarriageKept, zoo.CarriagesDropped, zoo.ShortLines, zoo.LongLines, zoo.ClosesOnError, zoo.HTTPBody, zoo.HostIgnored,
	zoo.LineTimePerByte, zoo.IdleTold, zoo.LowerCaseActions, zoo.ManySpaces, zoo.TrailingSpaces, zoo.QuotesTrimmed,
	zoo.EscapesKept, zoo.EmptyRefused, zoo.SurplusIgnored, zoo.ControlsKept, zoo.TabsRefused, zoo.NotUTF8, zoo.BytesCounted,
	zoo.LaxPaths, zoo.DotNames, zoo.DoubleSlash, zoo.ASCIIPaths, zoo.PercentDecoded, zoo.CaseIgnored, zoo.ReversedOrder,
	zoo.NameAfterContents, zoo.CreateOverwrites, zoo.EmptyDirsStay, zoo.ListUnsorted, zoo.ListNoSlash, zoo.ListUnbounded,
	zoo.TwoWinners,
}

// isOfQueries tells whether a fault is one of queries, of which profile guide
// knows nothing.
func isOfQueries(f zoo.Fault) bool { return findings[f].queries }

func TestProfileGuideFindsTheFaultsThatItDoesNotLeaveOpen(t *testing.T) {
	long(t)
	t.Parallel()
	faults := slices.DeleteFunc(zoo.Faults(), isOfQueries)
	fewAtATime(len(faults), func(i int) {
		f, want := findings[faults[i]], check.SomeFail
		if slices.Contains(leftOpen, faults[i]) {
			want = check.AllHold
		}
		s, err := zoo.StartWith(zoo.Config{Fault: faults[i], Outside: outside})
		if err != nil {
			t.Error(err)
			return
		}
		defer s.Close()
		opts := check.Options{Address: s.Addr(), Profile: check.Guide, Timeout: time.Second, Only: casesOf(t, func(c *check.Case) bool {
			return !c.Slow && matching(f.fails+" "+f.also, c.ID) && (f.only == "" || matching(f.only, c.ID))
		})}
		report, err := check.Run(t.Context(), opts)
		switch {
		case errors.Is(err, check.ErrNoCase) && want == check.AllHold:
		case err != nil:
			t.Errorf("%s: %v", faults[i], err)
		case report.Verdict() != want:
			t.Errorf("%s: the verdict is %d, not %d: %s", faults[i], report.Verdict(), want, allTold(report))
		}
	})
}

// allTold says what does not hold.
func allTold(report *check.Report) string {
	var b strings.Builder
	for _, r := range report.Results {
		if !itHolds(r) {
			b.WriteString("\n\t" + told(r))
		}
	}
	return b.String()
}

// fewAtATime calls f with 0 to n-1, some at a time: most of what checking takes
// is waiting.
func fewAtATime(n int, f func(i int)) {
	turns := make(chan int, n)
	for i := range n {
		turns <- i
	}
	close(turns)
	var workers sync.WaitGroup
	for range 6 {
		workers.Go(func() {
			for i := range turns {
				f(i)
			}
		})
	}
	workers.Wait()
}

// patience is how long it takes to find a fault, by and large.
func patience(f finding) int {
	switch {
	case f.long:
		return 2
	case f.slow:
		return 1
	}
	return 0
}

// checkedFaults checks the servers with these faults.
func checkedFaults(t *testing.T, faults []zoo.Fault) map[zoo.Fault]*check.Report {
	t.Helper()
	reports := make([]*check.Report, len(faults))
	errs := make([]error, len(faults))
	fewAtATime(len(faults), func(i int) {
		f := findings[faults[i]]
		cases := casesOf(t, func(c *check.Case) bool { return f.runs(faults[i], c) })
		reports[i], errs[i] = f.run(t.Context(), faults[i], cases)
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	found := map[zoo.Fault]*check.Report{}
	for i, fault := range faults {
		found[fault] = reports[i]
	}
	return found
}

// unfound returns the cases that should find the fault and did not.
func (f finding) unfound(report *check.Report) (ids []string) {
	for _, pattern := range strings.Fields(f.fails) {
		var held []string
		for _, r := range report.Results {
			if matching(pattern, r.Case.ID) {
				held = append(held, r.Case.ID)
				if !itHolds(r) {
					held = nil
					break
				}
			}
		}
		ids = append(ids, held...)
	}
	return ids
}

// run checks a server with the fault. What does not come out as it should, which
// may be because the machine is busy, gets a second chance and more time.
func (f finding) run(ctx context.Context, fault zoo.Fault, ids []string) (*check.Report, error) {
	config, opts := zoo.Config{Fault: fault, Outside: outside}, check.Options{Profile: check.Strict, Timeout: 400 * time.Millisecond, Only: ids}
	if f.slow {
		config, opts = shortTimes(config, opts)
	}
	s, err := zoo.StartWith(config)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	opts.Address = s.Addr()
	report, err := check.Run(ctx, opts)
	if err != nil {
		return nil, err
	}
	opts.Only = f.unfound(report)
	for _, r := range f.unrelated(report) {
		opts.Only = append(opts.Only, r.Case.ID)
	}
	if opts.Only == nil {
		return report, nil
	}
	opts.Timeout = 3 * time.Second
	again, err := check.Run(ctx, opts)
	if err != nil {
		return report, nil // the server is gone: the first report stands
	}
	for _, second := range again.Results {
		i := slices.IndexFunc(report.Results, func(r check.Result) bool { return r.Case == second.Case || r.Case.ID == second.Case.ID })
		report.Results[i] = second
	}
	return report, nil
}

// shortTimes makes the time limits of a server so short that they can be waited
// for.
func shortTimes(config zoo.Config, opts check.Options) (zoo.Config, check.Options) {
	config.LineTime, config.IdleTime, config.WriteTime = time.Second, 2*time.Second, time.Second
	opts.LineTime, opts.IdleTime, opts.Timeout = config.LineTime, config.IdleTime, 2*time.Second
	return config, opts
}

// unrelated returns the results of cases that should hold and do not.
func (f finding) unrelated(report *check.Report) (results []check.Result) {
	for _, r := range report.Results {
		switch r.Outcome {
		case check.Pass, check.Chose, check.Depends:
			continue
		case check.Fail, check.Warn, check.Untested:
			if matching(f.fails+" "+f.also, r.Case.ID) {
				continue
			}
		}
		results = append(results, r)
	}
	return results
}

// outside stands for the files of a system that a server without care lets its
// clients read.
func outside(file string) (string, bool) {
	text, found := map[string]string{
		"/proc/sys/kernel/ostype": "Linux",
		"/etc/passwd":             "root:x:0:0:root:/root:/bin/sh",
	}[file]
	return text, found
}

// check compares what was found with what has to be.
func (f finding) check(t *testing.T, report *check.Report) {
	t.Helper()
	for _, r := range f.unrelated(report) {
		t.Errorf("an unrelated case does not hold: %s\n%s", told(r), exchanged(r))
	}
	for _, pattern := range strings.Fields(f.fails) {
		if !slices.ContainsFunc(report.Results, func(r check.Result) bool { return matching(pattern, r.Case.ID) && !itHolds(r) }) {
			t.Errorf("every case of %s holds", pattern)
		}
	}
	if !slices.ContainsFunc(report.Results, func(r check.Result) bool { return matching(f.fails, r.Case.ID) && r.Problem != nil }) {
		t.Errorf("no case of %s finds a problem", f.fails)
	}
	if f.shows != "" && !slices.ContainsFunc(report.Results, func(r check.Result) bool {
		return matching(f.fails, r.Case.ID) && r.Problem != nil && r.Problem.Symptom == f.shows
	}) {
		t.Errorf("no case of %s shows the symptom %q", f.fails, f.shows)
	}
}

func itHolds(r check.Result) bool { return r.Outcome == check.Pass || r.Outcome == check.Chose }

func TestAServerThatServesOneClientAtATimeIsProbedRightly(t *testing.T) {
	t.Parallel()
	report := checked(t, check.Options{
		Address: zooServer(t, zoo.Config{Fault: zoo.OneAtATime}), Profile: check.Strict, Only: []string{"STTP-5.2-CREATE-001"},
	})
	mustHold(t, report)
	want := check.Facts{KeepsOpen: true, UpdateContents: true, Waits: check.WaitsForLine, Closes: check.ClosesAfterEmpty}
	if report.Facts != want {
		t.Errorf("the facts are %+v, not %+v", report.Facts, want)
	}
}
