package files_test

import (
	"testing"

	"sttp/store"
	"sttp/store/files"
	"sttp/store/storetest"
)

// open returns the Store on a docroot, which the test has to close.
func open(t *testing.T, dir string, opts files.Options) *files.Store {
	t.Helper()
	s, err := files.Open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheEngineKeepsTheContractOfAStore(t *testing.T) {
	for name, durability := range map[string]files.Durability{"sync": files.Sync, "async": files.Async} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, func(t *testing.T) store.Store {
				return open(t, t.TempDir(), files.Options{Durability: durability})
			})
			storetest.RunReopen(t, func(t *testing.T) func() store.Store {
				dir := t.TempDir()
				return func() store.Store { return open(t, dir, files.Options{Durability: durability}) }
			})
		})
	}
}
