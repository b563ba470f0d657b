package report_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"sttp/internal/bench"
)

// madeUp describes a run that is made up: what a server does to a steady stream of
// requests.
type madeUp struct {
	rate     float64
	seconds  int
	slice    time.Duration
	closed   bool
	median   time.Duration
	tail     float64 // of the service times: standard deviation of their logarithm
	stall    time.Duration
	errorsAt func(t float64) bool
	wrongAt  func(i int) bool
	seed     uint64
}

// result plays the run: one value for each request.
func (m madeUp) result() *bench.Result {
	random := rand.New(rand.NewPCG(m.seed, 1))
	load := bench.DefaultLoad()
	load.Rate, load.Closed, load.Duration = m.rate, m.closed, time.Duration(m.seconds)*time.Second
	if m.closed {
		load.Rate = 0
	}
	r := &bench.Result{
		Load: load, Workload: bench.DefaultWorkload(), Elapsed: load.Duration,
		Wrong: bench.Counts{}, Errors: bench.Counts{}, Dials: bench.Counts{},
		Service: bench.NewLatency(), Actions: map[string]*bench.Action{},
	}
	slices := int(load.Duration / m.slice)
	for i := range slices {
		r.Slices = append(r.Slices, bench.Slice{Start: time.Duration(i) * m.slice, Length: m.slice, Service: bench.NewLatency()})
	}
	if !m.closed {
		r.Response, r.Generator.Lag = bench.NewLatency(), bench.NewLatency()
		for i := range r.Slices {
			r.Slices[i].Response = bench.NewLatency()
		}
	}
	for i := range int(m.rate) * m.seconds {
		m.request(r, random, i)
	}
	for i := range r.Slices { // as they are kept
		s := &r.Slices[i]
		s.Service = s.Service.Compact()
		if s.Response != nil {
			s.Response = s.Response.Compact()
		}
	}
	r.Rate = float64(r.Done) / r.Elapsed.Seconds()
	r.Generator.CPU, r.Generator.Share = 800*time.Millisecond, 0.04
	return r
}

func (m madeUp) request(r *bench.Result, random *rand.Rand, i int) {
	due := float64(i) / m.rate
	service := time.Duration(float64(m.median) * math.Exp(m.tail*random.NormFloat64()))
	if random.Float64() < 0.002 {
		service *= 8
	}
	response := service + time.Duration(random.ExpFloat64()*30e3)
	if m.stall > 0 { // every 5 s, in their middle
		if into := math.Mod(due, 5) - 2.5; into >= 0 && into < m.stall.Seconds() {
			response += m.stall - time.Duration(into*1e9)
			if i%47 == 0 {
				service = response
			}
		}
	}
	r.Due++
	r.Sent++
	s := &r.Slices[min(int(time.Duration((due+response.Seconds())*1e9)/m.slice), len(r.Slices)-1)]
	if m.errorsAt != nil && m.errorsAt(due) {
		s.Errors++
		r.Errors[[]string{bench.Timeout, "status 510", bench.Reset}[i%3]]++
		return
	}
	if m.wrongAt != nil && m.wrongAt(i) {
		s.Wrong++
		r.Wrong[[]string{bench.Stale, bench.Torn}[i%2]]++
		r.Examples = append(r.Examples, fmt.Sprintf("SHOW /bench/s%04d: version 3 after version 4 was confirmed", i%1000))
		return
	}
	r.Done++
	s.Done++
	name := "SHOW"
	if i%10 == 0 {
		name = "UPDATE"
		service *= 3
	}
	a := r.Actions[name]
	if a == nil {
		a = &bench.Action{Service: bench.NewLatency()}
		if !m.closed {
			a.Response = bench.NewLatency()
		}
		r.Actions[name] = a
	}
	a.Done++
	for _, l := range []*bench.Latency{r.Service, s.Service, a.Service} {
		l.Record(service)
	}
	if !m.closed {
		for _, l := range []*bench.Latency{r.Response, s.Response, a.Response} {
			l.Record(max(response, service))
		}
		r.Generator.Lag.Record(time.Duration(random.ExpFloat64() * 60e3))
	}
}

func aDocument() *bench.Document {
	return &bench.Document{
		Tool: "sttp-bench", Version: "sttp-bench v1.4.0 (go1.26.5, linux/amd64)", Started: time.Date(2026, 11, 22, 21, 40, 5, 0, time.UTC),
		Target:  "localhost:8080",
		Machine: bench.Machine{OS: "linux", Arch: "amd64", Kernel: "6.12.8", CPU: "AMD EPYC 7B13", CPUs: 2, Go: "go1.26.5"},
	}
}

func runDocument(r *bench.Result) *bench.Document {
	doc := aDocument()
	doc.Run = r
	return doc
}

func healthy() *bench.Document {
	return runDocument(madeUp{rate: 2000, seconds: 10, slice: 250 * time.Millisecond, median: 180 * time.Microsecond, tail: 0.35, seed: 1}.result())
}

func stalling() *bench.Document {
	return runDocument(madeUp{rate: 200, seconds: 30, slice: time.Second, median: 300 * time.Microsecond, tail: 0.4, stall: time.Second, seed: 2}.result())
}

func faulty() *bench.Document {
	doc := runDocument(madeUp{
		rate: 1000, seconds: 10, slice: 250 * time.Millisecond, median: 900 * time.Microsecond, tail: 0.6, seed: 3,
		errorsAt: func(t float64) bool { return t > 4 && t < 5.2 },
		wrongAt:  func(i int) bool { return i%1000 == 500 || i%1000 == 733 },
	}.result())
	doc.Run.Dials = bench.Counts{bench.Refused: 12}
	return doc
}

func gone() *bench.Document {
	r := madeUp{rate: 1500, seconds: 5, slice: 250 * time.Millisecond, median: 250 * time.Microsecond, tail: 0.4, seed: 4}.result()
	r.Elapsed = 5*time.Second + 120*time.Millisecond
	r.Load.Duration = 30 * time.Second
	r.Gone = &bench.Gone{After: r.Elapsed, Lost: 31, Why: bench.Refused}
	r.Errors = bench.Counts{bench.Closed: 31, bench.Refused: 180}
	r.Slices[len(r.Slices)-1].Errors = 211
	return runDocument(r)
}

func closedLoop() *bench.Document {
	return runDocument(madeUp{rate: 9000, seconds: 4, slice: 250 * time.Millisecond, closed: true, median: 1400 * time.Microsecond, tail: 0.3, seed: 5}.result())
}

func breaking() *bench.Document {
	doc := aDocument()
	doc.Break = &bench.Break{Until: "p99<5ms,errors<0.1%", Load: bench.DefaultLoad(), Workload: bench.DefaultWorkload(), Rate: 12300, Confirmed: true, Limit: bench.LimitServer, Why: "at 12,500/s p99 14.6ms, not below 5ms"}
	for i, s := range []struct {
		stage string
		rate  float64
		p50   time.Duration
		errs  bool
		limit string
	}{
		{"double", 1000, 160e3, false, ""}, {"double", 2000, 170e3, false, ""}, {"double", 4000, 190e3, false, ""},
		{"double", 8000, 260e3, false, ""}, {"double", 16000, 90e6, true, "server"}, {"bisect", 12000, 500e3, false, ""},
		{"bisect", 14000, 7e6, false, "server"}, {"bisect", 13000, 900e3, false, "generator"}, {"bisect", 12800, 1800e3, false, "connections"}, {"bisect", 12500, 2500e3, false, "server"},
		{"confirm", 12300, 620e3, false, ""},
	} {
		m := madeUp{rate: 1000, seconds: 2, slice: 500 * time.Millisecond, median: s.p50, tail: 0.5, seed: uint64(i)}
		if s.errs {
			m.errorsAt = func(t float64) bool { return t > 1.95 }
		}
		r := m.result()
		r.Load.Rate, r.Rate = s.rate, s.rate*0.998
		step := bench.Step{Stage: s.stage, Rate: s.rate, OK: s.limit == "", Limit: s.limit, Result: r}
		switch s.limit {
		case "server":
			step.Why = fmt.Sprintf("p99 was %v, not below 5ms", r.Response.Quantile(0.99).Round(10*time.Microsecond))
		case "generator":
			step.Why = "1 % of the requests were sent more than 2 ms late"
		case "connections":
			step.Why = "all connections were taken while the server answered in 2 ms; raise --connections"
		}
		doc.Break.Steps = append(doc.Break.Steps, step)
	}
	return doc
}

func guided() *bench.Document {
	doc := aDocument()
	g := &bench.Guide{Snippets: 1000, Concurrent: 10, Created: 1000, Deleted: 1000, Total: 2874 * time.Millisecond, Wrong: bench.Counts{}, Errors: bench.Counts{}}
	for i, phase := range []struct {
		name     string
		requests int
		median   time.Duration
	}{{"create", 1000, 1100e3}, {"retrieve", 1100, 140e3}, {"delete", 1000, 700e3}} {
		r := madeUp{rate: float64(phase.requests), seconds: 1, slice: time.Second, closed: true, median: phase.median, tail: 0.4, seed: uint64(i)}.result()
		elapsed := time.Duration(phase.requests) * phase.median
		g.Phases = append(g.Phases, bench.Phase{
			Name: phase.name, Requests: int64(phase.requests), Done: int64(phase.requests), Elapsed: elapsed,
			Rate: float64(phase.requests) / elapsed.Seconds(), Service: r.Service,
		})
	}
	doc.Guide = g
	return doc
}

func compared() *bench.Document {
	doc := aDocument()
	doc.Target = ""
	p := &bench.Peers{Rounds: 5, Length: 3 * time.Second, Systems: []bench.System{
		{Name: "sttp-server", Version: "v1.4.0", Command: "sttp-server --port 0"},
		{Name: "redis-server", Version: "7.0.15", Command: "redis-server --port 0 --save ''"},
		{Name: "memcached", Version: "1.6.18", Command: "memcached -p 0 -t 1"},
		{Name: "nginx", Missing: "nginx is not installed; with Debian: apt-get install nginx"},
	}}
	for t, name := range []string{"SHOW, 1 in flight", "90 % SHOW and 10 % UPDATE, 16 in flight"} {
		table := bench.Table{Name: name}
		for _, q := range []struct {
			what, unit, better string
			scale              float64
		}{{"rate", "/s", "more", 41000}, {"CPU per request", "µs", "less", 17}} {
			for i, system := range []string{"sttp-server", "redis-server", "memcached"} {
				f := bench.Figure{System: system, What: q.what, Unit: q.unit, Better: q.better}
				for round := range 5 {
					f.Rounds = append(f.Rounds, q.scale*(1+0.35*float64(i)+0.06*math.Sin(float64(3*round+i+t))))
				}
				f.Median = f.Rounds[2]
				if i > 0 {
					f.Ratio = &bench.Range{Median: 1 / (1 + 0.35*float64(i)), Lowest: 0.6, Highest: 0.8}
				}
				table.Figures = append(table.Figures, f)
			}
		}
		p.Tables = append(p.Tables, table)
	}
	doc.Peers = p
	return doc
}

// pages are documents of each kind, by name.
func pages() map[string]*bench.Document {
	return map[string]*bench.Document{
		"healthy": healthy(), "stalling": stalling(), "faulty": faulty(), "gone": gone(), "closed": closedLoop(),
		"break": breaking(), "guide": guided(), "peers": compared(),
	}
}
