package sqlite_test

import (
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"sttp/store"
	"sttp/store/sqlite"
	"sttp/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t testing.TB, file string, opts sqlite.Options) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(file, opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheContractOfAStoreIsKept(t *testing.T) {
	for name, durability := range map[string]sqlite.Durability{"sync": sqlite.Sync, "async": sqlite.Async} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, func(t *testing.T) store.Store {
				return open(t, filepath.Join(t.TempDir(), "sttp.db"), sqlite.Options{Durability: durability})
			})
			storetest.RunReopen(t, func(t *testing.T) func() store.Store {
				file := filepath.Join(t.TempDir(), "sttp.db")
				return func() store.Store { return open(t, file, sqlite.Options{Durability: durability}) }
			})
		})
	}
}

func TestAListLongerThanAReplyIsRefused(t *testing.T) {
	storetest.RunListLimit(t, func(t *testing.T) store.Store {
		return open(t, filepath.Join(t.TempDir(), "sttp.db"), sqlite.Options{Durability: sqlite.Async})
	})
}
