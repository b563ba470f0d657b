package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"sttp"
	"sttp/store"
	"sttp/store/sqlite"
)

// Set in the environment of a process that is this test's child: the file of
// the database and how durable it is.
const (
	childFile  = "STTP_TEST_SQLITE_FILE"
	childAsync = "STTP_TEST_SQLITE_ASYNC"
)

// Each client makes one change after the other to a file of its own: version 1
// creates it, 2 and 3 update it, 4 deletes it, and so on. Some share directories
// that come and go.
const clients = 16

func clientPath(client int) string { return fmt.Sprintf("/d%d/e/f%d.txt", client%5, client) }

// versionText is what a file holds in a version, long enough for a torn one to
// show, and "" when there is none.
func versionText(client, version int) string {
	if version%4 == 0 {
		return ""
	}
	return strings.Repeat(fmt.Sprintf("%d.%d;", client, version), 12)
}

// step makes the change that leads to version.
func step(ctx context.Context, s store.Store, file sttp.Path, client, version int) error {
	contents, err := sttp.ParseContents(versionText(client, version))
	if err != nil {
		return err
	}
	switch version % 4 {
	case 0:
		return s.Delete(ctx, file)
	case 1:
		return s.Create(ctx, file, contents)
	}
	return s.Update(ctx, file, contents)
}

// TestChild is no test. It is the process that TestNothing… kills: it makes
// changes, and says which ones it was told have succeeded.
func TestChild(t *testing.T) {
	file := os.Getenv(childFile)
	if file == "" {
		t.Skip("this is for the child of another test")
	}
	opts := sqlite.Options{SearchIndex: true}
	if os.Getenv(childAsync) != "" {
		opts.Durability = sqlite.Async
	}
	s := open(t, file, opts)
	var running sync.WaitGroup
	for client := range clients {
		file := mustPath(t, clientPath(client))
		version := versionOf(t, s, client)
		running.Go(func() {
			for {
				version++
				if err := step(t.Context(), s, file, client, version); err != nil {
					t.Error(err)
					return
				}
				fmt.Printf("made %d %d\n", client, version) // one write each
			}
		})
	}
	running.Wait()
}

// versionOf returns a version that is what is there: where a file is missing,
// 0 tells nothing of how often it was deleted.
func versionOf(t *testing.T, s *sqlite.Store, client int) (version int) {
	t.Helper()
	c, err := s.Show(t.Context(), mustPath(t, clientPath(client)))
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrPathNotFound) {
		return 0
	}
	must(t, err)
	if _, err := fmt.Sscanf(c.String(), fmt.Sprintf("%d.%%d;", client), &version); err != nil {
		t.Fatalf("%s holds %q", clientPath(client), c)
	}
	return version
}

func TestNothingAcknowledgedIsLostWhenTheProcessIsKilled(t *testing.T) {
	for name, async := range map[string]string{"sync": "", "async": "yes"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "s.db")
			var known [clients]int
			for range 3 {
				killWhileItChanges(t, file, async, &known)
				s := open(t, file, sqlite.Options{SearchIndex: true})
				for client := range clients {
					checkVersion(t, s, client, known[client])
					known[client] = versionOf(t, s, client)
				}
				checkSearches(t, s)
				must(t, s.Close())
			}
		})
	}
}

// killWhileItChanges runs a child until it has said that it made some hundred
// changes, kills it, and notes the last version of each file that it made.
func killWhileItChanges(t *testing.T, file, async string, known *[clients]int) {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestChild$", "-test.timeout=60s")
	child.Env = append(os.Environ(), childFile+"="+file, childAsync+"="+async)
	out, err := child.StdoutPipe()
	must(t, err, child.Start())
	made := 0
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var client, version int
		if _, err := fmt.Sscanf(lines.Text(), "made %d %d", &client, &version); err != nil {
			t.Log(lines.Text())
			continue
		}
		known[client] = version
		if made++; made == 400 {
			must(t, child.Process.Kill())
		}
	}
	if child.Wait(); made < 400 {
		t.Errorf("only %d changes were made before the process was killed", made)
	}
}

// checkVersion checks that a file is as it was acknowledged, or as the change
// after that would make it.
func checkVersion(t *testing.T, s *sqlite.Store, client, version int) {
	t.Helper()
	c, err := s.Show(t.Context(), mustPath(t, clientPath(client)))
	if err != nil && !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrPathNotFound) {
		t.Fatal(err)
	}
	if got := c.String(); got != versionText(client, version) && got != versionText(client, version+1) {
		t.Errorf("%s holds %q; version %d was acknowledged", clientPath(client), got, version)
	}
}

// checkSearches checks that a search finds every file by what it holds.
func checkSearches(t *testing.T, s *sqlite.Store) {
	t.Helper()
	for client := range clients {
		version := versionOf(t, s, client)
		if version == 0 {
			continue
		}
		q := &sttp.Query{Contains: fmt.Sprintf("%d.%d;%d.%d;", client, version, client, version), Recursive: true}
		names, err := s.List(t.Context(), sttp.Root, q)
		if err != nil || len(names) == 0 {
			t.Errorf("%s is not found by %q: %q, %v", clientPath(client), q.Contains, names, err)
		}
	}
}
