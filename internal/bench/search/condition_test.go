package search_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"sttp/internal/bench"
	"sttp/internal/bench/search"
)

func TestAConditionIsReadWithAllItsMetricsAndUnits(t *testing.T) {
	for text, longest := range map[string]time.Duration{
		"p99<5ms,errors<0.1%":         5 * time.Millisecond,
		" P50 <= 250us , max < 1s ":   time.Second,
		"p99.9<1.5ms":                 1500 * time.Microsecond,
		"p90<500ns,p95<2µs,p99.99<3s": 3 * time.Second,
		"mean<2ms":                    2 * time.Millisecond,
		"max<=600s":                   10 * time.Minute,
		"errors<=0%":                  0,
		"errors<100%":                 0,
	} {
		c, err := search.Parse(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if c.MaxTime() != longest {
			t.Errorf("%q: the longest time is %v, want %v", text, c.MaxTime(), longest)
		}
		if c.String() != text {
			t.Errorf("%q is shown as %q", text, c)
		}
	}
}

func TestAWrongConditionIsToldWithItsTermAndAnExample(t *testing.T) {
	for text, want := range map[string][]string{
		"":                          {"there is no condition", "as in p99<5ms,errors<0.1%"},
		"p99<5ms,":                  {"before or after a comma"},
		"p99":                       {`in "p99": there is no < or <=`},
		"p99<5ms errors":            {`in "p99<5ms errors"`},
		"p99>5ms":                   {`in "p99>5ms": a limit is an upper one`},
		"p98<5ms":                   {`in "p98<5ms": there is no figure "p98"`, "p99.99, max, mean and errors"},
		"<5ms":                      {`there is no figure ""`},
		"p99<5":                     {`in "p99<5": "5" needs a unit: ns, us, ms or s`, "as in p99<5ms"},
		"p99<5min":                  {`there is no unit "min"`},
		"p99<5%":                    {`there is no unit "%"`},
		"p99<ms":                    {`"ms" is no time`},
		"p99<-5ms":                  {`"-5ms" is no time`},
		"p99<1e3ms":                 {`"1e3ms" is no time`},
		"p99<0ms":                   {"nothing takes no time"},
		"p99<601s":                  {"the longest limit is 600s"},
		"p99<99999999999999999999s": {"the longest limit is 600s"},
		"p99<5ms,p99<6ms":           {`in "p99<6ms": there is a limit for p99 already`},
		"errors<1":                  {`in "errors<1": errors are a share of the requests and need a %`, "as in errors<0.1%"},
		"errors<five%":              {`"five%" is no share`},
		"errors<0%":                 {"errors<=0% allows for none"},
		"errors<=100%":              {"that holds always"},
		"errors<5ms":                {`"5ms" is no share`},
		"p99<\x1b[1m":               {`in "p99<\x1b[1m"`},
		strings.Repeat("p", 2000):   {"too long"},
	} {
		_, err := search.Parse(text)
		var parse *search.ParseError
		if !errors.As(err, &parse) {
			t.Errorf("%q: error %v", text, err)
			continue
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%q: %q does not say %q", text, err, w)
			}
		}
		if _, err := search.Parse(parse.Example); err != nil {
			t.Errorf("%q: the example %q is no condition: %v", text, parse.Example, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("p99<5ms,errors<=0.1%")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := search.Parse(s)
		if err == nil && (c.MaxTime() < 0 || c.MaxTime() > 10*time.Minute) {
			t.Errorf("%q: longest time %v", s, c.MaxTime())
		}
	})
}

func TestAStepIsOneLineForPeople(t *testing.T) {
	c := parse(t, "p99<5ms,errors<0.1%")
	r := result(8000)
	fill(r, 1000, func(int) sample { return sample{response: 1250 * time.Microsecond, service: time.Millisecond} })
	for _, s := range []struct {
		step bench.Step
		want string
	}{
		{bench.Step{Rate: 8000, OK: true, Result: r}, "  8,000/s  p99 1.25 ms  errors 0 %  ok"},
		{bench.Step{Rate: 12.5, Limit: "server", Why: "too slow", Result: r}, "  12.5/s  p99 1.25 ms  errors 0 %  limited by the server: too slow"},
		{bench.Step{Rate: 1234567, OK: true, Result: r}, "  1,234,567/s  p99 1.25 ms  errors 0 %  ok"},
	} {
		if got := c.Line(s.step); got != s.want {
			t.Errorf("got  %q\nwant %q", got, s.want)
		}
	}
}

func parse(t testing.TB, s string) search.Condition {
	t.Helper()
	c, err := search.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
