package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"sttp"
	"sttp/internal/bench"
	"sttp/internal/bench/guide"
	"sttp/internal/bench/report"
	"sttp/internal/cli"
)

// guideOptions are the options of the guide's test.
type guideOptions struct {
	guide.Options
	host     string
	port     int
	interval int // milliseconds
}

// Bounds of what can be asked for.
const (
	maxInterval   = 60_000 // milliseconds
	maxConcurrent = guide.Snippets
)

func (o *guideOptions) addFlags(flags *pflag.FlagSet) {
	flags.StringVarP(&o.host, "address", "a", "localhost", "`HOST` of the server, a name or an address")
	flags.IntVarP(&o.port, "port", "p", sttp.DefaultPort, "`PORT` of the server")
	flags.IntVarP(&o.interval, "interval", "i", int(o.Interval/time.Millisecond), "pauses of so many milliseconds `MS`; 0 for none")
	flags.IntVarP(&o.Concurrent, "concurrent", "c", o.Concurrent, "`N` snippets are retrieved at once")
	flags.BoolVar(&o.ConnectionPerRequest, "connection-per-request", false, "open a connection for each request, as netcat does")
	flags.DurationVar(&o.Timeout, "timeout", o.Timeout, "`TIME` to wait for a reply, and for a connection")
}

// complete finds what is wrong with the options, and makes them the test's.
func (o *guideOptions) complete() error {
	host := o.host
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host = host[1 : len(host)-1]
	}
	switch {
	case host == "" || strings.Contains(host, "/") || strings.Contains(host, ":") && net.ParseIP(host) == nil:
		return cli.Usagef("as in -a localhost; the port is given with -p", "--address: %q is neither a name nor an address", o.host)
	case o.port < 1 || o.port > 65535:
		return cli.Usagef("as in -p 8080", "--port: %d is no port: it is a number from 1 to 65535", o.port)
	case o.interval < 0 || o.interval > maxInterval:
		return cli.Usagef("as in -i 100; 0 leaves the pauses out", "--interval: it is 0 to %d milliseconds, not %d", maxInterval, o.interval)
	case o.Concurrent < 1 || o.Concurrent > maxConcurrent:
		return cli.Usagef("as in -c 10", "--concurrent: it is 1 to %d, not %d", maxConcurrent, o.Concurrent)
	case o.Timeout <= 0:
		return cli.Usagef("as in --timeout 5s", "--timeout: it is more than 0")
	}
	o.Address = net.JoinHostPort(host, strconv.Itoa(o.port))
	o.Interval = time.Duration(o.interval) * time.Millisecond
	return nil
}

// guide carries out the guide's test.
func (p *program) guide(ctx context.Context, o guideOptions) error {
	if err := cmp.Or(o.complete(), p.checkOutput()); err != nil {
		return err
	}
	doc, live, stage := p.document("sttp://"+o.Address), p.live(), ""
	var err error
	doc.Guide, err = guide.Run(ctx, o.Options, func(progress bench.Progress) {
		if progress.Stage != stage {
			stage = progress.Stage
			p.announce(ctx, live, stage, o.Pauses())
		}
		live.Show(progress)
	})
	live.Clear()
	if err != nil {
		return p.notCarriedOut(ctx, o, err)
	}
	return cmp.Or(p.emit(doc), guideOutcome(doc.Guide))
}

// announce says what there is to know when a stage begins.
func (p *program) announce(ctx context.Context, live *report.Live, stage string, pauses time.Duration) {
	switch {
	case stage == "create" && pauses > 0:
		live.Note(fmt.Sprintf("the pauses alone take %v; -i 0 leaves them out", pauses.Round(time.Second)))
	case stage == "clean up" && ctx.Err() != nil:
		live.Note("interrupted: what was made is deleted; Ctrl-C again ends at once and leaves it there")
	}
}

// guideOutcome returns the error of a run of the test, nil if all went well. What
// the summary has told is not told again.
func guideOutcome(g *bench.Guide) error {
	left := ""
	if n := len(g.Left); n > 0 {
		left = fmt.Sprintf("; %s may be left there: %s", count(int64(n), "snippet"), g.Left[0])
		if n > 1 {
			left += " to " + g.Left[n-1]
		}
	}
	switch {
	case g.Gone != nil:
		return &cli.Failure{Code: exitGone, Err: fmt.Errorf("the server went away (%s) after %v, with %s on the way%s",
			g.Gone.Why, g.Gone.After.Round(time.Millisecond), count(g.Gone.Lost, "request"), left)}
	case g.Interrupted:
		return &cli.Failure{Code: exitGone, Err: fmt.Errorf("interrupted; of %s that had been made, %d are deleted%s", count(int64(g.Created), "snippet"), g.Deleted, left)}
	case left != "":
		return &cli.Failure{Code: exitWrong, Err: errors.New("not everything could be deleted" + left)}
	case g.Wrong.Total() > 0 || g.Errors.Total() > 0:
		return failed(exitWrong, "replies were wrong, or requests failed")
	}
	return nil
}

// count returns a number of things in words.
func count(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// notCarriedOut returns the failure of a run of the test that has no result.
func (p *program) notCarriedOut(ctx context.Context, o guideOptions, err error) error {
	var notOurs *guide.NotOursError
	switch {
	case errors.As(err, &notOurs):
		return inTheWay(o, notOurs)
	case ctx.Err() != nil:
		return &cli.Failure{Code: exitGone, Err: errors.New("interrupted before anything was made")}
	case errors.Is(err, guide.ErrNoReply):
		return &cli.Failure{Code: exitGone, Err: err,
			Hint: fmt.Sprintf("does an STTP server listen there? try: printf 'SHOW /a.txt\\n\\n' | nc %s %d ; --timeout 30s waits longer", o.host, o.port)}
	case errors.Is(err, bench.ErrNoServer):
		f := &cli.Failure{Code: exitGone, Err: err, Hint: "start the server first, as with: sttp-server"}
		if o.port != sttp.DefaultPort {
			f.Hint += " --port " + strconv.Itoa(o.port)
		}
		return f
	}
	return &cli.Failure{Code: exitWrong, Err: fmt.Errorf("%w; nothing was changed", err),
		Hint: "sttp-check sttp://" + o.Address + " tells whether the server is right"}
}

// inTheWay returns the failure of a run that found snippets with the names of the
// test which it has not made.
func inTheWay(o guideOptions, e *guide.NotOursError) error {
	done := "nothing was changed"
	if e.Begun {
		done = fmt.Sprintf("it was not touched, and what had been made before is deleted: %s", count(int64(e.Deleted), "snippet"))
		if len(e.Left) > 0 {
			done = fmt.Sprintf("it was not touched; of what had been made before, %s may be left there: %s and so on", count(int64(len(e.Left)), "snippet"), e.Left[0])
		}
	}
	url := "sttp://" + o.Address + "/snippets/"
	return &cli.Failure{Code: cli.ExitUsage, Err: fmt.Errorf("%w; %s", e, done),
		Hint: "see what is there with: sttp-client list " + url + " ; if an earlier run left it there, delete it with: " +
			"for n in $(seq 0 999); do sttp-client delete " + url + "snippet_$n.txt; done"}
}
