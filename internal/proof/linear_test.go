package proof

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
)

var (
	histories  = flag.Int("histories", 0, "how many histories to make, over all combinations; 0 is a share that `make test` has the time for")
	operations = flag.Int("operations", 0, "operations in each history; 0 is 1000, or fewer where time is short")
	seed       = flag.Uint64("seed", 0, "seed of the first history, which the next ones count on from; 0 is a random one")
	only       = flag.String("only", "", "the one combination to try, such as sqlite/tiered")
	given      = flag.String("server", "", "an sttp-server to try instead of one that is built")
	file       = flag.String("history", "", "a history that was written, to be judged again")
)

// brief tells whether only so much is to be proved as "make test" has time for.
func brief() bool { return *histories == 0 }

// notShort leaves a test out of the inner loop.
func notShort(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("it takes long")
	}
}

// length is how many operations a history has.
func length() int {
	switch {
	case *operations > 0:
		return *operations
	case brief():
		return 400
	}
	return 1000
}

// combos returns the combinations of storage engine and cache.
func combos() (all []combo) {
	for _, engine := range []string{"files", "sqlite"} {
		for _, cache := range []string{"off", "memory", "redis", "tiered"} {
			if c := (combo{engine, cache}); *only == "" || *only == c.String() {
				all = append(all, c)
			}
		}
	}
	return all
}

// row is what came of the histories of one combination.
type row struct {
	name                                                      string
	histories, operations, open, kills, redis, wrong, unknown int
	took                                                      time.Duration
}

// firstSeed returns the seed of the first history.
func firstSeed() uint64 {
	if *seed != 0 {
		return *seed
	}
	return rand.Uint64() >> 12 // short enough to be typed
}

func TestEveryHistoryOfEveryCombinationIsLinearizable(t *testing.T) {
	program := build(t)
	all := combos()
	from := firstSeed()
	t.Logf("the first seed is %d", from)
	rows := make([]row, len(all))
	defer func() { t.Logf("\n%s", table(rows)) }()
	for i, c := range all {
		n := *histories / len(all)
		if i < *histories%len(all) {
			n++
		}
		if brief() {
			n = max(2, len(c.weathers())/2)
			if testing.Short() {
				n = 1
			}
		}
		t.Run(c.String(), func(t *testing.T) {
			rows[i] = campaign(t, c, program, from, n)
		})
	}
}

// campaign makes n histories with one server, and judges them.
func campaign(t *testing.T, c combo, program string, from uint64, n int) row {
	begun := time.Now()
	r := newRig(t, c, program)
	sum := row{name: c.String()}
	for i := range n {
		seed := from + uint64(i)
		ops, w, err := r.history(seed, length())
		v := check(ops, false)
		sum.histories++
		sum.operations += len(ops)
		sum.unknown += v.unknown
		for _, o := range ops {
			if o.outcome() == open {
				sum.open++
			}
		}
		if err != nil {
			v.violate("%v", err)
		}
		if len(v.violations) > 0 || v.unknown > 0 {
			sum.wrong += min(1, len(v.violations))
			t.Errorf("a history with seed %d (%s) violates what is promised:\n%s\n%s", seed, w.name, v.summary(), explain(v, ops, c, seed))
			if err != nil {
				t.Logf("the server says:\n%s", r.now.stderr.tail())
				break
			}
		}
	}
	sum.kills, sum.redis, sum.took = r.kills, r.other, time.Since(begun)
	return sum
}

// history makes a history in weather that its seed says.
func (r *rig) history(seed uint64, total int) ([]*op, weather, error) {
	all := r.combo.weathers()
	w := all[seed%uint64(len(all))]
	ops, err := r.historyIn(w, seed, total)
	return ops, w, err
}

// historyIn makes a history, in a directory of its own.
func (r *rig) historyIn(w weather, seed uint64, total int) ([]*op, error) {
	r.made++
	if r.redis != nil {
		if err := r.awaitRedis(); err != nil {
			return nil, err
		}
	}
	s := &storm{rig: r, seed: seed, ballast: w.ballast, dir: fmt.Sprintf("/h%d", r.made)}
	s.plan = w.plan(rand.New(rand.NewPCG(seed, 1<<32)), int64(total))
	return s.run(total)
}

// summary is the first violations.
func (v *verdict) summary() string {
	lines := v.violations
	if len(lines) > 5 {
		lines = append(lines[:5:5], fmt.Sprintf("and %d more", len(lines)-5))
	}
	if v.unknown > 0 {
		lines = append(lines, fmt.Sprintf("%d files could not be decided", v.unknown))
	}
	return strings.Join(lines, "\n")
}

// explain writes a history to files and says where they are.
func explain(v *verdict, ops []*op, c combo, seed uint64) string {
	dir, err := os.MkdirTemp("", "sttp-proof-")
	if err != nil {
		return err.Error()
	}
	page, history := filepath.Join(dir, "history.html"), filepath.Join(dir, "history.json")
	if err := write(history, ops); err != nil {
		return err.Error()
	}
	if err := v.show(page); err != nil {
		return err.Error()
	}
	return fmt.Sprintf("see it:         %s\njudge it again: go test ./internal/proof -run TestAHistoryThatWasWritten -history %s\n"+
		"do the same:    go test ./internal/proof -run TestEveryHistory -only %v -seed %d -histories 1 -operations %d", page, history, c, seed, length())
}

// table is what the rows say, with their sums.
func table(rows []row) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "combination\thistories\toperations\topen\tserver ended\tRedis broken\tviolations\tunknown\ttime\t")
	sum := row{name: "all"}
	line := func(r row) {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%v\t\n", r.name, r.histories, r.operations, r.open, r.kills, r.redis, r.wrong, r.unknown, r.took.Round(100*time.Millisecond))
	}
	for _, r := range rows {
		line(r)
		sum.histories, sum.operations, sum.open = sum.histories+r.histories, sum.operations+r.operations, sum.open+r.open
		sum.kills, sum.redis, sum.wrong = sum.kills+r.kills, sum.redis+r.redis, sum.wrong+r.wrong
		sum.unknown, sum.took = sum.unknown+r.unknown, sum.took+r.took
	}
	line(sum)
	w.Flush()
	return b.String()
}
