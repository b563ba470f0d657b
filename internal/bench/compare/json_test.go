package compare_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"sttp/internal/bench"
	"sttp/internal/bench/compare"
)

// validate fails the test unless c is written as the schema describes.
func validate(t *testing.T, c *compare.Comparison) {
	t.Helper()
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(compare.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("comparison.json", schema); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("comparison.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := json.Marshal(compare.NewReport(c, "1"))
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiled.Validate(value); err != nil {
		t.Error(err)
	}
}

func TestTheSchemaDescribesEveryComparison(t *testing.T) {
	for name, doc := range kinds() {
		validate(t, compared(t, doc, kinds()[name], compare.Options{}))
	}
	worse, few := usual(2), usual(3)
	worse.median, few.slices = 600, 3
	other := usual(4).document()
	other.Run.Load.Rate, other.Machine.CPU, other.Run.Interrupted = 5, "another", true
	for _, b := range []*bench.Document{worse.document(), few.document(), other} {
		validate(t, compared(t, usual(1).document(), b, compare.Options{Force: true, Tolerance: fivePercent}))
	}
	unbounded := breaks(breakAt(2000, bench.LimitNone))
	validate(t, compared(t, kinds()["break"], unbounded, compare.Options{}))
	validate(t, compared(t, breaks(breakAt(0, bench.LimitServer)), unbounded, compare.Options{}))
	guide := document(nil)
	guide.Guide = guideWith(func(g *bench.Guide) { g.Phases[0].Rate = 1; g.Wrong[bench.Lost] = 1 })
	validate(t, compared(t, kinds()["guide"], guide, compare.Options{}))
}

func TestTheSchemaHasTheMembersThatTheTypesHave(t *testing.T) {
	type object struct{ Properties map[string]any }
	var schema struct {
		object
		Defs map[string]object `json:"$defs"`
	}
	if err := json.Unmarshal(compare.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	schema.Defs["report"] = schema.object
	types := map[string]reflect.Type{
		"report": reflect.TypeFor[compare.Report](), "comparison": reflect.TypeFor[compare.Comparison](), "side": reflect.TypeFor[compare.Side](),
		"machine": reflect.TypeFor[bench.Machine](), "setting": reflect.TypeFor[compare.Setting](), "change": reflect.TypeFor[compare.Change](),
		"interval": reflect.TypeFor[compare.Interval](),
	}
	for name, typ := range types {
		var has, described []string
		for f := range typ.Fields() {
			member, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			has = append(has, member)
		}
		for member, p := range schema.Defs[name].Properties {
			described = append(described, member)
			if text, _ := p.(map[string]any)["description"].(string); len(text) < 5 {
				t.Errorf("%s.%s is not described", name, member)
			}
		}
		slices.Sort(has)
		slices.Sort(described)
		if diff := cmp.Diff(has, described); diff != "" {
			t.Errorf("%s: -in the type +in the schema\n%s", name, diff)
		}
	}
	if len(types) != len(schema.Defs) {
		t.Errorf("the schema has %d types, and there are %d", len(schema.Defs), len(types))
	}
}
