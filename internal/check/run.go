package check

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"path"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Options say what is checked, and how. Exactly one of Address, Exec and Client
// is set.
type Options struct {
	// Address is where the server is, as host:port.
	Address string
	// Exec is a command that starts the server; exec.go says how.
	Exec string
	// Settings are lines that Exec's settings file gets beside those that every
	// server has.
	Settings string
	// NoFiles: the server that Exec starts does not keep snippets as files.
	NoFiles bool
	// Client is a command that is a client.
	Client string

	Profile Profile
	// Until is the name of the last story of the guide that is asked for. If it
	// is empty all are, and what is beyond the guide.
	Until string
	// Only holds IDs or patterns of path.Match; if there are any, only cases that
	// match one of them run.
	Only []string
	// RequireQueries: a server without queries is not taken as it is, but has the
	// cases of queries against it.
	RequireQueries bool
	// Seed decides all that is random but the name of the checker's directory.
	Seed uint64
	// Repeat is how often each case runs; 0 is once.
	Repeat int
	// Timeout is how long the server may take for a reply; 0 is 2 seconds.
	Timeout time.Duration
	// LineTime is how long the server gives a client for one line, IdleTime how
	// long it lets a connection be silent, if these are not the 10 seconds and 5
	// minutes that docs/protocol.md recommends.
	LineTime, IdleTime time.Duration
	// Progress is called, if it is there, when a case begins: one at a time.
	Progress func(Progress)
}

// Progress is how far a run has come.
type Progress struct {
	Done, Total int
	Failed      int
	Case        *Case
}

// Errors of Run.
var (
	// ErrNoCase: the options leave no case to run.
	ErrNoCase = errors.New("no case matches")
	// ErrCommand: the command of Options.Exec does not say where to listen.
	ErrCommand = errors.New("the command does not say where to listen: it holds neither {config} nor {port}")
	// ErrNoServer: the command of Options.Exec did not bring up a server.
	ErrNoServer = errors.New("the server did not start")
)

// UnreachableError says that there is no server at an address.
type UnreachableError struct{ Address, Reason string }

// Error says where no server was found, and why.
func (e *UnreachableError) Error() string {
	return "no server at " + e.Address + ": " + e.Reason
}

// namePrefix begins the name of every directory that the checker makes.
const namePrefix = "sttp-check-"

// caseLimit is how long a case may take that does not say otherwise: a server
// that hangs costs no more than that.
const caseLimit = 5 * time.Second

// A server that takes usualDelay for a request gets twice the time of one that
// takes none; what it takes beyond maxDelay does not count.
const (
	usualDelay = 20 * time.Millisecond
	maxDelay   = 15 * usualDelay
)

// stretched returns a limit for many requests in turn, for a server that is far
// away or slow with each.
func (r *run) stretched(limit time.Duration) time.Duration {
	return limit + limit/usualDelay*min(r.delay, maxDelay)
}

// run is a run under way.
type run struct {
	opts  Options
	name  string // of the directory that all is made in, without its slash
	facts Facts
	delay time.Duration // how long one request took, with its connection
	cases []*Case
	proc  *Process

	mu      sync.Mutex
	results map[*Case]*Result
	dirs    int
	// left are paths that cases may have made and have not come to remove.
	left []string
	// cannotDelete: a DELETE was never answered, so none is waited for after each
	// case any more. A server half-way through the guide may have none yet.
	cannotDelete atomic.Bool
	// gone is the ID of the case after which the server could not be reached any
	// more.
	gone string
}

// Run carries out the cases that opts ask for, one after the other, and those
// that only wait for time limits beside them. It returns ErrNoCase,
// ErrNoServer or an *UnreachableError if there is nothing to report. When ctx
// ends, so does the run; the cases that are left are reported as undecided.
func Run(ctx context.Context, opts Options) (*Report, error) {
	all, err := Catalogue()
	if err != nil {
		return nil, err
	}
	return runCases(ctx, opts, all)
}

// Select returns the cases that opts ask for, in the order of the catalogue. A
// run may leave some of them out, because they need something else.
func Select(opts Options) ([]*Case, error) {
	all, err := Catalogue()
	if err != nil {
		return nil, err
	}
	return opts.selectFrom(all)
}

// runCases is Run with another catalogue.
func runCases(ctx context.Context, opts Options, all []*Case) (*Report, error) {
	opts.Timeout = cmp.Or(opts.Timeout, 2*time.Second)
	opts.Repeat = max(opts.Repeat, 1)
	opts.LineTime = cmp.Or(opts.LineTime, 10*time.Second)
	opts.IdleTime = cmp.Or(opts.IdleTime, 5*time.Minute)
	began := time.Now()
	selected, err := opts.selectFrom(all)
	if err != nil {
		return nil, err
	}
	r := &run{opts: opts, results: map[*Case]*Result{}, name: namePrefix + randomName()}
	if opts.Exec != "" {
		if r.proc, err = startProcess(ctx, opts); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNoServer, err)
		}
		defer r.proc.stop()
	}
	if opts.Client == "" {
		if err := r.probe(ctx, selected); err != nil {
			return nil, err
		}
	}
	var left []LeftOut
	if r.cases, left = r.fitting(selected); len(r.cases) == 0 {
		return nil, ErrNoCase
	}
	r.all(ctx)
	report := &Report{Profile: opts.Profile, Target: r.target(), Options: opts, Facts: r.facts, Began: began, LeftOut: left}
	if opts.Client == "" {
		report.LeftBehind = r.sweep(ctx)
	}
	for _, c := range r.cases {
		report.Results = append(report.Results, *r.results[c])
	}
	report.Elapsed = time.Since(began)
	return report, nil
}

// selectFrom returns the cases that the options ask for, whatever the server is.
func (o Options) selectFrom(all []*Case) ([]*Case, error) {
	last := len(Stories())
	if o.Until != "" {
		i, err := storyIndex(o.Until)
		if err != nil {
			return nil, err
		}
		last = i
	}
	selected := slices.DeleteFunc(slices.Clone(all), func(c *Case) bool {
		i, _ := storyIndex(c.Story)
		return i > last || c.Level(o.Profile) == Unchecked || !o.named(c) || (c.Needs&Client != 0) != (o.Client != "")
	})
	if len(selected) == 0 {
		return nil, ErrNoCase
	}
	return selected, nil
}

// named tells whether Only lets the case through.
func (o Options) named(c *Case) bool {
	return len(o.Only) == 0 || slices.ContainsFunc(o.Only, func(pattern string) bool {
		ok, err := path.Match(strings.ToUpper(pattern), c.ID)
		return err == nil && ok
	})
}

// LeftOut counts cases of the profile that the run could not have, and says
// what they need.
type LeftOut struct {
	Needs string `json:"needs"`
	Cases int    `json:"cases"`
}

// fitting takes out the cases whose needs are not met.
func (r *run) fitting(cases []*Case) (fit []*Case, left []LeftOut) {
	counts := map[Need]int{}
	for _, c := range cases {
		if n := r.missing(c.Needs); n != 0 {
			counts[n]++
		} else {
			fit = append(fit, c)
		}
	}
	for _, n := range []Need{KeptOpen, Exec, Files, Client, Linux, Config, Queries} {
		if counts[n] > 0 {
			left = append(left, LeftOut{needs[n], counts[n]})
		}
	}
	return fit, left
}

// missing returns one of the needs that is not met, or 0.
func (r *run) missing(n Need) Need {
	switch {
	case n&KeptOpen != 0 && r.opts.Profile == Guide && !r.facts.KeepsOpen:
		return KeptOpen
	case n&Exec != 0 && r.opts.Exec == "":
		return Exec
	case n&Files != 0 && (r.opts.Exec == "" || r.opts.NoFiles):
		return Files
	case n&Linux != 0 && runtime.GOOS != "linux":
		return Linux
	case n&Config != 0 && r.opts.Profile == Guide && !mentions(r.opts.Exec, "{config}", "STTP_CHECK_CONFIG"):
		return Config
	case n&Queries != 0 && !r.facts.Queries && !r.opts.RequireQueries:
		return Queries
	}
	return 0
}

// all runs the cases: the slow ones side by side in the background, the others
// one after the other, and at last those that start the server anew, when
// nobody else needs it. The slow ones hold connections, so they begin only when
// it is known whether the server serves these in parallel: the others of the
// stories up to that one would be kept waiting by a server that does not.
func (r *run) all(ctx context.Context) {
	var slow sync.WaitGroup
	beginSlow := sync.OnceFunc(func() {
		for _, c := range r.cases {
			if c.Slow && c.Needs&(Exec|Files) == 0 {
				slow.Go(func() { r.put(c, r.repeated(ctx, c)) })
			}
		}
	})
	parallel, _ := storyIndex("parallel")
	for _, c := range r.cases {
		if i, _ := storyIndex(c.Story); i > parallel {
			beginSlow()
		}
		if !c.Slow && c.Needs&(Exec|Files) == 0 {
			r.put(c, r.repeated(ctx, c))
		}
	}
	beginSlow()
	slow.Wait()
	for _, c := range r.cases {
		if c.Needs&(Exec|Files) != 0 {
			r.put(c, r.repeated(ctx, c))
		}
	}
}

func (r *run) put(c *Case, result *Result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.results[c] = result
}

// repeated runs a case as often as asked, and returns the worst result.
func (r *run) repeated(ctx context.Context, c *Case) *Result {
	if r.opts.Progress != nil && !c.Slow {
		r.opts.Progress(r.progress(c))
	}
	worst := r.once(ctx, c)
	held := count(worst.Outcome.holds())
	for range r.opts.Repeat - 1 {
		again := r.once(ctx, c)
		held += count(again.Outcome.holds())
		if severity(again.Outcome) > severity(worst.Outcome) {
			worst = again
		}
	}
	worst.Runs, worst.Held = r.opts.Repeat, held
	return worst
}

func (r *run) progress(c *Case) Progress {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := Progress{Total: len(r.cases), Done: len(r.results), Case: c}
	for _, result := range r.results {
		p.Failed += count(result.Outcome == Fail)
	}
	return p
}

// severity orders outcomes by how much they should be looked at.
func severity(o Outcome) int {
	return slices.Index([]Outcome{Pass, Chose, Warn, Depends, Undecided, Untested, CheckerError, Fail}, o)
}

// once runs a case, unless something that it needs has already failed.
func (r *run) once(ctx context.Context, c *Case) *Result {
	result := &Result{Case: c, Level: c.Level(r.opts.Profile), Netcat: c.netcat(r.address(), strings.TrimPrefix(r.name, namePrefix))}
	if r.opts.Client != "" {
		result.Netcat = c.reproduce(r.opts.Client)
	}
	if id := r.failedBefore(c); id != "" {
		result.Outcome, result.Says = Depends, "not tried, since "+id+" does not hold"
		return result
	}
	if gone := r.isGone(); gone != "" {
		result.Outcome, result.Says = Untested, "the server could not be reached any more after "+gone
		return result
	}
	if ctx.Err() != nil {
		result.Outcome, result.Says = Undecided, "the run was ended before"
		return result
	}
	limit := r.stretched(cmp.Or(c.Limit, max(caseLimit, 2*r.opts.Timeout+time.Second)))
	t, cancel := r.newT(ctx, c, limit)
	defer cancel()
	// Whoever ends the run does not wait for what a case is waiting for.
	stop := context.AfterFunc(ctx, t.end)
	defer stop()
	r.carryOut(t, result)
	t.end()
	if ctx.Err() != nil && !result.Outcome.holds() {
		*result = Result{Case: c, Level: c.Level(r.opts.Profile), Netcat: result.Netcat, Outcome: Undecided, Says: "the run was ended meanwhile"}
	}
	t.putBack()
	result.Elapsed = time.Since(t.began)
	result.Exchange = t.events
	if !result.Outcome.holds() && !c.Slow && r.opts.Client == "" {
		r.lookAfter(ctx, result)
	}
	r.cleanUp(t)
	return result
}

// carryOut runs the case and turns what it panics with into the result.
func (r *run) carryOut(t *T, result *Result) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case verdict:
			result.Outcome, result.Problem, result.Says = v.outcome, v.problem, v.says
			switch {
			case v.outcome == Fail && v.problem.Symptom == NoReply && t.late():
				// The last reply was not given the time that it may take.
				result.Outcome = Untested
				result.Says = fmt.Sprintf("replies take so long that the case did not come to its end within %v", time.Since(t.began).Round(time.Second))
			case v.outcome == Fail:
				result.Outcome, result.Says = outcomeAt(result.Level), v.problem.Says
				result.Hint = hintFor(t.c, v.problem)
			}
		default:
			t.panicked = fmt.Sprintf("%v at %s", v, panicSite(debug.Stack()))
		}
		if t.panicked != "" {
			result.Outcome, result.Problem = CheckerError, nil
			result.Says = "the checker failed: " + t.panicked
		}
	}()
	if t.c.Run != nil {
		t.c.Run(t)
		return
	}
	steps, err := t.c.steps()
	if err != nil {
		panic(err)
	}
	t.talk(steps)
}

// panicSite returns the place in a stack trace where the panic came from.
func panicSite(stack []byte) string {
	lines := strings.Split(string(stack), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "panic(") && i+3 < len(lines) {
			site, _, _ := strings.Cut(path.Base(strings.TrimSpace(lines[i+3])), " ")
			return site
		}
	}
	return "an unknown place"
}

// failedBefore returns the ID of the first case that c depends on and that did
// not hold.
func (r *run) failedBefore(c *Case) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	failed := map[string]bool{}
	for before, result := range r.results {
		failed[before.ID] = !result.Outcome.holds()
	}
	i := slices.IndexFunc(c.After, func(id string) bool { return failed[id] })
	if i < 0 {
		return ""
	}
	return c.After[i]
}

func (r *run) isGone() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.gone
}

// newT returns what a case works with.
func (r *run) newT(ctx context.Context, c *Case, limit time.Duration) (*T, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dirs++
	hash := fnv.New64a()
	hash.Write([]byte(c.ID))
	return &T{
		c: c, ctx: ctx, run: r, facts: r.facts, timeout: r.opts.Timeout, began: time.Now(),
		dir:  fmt.Sprintf("/%s/%d", r.name, r.dirs),
		rand: rand.New(rand.NewPCG(r.opts.Seed, hash.Sum64())),
		made: map[string]bool{},
	}, cancel
}

// end closes the connections of a case.
func (t *T) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range t.conns {
		c.tcp.Close()
	}
}

// putBack does what the case has left to be done at its end.
func (t *T) putBack() {
	for _, f := range slices.Backward(t.cleanups) {
		f()
	}
}

// address returns where the server is.
func (r *run) address() string {
	if r.proc != nil {
		return r.proc.Address()
	}
	return r.opts.Address
}

// target returns what is checked, for the report.
func (r *run) target() string {
	return cmp.Or(r.opts.Exec, r.opts.Client, "sttp://"+r.opts.Address)
}

// randomName returns five letters that no other run has.
func randomName() string {
	const letters = "abcdefghijkmnopqrstuvwxyz"
	name := make([]byte, 5)
	for i := range name {
		name[i] = letters[rand.IntN(len(letters))]
	}
	return string(name)
}
