package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"sttp/internal/bench"
	"sttp/internal/bench/report"
	"sttp/internal/cli"
)

func asJSON(t testing.TB, doc *bench.Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := report.JSON(&b, doc); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// validate fails the test unless doc is what the schema describes.
func validate(t *testing.T, doc []byte) {
	t.Helper()
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(report.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	if err := c.AddResource("report.json", schema); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("report.json")
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

func someTimes() *bench.Latency {
	l := bench.NewLatency()
	for i := range 100 {
		l.Record(time.Duration(i+1) * time.Millisecond)
	}
	return l
}

// jsonResult returns a Result with all there can be.
func jsonResult() *bench.Result {
	load := bench.DefaultLoad()
	load.Poisson, load.Count = true, 5
	workload := bench.DefaultWorkload()
	workload.Zipf = 1.1
	action := &bench.Action{Done: 100, Response: someTimes(), Service: someTimes()}
	return &bench.Result{
		Load: load, Workload: workload, Elapsed: time.Second, Due: 110, Sent: 109, Done: 100, Rate: 100,
		Wrong:    bench.Counts{bench.Stale: 1, bench.Torn: 2, bench.Lost: 3, bench.Garbled: 4, bench.Wrong: 5},
		Errors:   bench.Counts{bench.Timeout: 1, bench.Unsent: 2, bench.Unanswered: 3, "status 500": 4, bench.OtherError: 5},
		Dials:    bench.Counts{bench.Refused: 1, bench.NoPort: 2, bench.NoDescriptor: 3, bench.DialTimeout: 4},
		Examples: []string{"SHOW /a: 200"}, Response: someTimes(), Service: someTimes(),
		Actions: map[string]*bench.Action{"SHOW": action, "UPDATE": action},
		Slices: []bench.Slice{
			{Start: 0, Length: time.Second, Done: 100, Wrong: 1, Errors: 2, Response: someTimes(), Service: someTimes()},
			{Start: time.Second, Length: time.Second, Response: bench.NewLatency(), Service: bench.NewLatency()},
		},
		Generator: bench.Generator{Lag: someTimes(), CPU: time.Second, Share: 0.5},
		Gone:      &bench.Gone{After: -time.Second, Lost: 3, Why: bench.Refused}, Interrupted: true,
	}
}

// jsonDocuments returns documents of all kinds, with all there can be and with
// as little as there can be.
func jsonDocuments() map[string]*bench.Document {
	head := bench.Document{
		Tool: "sttp-bench", Version: "sttp-bench 1.0", Started: time.Now().UTC(), Target: "sttp://localhost:8080",
		Machine: bench.Machine{OS: "linux", Arch: "amd64", Kernel: "6.1", CPU: "a processor", CPUs: 2, Go: "go1.26"},
	}
	counts := bench.Counts{bench.Wrong: 1}
	errs := bench.Counts{"status 404": 1}
	gone := jsonResult().Gone
	docs := map[string]*bench.Document{}
	for name, fill := range map[string]func(*bench.Document){
		"run": func(d *bench.Document) { d.Run = jsonResult() },
		"break": func(d *bench.Document) {
			d.Break = &bench.Break{
				Until: "p99<5ms", Load: bench.DefaultLoad(), Workload: bench.DefaultWorkload(), Rate: 1000, Confirmed: true,
				Limit: bench.LimitServer, Why: "p99 is 7 ms", Gone: gone, Interrupted: true,
				Steps: []bench.Step{
					{Stage: "double", Rate: 1000, OK: true, Result: jsonResult()},
					{Stage: "bisect", Rate: 1000, Limit: bench.LimitConnections, Why: "all are taken", Result: jsonResult()},
				},
			}
		},
		"guide": func(d *bench.Document) {
			d.Guide = &bench.Guide{
				Snippets: 10, Interval: 1, Concurrent: 2, ConnectionPerRequest: true, Total: 5, Wrong: counts, Errors: errs,
				Examples: []string{"one"}, Gone: gone, Interrupted: true, Created: 10, Deleted: 9, Left: []string{"/a"}, Notes: []string{"a note"},
				Phases: []bench.Phase{{Name: "create", Requests: 10, Done: 9, Elapsed: 5, Paused: 3, Rate: 1, Service: someTimes()}},
			}
		},
		"peers": func(d *bench.Document) {
			d.Peers = &bench.Peers{
				Rounds: 3, Length: time.Second, Wrong: counts, Errors: errs, Examples: []string{"one"}, Notes: []string{"a note"}, Failed: "redis ended", Interrupted: true,
				Systems: []bench.System{{Name: "redis", Version: "7", Command: "redis-server", Missing: "it is not installed"}},
				Tables: []bench.Table{{Name: "SHOW", Figures: []bench.Figure{{
					System: "redis", What: "CPU", Unit: "µs", Better: "less", Rounds: []float64{1, 2, 3}, Median: 2,
					Ratio: &bench.Range{Median: 1, Lowest: 0.5, Highest: 2},
				}}}},
			}
		},
		"empty run": func(d *bench.Document) {
			d.Target, d.Machine.CPU, d.Machine.Kernel = "", "", ""
			d.Run = &bench.Result{Load: bench.Load{Closed: true}, Service: bench.NewLatency()}
		},
		"empty break": func(d *bench.Document) { d.Break = &bench.Break{} },
		"empty guide": func(d *bench.Document) { d.Guide = &bench.Guide{} },
		"empty peers": func(d *bench.Document) { d.Peers = &bench.Peers{} },
	} {
		doc := head
		fill(&doc)
		docs[name] = &doc
	}
	return docs
}

func TestTheSchemaDescribesEveryReport(t *testing.T) {
	for name, doc := range jsonDocuments() {
		t.Run(name, func(t *testing.T) { validate(t, asJSON(t, doc)) })
	}
}

// jsonNames returns the names that a struct's members have in JSON.
func jsonNames(typ reflect.Type) (names []string) {
	for f := range typ.Fields() {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func TestTheSchemaHasTheMembersThatTheTypesHave(t *testing.T) {
	type object struct {
		Properties map[string]any
	}
	var schema struct {
		object
		Defs map[string]object `json:"$defs"`
	}
	if err := json.Unmarshal(report.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	delete(schema.Properties, "format") // the one that is no Document's
	schema.Defs["document"] = schema.object
	delete(schema.Defs, "latency") // which writes itself
	types := map[string]reflect.Type{
		"document": reflect.TypeFor[bench.Document](), "machine": reflect.TypeFor[bench.Machine](), "load": reflect.TypeFor[bench.Load](),
		"workload": reflect.TypeFor[bench.Workload](), "result": reflect.TypeFor[bench.Result](), "action": reflect.TypeFor[bench.Action](),
		"slice": reflect.TypeFor[bench.Slice](), "generator": reflect.TypeFor[bench.Generator](), "gone": reflect.TypeFor[bench.Gone](),
		"break": reflect.TypeFor[bench.Break](), "step": reflect.TypeFor[bench.Step](), "guide": reflect.TypeFor[bench.Guide](),
		"phase": reflect.TypeFor[bench.Phase](), "peers": reflect.TypeFor[bench.Peers](), "system": reflect.TypeFor[bench.System](),
		"table": reflect.TypeFor[bench.Table](), "figure": reflect.TypeFor[bench.Figure](), "range": reflect.TypeFor[bench.Range](),
	}
	for name, def := range schema.Defs {
		if types[name] == nil {
			t.Errorf("the schema has %q, and this test does not know it", name)
			continue
		}
		var described []string
		for p := range def.Properties {
			described = append(described, p)
		}
		slices.Sort(described)
		if diff := cmp.Diff(jsonNames(types[name]), described); diff != "" {
			t.Errorf("%s: -in the type +in the schema\n%s", name, diff)
		}
	}
	if len(schema.Defs) != len(types) {
		t.Errorf("the schema has %d types, and there are %d", len(schema.Defs), len(types))
	}
}

func TestTheSchemaDescribesEveryMemberAndAllowsNoOther(t *testing.T) {
	var schema any
	if err := json.Unmarshal(report.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	var walk func(at string, node any)
	walk = func(at string, node any) {
		object, ok := node.(map[string]any)
		if !ok {
			return
		}
		if properties, ok := object["properties"].(map[string]any); ok {
			if object["additionalProperties"] != false {
				t.Errorf("%s allows other members", at)
			}
			for name, p := range properties {
				description, _ := p.(map[string]any)["description"].(string)
				if len(description) < 5 {
					t.Errorf("%s.%s is not described", at, name)
				}
				for suffix, unit := range map[string]string{"_ns": "Nanoseconds.", "_us": "Microseconds."} {
					if strings.HasSuffix(name, suffix) && !strings.HasSuffix(description, unit) {
						t.Errorf("%s.%s does not say its unit", at, name)
					}
				}
				walk(at+"."+name, p)
			}
		}
		walk(at+"[]", object["items"])
		walk(at+"{}", object["additionalProperties"])
		if defs, ok := object["$defs"].(map[string]any); ok {
			for name, d := range defs {
				walk("#"+name, d)
			}
		}
	}
	walk("report", schema)
}

func TestAReportIsTheSameBehindJSON(t *testing.T) {
	for name, doc := range jsonDocuments() {
		t.Run(name, func(t *testing.T) {
			first := asJSON(t, doc)
			back, err := report.ReadJSON(bytes.NewReader(first))
			if err != nil {
				t.Fatal(err)
			}
			if again := asJSON(t, back); !bytes.Equal(first, again) {
				t.Errorf("-written +read and written\n%s", cmp.Diff(string(first), string(again)))
			}
		})
	}
}

func TestWritingAReportLeavesItAsItIs(t *testing.T) {
	doc := jsonDocuments()["empty run"]
	asJSON(t, doc)
	if doc.Run.Slices != nil || doc.Run.Wrong != nil {
		t.Error("the document has other lists than before")
	}
}

func TestNothingInAReportDisturbsATerminal(t *testing.T) {
	doc := jsonDocuments()["run"]
	const evil = "\x1b[2J\u009b\u202e\u2028\U000e0041\x7f\xff<&>"
	doc.Target, doc.Run.Examples = evil, []string{evil}
	written := asJSON(t, doc)
	if bytes.ContainsFunc(bytes.ReplaceAll(written, []byte("\n"), nil), cli.Disturbing) {
		t.Errorf("the document could disturb a terminal: %q", written[:300])
	}
	back, err := report.ReadJSON(bytes.NewReader(written))
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.ToValidUTF8(evil, "\ufffd"); back.Target != want || back.Run.Examples[0] != want {
		t.Errorf("%q became %q", want, back.Target)
	}
}

func TestWhatIsNoReportIsRefusedWithTheReason(t *testing.T) {
	run := string(asJSON(t, jsonDocuments()["run"]))
	guide := string(asJSON(t, jsonDocuments()["guide"]))
	change := func(old, fresh string) string {
		if !strings.Contains(run, old) {
			t.Fatalf("the report has no %s", old)
		}
		return strings.Replace(run, old, fresh, 1)
	}
	const head = `{"tool": "sttp-bench", "format": 1, "version": "1", "started": "2026-01-02T03:04:05Z"`
	for _, c := range []struct{ name, text, want string }{
		{"empty", " \n", "it is empty"},
		{"no JSON", "rate: 5", "it is no JSON: invalid character 'r'"},
		{"cut", run[:strings.Index(run, `"due"`)], "it is no JSON: unexpected end"},
		{"two", run + run, "it is no JSON: invalid character '{' after"},
		{"a list", "[]", "it is no report of sttp-bench"},
		{"of another program", `{"format": "sttp-check report", "version": 1}`, "it is no report of sttp-bench"},
		{"tool is a number", `{"tool": 1}`, "it is no report of sttp-bench"},
		{"a comparison", `{"tool": "sttp-bench", "format": 1, "comparison": {}}`, "it is a comparison, not a measurement"},
		{"no format", change(`"format": 1,`, ""), "it does not say which format it has"},
		{"format of tomorrow", change(`"format": 1,`, `"format": 2,`), "it has format 2, and this sttp-bench reads format 1"},
		{"nothing in it", head + `}`, "it holds no measurement"},
		{"two in it", head + `, "peers": {}, "guide": {}}`, "it holds 2 measurements: guide, peers"},
		{"no times", head + `, "run": {}}`, "the times are missing"},
		{"no times in a phase", head + `, "guide": {"phases": [{}]}}`, "a phase has no service times"},
		{"no result in a step", head + `, "break": {"steps": [{}]}}`, "step 1 has no result"},
		{"a slice of no length", change(`"length_ns": 1000000000`, `"length_ns": 0`), "slice 1 is 0s long"},
		{"counts below 0", change(`"stale": 1,`, `"stale": -100,`), "a count is below 0"},
		{"a text for a number", change(`"due": 110`, `"due": "many"`), "it is damaged: json: cannot unmarshal string"},
		{"a damaged histogram", change(`"hdr": "HIST`, `"hdr": "FIST`), "it is damaged: a histogram is not in HdrHistogram's form"},
		{"another count", strings.Replace(guide, `"count": 100`, `"count": 99`, 1), "it is damaged: a histogram holds 100 values, and 99 are said to be in it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc, err := report.ReadJSON(strings.NewReader(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) || doc != nil {
				t.Errorf("got %v and error %v, want one with %q", doc != nil, err, c.want)
			}
		})
	}
}

func TestMembersOfALaterVersionAreLetPass(t *testing.T) {
	run := strings.Replace(string(asJSON(t, jsonDocuments()["run"])), `"due": 110`, `"due": 110, "new": {"a": 1}`, 1)
	if _, err := report.ReadJSON(strings.NewReader(run)); err != nil {
		t.Error(err)
	}
}

// endless is a JSON text that has no end.
type endless struct {
	text []byte
	read int
}

func (e *endless) Read(b []byte) (int, error) {
	n := copy(b, e.text)
	e.read += n
	return n, nil
}

func TestALongFileIsNotReadToItsEnd(t *testing.T) {
	e := &endless{text: bytes.Repeat([]byte(" "), 1<<20)}
	if _, err := report.ReadJSON(io.LimitReader(e, 1<<30)); err == nil || !strings.Contains(err.Error(), "longer than 64 MiB") || e.read > 80<<20 {
		t.Errorf("%d MiB read, error %v", e.read>>20, err)
	}
}

// Of 32 MiB that histograms may unpack to, 1,600 that have a value in each of 20,000
// counters are 30.5; an empty one counts as 1 KiB.
func TestAReportWithTooManyHistogramsIsRefused(t *testing.T) {
	full := bench.NewLatency()
	for i, d, width := 0, time.Duration(0), 64*time.Nanosecond; i < 20_000; i++ {
		full.Record(d)
		if d += width; d == 2048*width { // from here on two counters become one
			width *= 2
		}
	}
	slice := func(times *bench.Latency) string {
		text, err := json.Marshal(times)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf(`{"length_ns": 1, "service": %s},`, text)
	}
	large, empty := strings.Repeat(slice(full), 1600), strings.Repeat(slice(bench.NewLatency()), 1700)
	text := `{"tool": "sttp-bench", "format": 1, "run": {"load": {"closed": true}, "slices": [` + large + strings.TrimSuffix(empty, ",") + `]}}`
	if _, err := report.ReadJSON(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), "more histograms than can be read") {
		t.Errorf("error %v", err)
	}
}

func FuzzReadJSON(f *testing.F) {
	docs := jsonDocuments()
	for _, kind := range []string{"empty run", "break", "guide", "peers"} {
		if b := docs[kind].Break; b != nil {
			b.Steps = []bench.Step{{Result: docs["empty run"].Run}} // small, so that there are many tries
		}
		f.Add(asJSON(f, docs[kind]))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		doc, err := report.ReadJSON(bytes.NewReader(b))
		if err != nil {
			return
		}
		if _, err := report.ReadJSON(bytes.NewReader(asJSON(t, doc))); err != nil {
			t.Errorf("what was read cannot be read once more: %v", err)
		}
	})
}
