package peers

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sttp/internal/bench"
)

// maxWarmup is how long a server is warmed up; a shorter measurement has a
// shorter one.
const maxWarmup = 500 * time.Millisecond

// measurement is one system under one workload in one round.
type measurement struct {
	run      *run
	workload Workload
	system   System
	round    int
	done     float64 // of the workload's measurements
}

func (m *measurement) title() string { return m.workload.Title(m.run.opts.Connections) }

// carryOut starts the server, fills it, measures it and ends it.
func (m *measurement) carryOut(ctx context.Context) (_ sample, err error) {
	o := m.run.opts
	m.observe(bench.Progress{Stage: "start"})
	v, err := m.system.start(ctx, o.Directory, setup{connections: o.Connections, durable: m.workload.durable})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, v.stop()) }()
	target := bench.Target{Address: v.address, Dialect: m.system.dialect, Directory: "/snippets"}
	session, err := bench.NewSession(target, m.workload.workload(), uint64(m.round)) // the same for all in a round
	if err != nil {
		return nil, err
	}
	if err := m.fill(ctx, v, session); err != nil {
		return nil, m.explain(ctx, v, err)
	}
	// The warm-up is for itself, so that the processor time of what is counted can
	// be had.
	if _, err := m.measure(ctx, v, session, min(o.Duration/4, maxWarmup)); err != nil {
		return nil, err
	}
	own, all, known := v.cpu()
	result, err := m.measure(ctx, v, session, o.Duration)
	if err == nil && result.Done == 0 { // a short warm-up may be without one on a busy machine
		err = m.explain(ctx, v, errors.New("gave no right reply"))
	}
	if err != nil {
		return nil, err
	}
	s := sample{rateFigure: result.Rate, p99Figure: bench.Micros(result.Service.Quantile(0.99))}
	ownAfter, allAfter, still := v.cpu()
	if known && still {
		s[cpuFigure] = bench.Micros(ownAfter-own) / float64(result.Sent)
		if v.behind != nil {
			s[upstreamFigure] = bench.Micros(allAfter-all) / float64(result.Sent)
		}
	}
	return s, nil
}

// fill puts the snippets where the server finds them.
func (m *measurement) fill(ctx context.Context, v *server, session *bench.Session) error {
	if !m.system.pages {
		return session.Prepare(ctx, m.observe)
	}
	for path, contents := range session.Contents {
		if err := v.put(path, contents); err != nil {
			return err
		}
	}
	session.Adopt()
	return nil
}

// measure puts load on the server for a while. What was wrong is kept, and fails
// nothing; the error says that there is no figure.
func (m *measurement) measure(ctx context.Context, v *server, session *bench.Session, length time.Duration) (*bench.Result, error) {
	load := bench.DefaultLoad()
	load.Closed, load.Rate, load.Warmup, load.Duration = true, 0, 0, length
	load.Connections, load.InFlight, load.ConnectionPerRequest = m.workload.atOnce(m.run.opts.Connections), m.workload.load.InFlight, m.workload.load.ConnectionPerRequest
	result, err := session.Measure(ctx, load, m.observe)
	if err != nil {
		return nil, m.explain(ctx, v, err)
	}
	m.count(result, length < m.run.opts.Duration)
	switch {
	case result.Gone != nil:
		return nil, m.explain(ctx, v, fmt.Errorf("went away: %s", result.Gone.Why))
	case result.Interrupted:
		return nil, context.Cause(ctx)
	}
	return result, nil
}

// count keeps what was wrong, and what failed.
func (m *measurement) count(result *bench.Result, warmup bool) {
	p := m.run.peers
	add(p.Wrong, result.Wrong)
	add(p.Errors, result.Errors)
	add(p.Errors, result.Dials)
	when := ""
	if warmup {
		when = " in the warm-up"
	}
	const most = 5
	for _, example := range result.Examples {
		if len(p.Examples) < most {
			p.Examples = append(p.Examples, m.system.Name+": "+example)
		}
	}
	for _, c := range []struct {
		what   string
		counts bench.Counts
	}{{"wrong replies", result.Wrong}, {"errors", result.Errors}, {"connections that failed", result.Dials}} {
		if c.counts.Total() > 0 && !result.Interrupted {
			m.run.note("%s, round %d, %s%s: %s: %s", m.title(), m.round+1, m.system.Name, when, c.what, kinds(c.counts))
		}
	}
}

func add(to, from bench.Counts) {
	for kind, n := range from {
		if n > 0 {
			to[kind] += n
		}
	}
}

// kinds returns counts as in "reset 3, timeout 1".
func kinds(counts bench.Counts) string {
	var all []string
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		if n := counts[kind]; n > 0 {
			all = append(all, fmt.Sprintf("%s %d", kind, n))
		}
	}
	return strings.Join(all, ", ")
}

// explain says which server failed, and what it wrote, unless all is over.
func (m *measurement) explain(ctx context.Context, v *server, err error) error {
	if ctx.Err() != nil {
		return err
	}
	what := fmt.Sprintf("failed at %q: %v", m.title(), err)
	if v.process.ended() {
		what += " (" + v.process.state() + ")"
	}
	return v.failed(what)
}

// observe says how it goes on, and where in the whole that is.
func (m *measurement) observe(p bench.Progress) {
	r := m.run
	if r.opts.Observe == nil {
		return
	}
	p.Stage = fmt.Sprintf("%s, round %d of %d, %s: %s", m.title(), m.round+1, r.opts.Rounds, m.system.Name, p.Stage)
	p.Fraction = r.before + r.part*m.done
	r.opts.Observe(p)
}
