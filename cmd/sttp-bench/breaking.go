package main

import (
	"cmp"
	"context"
	"net"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"sttp/internal/bench"
	"sttp/internal/bench/report"
	"sttp/internal/bench/search"
	"sttp/internal/cli"
)

const breakLong = `break searches for the highest rate at which a server keeps a condition, and says
what keeps it from more. The rate is doubled until the condition fails, then the
gap is halved until it is within 2 %, and the rate that held is tried for three
times as long. What fails is tried once more before it counts.

The condition is given with --until, as terms with commas between them:
  p50 p90 p95 p99 p99.9 p99.99 max mean   response time, with ns, us, ms or s
  errors                                  share of the requests, with %
each with < or <=. Wrong replies always fail, and so does a server that answers
fewer than about 98 % of what it is asked.

A rate that fails is limited by
  server       the server answers too late, or with errors
  generator    this program was late itself, took most of the processors, or had
               no descriptors or ports: run it on a faster machine, or on several
  connections  all connections were taken, and the server answered each request
               in time: try more with -c, or --in-flight
A server on the same machine shares the processors with this program. What it
bears alone shows only from another machine.

Exit codes:
  0  the search came to its end, or was interrupted; errors are what it looks for
  1  some replies were wrong
  2  the command line is wrong, or asks for what the server cannot do at all
  3  there is no server, or it went away, or an interrupt came first`

const breakExamples = `  sttp-bench break sttp://localhost:8080
  sttp-bench break --until 'p99<5ms,errors<0.1%' --html=knee.html sttp://localhost
  sttp-bench break --until 'p99.9<=20ms' --from 20k --arrivals poisson sttp://localhost
  sttp-bench break --connection-per-request --step 5s --json=now.json sttp://localhost`

// pause is how long a server is left alone between two steps, so that it is done
// with what it still has to do for the one before.
const pause = 300 * time.Millisecond

// confirmation is how many times as long a rate is tried that is to be confirmed.
const confirmation = 3

// breakOptions are what the flags say beside the workload and the load.
type breakOptions struct {
	*loadOptions
	search search.Options
	step   time.Duration
}

func newBreakCommand(p *program) *cobra.Command {
	o := &breakOptions{loadOptions: newLoadOptions(), search: search.DefaultOptions(), step: 3 * time.Second}
	cmd := &cobra.Command{
		Use:     "break [OPTIONS] sttp://HOST[:PORT]",
		Short:   "Find the rate at which a server breaks, and why",
		Long:    breakLong,
		Example: breakExamples,
	}
	return p.loadCommand(cmd, o.loadOptions, o.addBreakFlags, o.completeBreak, func(ctx context.Context, address string) error {
		return p.breakServer(ctx, address, o)
	})
}

func (o *breakOptions) addBreakFlags(flags *pflag.FlagSet) {
	s := &o.search
	flags.Var(conditionValue{&s.Until}, "until", "`CONDITION` that has to hold")
	flags.Var(quantity[float64]{&s.From}, "from", "first `RATE`, in requests per second as in 5000 or 5k")
	flags.Var(quantity[float64]{&s.Highest}, "max-rate", "highest `RATE` that is tried")
	flags.DurationVar(&o.step, "step", o.step, "`TIME` to measure at each rate")
	flags.DurationVar(&s.Time, "max-time", s.Time, "`TIME` for the whole search")
	flags.IntVar(&s.Steps, "max-steps", s.Steps, "`NUMBER` of steps at most")
}

// completeBreak makes the options consistent, and finds what is wrong with them.
func (o *breakOptions) completeBreak(flags *pflag.FlagSet) error {
	longest := o.search.Until.MaxTime()
	switch {
	case o.search.From <= 0:
		return cli.Usagef("as in --from 1000", "--from: a rate is above 0, not %v", o.search.From)
	case o.search.Steps < 1:
		return cli.Usagef("as in --max-steps 20", "--max-steps: there is at least one step, not %d", o.search.Steps)
	case o.search.Time <= 0:
		return cli.Usagef("as in --max-time 5m", "--max-time: a search takes time, and %v is none", o.search.Time)
	case o.step < 100*time.Millisecond:
		return cli.Usagef("as in --step 3s", "--step: a step takes 100ms at least, not %v", o.step)
	case !flags.Changed("timeout"):
		o.load.Timeout = max(2*time.Second, 2*longest)
	case o.load.Timeout <= longest:
		return cli.Usagef("as in --timeout "+(2*longest).String(), "--timeout: %v is over before %v, which --until allows", o.load.Timeout, longest)
	}
	o.load.Rate, o.load.Duration = o.search.From, o.step
	if err := o.complete(flags); err != nil {
		return err
	}
	// What has not come by then has waited longer than the condition allows.
	o.load.Drain = min(max(500*time.Millisecond, 2*longest), o.load.Timeout)
	o.search.Lowest = min(o.search.Lowest, o.search.From)
	if err := o.search.Validate(); err != nil {
		return cli.Usagef("as in --from 1000 --max-rate 100k", "%w", err)
	}
	return nil
}

// breakServer searches and shows what was found.
func (p *program) breakServer(ctx context.Context, address string, o *breakOptions) error {
	doc := p.document("sttp://" + address)
	live := p.live()
	o.search.Local = local(ctx, address)
	o.search.Observe = func(s bench.Step) { live.Note(o.search.Until.Line(s)) }
	err := p.withSession(ctx, address, o.loadOptions, live, func(s *bench.Session) (err error) {
		doc.Break, err = search.Find(ctx, o.search, p.measure(o, s, live))
		return err
	})
	if doc.Break == nil {
		return err
	}
	if len(doc.Break.Steps) == 0 {
		return p.explain(ctx, context.Cause(ctx))
	}
	var wrong int64
	for _, s := range doc.Break.Steps {
		wrong += s.Result.Wrong.Total()
	}
	return cmp.Or(p.emit(doc), outcome(wrong, doc.Break.Gone), err)
}

// measure returns what measures one step.
func (p *program) measure(o *breakOptions, s *bench.Session, live *report.Live) search.Measure {
	var show func(bench.Progress)
	if cli.IsTerminal(p.stderr) { // elsewhere a line for each step is enough
		show = live.Show
	}
	first := true
	return func(ctx context.Context, rate float64, long bool) (*bench.Result, error) {
		if !first {
			wait(ctx, pause)
		}
		first = false
		load := o.load
		load.Rate = rate
		if long {
			load.Duration *= confirmation
		}
		return s.Measure(ctx, load, show)
	}
}

// local tells whether an address is one of this machine.
func local(ctx context.Context, address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	ips, err := net.DefaultResolver.LookupIPAddr(ctx, host)
	if err != nil {
		return false
	}
	ours, _ := net.InterfaceAddrs() // without them the loopback is known still
	for _, ip := range ips {
		if ip.IP.IsLoopback() || ip.IP.IsUnspecified() {
			return true
		}
		for _, our := range ours {
			if network, ok := our.(*net.IPNet); ok && network.IP.Equal(ip.IP) {
				return true
			}
		}
	}
	return false
}

// wait waits for d, or until ctx ends.
func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// conditionValue is a condition as an option has it.
type conditionValue struct{ to *search.Condition }

func (v conditionValue) String() string { return v.to.String() }
func (v conditionValue) Type() string   { return "condition" }

func (v conditionValue) Set(s string) error {
	c, err := search.Parse(s)
	if err == nil {
		*v.to = c
	}
	return err
}
