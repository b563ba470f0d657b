//go:build unix

package main

import (
	"flag"
	"fmt"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"sttp/cache/redis/redistest"
	"sttp/internal/check"
)

var wholeEngines = flag.Bool("engines.whole", false, "check each storage engine with each cache by all cases, not only two of them")

// The combinations that are checked by all cases: between them they have each
// engine, and all that a cache can be. The others are checked by those that see
// what is between cache and engine: what is stale, out of order, or lost.
var (
	whole = map[string]bool{"files/memory": true, "sqlite/tiered": true}
	quick = []string{"STTP-2.1-PIPE-*", "STTP-5.4-LIST-01[13]", "STTP-5.8-CACHE-*", "STTP-5.8-RACE-009", "STTP-5.8-RACE-01[01]", "STTP-11.2-CHANGE-*", "STTP-11.2-RACE-*"}
)

func TestOurServerHoldsEveryCaseWithEachEngineAndCache(t *testing.T) {
	t.Parallel()
	server := quickRace + " " + built(t, "sttp-server") + " --config {config}"
	t.Run("of the guide", func(t *testing.T) {
		t.Parallel()
		r, err := check.Run(t.Context(), check.Options{Exec: server, Timeout: patient})
		holds(t, r, err)
	})
	if testing.Short() {
		return // the rest takes many seconds
	}
	redis := redistest.Start(t, redistest.Options{})
	// A group of its own: Redis ends after all of them.
	t.Run("of strict", func(t *testing.T) {
		for _, engine := range []string{"files", "sqlite"} {
			for _, cache := range []string{"none", "memory", "redis", "tiered"} {
				t.Run(engine+"/"+cache, func(t *testing.T) {
					t.Parallel()
					o := engineOptions(t, engine, cache, redis.Address())
					o.Exec = server
					all := whole[engine+"/"+cache] || *wholeEngines
					if !all {
						o.Only = quick
					}
					r, err := check.Run(t.Context(), o)
					holds(t, r, err)
					if r != nil && all {
						cannot := check.Need(0)
						if o.NoFiles {
							cannot = check.Files
						}
						allSelected(t, r, check.Strict, cannot)
					}
				})
			}
		}
	})
	if stats := redis.Do("INFO", "stats"); !regexp.MustCompile(`keyspace_hits:[1-9]\d\d`).MatchString(stats) {
		t.Errorf("Redis was hardly asked: %s", stats)
	}
}

// engineOptions are those of a run against a server with that engine and cache.
func engineOptions(t *testing.T, engine, cache, redis string) check.Options {
	backend := cache
	if cache == "none" {
		backend = "memory"
	}
	storage := fmt.Sprintf("{engine: %s, sqlite: {path: %q}}", engine, filepath.Join(t.TempDir(), "sttp.db"))
	return check.Options{
		Settings: fmt.Sprintf("storage: %s\ncache: {enabled: %t, backend: %s, redis: {address: %q, timeout: 10s}}\n", storage, cache != "none", backend, redis) +
			"limits: {request_timeout: 2s, write_timeout: 2s, idle_timeout: 5s}",
		NoFiles:        engine != "files",
		LineTime:       2 * time.Second,
		IdleTime:       5 * time.Second,
		Timeout:        patient,
		Profile:        check.Strict,
		RequireQueries: true,
	}
}
