package proof

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"syscall"
	"time"
)

// weather is what breaks while a history is made.
type weather struct {
	name string
	plan func(rnd *rand.Rand, total int64) []mishap

	// ballast is how many other files are made before: so many that an engine
	// that has an index for searches uses it.
	ballast int
}

// calm is when nothing breaks.
func calm(*rand.Rand, int64) []mishap { return nil }

// weathers returns what may come over a combination, one of which each history
// has, in turn.
func (c combo) weathers() []weather {
	all := []weather{{name: "calm", plan: calm}, {name: "killed", plan: killedServer}, {name: "ended", plan: endedServer}}
	if c.engine == "sqlite" {
		all = append(all, weather{name: "many files", plan: calm, ballast: ballast})
	}
	if c.redis() {
		all = append(all, weather{name: "redis paused", plan: pausedRedis}, weather{name: "redis cut off", plan: cutRedis}, weather{name: "redis killed", plan: killedRedis},
			weather{name: "redis restored", plan: restoredRedis}, weather{name: "redis flushed", plan: flushedRedis}, weather{name: "both", plan: killedBoth})
	}
	return all
}

// between returns a random moment of a history of total operations, between two
// hundredths of it.
func between(rnd *rand.Rand, total, from, to int64) int64 {
	return total*from/100 + rnd.Int64N(max(1, total*(to-from)/100))
}

func killedServer(rnd *rand.Rand, total int64) []mishap {
	return []mishap{
		{at: between(rnd, total, 10, 50), what: kill},
		{at: between(rnd, total, 50, 90), what: kill},
		{at: total, what: kill},
	}
}

func endedServer(rnd *rand.Rand, total int64) []mishap {
	return []mishap{{at: between(rnd, total, 20, 80), what: func(r *rig) error { return r.restart(syscall.SIGTERM) }}}
}

func pausedRedis(rnd *rand.Rand, total int64) []mishap {
	return []mishap{
		{at: between(rnd, total, 15, 35), what: (*rig).pauseRedis},
		{at: between(rnd, total, 50, 70), what: (*rig).resumeRedis, quiet: rnd.IntN(2) == 0},
	}
}

func cutRedis(rnd *rand.Rand, total int64) []mishap {
	return []mishap{
		{at: between(rnd, total, 15, 35), what: (*rig).cutRedis},
		{at: between(rnd, total, 45, 65), what: (*rig).cutRedis, quiet: true},
		{at: between(rnd, total, 70, 90), what: (*rig).cutRedis},
	}
}

func killedRedis(rnd *rand.Rand, total int64) []mishap {
	return []mishap{
		{at: between(rnd, total, 15, 35), what: (*rig).killRedis},
		{at: between(rnd, total, 45, 65), what: (*rig).startRedis, quiet: rnd.IntN(2) == 0},
		{at: between(rnd, total, 75, 90), what: (*rig).startRedis},
	}
}

// restoredRedis comes back with what it had before.
func restoredRedis(rnd *rand.Rand, total int64) []mishap {
	return []mishap{
		{at: between(rnd, total, 20, 30), what: (*rig).saveRedis},
		{at: between(rnd, total, 35, 45), what: (*rig).killRedis},
		{at: between(rnd, total, 55, 75), what: (*rig).startRedis, quiet: true},
	}
}

func flushedRedis(rnd *rand.Rand, total int64) []mishap {
	return []mishap{
		{at: between(rnd, total, 10, 50), what: (*rig).flushRedis},
		{at: between(rnd, total, 50, 90), what: (*rig).flushRedis},
	}
}

func killedBoth(rnd *rand.Rand, total int64) []mishap {
	return []mishap{
		{at: between(rnd, total, 15, 30), what: (*rig).pauseRedis},
		{at: between(rnd, total, 30, 45), what: kill},
		{at: between(rnd, total, 50, 65), what: (*rig).resumeRedis},
		{at: between(rnd, total, 70, 90), what: kill},
	}
}

func kill(r *rig) error { return r.restart(syscall.SIGKILL) }

func (r *rig) pauseRedis() error {
	r.other++
	r.redis.Pause()
	return nil
}

func (r *rig) resumeRedis() error {
	r.redis.Resume()
	return r.awaitRedis()
}

func (r *rig) killRedis() error {
	r.other++
	r.redis.Kill()
	return nil
}

// startRedis starts it again, also if it runs.
func (r *rig) startRedis() error {
	r.other++
	r.redis.Restart()
	return r.awaitRedis()
}

// cutRedis has Redis close all connections.
func (r *rig) cutRedis() error {
	r.other++
	for _, kind := range []string{"normal", "pubsub"} {
		r.redis.Do("CLIENT", "KILL", "TYPE", kind)
	}
	return r.awaitRedis()
}

func (r *rig) saveRedis() error {
	r.redis.Do("SAVE")
	return nil
}

func (r *rig) flushRedis() error {
	r.other++
	r.redis.Do("FLUSHALL")
	return nil
}

// awaitRedis waits until the server uses Redis: until what it is asked for gets
// there.
func (r *rig) awaitRedis() error {
	address, _, err := r.address()
	if err != nil {
		return err
	}
	limit := time.NewTimer(awayLimit)
	defer limit.Stop()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for before := r.redis.Calls()["get"]; ; {
		if _, err := ask(address, "SHOW /nobody/has/this"); err != nil {
			return err
		}
		if now := r.redis.Calls()["get"]; now > before {
			return nil
		}
		select {
		case <-again.C:
		case <-limit.C:
			return fmt.Errorf("the server does not use Redis although it could for %v", awayLimit)
		}
	}
}

// awayLimit is how long a server may take to find out that Redis is back: a few
// times as long as it waits between two attempts.
const awayLimit = 10 * time.Second

// ask sends a line on a connection of its own, and returns the reply.
func ask(address, line string) (string, error) {
	conn, err := net.DialTimeout("tcp", address, replyLimit)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(replyLimit))
	if _, err := io.WriteString(conn, line+"\n\n"); err != nil {
		return "", err
	}
	reply, err := io.ReadAll(conn)
	return string(reply), err
}

// ballast is more than what a search looks at before it asks an index.
const ballast = 2200
