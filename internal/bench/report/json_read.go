package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"sttp/internal/bench"
)

// Bounds of what ReadJSON reads. A search with thirty steps, a minute each, has a
// tenth of that.
const (
	maxDocument   = 64 << 20 // bytes
	maxHistograms = 32 << 20 // bytes that all histograms unpack to
	// leastHistogram is what a histogram counts as at least: reading one takes some
	// time, however little is in it.
	leastHistogram = 1 << 10
)

// ReadJSON reads what JSON wrote. What it reads is not trusted: more than it can
// bear is refused, and so is what JSON would not have written, except that there
// may be members it does not know. An error completes "FILE: …".
func ReadJSON(r io.Reader) (*bench.Document, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxDocument+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxDocument {
		return nil, fmt.Errorf("it is longer than %d MiB", maxDocument>>20)
	}
	if err := recognise(b); err != nil {
		return nil, err
	}
	if err := affordable(b); err != nil {
		return nil, err
	}
	var doc bench.Document
	if err := json.Unmarshal(b, &doc); err != nil {
		return nil, fmt.Errorf("it is damaged: %w", err)
	}
	if err := sound(&doc); err != nil {
		return nil, fmt.Errorf("it is damaged: %w", err)
	}
	return &doc, nil
}

// recognise tells what is wrong if b is no report of sttp-bench, or is one of a
// form that this program does not know.
func recognise(b []byte) error {
	if len(bytes.TrimSpace(b)) == 0 {
		return errors.New("it is empty")
	}
	var head struct{ Tool, Format, Comparison any }
	err := json.Unmarshal(b, &head)
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("it is no JSON: %w at byte %d", err, syntax.Offset)
	case err != nil || head.Tool != tool:
		return errors.New("it is no report of " + tool)
	case head.Comparison != nil:
		return errors.New("it is a comparison, not a measurement")
	case head.Format == nil:
		return errors.New("it does not say which format it has")
	case head.Format != float64(format):
		return fmt.Errorf("it has format %v, and this %s reads format %d", head.Format, tool, format)
	}
	return nil
}

// affordable tells whether the histograms in b, which is JSON, can be unpacked: a
// few bytes may claim to hold a million counters. It asks every string, as a
// histogram is told from other text by its beginning.
func affordable(b []byte) error {
	total := 0
	for d := json.NewDecoder(bytes.NewReader(b)); ; {
		token, err := d.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("it is no JSON: %w", err)
		}
		if text, ok := token.(string); ok && strings.HasPrefix(text, bench.HistogramPrefix) {
			n, err := bench.HistogramSize(text)
			if err != nil {
				continue // none; if it stands where one belongs, it is refused there
			}
			if total += max(n, leastHistogram); total > maxHistograms {
				return errors.New("it holds more histograms than can be read")
			}
		}
	}
}

// sound tells what is missing in doc that every report has, or cannot be so.
func sound(doc *bench.Document) error {
	switch kinds := Kinds(doc); {
	case len(kinds) == 0:
		return errors.New("it holds no measurement")
	case len(kinds) > 1:
		return fmt.Errorf("it holds %d measurements: %s", len(kinds), strings.Join(kinds, ", "))
	case doc.Run != nil:
		return soundResult(doc.Run)
	case doc.Break != nil:
		for i, s := range doc.Break.Steps {
			if s.Result == nil {
				return fmt.Errorf("step %d has no result", i+1)
			}
			if err := soundResult(s.Result); err != nil {
				return fmt.Errorf("step %d: %w", i+1, err)
			}
		}
	case doc.Guide != nil:
		if slices.ContainsFunc(doc.Guide.Phases, func(p bench.Phase) bool { return p.Service == nil }) {
			return errors.New("a phase has no service times")
		}
	}
	return nil
}

func soundResult(r *bench.Result) error {
	if r.Service == nil || !r.Load.Closed && r.Response == nil {
		return errors.New("the times are missing")
	}
	for name, a := range r.Actions {
		if a == nil || a.Service == nil {
			return fmt.Errorf("the times of %q are missing", name)
		}
	}
	for i, s := range r.Slices {
		if s.Service == nil || !r.Load.Closed && s.Response == nil {
			return fmt.Errorf("slice %d has no times", i+1)
		}
		if s.Length <= 0 {
			return fmt.Errorf("slice %d is %v long", i+1, s.Length)
		}
	}
	for _, n := range []int64{r.Due, r.Sent, r.Done, int64(r.Elapsed), r.Wrong.Total(), r.Errors.Total(), r.Dials.Total()} {
		if n < 0 {
			return errors.New("a count is below 0")
		}
	}
	return nil
}

// Kinds returns the names of the measurements that doc holds: "run", "break",
// "guide" or "peers", one if it is as it should be.
func Kinds(doc *bench.Document) (kinds []string) {
	for _, k := range []struct {
		name  string
		there bool
	}{{"run", doc.Run != nil}, {"break", doc.Break != nil}, {"guide", doc.Guide != nil}, {"peers", doc.Peers != nil}} {
		if k.there {
			kinds = append(kinds, k.name)
		}
	}
	return kinds
}
