//go:build unix

package redistest_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"sttp/cache/redis/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func want(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestServersAreApartAndForgetUnlessToldToSave(t *testing.T) {
	a, b := redistest.Start(t, redistest.Options{}), redistest.Start(t, redistest.Options{TCP: true})
	for _, s := range []*redistest.Server{a, b} {
		s.Do("SET", "key", s.Address())
	}
	want(t, a.Do("GET", "key"), a.Address())
	want(t, b.Do("GET", "key"), b.Address())
	a.Do("SAVE")
	a.Restart()
	b.Restart()
	want(t, a.Do("GET", "key"), a.Address())
	want(t, b.Do("GET", "key"), "")
	if n := b.Calls()["get"]; n != 1 {
		t.Errorf("%d GETs, want 1", n)
	}
}

func TestAPausedServerAnswersNothingUntilItGoesOn(t *testing.T) {
	s := redistest.Start(t, redistest.Options{})
	s.Pause()
	done := make(chan string, 1)
	go func() {
		reply, _ := s.Try("PING")
		done <- reply
	}()
	select {
	case reply := <-done:
		t.Errorf("it answered %q", reply)
	case <-time.After(20 * time.Millisecond):
	}
	s.Resume()
	want(t, <-done, "PONG")
	s.Pause()
	s.Kill() // also while it is paused
	if _, err := s.Try("PING"); err == nil {
		t.Error("a killed server answered")
	}
}
