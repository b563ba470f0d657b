package proof

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// Memory that has room for all the files of a history would answer all there is to
// answer from a cache, and what is wrong in Redis would never show.
func TestTheFilesOfAHistoryAreAnsweredByRedisBehindTheMemory(t *testing.T) {
	notShort(t)
	r := newRig(t, combo{"files", "tiered"}, build(t))
	if err := r.awaitRedis(); err != nil {
		t.Fatal(err)
	}
	want := func(line, reply string) {
		t.Helper()
		if got, err := ask(r.now.address, line); err != nil || got != reply {
			t.Errorf("%s: got %q, %v, want %q", line, got, err, reply)
		}
	}
	for _, key := range keys {
		want("CREATE "+key+" kept", "100 "+key+" CREATED\n")
		want("SHOW "+key, "200 "+key+" OK\nkept\n")
	}
	for _, key := range keys { // as an editor does
		if err := os.WriteFile(filepath.Join(r.dir, "files", key), []byte("edited"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	before := r.redis.Calls()["get"]
	for _, key := range keys {
		want("SHOW "+key, fmt.Sprintf("200 %s OK\nkept\n", key))
	}
	if asked := r.redis.Calls()["get"] - before; asked < len(keys)/2 {
		t.Errorf("Redis was asked for %d of %d files", asked, len(keys))
	}
}
