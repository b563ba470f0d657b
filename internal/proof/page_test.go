package proof

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"
)

// show writes the history of each file as a page for a browser, those that are
// not linearizable first, as far as an order explains them. Every read has a
// place of its own there, so that this is for the eyes, and not what judges.
func (v *verdict) show(page string) error {
	names := slices.Sorted(maps.Keys(v.files))
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(v.bad[b], v.bad[a]) })
	var all []porcupine.Operation
	end := int64(0)
	for _, name := range names {
		for _, o := range v.files[name] {
			if out := o.outcome(); out <= refused || out == open {
				all = append(all, porcupine.Operation{ClientId: o.Client, Input: o, Output: out, Call: o.Call, Return: o.Return})
				end = max(end, o.Call, o.Return)
			}
		}
	}
	for i := range all {
		if all[i].Output == open {
			all[i].Return = end + 1
		}
	}
	model := plainModel
	model.Partition = func(ops []porcupine.Operation) (parts [][]porcupine.Operation) {
		byFile := map[string][]porcupine.Operation{}
		for _, o := range ops {
			byFile[o.Input.(*op).Path] = append(byFile[o.Input.(*op).Path], o)
		}
		for _, name := range names {
			if len(byFile[name]) > 0 {
				parts = append(parts, byFile[name])
			}
		}
		return parts
	}
	_, info := porcupine.CheckOperationsVerbose(model, all, time.Second)
	return porcupine.VisualizePath(model, info, page)
}

var plainModel = porcupine.Model{
	Init: func() any { return absent },
	Step: func(state, input, output any) (bool, any) {
		text, o := state.(string), input.(*op)
		if out := output.(outcome); out == refused || o.Action == "SHOW" {
			return finder(o)(text), text
		}
		leaves := o.Text
		if o.Action == "DELETE" {
			leaves = absent
		}
		next := (&change{op: o, out: output.(outcome), text: leaves}).texts(text)
		return len(next) > 0, strings.Join(next[:min(1, len(next))], "")
	},
	DescribeOperation: func(input, _ any) string { return input.(*op).String() },
	DescribeState: func(state any) string {
		if state == absent {
			return "not there"
		}
		return state.(string)
	},
}
