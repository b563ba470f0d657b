package sqlite

import (
	"testing"
	"unsafe"
)

// A server's next request stands where the path of this one stood.
func TestWhatIsPendingBorrowsNoPath(t *testing.T) {
	x := newIndex(Options{SearchIndex: true})
	x.behind = false
	for range 2 {
		buffer := []byte("/d/a.txt")
		x.changed(unsafe.String(&buffer[0], len(buffer)), "text")
		copy(buffer, "scribble")
	}
	all, useful := x.view("/d/", "/d0")
	if !useful || len(all) != 1 || all[0].path != "/d/a.txt" {
		t.Errorf("pending: %v, %t", all, useful)
	}
}
