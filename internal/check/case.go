// Package check tells whether a server of the Short Text Transfer Protocol is
// right. It talks to the server as clients do, good ones and bad ones, and
// judges what comes back by the statements of docs/protocol.md.
//
// The catalogue is a list of records, one for each Case; Run carries them out
// and returns a Report. Nothing is shared with a server: what a reply has to be
// stands in the records, byte for byte.
package check

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
)

// Case is one record of the catalogue: something that a server has to do, and
// how to find out whether it does. Exactly one of Ask, Talk and Run is set.
type Case struct {
	// ID never changes its meaning and is never given to another case. It holds
	// the section of the first statement: STTP-5.5-UPDATE-001.
	ID string
	// Title says what is promised, as a sentence about the server.
	Title string
	// Statements are those of docs/protocol.md that the case shows, as "5.5-1".
	Statements []string
	Story      string
	// Strict and Guide are the levels in the two profiles.
	Strict, Guide Level
	Needs         Need
	// After names cases without which this one says nothing.
	After []string

	// Ask is a talk in which every request has a connection of its own, so that
	// any server can take part. Talk is one on a single connection, byte for byte
	// as it stands. talk.go says how they are written.
	Ask, Talk string
	// Run is for what a talk cannot say; Accepts then says what it accepts.
	Run     func(*T)
	Accepts string
	// sampled is the talk that Run carries out with many samples; see each.
	sampled string

	// Hints say what is probably wrong, by symptom. They come before the general
	// ones.
	Hints []Hint
	// Netcat reproduces the case in a shell, with HOST and PORT for the server.
	// It is made from Ask or Talk if it is empty.
	Netcat string
	// Slow marks a case that waits for the server's time limits. It runs beside
	// the others.
	Slow bool
	// Limit is how long the case may take if that is more than caseLimit.
	Limit time.Duration
}

// Hint says what is probably wrong when a case shows a symptom.
type Hint struct {
	On  Symptom
	Say string
}

// Need is a set of things that a case cannot do without. A case whose needs are
// not met is left out, and the report says so.
type Need uint

const (
	// KeptOpen: the server answers more than one request on a connection. In
	// profile strict that is asked of every server, so nothing is left out.
	KeptOpen Need = 1 << iota
	// Exec: the checker starts the server itself.
	Exec
	// Files: the server keeps snippets as files of a docroot. Implies Exec.
	Files
	// Client: a client is checked, not a server.
	Client
	// Linux: the checker runs on Linux.
	Linux
	// Config: the command of Exec takes a settings file. In profile strict that is
	// asked of every command, so nothing is left out.
	Config
	// Queries: the server implements queries (docs/protocol.md, section 11.2), or
	// the run requires it to.
	Queries
)

var needs = map[Need]string{
	KeptOpen: "a server that keeps connections open",
	Exec:     "--exec",
	Files:    "--exec and a server on files",
	Client:   "--client",
	Linux:    "Linux",
	Config:   "--exec with {config} in the command",
	Queries:  "queries, which a server may do without",
}

// Strings returns the needs, each as it is to be read.
func (n Need) Strings() []string {
	var all []string
	for bit := KeptOpen; bit <= Queries; bit <<= 1 {
		if n&bit != 0 {
			all = append(all, needs[bit])
		}
	}
	return all
}

// Level returns the level of the case in profile p.
func (c *Case) Level(p Profile) Level {
	if p == Strict {
		return c.Strict
	}
	return c.Guide
}

// Section returns the section of docs/protocol.md that the ID names.
func (c *Case) Section() string { return strings.Split(c.ID, "-")[1] }

var idForm = regexp.MustCompile(`^STTP-([0-9]+\.[0-9]+)-([A-Z]+)-([0-9]{3})$`)

// valid tells what is wrong with the record, if anything.
func (c *Case) valid() error {
	var errs []error
	complain := func(format string, args ...any) { errs = append(errs, fmt.Errorf(c.ID+": "+format, args...)) }
	if m := idForm.FindStringSubmatch(c.ID); m == nil {
		complain("an ID has the form STTP-5.5-UPDATE-001")
	} else if len(c.Statements) == 0 || !strings.HasPrefix(c.Statements[0], m[1]+"-") {
		complain("the first statement, of %q, is not of the section in the ID", c.Statements)
	}
	if c.Title == "" || strings.HasSuffix(c.Title, ".") || unicode.IsLower(rune(c.Title[0])) {
		complain("a title is a sentence without its full stop")
	}
	if _, err := storyIndex(c.Story); err != nil {
		complain("%v", err)
	}
	if c.Strict == Unchecked {
		complain("a case has a level in profile strict")
	}
	if n := count(c.Ask != "", c.Talk != "", c.Run != nil); n != 1 {
		complain("%d of Ask, Talk and Run are set", n)
	}
	if c.Run != nil && (c.Accepts == "" || c.Netcat == "") {
		complain("a case that runs code says what it accepts and has a line for netcat")
	}
	if c.Run == nil {
		if _, err := c.steps(); err != nil {
			complain("%v", err)
		}
	}
	return errors.Join(errs...)
}

func count(conditions ...bool) (n int) {
	for _, c := range conditions {
		if c {
			n++
		}
	}
	return n
}

// Lines returns the talk of the case as talk.go has it, one step a line, or
// nothing if the case runs code. A sample stands there as "§".
func (c *Case) Lines() []string {
	var lines []string
	for _, line := range strings.Split(c.Ask+c.Talk+c.sampled, "\n") {
		if line = strings.TrimLeft(line, "\t"); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// steps returns the talk of the case, if it has one.
func (c *Case) steps() ([]step, error) {
	if c.Ask != "" {
		return parseTalk(c.Ask, true)
	}
	return parseTalk(c.Talk, false)
}

// Catalogue returns all cases in the order in which they run: by story, then by
// section and number, but each after those of its story that it says nothing
// without. It fails if a record is wrong, which a test rules out.
//
// The records are the same at each call, and are not to be changed.
func Catalogue() ([]*Case, error) {
	all, err := catalogue()
	return slices.Clone(all), err
}

var catalogue = sync.OnceValues(makeCatalogue)

func makeCatalogue() ([]*Case, error) {
	var all []*Case
	var errs []error
	place := map[string]int{}
	for _, group := range groups() {
		for i := range group {
			group[i].Hints = onePerSymptom(group[i].Hints)
			all = append(all, &group[i])
			errs = append(errs, group[i].valid())
		}
	}
	sortCases(all)
	all = afterOthers(all)
	for i, c := range all {
		if _, twice := place[c.ID]; twice {
			errs = append(errs, fmt.Errorf("%s is there twice", c.ID))
		}
		place[c.ID] = i
	}
	for i, c := range all {
		for _, id := range c.After {
			if before, there := place[id]; !there || before >= i {
				errs = append(errs, fmt.Errorf("%s comes after %s, which is not before it in the catalogue", c.ID, id))
			}
		}
	}
	return all, errors.Join(errs...)
}

// onePerSymptom leaves out hints that are never given: those on a symptom that
// has one before, as a case's own hint is before those it shares with others.
func onePerSymptom(hints []Hint) (given []Hint) {
	for _, h := range hints {
		if !slices.ContainsFunc(given, func(g Hint) bool { return g.On == h.On }) {
			given = append(given, h)
		}
	}
	return given
}

// afterOthers moves the cases of a story that others name in After before these.
func afterOthers(all []*Case) []*Case {
	byID := map[string]*Case{}
	for _, c := range all {
		byID[c.ID] = c
	}
	moved := make([]*Case, 0, len(all))
	seen := map[*Case]bool{}
	var add func(*Case)
	add = func(c *Case) {
		if seen[c] {
			return
		}
		seen[c] = true
		for _, id := range c.After {
			if before := byID[id]; before != nil && before.Story == c.Story {
				add(before)
			}
		}
		moved = append(moved, c)
	}
	for _, c := range all {
		add(c)
	}
	return moved
}

// sortCases sorts by story, then by section and number.
func sortCases(all []*Case) {
	places := map[string]int{}
	for i, s := range Stories() {
		places[s.Name] = i
	}
	type key struct{ story, section int }
	keys := make(map[*Case]key, len(all))
	for _, c := range all {
		keys[c] = key{places[c.Story], sectionNumber(c.Section())}
	}
	slices.SortStableFunc(all, func(a, b *Case) int {
		return cmp.Or(keys[a].story-keys[b].story, keys[a].section-keys[b].section, strings.Compare(a.ID, b.ID))
	})
}

// sectionNumber returns a number by which "5.10" comes behind "5.9".
func sectionNumber(section string) int {
	chapter, rest, _ := strings.Cut(section, ".")
	a, _ := strconv.Atoi(chapter)
	b, _ := strconv.Atoi(rest)
	return 1000*a + b
}
