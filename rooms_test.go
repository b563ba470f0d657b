package sttp_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// What each package of this module may import of it (docs/architecture.md). A
// package that is not here, or imports something else, needs a change of the
// plan first. "…" stands for anything; tests are free.
var rooms = map[string][]string{
	"sttp":                          {},
	"sttp/internal/wire":            {"sttp"},
	"sttp/server":                   {"sttp", "sttp/internal/wire"},
	"sttp/client":                   {"sttp", "sttp/internal/wire"},
	"sttp/store":                    {"sttp"},
	"sttp/store/files":              {"sttp", "sttp/store", "sttp/internal/fault"},
	"sttp/store/sqlite":             {"sttp", "sttp/store", "sttp/internal/fault"},
	"sttp/store/storetest":          {"sttp", "sttp/store"},
	"sttp/cache":                    {"sttp", "sttp/internal/fault"},
	"sttp/cache/memory":             {"sttp/cache"},
	"sttp/cache/cachetest":          {"sttp/cache"},
	"sttp/cache/redis":              {"sttp", "sttp/cache", "sttp/internal/fault"},
	"sttp/cache/redis/redistest":    {},
	"sttp/internal/service":         {"sttp", "sttp/store", "sttp/internal/fault"},
	"sttp/internal/config":          {"sttp/internal/cli"},
	"sttp/internal/fault":           {},
	"sttp/internal/proof":           {},
	"sttp/internal/cli":             {},
	"sttp/internal/cli/clitest":     {},
	"sttp/internal/check":           {},
	"sttp/internal/check/report":    {"sttp/internal/check", "sttp/internal/cli"},
	"sttp/internal/check/zoo":       {},
	"sttp/internal/bench":           {"sttp", "sttp/internal/wire"},
	"sttp/internal/bench/report":    {"sttp", "sttp/internal/bench", "sttp/internal/cli"},
	"sttp/internal/bench/guide":     {"sttp", "sttp/client", "sttp/internal/bench"},
	"sttp/internal/bench/search":    {"sttp/internal/bench"},
	"sttp/internal/bench/compare":   {"sttp/internal/bench"},
	"sttp/internal/bench/peers":     {"sttp", "sttp/internal/bench"},
	"sttp/internal/bench/benchtest": {},
	"sttp/internal/mirror":          {"sttp", "sttp/client"},
	"sttp/cmd/sttp-server":          {"…"},
	"sttp/cmd/sttp-client":          {"…"},
	"sttp/cmd/sttp-check":           {"…"},
	"sttp/cmd/sttp-bench":           {"…"},
}

// Packages that stand on the standard library alone.
var plain = []string{"sttp", "sttp/internal/wire", "sttp/server", "sttp/client", "sttp/store", "sttp/cache", "sttp/cache/memory", "sttp/internal/service"}

type listed struct {
	ImportPath string
	Name       string
	Imports    []string
}

func TestEveryPackageImportsOnlyWhatItsRoomMay(t *testing.T) {
	for _, p := range packages(t) {
		allowed, known := rooms[p.ImportPath]
		if !known {
			t.Errorf("%s has no room in the plan", p.ImportPath)
			continue
		}
		for _, imported := range p.Imports {
			ours := imported == "sttp" || strings.HasPrefix(imported, "sttp/")
			switch {
			case ours && !slices.Contains(allowed, imported) && !slices.Contains(allowed, "…"):
				t.Errorf("%s imports %s", p.ImportPath, imported)
			case strings.HasPrefix(imported, "sttp/cmd/"):
				t.Errorf("%s imports a program, %s", p.ImportPath, imported)
			case !ours && strings.Contains(strings.Split(imported, "/")[0], ".") && slices.Contains(plain, p.ImportPath):
				t.Errorf("%s imports %s, and is to stand on the standard library alone", p.ImportPath, imported)
			}
		}
	}
}

func packages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Name,Imports", "./...").Output()
	if err != nil {
		var failed *exec.ExitError
		if errors.As(err, &failed) {
			err = errors.New(string(failed.Stderr))
		}
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < len(rooms) {
		t.Fatalf("go list found %d packages, fewer than the plan has", len(all))
	}
	return all
}
