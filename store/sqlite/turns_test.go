package sqlite

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

func TestLongReadsStopWhileOneIsToBeAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns(4)
		if err := turns.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
		quit, goOn, ended := make(chan struct{}), make(chan struct{}), make(chan error, 3)
		begun := false
		alone := func() error { begun = true; <-goOn; return nil }
		go func() { ended <- turns.alone(quit, alone) }()
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		go func() { ended <- turns.enter(ctx) }()
		synctest.Wait()
		if begun {
			t.Error("it does not wait for a read that is running")
		}
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("a read whose context has ended: %v", err)
		}
		turns.leave()
		synctest.Wait()
		go func() { ended <- turns.enter(t.Context()) }()
		synctest.Wait()
		if !begun || len(ended) > 0 {
			t.Errorf("begun is %v when all have ended, and %d others have begun", begun, len(ended))
		}
		close(goOn)
		if err := errors.Join(<-ended, <-ended); err != nil {
			t.Error(err)
		}
		turns.leave()
	})
}

func TestWhoWaitsToBeAloneCanBeToldToQuit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns(4)
		for range cap(turns.slots) {
			if err := turns.enter(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		quit, ended := make(chan struct{}), make(chan error)
		go func() {
			ended <- turns.alone(quit, func() error { t.Error("it is not alone"); return nil })
		}()
		synctest.Wait()
		close(quit)
		if err := <-ended; err != nil {
			t.Error(err)
		}
		for range cap(turns.slots) {
			turns.leave()
		}
		if err := turns.enter(t.Context()); err != nil {
			t.Error(err)
		}
		turns.leave()
	})
}
