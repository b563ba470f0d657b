package proof

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
)

// clients is how many ask at once.
const clients = 16

// storm is the making of one history: clients that ask at once for the same few
// files, and things that break meanwhile.
type storm struct {
	clock
	rig     *rig
	dir     string // of its files; nothing was below it before
	seed    uint64
	plan    []mishap
	ballast int          // other files that are made first
	gate    sync.RWMutex // held by clients while they ask; taken to have all of them wait
	asked   atomic.Int64
}

// mishap is something that happens when so many requests have been answered.
type mishap struct {
	at      int64
	what    func(*rig) error
	quiet   bool // nobody asks anything while it happens
	reached chan struct{}
}

// progress notes that n more requests have been answered.
func (s *storm) progress(n int) {
	now := s.asked.Add(int64(n))
	for _, m := range s.plan {
		if now >= m.at && now-int64(n) < m.at {
			close(m.reached)
		}
	}
}

// run makes a history of total operations and a few more that look at the end.
// It returns what can be said of a failure of the server, or of the rig.
func (s *storm) run(total int) (ops []*op, err error) {
	slices.SortStableFunc(s.plan, func(a, b mishap) int { return cmp.Compare(a.at, b.at) })
	for i := range s.plan {
		s.plan[i].reached = make(chan struct{})
	}
	loader := &client{number: clients + 1, storm: s}
	if err := loader.load(s.ballast); err != nil {
		return nil, err
	}
	all := make([]*client, clients)
	errs := make([]error, clients)
	var asking sync.WaitGroup
	for i := range all {
		all[i] = &client{number: i, storm: s, random: rand.New(rand.NewPCG(s.seed, uint64(i)))}
		asking.Go(func() { errs[i] = all[i].run(share(total, i)) })
	}
	over := make(chan struct{})
	go func() {
		asking.Wait()
		close(over)
	}()
	err = s.breakThings(over) // here, since it may end the test
	<-over
	last := &client{number: clients, storm: s, random: rand.New(rand.NewPCG(s.seed, clients))}
	if err = errors.Join(append(errs, err)...); err == nil {
		err = last.lookAround()
	}
	for _, c := range append(all, last, loader) {
		ops = append(ops, c.ops...)
	}
	slices.SortFunc(ops, func(a, b *op) int { return cmp.Compare(a.Call, b.Call) })
	return ops, err
}

// share is how many of total operations are those of client i.
func share(total, i int) int {
	n := total / clients
	if i < total%clients {
		n++
	}
	return n
}

// breakThings carries out the plan. What has not come by the end comes then.
func (s *storm) breakThings(over <-chan struct{}) error {
	for _, m := range s.plan {
		select {
		case <-m.reached:
		case <-over:
		}
		if err := s.breakOne(m); err != nil {
			s.rig.giveUp(err)
			return err
		}
	}
	return nil
}

func (s *storm) breakOne(m mishap) error {
	if m.quiet {
		s.gate.Lock()
		defer s.gate.Unlock()
	}
	return m.what(s.rig)
}

// load makes n files that no word is in.
func (c *client) load(n int) error {
	defer c.hangUp()
	for i := 0; i < n; {
		var batch []*op
		for ; i < n && len(batch) < 200; i++ {
			batch = append(batch, &op{Client: c.number, Action: "CREATE", Path: fmt.Sprintf("%s/0/%d", c.storm.dir, i), Text: fmt.Sprintf("ballast %d", i)})
		}
		if err := c.do(batch); err != nil {
			return err
		}
	}
	return nil
}

// lookAround reads all there is.
func (c *client) lookAround() error {
	defer c.hangUp()
	for _, key := range keys {
		if err := c.do([]*op{{Client: c.number, Action: "SHOW", Path: c.storm.dir + key}}); err != nil {
			return err
		}
	}
	for _, q := range []string{"", "recursive=true", "q=milk&recursive=true", "q=k&recursive=true"} {
		if err := c.do([]*op{{Client: c.number, Action: "LIST", Path: c.storm.dir + "/", Query: q}}); err != nil {
			return err
		}
	}
	return nil
}
