package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"sttp/internal/bench/benchtest"
	"sttp/internal/bench/compare"
	"sttp/internal/bench/report"
)

// validated fails the test unless the schema describes doc.
func validated(t *testing.T, schema, doc []byte) {
	t.Helper()
	s, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("schema.json", s); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("schema.json")
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

// TestWhatIsMeasuredIsAsTheSchemaSays measures in every way, also what goes wrong,
// and reads it back.
func TestWhatIsMeasuredIsAsTheSchemaSays(t *testing.T) {
	faulty := benchtest.Options{Stale: 50, Missing: 70, Failing: 60, Close: 90, Reset: 110, Garbled: 130}
	for name, c := range map[string]struct {
		server benchtest.Options
		args   string // SERVER, HOST and PORT are replaced
		code   int
	}{
		"open loop":     {benchtest.Options{}, "run -q -r 1000 -n 400 --snippets 20 --warm-up 0s SERVER", 0},
		"closed loop":   {benchtest.Options{}, "run -q --closed -n 400 --snippets 20 --warm-up 0s --mix create=5,show=60,list=1,update=29,delete=5 --zipf 1.3 SERVER", 0},
		"wrong replies": {faulty, "run -q -r 1000 -n 400 --snippets 20 --warm-up 0s --patience 10s SERVER", 1},
		"gone":          {benchtest.Options{DieAfter: 200}, "run -q -r 1000 -n 1000 --snippets 20 --warm-up 0s --patience 100ms --timeout 300ms SERVER", 3},
		"search":        {benchtest.Options{}, "break -q --until p99<1us --step 200ms --warm-up 0s --max-steps 4 --snippets 20 SERVER", -1},
		"guide":         {benchtest.Options{}, "-q -a HOST -p PORT -i 0", 0},
		"guide, wrong":  {benchtest.Options{Missing: 100}, "-q -a HOST -p PORT -i 0", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := benchtest.Start(t, c.server).Address()
			host, port, _ := strings.Cut(address, ":")
			args := strings.Fields(strings.NewReplacer("SERVER", "sttp://"+address, "HOST", host, "PORT", port).Replace(c.args))
			var stdout, stderr bytes.Buffer
			code := run(t.Context(), append(args, "--json"), nil, &stdout, &stderr)
			if c.code >= 0 && code != c.code {
				t.Errorf("exit code %d, want %d; %s", code, c.code, stderr.String())
			}
			validated(t, report.Schema(), stdout.Bytes())
			if _, err := report.ReadJSON(&stdout); err != nil {
				t.Error(err)
			}
		})
	}
}

// peersAsTheSchemaSays measures servers of this machine, and reads it back.
func peersAsTheSchemaSays(t *testing.T, server string) {
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), []string{"peers", "-q", "--rounds", "2", "-d", "100ms", "--only", "show", "--server", server, "--dir", t.TempDir(), "--json", "sttp", "sttp:cache.enabled=false"}, nil, &stdout, &stderr)
	if code != 0 {
		t.Fatalf("exit code %d; %s", code, stderr.String())
	}
	validated(t, report.Schema(), stdout.Bytes())
	if _, err := report.ReadJSON(bytes.NewReader(stdout.Bytes())); err != nil {
		t.Error(err)
	}
}

// What else there can be in a comparison is up to package compare.
func TestAComparisonIsAsItsSchemaSays(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	file := filepath.Join(t.TempDir(), "a.json")
	for _, args := range [][]string{
		{"run", "-q", "-r", "1000", "-n", "200", "--warm-up", "0s", "--json=" + file, "sttp://" + benchtest.Start(t, benchtest.Options{}).Address()},
		{"compare", "--json", file, file},
	} {
		stdout.Reset()
		if code := run(t.Context(), args, nil, &stdout, &stderr); code != 0 {
			t.Fatalf("exit code %d; %s", code, stderr.String())
		}
	}
	validated(t, compare.Schema(), stdout.Bytes())
}
