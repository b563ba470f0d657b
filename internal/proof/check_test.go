package proof

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/anishathalye/porcupine"

	"sttp"
)

// verdict is what a history turned out to be.
type verdict struct {
	violations []string
	unknown    int // files for which the checker ran out of time
	files      map[string][]*op
	bad        map[string]int // 1 for those that are not linearizable
}

func (v *verdict) violate(format string, args ...any) {
	v.violations = append(v.violations, fmt.Sprintf(format, args...))
}

// impossible returns an operation that found a file as it cannot have been then,
// whatever the order: what it saw had been replaced before it was called, or was
// written after it had returned. That is quickly found, and easily understood.
func impossible(ops []*op) *op {
	for _, o := range ops {
		fits := func(text string) bool { return text == o.Contents }
		switch out := o.outcome(); {
		case out == refused && o.Action == "CREATE", out == done && (o.Action == "UPDATE" || o.Action == "DELETE"):
			fits = func(text string) bool { return text != absent }
		case out == refused, out == done && o.Action == "CREATE":
			fits = func(text string) bool { return text == absent }
		case out != done:
			continue
		}
		if !mayBe(ops, o, fits) {
			return o
		}
	}
	return nil
}

// check judges a history that began with nothing below its directory: replies
// that make no sense, each file as a register, and each LIST. failures tells
// whether a 500 is among what may come.
func check(ops []*op, failures bool) *verdict {
	files := map[string][]*op{}
	v := &verdict{files: files, bad: map[string]int{}}
	for _, o := range ops {
		switch out := o.outcome(); {
		case out == odd, out == failed && !failures:
			v.violate("this is no reply to it: %v", o)
		case o.Action != "LIST":
			files[o.Path] = append(files[o.Path], o)
		}
	}
	for file, ops := range files {
		if stale := impossible(ops); stale != nil {
			v.violate("%s was not like that at that time: %v", file, stale)
			v.bad[file] = 1
			continue
		}
		switch linearizable(ops) {
		case porcupine.Illegal:
			v.violate("%s is not linearizable", file)
			v.bad[file] = 1
		case porcupine.Unknown:
			v.unknown++
		}
	}
	for _, o := range ops {
		if o.Action == "LIST" && o.outcome() <= refused {
			checkList(v, o, files)
		}
	}
	return v
}

// checkList judges what a LIST says of each file. A LIST is no snapshot, so each
// is looked at for itself, and only changes count: what was acknowledged before
// the LIST was sent is in it, and what was deleted before is not.
func checkList(v *verdict, o *op, files map[string][]*op) {
	q := o.query()
	if o.outcome() == refused { // then nothing at all is there
		q = &sttp.Query{Recursive: true}
	}
	names, ok := listed(v, o, q)
	if !ok {
		return
	}
	full := q != nil && q.Limit > 0 && len(names) == q.Limit
	shown := map[string][]string{} // the files that stand behind a name
	for file := range files {
		if name, ok := nameOf(o.Path, file, q); ok {
			shown[name] = append(shown[name], file)
		}
	}
	for _, name := range names {
		if len(shown[name]) == 0 {
			v.violate("%q was never there: %v", name, o)
		}
	}
	matches := matcher(q)
	for name, behind := range shown {
		_, isListed := slices.BinarySearch(names, name)
		beyond := full && name > names[len(names)-1]
		if !isListed && !beyond {
			for _, file := range behind {
				if !mayBe(relevant(files[file], o.query()), o, func(text string) bool { return !matches(text) }) {
					v.violate("%s is missing in %v", file, o)
				}
			}
		} else if isListed && !slices.ContainsFunc(behind, func(file string) bool {
			return mayBe(relevant(files[file], o.query()), o, matches)
		}) {
			v.violate("%q should not be in %v", name, o)
		}
	}
}

// relevant returns the changes that count for a LIST. An UPDATE counts for one with
// a query alone: it changes no name, so that the reply to it does not say that a
// LIST from a cache knows of the CREATE before it, which is not answered yet.
func relevant(ops []*op, q *sttp.Query) []*op {
	if q != nil {
		return ops
	}
	return slices.DeleteFunc(slices.Clone(ops), func(o *op) bool { return o.Action == "UPDATE" })
}

// listed returns the names in the reply to a LIST, and false if there is more
// wrong with them than what they are.
func listed(v *verdict, o *op, q *sttp.Query) ([]string, bool) {
	if o.Contents == "" {
		return nil, true
	}
	names := strings.Split(o.Contents, ", ")
	for i, name := range names {
		if i > 0 && name <= names[i-1] || q != nil && name <= q.After {
			v.violate("%q is not where it should be in %v", name, o)
			return nil, false
		}
	}
	if q != nil && q.Limit > 0 && len(names) > q.Limit {
		v.violate("more names than the limit in %v", o)
		return nil, false
	}
	return names, true
}

// nameOf returns the name under which a LIST of dir shows a file, and false if
// it never does.
func nameOf(dir, file string, q *sttp.Query) (string, bool) {
	below, ok := strings.CutPrefix(file, strings.TrimSuffix(dir, "/")+"/")
	if !ok {
		return "", false
	}
	if q == nil {
		q = &sttp.Query{}
	}
	top, _, deep := strings.Cut(below, "/")
	switch {
	case deep && !q.Recursive && (q.Contains != "" || q.Name != ""):
		return "", false
	case deep && !q.Recursive:
		below = top + "/"
	}
	if q.Name != "" {
		if ok, err := path.Match(q.Name, path.Base(below)); err != nil || !ok {
			return "", false
		}
	}
	return below, below > q.After
}

// matcher returns what tells whether a query asks for a file with that text, or
// absent. It folds cases as regular expressions do, and not as the engines.
func matcher(q *sttp.Query) func(text string) bool {
	if q == nil || q.Contains == "" {
		return func(text string) bool { return text != absent }
	}
	pattern := regexp.MustCompile("(?i)" + regexp.QuoteMeta(q.Contains))
	return func(text string) bool { return text != absent && pattern.MatchString(text) }
}

// mayBe tells whether a file can have been in a state that fits at a moment of
// the operation: because of a change that was called before that had returned,
// and that was not replaced by another one, between its return and the
// operation's call.
func mayBe(changes []*op, at *op, fits func(text string) bool) bool {
	replaced := int64(0) // the latest call of what was acknowledged before
	for _, c := range changes {
		if c.Action != "SHOW" && c.outcome() == done && c.Return < at.Call {
			replaced = max(replaced, c.Call)
		}
	}
	if replaced == 0 && fits(absent) {
		return true
	}
	return slices.ContainsFunc(changes, func(c *op) bool {
		out, text := c.outcome(), c.Text
		if c == at || c.Action == "SHOW" || out != done && out != open || c.Call > at.Return {
			return false
		}
		if c.Action == "DELETE" {
			text = absent
		}
		ended := max(c.Return, c.Until) // 0: nobody knows when
		return (ended == 0 || ended >= replaced) && fits(text)
	})
}
