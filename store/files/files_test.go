package files_test

import (
	"testing"

	"go.uber.org/goleak"

	"sttp/store"
	"sttp/store/files"
	"sttp/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open returns the Store on a docroot, which the test has to close.
func open(t *testing.T, dir string, opts files.Options) *files.Store {
	t.Helper()
	s, err := files.Open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Shows [5.2-4] [5.4-9] [5.8-1] [5.8-2] of docs/protocol.md.
func TestTheEngineKeepsTheContractOfAStore(t *testing.T) {
	for name, durability := range map[string]files.Durability{"sync": files.Sync, "async": files.Async} {
		opts := files.Options{Durability: durability}
		empty := func(t *testing.T) store.Store { return open(t, t.TempDir(), opts) }
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, empty)
			storetest.RunReopen(t, func(t *testing.T) func() store.Store {
				dir := t.TempDir()
				return func() store.Store { return open(t, dir, opts) }
			})
			if durability == files.Async {
				storetest.RunListLimit(t, empty)
			}
		})
	}
}
