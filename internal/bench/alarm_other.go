//go:build !linux

package bench

import (
	"context"
	"time"
)

// alarm wakes a goroutine at a time.
type alarm struct{ ctx context.Context }

func newAlarm() (*alarm, error) { return &alarm{ctx: context.Background()}, nil }

// watch makes sleep return at once when ctx has ended. The function that it
// returns ends that.
func (a *alarm) watch(ctx context.Context) (stop func() bool) {
	a.ctx = ctx
	return func() bool { return true }
}

// sleep returns after d, or when what watch watches has ended.
func (a *alarm) sleep(d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-a.ctx.Done():
	}
}

func (a *alarm) close() {}
