package proof

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"

	"sttp"
)

// verdict is what a history turned out to be.
type verdict struct {
	violations []string
	unknown    int            // files for which the checker ran out of time
	bad        map[string]int // 1 for those that are not linearizable
	keys       map[string][]porcupine.Operation
}

func (v *verdict) violate(format string, args ...any) {
	v.violations = append(v.violations, fmt.Sprintf(format, args...))
}

// checkLimit is how long the checker may take for one file, or for its beginning.
// It takes milliseconds; more than that is a history that is too hard, and a bug
// here.
const checkLimit = 20 * time.Second

// linearizable judges the history of a file. That one is not linearizable may
// take very long to find out; then it is tried with longer and longer beginnings
// of it, which have to be linearizable, too.
func linearizable(all []porcupine.Operation) porcupine.CheckResult {
	result := porcupine.CheckOperationsTimeout(registerModel, all, time.Second)
	if result != porcupine.Unknown {
		return result
	}
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b porcupine.Operation) int { return cmp.Compare(a.Call, b.Call) })
	for n := 10; n < len(all); n += 10 {
		if porcupine.CheckOperationsTimeout(registerModel, beginning(all, n), checkLimit/10) == porcupine.Illegal {
			return porcupine.Illegal
		}
	}
	return porcupine.CheckOperationsTimeout(registerModel, all, checkLimit)
}

// beginning returns what had happened when the operation with number n was
// called. Of those under way, reads say nothing yet, and changes are open.
func beginning(all []porcupine.Operation, n int) (some []porcupine.Operation) {
	for _, o := range all[:n] {
		if o.Return >= all[n].Call {
			if out := o.Output.(outcome); out == refused || o.Input.(*op).Action == "SHOW" {
				continue
			}
			o.Return, o.Output = math.MaxInt64, open
		}
		some = append(some, o)
	}
	return some
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
	v := &verdict{bad: map[string]int{}, keys: map[string][]porcupine.Operation{}}
	files := map[string][]*op{}
	for _, o := range ops {
		switch out := o.outcome(); {
		case out == odd, out == failed && !failures:
			v.violate("this is no reply to it: %v", o)
		case o.Action != "LIST":
			files[o.Path] = append(files[o.Path], o)
		}
	}
	for file, ops := range files {
		v.keys[file] = register(ops)
		if stale := impossible(ops); stale != nil {
			v.violate("%s was not like that at that time: %v", file, stale)
			v.bad[file] = 1
			continue
		}
		switch linearizable(v.keys[file]) {
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

// register returns what the checker is told of a file. What has no effect and
// says nothing is left out. So is an UPDATE that may have been made and whose
// text nobody has seen: whether it was can make no difference to anybody.
func register(ops []*op) (all []porcupine.Operation) {
	seen := map[string]bool{}
	for _, o := range ops {
		if o.Action == "SHOW" && o.outcome() == done {
			seen[o.Contents] = true
		}
	}
	for _, o := range ops {
		out := o.outcome()
		if out > open || out == failed || out == open && o.Action == "UPDATE" && !seen[o.Text] {
			continue
		}
		until := o.Return
		if out == open {
			until = math.MaxInt64
		}
		all = append(all, porcupine.Operation{ClientId: o.Client, Input: o, Output: out, Call: o.Call, Return: until})
	}
	tighten(all)
	return prune(all, seen)
}

// tighten makes intervals shorter, where that leaves out nothing that could be:
// who sees a text comes behind the one that wrote it, which nobody else did.
func tighten(all []porcupine.Operation) {
	writer := map[string]int{}
	for i := range all {
		if text := all[i].Input.(*op).Text; text != "" {
			writer[text] = i
		}
	}
	for i := range all {
		o := all[i].Input.(*op)
		w, known := writer[o.Contents]
		if o.Action != "SHOW" || o.outcome() != done || !known || all[i].Return < all[w].Call {
			continue
		}
		all[w].Return = min(all[w].Return, all[i].Return)
		all[i].Call = max(all[i].Call, all[w].Call)
	}
}

// prune leaves out the reads that can come right before or behind another
// operation, wherever that is: it is within the time of the read, and finds or
// leaves the file as the read found it. It does the same with an UPDATE whose
// text nobody has seen, right before another change of what is there. Without
// them there are far fewer orders to try.
func prune(all []porcupine.Operation, seen map[string]bool) (rest []porcupine.Operation) {
	slices.SortFunc(all, func(a, b porcupine.Operation) int { return cmp.Compare(a.Return, b.Return) })
	implied := make([]bool, len(all))
	for i, read := range all {
		wants := wanted(read.Input.(*op), seen)
		if wants == nil {
			continue
		}
		for j, other := range all {
			if i == j || implied[j] || other.Call < read.Call || other.Return > read.Return {
				continue
			}
			if wants(other.Input.(*op)) {
				implied[i] = true
				break
			}
		}
	}
	for i, o := range all {
		if !implied[i] {
			rest = append(rest, o)
		}
	}
	return rest
}

// present is the state of a file that is there, with whatever text.
const present = "\x01"

// wanted returns what tells whether the operation can come right beside another
// one without making a difference, and nil if it can beside none.
func wanted(o *op, seen map[string]bool) func(other *op) bool {
	beside := func(wants func(state string) bool) func(*op) bool {
		return func(other *op) bool { return slices.ContainsFunc(around(other), wants) }
	}
	switch out := o.outcome(); {
	case out == refused && o.Action == "CREATE":
		return beside(func(state string) bool { return state != absent })
	case out == refused:
		return beside(func(state string) bool { return state == absent })
	case o.Action == "SHOW":
		return beside(func(state string) bool { return state == o.Contents })
	case out == done && o.Action == "UPDATE" && !seen[o.Text]:
		return func(other *op) bool {
			return other.outcome() == done && (other.Action == "UPDATE" || other.Action == "DELETE")
		}
	}
	return nil
}

// around returns the states that are certain right before or behind an operation.
func around(o *op) []string {
	switch out := o.outcome(); {
	case out == open:
		return nil
	case o.Action == "SHOW" && out == done:
		return []string{o.Contents}
	case o.Action == "CREATE" && out == done:
		return []string{absent, o.Text}
	case o.Action == "UPDATE" && out == done:
		return []string{present, o.Text}
	case o.Action == "DELETE" && out == done:
		return []string{present, absent}
	case o.Action == "CREATE":
		return []string{present}
	}
	return []string{absent}
}

// absent is the state of a file that is not there; one that is there has its
// text, which is never that.
const absent = "\x00"

var registerModel = porcupine.Model{
	Init: func() any { return absent },
	Step: func(state, input, output any) (bool, any) {
		return step(state.(string), input.(*op), output.(outcome))
	},
	DescribeOperation: func(input, _ any) string { return input.(*op).String() },
	DescribeState: func(state any) string {
		if state == absent {
			return "not there"
		}
		return state.(string)
	},
}

// step tells whether an operation can have had its outcome where a file is as
// now says, and how it is then.
func step(now string, o *op, out outcome) (bool, string) {
	there := now != absent
	if o.Action == "SHOW" {
		return out == done && now == o.Contents || out == refused && !there, now
	}
	next := o.Text
	if o.Action == "DELETE" {
		next = absent
	}
	fits := there == (o.Action != "CREATE")
	switch {
	case out == refused:
		return !fits, now
	case fits:
		return true, next
	}
	return out == open, now
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
				if !mayBe(files[file], o, func(text string) bool { return !matches(text) }) {
					v.violate("%s is missing in %v", file, o)
				}
			}
		} else if isListed && !slices.ContainsFunc(behind, func(file string) bool {
			return mayBe(files[file], o, matches)
		}) {
			v.violate("%q should not be in %v", name, o)
		}
	}
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
		return (out == open || c.Return >= replaced) && fits(text)
	})
}

// show writes what the checker made of the files as a page for a browser, those
// that are not linearizable first.
func (v *verdict) show(file string) error {
	names := slices.Sorted(maps.Keys(v.keys))
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(v.bad[b], v.bad[a]) })
	var all []porcupine.Operation
	end := int64(0)
	for _, name := range names {
		for _, o := range v.keys[name] {
			all = append(all, o)
			end = max(end, o.Call)
		}
	}
	for i := range all { // a page has room for what happened
		all[i].Return = min(all[i].Return, max(end, all[i].Call)+1)
	}
	model := registerModel
	model.Partition = func(ops []porcupine.Operation) (parts [][]porcupine.Operation) {
		byFile := map[string][]porcupine.Operation{}
		for _, o := range ops {
			byFile[o.Input.(*op).Path] = append(byFile[o.Input.(*op).Path], o)
		}
		for _, name := range names {
			parts = append(parts, byFile[name])
		}
		return parts
	}
	_, info := porcupine.CheckOperationsVerbose(model, all, time.Second)
	return porcupine.VisualizePath(model, info, file)
}
