package proof

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/anishathalye/porcupine"

	"sttp"
)

// Is the checker right? What follows judges it.

// history makes operations of lines such as "1-4 CREATE /h/a x → 100": when it was
// called, when it returned (0: without a reply, up to the third number), what was
// asked, and the status and the contents that answered.
func history(t *testing.T, text string) (ops []*op) {
	t.Helper()
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		request, reply, _ := strings.Cut(strings.TrimSpace(line), " → ")
		when, request, _ := strings.Cut(request, " ")
		o := &op{Client: i}
		ends := strings.Split(when, "-")
		for j, field := range []*int64{&o.Call, &o.Return, &o.Until}[:len(ends)] {
			n, err := strconv.ParseInt(ends[j], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			*field = n
		}
		var path string
		o.Action, path, _ = strings.Cut(request, " ")
		path, o.Text, _ = strings.Cut(path, " ")
		o.Path, o.Query, _ = strings.Cut(path, "?")
		status, contents, _ := strings.Cut(reply, " ")
		n, _ := strconv.Atoi(status)
		o.Status, o.Contents = sttp.Status(n), contents
		if o.Action == "UPDATE" && n == 200 {
			o.Contents = o.Text
		}
		if n == 300 || n == 500 {
			o.Message, o.Contents = contents, ""
		}
		ops = append(ops, o)
	}
	return ops
}

func TestTheCheckerTellsRightFromWrong(t *testing.T) {
	for name, test := range map[string]struct{ right, wrong string }{
		"a text is seen until it is replaced": {
			"1-2 CREATE /h/a x → 100\n3-6 UPDATE /h/a y → 200\n4-5 SHOW /h/a → 200 x\n7-8 SHOW /h/a → 200 y",
			"1-2 CREATE /h/a x → 100\n3-6 UPDATE /h/a y → 200\n7-8 SHOW /h/a → 200 x",
		},
		"nobody goes back behind another": {
			"1-2 CREATE /h/a x → 100\n3-9 UPDATE /h/a y → 200\n4-5 SHOW /h/a → 200 x\n6-7 SHOW /h/a → 200 y",
			"1-2 CREATE /h/a x → 100\n3-9 UPDATE /h/a y → 200\n4-5 SHOW /h/a → 200 y\n6-7 SHOW /h/a → 200 x",
		},
		"one of two creates": {
			"1-4 CREATE /h/a x → 100\n2-3 CREATE /h/a y → 300 it exists\n5-6 SHOW /h/a → 200 x",
			"1-4 CREATE /h/a x → 100\n2-3 CREATE /h/a y → 100\n5-6 SHOW /h/a → 200 x",
		},
		"what has no reply may have been made, or not": {
			"1-2 CREATE /h/a x → 100\n3-0-5 UPDATE /h/a y\n6-7 SHOW /h/a → 200 y",
			"1-2 CREATE /h/a x → 100\n3-0-5 DELETE /h/a\n6-7 SHOW /h/a → 200 x\n8-9 SHOW /h/a → 400",
		},
		"an unknown outcome is settled by its reply": {
			"1-2 CREATE /h/a x → 100\n3-4 DELETE /h/a → 500 outcome unknown\n5-6 SHOW /h/a → 400\n7-8 SHOW /h/a → 400",
			"1-2 CREATE /h/a x → 100\n3-4 DELETE /h/a → 500 outcome unknown\n5-6 SHOW /h/a → 200 x\n7-8 SHOW /h/a → 400",
		},
		"what failed has changed nothing": {
			"1-2 CREATE /h/a x → 100\n3-4 UPDATE /h/a y → 500 nothing was changed\n5-6 SHOW /h/a → 200 x",
			"1-2 CREATE /h/a x → 100\n3-4 UPDATE /h/a y → 500 nothing was changed\n5-6 SHOW /h/a → 200 y",
		},
		"nobody sees what nobody wrote": {
			"1-2 CREATE /h/a x → 100\n3-4 SHOW /h/a → 200 x",
			"1-2 CREATE /h/a x → 100\n3-4 SHOW /h/a → 200 z",
		},
		"a LIST has what was acknowledged before": {
			"1-3 CREATE /h/a x → 100\n2-4 LIST /h → 400\n5-6 LIST /h → 200 a",
			"1-3 CREATE /h/a x → 100\n4-5 LIST /h → 400",
		},
		"a LIST has nothing that was deleted before": {
			"1-2 CREATE /h/a x → 100\n3-4 CREATE /h/b y → 100\n5-8 DELETE /h/a → 600\n6-7 LIST /h/ → 200 a, b\n9-10 LIST /h/ → 200 b",
			"1-2 CREATE /h/a x → 100\n3-4 CREATE /h/b y → 100\n5-8 DELETE /h/a → 600\n9-10 LIST /h/ → 200 a, b",
		},
		"what has no reply explains nothing that was replaced behind it": {
			"1-2 CREATE /h/a x → 100\n3-0-5 DELETE /h/a\n4-9 CREATE /h/a y → 100\n7-8 LIST /h/ → 400",
			"1-2 CREATE /h/a x → 100\n3-0-5 DELETE /h/a\n6-7 CREATE /h/a y → 100\n8-9 LIST /h/ → 400",
		},
		"a LIST that joins another one knows of no UPDATE": {
			"1-9 CREATE /h/a x → 100\n2-3 UPDATE /h/a y → 200\n4-5 LIST /h/ → 400",
			"1-3 CREATE /h/a x → 100\n2-4 UPDATE /h/a y → 200\n5-6 LIST /h/ → 400",
		},
		"a search finds what matches": {
			"1-2 CREATE /h/a Käse → 100\n3-6 UPDATE /h/a milk → 200\n4-5 LIST /h/?q=K%C3%84SE → 200 a\n7-8 LIST /h/?q=K%C3%84SE → 200",
			"1-2 CREATE /h/a Käse → 100\n3-6 UPDATE /h/a milk → 200\n7-8 LIST /h/?q=K%C3%84SE → 200 a",
		},
		"a search misses nothing that matches": {
			"1-2 CREATE /h/d/a.txt milk → 100\n3-4 LIST /h/?q=MILK&recursive=true → 200 d/a.txt",
			"1-2 CREATE /h/d/a.txt milk → 100\n3-4 LIST /h/?q=MILK&recursive=true → 200",
		},
		"a page ends where it should": {
			"1-2 CREATE /h/a x → 100\n3-4 CREATE /h/b y → 100\n5-6 LIST /h/?limit=1 → 200 a\n7-8 LIST /h/?limit=1&after=a → 200 b",
			"1-2 CREATE /h/a x → 100\n3-4 CREATE /h/b y → 100\n5-6 LIST /h/?limit=1 → 200 b",
		},
		"names are in their order": {
			"1-2 CREATE /h/a x → 100\n3-4 CREATE /h/b y → 100\n5-6 LIST /h/ → 200 a, b",
			"1-2 CREATE /h/a x → 100\n3-4 CREATE /h/b y → 100\n5-6 LIST /h/ → 200 b, a",
		},
		"a reply belongs to its request": {
			"1-2 CREATE /h/a x → 100",
			"1-2 CREATE /h/a x → 600",
		},
	} {
		for text, right := range map[string]bool{test.right: true, test.wrong: false} {
			v := check(history(t, text), true)
			if ok := len(v.violations) == 0; ok != right || v.unknown > 0 {
				t.Errorf("%s: %v, unknown %d, in\n%s", name, v.violations, v.unknown, text)
			}
		}
	}
}

// explained tries all orders.
func explained(left []*op, now string) bool {
	if !slices.ContainsFunc(left, func(o *op) bool { return o != nil }) {
		return true
	}
	for i, o := range left {
		if o == nil || slices.ContainsFunc(left, func(p *op) bool { return p != nil && max(p.Return, p.Until) < o.Call }) {
			continue
		}
		rest := slices.Clone(left)
		rest[i] = nil
		out := o.outcome()
		if o.Action == "SHOW" || out == refused {
			if finder(o)(now) && explained(rest, now) {
				return true
			}
			continue
		}
		leaves := o.Text
		if o.Action == "DELETE" {
			leaves = absent
		}
		c := change{op: o, out: out, text: leaves}
		if slices.ContainsFunc(c.texts(now), func(text string) bool { return explained(rest, text) }) {
			return true
		}
	}
	return false
}

func TestTheCheckerAgreesWithOneThatTriesAllOrders(t *testing.T) {
	seed := rand.Uint64()
	rnd := rand.New(rand.NewPCG(seed, 0))
	verdicts := map[bool]int{}
	for range 20_000 {
		ops := randomHistory(rnd)
		want := explained(ops, absent)
		verdicts[want]++
		got := linearizable(ops)
		if want != (got == porcupine.Ok) || want && impossible(ops) != nil {
			t.Fatalf("seed %d: %v, %v, and all orders say %t:\n%s", seed, got, impossible(ops), want, fmt.Sprint(ops))
		}
	}
	if verdicts[true] < 2000 || verdicts[false] < 2000 {
		t.Errorf("too few of one kind: %v", verdicts)
	}
}

// randomHistory makes up what a few requests to one file were answered.
func randomHistory(rnd *rand.Rand) []*op {
	ops := make([]*op, 2+rnd.IntN(5))
	moments := rnd.Perm(2 * len(ops))
	texts := []string{"x"}
	for i := range ops {
		from, to := int64(moments[2*i])+1, int64(moments[2*i+1])+1
		o := &op{Client: i, Path: "/h/a", Call: min(from, to), Return: max(from, to)}
		o.Action = []string{"CREATE", "UPDATE", "DELETE", "SHOW", "SHOW"}[rnd.IntN(5)]
		if o.Action == "CREATE" || o.Action == "UPDATE" {
			o.Text = fmt.Sprint("text ", i)
			texts = append(texts, o.Text)
		}
		switch kind := rnd.IntN(10); {
		case o.Action != "SHOW" && kind < 2:
			o.Return, o.Until = 0, o.Return
		case kind < 7:
			o.Status, o.Contents = success[o.Action], o.Text
		case o.Action == "CREATE":
			o.Status, o.Message = sttp.StatusClientError, "it exists"
		default:
			o.Status = sttp.StatusNotFound
		}
		ops[i] = o
	}
	for _, o := range ops {
		if o.Action == "SHOW" && o.Status == sttp.StatusOK {
			o.Contents = texts[rnd.IntN(len(texts))]
		}
	}
	return ops
}

// With -history, what was written by another run is judged again.
func TestAHistoryThatWasWrittenIsJudgedAgain(t *testing.T) {
	if *file != "" {
		ops, err := load(*file)
		if err != nil {
			t.Fatal(err)
		}
		if v := check(ops, true); len(v.violations)+v.unknown > 0 {
			t.Error(v.summary())
		}
		return
	}
	name := filepath.Join(t.TempDir(), "history.json")
	wrong := history(t, "1-2 CREATE /h/a x → 100\n3-0-9 UPDATE /h/a y\n10-11 SHOW /h/a → 200 z")
	if err := write(name, wrong); err != nil {
		t.Fatal(err)
	}
	ops, err := load(name)
	if err != nil {
		t.Fatal(err)
	}
	v := check(ops, false)
	if fmt.Sprint(ops) != fmt.Sprint(wrong) || len(v.violations) != 1 {
		t.Errorf("%v was written, %v is read, and judged %v", wrong, ops, v.violations)
	}
	if err := v.show(filepath.Join(t.TempDir(), "history.html")); err != nil {
		t.Error(err)
	}
}
