package sqlite

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"sttp"
)

func TestChangesBehindManyThatWereWithdrawnAreNotForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		ctx, cancel := context.WithCancel(t.Context())
		outcomes := make(chan error, maxBatch)
		for range maxBatch {
			go func() { outcomes <- q.do(ctx, sttp.Delete, "/withdrawn", "") }()
		}
		synctest.Wait()
		go q.do(t.Context(), sttp.Delete, "/wanted", "")
		synctest.Wait()
		cancel()
		for range maxBatch {
			if err := <-outcomes; !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
		}
		batch, open := q.take(nil, maxBatch)
		if len(batch) != 1 || batch[0].path != "/wanted" || !open {
			t.Errorf("the writer got %d changes, and that there will be more is %v; it would wait for ever", len(batch), open)
		}
		answer(batch)
	})
}
