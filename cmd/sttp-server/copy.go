package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"

	"sttp"
	"sttp/internal/cli"
	"sttp/store"
)

// copiers is how many snippets are copied or compared at once, so that changes
// share their syncs.
const copiers = 256

// copying copies what one store holds to another one.
type copying struct {
	from, to  store.Store
	fromNames func(context.Context) iter.Seq2[sttp.Path, error]
	toNames   func(context.Context) iter.Seq2[sttp.Path, error]
	progress  *cli.Progress

	mu     sync.Mutex
	unfit  map[string]bool // what cannot be copied, by its name; has been told
	differ int             // what was found to differ at the end; has been told
	copied atomic.Int64
}

// run copies everything, and compares what is there then, name by name and text
// by text. What cannot be copied or differs is told as a note and counted. An
// error means that the work did not come to its end.
func (c *copying) run(ctx context.Context) error {
	c.unfit = make(map[string]bool)
	total, err := c.count(ctx)
	if err != nil {
		return err
	}
	c.progress.Stage("copying", total)
	if err := c.each(ctx, c.pass, c.copy); err != nil {
		return err
	}
	c.progress.Stage("verifying", int(c.copied.Load()))
	return c.each(ctx, c.merge, c.compare)
}

// count returns how many names there are, and notes those that are no names.
func (c *copying) count(ctx context.Context) (int, error) {
	c.progress.Stage("looking", 0)
	n := 0
	for path, err := range c.fromNames(ctx) {
		if err := c.refused(path, err); err != nil {
			return 0, err
		}
		if err == nil {
			n++
			c.progress.Add(1)
		}
	}
	return n, nil
}

// refused notes that err says why something is no snippet, once for each, and
// returns any other error.
func (c *copying) refused(path sttp.Path, err error) error {
	var u *unfit
	switch {
	case err == nil:
		return nil
	case errors.As(err, &u):
	case errors.Is(err, store.ErrNotSnippet), errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrPathNotFound),
		errors.Is(err, store.ErrIsDirectory), errors.Is(err, store.ErrExists), errors.Is(err, store.ErrOccupied),
		errors.Is(err, store.ErrInTheWay), errors.Is(err, store.ErrCannotCreatePath):
		u = &unfit{path.String(), err.Error()}
	default:
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.unfit[u.name] {
		c.unfit[u.name] = true
		c.progress.Note("not copied: " + u.Error())
	}
	return nil
}

// each has many goroutines do something for each path that source yields, until
// one of them fails.
func (c *copying) each(ctx context.Context, source func(context.Context, func(sttp.Path) bool) error, do func(context.Context, sttp.Path) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	paths := make(chan sttp.Path, 4*copiers)
	var group sync.WaitGroup
	for range copiers {
		group.Go(func() {
			for path := range paths {
				if ctx.Err() != nil {
					continue // drain
				}
				if err := do(ctx, path); err != nil {
					cancel(err)
					continue
				}
				c.progress.Add(1)
			}
		})
	}
	err := source(ctx, func(path sttp.Path) bool {
		select {
		case paths <- path:
			return true
		case <-ctx.Done():
			return false
		}
	})
	close(paths)
	group.Wait()
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// pass yields the paths of the source.
func (c *copying) pass(ctx context.Context, yield func(sttp.Path) bool) error {
	for path, err := range c.fromNames(ctx) {
		if err := c.refused(path, err); err != nil {
			return err
		}
		if err == nil && !yield(path) {
			return nil
		}
	}
	return nil
}

func (c *copying) copy(ctx context.Context, path sttp.Path) error {
	contents, err := c.from.Show(ctx, path)
	if err == nil {
		err = c.to.Create(ctx, path, contents)
	}
	if err == nil {
		c.copied.Add(1)
		return nil
	}
	return c.refused(path, err)
}

// merge goes through the names of both stores side by side. It yields the paths
// that both have, and notes those that one has alone.
func (c *copying) merge(ctx context.Context, yield func(sttp.Path) bool) error {
	nextFrom, stopFrom := iter.Pull2(c.fromNames(ctx))
	defer stopFrom()
	nextTo, stopTo := iter.Pull2(c.toNames(ctx))
	defer stopTo()
	from, err := c.next(nextFrom)
	if err != nil {
		return err
	}
	to, err := c.next(nextTo)
	for err == nil && (from != sttp.Path{} || to != sttp.Path{}) {
		switch {
		case from == to:
			if !yield(from) {
				return nil
			}
			if from, err = c.next(nextFrom); err == nil {
				to, err = c.next(nextTo)
			}
		case to == sttp.Path{} || from != sttp.Path{} && from.String() < to.String():
			c.alone(from, "it is missing in the copy")
			from, err = c.next(nextFrom)
		default:
			c.alone(to, "it is in the copy alone")
			to, err = c.next(nextTo)
		}
	}
	return err
}

// next returns the next path, or the zero Path at the end.
func (c *copying) next(next func() (sttp.Path, error, bool)) (sttp.Path, error) {
	for {
		path, err, more := next()
		if !more {
			return sttp.Path{}, nil
		}
		if err == nil {
			return path, nil
		}
		if err := c.refused(path, err); err != nil {
			return sttp.Path{}, err
		}
	}
}

// alone notes a path that one of the stores has alone, unless it has been told
// why it was not copied.
func (c *copying) alone(path sttp.Path, what string) {
	c.mu.Lock()
	told := c.unfit[path.String()]
	c.mu.Unlock()
	if !told {
		c.differs(path, what)
	}
}

func (c *copying) differs(path sttp.Path, what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.differ++
	c.progress.Note(fmt.Sprintf("differs: %s: %s", path, what))
}

func (c *copying) compare(ctx context.Context, path sttp.Path) error {
	want, err := c.from.Show(ctx, path)
	if err == nil {
		var got sttp.Contents
		got, err = c.to.Show(ctx, path)
		if err == nil && got.String() != want.String() {
			c.differs(path, "the text is another one")
		}
	}
	switch {
	case err == nil:
	case errors.Is(err, store.ErrNotSnippet), errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrPathNotFound), errors.Is(err, store.ErrIsDirectory):
		c.alone(path, err.Error())
	default:
		return err
	}
	return nil
}
