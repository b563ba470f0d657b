package bench

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sttp"
)

// register is a snippet on a server that is right: what is sent takes effect at
// some moment before it is answered, or, if it never is, at any time or never.
type register struct {
	version uint32
	flying  []*flight // sent, and not yet in effect
	waiting []*flight // in effect, and not yet answered
}

// A server that is right is never accused, however its changes overlap and
// whatever becomes of the connections.
func TestWhatARightServerAnswersIsNeverCalledWrong(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newBook("/d", Workload{Snippets: 1, MinLength: 20, MaxLength: 30})
		s, r := &b.stays[0], &register{}
		change := func(action sttp.Action) *flight {
			f := &flight{action: action, path: s.path}
			f.version = s.begin()
			return f
		}
		first := change(sttp.Create)
		r.version = first.version
		s.answered(first.version)
		var reads []*flight
		t.Repeat(map[string]func(*rapid.T){
			"send":   func(t *rapid.T) { r.flying = append(r.flying, change(sttp.Update)) },
			"effect": func(t *rapid.T) { r.takeEffect(t) },
			"answer": func(t *rapid.T) {
				if f := pick(t, &r.waiting); f != nil {
					s.answered(f.version)
				}
			},
			"lose": func(t *rapid.T) {
				if i := len(r.flying); i > 0 {
					s.unanswered(r.flying[rapid.IntRange(0, i-1).Draw(t, "lost")].version)
				}
			},
			"lose the answer": func(t *rapid.T) {
				if f := pick(t, &r.waiting); f != nil {
					s.unanswered(f.version)
				}
			},
			"ask": func(t *rapid.T) {
				reads = append(reads, asking(s, 0))
			},
			"read": func(t *rapid.T) {
				f := pick(t, &reads)
				if f == nil {
					return
				}
				reply := Reply{Outcome: Success, Path: []byte(s.path), Contents: b.script.append(nil, 0, r.version)}
				if wrong, failed, _ := b.judge(f, reply, nil); wrong != "" || failed != "" {
					t.Fatalf("version %d is %s%s; asked at floor %d", r.version, wrong, failed, f.floor)
				}
			},
		})
	})
}

// takeEffect lets a change happen, or, since a lost one may be answered as well,
// leaves it to be so later.
func (r *register) takeEffect(t *rapid.T) {
	if f := pick(t, &r.flying); f != nil {
		r.version = f.version
		r.waiting = append(r.waiting, f)
	}
}

// pick takes one out of all, nil if there is none.
func pick(t *rapid.T, all *[]*flight) *flight {
	if len(*all) == 0 {
		return nil
	}
	i := rapid.IntRange(0, len(*all)-1).Draw(t, "which")
	f := (*all)[i]
	*all = slices.Delete(*all, i, i+1)
	return f
}

// written returns a book of one snippet whose given number of versions were
// written one after the other and answered.
func written(versions int) (*book, *snippet) {
	b := newBook("/d", Workload{Snippets: 200, MinLength: 30, MaxLength: 30})
	for range versions {
		b.stays[0].answered(b.stays[0].begin())
	}
	return b, &b.stays[0]
}

func TestEachWrongReplyToAShowHasItsKind(t *testing.T) {
	b, s := written(3)
	text := func(key int, version uint32) string { return string(b.script.append(nil, key, version)) }
	for name, c := range map[string]struct {
		reply Reply
		want  string
	}{
		"the newest":                {Reply{Outcome: Success, Contents: []byte(text(0, 3))}, ""},
		"an older one":              {Reply{Outcome: Success, Contents: []byte(text(0, 2))}, Stale},
		"one that was never sent":   {Reply{Outcome: Success, Contents: []byte(text(0, 4))}, Wrong},
		"another snippet's":         {Reply{Outcome: Success, Contents: []byte(text(1, 3))}, Wrong},
		"half new, half old":        {Reply{Outcome: Success, Contents: []byte(text(0, 3)[:15] + text(0, 2)[15:])}, Torn},
		"cut short":                 {Reply{Outcome: Success, Contents: []byte(text(0, 3)[:20])}, Torn},
		"cut short in its number":   {Reply{Outcome: Success, Contents: []byte(text(0, 3)[:2])}, Torn},
		"its end alone":             {Reply{Outcome: Success, Contents: []byte(text(0, 3)[20:])}, Torn},
		"nothing":                   {Reply{Outcome: Success, Contents: []byte{}}, Torn},
		"what nobody wrote":         {Reply{Outcome: Success, Contents: []byte("Buy milk")}, Wrong},
		"what nobody wrote, long":   {Reply{Outcome: Success, Contents: []byte(strings.Repeat("s ", 80))}, Wrong},
		"not found":                 {Reply{Outcome: Missing}, Lost},
		"the newest, another path":  {Reply{Outcome: Success, Path: []byte("/d/0/x.txt"), Contents: []byte(text(0, 3))}, Garbled},
		"an error":                  {Reply{Outcome: Failure, Status: 500}, "status 500"},
		"an error of another path ": {Reply{Outcome: Failure, Status: 500, Path: []byte("/x")}, Garbled},
	} {
		f := asking(s, 0)
		if wrong, failed, _ := b.judge(f, c.reply, nil); wrong+failed != c.want {
			t.Errorf("%s: %q, want %q", name, wrong+failed, c.want)
		}
	}
}

// Whatever took effect on a lost connection may do so late, and whoever has seen
// it must see it or what came after.
func TestWhatALostConnectionCarriedMayShowLate(t *testing.T) {
	b, s := written(2)
	lost := s.begin()
	s.unanswered(lost)
	next := s.begin()
	s.answered(next)
	show := func(version uint32) string {
		f := asking(s, 0)
		wrong, _, _ := b.judge(f, Reply{Outcome: Success, Contents: b.script.append(nil, 0, version)}, nil)
		return wrong
	}
	for version, want := range map[uint32]string{1: Stale, 2: Stale, lost: "", next: ""} {
		if got := show(version); got != want {
			t.Errorf("version %d is %q, want %q", version, got, want)
		}
	}
}

func TestASnippetThatComesAndGoesIsKnownToBeThereOrNot(t *testing.T) {
	b := newBook("/d", Workload{Snippets: 100, MinLength: 30, MaxLength: 30})
	key, create := b.take(true)
	if !create {
		t.Fatal("there is nothing to create")
	}
	s := b.snippet(key)
	do := func(action sttp.Action) {
		f := &flight{action: action, key: key, path: s.path}
		f.version = s.begin()
		if wrong, failed, _ := b.judge(f, Reply{Outcome: Success, Path: []byte(s.path)}, nil); wrong+failed != "" {
			t.Fatalf("%s is %s%s", action, wrong, failed)
		}
	}
	show := func(r Reply) string {
		f := asking(s, key)
		wrong, _, _ := b.judge(f, r, nil)
		return wrong
	}
	list := func(names string) string {
		return b.verifyList(0, []byte(names), b.floors(nil, 0))
	}
	again := func() string {
		f := &flight{action: sttp.Create, key: key, path: s.path}
		f.version = s.begin()
		wrong, failed, _ := b.judge(f, Reply{Outcome: Failure, Status: 300, Path: []byte(s.path)}, nil)
		return wrong + failed
	}
	var stay []string
	for i := range 100 {
		stay = append(stay, strings.TrimPrefix(b.stays[i].path, "/d/0/"))
	}
	slices.Sort(stay)
	without := strings.Join(stay, ", ")
	with := strings.TrimPrefix(s.path, "/d/0/") + ", " + without
	here := Reply{Outcome: Success, Contents: b.script.append(nil, key, 1)}
	gone := Reply{Outcome: Missing}
	for _, step := range []struct {
		action                        sttp.Action
		here, gone, listed, notListed string
	}{
		{sttp.Create, "", Lost, "", Lost},
		{sttp.Delete, Stale, "", Stale, ""},
	} {
		do(step.action)
		if got := show(here); got != step.here {
			t.Errorf("after %s its contents are %q, want %q", step.action, got, step.here)
		}
		if got := show(gone); got != step.gone {
			t.Errorf("after %s not found is %q, want %q", step.action, got, step.gone)
		}
		if got := list(with); got != step.listed {
			t.Errorf("after %s being listed is %q, want %q", step.action, got, step.listed)
		}
		if got := list(without); got != step.notListed {
			t.Errorf("after %s not being listed is %q, want %q", step.action, got, step.notListed)
		}
	}
	if got := again(); got != Stale {
		t.Errorf("that its path is taken after DELETE is %q, want %q", got, Stale)
	}
	for what, names := range map[string]string{
		"not sorted":  strings.Join(append(slices.Clone(stay[1:]), stay[0]), ", "),
		"twice":       stay[0] + ", " + without,
		"unknown":     without + ", z.txt",
		"elsewhere":   without + ", snippet_999.txt",
		"no number":   without + ", snippet_x.txt",
		"other comma": strings.Join(stay, ","),
	} {
		if got := list(names); got != Wrong {
			t.Errorf("a list with a name %s is %q, want %q", what, got, Wrong)
		}
	}
	if got := list(strings.Join(stay[1:], ", ")); got != Lost {
		t.Errorf("a list without a name that stays is %q, want %q", got, Lost)
	}
}

// asking returns a SHOW that is sent now.
func asking(s *snippet, key int) *flight {
	f := &flight{action: sttp.Show, key: key, path: s.path}
	f.floor, f.alive = s.bounds()
	return f
}
