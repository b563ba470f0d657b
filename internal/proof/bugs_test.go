package proof

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sttp/cache/redis/redistest"
	"sttp/internal/fault"
)

// hunt says where a bug is looked for by histories: in which combination, in
// which weathers, in turn, and how many it may take. A rare bug, which is a race
// of microseconds, is left to `make proof`, and to tests that play it.
type hunt struct {
	bug      fault.Bug
	combo    combo
	weathers []weather
	most     int
	rare     bool
}

// hunts are the bugs that histories find while no disk fails.
func hunts() []hunt {
	still, pause := []weather{{name: "calm", plan: calm}}, []weather{{name: "redis paused", plan: pausedRedis}}
	full := []weather{{name: "many files", plan: calm, ballast: ballast}}
	return []hunt{
		{bug: fault.CacheKeepsEntry, combo: combo{"files", "memory"}, weathers: still, most: 40},
		{bug: fault.CacheFillsLate, combo: combo{"files", "memory"}, weathers: still, most: 2000, rare: true},
		{bug: fault.CacheKeepsQuery, combo: combo{"files", "memory"}, weathers: still, most: 40},
		{bug: fault.CacheForgetsDirs, combo: combo{"files", "memory"}, weathers: still, most: 40},
		{bug: fault.RemoteSkipsRemove, combo: combo{"files", "redis"}, weathers: still, most: 40},
		{bug: fault.RemoteFillsLate, combo: combo{"files", "redis"}, weathers: still, most: 200, rare: true},
		{bug: fault.RedisSkipsRemove, combo: combo{"sqlite", "redis"}, weathers: still, most: 40},
		{bug: fault.RedisKeepsEpoch, combo: combo{"files", "redis"}, weathers: pause, most: 100, rare: true},
		{bug: fault.SQLiteAnswersEarly, combo: combo{"sqlite", "off"}, weathers: still, most: 20},
		{bug: fault.SQLiteKeepsIndex, combo: combo{"sqlite", "off"}, weathers: full, most: 30},
		{bug: fault.SQLiteSkipsPending, combo: combo{"sqlite", "off"}, weathers: full, most: 30},
		{bug: fault.FilesUpdatesInSteps, combo: combo{"files", "off"}, weathers: still, most: 20},
		{bug: fault.FilesOverwrites, combo: combo{"files", "off"}, weathers: still, most: 50},
	}
}

func TestEveryBugOnPurposeIsFoundByHistories(t *testing.T) {
	notShort(t)
	program := build(t, "sttpfaults")
	from := firstSeed()
	t.Logf("the first seed is %d", from)
	for _, h := range hunts() {
		if h.rare && brief() {
			continue
		}
		h.test(t, program, from)
	}
}

// test fails unless the bug is found.
func (h hunt) test(t *testing.T, program string, from uint64) {
	t.Run(string(h.bug), func(t *testing.T) {
		begun := time.Now()
		found, n := h.run(t, program, from)
		if found == "" {
			t.Fatalf("%d histories of %v have not found it", n, h.combo)
		}
		t.Logf("found in %v by history %d of %v: %s", time.Since(begun).Round(time.Millisecond), n, h.combo, found)
	})
}

// run makes histories until one is violated, and returns how, and how many.
func (h hunt) run(t *testing.T, program string, from uint64) (violation string, n int) {
	r := newRig(t, h.combo, program, bugIs(h.bug))
	for n = 1; n <= h.most; n++ {
		ops, err := r.historyIn(h.weathers[n%len(h.weathers)], from+uint64(n), length())
		if err != nil {
			t.Fatal(err)
		}
		if v := check(ops, true); len(v.violations) > 0 {
			return v.violations[0], n
		}
	}
	return "", h.most
}

func bugIs(b fault.Bug) string { return fault.Variable + "=" + string(b) }

func TestABuildForBugsIsRightWithoutOne(t *testing.T) {
	notShort(t)
	program := build(t, "sttpfaults")
	from := firstSeed()
	for _, c := range []combo{{"files", "tiered"}, {"sqlite", "redis"}} {
		campaign(t, c, program, from, 3)
	}
}

// The rest are found by other means than a history of one server.

// played are the bugs that are races of microseconds, or that only a power cut
// shows, with the tests that play those on purpose.
var played = []struct {
	bug     fault.Bug
	in, run string
}{
	{fault.FilesSkipsSync, "sttp/store/files", "TestAPowerCutAtAnyOperationLosesNothingThatWasAcknowledged"},
	{fault.CacheFillsLate, "sttp/cache", "TestASlowReadBringsNothingBack"},
	{fault.RemoteFillsLate, "sttp/cache", "TestEachKeyIsLinearizableThroughARemote"},
	{fault.RedisKeepsEpoch, "sttp/cache/redis", "TestAnotherConnectionBeginsAnEpoch"},
	{fault.RedisFillsBlindly, "sttp/cache/redis", "TestALeaseEndsWhenItsKeyIsRemoved"},
}

func TestABugThatIsPlayedOnPurposeIsFound(t *testing.T) {
	notShort(t)
	for _, p := range played {
		program := buildTest(t, p.in)
		for _, bug := range []fault.Bug{"none", p.bug} {
			cmd := exec.Command(program, "-test.run=^"+p.run+"$", "-test.v")
			cmd.Dir = t.TempDir()
			cmd.Env = append(os.Environ(), bugIs(bug))
			out, err := cmd.CombinedOutput()
			want := "--- PASS: " + p.run
			if bug != "none" {
				want = "--- FAIL: " + p.run
			}
			if !strings.Contains(string(out), want) {
				t.Errorf("with the bug %s, %s: %v\n%s", bug, p.run, err, out)
			}
		}
	}
}

// stranger returns what is wrong if two servers with stores of their own have one
// Redis, and "" if nothing is.
func stranger(t *testing.T, program string, env ...string) string {
	redis := redistest.Start(t, redistest.Options{})
	var rigs [2]*rig
	for i := range rigs {
		rigs[i] = (&rig{t: t, combo: combo{"files", "redis"}, dir: t.TempDir(), program: program, redis: redis, env: env}).begin()
	}
	for i := range 20 {
		file := fmt.Sprintf("/a%d.txt", i)
		for j, r := range rigs {
			line := fmt.Sprintf("CREATE %s %d", file, j)
			if got, err := ask(r.now.address, line); err != nil || got != "100 "+file+" CREATED\n" {
				return fmt.Sprintf("%s: %q, %v", line, got, err)
			}
		}
		for j, r := range append(rigs[:], rigs[0]) {
			want := fmt.Sprintf("200 %s OK\n%d\n", file, j%2)
			if got, err := ask(r.now.address, "SHOW "+file); err != nil || got != want {
				return fmt.Sprintf("SHOW %s: %q, %v, want %q", file, got, err, want)
			}
		}
	}
	return ""
}

func TestTwoServersWithOneRedisNeverMixUpTheirSnippets(t *testing.T) {
	notShort(t)
	if wrong := stranger(t, build(t)); wrong != "" {
		t.Error(wrong)
	}
	if stranger(t, build(t, "sttpfaults"), bugIs(fault.RedisMixesUpStores)) == "" {
		t.Errorf("the bug %s is not found", fault.RedisMixesUpStores)
	}
}

// outdated returns an error if the memory in front of Redis keeps what was removed
// from Redis for longer than limit.
func outdated(t *testing.T, limit time.Duration, program string, env ...string) error {
	r := newRig(t, combo{"files", "tiered"}, program, env...)
	if err := r.awaitRedis(); err != nil {
		return err
	}
	file := filepath.Join(r.dir, "files", "a.txt")
	for _, line := range []string{"CREATE /a.txt old", "SHOW /a.txt", "SHOW /a.txt"} {
		if _, err := ask(r.now.address, line); err != nil {
			return err
		}
	}
	if err := os.WriteFile(file, []byte("new"), 0o644); err != nil { // as an editor does
		return err
	}
	if got, err := ask(r.now.address, "SHOW /a.txt"); err != nil || got != "200 /a.txt OK\nold\n" {
		return fmt.Errorf("nothing was kept, so that nothing was tried: %q, %w", got, err)
	}
	r.redis.Do("FLUSHALL")
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	late := time.After(limit)
	for {
		if got, err := ask(r.now.address, "SHOW /a.txt"); err != nil || got == "200 /a.txt OK\nnew\n" {
			return err
		}
		select {
		case <-again.C:
		case <-late:
			return errOutdated
		}
	}
}

var errOutdated = errors.New("the memory keeps what Redis has forgotten")

func TestWhatIsRemovedFromRedisLeavesTheMemoryInFront(t *testing.T) {
	notShort(t)
	if err := outdated(t, 10*time.Second, build(t)); err != nil {
		t.Error(err)
	}
	if err := outdated(t, time.Second, build(t, "sttpfaults"), bugIs(fault.RedisTellsNobody)); !errors.Is(err, errOutdated) {
		t.Errorf("the bug %s is not found: %v", fault.RedisTellsNobody, err)
	}
}
