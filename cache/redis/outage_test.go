//go:build unix

package redis_test

import (
	"bufio"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sttp/cache/redis"
	"sttp/cache/redis/redistest"
)

// wantAway wants that calls return at once, whatever they ask.
func (k *kept) wantAway() {
	k.t.Helper()
	begun := time.Now()
	for range 100 {
		if e := k.get("/a.txt")[0]; e.Found || e.Lease.Token != "" {
			k.t.Fatalf("%+v, and Redis is gone", e)
		}
		k.remove("/a.txt")
	}
	if d := time.Since(begun); d > time.Second {
		k.t.Errorf("200 calls took %v, while Redis is gone", d)
	}
	if !k.Stats().Away {
		k.t.Error("it does not say that Redis is gone")
	}
}

// wantLines wants so many lines that Redis is gone, and that it is back.
func (k *kept) wantLines(n int) {
	k.t.Helper()
	if k.log.count(gone) != n || k.log.count(back) != n {
		k.t.Errorf("want %d lines each way:\n%s", n, k.log)
	}
	if k.log.count("cannot be used yet") > 0 {
		k.t.Errorf("there are other lines:\n%s", k.log)
	}
}

func TestItStartsWithoutRedisAndFindsItLater(t *testing.T) {
	s := redistest.Start(t, redistest.Options{})
	s.Kill()
	begun := time.Now()
	k := open(t, s, redis.Options{})
	if d := time.Since(begun); d > patience/2 {
		t.Errorf("Open took %v", d)
	}
	line := k.log.wait(t, gone)
	if !strings.Contains(line, "start Redis") {
		t.Errorf("it says nothing of what to do: %s", line)
	}
	k.wantAway()
	s.Restart()
	k.log.wait(t, back)
	k.put("/a.txt", "text")
	k.wantLines(1)
}

// What is kept in Redis from an earlier life is not read, whether Redis has it
// still or not, and whoever had a lease then has none.
func TestARestartBeginsAnEpoch(t *testing.T) {
	for _, saved := range []bool{false, true} {
		s := redistest.Start(t, redistest.Options{})
		k := ready(t, s, redis.Options{})
		k.put("/a.txt", "old")
		old := k.lease("/b.txt")
		if saved {
			s.Do("SAVE")
		}
		s.Kill()
		k.log.wait(t, gone)
		k.wantAway()
		s.Restart()
		k.log.wait(t, back)
		if n := s.Do("DBSIZE"); saved != (n != "0") {
			t.Errorf("saved %v, and Redis has %s keys", saved, n)
		}
		k.wantMiss("/a.txt")
		k.fill("/b.txt", "stale", old)
		k.wantMiss("/b.txt")
		k.put("/c.txt", "new")
		k.wantLines(1)
	}
}

// The connection alone is lost, and Redis has everything still.
func TestAnotherConnectionBeginsAnEpoch(t *testing.T) {
	s := redistest.Start(t, redistest.Options{})
	k := ready(t, s, redis.Options{})
	k.put("/a.txt", "old")
	s.Do("CLIENT", "KILL", "TYPE", "normal")
	k.log.wait(t, gone)
	k.log.wait(t, back)
	k.wantMiss("/a.txt")
	if n, _ := strconv.Atoi(s.Do("DBSIZE")); n < 2 {
		t.Errorf("Redis has %d keys, want the old one and a lease", n)
	}
	k.put("/b.txt", "new")
	k.wantLines(1)
}

// While Redis does not answer, each call that is under way waits for the timeout,
// together with all others, and those that come later not at all.
func TestNobodyWaitsLongerThanTheTimeoutAndOnce(t *testing.T) {
	const timeout = 300 * time.Millisecond
	s := redistest.Start(t, redistest.Options{})
	k := ready(t, s, redis.Options{Timeout: timeout})
	k.put("/a.txt", "old")
	s.Pause()
	begun := time.Now()
	var calls sync.WaitGroup
	for i := range 1500 { // more than rueidis has room for
		calls.Go(func() {
			if i%2 == 0 {
				k.get("/a.txt")
			} else {
				k.remove("/b.txt")
			}
		})
	}
	calls.Wait()
	if d := time.Since(begun); d < timeout/2 || d > 10*timeout {
		t.Errorf("they took %v, want %v", d, timeout)
	}
	k.log.wait(t, gone)
	k.wantAway()
	s.Resume()
	k.log.wait(t, back)
	k.wantMiss("/a.txt")
	k.put("/c.txt", "new")
	k.wantLines(1)
}

// What could not be removed is never found again, although it is still there.
func TestARemoveThatDoesNotComeThroughEndsTheEpoch(t *testing.T) {
	s := redistest.Start(t, redistest.Options{})
	k := ready(t, s, redis.Options{})
	k.put("/a.txt", "old")
	name := k.key(s, "/a.txt")
	lease := k.lease("/b.txt")
	s.Do("ACL", "SETUSER", "default", "-del") // it answers, and does not do it
	k.remove("/a.txt", "/b.txt")
	k.fill("/b.txt", "stale", lease)
	k.wantMiss("/a.txt")
	if !k.Stats().Away {
		t.Error("Redis is still in use")
	}
	if line := k.log.wait(t, gone); !strings.Contains(line, "NOPERM") || !strings.Contains(line, "+del") {
		t.Errorf("the log does not say what to do: %s", line)
	}
	s.Do("ACL", "SETUSER", "default", "+del")
	k.log.wait(t, back)
	k.wantMiss("/a.txt")
	k.wantMiss("/b.txt")
	want(t, s.Do("GET", name), "Vold")
}

func TestRedisThatSleepsIsLeft(t *testing.T) {
	s := redistest.Start(t, redistest.Options{Args: []string{"--enable-debug-command", "yes"}})
	k := ready(t, s, redis.Options{Timeout: 100 * time.Millisecond})
	k.put("/a.txt", "old")
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Try("DEBUG", "SLEEP", "1")
	}()
	for range 1 << 20 {
		begun := time.Now()
		k.get("/a.txt")
		if d := time.Since(begun); d > time.Second {
			t.Errorf("a call took %v", d)
		}
		if k.Stats().Away {
			break
		}
	}
	k.log.wait(t, gone)
	k.log.wait(t, back)
	<-done
	k.wantMiss("/a.txt")
	k.wantLines(1)
}

// What Redis has thrown away for all clients is forgotten, and nothing more: the
// connection stays.
func TestAnEmptiedRedisBeginsAnEpoch(t *testing.T) {
	s := redistest.Start(t, redistest.Options{})
	k := ready(t, s, redis.Options{})
	for range 3 {
		k.put("/a.txt", "old")
		old := k.lease("/b.txt")
		epochs := k.Stats().Epochs
		s.Do("FLUSHALL")
		for k.Stats().Epochs == epochs { // a PING is answered behind the news
			s.Do("PING")
		}
		k.wantMiss("/a.txt")
		k.fill("/b.txt", "stale", old)
		k.wantMiss("/b.txt")
		k.remove("/a.txt", "/b.txt")
	}
	k.wantLines(0)
}

// What Redis answers may say that it cannot keep anything now. It is left until
// it can, which a PING would not show.
func TestRedisThatRefusesIsLeftUntilItDoesNot(t *testing.T) {
	tests := map[string]struct{ refuse, allow []string }{
		"OOM":        {[]string{"CONFIG", "SET", "maxmemory", "1"}, []string{"CONFIG", "SET", "maxmemory", "0"}},
		"READONLY":   {[]string{"REPLICAOF", "127.0.0.1", "1"}, []string{"REPLICAOF", "NO", "ONE"}},
		"NOREPLICAS": {[]string{"CONFIG", "SET", "min-replicas-to-write", "1"}, []string{"CONFIG", "SET", "min-replicas-to-write", "0"}},
		"NOPERM":     {[]string{"ACL", "SETUSER", "default", "-set"}, []string{"ACL", "SETUSER", "default", "+set"}},
	}
	for word, test := range tests {
		t.Run(word, func(t *testing.T) {
			t.Parallel()
			s := redistest.Start(t, redistest.Options{})
			k := ready(t, s, redis.Options{})
			k.put("/a.txt", "old")
			s.Do(test.refuse...)
			k.wantMiss("/b.txt")
			line := k.log.wait(t, gone)
			if !strings.Contains(line, word) || !strings.Contains(line, "do=") {
				t.Errorf("the log does not say what to do: %s", line)
			}
			k.wantAway()
			s.Do(test.allow...)
			k.log.wait(t, back)
			k.wantMiss("/a.txt")
			k.put("/c.txt", "new")
			k.wantLines(1)
		})
	}
}

// A Redis that lets a server in and fails it at once, again and again, is tried
// ever more seldom, and does not fill the log.
func TestRedisThatGoesAgainAtOnceIsGone(t *testing.T) {
	s := redistest.Start(t, redistest.Options{})
	k := ready(t, s, redis.Options{})
	for range 4 {
		epochs := k.Stats().Epochs
		s.Do("CLIENT", "KILL", "TYPE", "normal")
		for end := time.Now().Add(patience); k.Stats().Epochs == epochs; {
			if time.Now().After(end) {
				t.Fatalf("it does not come back:\n%s", k.log)
			}
			time.Sleep(time.Millisecond) // a count has nothing to wait for
		}
	}
	k.log.wait(t, back)         // the first time at once
	line := k.log.wait(t, back) // and then when it has stayed
	k.wantLines(2)
	_, away, _ := strings.Cut(line, "away=")
	if d, err := time.ParseDuration(away); err != nil || d < time.Second {
		t.Errorf("it was away for %v (%v): %s", d, err, line) // it had to last a second
	}
	s.Do("CLIENT", "KILL", "TYPE", "normal")
	k.log.wait(t, gone)
	_, away, _ = strings.Cut(k.log.wait(t, back), "away=")
	if d, err := time.ParseDuration(away); err != nil || d > 350*time.Millisecond {
		t.Errorf("after a good time it was away for %v (%v)", d, err)
	}
}

// One that is not there is not asked all the time.
func TestAttemptsBecomeSeldom(t *testing.T) {
	t.Parallel()
	var attempts atomic.Int64
	address := impostor(t, func(net.Conn, *bufio.Reader) { attempts.Add(1) })
	k := open(t, nil, redis.Options{Address: address})
	time.Sleep(time.Second) // what is counted is how many there are in it
	k.Close()
	if n := attempts.Load(); n < 2 || n > 8 { // 0, 50, 150, 350 and 750 ms, at half the time or more
		t.Errorf("%d attempts in a second", n)
	}
}

// A call that was answered in time ends nothing later.
func TestAConnectionOutlivesTheTimeoutOfACall(t *testing.T) {
	const timeout = 500 * time.Millisecond
	k := ready(t, redistest.Start(t, redistest.Options{}), redis.Options{Timeout: timeout})
	k.put("/a", "text")
	for begun := time.Now(); time.Since(begun) < timeout+100*time.Millisecond; {
		k.want("/a", "text")
		time.Sleep(time.Millisecond) // it is to last, and not to be busy
	}
	if n := k.Stats().Epochs; n != 1 {
		t.Errorf("%d epochs:\n%s", n, k.log)
	}
}

// A reader that has waited for its lease waits no longer for its fill than what
// is left.
func TestAGetAndItsFillTogetherWaitForTheTimeout(t *testing.T) {
	const timeout = 400 * time.Millisecond
	s := redistest.Start(t, redistest.Options{})
	k := ready(t, s, redis.Options{Timeout: timeout})
	spent, short := k.lease("/spent"), k.lease("/short")
	if spent.Waited <= 0 || spent.Waited > timeout {
		t.Errorf("a lease took %v", spent.Waited)
	}
	spent.Waited, short.Waited = timeout, 3*timeout/4
	s.Pause()
	begun := time.Now()
	k.fill("/spent", "text", spent)
	if d := time.Since(begun); d > timeout/2 || k.Stats().Away {
		t.Errorf("a fill without time took %v:\n%s", d, k.log)
	}
	k.fill("/short", "text", short)
	if d := time.Since(begun); d < timeout/8 || d > 3*timeout/4 || !k.Stats().Away {
		t.Errorf("a fill with a quarter of the time took %v:\n%s", d, k.log)
	}
	s.Resume()
	k.log.wait(t, back)
}
