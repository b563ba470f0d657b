package main

import (
	"github.com/spf13/pflag"

	"sttp/internal/bench"
	"sttp/internal/cli"
)

// loadOptions are the options that say what is asked for and how.
type loadOptions struct {
	workload bench.Workload
	load     bench.Load
	seed     uint64
}

func newLoadOptions() *loadOptions {
	return &loadOptions{workload: bench.DefaultWorkload(), load: bench.DefaultLoad(), seed: 1}
}

// exampleOf is the annotation of an option whose default is no example of what
// it takes.
const exampleOf = "example"

// addWorkloadFlags adds the options that say what is asked for.
func (o *loadOptions) addWorkloadFlags(flags *pflag.FlagSet) {
	w := &o.workload
	flags.Var(mixValue{&w.Mix}, "mix", "`ACTION=WEIGHT,...` how often each is asked for")
	flags.Var(quantity[int]{&w.Snippets}, "snippets", "`NUMBER` of snippets that are made before, and deleted in the end")
	flags.Var(lengthValue{w}, "length", "`CHARACTERS` in a snippet: a number, or a range as in 20-160")
	flags.Var(quantity[float64]{&w.Zipf}, "zipf", "choose by Zipf's law with this `EXPONENT` (default: all alike)")
	flags.SetAnnotation("zipf", exampleOf, []string{"1.1"})
	flags.Var(shareValue{&w.HitRatio}, "hit-ratio", "`SHARE` of SHOWs that ask for what is there, as in 90%")
}

// addConnectionFlags adds the options that say how it is asked for, whatever the
// rate.
func (o *loadOptions) addConnectionFlags(flags *pflag.FlagSet) {
	l := &o.load
	flags.VarP(quantity[int]{&l.Connections}, "connections", "c", "`NUMBER` of connections that are open at once")
	flags.Var(quantity[int]{&l.InFlight}, "in-flight", "`NUMBER` of requests that may be under way on each connection")
	flags.BoolVar(&l.ConnectionPerRequest, "connection-per-request", false, "open a connection for each request, as netcat does")
	flags.Var(arrivalsValue{&l.Poisson}, "arrivals", "`HOW` requests are due: constant, or poisson as from many clients")
	flags.DurationVar(&l.Timeout, "timeout", l.Timeout, "`TIME` to wait for a reply, and for a connection")
	flags.DurationVar(&l.Patience, "patience", l.Patience, "`TIME` without a connection after which a server is gone")
	flags.DurationVar(&l.Warmup, "warm-up", l.Warmup, "`TIME` before the measurement that is not counted")
	flags.Uint64Var(&o.seed, "seed", o.seed, "`NUMBER` that decides what is random: the same, the same load")
}

// addRunFlags adds the options of a single measurement.
func (o *loadOptions) addRunFlags(flags *pflag.FlagSet) {
	l := &o.load
	flags.VarP(quantity[float64]{&l.Rate}, "rate", "r", "open loop: `NUMBER` of requests per second, as in 20k")
	flags.BoolVar(&l.Closed, "closed", false, "closed loop: as fast as replies come; shows service time only")
	flags.DurationVarP(&l.Duration, "duration", "d", l.Duration, "`TIME` to measure")
	flags.VarP(quantity[int64]{&l.Count}, "count", "n", "`NUMBER` of requests to measure instead")
	flags.SetAnnotation("count", exampleOf, []string{"100k"})
}

// complete makes the options consistent, and finds what is wrong with them. The
// error names the option.
func (o *loadOptions) complete(flags *pflag.FlagSet) error {
	if err := o.conflict(flags); err != nil {
		return err
	}
	o.settle(flags)
	err := o.validate()
	if err == nil {
		return nil
	}
	if f := culprit(flags); f != nil {
		return cli.Usagef(example(f), "--%s: %w", f.Name, err)
	}
	return cli.Usagef("see --help", "the options do not fit together: %w", err)
}

// settle sets what follows from other options.
func (o *loadOptions) settle(flags *pflag.FlagSet) {
	if o.load.Closed {
		o.load.Rate, o.load.Poisson = 0, false
	}
	if flags.Changed("count") {
		o.load.Duration = 0
	}
	o.load.Drain = o.load.Timeout
}

func (o *loadOptions) validate() error {
	if err := o.workload.Validate(); err != nil {
		return err
	}
	return o.load.Validate()
}

// conflict finds options that speak against each other.
func (o *loadOptions) conflict(flags *pflag.FlagSet) error {
	_, shows := o.workload.Mix["SHOW"]
	for _, c := range []struct {
		is         bool
		hint, what string
	}{
		{o.load.Closed && flags.Changed("rate"), "leave one of them out; with --rate you see what waiting clients see",
			"--closed and --rate: a closed loop is as fast as the replies come"},
		{o.load.Closed && flags.Changed("arrivals"), "leave one of them out",
			"--closed and --arrivals: in a closed loop nothing is due at a time"},
		{flags.Changed("duration") && flags.Changed("count"), "leave one of them out",
			"--duration and --count: each says when it is over"},
		{o.load.ConnectionPerRequest && o.load.InFlight != 1, "leave one of them out; -c says how many connections there are at once",
			"--connection-per-request and --in-flight: there is one request on such a connection"},
		{!shows && flags.Changed("hit-ratio"), "as in --mix show=90,update=10 --hit-ratio 0.9",
			"--hit-ratio: there is no SHOW in the mix"},
	} {
		if c.is {
			return cli.Usagef(c.hint, "%s", c.what)
		}
	}
	return nil
}

// culprit returns the option that is wrong whatever the others are, or nil.
func culprit(flags *pflag.FlagSet) *pflag.Flag {
	var found *pflag.Flag
	flags.Visit(func(f *pflag.Flag) {
		alone, o := pflag.NewFlagSet("", pflag.ContinueOnError), newLoadOptions()
		o.addWorkloadFlags(alone)
		o.addConnectionFlags(alone)
		o.addRunFlags(alone)
		if found != nil || alone.Lookup(f.Name) == nil || alone.Set(f.Name, f.Value.String()) != nil {
			return
		}
		o.settle(alone)
		if o.validate() != nil {
			found = f
		}
	})
	return found
}

// example returns the hint that shows an option as it can be given.
func example(f *pflag.Flag) string {
	value := f.DefValue
	if given := f.Annotations[exampleOf]; len(given) > 0 {
		value = given[0]
	}
	if value == "" {
		return "see --help"
	}
	return "as in --" + f.Name + " " + cli.ShellQuote(value)
}
