package search

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Example is a condition that is right, for hints and help.
const Example = "p99<5ms,errors<0.1%"

// maxText bounds what is parsed.
const maxText = 1000

// maxLimit is the longest time that a histogram tells from others.
const maxLimit = 10 * time.Minute

// ParseError says what is wrong with a condition.
type ParseError struct {
	Term    string // that is wrong, "" if it is the condition as a whole
	Problem string
	Example string // a term or a condition that would be right
}

func (e *ParseError) Error() string {
	text := e.Problem
	if e.Term != "" {
		text = fmt.Sprintf("in %q: %s", e.Term, e.Problem)
	}
	return text + "; it is written as in " + e.Example
}

// Parse returns the Condition that s says: terms such as p99<5ms or errors<=0.1%,
// joined by commas. Errors are of type *ParseError.
func Parse(s string) (Condition, error) {
	if len(s) > maxText {
		return Condition{}, &ParseError{Problem: "the condition is too long", Example: Example}
	}
	if strings.TrimSpace(s) == "" {
		return Condition{}, &ParseError{Problem: "there is no condition", Example: Example}
	}
	c := Condition{text: s}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(s, ",") {
		t, err := parseTerm(strings.TrimSpace(part))
		if err != nil {
			return Condition{}, err
		}
		if seen[t.name] {
			return Condition{}, &ParseError{t.text, "there is a limit for " + t.name + " already", Example}
		}
		seen[t.name] = true
		c.terms = append(c.terms, t)
	}
	return c, nil
}

func parseTerm(s string) (term, error) {
	if s == "" {
		return term{}, &ParseError{Problem: "there is nothing before or after a comma", Example: Example}
	}
	name, value, found := strings.Cut(s, "<")
	if !found {
		problem := "there is no < or <="
		if strings.Contains(s, ">") {
			problem = "a limit is an upper one, with < or <="
		}
		return term{}, &ParseError{s, problem, Example}
	}
	t := term{text: s}
	value, t.orEqual = strings.CutPrefix(value, "=")
	name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
	for _, m := range metrics() {
		if m.name == name {
			t.metric = m
		}
	}
	var problem, example string
	switch {
	case t.name == "":
		problem, example = fmt.Sprintf("there is no figure %q, only %s", name, names()), Example
	case t.kind == errorShare:
		problem, example = t.parseShare(value), "errors<0.1%"
	default:
		problem, example = t.parseTime(value), t.name+"<5ms"
	}
	if problem != "" {
		return term{}, &ParseError{s, problem, example}
	}
	return t, nil
}

// parseShare takes the limit of errors; it returns what is wrong with it.
func (t *term) parseShare(value string) (problem string) {
	digits, found := strings.CutSuffix(value, "%")
	n, ok := number(strings.TrimSpace(digits))
	t.share = n / 100
	switch {
	case !ok:
		return fmt.Sprintf("%q is no share in percent", value)
	case !found:
		return "errors are a share of the requests and need a %"
	case n == 0 && !t.orEqual:
		return "nothing is less than 0%; errors<=0% allows for none"
	case n > 100 || n == 100 && t.orEqual:
		return "that holds always"
	}
	return ""
}

// parseTime takes the limit of a response time; it returns what is wrong with it.
func (t *term) parseTime(value string) (problem string) {
	digits := strings.TrimRight(value, "abcdefghijklmnopqrstuvwxyzµμABCDEFGHIJKLMNOPQRSTUVWXYZ%")
	unit, known := units()[value[len(digits):]]
	n, ok := number(strings.TrimSpace(digits))
	switch {
	case !ok:
		return fmt.Sprintf("%q is no time", value)
	case digits == value:
		return fmt.Sprintf("%q needs a unit: ns, us, ms or s", value)
	case !known:
		return fmt.Sprintf("there is no unit %q, only ns, us, ms and s", value[len(digits):])
	case n*float64(unit) > float64(maxLimit):
		return "the longest limit is 600s"
	}
	if t.limit = time.Duration(n * float64(unit)); t.limit < 1 {
		return "nothing takes no time"
	}
	return ""
}

func units() map[string]time.Duration {
	return map[string]time.Duration{
		"ns": time.Nanosecond, "us": time.Microsecond, "µs": time.Microsecond, "μs": time.Microsecond,
		"ms": time.Millisecond, "s": time.Second,
	}
}

// number takes digits, perhaps with a point, and nothing else.
func number(s string) (float64, bool) {
	if strings.Trim(s, "0123456789.") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil
}
