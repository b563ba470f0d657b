package peers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sttp/internal/bench"
)

// Bounds of Options.
const (
	MaxRounds      = 1000
	MaxConnections = 9000 // of the 10,000 that sttp-server takes
	MinDuration    = 50 * time.Millisecond
	MaxDuration    = 10 * time.Minute
)

// Options say what is measured.
type Options struct {
	Systems     []System // the first is what the others are compared with
	Only        []string // names of workloads; empty for the usual ones
	Rounds      int
	Duration    time.Duration // of one measurement
	Connections int
	Directory   string // where the servers keep their files; empty for the system's own place

	// Observe and Note, which may be nil, are told how it goes on, by one goroutine
	// at a time.
	Observe func(bench.Progress)
	Note    func(line string)
}

// ErrMissing says that the system that others are compared with is not installed.
var ErrMissing = errors.New("there is nothing to compare with")

// Run starts the systems in turn and measures them. What was measured in full
// rounds is returned also with an error, which may be ErrMissing or a
// *StartError. If ctx ends, the Peers say so.
func Run(ctx context.Context, o Options) (*bench.Peers, error) {
	directory, err := filepath.Abs(cmp.Or(o.Directory, os.TempDir())) // servers run in directories of their own
	o.Directory = directory
	r := &run{opts: o, peers: &bench.Peers{
		Rounds: o.Rounds, Length: o.Duration, Systems: []bench.System{}, Tables: []bench.Table{}, Wrong: bench.Counts{}, Errors: bench.Counts{},
	}}
	if err := cmp.Or(err, r.lookUp()); err != nil {
		return r.peers, err
	}
	workloads := r.workloads()
	for i, w := range workloads {
		r.before, r.part = float64(i)/float64(len(workloads)), 1/float64(len(workloads))
		err := r.compare(ctx, w)
		switch {
		case ctx.Err() != nil:
			r.peers.Interrupted = true
			return r.peers, nil
		case err != nil:
			r.peers.Failed = err.Error()
			return r.peers, err
		}
	}
	return r.peers, nil
}

// run is one comparison under way.
type run struct {
	opts         Options
	systems      []System // that are installed
	peers        *bench.Peers
	before, part float64 // of the whole, what is done, and what the workload under way is
}

// note keeps a line for people.
func (r *run) note(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	if slices.Contains(r.peers.Notes, line) {
		return
	}
	r.peers.Notes = append(r.peers.Notes, line)
	if r.opts.Note != nil {
		r.opts.Note(line)
	}
}

// lookUp finds out which systems are installed.
func (r *run) lookUp() error {
	for i, s := range r.opts.Systems {
		found := bench.System{Name: s.Name, Command: s.describe}
		_, err := s.found()
		if err == nil && s.upstream != nil {
			_, err = s.upstream.found()
		}
		switch {
		case err != nil && i == 0:
			return fmt.Errorf("%w: %w", ErrMissing, err)
		case err != nil:
			found.Missing = err.Error()
			r.note("%s is left out: %v", s.Name, err)
		default:
			found.Version = printable(s.tellVersion())
			r.systems = append(r.systems, s)
		}
		r.peers.Systems = append(r.peers.Systems, found)
	}
	return nil
}

// printable returns what a program said of itself without what could disturb a
// terminal or a page.
func printable(s string) string {
	s = strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return -1
		}
		return c
	}, s)
	return s[:min(len(s), 100)]
}

// workloads returns those that are to be measured.
func (r *run) workloads() []Workload {
	return slices.DeleteFunc(Workloads(), func(w Workload) bool {
		if len(r.opts.Only) > 0 && !slices.Contains(r.opts.Only, w.Name) || len(r.opts.Only) == 0 && !w.Usual {
			return true
		}
		if w.durable && inMemory(r.opts.Directory) {
			r.note("%s is left out: %s lies in memory, so that a sync costs nothing; name a directory on a disk with --dir", w.Title(r.opts.Connections), r.opts.Directory)
			return true
		}
		return false
	})
}

// compare measures all systems that can bear a workload, in turn, and adds a table
// of the rounds that were complete.
func (r *run) compare(ctx context.Context, w Workload) error {
	fit := slices.DeleteFunc(slices.Clone(r.systems), func(s System) bool { return !w.fits(s) })
	var names []string
	for _, s := range fit {
		names = append(names, s.Name)
	}
	if len(fit) == 0 || fit[0].Name != r.systems[0].Name {
		r.note("%s is left out: %s cannot do it", w.Title(r.opts.Connections), r.systems[0].Name)
		return nil
	}
	var rounds []map[string]sample
	var err error
	for i := 0; i < r.opts.Rounds && err == nil; i++ {
		round := map[string]sample{}
		for j := range fit {
			s := fit[(i+j)%len(fit)] // none is always the first one after a pause
			m := &measurement{run: r, workload: w, system: s, round: i, done: float64(i*len(fit)+j) / float64(r.opts.Rounds*len(fit))}
			if round[s.Name], err = m.carryOut(ctx); err != nil {
				break
			}
		}
		if err == nil {
			rounds = append(rounds, round)
		}
	}
	if len(rounds) > 0 {
		r.peers.Tables = append(r.peers.Tables, bench.Table{Name: w.Title(r.opts.Connections), Figures: figures(names, rounds)})
	}
	return err
}
