package check_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"sttp/internal/check"
)

var update = flag.Bool("update", false, "write docs/conformance.md and the list of IDs anew")

func catalogue(t *testing.T) []*check.Case {
	t.Helper()
	all, err := check.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var statement = regexp.MustCompile(`(?m)^- \*\*\[([0-9]+\.[0-9]+-[0-9]+)\]\*\*`)

func TestEveryStatementOfTheProtocolHasACaseAndNoCaseShowsAnotherOne(t *testing.T) {
	shown := map[string]bool{}
	for _, c := range catalogue(t) {
		for _, s := range c.Statements {
			shown[s] = true
		}
	}
	found := statement.FindAllStringSubmatch(readFile(t, "../../docs/protocol.md"), -1)
	if len(found) < 150 {
		t.Fatalf("only %d statements were found", len(found))
	}
	for _, m := range found {
		if !shown[m[1]] {
			t.Errorf("no case shows [%s]", m[1])
		}
		delete(shown, m[1])
	}
	for s := range shown {
		t.Errorf("a case shows [%s], which docs/protocol.md does not have", s)
	}
}

func TestAnIDIsForEver(t *testing.T) {
	const file = "testdata/ids.txt"
	known := strings.Fields(readFile(t, file))
	var all []string
	for _, c := range catalogue(t) {
		all = append(all, c.ID)
	}
	for _, id := range known {
		if !slices.Contains(all, id) {
			t.Errorf("%s was in the catalogue and is not any more", id)
		}
	}
	added := slices.DeleteFunc(all, func(id string) bool { return slices.Contains(known, id) })
	if *update {
		lines := slices.Sorted(slices.Values(append(known, added...)))
		if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if len(added) > 0 {
		t.Errorf("not in %s yet (make conformance adds them): %v", file, added)
	}
}

// storyOf is the story that brings an action.
var storyOf = map[string]string{"CREATE": "create", "SHOW": "show", "LIST": "list", "DELETE": "delete", "UPDATE": "update"}

func TestACaseNeedsNoActionOfALaterStory(t *testing.T) {
	place := map[string]int{}
	for i, s := range check.Stories() {
		if s.Guide {
			place[s.Name] = i
		}
	}
	for _, c := range catalogue(t) {
		of, inGuide := place[c.Story]
		if !inGuide || c.Level(check.Guide) == check.Unchecked {
			continue
		}
		action := ""
		for _, line := range c.Lines() {
			verb, rest, _ := strings.Cut(line, " ")
			word, _, _ := strings.Cut(rest, " ")
			switch {
			case verb == ">":
				action = word
			case verb == "<" && (word == "100" || word == "200" || word == "600") && place[storyOf[action]] > of:
				t.Errorf("%s of story %s needs %s", c.ID, c.Story, action)
			}
		}
	}
}

func TestTheLineForNetcatSendsWhatTheCaseSends(t *testing.T) {
	t.Parallel()
	script := strings.Builder{}
	// What a pipe would give to netcat goes to the output, with a mark behind it:
	// a process for each of so many lines takes seconds.
	marked := strings.NewReplacer(" | nc HOST PORT", "; printf '\\1'", " | nc -N HOST PORT", "; printf '\\1'")
	var want []string
	for _, c := range catalogue(t) {
		if c.Run != nil || c.Netcat != "" {
			continue
		}
		script.WriteString(marked.Replace(c.Try()) + "\n")
		for _, sent := range check.SentBytes(c) {
			want = append(want, c.ID+"\x00"+sent)
		}
	}
	cmd := exec.CommandContext(t.Context(), "sh")
	cmd.Stdin = strings.NewReader(script.String())
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(strings.TrimSuffix(string(out), "\x01"), "\x01")
	if len(got) != len(want) {
		t.Fatalf("%d connections, want %d", len(got), len(want))
	}
	for i, w := range want {
		id, bytes, _ := strings.Cut(w, "\x00")
		// A talk that ends with a whole line is ended with an empty one.
		if g := got[i]; g != bytes && g != bytes+"\n" {
			t.Errorf("%s: sends %q, its line for netcat %q", id, bytes, g)
		}
	}
}

// A MUST that comes after something less would be left untested, and the
// verdict open, by a server that has a good reason to do otherwise.
func TestAMustComesAfterMustsAndChoicesAlone(t *testing.T) {
	byID := map[string]*check.Case{}
	for _, c := range catalogue(t) {
		byID[c.ID] = c
		for _, p := range []check.Profile{check.Guide, check.Strict} {
			for _, id := range c.After {
				before := byID[id].Level(p)
				if c.Level(p) == check.Must && (before == check.Should || before == check.Robust) {
					t.Errorf("%s is a MUST in %v and comes after %s, which is a %v", c.ID, p, id, before)
				}
			}
		}
	}
}

// A byte that is no text makes a page of the catalogue a binary file, and harms
// a terminal.
func TestWhatIsSaidOfACaseIsText(t *testing.T) {
	for _, c := range catalogue(t) {
		for _, text := range append(c.Lines(), c.Title, c.Accepts, c.Try(), fmt.Sprint(c.Hints)) {
			if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
				t.Errorf("%s: %q", c.ID, text)
			}
		}
	}
}

func TestNoCaseHasTwoHintsOnOneSymptom(t *testing.T) {
	for _, c := range catalogue(t) {
		said := map[check.Symptom]bool{}
		for _, h := range c.Hints {
			if said[h.On] {
				t.Errorf("%s has two hints on %q", c.ID, h.On)
			}
			said[h.On] = true
		}
	}
}

func TestALineForNetcatDoesNotEndTheSessionThatTheServerHasToEnd(t *testing.T) {
	for _, c := range catalogue(t) {
		if c.ID == "STTP-2.5-METHOD-001" && strings.Contains(c.Try(), `\n\n`) {
			t.Errorf("%s: %s has an empty line", c.ID, c.Try())
		}
	}
}

func TestALineForNetcatNamesTheServer(t *testing.T) {
	for _, c := range catalogue(t) {
		for _, place := range []string{"HOST PORT", "HOST:PORT", "HOST/PORT"} {
			if line := check.NetcatAt(c, "example.org:8080"); strings.Contains(line, place) {
				t.Errorf("%s: %s", c.ID, line)
			}
		}
	}
}

func TestALineForNetcatHasItsOwnDirectoryEverywhere(t *testing.T) {
	for _, c := range catalogue(t) {
		if line := check.NetcatAt(c, "example.org:8080"); !strings.Contains(line, "seq ") && strings.Contains(line, `LIST /try\n`) {
			t.Errorf("%s lists what others have made: %s", c.ID, line)
		}
	}
}

func TestWhoTakesNoSettingsFileIsNotAskedForSettingsByTheGuide(t *testing.T) {
	all, err := check.Select(check.Options{Exec: "x", Only: []string{"STTP-5.8-UNCACHED-001"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		command string
		profile check.Profile
		left    int
	}{
		{"server.py {port} {docroot}", check.Guide, 1},
		{"server.py {port} {docroot}", check.Strict, 0},
		{"server {config}", check.Guide, 0},
	} {
		if left := check.LeftOutOf(check.Options{Exec: test.command, Profile: test.profile}, all); len(left) != test.left {
			t.Errorf("%q, %v: %+v", test.command, test.profile, left)
		}
	}
}
