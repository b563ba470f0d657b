package proof

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"sttp/internal/fault"
)

// hunt says where a bug is looked for by histories: in which combination and
// weather, and how many it may take.
type hunt struct {
	bug     fault.Bug
	combo   combo
	weather string
	most    int
}

// hunts are the bugs that histories find.
var hunts = []hunt{
	{fault.CacheKeepsEntry, combo{"files", "memory"}, "calm", 5},
	{fault.CacheFillsLate, combo{"files", "memory"}, "calm", 400},
	{fault.CacheKeepsQuery, combo{"files", "memory"}, "calm", 5},
	{fault.CacheForgetsDirs, combo{"files", "memory"}, "calm", 5},
	{fault.RemoteSkipsRemove, combo{"files", "redis"}, "calm", 5},
	{fault.RemoteFillsLate, combo{"files", "redis"}, "calm", 400},
	{fault.RedisKeepsEpoch, combo{"files", "redis"}, "redis paused", 20},
	{fault.RedisFillsBlindly, combo{"files", "redis"}, "calm", 400},
	{fault.RedisSkipsRemove, combo{"sqlite", "redis"}, "calm", 5},
	{fault.SQLiteAnswersEarly, combo{"sqlite", "off"}, "killed", 50},
	{fault.SQLiteKeepsIndex, combo{"sqlite", "off"}, "many files", 20},
	{fault.SQLiteSkipsPending, combo{"sqlite", "off"}, "many files", 20},
	{fault.FilesUpdatesInSteps, combo{"files", "off"}, "calm", 50},
	{fault.FilesOverwrites, combo{"files", "off"}, "calm", 50},
}

func TestEveryBugOnPurposeIsFound(t *testing.T) {
	program := build(t, "sttpfaults")
	from := firstSeed()
	t.Logf("the first seed is %d", from)
	for _, h := range hunts {
		t.Run(string(h.bug), func(t *testing.T) {
			begun := time.Now()
			found, n := h.run(t, program, from)
			if found == "" {
				t.Errorf("%d histories have not found it", n)
			}
			t.Logf("found in %v by history %d of %v: %s", time.Since(begun).Round(time.Millisecond), n, h.combo, found)
		})
	}
}

// run makes histories until one is violated, and returns how, and how many.
func (h hunt) run(t *testing.T, program string, from uint64) (violation string, n int) {
	r := newRig(t, h.combo, program, fmt.Sprintf("%s=%s", fault.Variable, h.bug))
	all := h.combo.weathers()
	w := all[slices.IndexFunc(all, func(w weather) bool { return w.name == h.weather })]
	for n = 1; n <= h.most; n++ {
		ops, err := r.historyIn(w, from+uint64(n), *operations)
		if err != nil {
			t.Fatal(err)
		}
		if v := check(ops, false); len(v.violations) > 0 {
			return v.violations[0], n
		}
	}
	return "", h.most
}
