package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sttp/cache/redis/redistest"
)

// combination is an engine and a cache.
type combination struct{ engine, cache string }

func (c combination) String() string { return c.engine + " and " + c.cache }

// combinations are all that there are.
func combinations() (all []combination) {
	for _, engine := range []string{"files", "sqlite"} {
		for _, cache := range []string{"no cache", "memory", "redis", "tiered"} {
			all = append(all, combination{engine, cache})
		}
	}
	return all
}

// args returns the settings of a combination whose storage is in dir and whose
// Redis is at an address.
func (c combination) args(dir, redis string) []string {
	args := []string{"--docroot=" + filepath.Join(dir, "files")}
	if c.engine == "sqlite" {
		args = []string{"--storage-engine=sqlite", "--storage-sqlite-path=" + filepath.Join(dir, "sttp.db")}
	}
	switch c.cache {
	case "no cache":
		return append(args, "--cache-enabled=false")
	case "memory":
		return args
	}
	// A busy machine must not look like a slow Redis.
	return append(args, "--cache-backend="+c.cache, "--cache-redis-address="+redis, "--cache-redis-timeout=5s")
}

// talk is what each combination is asked and answers, before it is killed and
// after.
const (
	before = "CREATE /n/a.txt Buy milk\nSHOW /n/a.txt\nSHOW /n/a.txt\nUPDATE /n/a.txt Buy oat milk\nSHOW /n/a.txt\n" +
		"CREATE /n/b.txt x\nLIST /n\nDELETE /n/b.txt\nLIST /n\nLIST /?q=OAT&recursive=true\nCREATE /n/a.txt y\nSHOW /n/a.txt"
	answered = "100 /n/a.txt CREATED\n200 /n/a.txt OK\nBuy milk\n200 /n/a.txt OK\nBuy milk\n200 /n/a.txt OK\nBuy oat milk\n200 /n/a.txt OK\nBuy oat milk\n" +
		"100 /n/b.txt CREATED\n200 /n OK\na.txt, b.txt\n600 /n/b.txt DELETED\n200 /n OK\na.txt\n200 / OK\nn/a.txt\n" +
		"300 /n/a.txt CLIENT ERROR \"the file exists already; replace its contents with UPDATE\"\n200 /n/a.txt OK\nBuy oat milk\n"
	after     = "SHOW /n/a.txt\nSHOW /n/a.txt\nLIST /n\nSHOW /n/b.txt\nLIST /?q=milk&recursive=true"
	isStill   = "200 /n/a.txt OK\nBuy oat milk\n200 /n/a.txt OK\nBuy oat milk\n200 /n OK\na.txt\n400 /n/b.txt NOT FOUND\n200 / OK\nn/a.txt\n"
	elsewhere = "400 /n NOT FOUND\n" // in a new store beside it
)

// askEach sends lines one after the other, on a connection of its own each, so
// that no reply is made without looking at what was kept before. It returns all
// replies.
func askEach(addr, lines string) (string, error) {
	all := ""
	for line := range strings.SplitSeq(lines, "\n") {
		reply, err := ask(addr, line)
		if err != nil {
			return all, err
		}
		all += reply
	}
	return all, nil
}

func TestEveryEngineWithEveryCacheServesAndSurvivesAKill(t *testing.T) {
	redis := redistest.Start(t, redistest.Options{})
	for _, c := range combinations() {
		t.Run(c.String(), func(t *testing.T) {
			dir := t.TempDir()
			args := c.args(dir, redis.Address())
			redis.Do("FLUSHALL")
			p := spawn(t, "", args...)
			if got, err := askEach(p.addr, before); got != answered {
				t.Fatalf("it answers %v\n%s\nnot\n%s", err, got, answered)
			}
			if inRedis := c.cache == "redis" || c.cache == "tiered"; (redis.Do("DBSIZE") != "0") != inRedis {
				t.Errorf("there are %s keys in Redis", redis.Do("DBSIZE"))
			}
			refused, err := exec.Command(program, append(args, "--port=0")...).CombinedOutput()
			if exit := new(exec.ExitError); !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(string(refused), "is owned by another running server") {
				t.Errorf("a second server says %v:\n%s", err, refused)
			}
			p.cmd.Process.Kill()
			p.wait()
			p = spawn(t, "", args...)
			if got, err := askEach(p.addr, after); got != isStill {
				t.Errorf("after a kill it answers %v\n%s\nnot\n%s", err, got, isStill)
			}
			beside := spawn(t, "", c.args(t.TempDir(), redis.Address())...)
			if got, err := ask(beside.addr, "LIST /n"); got != elsewhere {
				t.Errorf("a server beside it answers %q, %v", got, err)
			}
			for _, p := range []*process{p, beside} {
				p.signal(os.Interrupt)
				if code := p.wait(); code != 0 {
					t.Errorf("it exits with %d:\n%s", code, p.stderr)
				}
			}
		})
	}
}

func TestARedisThatIsMissingIsNoFailure(t *testing.T) {
	for _, cache := range []string{"redis", "tiered"} {
		begun := time.Now()
		p := spawn(t, "", append(combination{"sqlite", cache}.args(t.TempDir(), filepath.Join(t.TempDir(), "no.sock")), "--log-level=warn")...)
		if got, err := askEach(p.addr, before); got != answered {
			t.Errorf("with %s it answers %v\n%s\nnot\n%s", cache, err, got, answered)
		}
		p.signal(os.Interrupt)
		if code := p.wait(); code != 0 || time.Since(begun) > 10*time.Second {
			t.Errorf("with %s it exits with %d after %v", cache, code, time.Since(begun))
		}
		if log := p.stderr.String(); strings.Count(log, "\n") != 1 || !strings.Contains(log, "no.sock") {
			t.Errorf("with %s the log has\n%s", cache, log)
		}
	}
}

func TestAPasswordReachesRedisAndNothingElse(t *testing.T) {
	const password = "hunter2-and-more"
	redis := redistest.Start(t, redistest.Options{Args: []string{"--requirepass", password}, Password: password})
	for given, answers := range map[string]bool{password: true, "hunter2-and-less": false} {
		t.Setenv("STTP_CACHE_REDIS_PASSWORD", given)
		p := spawn(t, "", append(combination{"files", "redis"}.args(t.TempDir(), redis.Address()), "--log-level=debug")...)
		if got, err := askEach(p.addr, before); got != answered {
			t.Errorf("it answers %v\n%s\nnot\n%s", err, got, answered)
		}
		p.signal(os.Interrupt)
		p.wait()
		said := p.greeting + p.stderr.String()
		if strings.Contains(said, "hunter2") || strings.Contains(said, "WRONGPASS") == answers {
			t.Errorf("with the password %q it says\n%s", given, said)
		}
	}
}

func TestTheGreetingSaysWhereTheSnippetsAndTheCacheAre(t *testing.T) {
	dir := t.TempDir()
	for c, want := range map[combination][]string{
		{"files", "no cache"}: {"files in      " + dir + "/files (sync)", "cache         off"},
		{"files", "memory"}:   {"cache         at most 100 files and 10 MiB, which expire after 5m0s"},
		{"sqlite", "redis"}:   {"SQLite in     " + dir + "/sttp.db (sync)", "cache         Redis at " + dir + "/no.sock, where entries expire after 5m0s"},
		{"sqlite", "tiered"}:  {"cache         at most 100 files and 10 MiB, in front of Redis at " + dir + "/no.sock; entries expire after 5m0s"},
	} {
		s := startServer(t, c.args(dir, dir+"/no.sock")...)
		s.stop()
		for _, line := range want {
			if !strings.Contains(s.stdout.String(), "\n  "+line+"\n") {
				t.Errorf("%v says\n%s\nwithout %s", c, s.stdout, line)
			}
		}
		if log := s.stderr.String(); !strings.Contains(log, "engine="+c.engine+" path="+dir) {
			t.Errorf("%v leaves in the log\n%s", c, log)
		}
	}
}
