package server_test

import (
	"runtime"
	"runtime/metrics"
	"testing"
	"time"

	"sttp/server"
)

// A silent connection keeps no buffer (16 KiB) and no stack that has grown.
func TestASilentConnectionKeepsLittleMemory(t *testing.T) {
	const conns = 500
	_, addr := start(t, newMapped(), server.Options{IdleTimeout: time.Hour})
	stack, heap := inUse()
	for range conns {
		c := dial(t, addr)
		c.send("SHOW /a\n")
		c.expect("400 /a NOT FOUND")
	}
	stacks, heaps := inUse()
	if each := (stacks - stack) / conns; each > smallStack+500 {
		t.Errorf("a silent connection keeps a stack of %d bytes", each)
	}
	if each := (heaps - heap) / conns; each > 6000 { // the test's own side included
		t.Errorf("a silent connection keeps %d bytes of heap", each)
	}
}

func inUse() (stack, heap int64) {
	runtime.GC()
	s := []metrics.Sample{{Name: "/memory/classes/heap/stacks:bytes"}, {Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s)
	return int64(s[0].Value.Uint64()), int64(s[1].Value.Uint64())
}
