package search_test

import (
	"runtime"
	"sync"
	"time"
)

// holdUp makes this process late: again and again all its processors are taken
// for some milliseconds by something else. What it returns ends that.
func holdUp() (stop func()) {
	end := make(chan struct{})
	var burning sync.WaitGroup
	for range 2 * runtime.GOMAXPROCS(0) {
		burning.Go(func() {
			for {
				for begun := time.Now(); time.Since(begun) < 8*time.Millisecond; {
				}
				select {
				case <-end:
					return
				case <-time.After(40 * time.Millisecond):
				}
			}
		})
	}
	return func() { close(end); burning.Wait() }
}
