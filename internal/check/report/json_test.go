package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"sttp/internal/check"
	"sttp/internal/check/report"
	"sttp/internal/cli"
)

func asJSON(t *testing.T, r *check.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := report.JSON(&b, r); err != nil {
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

func TestTheSchemaDescribesEveryReport(t *testing.T) {
	client := sample()
	client.Options.Client, client.Options.Address = "./client", ""
	empty := &check.Report{Began: time.Now(), Facts: sample().Facts}
	compared := sample()
	if err := baselineOf(t, allHold()).Compare(compared); err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]*check.Report{
		"all outcomes": sample(), "all hold": allHold(), "of a client": client, "empty": empty, "compared": compared, "huge": huge(),
	} {
		t.Run(name, func(t *testing.T) { validate(t, asJSON(t, r)) })
	}
}

// huge returns a report with more of everything than any server should cause.
func huge() *check.Report {
	r := sample()
	problem := &check.Problem{Symptom: "other", Says: strings.Repeat("long\xff", 5000), Expected: strings.Repeat("漢", 1<<17), Got: strings.Repeat("漢", 1<<16) + strings.Repeat("x \\", 1<<17)}
	result := check.Result{Case: r.Results[0].Case, Level: check.Must, Outcome: check.Fail, Says: problem.Says, Problem: problem, Hint: problem.Says, Netcat: strings.Repeat("printf; ", 5000)}
	for i := range 1000 {
		result.Exchange = append(result.Exchange, check.Event{Kind: []string{"sent", "received", "note"}[i%3], Conn: i % 7, Text: strings.Repeat(fmt.Sprintln(i), 20), At: time.Duration(i) * time.Second})
	}
	r.Results = []check.Result{result}
	for i := range 200 {
		r.LeftBehind = append(r.LeftBehind, fmt.Sprint("/", i, strings.Repeat("\xff", 20000)))
	}
	return r
}

func TestTheJSONReportIsOfOneForm(t *testing.T) {
	golden(t, "sample.json", string(asJSON(t, sample())))
}

func TestTheSchemaDescribesEveryFieldAndAllowsNoOther(t *testing.T) {
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
			if required, _ := object["required"].([]any); len(required) != len(properties) {
				t.Errorf("%s: not all members are required", at)
			}
			for name, p := range properties {
				if description, _ := p.(map[string]any)["description"].(string); len(description) < 5 {
					t.Errorf("%s.%s is not described", at, name)
				}
				walk(at+"."+name, p)
			}
		}
		walk(at+"[]", object["items"])
		if defs, ok := object["$defs"].(map[string]any); ok {
			for name, d := range defs {
				walk("#"+name, d)
			}
		}
	}
	walk("report", schema)
}

// unescape undoes what the schema says of bytes.
func unescape(t *testing.T, s string) string {
	t.Helper()
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] != '\\':
			b.WriteByte(s[i])
		case s[i+1] == '\\':
			b.WriteByte('\\')
			i++
		case s[i+1] == 'x':
			n, err := strconv.ParseUint(s[i+2:i+4], 16, 8)
			if err != nil {
				t.Fatal(err)
			}
			b.WriteByte(byte(n))
			i += 3
		default:
			t.Fatalf("%q is no escape", s[i:])
		}
	}
	return b.String()
}

func TestEveryByteCanBeGotBackFromJSON(t *testing.T) {
	var all strings.Builder
	for i := range 256 {
		all.WriteByte(byte(i))
	}
	for _, text := range []string{all.String(), `\x41 \\ \`, "\xf0\x9f\x98", "漢\u202e\u2028\U000e0041\ufffd\\", ""} {
		r := sample()
		r.Results = r.Results[:1]
		r.Results[0].Exchange = []check.Event{{Kind: "received", Conn: 1, Text: text}}
		doc := asJSON(t, r)
		if !utf8.Valid(doc) || bytes.ContainsFunc(bytes.ReplaceAll(doc, []byte("\n"), nil), cli.Disturbing) {
			t.Errorf("%q: the document could disturb a terminal", text)
		}
		var back struct {
			Results []struct{ Exchange []struct{ Text string } }
		}
		if err := json.Unmarshal(doc, &back); err != nil {
			t.Fatal(err)
		}
		if got := unescape(t, back.Results[0].Exchange[0].Text); got != text {
			t.Errorf("got %q back, want %q", got, text)
		}
	}
}

func TestLongBytesAreKeptAroundTheDifference(t *testing.T) {
	r := huge()
	var back struct {
		Results []struct {
			Problem struct {
				At       int
				Expected struct {
					Text        string
					From, Bytes int
				}
			}
		}
	}
	doc := asJSON(t, r)
	if err := json.Unmarshal(doc, &back); err != nil {
		t.Fatal(err)
	}
	p := r.Results[0].Problem
	got := back.Results[0].Problem
	if text := unescape(t, got.Expected.Text); got.At != 3<<16 || p.Expected[got.Expected.From:got.Expected.From+len(text)] != text || len(text) != 8<<10 || got.Expected.Bytes != len(p.Expected) {
		t.Errorf("at %d from %d: %d of %d bytes", got.At, got.Expected.From, len(text), got.Expected.Bytes)
	}
	if len(doc) > 8<<20 {
		t.Errorf("the document has %d bytes", len(doc))
	}
}
